// A sample of the values of the last one to two intervals, for quantiles that tell of now. Java: CKMSQuantiles behind
// TimeWindowQuantiles; a sample is as exact as its tolerated errors, and costs a write per value.

/** A quantile of 0.99 stands on ten values. */
const SAMPLE_SIZE = 1024;

class Reservoir {
  readonly values = new Float64Array(SAMPLE_SIZE);
  count = 0;

  get size(): number {
    return Math.min(this.count, SAMPLE_SIZE);
  }
}

export class RecentSample {
  #current: Reservoir | undefined;
  #previous: Reservoir | undefined;
  // Needs no good randomness, and must be the same when a simulation is run again.
  #random = 0x2545f491;

  add(value: number): void {
    this.#current ??= new Reservoir();
    const { values } = this.#current;
    const count = ++this.#current.count;
    if (count <= SAMPLE_SIZE) {
      values[count - 1] = value;
      return;
    }
    let random = this.#random;
    random ^= random << 13;
    random ^= random >>> 17;
    random ^= random << 5;
    this.#random = random;
    const position = (random >>> 0) % count;
    if (position < SAMPLE_SIZE) values[position] = value;
  }

  /** An interval is over. */
  rotate(): void {
    this.#previous = this.#current;
    this.#current = undefined;
  }

  /** NaN where there was no value. */
  quantiles(fractions: readonly number[]): number[] {
    const sorted = this.#sorted();
    return fractions.map((fraction) =>
      sorted.length === 0
        ? Number.NaN
        : sorted[Math.max(0, Math.ceil(fraction * sorted.length) - 1)]!,
    );
  }

  #sorted(): Float64Array {
    const parts = [this.#previous, this.#current].filter((part) => part !== undefined);
    const all = new Float64Array(parts.reduce((size, part) => size + part.size, 0));
    let at = 0;
    for (const part of parts) {
      all.set(part.values.subarray(0, part.size), at);
      at += part.size;
    }
    return all.sort();
  }
}

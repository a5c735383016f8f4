// How often each duration occurred, since the start: what percentiles of any interval can be taken from, by whoever asks
// twice. Java has no such thing: its percentiles are of a sample of all times since the start.
//
// Below EXACT every millisecond has a bucket of its own; above, a sixteenth of each power of two has one. Adding is one
// increment and allocates nothing.

const EXACT = 64;
const STEPS = 16;
/** 64 ms is 2^6. What takes longer than two minutes is in the last bucket. */
const FIRST_POWER = 6;
const LAST_POWER = 16;
const SIZE = EXACT + (LAST_POWER - FIRST_POWER + 1) * STEPS;

export class Histogram {
  readonly #counts = new Float64Array(SIZE);
  sumMs = 0;

  /** Whole milliseconds. */
  add(durationMs: number): void {
    this.sumMs += durationMs;
    const index = durationMs < EXACT ? Math.max(0, durationMs) : indexOf(durationMs);
    this.#counts[index]!++;
  }

  /** The buckets that have anything in them: from how many milliseconds on, and how many times. */
  *buckets(): Generator<[fromMs: number, count: number]> {
    for (let index = 0; index < SIZE; index++) {
      const count = this.#counts[index]!;
      if (count > 0) yield [index < EXACT ? index : lowerBoundOf(index), count];
    }
  }
}

function indexOf(durationMs: number): number {
  const power = Math.min(31 - Math.clz32(durationMs), LAST_POWER);
  const step = Math.min(STEPS - 1, Math.floor(durationMs / 2 ** (power - 4)) - STEPS);
  return EXACT + (power - FIRST_POWER) * STEPS + step;
}

function lowerBoundOf(index: number): number {
  const power = FIRST_POWER + Math.floor((index - EXACT) / STEPS);
  return (STEPS + ((index - EXACT) % STEPS)) * 2 ** (power - 4);
}

// Random numbers that a seed gives again: what a campaign prints first is enough to run it once more.

export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 to bound-1. (mulberry32) */
  below(bound: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % bound;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  bytes(length: number): Buffer {
    const out = Buffer.allocUnsafe(length);
    for (let i = 0; i < length; ) {
      // Four from one number.
      for (let four = this.below(2 ** 32), end = Math.min(i + 4, length); i < end; four >>>= 8) {
        out[i++] = four;
      }
    }
    return out;
  }
}

/** SEED from the environment, or a new one. */
export function seedOfRun(): number {
  return Number(process.env.SEED ?? Date.now() % 0x7fffffff);
}

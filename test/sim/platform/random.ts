// Randomness of a simulated run: everything follows from one number.
//
// Each subsystem gets a generator of its own, split off by name. Otherwise one more draw in the disk would change every
// delay of the network, and a shrunk or slightly changed scenario would no longer show the fault that was looked for.
// (Generator: sfc32, seeded through splitmix32.)

import type { Random } from "../../../src/platform/platform.js";

const TWO_TO_32 = 2 ** 32;

/** From and to, in milliseconds or whatever the field says. */
export type Range = readonly [minimum: number, maximum: number];

export class SeededRandom implements Random {
  readonly seed: number;
  /** Not drawn: nothing that follows may depend on it. */
  readonly hashSeed: number;
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: number) {
    this.seed = seed >>> 0;
    this.hashSeed = this.seed;
    let state = this.seed;
    const mix = (): number => {
      state = (state + 0x9e3779b9) | 0;
      let z = state ^ (state >>> 16);
      z = Math.imul(z, 0x21f0aaad);
      z ^= z >>> 15;
      z = Math.imul(z, 0x735a2d97);
      return (z ^ (z >>> 15)) | 0;
    };
    this.#a = mix();
    this.#b = mix();
    this.#c = mix();
    for (let i = 0; i < 12; i++) this.next();
  }

  /** A generator of its own for a part of the run; taking it does not change this one. */
  split(name: string): SeededRandom {
    let hash = this.seed ^ 0x811c9dc5;
    for (let i = 0; i < name.length; i++) {
      hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
    }
    return new SeededRandom(hash);
  }

  /** 32 random bits. */
  next(): number {
    const t = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (this.#c << 21) | (this.#c >>> 11);
    this.#c = (this.#c + t) | 0;
    return t >>> 0;
  }

  integer(bound: number): number {
    if (!Number.isInteger(bound) || bound < 1 || bound > TWO_TO_32) {
      throw new RangeError(`Cannot draw a random integer: bound must be 1 to 2^32: got ${bound}`);
    }
    return Math.floor((this.next() / TWO_TO_32) * bound);
  }

  fill(target: Uint8Array): void {
    for (let i = 0; i < target.length; i++) target[i] = this.next();
  }

  /** From 0 up to 1. */
  fraction(): number {
    return this.next() / TWO_TO_32;
  }

  between(range: Range): number {
    return range[0] + this.fraction() * (range[1] - range[0]);
  }

  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.integer(items.length)] as T;
  }
}

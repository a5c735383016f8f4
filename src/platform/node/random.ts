// Randomness from the system, taken in blocks: one call into OpenSSL serves some hundred numbers.

import { randomFillSync } from "node:crypto";
import type { Random } from "../platform.js";

const POOL_NUMBERS = 256;
const TWO_TO_32 = 2 ** 32;

export class NodeRandom implements Random {
  readonly #pool = new Uint32Array(POOL_NUMBERS);
  #used = POOL_NUMBERS;
  readonly hashSeed = this.integer(TWO_TO_32);

  integer(bound: number): number {
    if (!Number.isInteger(bound) || bound < 1 || bound > TWO_TO_32) {
      throw new RangeError(`Cannot draw a random integer: bound must be 1 to 2^32: got ${bound}`);
    }
    // Numbers from the incomplete last multiple of bound would favour small results: draw again.
    const unbiased = TWO_TO_32 - (TWO_TO_32 % bound);
    for (;;) {
      const number = this.#next();
      if (number < unbiased) return number % bound;
    }
  }

  fill(target: Uint8Array): void {
    randomFillSync(target);
  }

  #next(): number {
    if (this.#used === POOL_NUMBERS) {
      randomFillSync(this.#pool);
      this.#used = 0;
    }
    return this.#pool[this.#used++] as number;
  }
}

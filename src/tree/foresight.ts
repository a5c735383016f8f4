// A few nodes will be looked up next, whose paths' hashes are known: their places in the index come into the processor's cache in
// the time of one.

import { mixed } from "./path-key.js";
import type { ZnodeIndex } from "./znode-index.js";

/** About as many places as a processor fetches at a time. */
export const FORESEEN = 16;

export class Foresight {
  /** Of what was seen: what nobody keeps need not be read. */
  seen = 0;
  readonly #index: ZnodeIndex;

  constructor(index: ZnodeIndex) {
    this.#index = index;
  }

  /** FORESEEN nodes, with hashes that are `step` numbers apart. */
  look(hashes: Int32Array, at: number, step: number): void {
    const index = this.#index;
    const end = Math.min(hashes.length, at + FORESEEN * step);
    let seen = 0;
    for (; at < end; at += step) seen ^= index.peek(mixed(hashes[at]!));
    this.seen = seen;
  }
}

// The nodes that were found last, by the hashes of their paths: a small table before the large one (znode-index.ts).
//
// In a tree of a million znodes each look into the index is at memory that the processor has not seen for long, 0.3 µs. Few znodes are
// most of what clients ask for, and this stays in its cache. One node is remembered at a place, the last.

import { NONE } from "./none.js";

/** 32 KB: half of what is near to the processor. */
const PLACES = 4096;
const MASK = PLACES - 1;

export class RecentNodes {
  /** Pairs of hash and node. */
  readonly #pairs = new Int32Array(2 * PLACES);

  /** A node with this hash, or NONE. */
  get(hash: number): number {
    const pairs = this.#pairs;
    const at = (hash & MASK) << 1;
    return pairs[at] === hash ? pairs[at + 1]! : NONE;
  }

  set(hash: number, id: number): void {
    const pairs = this.#pairs;
    const at = (hash & MASK) << 1;
    pairs[at] = hash;
    pairs[at + 1] = id;
  }

  /** The node is gone, or has another number. */
  forget(hash: number, id: number): void {
    const at = ((hash & MASK) << 1) + 1;
    if (this.#pairs[at] === id) this.#pairs[at] = NONE;
  }
}

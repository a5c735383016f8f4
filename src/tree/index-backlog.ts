// Nodes on their way into the index of paths (znode-index.ts): one by one, or, while a tree is loaded, hundred thousands at a time.
// Java: NodeHashMapImpl.
//
// A node's place in the index is where its hash says, anywhere. Whoever brings a million nodes one after the other waits for that
// memory a million times; in the order of their hashes they come into one part of the index after the other.
//
// While some wait, who looks for a node and does not find it in the index looks at the last few of them, for a parent mostly comes
// right before its children, and puts all of them in where it is none of those.

import { NONE } from "./none.js";
import type { ZnodeIndex } from "./znode-index.js";

/** So many wait at most. While a server serves it is what it can put in within a millisecond. */
const WAITING_MAX = 256 * 1024;
const WAITING_MAX_SERVING = 4 * 1024;
const LOOKED_AT = 8;
const NOTHING = new Int32Array(0);

export class IndexBacklog {
  readonly #index: ZnodeIndex;
  readonly #areTwins: (id: number, other: number) => boolean;
  #isLoading = false;
  /** Pairs of hash and node. */
  #waiting: Int32Array = NOTHING;
  #end = 0;
  #twin = NONE;

  constructor(index: ZnodeIndex, areTwins: (id: number, other: number) => boolean) {
    this.#index = index;
    this.#areTwins = areTwins;
  }

  /** How many wait. */
  get size(): number {
    return this.#end >>> 1;
  }

  /** Until `endLoading` nodes may wait, and nobody has looked whether they are there already. None of them goes. */
  beginLoading(isServing: boolean): void {
    this.#isLoading = true;
    this.#waiting = new Int32Array(2 * (isServing ? WAITING_MAX_SERVING : WAITING_MAX));
  }

  /** All are in the index. Returns one that is there twice, or NONE. */
  endLoading(): number {
    this.catchUp();
    this.#isLoading = false;
    this.#waiting = NOTHING;
    return this.#twin;
  }

  add(hash: number, id: number): void {
    if (!this.#isLoading) {
      this.#index.add(hash, id);
      return;
    }
    if (this.#end === this.#waiting.length) this.catchUp();
    this.#waiting[this.#end++] = hash;
    this.#waiting[this.#end++] = id;
  }

  /** One of the last that came, if it has this hash and `isIt`. */
  find(hash: number, isIt: (id: number) => boolean): number {
    const waiting = this.#waiting;
    const least = Math.max(0, this.#end - 2 * LOOKED_AT);
    for (let at = this.#end - 2; at >= least; at -= 2) {
      if (waiting[at] === hash && isIt(waiting[at + 1]!)) return waiting[at + 1]!;
    }
    return NONE;
  }

  catchUp(): void {
    const twin = this.#index.addMany(this.#waiting.subarray(0, this.#end), this.#areTwins);
    if (twin !== NONE) this.#twin = twin;
    this.#end = 0;
  }
}

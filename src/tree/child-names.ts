// Lists of children as replies have them, of the znodes that were asked for lately. Java: ResponseCache for getChildren.
//
// A list is the work of a thousand small copies each time somebody asks for it, and of one when it is kept. Only lists that
// are long enough to matter are kept, those used last, up to a number and a number of bytes.
//
// Invariant: what is kept of a node says what the node would: whoever changes children or takes a node out forgets it first.

import type { JuteWriter } from "../jute/writer.js";
import { CHILD_NAMES_KEPT_MAX_BYTES } from "../limits.js";
import type { Znode } from "./znode.js";

/** Shorter lists are as quick to write as to find. */
const KEPT_MIN_CHILDREN = 16;

/** int count, and an int before each name. */
const LENGTH_BYTES = 4;

export class ChildNames {
  readonly #listsMax: number;
  readonly #bytesMax: number;
  /** By the node's id. Those used last are last. */
  readonly #lists = new Map<number, Buffer>();
  #bytes = 0;

  /** `listsMax` 0: nothing is kept. */
  constructor(listsMax: number, bytesMax = CHILD_NAMES_KEPT_MAX_BYTES) {
    this.#listsMax = listsMax;
    this.#bytesMax = bytesMax;
  }

  /** How many lists are kept. */
  get size(): number {
    return this.#lists.size;
  }

  /** vector<ustring>: the children's names. Returns how many bytes the names are. */
  write(node: Znode, out: JuteWriter): number {
    const { childCount } = node;
    if (childCount < KEPT_MIN_CHILDREN || this.#listsMax === 0) return node.writeChildren(out);
    const kept = this.#lists.get(node.id);
    if (kept === undefined) {
      const start = out.length;
      const bytes = node.writeChildren(out);
      this.#keep(node.id, Buffer.from(out.view().subarray(start)));
      return bytes;
    }
    this.#lists.delete(node.id);
    this.#lists.set(node.id, kept);
    out.raw(kept);
    return kept.length - LENGTH_BYTES * (childCount + 1);
  }

  /** The node's children change, or the node goes. */
  forget(id: number): void {
    if (this.#lists.size === 0) return;
    const kept = this.#lists.get(id);
    if (kept === undefined) return;
    this.#lists.delete(id);
    this.#bytes -= kept.length;
  }

  #keep(id: number, list: Buffer): void {
    if (list.length > this.#bytesMax) return;
    this.#lists.set(id, list);
    this.#bytes += list.length;
    for (const oldest of this.#lists.keys()) {
      if (this.#lists.size <= this.#listsMax && this.#bytes <= this.#bytesMax) return;
      this.forget(oldest);
    }
  }
}

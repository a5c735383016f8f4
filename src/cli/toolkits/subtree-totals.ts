// How many znodes and bytes of data are at and below each znode.

import type { NodeTable } from "./node-table.js";

export class SubtreeTotals {
  readonly #table: NodeTable;
  readonly #counts: Int32Array;
  readonly #bytes: Float64Array;

  constructor(table: NodeTable) {
    this.#table = table;
    this.#counts = new Int32Array(table.count).fill(1);
    this.#bytes = new Float64Array(table.count);
    // Children come behind their parents.
    for (let node = table.count - 1; node >= 0; node--) {
      this.#bytes[node]! += Math.max(0, table.dataLength(node));
      const parent = table.parent(node);
      if (parent < 0) continue;
      this.#counts[parent]! += this.#counts[node]!;
      this.#bytes[parent]! += this.#bytes[node]!;
    }
  }

  /** With the znode itself. */
  count(node: number): number {
    return this.#counts[node]!;
  }

  bytes(node: number): number {
    return this.#bytes[node]!;
  }

  changeDataLength(node: number, length: number): void {
    const change = length - Math.max(0, this.#table.dataLength(node));
    this.#table.setDataLength(node, length);
    for (let at = node; at >= 0; at = this.#table.parent(at)) this.#bytes[at]! += change;
  }
}

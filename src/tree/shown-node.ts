// A view of one node after the other, for whoever has done with each before the next comes: a view is as much to make as all that is
// mostly asked of it. Java has the nodes themselves.

import { Znode } from "./znode.js";
import type { ZnodeTable } from "./znode-table.js";

export class ShownNode {
  readonly #table: ZnodeTable;
  #node: Znode | undefined;

  constructor(table: ZnodeTable) {
    this.#table = table;
  }

  /** Valid until the next one is shown. */
  show(id: number): Znode {
    this.#node ??= new Znode(this.#table, id);
    return this.#node.show(id);
  }
}

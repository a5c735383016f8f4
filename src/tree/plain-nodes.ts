// Nodes that nobody owns and nothing has happened to, straight into the memory of their rows and blocks, for whoever brings them by
// the hundred thousand: a view of each (znode.ts) takes as long as its row and block.

import { copyData, copyLong, LENGTH_BYTES } from "./block-words.js";
import { NodeKind } from "./ephemeral-type.js";
import type { NodePlace } from "./node-place.js";
import {
  SHORT_DATA_LENGTH,
  SHORT_DIGEST,
  SHORT_TIME,
  SHORT_ZXID,
  shortBlockBytes,
} from "./short-stat.js";
import type { Slab } from "./slab.js";
import type { NewNodePlaces } from "./txn-places.js";
import type { Znode } from "./znode.js";
import { ACL_HIGH, ACL_LOW, DATA_PAGE, DATA_POSITION, type ZnodeTable } from "./znode-table.js";

const TWO_POW_32 = 2 ** 32;

export class PlainNodes {
  readonly #table: ZnodeTable;
  readonly #blocks: Slab;

  constructor(table: ZnodeTable) {
    this.#table = table;
    this.#blocks = table.blocks;
  }

  /** A child of this parent, which is that of the place. What the node has stands in the page; `digest` is 0 for one that does not count. Returns its id. */
  add(
    parent: Znode,
    { hash, bytes, slash, end }: NodePlace,
    page: DataView,
    { dataStart, dataLength, zxidAt, timeAt }: NewNodePlaces,
    aclId: number,
    pathDigest: number,
    digest: number,
  ): number {
    const table = this.#table;
    const kind = NodeKind.persistent;
    const id = table.add(parent.id, hash, bytes, slash + 1, end, kind, pathDigest);
    const length = Math.max(0, dataLength);
    const blocks = this.#blocks;
    const block = blocks.allocate(shortBlockBytes(length));
    const dataAt = blocks.position + LENGTH_BYTES;
    const at = dataAt + length;
    const ints = table.ints(id);
    const row = table.at(id);
    ints[row + ACL_HIGH] = Math.floor(aclId / TWO_POW_32);
    ints[row + ACL_LOW] = aclId;
    ints[row + DATA_PAGE] = block.index;
    ints[row + DATA_POSITION] = ~at;
    const { view } = block;
    view.setInt32(dataAt - LENGTH_BYTES, dataLength);
    copyData(page, dataStart, block, dataAt, length);
    copyLong(page, zxidAt, view, at + SHORT_ZXID);
    copyLong(page, timeAt, view, at + SHORT_TIME);
    view.setInt32(at + SHORT_DATA_LENGTH, length);
    view.setInt32(at + SHORT_DIGEST, digest);
    return id;
  }
}

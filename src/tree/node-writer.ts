// Nodes as a snapshot has them, after their paths: buffer data, long acl, StatPersisted. Java: DataNode.serialize.
//
// Of most nodes of most trees the stat is a short one (short-stat.ts): those are written from where they lie, without a view of them.

import type { JuteWriter } from "../jute/writer.js";
import {
  copyLong,
  LENGTH_BYTES,
  PERSISTED_AVERSION,
  PERSISTED_OWNER,
  PERSISTED_PZXID,
} from "./block-words.js";
import { NodeKind } from "./ephemeral-type.js";
import { SHORT_DATA_LENGTH, SHORT_TIME, SHORT_ZXID } from "./short-stat.js";
import { ShownNode } from "./shown-node.js";
import * as S from "./stat-fields.js";
import {
  ACL_HIGH,
  ACL_LOW,
  DATA_PAGE,
  DATA_POSITION,
  KIND_MASK,
  MARKS,
  type ZnodeTable,
} from "./znode-table.js";

const ACL_BYTES = 8;
const PERSISTED_BYTES = PERSISTED_PZXID + 8;

export class NodeWriter {
  readonly #table: ZnodeTable;
  readonly #node: ShownNode;

  constructor(table: ZnodeTable) {
    this.#table = table;
    this.#node = new ShownNode(table);
  }

  write(id: number, out: JuteWriter): void {
    const table = this.#table;
    const ints = table.ints(id);
    const row = table.at(id);
    const position = ints[row + DATA_POSITION]!;
    const kind = ints[row + MARKS]! & KIND_MASK;
    if (position >= 0 || kind !== NodeKind.persistent) {
      this.#node.show(id).writeSnapshot(out);
      return;
    }
    const source = table.blocks.page(ints[row + DATA_PAGE]!).view;
    const at = ~position;
    const length = LENGTH_BYTES + source.getInt32(at + SHORT_DATA_LENGTH);
    out.words(source, at - length, length);
    const start = out.room(ACL_BYTES + PERSISTED_BYTES);
    const target = out.memory;
    target.setInt32(start, ints[row + ACL_HIGH]!);
    target.setInt32(start + 4, ints[row + ACL_LOW]!);
    putCreated(source, at, target, start + ACL_BYTES);
  }
}

/** The StatPersisted that a short stat stands for. */
function putCreated(source: DataView, at: number, target: DataView, to: number): void {
  copyLong(source, at + SHORT_ZXID, target, to + S.CZXID);
  copyLong(source, at + SHORT_ZXID, target, to + S.MZXID);
  copyLong(source, at + SHORT_TIME, target, to + S.CTIME);
  copyLong(source, at + SHORT_TIME, target, to + S.MTIME);
  target.setInt32(to + S.VERSION, 0);
  target.setInt32(to + S.CVERSION, 0);
  target.setInt32(to + PERSISTED_AVERSION, 0);
  target.setInt32(to + PERSISTED_OWNER, 0);
  target.setInt32(to + PERSISTED_OWNER + 4, 0);
  copyLong(source, at + SHORT_ZXID, target, to + PERSISTED_PZXID);
}

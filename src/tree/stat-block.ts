// A block of the slab with a znode's data and stat in it. Java: DataNode.data and StatPersisted.
//
// What a getData reply says lies here in the reply's own bytes, so that answering is one copy:
//
//     int dataLength (-1: null) | data | Stat (68 bytes) | trailer
//     trailer: int cversion | int contentDigest | int digest | long ephemeralOwner (only where `extended`)
//
// A Stat as clients see it differs from the persisted one: its cversion counts creates and deletes (twice the persisted
// one, which counts creates, minus the children that are there), and its ephemeralOwner is 0 unless a session owns the
// node. The persisted values stand in the trailer; a block with room for an owner there is called extended.
//
// The node's row (znode-table.ts) says in which page the block is and where in it the Stat begins: everything else is found
// from there. A block moves when it grows: whoever looks at it remembers where it is (`locate`), and must look again when
// somebody else may have changed the node. (Whose data were set may be a quota's statistics, which are then counted anew.)

import { copyRange } from "../jute/bytes.js";
import type { JuteWriter } from "../jute/writer.js";
import type { Zxid } from "../wire/ids.js";
import {
  blockBytes,
  copyBytes,
  copyLong,
  LENGTH_BYTES,
  longAt,
  putLongAt,
  statBytes,
  TRAILER_BYTES,
} from "./block-words.js";
import type { DigestedStat } from "./digested-stat.js";
import * as D from "./digested-stat.js";
import { type Page, Slab } from "./slab.js";
import * as S from "./stat-fields.js";
import { STAT_BYTES, StatImage } from "./stat-image.js";
import type { TxnPlaces } from "./txn-places.js";
import { DATA_PAGE, DATA_POSITION } from "./znode-table.js";

// What follows the Stat in a block.
const PERSISTED_CVERSION = STAT_BYTES;
const CONTENT_DIGEST = STAT_BYTES + 4;
const DIGEST = STAT_BYTES + 8;
const KEPT_OWNER = STAT_BYTES + 12;

/** In a StatPersisted, whose first fields are where they are in a Stat. */
const PERSISTED_PZXID = S.EPHEMERAL_OWNER + 8;

/** Shorter runs of bytes are copied one by one: cheaper than a call into the engine. */
const COPY_LOOP_BYTES = 160;

export class StatBlock {
  /** The row: in these numbers, from `row` on. */
  protected ints: Int32Array;
  protected row: number;
  /** Where the block is, and where in it the Stat begins. */
  protected page: Page;
  protected position: number;
  readonly #slab: Slab;

  constructor(slab: Slab, ints: Int32Array, row: number) {
    this.#slab = slab;
    this.ints = ints;
    this.row = row;
    this.page = slab.page(ints[row + DATA_PAGE]!);
    this.position = ints[row + DATA_POSITION]!;
  }

  /** Another row, or where its block is now. */
  protected locate(ints: Int32Array, row: number): void {
    this.ints = ints;
    this.row = row;
    this.page = this.#slab.page(ints[row + DATA_PAGE]!);
    this.position = ints[row + DATA_POSITION]!;
  }

  #moveTo(page: Page, position: number): void {
    this.page = page;
    this.position = position;
    this.ints[this.row + DATA_PAGE] = page.index;
    this.ints[this.row + DATA_POSITION] = position;
  }

  // ------------------------------------------------------------------------------------------------------------- reading

  get czxid(): Zxid {
    return this.#long(S.CZXID) as Zxid;
  }

  get mzxid(): Zxid {
    return this.#long(S.MZXID) as Zxid;
  }

  get pzxid(): Zxid {
    return this.#long(S.PZXID) as Zxid;
  }

  /** Milliseconds since 1970. */
  get ctime(): number {
    return this.#long(S.CTIME);
  }

  /** Milliseconds since 1970. */
  get mtime(): number {
    return this.#long(S.MTIME);
  }

  get version(): number {
    return this.#int(S.VERSION);
  }

  /** The persisted one: how many children were ever created. Sequential names come from it. */
  get cversion(): number {
    return this.#int(PERSISTED_CVERSION);
  }

  /** What clients are told. */
  get wireCversion(): number {
    return this.#int(S.CVERSION);
  }

  get aversion(): number {
    return this.#int(S.AVERSION);
  }

  /** 0 for null. */
  get dataLength(): number {
    return this.#int(S.DATA_LENGTH);
  }

  get childCount(): number {
    return this.#int(S.NUM_CHILDREN);
  }

  /** A copy. */
  data(): Buffer | null {
    const view = this.dataView();
    return view === null ? null : Buffer.from(view);
  }

  /** The data where they lie: valid until the tree changes or a snapshot goes on. */
  dataView(): Buffer | null {
    const length = this.dataLength;
    const start = this.position - length;
    if (length === 0 && this.page.view.getInt32(start - LENGTH_BYTES) === -1) return null;
    return this.page.bytes.subarray(start, this.position);
  }

  /** The body of a getData reply: buffer data, Stat stat. */
  writeDataAndStat(out: JuteWriter): void {
    const at = this.position;
    out.raw(this.page.bytes.subarray(at - this.dataLength - LENGTH_BYTES, at + STAT_BYTES));
  }

  writeStat(out: JuteWriter): void {
    out.words(this.page.view, this.position, STAT_BYTES);
  }

  statImage(): StatImage {
    return new StatImage(this.page.view, this.position);
  }

  /** CRC of path and data: see digest.ts. */
  get contentDigest(): number {
    return this.#int(CONTENT_DIGEST) >>> 0;
  }

  get digest(): number {
    return this.#int(DIGEST) >>> 0;
  }

  /** All but the owner, which is not always in the block. */
  protected copyTimesTo({ view: to, start }: DigestedStat): void {
    const { view } = this.page;
    const at = this.position;
    copyBytes(view, at + S.CZXID, to, start + D.CZXID, 16);
    copyBytes(view, at + S.PZXID, to, start + D.PZXID, 8);
    copyBytes(view, at + S.CTIME, to, start + D.CTIME, 20);
    copyBytes(view, at + PERSISTED_CVERSION, to, start + D.CVERSION, 4);
    copyBytes(view, at + S.AVERSION, to, start + D.AVERSION, 4);
  }

  /** From the Stat, or from an extended block's trailer. */
  protected copyOwnerTo({ view: to, start }: DigestedStat, extended: boolean): void {
    const at = this.position + (extended ? KEPT_OWNER : S.EPHEMERAL_OWNER);
    copyBytes(this.page.view, at, to, start + D.OWNER, 8);
  }

  /** Buffer data, long acl, StatPersisted: a node in a snapshot. */
  protected writePersisted(out: JuteWriter, aclId: number, owner: bigint): void {
    const { view } = this.page;
    const at = this.position;
    const length = LENGTH_BYTES + this.dataLength;
    out.words(view, at - length, length);
    out.long(aclId);
    out.words(view, at, S.CVERSION);
    out.int(this.cversion);
    out.int(this.aversion);
    if (owner === 0n) out.long(0);
    else out.bigLong(owner);
    out.words(view, at + S.PZXID, 8);
  }

  /** The owner that stands in the Stat, or in an extended block's trailer. */
  protected owner(extended: boolean): bigint {
    return this.page.view.getBigInt64(this.position + (extended ? KEPT_OWNER : S.EPHEMERAL_OWNER));
  }

  // ------------------------------------------------------------------------------------- changing: DataTree's, nobody else's

  /** A new node's block. All of the stat is 0. */
  protected newBlock(data: Uint8Array | null, extended: boolean): void {
    const length = data === null ? 0 : data.length;
    const page = this.#slab.allocate(blockBytes(length, extended));
    const at = this.#slab.position + LENGTH_BYTES + length;
    this.#moveTo(page, at);
    const { view } = page;
    // Twenty stores: a call to fill costs more than all the rest of this.
    for (let i = 0; i < STAT_BYTES + TRAILER_BYTES; i += 4) view.setInt32(at + i, 0);
    this.#fill(data, 0, length);
  }

  /** A new node's. */
  putCreated(zxid: Zxid, timeMs: number): void {
    this.#putLong(S.CZXID, zxid);
    this.#putLong(S.MZXID, zxid);
    this.#putLong(S.PZXID, zxid);
    this.#putLong(S.CTIME, timeMs);
    this.#putLong(S.MTIME, timeMs);
  }

  putModified(version: number, zxid: Zxid, timeMs: number): void {
    this.#putInt(S.VERSION, version);
    this.#putLong(S.MZXID, zxid);
    this.#putLong(S.MTIME, timeMs);
  }

  putPzxid(zxid: Zxid): void {
    this.#putLong(S.PZXID, zxid);
  }

  putAversion(aversion: number): void {
    this.#putInt(S.AVERSION, aversion);
  }

  /** Both forms, which depend on the number of children. */
  putChildren(cversion: number, count: number): void {
    const { view } = this.page;
    const at = this.position;
    view.setInt32(at + PERSISTED_CVERSION, cversion);
    view.setInt32(at + S.CVERSION, (cversion * 2 - count) | 0);
    view.setInt32(at + S.NUM_CHILDREN, count);
  }

  protected keepDigests(content: number, digest: number): void {
    this.#putInt(CONTENT_DIGEST, content);
    this.#putInt(DIGEST, digest);
  }

  /** A new node's block, with the data and the stat that a snapshot has, except the ephemeralOwner. No children yet. */
  protected loadBlock(
    source: DataView,
    dataStart: number,
    dataLength: number,
    statStart: number,
    extended: boolean,
  ): void {
    const at = this.#loadData(source, dataStart, dataLength, extended);
    const { view } = this.page;
    copyBytes(source, statStart, view, at, S.CVERSION);
    copyBytes(source, statStart + S.AVERSION, view, at + S.AVERSION, 4);
    copyBytes(source, statStart + PERSISTED_PZXID, view, at + S.PZXID, 8);
    view.setInt32(at + S.EPHEMERAL_OWNER, 0);
    view.setInt32(at + S.EPHEMERAL_OWNER + 4, 0);
    view.setInt32(at + S.DATA_LENGTH, Math.max(0, dataLength));
    view.setInt32(at + CONTENT_DIGEST, 0);
    view.setInt32(at + DIGEST, 0);
    this.putChildren(source.getInt32(statStart + S.CVERSION), 0);
  }

  /** The same of a txn that creates a node without an owner. */
  protected replayBlock(
    source: DataView,
    dataStart: number,
    dataLength: number,
    txn: TxnPlaces,
  ): void {
    const length = Math.max(0, dataLength);
    const at = this.#loadData(source, dataStart, dataLength, false);
    const { view } = this.page;
    for (let i = 0; i < STAT_BYTES + TRAILER_BYTES; i += 4) view.setInt32(at + i, 0);
    copyLong(source, txn.zxidAt, view, at + S.CZXID);
    copyLong(source, txn.zxidAt, view, at + S.MZXID);
    copyLong(source, txn.zxidAt, view, at + S.PZXID);
    copyLong(source, txn.timeAt, view, at + S.CTIME);
    copyLong(source, txn.timeAt, view, at + S.MTIME);
    view.setInt32(at + S.DATA_LENGTH, length);
  }

  /** A block with data in it; where its stat is to be. */
  #loadData(source: DataView, dataStart: number, dataLength: number, extended: boolean): number {
    const length = Math.max(0, dataLength);
    const page = this.#slab.allocate(blockBytes(length, extended));
    const start = this.#slab.position + LENGTH_BYTES;
    const at = start + length;
    this.#moveTo(page, at);
    const { view } = page;
    view.setInt32(start - LENGTH_BYTES, dataLength);
    if (length > COPY_LOOP_BYTES) {
      page.bytes.set(new Uint8Array(source.buffer, source.byteOffset + dataStart, length), start);
    } else copyBytes(source, dataStart, view, start, length);
    return at;
  }

  protected putOwner(owner: bigint, extended: boolean): void {
    this.page.view.setBigInt64(this.position + (extended ? KEPT_OWNER : S.EPHEMERAL_OWNER), owner);
  }

  /** With `length` bytes from `from` on; null has none. */
  protected replaceData(
    data: Uint8Array | null,
    from: number,
    length: number,
    extended: boolean,
  ): void {
    const oldLength = this.dataLength;
    if (length !== oldLength) {
      const bytes = blockBytes(length, extended);
      if (Slab.sameBlock(bytes, blockBytes(oldLength, extended))) {
        const page = this.page;
        const at = this.position;
        const newAt = at - oldLength + length;
        page.bytes.copyWithin(newAt, at, at + statBytes(extended));
        this.#moveTo(page, newAt);
      } else {
        this.#move(length, extended);
      }
    }
    this.#fill(data, from, length);
  }

  /** Leaves a page that is mostly empty, so that it can be given back. */
  protected leaveSparsePage(extended: boolean): void {
    const page = this.page;
    const slab = this.#slab;
    if (!slab.isSparse(page)) return;
    const length = this.dataLength;
    const start = this.position - length - LENGTH_BYTES;
    const bytes = blockBytes(length, extended);
    const target = slab.allocate(bytes);
    page.bytes.copy(target.bytes, slab.position, start, start + bytes);
    this.#moveTo(target, slab.position + LENGTH_BYTES + length);
    slab.free(page, start);
  }

  /** The node leaves the tree: its block must not be looked at again. */
  protected freeBlock(): void {
    this.#slab.free(this.page, this.position - this.dataLength - LENGTH_BYTES);
  }

  /** To a block for that many bytes of data; only the stat comes along. */
  #move(dataLength: number, extended: boolean): void {
    const slab = this.#slab;
    const page = this.page;
    const at = this.position;
    const start = at - this.dataLength - LENGTH_BYTES;
    const target = slab.allocate(blockBytes(dataLength, extended));
    const newAt = slab.position + LENGTH_BYTES + dataLength;
    page.bytes.copy(target.bytes, newAt, at, at + statBytes(extended));
    this.#moveTo(target, newAt);
    slab.free(page, start);
  }

  /** Length and bytes; the position must already be right for them. */
  #fill(data: Uint8Array | null, from: number, length: number): void {
    const { bytes, view } = this.page;
    const start = this.position - length;
    view.setInt32(start - LENGTH_BYTES, data === null ? -1 : length);
    if (data !== null) copyRange(data, from, length, bytes, start);
    this.#putInt(S.DATA_LENGTH, length);
  }

  #int(field: number): number {
    return this.page.view.getInt32(this.position + field);
  }

  #putInt(field: number, value: number): void {
    this.page.view.setInt32(this.position + field, value);
  }

  #long(field: number): number {
    return longAt(this.page.view, this.position + field);
  }

  #putLong(field: number, value: number): void {
    putLongAt(this.page.view, this.position + field, value);
  }
}

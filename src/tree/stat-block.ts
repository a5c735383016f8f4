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
// `position` is where the Stat begins: everything else is found from there.

import type { JuteWriter } from "../jute/writer.js";
import type { Zxid } from "../wire/ids.js";
import { type Page, Slab } from "./slab.js";

const STAT_BYTES = 68;

// Where the fields are in a Stat.
const CZXID = 0;
const MZXID = 8;
const CTIME = 16;
const MTIME = 24;
const VERSION = 32;
const CVERSION = 36;
const AVERSION = 40;
const EPHEMERAL_OWNER = 44;
const DATA_LENGTH = 52;
const NUM_CHILDREN = 56;
const PZXID = 60;
// And after it.
const PERSISTED_CVERSION = STAT_BYTES;
const CONTENT_DIGEST = STAT_BYTES + 4;
const DIGEST = STAT_BYTES + 8;
const KEPT_OWNER = STAT_BYTES + 12;
const TRAILER_BYTES = 12;
const OWNER_BYTES = 8;
const LENGTH_BYTES = 4;

/** In a StatPersisted, whose first fields are where they are in a Stat. */
const PERSISTED_PZXID = EPHEMERAL_OWNER + 8;

const TWO_POW_32 = 2 ** 32;

export class StatBlock {
  #page: Page;
  #position: number;

  /** All of the stat is 0. */
  constructor(slab: Slab, data: Uint8Array | null, extended: boolean) {
    const length = data === null ? 0 : data.length;
    this.#page = slab.allocate(blockBytes(length, extended));
    this.#position = slab.position + LENGTH_BYTES + length;
    const at = this.#position;
    const { view } = this.#page;
    // Twenty stores: a call to fill costs more than all the rest of this.
    for (let i = 0; i < STAT_BYTES + TRAILER_BYTES; i += 4) view.setInt32(at + i, 0);
    this.#fill(data, length);
  }

  // ------------------------------------------------------------------------------------------------------------- reading

  get czxid(): Zxid {
    return this.#long(CZXID) as Zxid;
  }

  get mzxid(): Zxid {
    return this.#long(MZXID) as Zxid;
  }

  get pzxid(): Zxid {
    return this.#long(PZXID) as Zxid;
  }

  /** Milliseconds since 1970. */
  get ctime(): number {
    return this.#long(CTIME);
  }

  /** Milliseconds since 1970. */
  get mtime(): number {
    return this.#long(MTIME);
  }

  get version(): number {
    return this.#int(VERSION);
  }

  /** The persisted one: how many children were ever created. Sequential names come from it. */
  get cversion(): number {
    return this.#int(PERSISTED_CVERSION);
  }

  /** What clients are told. */
  get wireCversion(): number {
    return this.#int(CVERSION);
  }

  get aversion(): number {
    return this.#int(AVERSION);
  }

  /** 0 for null. */
  get dataLength(): number {
    return this.#int(DATA_LENGTH);
  }

  /** A copy. */
  data(): Buffer | null {
    const view = this.dataView();
    return view === null ? null : Buffer.from(view);
  }

  /** The data where they lie: valid until the tree changes or a snapshot goes on. */
  dataView(): Buffer | null {
    const length = this.dataLength;
    const start = this.#position - length;
    if (length === 0 && this.#page.view.getInt32(start - LENGTH_BYTES) === -1) return null;
    return this.#page.bytes.subarray(start, this.#position);
  }

  /** The body of a getData reply: buffer data, Stat stat. */
  writeDataAndStat(out: JuteWriter): void {
    const at = this.#position;
    out.raw(this.#page.bytes.subarray(at - this.dataLength - LENGTH_BYTES, at + STAT_BYTES));
  }

  writeStat(out: JuteWriter): void {
    out.raw(this.#page.bytes.subarray(this.#position, this.#position + STAT_BYTES));
  }

  /** CRC of path and data: see digest.ts. */
  get contentDigest(): number {
    return this.#int(CONTENT_DIGEST) >>> 0;
  }

  get digest(): number {
    return this.#int(DIGEST) >>> 0;
  }

  /** Buffer data, long acl, StatPersisted: a node in a snapshot. */
  protected writePersisted(out: JuteWriter, aclId: number, owner: bigint): void {
    const { bytes } = this.#page;
    const at = this.#position;
    out.raw(bytes.subarray(at - this.dataLength - LENGTH_BYTES, at));
    out.long(aclId);
    out.raw(bytes.subarray(at, at + CVERSION));
    out.int(this.cversion);
    out.int(this.aversion);
    if (owner === 0n) out.long(0);
    else out.bigLong(owner);
    out.raw(bytes.subarray(at + PZXID, at + STAT_BYTES));
  }

  /** The owner that stands in the Stat, or in an extended block's trailer. */
  protected owner(extended: boolean): bigint {
    return this.#page.view.getBigInt64(this.#position + (extended ? KEPT_OWNER : EPHEMERAL_OWNER));
  }

  // ------------------------------------------------------------------------------------- changing: DataTree's, nobody else's

  /** A new node's. */
  putCreated(zxid: Zxid, timeMs: number): void {
    this.#putLong(CZXID, zxid);
    this.#putLong(MZXID, zxid);
    this.#putLong(PZXID, zxid);
    this.#putLong(CTIME, timeMs);
    this.#putLong(MTIME, timeMs);
  }

  putModified(version: number, zxid: Zxid, timeMs: number): void {
    this.#putInt(VERSION, version);
    this.#putLong(MZXID, zxid);
    this.#putLong(MTIME, timeMs);
  }

  putPzxid(zxid: Zxid): void {
    this.#putLong(PZXID, zxid);
  }

  putAversion(aversion: number): void {
    this.#putInt(AVERSION, aversion);
  }

  /** Both forms, which depend on the number of children. */
  putChildren(cversion: number, count: number): void {
    this.#putInt(PERSISTED_CVERSION, cversion);
    this.#putInt(CVERSION, (cversion * 2 - count) | 0);
    this.#putInt(NUM_CHILDREN, count);
  }

  protected keepDigests(content: number, digest: number): void {
    this.#putInt(CONTENT_DIGEST, content);
    this.#putInt(DIGEST, digest);
  }

  /** Takes over the 60 bytes of a StatPersisted, except its ephemeralOwner. The node has no children yet. */
  putStatBytes(source: Buffer, start: number): void {
    const { view } = this.#page;
    const at = this.#position;
    // Numbers at a time: three calls that copy bytes cost as much as all of this.
    for (let i = 0; i < CVERSION; i += 4) view.setInt32(at + i, source.readInt32BE(start + i));
    view.setInt32(at + AVERSION, source.readInt32BE(start + AVERSION));
    view.setInt32(at + PZXID, source.readInt32BE(start + PERSISTED_PZXID));
    view.setInt32(at + PZXID + 4, source.readInt32BE(start + PERSISTED_PZXID + 4));
    this.putChildren(source.readInt32BE(start + CVERSION), 0);
  }

  protected putOwner(owner: bigint, extended: boolean): void {
    this.#page.view.setBigInt64(this.#position + (extended ? KEPT_OWNER : EPHEMERAL_OWNER), owner);
  }

  protected replaceData(slab: Slab, data: Uint8Array | null, extended: boolean): void {
    const length = data === null ? 0 : data.length;
    const oldLength = this.dataLength;
    if (length !== oldLength) {
      const bytes = blockBytes(length, extended);
      if (Slab.sameBlock(bytes, blockBytes(oldLength, extended))) {
        const at = this.#position;
        this.#position = at - oldLength + length;
        this.#page.bytes.copyWithin(this.#position, at, at + statBytes(extended));
      } else {
        this.#move(slab, length, extended);
      }
    }
    this.#fill(data, length);
  }

  /** Leaves a page that is mostly empty, so that it can be given back. */
  protected leaveSparsePage(slab: Slab, extended: boolean): void {
    if (!slab.isSparse(this.#page)) return;
    const page = this.#page;
    const length = this.dataLength;
    const start = this.#position - length - LENGTH_BYTES;
    const bytes = blockBytes(length, extended);
    const target = slab.allocate(bytes);
    page.bytes.copy(target.bytes, slab.position, start, start + bytes);
    this.#page = target;
    this.#position = slab.position + LENGTH_BYTES + length;
    slab.free(page, start);
  }

  /** The node has left the tree: its block must not be looked at again. */
  protected freeBlock(slab: Slab): void {
    slab.free(this.#page, this.#position - this.dataLength - LENGTH_BYTES);
  }

  /** Where the Stat is, for the digest. */
  protected statView(): DataView {
    return this.#page.view;
  }

  protected statPosition(): number {
    return this.#position;
  }

  /** To a block for that many bytes of data; only the stat comes along. */
  #move(slab: Slab, dataLength: number, extended: boolean): void {
    const page = this.#page;
    const at = this.#position;
    const start = at - this.dataLength - LENGTH_BYTES;
    const target = slab.allocate(blockBytes(dataLength, extended));
    this.#page = target;
    this.#position = slab.position + LENGTH_BYTES + dataLength;
    page.bytes.copy(target.bytes, this.#position, at, at + statBytes(extended));
    slab.free(page, start);
  }

  /** Length and bytes; the position must already be right for them. */
  #fill(data: Uint8Array | null, length: number): void {
    const { bytes, view } = this.#page;
    const start = this.#position - length;
    view.setInt32(start - LENGTH_BYTES, data === null ? -1 : length);
    if (data !== null) bytes.set(data, start);
    this.#putInt(DATA_LENGTH, length);
  }

  #int(field: number): number {
    return this.#page.view.getInt32(this.#position + field);
  }

  #putInt(field: number, value: number): void {
    this.#page.view.setInt32(this.#position + field, value);
  }

  #long(field: number): number {
    const { view } = this.#page;
    const at = this.#position + field;
    return view.getInt32(at) * TWO_POW_32 + view.getUint32(at + 4);
  }

  #putLong(field: number, value: number): void {
    const { view } = this.#page;
    const at = this.#position + field;
    view.setInt32(at, Math.floor(value / TWO_POW_32));
    view.setInt32(at + 4, value >>> 0);
  }
}

/** Stat and trailer. */
function statBytes(extended: boolean): number {
  return STAT_BYTES + TRAILER_BYTES + (extended ? OWNER_BYTES : 0);
}

function blockBytes(dataLength: number, extended: boolean): number {
  return LENGTH_BYTES + dataLength + statBytes(extended);
}

/** Where in a Stat and its trailer an owner is that is part of the digest. */
export const OWNER_IN_STAT = EPHEMERAL_OWNER;
export const OWNER_IN_TRAILER = KEPT_OWNER;

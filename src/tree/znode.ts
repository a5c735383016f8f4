// One znode: its stat, its data, its ACL's id and its children. Java: DataNode.
//
// What a getData reply says lies in one block of the slab, in the reply's own bytes, so that answering is one copy:
//
//     int dataLength (-1: null) | data | Stat (68 bytes) | trailer
//     trailer: int cversion | int contentDigest | int digest | long ephemeralOwner (TTL and unknown kinds only)
//
// A Stat as clients see it differs from the persisted one: its cversion counts creates and deletes (twice the persisted
// one, which counts creates, minus the children that are there), and its ephemeralOwner is 0 unless a session owns the
// node. The persisted values stand in the trailer, and both forms are kept in step here, in `putCversion`.
//
// `position` is where the Stat begins: everything else is found from there. Only DataTree changes a Znode.

import type { JuteWriter } from "../jute/writer.js";
import type { SessionId, Zxid } from "../wire/ids.js";
import type { Stat, StatPersisted } from "../wire/records.js";
import { nodeDigestOfWireStat } from "./digest.js";
import { CONTAINER_OWNER, NodeKind } from "./ephemeral-type.js";
import { type Page, Slab } from "./slab.js";

export const STAT_BYTES = 68;

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

const TWO_POW_32 = 2 ** 32;
const KIND_BITS = 3;
const KIND_MASK = (1 << KIND_BITS) - 1;

/** Orders must stay small integers: DataTree numbers its nodes anew when they run out. */
export const ORDER_MAX = 2 ** (30 - KIND_BITS) - 1;

const containerOwner = new DataView(new ArrayBuffer(8));
containerOwner.setBigInt64(0, CONTAINER_OWNER);

export class Znode {
  #page: Page;
  #position: number;
  /** In which order nodes came into the tree, and their kind: snapshots know by it what they have already written. */
  #orderAndKind: number;
  /** Null: none; a path: the only one; paths. Whole paths, because those strings are there anyway, as the tree's keys. */
  #children: string | Set<string> | null = null;
  /** -1: the open ACL. Changed by DataTree only. */
  aclId: number;

  constructor(
    slab: Slab,
    data: Uint8Array | null,
    aclId: number,
    owner: bigint,
    kind: NodeKind,
    order: number,
  ) {
    const length = data === null ? 0 : data.length;
    const page = slab.allocate(blockBytes(length, kind));
    this.#page = page;
    this.#position = slab.position + LENGTH_BYTES + length;
    this.#orderAndKind = (order << KIND_BITS) | kind;
    this.aclId = aclId;
    const at = this.#position;
    page.bytes.fill(0, at, at + STAT_BYTES + TRAILER_BYTES);
    this.#putData(data);
    if (kind === NodeKind.ephemeral) page.view.setBigInt64(at + EPHEMERAL_OWNER, owner);
    else if (keepsOwner(kind)) page.view.setBigInt64(at + KEPT_OWNER, owner);
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

  get aversion(): number {
    return this.#int(AVERSION);
  }

  get kind(): NodeKind {
    return (this.#orderAndKind & KIND_MASK) as NodeKind;
  }

  /** The persisted one: with the marks of containers and TTL nodes in it. */
  get ephemeralOwner(): SessionId {
    const kind = this.#orderAndKind & KIND_MASK;
    if (kind === NodeKind.persistent) return 0n as SessionId;
    if (kind === NodeKind.container) return CONTAINER_OWNER as SessionId;
    const at = kind === NodeKind.ephemeral ? EPHEMERAL_OWNER : KEPT_OWNER;
    return this.#page.view.getBigInt64(this.#position + at) as SessionId;
  }

  get isEphemeral(): boolean {
    return (this.#orderAndKind & KIND_MASK) === NodeKind.ephemeral;
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

  /** The data where they lie: valid until the tree changes. */
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

  /** As clients see it. */
  stat(): Stat {
    return {
      czxid: this.czxid,
      mzxid: this.mzxid,
      ctime: this.ctime,
      mtime: this.mtime,
      version: this.version,
      cversion: this.#int(CVERSION),
      aversion: this.aversion,
      ephemeralOwner: this.isEphemeral ? this.ephemeralOwner : (0n as SessionId),
      dataLength: this.dataLength,
      numChildren: this.childCount,
      pzxid: this.pzxid,
    };
  }

  /** As snapshots and digests have it. */
  statPersisted(): StatPersisted {
    return {
      czxid: this.czxid,
      mzxid: this.mzxid,
      ctime: this.ctime,
      mtime: this.mtime,
      version: this.version,
      cversion: this.cversion,
      aversion: this.aversion,
      ephemeralOwner: this.ephemeralOwner,
      pzxid: this.pzxid,
    };
  }

  /** The node as a snapshot has it, after its path: buffer data, long acl, StatPersisted. */
  writeSnapshot(out: JuteWriter): void {
    const { bytes } = this.#page;
    const at = this.#position;
    out.raw(bytes.subarray(at - this.dataLength - LENGTH_BYTES, at));
    out.long(this.aclId);
    out.raw(bytes.subarray(at, at + CVERSION));
    out.int(this.cversion);
    out.int(this.aversion);
    const kind = this.kind;
    if (kind === NodeKind.persistent) out.long(0);
    else out.bigLong(this.ephemeralOwner);
    out.raw(bytes.subarray(at + PZXID, at + STAT_BYTES));
  }

  // ------------------------------------------------------------------------------------------------------------ children

  get childCount(): number {
    const children = this.#children;
    if (children === null) return 0;
    return typeof children === "string" ? 1 : children.size;
  }

  hasChild(path: string): boolean {
    const children = this.#children;
    return typeof children === "string" ? children === path : children?.has(path) === true;
  }

  /** Whole paths. Must not be kept across changes. */
  childPaths(): Iterable<string> {
    const children = this.#children;
    if (children === null) return [];
    return typeof children === "string" ? [children] : children;
  }

  childNames(): string[] {
    const names: string[] = [];
    for (const path of this.childPaths()) names.push(path.slice(path.lastIndexOf("/") + 1));
    return names;
  }

  /** vector<ustring>: the children's names, as getChildren replies have it. */
  writeChildren(out: JuteWriter): void {
    out.int(this.childCount);
    for (const path of this.childPaths()) out.string(path.slice(path.lastIndexOf("/") + 1));
  }

  // ------------------------------------------------------------------------------------------------------------- digests

  /** CRC of path and data: see digest.ts. */
  get contentDigest(): number {
    return this.#int(CONTENT_DIGEST) >>> 0;
  }

  get digest(): number {
    return this.#int(DIGEST) >>> 0;
  }

  // ------------------------------------------------------------------------------------- changing: DataTree's, nobody else's

  get order(): number {
    return this.#orderAndKind >>> KIND_BITS;
  }

  set order(order: number) {
    this.#orderAndKind = (order << KIND_BITS) | this.kind;
  }

  putStat(stat: StatPersisted): void {
    this.#putLong(CZXID, stat.czxid);
    this.#putLong(MZXID, stat.mzxid);
    this.#putLong(CTIME, stat.ctime);
    this.#putLong(MTIME, stat.mtime);
    this.#putInt(VERSION, stat.version);
    this.#putInt(AVERSION, stat.aversion);
    this.#putLong(PZXID, stat.pzxid);
    this.putCversion(stat.cversion);
  }

  /** Takes over the 60 bytes of a StatPersisted, except its ephemeralOwner: that came with the kind. */
  putStatBytes(source: Buffer, start: number): void {
    const target = this.#page.bytes;
    const at = this.#position;
    source.copy(target, at, start, start + CVERSION);
    source.copy(target, at + AVERSION, start + AVERSION, start + EPHEMERAL_OWNER);
    source.copy(target, at + PZXID, start + EPHEMERAL_OWNER + 8, start + EPHEMERAL_OWNER + 16);
    this.putCversion(source.readInt32BE(start + CVERSION));
  }

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

  putCversion(cversion: number): void {
    this.#putInt(PERSISTED_CVERSION, cversion);
    this.#putInt(CVERSION, (cversion * 2 - this.childCount) | 0);
  }

  addChild(path: string): void {
    const children = this.#children;
    if (children === null) this.#children = path;
    else if (typeof children !== "string") children.add(path);
    else if (children !== path) this.#children = new Set([children, path]);
    this.#childrenChanged();
  }

  removeChild(path: string): void {
    const children = this.#children;
    if (children === path) this.#children = null;
    else if (children instanceof Set && children.delete(path) && children.size === 0) {
      this.#children = null;
    }
    this.#childrenChanged();
  }

  putData(slab: Slab, data: Uint8Array | null): void {
    const kind = this.kind;
    const oldLength = this.dataLength;
    const length = data === null ? 0 : data.length;
    const bytes = blockBytes(length, kind);
    const oldBytes = blockBytes(oldLength, kind);
    if (length !== oldLength) {
      const page = this.#page;
      const at = this.#position;
      const statAndTrailer = bytes - LENGTH_BYTES - length;
      if (Slab.sameBlock(bytes, oldBytes)) {
        this.#position = at - oldLength + length;
        page.bytes.copyWithin(this.#position, at, at + statAndTrailer);
      } else {
        const target = slab.allocate(bytes);
        this.#page = target;
        this.#position = slab.position + LENGTH_BYTES + length;
        page.bytes.copy(target.bytes, this.#position, at, at + statAndTrailer);
        slab.free(page, at - oldLength - LENGTH_BYTES);
      }
    }
    this.#putData(data);
  }

  putDigests(content: number, digest: number): void {
    this.#putInt(CONTENT_DIGEST, content);
    this.#putInt(DIGEST, digest);
  }

  /** The digest of the stat as it is now, upon the content's. */
  computeDigest(content: number): number {
    const { view } = this.#page;
    const at = this.#position;
    const kind = this.kind;
    const ownerView = kind === NodeKind.container ? containerOwner : view;
    const ownerAt =
      kind === NodeKind.container ? 0 : at + (keepsOwner(kind) ? KEPT_OWNER : EPHEMERAL_OWNER);
    return nodeDigestOfWireStat(content, view, at, this.cversion, ownerView, ownerAt);
  }

  /** The node has left the tree: its block is given back, and must not be looked at again. */
  release(slab: Slab): void {
    slab.free(this.#page, this.#position - this.dataLength - LENGTH_BYTES);
  }

  #childrenChanged(): void {
    this.#putInt(NUM_CHILDREN, this.childCount);
    this.putCversion(this.cversion);
  }

  /** Length and bytes; the position must already be right for them. */
  #putData(data: Uint8Array | null): void {
    const { bytes, view } = this.#page;
    const length = data === null ? 0 : data.length;
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

function keepsOwner(kind: NodeKind): boolean {
  return kind === NodeKind.ttl || kind === NodeKind.unknown;
}

function blockBytes(dataLength: number, kind: NodeKind): number {
  const bytes = LENGTH_BYTES + dataLength + STAT_BYTES + TRAILER_BYTES;
  return keepsOwner(kind) ? bytes + OWNER_BYTES : bytes;
}

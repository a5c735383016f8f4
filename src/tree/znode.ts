// One znode: its data and stat, its ACL's id, its owner and its children. Java: DataNode.
//
// An object of this class is a view of a row of the table (znode-table.ts) and of the block with data and stat that the row
// names (stat-block.ts, changing-block.ts): made for whoever asks, and thrown away. It shows what the node is now, and must not
// be looked at when the node may have been deleted or a snapshot may have gone on. Only DataTree changes what it shows.

import type { JuteWriter } from "../jute/writer.js";
import { NO_SESSION, type SessionId, type Zxid } from "../wire/ids.js";
import type { Stat, StatPersisted } from "../wire/records.js";
import { ChangingBlock } from "./changing-block.js";
import { contentDigest, nodeDigestOfPersisted } from "./digest.js";
import { DigestedStat } from "./digested-stat.js";
import { CONTAINER_OWNER, NodeKind } from "./ephemeral-type.js";
import { nameOf, pathOf } from "./znode-paths.js";
import {
  ACL_HIGH,
  ACL_LOW,
  FIRST_CHILD,
  KIND_MASK,
  MARKS,
  NEXT_SIBLING,
  NONE,
  UNDIGESTED,
  type ZnodeTable,
} from "./znode-table.js";

const TWO_POW_32 = 2 ** 32;

/** What a digest is being taken of. */
const digested = new DigestedStat();

export class Znode extends ChangingBlock {
  /** Its row's. */
  id: number;
  readonly #table: ZnodeTable;

  constructor(table: ZnodeTable, id: number) {
    super(table.blocks, table.ints(id), table.at(id));
    this.id = id;
    this.#table = table;
  }

  /** Shows another node from now on: for those who go through millions. */
  show(id: number): this {
    this.id = id;
    this.locate(this.#table.ints(id), this.#table.at(id));
    return this;
  }

  get era(): object {
    return this.#table.era;
  }

  get kind(): NodeKind {
    return (this.ints[this.row + MARKS]! & KIND_MASK) as NodeKind;
  }

  /** -1: the open ACL. */
  get aclId(): number {
    const { ints, row } = this;
    return ints[row + ACL_HIGH]! * TWO_POW_32 + (ints[row + ACL_LOW]! >>> 0);
  }

  get isEphemeral(): boolean {
    return this.kind === NodeKind.ephemeral;
  }

  /** The persisted one: with the marks of containers and TTL nodes in it. */
  get ephemeralOwner(): SessionId {
    const { kind } = this;
    if (kind === NodeKind.persistent) return NO_SESSION;
    if (kind === NodeKind.container) return CONTAINER_OWNER as SessionId;
    return this.owner(isExtended(kind)) as SessionId;
  }

  /** False for what Java leaves out of the tree's digest. */
  get isDigested(): boolean {
    return (this.ints[this.row + MARKS]! & UNDIGESTED) === 0;
  }

  /** What of the stat is part of the digest. */
  copyStatTo(target: DigestedStat): void {
    this.copyTimesTo(target);
    const { kind } = this;
    if (kind === NodeKind.container) target.ephemeralOwner = CONTAINER_OWNER;
    else this.copyOwnerTo(target, isExtended(kind));
  }

  /** As clients see it. */
  stat(): Stat {
    return {
      czxid: this.czxid,
      mzxid: this.mzxid,
      ctime: this.ctime,
      mtime: this.mtime,
      version: this.version,
      cversion: this.wireCversion,
      aversion: this.aversion,
      ephemeralOwner: this.isEphemeral ? this.ephemeralOwner : NO_SESSION,
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
    this.writePersisted(out, this.aclId, this.ephemeralOwner);
  }

  // ------------------------------------------------------------------------------------------------------------ children

  /** In the order in which they came. Must not be gone through across changes. */
  *children(): IterableIterator<Znode> {
    for (let id = this.#firstChild; id !== NONE; id = this.#after(id)) {
      yield new Znode(this.#table, id);
    }
  }

  /** Whole paths. Must not be gone through across changes. */
  *childPaths(): IterableIterator<string> {
    const prefix = `${pathOf(this.#table, this.id)}/`;
    for (let id = this.#firstChild; id !== NONE; id = this.#after(id)) {
      yield prefix + nameOf(this.#table, id);
    }
  }

  childNames(): string[] {
    const names: string[] = [];
    for (let id = this.#firstChild; id !== NONE; id = this.#after(id)) {
      names.push(nameOf(this.#table, id));
    }
    return names;
  }

  /** vector<ustring>: the children's names, as getChildren replies have it. Returns how many bytes the names are. */
  writeChildren(out: JuteWriter): number {
    const table = this.#table;
    const { childCount } = this;
    out.int(childCount);
    const start = out.length;
    for (let id = this.#firstChild; id !== NONE; id = this.#after(id)) {
      const length = table.nameLength(id);
      out.int(length);
      out.copy(table.nameBytes(id), table.nameStart(id), length);
    }
    return out.length - start - 4 * childCount;
  }

  get #firstChild(): number {
    return this.ints[this.row + FIRST_CHILD]!;
  }

  #after(child: number): number {
    return this.#table.get(child, NEXT_SIBLING);
  }

  // ------------------------------------------------------------------------------------- changing: DataTree's, nobody else's

  /** A new node's block, as the txn with this zxid creates it. */
  create(data: Uint8Array | null, aclId: number, owner: bigint, zxid: Zxid, timeMs: number): void {
    const { kind } = this;
    this.aclId = aclId;
    const keepsOwner = hasOwnOwner(kind);
    this.newBlock(data, zxid, timeMs, keepsOwner, isExtended(kind));
    if (keepsOwner) this.putOwner(owner, isExtended(kind));
  }

  /** The same with what a snapshot has at these places of a page. */
  load(
    page: DataView,
    dataStart: number,
    dataLength: number,
    aclId: number,
    owner: bigint,
    statStart: number,
  ): void {
    const { kind } = this;
    this.aclId = aclId;
    const keepsOwner = hasOwnOwner(kind);
    this.loadBlock(page, dataStart, dataLength, statStart, keepsOwner, isExtended(kind));
    if (keepsOwner) this.putOwner(owner, isExtended(kind));
  }

  /** Of a node that has just been loaded, computed elsewhere. */
  putKnownDigests(content: number, digest: number): void {
    this.keepDigests(content, digest);
  }

  /** Keeps and returns the digest of a node that has just been loaded. */
  loadDigests(page: DataView, statStart: number): number {
    const content = this.newContentDigest();
    const digest = nodeDigestOfPersisted(content, page, statStart);
    this.keepDigests(content, digest);
    return digest;
  }

  set aclId(aclId: number) {
    const { ints, row } = this;
    ints[row + ACL_HIGH] = Math.floor(aclId / TWO_POW_32);
    ints[row + ACL_LOW] = aclId;
  }

  putCversion(cversion: number): void {
    this.putChildren(cversion, this.childCount);
  }

  /** The table has one more child of this node, or one less. */
  countChild(change: number): void {
    this.putChildren(this.cversion, this.childCount + change);
  }

  /** Data in a page; -1: null. */
  putData(page: Uint8Array, start: number, length: number): void {
    const isNull = length === -1;
    this.replaceData(isNull ? null : page, start, isNull ? 0 : length, isExtended(this.kind));
  }

  contentDigestOf(data: Uint8Array | null): number {
    return contentDigest(this.pathDigest, data);
  }

  /** Keeps and returns the digest of the node as it is now, upon that of path and data. */
  putDigests(content: number): number {
    this.copyStatTo(digested);
    const digest = digested.digestWith(content);
    this.keepDigests(content, digest);
    return digest;
  }

  /** The block moves out of a page that is mostly empty. */
  settle(): void {
    this.leaveSparsePage(isExtended(this.kind));
  }

  /** The node leaves the tree: its block is given back, and must not be looked at again. */
  release(): void {
    this.freeBlock();
  }
}

/** Whether the node has an owner of its own that its block must keep: not one that follows from its kind. */
function hasOwnOwner(kind: NodeKind): boolean {
  return kind === NodeKind.ephemeral || isExtended(kind);
}

/** Whether the persisted owner has no place in the Stat that clients see. */
function isExtended(kind: NodeKind): boolean {
  return kind === NodeKind.ttl || kind === NodeKind.unknown;
}

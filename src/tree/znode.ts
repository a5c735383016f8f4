// One znode: its data and stat, its ACL's id, its owner and its children. Java: DataNode.
//
// Data and stat are in a block of the slab (stat-block.ts). Its kind and its place in the order of creation share one
// small integer, and most znodes have no children and no set for them. Only DataTree changes a Znode.

import type { JuteWriter } from "../jute/writer.js";
import { NO_SESSION, type SessionId } from "../wire/ids.js";
import type { Stat, StatPersisted } from "../wire/records.js";
import { type Children, countOf, pathsOf, withChild, withoutChild } from "./children.js";
import { nodeDigestOfWireStat } from "./digest.js";
import { CONTAINER_OWNER, NodeKind } from "./ephemeral-type.js";
import type { Slab } from "./slab.js";
import { OWNER_IN_STAT, OWNER_IN_TRAILER, StatBlock } from "./stat-block.js";

const KIND_BITS = 3;
const KIND_MASK = (1 << KIND_BITS) - 1;

/** Orders must stay small integers: DataTree numbers its nodes anew when they run out. */
export const ORDER_MAX = 2 ** (30 - KIND_BITS) - 1;

const containerOwner = new DataView(new ArrayBuffer(8));
containerOwner.setBigInt64(0, CONTAINER_OWNER);

export class Znode extends StatBlock {
  /** In which order nodes came into the tree, and their kind: snapshots know by it what they have already written. */
  #orderAndKind: number;
  #children: Children = null;
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
    super(slab, data, isExtended(kind));
    this.#orderAndKind = (order << KIND_BITS) | kind;
    this.aclId = aclId;
    if (kind === NodeKind.ephemeral || isExtended(kind)) this.putOwner(owner, isExtended(kind));
  }

  get kind(): NodeKind {
    return (this.#orderAndKind & KIND_MASK) as NodeKind;
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

  get childCount(): number {
    return countOf(this.#children);
  }

  /** Whole paths. Must not be kept across changes. */
  childPaths(): Iterable<string> {
    return pathsOf(this.#children);
  }

  childNames(): string[] {
    const names: string[] = [];
    for (const path of this.childPaths()) names.push(nameOf(path));
    return names;
  }

  /** vector<ustring>: the children's names, as getChildren replies have it. */
  /** Returns how many bytes the names are. */
  writeChildren(out: JuteWriter): number {
    const { childCount } = this;
    out.int(childCount);
    const start = out.length;
    for (const path of this.childPaths()) out.string(nameOf(path));
    return out.length - start - 4 * childCount;
  }

  // ------------------------------------------------------------------------------------- changing: DataTree's, nobody else's

  get order(): number {
    return this.#orderAndKind >>> KIND_BITS;
  }

  set order(order: number) {
    this.#orderAndKind = (order << KIND_BITS) | this.kind;
  }

  putCversion(cversion: number): void {
    this.putChildren(cversion, this.childCount);
  }

  addChild(path: string): void {
    this.#children = withChild(this.#children, path);
    this.putCversion(this.cversion);
  }

  removeChild(path: string): void {
    this.#children = withoutChild(this.#children, path);
    this.putCversion(this.cversion);
  }

  putData(slab: Slab, data: Uint8Array | null): void {
    this.replaceData(slab, data, isExtended(this.kind));
  }

  /** Keeps and returns the digest of the node as it is now, upon that of path and data. */
  putDigests(content: number): number {
    const { kind } = this;
    const view = this.statView();
    const at = this.statPosition();
    const ownerView = kind === NodeKind.container ? containerOwner : view;
    let ownerAt = at + (isExtended(kind) ? OWNER_IN_TRAILER : OWNER_IN_STAT);
    if (kind === NodeKind.container) ownerAt = 0;
    const digest = nodeDigestOfWireStat(content, view, at, this.cversion, ownerView, ownerAt);
    this.keepDigests(content, digest);
    return digest;
  }

  /** Moves out of a page that is mostly empty. */
  settle(slab: Slab): void {
    this.leaveSparsePage(slab, isExtended(this.kind));
  }

  /** The node has left the tree: its block is given back, and must not be looked at again. */
  release(slab: Slab): void {
    this.freeBlock(slab);
  }
}

/** Whether the persisted owner has no place in the Stat that clients see. */
function isExtended(kind: NodeKind): boolean {
  return kind === NodeKind.ttl || kind === NodeKind.unknown;
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

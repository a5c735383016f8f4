// The replicated state: every znode, who owns the ephemeral ones, who is allowed what, which sessions there are. Java:
// DataTree with NodeHashMapImpl.
//
// One map from path to Znode (path-map.ts), in the order in which nodes came: parents stand before their children, which is what a
// snapshot needs. The root is in it twice, as "" and as "/", and counts twice (Java, too: a fresh tree has 5 nodes).
//
// Only transactions change the tree, each through one of the mutators below, and the outcome of each is a function of the
// tree and the arguments: every member comes to the same state and the same digest. A mutator either does all of its work
// or returns an error; replaying what a fuzzy snapshot already holds must be harmless, so numbers only go up: cversion and
// pzxid are never lowered. Quota statistics are bookkeeping of each server for itself and outside the digest.
//
// Whoever changes a node first lets the snapshots that are being written keep its image (open-snapshots.ts).

import { ErrorCode } from "../wire/error-codes.js";
import type { SessionId, Zxid } from "../wire/ids.js";
import type { ACL } from "../wire/records.js";
import { AclTable, READ_ACL_UNSAFE } from "./acl-table.js";
import { ChildNames } from "./child-names.js";
import { AdHash, contentDigest, isDigested } from "./digest.js";
import { DigestLog } from "./digest-log.js";
import { NodeKind, nodeKindOf } from "./ephemeral-type.js";
import { OpenSnapshots } from "./open-snapshots.js";
import { OwnedNodes } from "./owned-nodes.js";
import { PathMap } from "./path-map.js";
import { flat, parentOf } from "./paths.js";
import { QuotaBook } from "./quota-book.js";
import { Slab } from "./slab.js";
import type { ChangeTracker, SnapshotTree, ZxidDigest } from "./snapshot.js";
import type { TreeObserver } from "./tree-observer.js";
import { CHILD_LISTS_KEPT, DEFAULT_TREE_SETTINGS, type TreeSettings } from "./tree-settings.js";
import { TreeSnapshot } from "./tree-snapshot.js";
import { TreeWatches } from "./tree-watches.js";
import { EventType } from "./watches.js";
import { ORDER_MAX, Znode } from "./znode.js";

export const ZOOKEEPER_PATH = "/zookeeper";
export const QUOTA_PATH = "/zookeeper/quota";
export const CONFIG_PATH = "/zookeeper/config";

const NO_DATA = Buffer.alloc(0);

export class DataTree implements SnapshotTree {
  /** The last whole transaction that is in the tree. */
  lastProcessedZxid = 0 as Zxid;
  /** Global sessions and their time-outs, as createSession and closeSession txns left them. */
  readonly sessions = new Map<SessionId, number>();
  readonly acls = new AclTable();
  readonly watches = new TreeWatches();
  readonly childNames: ChildNames;
  /** The sum of all znodes' digests; stays 0 when digests are disabled. */
  readonly digest = new AdHash();
  readonly digestLog: DigestLog;
  readonly settings: TreeSettings;
  readonly observer: TreeObserver | undefined;

  readonly #nodes = new PathMap();
  readonly #slab = new Slab();
  readonly #owned = new OwnedNodes();
  readonly #quotas: QuotaBook;
  readonly #snapshots = new OpenSnapshots();
  readonly #orderMax: number;
  #dataSize = 0;
  #lastOrder = 0;

  /** `orderMax` is there to be tested. */
  constructor(
    settings: TreeSettings = DEFAULT_TREE_SETTINGS,
    content: "fresh" | "empty" = "fresh",
    orderMax = ORDER_MAX,
  ) {
    this.settings = settings;
    this.observer = settings.observer;
    this.watches.observe(settings.observer);
    this.#orderMax = orderMax;
    this.childNames = new ChildNames(settings.childListsKept ?? CHILD_LISTS_KEPT);
    this.digestLog = new DigestLog(settings.onDigestMismatch);
    this.#quotas = new QuotaBook(this, (path, node, data) => {
      this.#snapshots.beforeChange(path, node);
      node.putData(this.#slab, data);
    });
    if (content === "empty") return;
    for (const path of ["", ZOOKEEPER_PATH, QUOTA_PATH]) this.#plant(path);
    this.addConfigNode();
  }

  /** /zookeeper/config, which everybody may read. For trees of ZooKeeper 3.4, which do not have it. */
  addConfigNode(): void {
    if (this.#nodes.get(CONFIG_PATH) !== undefined) return;
    this.#plant(CONFIG_PATH);
    this.setAcl(CONFIG_PATH, READ_ACL_UNSAFE, -1);
  }

  // ------------------------------------------------------------------------------------------------------------- reading

  get(path: string): Znode | undefined {
    return this.#nodes.get(path);
  }

  /** As Java counts: the root twice. */
  get nodeCount(): number {
    return this.#nodes.size;
  }

  /** Characters of all paths and bytes of all data. Java: cachedApproximateDataSize, which quota statistics escape. */
  get approximateDataSize(): number {
    return this.#dataSize;
  }

  get ephemeralCount(): number {
    return this.#owned.ephemeralCount;
  }

  /** The paths of a session's ephemeral nodes. Must not be kept across changes. */
  ephemeralsOf(session: SessionId): ReadonlySet<string> {
    return this.#owned.ephemeralsOf(session);
  }

  /** For `dump`. Must not be kept across changes. */
  ephemeralsBySession(): ReadonlyMap<SessionId, ReadonlySet<string>> {
    return this.#owned.bySession();
  }

  get containers(): ReadonlySet<string> {
    return this.#owned.containers;
  }

  get ttls(): ReadonlySet<string> {
    return this.#owned.ttls;
  }

  aclOf(node: Znode): readonly ACL[] {
    return this.acls.get(node.aclId);
  }

  /** The path with a quota that this path counts for. Java: getMaxPrefixWithQuota. */
  quotaPrefix(path: string): string | undefined {
    return this.#quotas.prefixOf(path);
  }

  /** Memory in slab pages, and how much of it is in use. */
  slabUsage(): { readonly pageBytes: number; readonly blockBytes: number } {
    return this.#slab.usage();
  }

  // -------------------------------------------------------------------------------------------------------- transactions

  /** `parentCversion` -1: one more than it is (txns of ZooKeeper before 3.4). */
  createNode(
    path: string,
    data: Uint8Array | null,
    acl: readonly ACL[] | null,
    ephemeralOwner: bigint,
    parentCversion: number,
    zxid: Zxid,
    timeMs: number,
  ): ErrorCode {
    path = flat(path);
    const parentPath = parentOf(path);
    const parent = this.#nodes.get(parentPath);
    if (parent === undefined) return ErrorCode.noNode;
    const existing = this.#nodes.get(path);
    if (existing !== undefined) {
      // Only replay comes here. The ACL may be one that the snapshot was too early to have (ZOOKEEPER-4846).
      this.#snapshots.beforeChange(path, existing);
      this.#replaceAcl(existing, acl);
      return ErrorCode.nodeExists;
    }
    const parentAcl = this.acls.get(parent.aclId);
    const aclId = this.acls.add(acl);
    const kind = nodeKindOf(ephemeralOwner, this.settings);
    const node = new Znode(this.#slab, data, aclId, ephemeralOwner, kind, this.#nextOrder());
    node.putCreated(zxid, timeMs);
    this.#insert(path, node, data, ephemeralOwner);
    this.#snapshots.beforeChange(parentPath, parent);
    if (parentCversion === -1) parentCversion = (parent.cversion + 1) | 0;
    parent.addChild(path);
    if (parentCversion > parent.cversion) {
      parent.putPzxid(zxid);
      parent.putCversion(parentCversion);
    }
    this.#afterChange(parentPath, parent);

    this.#quotas.created(parentPath, path, node.dataLength);
    this.observer?.written(path, node.dataLength);
    this.watches.data.trigger(path, EventType.nodeCreated, zxid, acl);
    this.#tellOfChildren(parentPath, zxid, parentAcl);
    return ErrorCode.ok;
  }

  deleteNode(path: string, zxid: Zxid): ErrorCode {
    const parentPath = parentOf(path);
    const parent = this.#nodes.get(parentPath);
    // The special nodes are not deleted by any request; a log that says so must not take the tree apart.
    if (parent === undefined || path === "/" || path === "") return ErrorCode.noNode;
    // Replay may find the child gone already, but the parent must still learn of it (ZOOKEEPER-3125).
    this.#snapshots.beforeChange(parentPath, parent);
    const node = this.#nodes.get(path);
    if (node !== undefined) this.#snapshots.beforeChange(path, node);
    parent.removeChild(path);
    if (zxid > parent.pzxid) parent.putPzxid(zxid);
    this.#afterChange(parentPath, parent);
    if (node === undefined) return ErrorCode.noNode;

    // No request can ask for this, but a log may: a node without a parent could never be loaded again.
    if (node.childCount > 0) {
      for (const child of [...node.childPaths()]) this.deleteNode(child, zxid);
    }
    const acl = this.acls.get(node.aclId);
    const parentAcl = this.acls.get(parent.aclId);
    const dataLength = node.dataLength;
    this.#remove(path, node);
    this.#quotas.deleted(parentPath, path, dataLength);
    this.observer?.written(path, 0);
    const told = this.watches.data.trigger(path, EventType.nodeDeleted, zxid, acl);
    this.watches.child.trigger(path, EventType.nodeDeleted, zxid, acl, told);
    this.#tellOfChildren(parentPath, zxid, parentAcl);
    return ErrorCode.ok;
  }

  /** `version` is the new one. */
  setData(
    path: string,
    data: Uint8Array | null,
    version: number,
    zxid: Zxid,
    timeMs: number,
  ): ErrorCode {
    const node = this.#nodes.get(path);
    if (node === undefined) return ErrorCode.noNode;
    const growth = (data === null ? 0 : data.length) - node.dataLength;
    this.#snapshots.beforeChange(path, node);
    node.putData(this.#slab, data);
    node.putModified(version, zxid, timeMs);
    this.#afterChange(path, node, this.settings.digestEnabled ? contentDigest(path, data) : null);
    this.#dataSize += growth;
    this.#quotas.changed(path, growth);
    this.observer?.written(path, node.dataLength);
    this.watches.data.trigger(path, EventType.nodeDataChanged, zxid, this.acls.get(node.aclId));
    return ErrorCode.ok;
  }

  /** `version` is the new one. */
  setAcl(path: string, acl: readonly ACL[] | null, version: number): ErrorCode {
    const node = this.#nodes.get(path);
    if (node === undefined) return ErrorCode.noNode;
    this.#snapshots.beforeChange(path, node);
    this.#replaceAcl(node, acl);
    node.putAversion(version);
    this.#afterChange(path, node);
    return ErrorCode.ok;
  }

  /** A create that replay found done already: the parent may still be behind. Java: setCversionPzxid. */
  setCversionPzxid(path: string, cversion: number, zxid: Zxid): ErrorCode {
    const node = this.#nodes.get(path);
    if (node === undefined) return ErrorCode.noNode;
    if (cversion === -1) cversion = (node.cversion + 1) | 0;
    if (cversion > node.cversion) {
      this.#snapshots.beforeChange(path, node);
      node.putPzxid(zxid);
      node.putCversion(cversion);
      this.#afterChange(path, node);
    }
    return ErrorCode.ok;
  }

  /**
   * The session's ephemeral nodes go: those the txn lists, in its order, and then those it should have listed. `paths` is
   * null for a txn without a list. Returns the unlisted ones, which deserve a warning when there was a list.
   */
  killSession(session: SessionId, zxid: Zxid, paths: readonly string[] | null): readonly string[] {
    const own = this.#owned.takeSession(session);
    for (const path of paths ?? []) {
      own.delete(path);
      this.#deleteEphemeral(session, path, zxid);
    }
    const unlisted = [...own];
    for (const path of unlisted) this.#deleteEphemeral(session, path, zxid);
    return paths === null ? [] : unlisted;
  }

  #deleteEphemeral(session: SessionId, path: string, zxid: Zxid): void {
    const error = this.deleteNode(path, zxid);
    this.observer?.ephemeralDeleted(session, path, error === ErrorCode.ok);
  }

  /** A whole transaction (a multi counts once) is in the tree: only now may the zxid say so (ZOOKEEPER-1090, -3127). */
  txnApplied(zxid: Zxid): void {
    if (zxid > this.lastProcessedZxid) this.lastProcessedZxid = zxid;
    if (this.settings.digestEnabled) this.digestLog.applied(zxid, this.digest);
  }

  /** Compares with the digest that the txn just applied carries. False, and counted and told: they differ. */
  compareDigest(zxid: Zxid, version: number, treeDigest: bigint): boolean {
    if (!this.settings.digestEnabled) return true;
    return this.digestLog.compare(zxid, version, treeDigest, this.digest);
  }

  // ----------------------------------------------------------------------------------------------------------- snapshots

  /** The state as it is now, to be written while requests go on. Between whole transactions only. */
  beginSnapshot(): TreeSnapshot {
    const snapshot = new TreeSnapshot(this, this.#nodes, this.#slab, this.#lastOrder, () => {
      this.#snapshots.delete(snapshot);
    });
    this.#snapshots.add(snapshot);
    return snapshot;
  }

  trackChanges(maxPaths: number): ChangeTracker {
    return this.#snapshots.track(this, maxPaths);
  }

  /** TreeLoader's: a node as a snapshot has it, under its parent. False: it is there twice, and the tree is no good. */
  loadNode(
    parent: Znode | undefined,
    path: string,
    data: Uint8Array | null,
    aclId: number,
    ephemeralOwner: bigint,
    page: Buffer,
    statStart: number,
  ): boolean {
    const kind = nodeKindOf(ephemeralOwner, this.settings);
    const node = new Znode(this.#slab, data, aclId, ephemeralOwner, kind, this.#nextOrder());
    node.putStatBytes(page, statStart);
    parent?.addChild(path);
    return this.#insert(path, node, data, ephemeralOwner);
  }

  /** TreeLoader's: all nodes are there. */
  loaded(digest: ZxidDigest | undefined): void {
    this.#quotas.rebuild();
    this.acls.purgeUnused();
    if (this.settings.digestEnabled) {
      this.digestLog.loaded(this.lastProcessedZxid, digest, this.digest);
    }
  }

  // ------------------------------------------------------------------------------------------------------------- details

  /** A node that was there before any transaction. */
  #plant(path: string): void {
    const node = new Znode(this.#slab, NO_DATA, -1, 0n, NodeKind.persistent, this.#nextOrder());
    this.#insert(path, node, NO_DATA, 0n);
    if (path !== "") this.#nodes.get(parentOf(path))?.addChild(path);
  }

  /** The path must be a string of its own (`flat`). False: it is there already. */
  #insert(path: string, node: Znode, data: Uint8Array | null, owner: bigint): boolean {
    this.#snapshots.beforeCreate(path);
    if (!this.#nodes.add(path, node)) return false;
    this.#dataSize += path.length + node.dataLength;
    if (path === "") {
      this.#nodes.add("/", node);
      this.#dataSize += 1 + node.dataLength;
    }
    if (this.settings.digestEnabled && isDigested(path)) {
      this.digest.add(node.putDigests(contentDigest(path, data)));
    }
    this.#owned.add(path, node.kind, owner);
    return true;
  }

  #remove(path: string, node: Znode): void {
    this.#nodes.delete(path);
    this.childNames.forget(node);
    this.acls.release(node.aclId);
    this.#dataSize -= path.length + node.dataLength;
    if (this.settings.digestEnabled) this.digest.subtract(node.digest);
    this.#owned.remove(path, node.kind, node.ephemeralOwner);
    node.release(this.#slab);
  }

  #tellOfChildren(path: string, zxid: Zxid, acl: readonly ACL[]): void {
    this.watches.child.trigger(path || "/", EventType.nodeChildrenChanged, zxid, acl);
  }

  #replaceAcl(node: Znode, acl: readonly ACL[] | null): void {
    // In this order, as in Java: a list that only this node has gets a new number even when it is the same.
    this.acls.release(node.aclId);
    node.aclId = this.acls.add(acl);
  }

  /** The stat has changed; the data, too, where their digest is given. */
  #afterChange(path: string, node: Znode, content: number | null = null): void {
    if (content === null) this.childNames.forget(node);
    if (!this.settings.digestEnabled || !isDigested(path)) return;
    this.digest.subtract(node.digest);
    const digest = node.putDigests(content ?? node.contentDigest);
    this.digest.add(digest);
  }

  #nextOrder(): number {
    if (this.#lastOrder >= this.#orderMax) {
      this.#lastOrder = this.#snapshots.renumber(this.#nodes.entries());
    }
    return ++this.#lastOrder;
  }
}

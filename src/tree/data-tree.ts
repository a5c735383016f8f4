// The replicated state: every znode, who owns the ephemeral ones, who is allowed what, which sessions there are. Java:
// DataTree with NodeHashMapImpl.
//
// The znodes are rows of a table (znode-table.ts), in the order in which they came: parents before their children, as a
// snapshot needs them. The root has two names, "" and "/", and counts twice (Java, too: a fresh tree has 5 nodes).
// Only transactions change the tree, each through one of the mutators below, and what each does is a function of the tree
// and the arguments: every member comes to the same state and digest. A mutator does all of its work or returns an error;
// replaying what a fuzzy snapshot already holds must be harmless, so numbers only go up: cversion and pzxid are never
// lowered. Quota statistics are each server's own, outside the digest. Snapshots hear of changes first (open-snapshots.ts).

import { ErrorCode } from "../wire/error-codes.js";
import type { SessionId, Zxid } from "../wire/ids.js";
import type { ACL } from "../wire/records.js";
import { AclTable, READ_ACL_UNSAFE } from "./acl-table.js";
import { ChildNames } from "./child-names.js";
import { DataSetter } from "./data-setter.js";
import { AdHash } from "./digest.js";
import { DigestLog } from "./digest-log.js";
import { NodeKind, nodeKindOf } from "./ephemeral-type.js";
import { killSession } from "./kill-session.js";
import { OpenSnapshots } from "./open-snapshots.js";
import { OwnedNodes } from "./owned-nodes.js";
import { CONFIG_PATH, parentOf, QUOTA_PATH, ZOOKEEPER_PATH } from "./paths.js";
import { QuotaBook } from "./quota-book.js";
import { ShownNode } from "./shown-node.js";
import type { ChangeTracker, SnapshotTree, ZxidDigest } from "./snapshot.js";
import { pathsBelow } from "./subtree.js";
import type { TreeObserver } from "./tree-observer.js";
import { CHILD_LISTS_KEPT, DEFAULT_TREE_SETTINGS, type TreeSettings } from "./tree-settings.js";
import { TreeSnapshot } from "./tree-snapshot.js";
import { TreeWatches } from "./tree-watches.js";
import { EventType } from "./watches.js";
import { Znode } from "./znode.js";
import { pathOf } from "./znode-paths.js";
import { NONE, ZnodeTable } from "./znode-table.js";

const NO_DATA = Buffer.alloc(0);

export class DataTree implements SnapshotTree {
  /** That of the last whole transaction. */
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

  readonly #nodes: ZnodeTable;
  readonly #owned = new OwnedNodes();
  readonly #quotas: QuotaBook;
  readonly #snapshots = new OpenSnapshots();
  readonly #looked: ShownNode;
  /** Those that come and go. */
  readonly #changed: ShownNode;
  /** Sets data; who has a txn in bytes asks it itself. */
  readonly setter: DataSetter;
  #dataSize = 0;

  constructor(
    settings: TreeSettings = DEFAULT_TREE_SETTINGS,
    content: "fresh" | "empty" = "fresh",
  ) {
    this.settings = settings;
    this.observer = settings.observer;
    this.watches.observe(settings.observer);
    this.#nodes = new ZnodeTable(settings.hashSeed ?? 0);
    this.#looked = new ShownNode(this.#nodes);
    this.#changed = new ShownNode(this.#nodes);
    this.childNames = new ChildNames(settings.childListsKept ?? CHILD_LISTS_KEPT);
    this.digestLog = new DigestLog(settings.onDigestMismatch);
    this.#quotas = new QuotaBook(this, (path, node, data) => {
      this.#snapshots.beforeChange(path, node);
      node.putData(data, 0, data.length);
    });
    this.setter = new DataSetter(this, this.#snapshots, this.#quotas, (bytes) => {
      this.#dataSize += bytes;
    });
    if (content === "empty") return;
    for (const path of ["", ZOOKEEPER_PATH, QUOTA_PATH]) this.#plant(path);
    this.addConfigNode();
  }

  /** /zookeeper/config, which everybody may read. For trees of ZooKeeper 3.4, which do not have it (but its parent). */
  addConfigNode(): void {
    if (this.get(CONFIG_PATH) !== undefined || this.get(ZOOKEEPER_PATH) === undefined) return;
    this.#plant(CONFIG_PATH);
    this.setAcl(CONFIG_PATH, READ_ACL_UNSAFE, -1);
  }

  // ------------------------------------------------------------------------------------------------------------- reading

  /** Must not be kept across changes. */
  get(path: string): Znode | undefined {
    const id = this.#nodes.find(path);
    return id === NONE ? undefined : new Znode(this.#nodes, id);
  }

  /** The same in a view that shows another node with the next look: for whoever has done with it by then. */
  look(path: string): Znode | undefined {
    const id = this.#nodes.find(path);
    return id === NONE ? undefined : this.#looked.show(id);
  }

  /** As Java counts: the root twice. */
  get nodeCount(): number {
    return this.#nodes.size + (this.#nodes.root === NONE ? 0 : 1);
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
    const nodes = this.#nodes;
    const parentId = nodes.findParent(path);
    if (parentId === NONE) return ErrorCode.noNode;
    const existingId = nodes.findChild(parentId, path);
    if (existingId !== NONE) {
      // Only replay comes here. The ACL may be one that the snapshot was too early to have (ZOOKEEPER-4846).
      const existing = new Znode(nodes, existingId);
      this.#snapshots.beforeChange(path, existing);
      this.#replaceAcl(existing, acl);
      return ErrorCode.nodeExists;
    }
    const parent = new Znode(nodes, parentId);
    const parentPath = parentOf(path);
    const parentAcl = this.acls.get(parent.aclId);
    const aclId = this.acls.add(acl);
    const kind = nodeKindOf(ephemeralOwner, this.settings);
    this.#snapshots.beforeCreate(path);
    const id = nodes.addChild(parentId, kind);
    const node = this.#changed.show(id);
    node.create(data, aclId, ephemeralOwner, zxid, timeMs);
    this.#added(node, path.length, data, ephemeralOwner);
    this.#snapshots.beforeChange(parentPath, parent);
    if (parentCversion === -1) parentCversion = (parent.cversion + 1) | 0;
    parent.countChild(1);
    if (parentCversion > parent.cversion) {
      parent.putPzxid(zxid);
      parent.putCversion(parentCversion);
    }
    this.#afterChange(parent);

    this.#quotas.created(parentPath, path, data?.length ?? 0);
    this.observer?.written(path, data?.length ?? 0);
    this.watches.data.trigger(path, EventType.nodeCreated, zxid, acl);
    this.watches.child.trigger(parentPath || "/", EventType.nodeChildrenChanged, zxid, parentAcl);
    return ErrorCode.ok;
  }

  deleteNode(path: string, zxid: Zxid): ErrorCode {
    const nodes = this.#nodes;
    const parentId = nodes.findParent(path);
    // The special nodes are not deleted by any request; a log that says so must not take the tree apart.
    if (parentId === NONE || path === "/" || path === "") return ErrorCode.noNode;
    const parent = new Znode(nodes, parentId);
    const parentPath = parentOf(path);
    // Replay may find the child gone already, but the parent must still learn of it (ZOOKEEPER-3125).
    this.#snapshots.beforeChange(parentPath, parent);
    const id = nodes.findChild(parentId, path);
    const node = id === NONE ? undefined : this.#changed.show(id);
    if (node !== undefined) {
      this.#snapshots.beforeChange(path, node);
      parent.countChild(-1);
    }
    if (zxid > parent.pzxid) parent.putPzxid(zxid);
    this.#afterChange(parent);
    if (node === undefined) return ErrorCode.noNode;

    // No request can ask for this, but a log may: a node without a parent could never be loaded again.
    if (node.childCount > 0) {
      for (const below of pathsBelow(this, path)) this.deleteNode(below, zxid);
      this.#changed.show(id);
    }
    const acl = this.acls.get(node.aclId);
    const parentAcl = this.acls.get(parent.aclId);
    const dataLength = node.dataLength;
    this.#remove(path, node);
    this.#quotas.deleted(parentPath, path, dataLength);
    this.observer?.written(path, 0);
    const told = this.watches.data.trigger(path, EventType.nodeDeleted, zxid, acl);
    this.watches.child.trigger(path, EventType.nodeDeleted, zxid, acl, told);
    this.watches.child.trigger(parentPath || "/", EventType.nodeChildrenChanged, zxid, parentAcl);
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
    const dataLength = data === null ? -1 : data.length;
    const places = { page: data ?? NO_DATA, dataStart: 0, dataLength, version };
    return this.setter.set(path, places, zxid, timeMs);
  }

  /** `version` is the new one. */
  setAcl(path: string, acl: readonly ACL[] | null, version: number): ErrorCode {
    const node = this.get(path);
    if (node === undefined) return ErrorCode.noNode;
    this.#snapshots.beforeChange(path, node);
    this.#replaceAcl(node, acl);
    node.putAversion(version);
    this.#afterChange(node);
    return ErrorCode.ok;
  }

  /** A create that replay found done already: the parent may still be behind. Java: setCversionPzxid. */
  setCversionPzxid(path: string, cversion: number, zxid: Zxid): ErrorCode {
    const node = this.get(path);
    if (node === undefined) return ErrorCode.noNode;
    if (cversion === -1) cversion = (node.cversion + 1) | 0;
    if (cversion > node.cversion) {
      this.#snapshots.beforeChange(path, node);
      node.putPzxid(zxid);
      node.putCversion(cversion);
      this.#afterChange(node);
    }
    return ErrorCode.ok;
  }

  /** Returns the session's ephemeral nodes that `paths`, the txn's list of them, does not have; none where that is null. */
  killSession(session: SessionId, zxid: Zxid, paths: readonly string[] | null): readonly string[] {
    return killSession(this, session, this.#owned.takeSession(session), zxid, paths);
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
    const snapshot = new TreeSnapshot(
      this,
      this.#nodes,
      (id, newId) => this.#snapshots.left(id, newId),
      () => this.#snapshots.delete(snapshot),
    );
    this.#snapshots.add(snapshot);
    return snapshot;
  }

  trackChanges(maxPaths: number): ChangeTracker {
    return this.#snapshots.track(this, maxPaths);
  }

  /** Nobody has to be told the path of each node that comes. */
  get isUntold(): boolean {
    return this.#quotas.isEmpty && this.#snapshots.isEmpty;
  }

  /** For those who fill it. */
  get nodes(): ZnodeTable {
    return this.#nodes;
  }

  /** For those who fill it: a node has come. `pathUnits`: how long its path is as a string. */
  nodeLoaded(node: Znode, pathUnits: number, owner: bigint, digest: number): void {
    this.#count(node, pathUnits, node.dataLength, owner);
    this.digest.add(digest);
  }

  /** The same of one that nobody owns, and that is not the root; `dataLength` is 0 for null. */
  plainNodeLoaded(pathUnits: number, dataLength: number, digest: number): void {
    this.#dataSize += pathUnits + dataLength;
    this.digest.add(digest);
  }

  /** Whether the node counts in the tree's digest. */
  isDigested(node: Znode): boolean {
    return this.settings.digestEnabled && node.isDigested;
  }

  /** Of one that counts: its stat has changed, and perhaps its data. `content`: the digest of path and data. */
  digestChanged(node: Znode, content: number): void {
    this.digest.subtract(node.digest);
    this.digest.add(node.putDigests(content));
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

  /** A node that was there before any transaction; the root has no parent. */
  #plant(path: string): void {
    const nodes = this.#nodes;
    const parentId = nodes.findParent(path);
    const kind = NodeKind.persistent;
    this.#snapshots.beforeCreate(path);
    const id = path === "" ? nodes.addRoot(kind) : nodes.addChild(parentId, kind);
    const node = new Znode(nodes, id);
    node.create(NO_DATA, -1, 0n, 0 as Zxid, 0);
    if (path !== "") new Znode(nodes, parentId).countChild(1);
    this.#added(node, path.length, NO_DATA, 0n);
  }

  /** All of the new node is there: now it counts. */
  #added(node: Znode, pathUnits: number, data: Uint8Array | null, owner: bigint): void {
    this.#count(node, pathUnits, node.dataLength, owner);
    if (this.isDigested(node)) this.digest.add(node.putDigests(node.contentDigestOf(data)));
  }

  #count({ id, kind }: Znode, pathUnits: number, dataLength: number, owner: bigint): void {
    this.#dataSize += pathUnits + dataLength;
    // "/" is one more name.
    if (id === this.#nodes.root) this.#dataSize += 1 + dataLength;
    if (kind !== NodeKind.persistent) this.#owned.add(pathOf(this.#nodes, id), kind, owner);
  }

  #remove(path: string, node: Znode): void {
    this.childNames.forget(node.id);
    this.acls.release(node.aclId);
    this.#dataSize -= path.length + node.dataLength;
    if (this.settings.digestEnabled) this.digest.subtract(node.digest);
    this.#owned.remove(path, node.kind, node.ephemeralOwner);
    this.#snapshots.left(node.id, NONE);
    node.release();
    this.#nodes.remove(node.id);
  }

  #replaceAcl(node: Znode, acl: readonly ACL[] | null): void {
    // In this order, as in Java: a list that only this node has gets a new number even when it is the same.
    this.acls.release(node.aclId);
    node.aclId = this.acls.add(acl);
  }

  /** The stat has changed, and perhaps the children. */
  #afterChange(node: Znode): void {
    this.childNames.forget(node.id);
    if (this.isDigested(node)) this.digestChanged(node, node.contentDigest);
  }
}

// Builds a tree from a snapshot. Java: DataTree.deserialize.
//
// What follows from the nodes (children, ephemerals, containers, TTL nodes, quotas, digests, the use of ACLs) is not in the
// file and is rebuilt. A node whose ACL the file does not have, as Java's fuzzy snapshots can leave it, is kept and closed
// to everybody but super: losing a node, or opening it, would be worse.

import { NO_SESSION, type SessionId, type Zxid } from "../wire/ids.js";
import type { ACL } from "../wire/records.js";
import { DataTree } from "./data-tree.js";
import { SnapshotError, type SnapshotSink, type ZxidDigest } from "./snapshot.js";
import type { TreeSettings } from "./tree-settings.js";
import type { Znode } from "./znode.js";

const EPHEMERAL_OWNER = 44;

export class TreeLoader implements SnapshotSink {
  readonly #settings: TreeSettings;
  readonly #warn: (message: string) => void;
  /** Complete: what `finish` has said is whole, or a fresh one. */
  #tree: DataTree;
  /** What is being loaded. */
  #loading: DataTree;
  /** Of the node before. */
  #lastParentPath = "";
  #lastParent: Znode | undefined;

  constructor(settings: TreeSettings, warn: (message: string) => void) {
    this.#settings = settings;
    this.#warn = warn;
    this.#tree = new DataTree(settings);
    this.#loading = this.#tree;
  }

  /** The tree that was loaded; a fresh one when nothing was. */
  get tree(): DataTree {
    return this.#tree;
  }

  begin(): void {
    this.#tree = new DataTree(this.#settings);
    this.#loading = new DataTree(this.#settings, "empty");
    this.#lastParent = undefined;
  }

  session(id: SessionId, timeoutMs: number): void {
    this.#loading.sessions.set(id, timeoutMs);
  }

  acl(id: number, acl: readonly ACL[]): void {
    this.#loading.acls.load(id, acl);
  }

  node(
    path: string,
    page: Buffer,
    dataStart: number,
    dataLength: number,
    aclId: number,
    statStart: number,
  ): void {
    const tree = this.#loading;
    const parent = path === "" ? undefined : this.#parentOf(path);
    const data = dataLength < 0 ? null : page.subarray(dataStart, dataStart + dataLength);
    const at = statStart + EPHEMERAL_OWNER;
    const owned = page.readInt32BE(at) !== 0 || page.readInt32BE(at + 4) !== 0;
    const owner = owned ? (page.readBigInt64BE(at) as SessionId) : NO_SESSION;
    if (!tree.acls.use(aclId)) {
      this.#warn(
        `The snapshot has no ACL ${aclId} for the node "${path}": nobody but super may use it`,
      );
    }
    if (!tree.loadNode(parent, path, data, aclId, owner, page, statStart)) {
      throw new SnapshotError(`Cannot load the node "${path}": the snapshot has it twice`);
    }
  }

  /** Siblings often follow one another: Java writes them so. */
  #parentOf(path: string): Znode {
    const slash = path.lastIndexOf("/");
    const last = this.#lastParent;
    if (last !== undefined && slash === this.#lastParentPath.length) {
      if (path.startsWith(this.#lastParentPath)) return last;
    }
    const parentPath = path.slice(0, Math.max(slash, 0));
    const parent = slash < 0 ? undefined : this.#loading.get(parentPath);
    if (parent === undefined) {
      throw new SnapshotError(`Cannot load the node "${path}": the snapshot has no parent for it`);
    }
    this.#lastParentPath = parentPath;
    this.#lastParent = parent;
    return parent;
  }

  finish(lastZxid: Zxid, digest: ZxidDigest | undefined): void {
    const tree = this.#loading;
    if (tree.get("") === undefined) {
      throw new SnapshotError("Cannot load the tree: the snapshot has no root");
    }
    tree.lastProcessedZxid = lastZxid;
    tree.loaded(digest);
    this.#tree = tree;
    this.#lastParent = undefined;
  }
}

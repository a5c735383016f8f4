// Builds a tree from a snapshot. Java: DataTree.deserialize.
//
// What follows from the nodes (children, ephemerals, containers, TTL nodes, quotas, digests, the use of ACLs) is not in the
// file and is rebuilt. A node whose ACL the file does not have, as Java's fuzzy snapshots can leave it, is kept and closed
// to everybody but super: losing a node, or opening it, would be worse.
//
// Paths are looked at as the bytes that they are in the file. No string is made of what is ASCII; what is not goes through
// one, because what is malformed must become what Java would read.

import { decodeUtf8 } from "../jute/utf8.js";
import { NO_SESSION, type SessionId, type Zxid } from "../wire/ids.js";
import type { ACL } from "../wire/records.js";
import { DataTree } from "./data-tree.js";
import { nodeKindOf } from "./ephemeral-type.js";
import { SnapshotError, type SnapshotSink, type ZxidDigest } from "./snapshot.js";
import type { TreeSettings } from "./tree-settings.js";
import { Znode } from "./znode.js";
import { NONE } from "./znode-table.js";

const EPHEMERAL_OWNER = 44;
const SLASH = 0x2f;
/** The parent's path is not ASCII: it is not compared. */
const NOT_COMPARED = -1;

export class TreeLoader implements SnapshotSink {
  readonly #settings: TreeSettings;
  readonly #warn: (message: string) => void;
  /** Complete: what `finish` has said is whole, or a fresh one. */
  #tree: DataTree;
  /** What is being loaded. */
  #loading: DataTree;
  /** What is being read, and a view of it. */
  #page: Buffer | undefined;
  #view: DataView = new DataView(new ArrayBuffer(0));
  /** What is being loaded: one view for all. */
  #node: Znode | undefined;
  /** Of the node that is being loaded, and likely of the next one: Java writes siblings after one another. */
  #parent: Znode | undefined;
  #parentPath: Buffer = Buffer.allocUnsafe(256);
  #parentLength = NOT_COMPARED;
  // The path of the node that is being loaded: bytes, the last slash in them, their end, and the length as a string.
  #bytes: Buffer = this.#parentPath;
  #slash = 0;
  #end = 0;
  #units = 0;
  #hash = 0;

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
    this.#forget();
  }

  session(id: SessionId, timeoutMs: number): void {
    this.#loading.sessions.set(id, timeoutMs);
  }

  acl(id: number, acl: readonly ACL[]): void {
    this.#loading.acls.load(id, acl);
  }

  node(
    paths: Buffer,
    pathStart: number,
    pathEnd: number,
    page: Buffer,
    dataStart: number,
    dataLength: number,
    aclId: number,
    statStart: number,
  ): void {
    const tree = this.#loading;
    if (page !== this.#page) {
      this.#page = page;
      this.#view = new DataView(page.buffer, page.byteOffset, page.length);
    }
    const at = statStart + EPHEMERAL_OWNER;
    const owned = this.#view.getInt32(at) !== 0 || this.#view.getInt32(at + 4) !== 0;
    const owner = owned ? (page.readBigInt64BE(at) as SessionId) : NO_SESSION;
    const id = this.#place(paths, pathStart, pathEnd, owner);
    if (!tree.acls.use(aclId)) {
      const path = decodeUtf8(paths, pathStart, pathEnd);
      this.#warn(
        `The snapshot has no ACL ${aclId} for the node "${path}": nobody but super may use it`,
      );
    }
    if (this.#node === undefined) this.#node = new Znode(tree.nodes, id);
    const node = this.#node.show(id);
    node.load(this.#view, dataStart, dataLength, aclId, owner, statStart);
    this.#parent?.countChild(1);
    const isDigested = tree.settings.digestEnabled && tree.nodes.isDigested(id);
    const digest = isDigested ? node.loadDigests(page, dataStart, dataLength, statStart) : 0;
    tree.nodeLoaded(node, this.#units, owner, digest);
  }

  /** What was remembered is another tree's, or not wanted any more. */
  #forget(): void {
    this.#page = undefined;
    this.#node = undefined;
    this.#parent = undefined;
    this.#parentLength = NOT_COMPARED;
  }

  /** A row for the node below its parent. */
  #place(paths: Buffer, start: number, end: number, owner: bigint): number {
    const table = this.#loading.nodes;
    const kind = nodeKindOf(owner, this.#settings);
    if (start === end) {
      if (table.root !== NONE) throw twice("");
      this.#forget();
      this.#units = 0;
      return table.addRoot(kind);
    }
    this.#locate(paths, start, end);
    if (this.#parent === undefined) {
      const path = decodeUtf8(paths, start, end);
      throw new SnapshotError(`Cannot load the node "${path}": the snapshot has no parent for it`);
    }
    const parent = this.#parent.id;
    const name = this.#slash + 1;
    if (table.child(parent, this.#hash, this.#bytes, name, this.#end) !== NONE) {
      throw twice(decodeUtf8(paths, start, end));
    }
    return table.add(parent, this.#hash, this.#bytes, name, this.#end, kind);
  }

  /** Finds the parent, undefined where there is none, and everything of the path. */
  #locate(paths: Buffer, start: number, end: number): void {
    const { hash } = this.#loading.nodes;
    let slash = end - 1;
    let all = 0;
    for (; slash >= start && paths[slash] !== SLASH; slash--) all |= paths[slash]!;
    const isSibling = slash - start === this.#parentLength && this.#isBelowParent(paths, start);
    if (!isSibling) for (let i = start; i < slash; i++) all |= paths[i]!;
    if (all >= 0x80) {
      this.#locateEncoded(decodeUtf8(paths, start, end));
      return;
    }
    this.#bytes = paths;
    this.#slash = slash;
    this.#end = end;
    this.#units = end - start;
    if (!isSibling) this.#findParent(paths, start, slash);
    if (this.#parent === undefined) return;
    const parentHash = this.#loading.nodes.pathHash(this.#parent.id);
    this.#hash = hash.extend(parentHash, slash - start, paths, slash, end);
  }

  #isBelowParent(paths: Buffer, start: number): boolean {
    const length = this.#parentLength;
    const path = this.#parentPath;
    for (let i = 0; i < length; i++) if (paths[start + i] !== path[i]) return false;
    return true;
  }

  #findParent(paths: Buffer, start: number, slash: number): void {
    const table = this.#loading.nodes;
    const length = slash - start;
    this.#parent = undefined;
    this.#parentLength = NOT_COMPARED;
    if (length < 0) return;
    const parentHash = table.hash.extend(0, 0, paths, start, slash);
    const id = table.search(parentHash, paths, start, slash);
    if (id === NONE) return;
    if (length > this.#parentPath.length) this.#parentPath = Buffer.allocUnsafe(length * 2);
    paths.copy(this.#parentPath, 0, start, slash);
    this.#parent = new Znode(table, id);
    this.#parentLength = length;
  }

  #locateEncoded(path: string): void {
    const table = this.#loading.nodes;
    const id = table.findParent(path);
    const { key } = table;
    this.#parent = id === NONE ? undefined : new Znode(table, id);
    this.#parentLength = NOT_COMPARED;
    this.#bytes = key.bytes;
    this.#slash = key.slash;
    this.#end = key.end;
    this.#units = path.length;
    this.#hash = key.hash;
  }

  finish(lastZxid: Zxid, digest: ZxidDigest | undefined): void {
    const tree = this.#loading;
    if (tree.get("") === undefined) {
      throw new SnapshotError("Cannot load the tree: the snapshot has no root");
    }
    tree.lastProcessedZxid = lastZxid;
    tree.loaded(digest);
    this.#tree = tree;
    this.#forget();
  }
}

function twice(path: string): SnapshotError {
  return new SnapshotError(`Cannot load the node "${path}": the snapshot has it twice`);
}

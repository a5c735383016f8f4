// Builds a tree from a snapshot. Java: DataTree.deserialize.
//
// What follows from the nodes (children, ephemerals, containers, TTL nodes, quotas, digests, the use of ACLs) is not in the
// file and is rebuilt. A node whose ACL the file does not have, as Java's fuzzy snapshots can leave it, is kept and closed
// to everybody but super: losing a node, or opening it, would be worse.
//
// Paths are looked at as the bytes that they are in the file (node-place.ts).

import { PageView } from "../jute/page-view.js";
import { decodeUtf8 } from "../jute/utf8.js";
import { NO_SESSION, type SessionId, type Zxid } from "../wire/ids.js";
import type { ACL } from "../wire/records.js";
import { isOwned, PERSISTED_OWNER } from "./block-words.js";
import { DataTree } from "./data-tree.js";
import { nodeKindOf } from "./ephemeral-type.js";
import {
  ACL_ID_HIGH,
  ACL_ID_LOW,
  CONTENT_CRC,
  DATA_LENGTH,
  DATA_START,
  HASH,
  MARK,
  NODE_CRC,
  NOTE_INTS,
  type NotedNodes,
  PATH_CRC,
  PATH_END,
  PATH_START,
  PLAIN_SIBLING,
  STAT_START,
} from "./node-notes.js";
import { NodePlace } from "./node-place.js";
import { Mark } from "./path-notes.js";
import { PlainNodes } from "./plain-nodes.js";
import { ShownNode } from "./shown-node.js";
import { SnapshotError, type SnapshotSink, type ZxidDigest } from "./snapshot.js";
import * as S from "./stat-fields.js";
import type { TreeSettings } from "./tree-settings.js";
import type { Znode } from "./znode.js";
import { pathOf } from "./znode-paths.js";
import { NONE } from "./znode-table.js";

export class TreeLoader implements SnapshotSink {
  readonly #settings: TreeSettings;
  readonly #warn: (message: string) => void;
  readonly #isServing: boolean;
  /** Complete: what `finish` has said is whole, or a fresh one. */
  #tree: DataTree;
  /** What is being loaded. */
  #loading: DataTree;
  readonly #view = new PageView();
  #node: ShownNode;
  #nodes: PlainNodes;
  #place: NodePlace;
  readonly #places = { zxidAt: 0, timeAt: 0, dataStart: 0, dataLength: 0 };

  /** `isServing`: a server answers requests meanwhile, and must not be held up. */
  constructor(settings: TreeSettings, warn: (message: string) => void, isServing = false) {
    this.#isServing = isServing;
    this.#settings = settings;
    this.#warn = warn;
    this.#tree = new DataTree(settings);
    this.#loading = this.#tree;
    this.#node = new ShownNode(this.#tree.nodes);
    this.#nodes = new PlainNodes(this.#tree.nodes);
    this.#place = new NodePlace(this.#tree.nodes);
  }

  /** The tree that was loaded; a fresh one when nothing was. */
  get tree(): DataTree {
    return this.#tree;
  }

  get hashSeed(): number {
    return this.#settings.hashSeed ?? 0;
  }

  begin(): void {
    this.#tree = new DataTree(this.#settings);
    this.#loading = new DataTree(this.#settings, "empty");
    this.#loading.nodes.backlog.beginLoading(this.#isServing);
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
    const owner = this.#ownerIn(page, statStart);
    const id = this.#add(paths, pathStart, pathEnd, owner);
    const node = this.#fill(id, page, dataStart, dataLength, aclId, owner, statStart);
    const isDigested = this.#settings.digestEnabled && this.#loading.nodes.isDigested(id);
    const digest = isDigested ? node.loadDigests(this.#view.of(page), statStart) : 0;
    this.#loading.nodeLoaded(node, this.#place.units, owner, digest);
  }

  nodes({ page, notes, count, touched }: NotedNodes): void {
    this.#loading.nodes.supply(touched);
    for (let at = 0; at < count * NOTE_INTS; at += NOTE_INTS) {
      const mark = notes[at + MARK]!;
      if (mark === PLAIN_SIBLING) this.#addPlain(page, notes, at);
      else if (mark === Mark.sibling) this.#addNoted(page, notes, at);
      else this.#addUnknown(page, notes, at);
    }
  }

  #addPlain(page: Buffer, notes: Int32Array, at: number): void {
    const tree = this.#loading;
    const place = this.#place;
    const places = this.#places;
    const start = notes[at + PATH_START]!;
    const end = notes[at + PATH_END]!;
    place.locateSibling(page, start, end, notes[at + HASH]!);
    const { parent } = place;
    if (parent === undefined) throw withoutParent(page, start, end);
    const isDigested = this.#settings.digestEnabled && tree.nodes.areChildrenDigested(parent.id);
    const digest = isDigested ? notes[at + NODE_CRC]! >>> 0 : 0;
    const aclId = aclIdIn(notes, at);
    const statStart = notes[at + STAT_START]!;
    const dataLength = notes[at + DATA_LENGTH]!;
    places.dataStart = notes[at + DATA_START]!;
    places.dataLength = dataLength;
    places.zxidAt = statStart + S.CZXID;
    places.timeAt = statStart + S.CTIME;
    const view = this.#view.of(page);
    const id = this.#nodes.add(parent, place, view, places, aclId, notes[at + PATH_CRC]!, digest);
    this.#useAcl(aclId, id);
    parent.countChild(1);
    tree.plainNodeLoaded(place.units, Math.max(0, dataLength), digest);
  }

  #addNoted(page: Buffer, notes: Int32Array, at: number): void {
    const tree = this.#loading;
    const place = this.#place;
    const start = notes[at + PATH_START]!;
    const end = notes[at + PATH_END]!;
    const statStart = notes[at + STAT_START]!;
    const owner = this.#ownerIn(page, statStart);
    place.locateSibling(page, start, end, notes[at + HASH]!);
    const id = this.#addChild(page, start, end, owner, notes[at + PATH_CRC]!);
    const node = this.#fill(
      id,
      page,
      notes[at + DATA_START]!,
      notes[at + DATA_LENGTH]!,
      aclIdIn(notes, at),
      owner,
      statStart,
    );
    let digest = 0;
    if (this.#settings.digestEnabled && tree.nodes.isDigested(id)) {
      digest = notes[at + NODE_CRC]! >>> 0;
      node.putKnownDigests(notes[at + CONTENT_CRC]!, digest);
    }
    tree.nodeLoaded(node, place.units, owner, digest);
  }

  #addUnknown(page: Buffer, notes: Int32Array, at: number): void {
    this.node(
      page,
      notes[at + PATH_START]!,
      notes[at + PATH_END]!,
      page,
      notes[at + DATA_START]!,
      notes[at + DATA_LENGTH]!,
      aclIdIn(notes, at),
      notes[at + STAT_START]!,
    );
  }

  /** The persisted one: with the marks of containers and TTL nodes in it. */
  #ownerIn(page: Buffer, statStart: number): SessionId {
    const view = this.#view.of(page);
    if (!isOwned(view, statStart)) return NO_SESSION;
    return view.getBigInt64(statStart + PERSISTED_OWNER) as SessionId;
  }

  /** The row gets its data and stat. */
  #fill(
    id: number,
    page: Buffer,
    dataStart: number,
    dataLength: number,
    aclId: number,
    owner: SessionId,
    statStart: number,
  ): Znode {
    this.#useAcl(aclId, id);
    const node = this.#node.show(id);
    node.load(this.#view.of(page), dataStart, dataLength, aclId, owner, statStart);
    this.#place.parent?.countChild(1);
    return node;
  }

  #useAcl(aclId: number, id: number): void {
    const tree = this.#loading;
    if (tree.acls.use(aclId)) return;
    const path = pathOf(tree.nodes, id);
    this.#warn(
      `The snapshot has no ACL ${aclId} for the node "${path}": nobody but super may use it`,
    );
  }

  /** What was remembered is another tree's, or not wanted any more. */
  #forget(): void {
    this.#view.forget();
    this.#node = new ShownNode(this.#loading.nodes);
    this.#nodes = new PlainNodes(this.#loading.nodes);
    this.#place = new NodePlace(this.#loading.nodes);
  }

  /** A row for the node below its parent. */
  #add(paths: Buffer, start: number, end: number, owner: bigint): number {
    const table = this.#loading.nodes;
    const place = this.#place;
    if (start === end) {
      if (table.root !== NONE) throw twice("");
      place.forget();
      return table.addRoot(nodeKindOf(owner, this.#settings));
    }
    place.locate(paths, start, end);
    return this.#addChild(paths, start, end, owner);
  }

  /** The same for one whose place is known. `pathDigest` where that is, too. */
  #addChild(paths: Buffer, start: number, end: number, owner: bigint, pathDigest?: number): number {
    const kind = nodeKindOf(owner, this.#settings);
    const { parent, hash, bytes, slash, end: placeEnd } = this.#place;
    if (parent === undefined) throw withoutParent(paths, start, end);
    return this.#loading.nodes.add(parent.id, hash, bytes, slash + 1, placeEnd, kind, pathDigest);
  }

  finish(lastZxid: Zxid, digest: ZxidDigest | undefined): void {
    const tree = this.#loading;
    const twin = tree.nodes.backlog.endLoading();
    if (twin !== NONE) throw twice(pathOf(tree.nodes, twin));
    if (tree.get("") === undefined) {
      throw new SnapshotError("Cannot load the tree: the snapshot has no root");
    }
    tree.lastProcessedZxid = lastZxid;
    tree.loaded(digest);
    tree.nodes.endSupply();
    this.#tree = tree;
    this.#forget();
  }
}

function twice(path: string): SnapshotError {
  return new SnapshotError(`Cannot load the node "${path}": the snapshot has it twice`);
}

function withoutParent(paths: Buffer, start: number, end: number): SnapshotError {
  const path = decodeUtf8(paths, start, end);
  return new SnapshotError(`Cannot load the node "${path}": the snapshot has no parent for it`);
}

function aclIdIn(notes: Int32Array, at: number): number {
  return notes[at + ACL_ID_HIGH]! * 2 ** 32 + (notes[at + ACL_ID_LOW]! >>> 0);
}

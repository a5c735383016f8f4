// setData on the tree, of two kinds: with a path and data at hand, or of a txn where it lies in a log or a PROPOSAL, without a string
// for the path and a view for the data. Java: DataTree.setData.
//
// The second is what followers do for nearly every write there is. It is for the plain case: the node is there, its path is
// ASCII, and nobody must be told of paths (quotas, data watches, trackers of changes). Every other one is refused before anything has
// changed, and is to be done the first way.
//
// Invariant: both leave the same tree and the same digest, and tell the observer the same.

import { ErrorCode } from "../wire/error-codes.js";
import type { Zxid } from "../wire/ids.js";
import type { DataTree } from "./data-tree.js";
import type { OpenSnapshots } from "./open-snapshots.js";
import type { QuotaBook } from "./quota-book.js";
import { ShownNode } from "./shown-node.js";
import { EventType } from "./watches.js";
import type { Znode } from "./znode.js";
import { NONE } from "./znode-table.js";

const SLASH = 0x2f;

/** What a node is to have, where it lies. */
export interface DataPlaces {
  readonly page: Uint8Array;
  readonly dataStart: number;
  /** -1: null. */
  readonly dataLength: number;
  /** The new one. */
  readonly version: number;
}

/** A SetDataTxn where it lies. */
export interface SetDataPlaces extends DataPlaces {
  readonly page: Buffer;
  readonly pathStart: number;
  readonly pathEnd: number;
}

export class DataSetter {
  /** The node that was changed last: for who did that. */
  last: Znode | undefined;
  readonly #node: ShownNode;
  readonly #tree: DataTree;
  readonly #snapshots: OpenSnapshots;
  readonly #quotas: QuotaBook;
  readonly #grown: (bytes: number) => void;
  /** The first part of the last path that was set in place, with the slash before it. */
  #namespace = "";

  constructor(
    tree: DataTree,
    snapshots: OpenSnapshots,
    quotas: QuotaBook,
    grown: (bytes: number) => void,
  ) {
    this.#tree = tree;
    this.#node = new ShownNode(tree.nodes);
    this.#snapshots = snapshots;
    this.#quotas = quotas;
    this.#grown = grown;
  }

  /** `id` and `era`: of a view of the node that somebody has had. */
  set(
    path: string,
    places: DataPlaces,
    zxid: Zxid,
    timeMs: number,
    id = NONE,
    era?: object,
  ): ErrorCode {
    const tree = this.#tree;
    const { nodes } = tree;
    if (id === NONE || era !== nodes.era) id = nodes.find(path);
    this.last = undefined;
    if (id === NONE) return ErrorCode.noNode;
    const node = this.#node.show(id);
    this.last = node;
    this.#snapshots.beforeChange(path, node);
    const growth = this.#change(node, places, zxid, timeMs);
    this.#quotas.changed(path, growth);
    node.show(node.id);
    tree.observer?.written(path, node.dataLength);
    const acl = tree.acls.get(node.aclId);
    tree.watches.data.trigger(path, EventType.nodeDataChanged, zxid, acl);
    return ErrorCode.ok;
  }

  /** False: nothing has been done. */
  setInPlace(places: SetDataPlaces, zxid: Zxid, timeMs: number): boolean {
    const { page, pathStart, pathEnd } = places;
    const { nodes, observer, watches } = this.#tree;
    const snapshots = this.#snapshots;
    if (!this.#quotas.isEmpty || snapshots.isTracked || watches.data.size > 0) return false;
    if (pathEnd - pathStart < 2 || !isAscii(page, pathStart, pathEnd)) return false;
    const hash = nodes.hash.extend(0, 0, page, pathStart, pathEnd);
    const id = nodes.search(hash, page, pathStart, pathEnd);
    if (id === NONE) return false;
    const node = this.#node.show(id);
    this.last = node;
    snapshots.keep(node);
    this.#change(node, places, zxid, timeMs);
    if (observer === undefined) return true;
    // It counts by length and first part.
    const namespace = this.#namespaceOf(page, pathStart, pathEnd);
    observer.written(namespace, pathEnd - pathStart - namespace.length + node.dataLength);
    return true;
  }

  /** Returns by how much the data have grown. */
  #change(node: Znode, places: DataPlaces, zxid: Zxid, timeMs: number): number {
    const { page, dataStart, dataLength, version } = places;
    const tree = this.#tree;
    const growth = Math.max(0, dataLength) - node.dataLength;
    node.putData(page, dataStart, dataLength);
    node.putModified(version, zxid, timeMs);
    if (tree.isDigested(node)) tree.digestChanged(node, node.newContentDigest());
    this.#grown(growth);
    return growth;
  }

  #namespaceOf(page: Buffer, start: number, end: number): string {
    const last = this.#namespace;
    const { length } = last;
    let same = 0;
    if (end - start >= length) {
      while (same < length && page[start + same] === last.charCodeAt(same)) same++;
    }
    const isLast = same > 0 && same === length;
    if (isLast && (start + same === end || page[start + same] === SLASH)) return last;
    let slash = start + 1;
    while (slash < end && page[slash] !== SLASH) slash++;
    this.#namespace = page.toString("latin1", start, slash);
    return this.#namespace;
  }
}

function isAscii(bytes: Buffer, start: number, end: number): boolean {
  let all = 0;
  for (let i = start; i < end; i++) all |= bytes[i]!;
  return all < 0x80;
}

// Where a node belongs whose path is bytes of a file: below which parent, under which name and hash. For whoever brings nodes by
// the hundred thousand: snapshots that are loaded, logs that are replayed.
//
// Siblings mostly come after one another: the parent is remembered with its path, and looked up when another one comes. No
// string is made of what is ASCII; what is not goes through one, because what is malformed must become what Java would read.
//
// The parent that is remembered must not have left the tree: after a change that may have removed nodes, `forget`.

import { KnownBytes } from "../jute/known-bytes.js";
import { decodeUtf8 } from "../jute/utf8.js";
import type { CreatePlaces } from "./txn-places.js";
import { Znode } from "./znode.js";
import { NONE, type ZnodeTable } from "./znode-table.js";

const SLASH = 0x2f;
/** The parent's path is not ASCII: it is not compared. */
const NOT_COMPARED = -2;

export class NodePlace {
  /** Undefined: there is none. */
  parent: Znode | undefined;
  // The path: bytes, the last slash in them, their end, and the length as a string.
  bytes: Buffer = Buffer.allocUnsafe(256);
  slash = 0;
  end = 0;
  units = 0;
  /** Of the path. */
  hash = 0;

  readonly #table: ZnodeTable;
  readonly #parentPath = new KnownBytes();
  #parentLength = NOT_COMPARED;

  constructor(table: ZnodeTable) {
    this.#table = table;
  }

  forget(): void {
    this.parent = undefined;
    this.units = 0;
    this.#parentLength = NOT_COMPARED;
  }

  /** Finds the parent, undefined where there is none, and everything of the path. */
  locate(paths: Buffer, start: number, end: number): void {
    const { hash } = this.#table;
    let slash = end - 1;
    let all = 0;
    for (; slash >= start && paths[slash] !== SLASH; slash--) all |= paths[slash]!;
    const isSibling = slash - start === this.#parentLength && this.#parentPath.areIn(paths, start);
    if (!isSibling) for (let i = start; i < slash; i++) all |= paths[i]!;
    if (all >= 0x80) {
      this.#locateEncoded(decodeUtf8(paths, start, end));
      return;
    }
    this.bytes = paths;
    this.slash = slash;
    this.end = end;
    this.units = end - start;
    if (!isSibling) this.#findParent(paths, start, slash);
    if (this.parent === undefined) return;
    const parentHash = this.#table.pathHash(this.parent.id);
    this.hash = hash.extend(parentHash, slash - start, paths, slash, end);
  }

  /** The same where it is known that the path is ASCII, and what is in it. */
  locateKnown(
    page: Buffer,
    view: DataView,
    { pathStart, pathEnd, slash, pathHash }: CreatePlaces,
  ): void {
    this.bytes = page;
    this.slash = slash;
    this.end = pathEnd;
    this.units = pathEnd - pathStart;
    this.hash = pathHash;
    const isSibling =
      slash - pathStart === this.#parentLength && this.#parentPath.areAt(view, pathStart);
    if (!isSibling) this.#findParent(page, pathStart, slash);
  }

  /** The path, with this hash, has the same parent as the one before, and both are ASCII. */
  locateSibling(paths: Buffer, start: number, end: number, hash: number): void {
    this.bytes = paths;
    this.slash = start + this.#parentLength;
    this.end = end;
    this.units = end - start;
    this.hash = hash;
  }

  #findParent(paths: Buffer, start: number, slash: number): void {
    const table = this.#table;
    const length = slash - start;
    this.parent = undefined;
    this.#parentLength = NOT_COMPARED;
    if (length < 0) return;
    const parentHash = table.hash.extend(0, 0, paths, start, slash);
    const id = table.search(parentHash, paths, start, slash);
    if (id === NONE) return;
    this.#parentPath.keep(paths, start, slash);
    this.parent = new Znode(table, id);
    this.#parentLength = length;
  }

  #locateEncoded(path: string): void {
    const table = this.#table;
    const id = table.findParent(path);
    const { key } = table;
    this.parent = id === NONE ? undefined : new Znode(table, id);
    this.#parentLength = NOT_COMPARED;
    this.bytes = key.bytes;
    this.slash = key.slash;
    this.end = key.end;
    this.units = path.length;
    this.hash = key.hash;
  }
}

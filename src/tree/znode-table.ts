// All znodes of a tree, as rows of numbers outside the JavaScript heap. Java: NodeHashMapImpl and DataNode.children.
//
// A million znodes must not be a million objects, strings and entries of a Map: the garbage collector would look at each of
// them again and again, and a restart would have to make them all. So a znode is a row: a block of a slab with its name and
// with numbers that say where its neighbours are; its number (`id`) is the row's place. What changes in size, data and stat,
// is in a block of its own (stat-block.ts), which the row names.
//
// A node has three neighbourhoods: its parent and siblings, and all nodes, in the order in which they came, as a snapshot
// needs them, parents before children; and the hash of its path (znode-index.ts). Paths are the names on the way to the root.
//
// An id is good as long as its node is in the tree and no snapshot goes on: then rows of sparse pages move (`settle`).

import { crc32Range } from "../crc32.js";
import { assert } from "../errors.js";
import type { NodeKind } from "./ephemeral-type.js";
import { Foresight } from "./foresight.js";
import { IndexBacklog } from "./index-backlog.js";
import { NONE } from "./none.js";
import { mixed, PathHash, PathKey } from "./path-key.js";
import { GRANULE_BYTES, PAGE_BYTES, Slab } from "./slab.js";
import { ZnodeIndex } from "./znode-index.js";

export { NONE };

// A row: numbers of 32 bits, and then the name.
const HASH = 0;
export const PARENT = 1;
export const NEXT = 2;
const PREVIOUS = 3;
export const NEXT_SIBLING = 4;
const PREVIOUS_SIBLING = 5;
export const FIRST_CHILD = 6;
const LAST_CHILD = 7;
/** Where data and stat are: in which page of their slab, and at what place in it the stat begins; ~place where it is short. */
export const DATA_PAGE = 8;
export const DATA_POSITION = 9;
export const ACL_HIGH = 10;
export const ACL_LOW = 11;
const ORDER_HIGH = 12;
const ORDER_LOW = 13;
/** Kind, whether the digest leaves it out, and the name's length. */
export const MARKS = 14;
/** CRC of the path. */
export const PATH_DIGEST = 15;
const ROW_BYTES = 64;

export const KIND_MASK = 7;
export const UNDIGESTED = 8;
const NAME_LENGTH_SHIFT = 4;

// An id is the page's number and, in granules, the place in it.
const IN_PAGE_BITS = 31 - Math.clz32(PAGE_BYTES / GRANULE_BYTES);
const IN_PAGE_MASK = (1 << IN_PAGE_BITS) - 1;
const INTS_SHIFT = Math.log2(GRANULE_BYTES / 4);
/** Room for 200 million znodes. Names of more than 32 KB take a page each. */
const PAGE_INDEX_MAX = 2 ** (31 - IN_PAGE_BITS) - 1;

const SLASH = 0x2f;
const TWO_POW_32 = 2 ** 32;
/** "zookeeper": what is below is left out of digests. */
const PROC_NAME = Buffer.from("zookeeper");
const ALL_INDEXED = "Not while nodes are loaded";

export function rowBytes(nameLength: number): number {
  return ROW_BYTES + nameLength;
}

export class ZnodeTable {
  /** Set to the path that was looked up last. */
  readonly key: PathKey;
  readonly hash: PathHash;
  /** The root's id, NONE while there is none. */
  root = NONE;
  /** A new one whenever an id may have become another node's: whoever remembers an id remembers its era, too. */
  era: object = {};
  /** The oldest node. */
  first = NONE;
  /** The number of the node that came last. */
  lastOrder = 0;
  /** What has data and stats. */
  readonly blocks: Slab;
  readonly #rows: Slab;
  readonly #index = new ZnodeIndex();
  readonly backlog = new IndexBacklog(this.#index, (id, other) => this.#areTwins(id, other));
  readonly foresight = new Foresight(this.#index);
  #last = NONE;
  /** /zookeeper */
  #proc = NONE;
  /** Pages that have been touched, for whoever needs one next. */
  readonly #touched: ArrayBuffer[] = [];

  constructor(hashSeed: number) {
    this.blocks = new Slab(this.#touched);
    this.#rows = new Slab(this.#touched);
    this.hash = new PathHash(hashSeed);
    this.key = new PathKey(this.hash);
  }

  /** How many nodes there are, the root once. */
  get size(): number {
    return this.#index.size + this.backlog.size;
  }

  /** Pages of PAGE_BYTES for those to come. Whoever gives them says when there are no more: then the rest goes. */
  supply(touched: readonly ArrayBuffer[]): void {
    this.#touched.push(...touched);
  }

  endSupply(): void {
    this.#touched.length = 0;
  }

  /** Memory in slab pages, and how much of it is in use. */
  usage(): { readonly pageBytes: number; readonly blockBytes: number } {
    const rows = this.#rows.usage();
    const blocks = this.blocks.usage();
    return {
      pageBytes: rows.pageBytes + blocks.pageBytes,
      blockBytes: rows.blockBytes + blocks.blockBytes,
    };
  }

  get pageCount(): number {
    return this.#rows.pageCount;
  }

  // ------------------------------------------------------------------------------------------------------------- looking up

  /** NONE: there is no such node. The root is "" and "/". */
  find(path: string): number {
    if (path.length <= 1 && (path === "/" || path === "")) return this.root;
    const { key } = this;
    key.set(path);
    return this.search(key.hash, key.bytes, 0, key.end);
  }

  /** Also sets the key to the path. The root's parent is the root. */
  findParent(path: string): number {
    if (path === "/" || path === "") return this.root;
    const { key } = this;
    key.set(path);
    if (key.slash <= 0) return key.slash === 0 ? this.root : NONE;
    return this.search(key.parentHash, key.bytes, 0, key.slash);
  }

  /** The child with the path that `findParent` was asked about; the root is its own. */
  findChild(parent: number, path: string): number {
    if (path === "/" || path === "") return this.root;
    const { key } = this;
    return this.child(parent, key.hash, key.bytes, key.slash + 1, key.end);
  }

  /** The node whose path is bytes[start, end), which have this hash. */
  search(hash: number, bytes: Uint8Array, start: number, end: number): number {
    if (end === start) return this.root;
    const index = this.#index;
    for (let id = index.first(mixed(hash)); id !== NONE; id = index.next()) {
      if (this.#hasPath(id, bytes, start, end)) return id;
    }
    return this.backlog.size === 0 ? NONE : this.#searchBacklog(hash, bytes, start, end);
  }

  #searchBacklog(hash: number, bytes: Uint8Array, start: number, end: number): number {
    const { backlog } = this;
    const id = backlog.find(mixed(hash), (each) => this.#hasPath(each, bytes, start, end));
    if (id !== NONE) return id;
    backlog.catchUp();
    return this.search(hash, bytes, start, end);
  }

  /** The parent's child whose name is bytes[start, end), and whose path has this hash. */
  child(parent: number, hash: number, bytes: Uint8Array, start: number, end: number): number {
    assert(this.backlog.size === 0, ALL_INDEXED);
    const index = this.#index;
    for (let id = index.first(mixed(hash)); id !== NONE; id = index.next()) {
      if (this.get(id, PARENT) === parent && this.#hasName(id, bytes, start, end)) return id;
    }
    return NONE;
  }

  #hasPath(id: number, bytes: Uint8Array, start: number, end: number): boolean {
    const { root } = this;
    while (id !== root) {
      const slash = end - this.nameLength(id) - 1;
      if (slash < start || bytes[slash] !== SLASH) return false;
      if (!this.#hasName(id, bytes, slash + 1, end)) return false;
      end = slash;
      id = this.get(id, PARENT);
    }
    return end === start;
  }

  #hasName(id: number, bytes: Uint8Array, start: number, end: number): boolean {
    const page = this.#rows.page(id >>> IN_PAGE_BITS);
    const at = (id & IN_PAGE_MASK) << INTS_SHIFT;
    if (page.ints[at + MARKS]! >>> NAME_LENGTH_SHIFT !== end - start) return false;
    const own = page.bytes;
    for (let i = start, j = (at << 2) + ROW_BYTES; i < end; i++, j++) {
      if (bytes[i] !== own[j]) return false;
    }
    return true;
  }

  // ----------------------------------------------------------------------------------------------------------- fields of rows

  get(id: number, field: number): number {
    return this.ints(id)[this.at(id) + field]!;
  }

  put(id: number, field: number, value: number): void {
    this.ints(id)[this.at(id) + field] = value;
  }

  /** Where the row is: in these numbers, from `at` on. */
  ints(id: number): Int32Array {
    return this.#rows.page(id >>> IN_PAGE_BITS).ints;
  }

  at(id: number): number {
    return (id & IN_PAGE_MASK) << INTS_SHIFT;
  }

  order(id: number): number {
    return this.get(id, ORDER_HIGH) * TWO_POW_32 + (this.get(id, ORDER_LOW) >>> 0);
  }

  /** Of the path, to be extended by that of a child's name. */
  pathHash(id: number): number {
    return this.get(id, HASH);
  }

  /** False for what is below /zookeeper. */
  isDigested(id: number): boolean {
    return (this.get(id, MARKS) & UNDIGESTED) === 0;
  }

  /** Whether its children's digests count. */
  areChildrenDigested(id: number): boolean {
    return id !== this.#proc && this.isDigested(id);
  }

  nameLength(id: number): number {
    return this.get(id, MARKS) >>> NAME_LENGTH_SHIFT;
  }

  /** The name is in these bytes, from `nameStart` on. */
  nameBytes(id: number): Buffer {
    return this.#rows.page(id >>> IN_PAGE_BITS).bytes;
  }

  nameStart(id: number): number {
    return (this.at(id) << 2) + ROW_BYTES;
  }

  #areTwins(id: number, other: number): boolean {
    if (this.get(id, PARENT) !== this.get(other, PARENT)) return false;
    const start = this.nameStart(id);
    return this.#hasName(other, this.nameBytes(id), start, start + this.nameLength(id));
  }

  // ---------------------------------------------------------------------------------------------------------- adding, removing

  /** The root, which has no name and nobody before it. */
  addRoot(kind: NodeKind): number {
    assert(this.root === NONE, "Cannot add a second root");
    this.root = this.#newRow(NONE, 0, this.key.bytes, 0, 0, kind, 0);
    return this.root;
  }

  /** The child with the path that `findParent` was asked about, which is not there yet. */
  addChild(parent: number, kind: NodeKind): number {
    const { key } = this;
    return this.add(parent, key.hash, key.bytes, key.slash + 1, key.end, kind);
  }

  /**
   * A child that is not there yet, of the name bytes[start, end) behind a slash; `hash` is that of its path. Data, stat and ACL
   * are the caller's to set. `pathDigest`, the CRC of the path, where it is known.
   */
  add(
    parent: number,
    hash: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    kind: NodeKind,
    pathDigest = crc32Range(bytes, start - 1, end, this.get(parent, PATH_DIGEST) >>> 0),
  ): number {
    const id = this.#newRow(parent, hash, bytes, start, end, kind, pathDigest);
    const ints = this.ints(parent);
    const at = this.at(parent);
    const previous = ints[at + LAST_CHILD]!;
    if (previous === NONE) ints[at + FIRST_CHILD] = id;
    else this.put(previous, NEXT_SIBLING, id);
    this.put(id, PREVIOUS_SIBLING, previous);
    ints[at + LAST_CHILD] = id;
    if (parent === this.#proc || (ints[at + MARKS]! & UNDIGESTED) !== 0) {
      this.put(id, MARKS, this.get(id, MARKS) | UNDIGESTED);
    } else if (parent === this.root && this.#hasName(id, PROC_NAME, 0, PROC_NAME.length)) {
      this.#proc = id;
    }
    return id;
  }

  #newRow(
    parent: number,
    hash: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    kind: NodeKind,
    pathDigest: number,
  ): number {
    const rows = this.#rows;
    const length = end - start;
    const page = rows.allocate(ROW_BYTES + length);
    assert(page.index <= PAGE_INDEX_MAX, "Cannot add a node: there are too many");
    const { ints, bytes: own } = page;
    const at = rows.position >>> 2;
    const id = (page.index << IN_PAGE_BITS) | (rows.position / GRANULE_BYTES);
    const order = ++this.lastOrder;
    const previous = this.#last;
    ints[at + HASH] = hash;
    ints[at + PARENT] = parent;
    ints[at + NEXT] = NONE;
    ints[at + PREVIOUS] = previous;
    ints[at + NEXT_SIBLING] = NONE;
    ints[at + PREVIOUS_SIBLING] = NONE;
    ints[at + FIRST_CHILD] = NONE;
    ints[at + LAST_CHILD] = NONE;
    ints[at + DATA_PAGE] = 0;
    ints[at + DATA_POSITION] = 0;
    ints[at + ORDER_HIGH] = Math.floor(order / TWO_POW_32);
    ints[at + ORDER_LOW] = order;
    ints[at + MARKS] = (length << NAME_LENGTH_SHIFT) | kind;
    ints[at + PATH_DIGEST] = pathDigest;
    for (let i = start, j = (at << 2) + ROW_BYTES; i < end; i++, j++) own[j] = bytes[i]!;
    if (previous === NONE) this.first = id;
    else this.put(previous, NEXT, id);
    this.#last = id;
    this.backlog.add(mixed(hash), id);
    return id;
  }

  /** A node without children. */
  remove(id: number): void {
    assert(this.backlog.size === 0, ALL_INDEXED);
    this.era = {};
    const ints = this.ints(id);
    const at = this.at(id);
    this.#tie(id, ints[at + PREVIOUS]!, ints[at + NEXT]!);
    this.#tieSiblings(id, ints[at + PREVIOUS_SIBLING]!, ints[at + NEXT_SIBLING]!);
    if (id === this.#proc) this.#proc = NONE;
    this.#index.delete(mixed(ints[at + HASH]!), id);
    this.#rows.free(this.#rows.page(id >>> IN_PAGE_BITS), at << 2);
  }

  /**
   * Moves out of a page that is mostly empty, so that it can be given back; returns the new id. Nodes with children stay:
   * each child would have to be told.
   */
  settle(id: number): number {
    const rows = this.#rows;
    const page = rows.page(id >>> IN_PAGE_BITS);
    if (!rows.isSparse(page)) return id;
    assert(this.backlog.size === 0, ALL_INDEXED);
    if (this.get(id, FIRST_CHILD) !== NONE || id === this.root || id === this.#proc) return id;
    this.era = {};
    const from = this.at(id) << 2;
    const bytes = ROW_BYTES + this.nameLength(id);
    const target = rows.allocate(bytes);
    const newId = (target.index << IN_PAGE_BITS) | (rows.position / GRANULE_BYTES);
    page.bytes.copy(target.bytes, rows.position, from, from + bytes);
    this.#tie(id, newId, newId);
    this.#tieSiblings(id, newId, newId);
    this.#index.replace(mixed(this.get(id, HASH)), id, newId);
    rows.free(page, from);
    return newId;
  }

  /** The next node names `previous` instead of this one, and the previous one names `next`. */
  #tie(id: number, previous: number, next: number): void {
    const oldPrevious = this.get(id, PREVIOUS);
    const oldNext = this.get(id, NEXT);
    if (oldPrevious === NONE) this.first = next;
    else this.put(oldPrevious, NEXT, next);
    if (oldNext === NONE) this.#last = previous;
    else this.put(oldNext, PREVIOUS, previous);
  }

  #tieSiblings(id: number, previous: number, next: number): void {
    const oldPrevious = this.get(id, PREVIOUS_SIBLING);
    const oldNext = this.get(id, NEXT_SIBLING);
    const parent = this.get(id, PARENT);
    if (oldPrevious === NONE) this.put(parent, FIRST_CHILD, next);
    else this.put(oldPrevious, NEXT_SIBLING, next);
    if (oldNext === NONE) this.put(parent, LAST_CHILD, previous);
    else this.put(oldNext, PREVIOUS_SIBLING, previous);
  }
}

// The znodes of a snapshot without their data: names, parents, lengths, and where the file has the rest. Java's toolkits
// load the whole DataTree; this is what they need of it, at some 60 bytes and a name a znode, outside of the engine's heap,
// so that snapshots are looked at on machines that could not serve them.
//
// A znode is a number: 0 is the root, and a parent's is smaller than its children's.

import { hashOf } from "../../auth/java-hash-order.js";
import { StorageDamage } from "../../storage/storage-damage.js";
import { GrowingDoubles, GrowingInts } from "./growing.js";
import { inHashOrder } from "./hash-order.js";

export const ROOT = 0;
const NONE = -1;
/** Java makes every node's set of children this large. */
const CHILDREN_CAPACITY = 8;
const FIRST_SLOTS = 1024;
const FIRST_NAME_BYTES = 64 * 1024;

export class NodeTable {
  count = 0;
  readonly #parents = new GrowingInts();
  readonly #lastChildren = new GrowingInts();
  readonly #olderSiblings = new GrowingInts();
  readonly #pathHashes = new GrowingInts();
  readonly #dataLengths = new GrowingInts();
  readonly #dataPositions = new GrowingDoubles();
  /** Where a name begins; it ends where the next one begins. */
  readonly #nameStarts = new GrowingDoubles();
  #names = Buffer.allocUnsafe(FIRST_NAME_BYTES);
  #nameBytes = 0;
  /** Paths by their hashes: znode + 1, or 0. */
  #slots = new Int32Array(FIRST_SLOTS);
  /** Of the last child that was added: the next one is mostly its sibling. */
  #parentPath = "";
  #parent = NONE;

  /** Java: DataTree.deserialize. `dataLength` is -1 for null. */
  add(path: string, dataLength: number, dataPosition: number): void {
    const node = this.#nodeFor(path);
    this.#dataLengths.set(node, dataLength);
    this.#dataPositions.set(node, dataPosition);
  }

  #nodeFor(path: string): number {
    const slash = path.lastIndexOf("/");
    if (slash < 0 && (path !== "" || this.count > 0)) {
      throw new StorageDamage(`Invalid Datatree, a root is called "${path}"`);
    }
    const parent = slash < 0 ? NONE : this.#parentOf(path, path.slice(0, slash));
    const slot = this.#slotOf(path);
    if (this.#slots[slot] !== 0) return this.#slots[slot]! - 1;
    const node = this.count++;
    this.#slots[slot] = node + 1;
    this.#pathHashes.set(node, slotHash(path));
    this.#parents.set(node, parent);
    this.#lastChildren.set(node, NONE);
    this.#appendName(node, path.slice(slash + 1));
    if (parent !== NONE) {
      this.#olderSiblings.set(node, this.#lastChildren.get(parent));
      this.#lastChildren.set(parent, node);
    }
    if (this.count * 2 > this.#slots.length) this.#growSlots();
    return node;
  }

  #parentOf(path: string, parentPath: string): number {
    if (parentPath === this.#parentPath && this.#parent !== NONE) return this.#parent;
    const parent = this.find(parentPath);
    if (parent === NONE) {
      throw new StorageDamage(
        `Invalid Datatree, unable to find parent ${parentPath} of path ${path}`,
      );
    }
    this.#parentPath = parentPath;
    this.#parent = parent;
    return parent;
  }

  /** -1 where there is none. The root's path is "". */
  find(path: string): number {
    return this.#slots[this.#slotOf(path)]! - 1;
  }

  parent(node: number): number {
    return this.#parents.get(node);
  }

  dataLength(node: number): number {
    return this.#dataLengths.get(node);
  }

  setDataLength(node: number, dataLength: number): void {
    this.#dataLengths.set(node, dataLength);
  }

  /** Where the data begin in the snapshot; what follows them there is an ACL's id and the stat. */
  dataPosition(node: number): number {
    return this.#dataPositions.get(node);
  }

  name(node: number): string {
    return this.#names.toString("utf8", this.#nameStarts.get(node), this.#nameEnd(node));
  }

  path(node: number): string {
    let path = "";
    for (let at = node; at !== ROOT; at = this.parent(at)) path = `/${this.name(at)}${path}`;
    return path;
  }

  hasChildren(node: number): boolean {
    return this.#lastChildren.get(node) !== NONE;
  }

  /** Oldest first. */
  children(node: number): number[] {
    const children: number[] = [];
    for (let at = this.#lastChildren.get(node); at !== NONE; at = this.#olderSiblings.get(at)) {
      children.push(at);
    }
    return children.reverse();
  }

  /** As Java's set lists them. */
  childrenInJavaOrder(node: number): number[] {
    const children = this.children(node);
    if (children.length < 2) return children;
    const hashes = children.map((child) => hashOf(this.name(child)));
    return inHashOrder(hashes, CHILDREN_CAPACITY).map((position) => children[position]!);
  }

  #appendName(node: number, name: string): void {
    const needed = this.#nameBytes + name.length * 3;
    if (needed > this.#names.length) {
      const grown = Buffer.allocUnsafe(Math.max(needed, this.#names.length * 2));
      this.#names.copy(grown, 0, 0, this.#nameBytes);
      this.#names = grown;
    }
    this.#nameStarts.set(node, this.#nameBytes);
    this.#nameBytes += this.#names.write(name, this.#nameBytes, "utf8");
  }

  #nameEnd(node: number): number {
    return node + 1 < this.count ? this.#nameStarts.get(node + 1) : this.#nameBytes;
  }

  /** Where the path stands among the slots, or would. */
  #slotOf(path: string): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    const hash = slotHash(path);
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const node = slots[slot]! - 1;
      if (node < 0) return slot;
      if (this.#pathHashes.get(node) === hash && this.path(node) === path) return slot;
    }
  }

  #growSlots(): void {
    const slots = new Int32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    for (let node = 0; node < this.count; node++) {
      let slot = this.#pathHashes.get(node) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = node + 1;
    }
    this.#slots = slots;
  }
}

/** Java's hash of the path, mixed: similar names must not stand side by side. */
function slotHash(path: string): number {
  let hash = hashOf(path);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

// A file system with two truths: what a running machine sees (its page cache) and what is on the disk.
//
// Every change is made in the cache and queued for the disk. `sync` of a file makes its queue of bytes durable; `sync` of
// a directory its queue of names. They are independent: a synced file whose name was never synced may be nowhere after a
// power cut, and a synced name may lead to a file without bytes.
//
// A power cut decides the fate of every queued change on its own: lost, applied, or (bytes) torn at sectors. Nothing is
// promised about their order. Killing a process touches none of this: the cache stays.

import { PagedBytes } from "./bytes.js";
import type { SeededRandom } from "./random.js";

const SECTOR_BYTES = 512;

export type PowerLossFate = "random" | "lost" | "applied";

type ByteChange =
  | { readonly kind: "zeros"; readonly at: number; readonly length: number }
  | { readonly kind: "write"; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: "truncate"; readonly sizeBytes: number };

type NameChange =
  | { readonly kind: "link"; readonly name: string; readonly node: FsNode; isSettled: boolean }
  | { readonly kind: "unlink"; readonly name: string; isSettled: boolean }
  | {
      readonly kind: "rename";
      readonly from: DirectoryNode;
      readonly fromName: string;
      readonly to: DirectoryNode;
      readonly toName: string;
      readonly node: FsNode;
      isSettled: boolean;
    };

export type FsNode = FileNode | DirectoryNode;

export class FileNode {
  readonly kind = "file";
  modifiedMs: number;
  cached = new PagedBytes();
  durable = new PagedBytes();
  #queue: ByteChange[] = [];

  constructor(modifiedMs: number) {
    this.modifiedMs = modifiedMs;
  }

  write(at: number, bytes: Uint8Array): void {
    if (isZeros(bytes)) {
      this.cached.writeZeros(at, bytes.length);
      this.#queue.push({ kind: "zeros", at, length: bytes.length });
      return;
    }
    this.cached.write(at, bytes);
    // Not `slice`: a Buffer's is a view, and the writer goes on to use its bytes.
    this.#queue.push({ kind: "write", at, bytes: new Uint8Array(bytes) });
  }

  truncate(sizeBytes: number): void {
    this.cached.truncate(sizeBytes);
    this.#queue.push({ kind: "truncate", sizeBytes });
  }

  sync(): void {
    for (const change of this.#queue) apply(this.durable, change);
    this.#queue = [];
  }

  /**
   * What Linux does after a failed sync: the cache looks right, is taken for clean, and never reaches the disk. That is the
   * pages; a file's length is in the journal, which either gets to the disk later or makes the file system read-only.
   */
  forgetUnsynced(): void {
    this.#queue = this.#queue.filter(({ kind }) => kind === "truncate");
  }

  get hasUnsynced(): boolean {
    return this.#queue.length > 0;
  }

  losePower(random: SeededRandom, fate: PowerLossFate): void {
    for (const change of this.#queue) {
      const chosen = fate === "random" ? random.pick(["lost", "applied", "torn"] as const) : fate;
      if (chosen === "applied") apply(this.durable, change);
      else if (chosen === "torn") {
        if (change.kind === "write") tear(this.durable, change, random);
        else if (change.kind === "zeros") {
          tear(this.durable, { at: change.at, bytes: new Uint8Array(change.length) }, random);
        }
      }
    }
    this.#queue = [];
    this.cached = this.durable.clone();
  }
}

export class DirectoryNode {
  readonly kind = "directory";
  readonly modifiedMs: number;
  cached = new Map<string, FsNode>();
  durable = new Map<string, FsNode>();
  #queue: NameChange[] = [];

  constructor(modifiedMs: number) {
    this.modifiedMs = modifiedMs;
  }

  link(name: string, node: FsNode): void {
    this.cached.set(name, node);
    this.#queue.push({ kind: "link", name, node, isSettled: false });
  }

  unlink(name: string): void {
    this.cached.delete(name);
    this.#queue.push({ kind: "unlink", name, isSettled: false });
  }

  /** One change for both directories: a rename happens or does not, and a sync of either makes it durable. */
  rename(fromName: string, to: DirectoryNode, toName: string): void {
    const node = this.cached.get(fromName) as FsNode;
    this.cached.delete(fromName);
    to.cached.set(toName, node);
    const change: NameChange = {
      kind: "rename",
      from: this,
      fromName,
      to,
      toName,
      node,
      isSettled: false,
    };
    this.#queue.push(change);
    if (to !== this) to.#queue.push(change);
  }

  sync(): void {
    for (const change of this.#queue) this.#settle(change, true);
    this.#queue = [];
  }

  forgetUnsynced(): void {
    for (const change of this.#queue) change.isSettled = true;
    this.#queue = [];
  }

  losePower(random: SeededRandom, fate: PowerLossFate): void {
    for (const change of this.#queue) {
      this.#settle(change, fate === "random" ? random.chance(0.5) : fate === "applied");
    }
    this.#queue = [];
  }

  /** After every directory has settled: the machine starts from what is on the disk. */
  startFromDurable(): void {
    this.cached = new Map(this.durable);
  }

  /** Everything this directory leads, led or may yet lead to. */
  reachable(): Set<FsNode> {
    const found = new Set<FsNode>([...this.cached.values(), ...this.durable.values()]);
    for (const change of this.#queue) if (change.kind !== "unlink") found.add(change.node);
    return found;
  }

  #settle(change: NameChange, isApplied: boolean): void {
    if (change.isSettled) return;
    change.isSettled = true;
    if (!isApplied) return;
    if (change.kind === "link") this.durable.set(change.name, change.node);
    else if (change.kind === "unlink") this.durable.delete(change.name);
    else {
      const { from, fromName, to, toName, node } = change;
      if (from.durable.get(fromName) === node) from.durable.delete(fromName);
      to.durable.set(toName, node);
    }
  }
}

/** The whole tree loses power. */
export function losePower(root: DirectoryNode, random: SeededRandom, fate: PowerLossFate): void {
  const nodes = allNodes(root);
  for (const node of nodes) node.losePower(random, fate);
  for (const node of nodes) if (node.kind === "directory") node.startFromDurable();
}

/** A new tree that holds what would be there if power went now and every queued change were lost. */
export function durableCopy(directory: DirectoryNode): DirectoryNode {
  const copy = new DirectoryNode(directory.modifiedMs);
  for (const [name, node] of directory.durable) {
    if (node.kind === "directory") copy.link(name, durableCopy(node));
    else {
      const file = new FileNode(node.modifiedMs);
      file.durable = node.durable.clone();
      file.cached = node.durable.clone();
      copy.link(name, file);
    }
  }
  copy.sync();
  return copy;
}

export function allNodes(root: DirectoryNode): Set<FsNode> {
  const found = new Set<FsNode>([root]);
  // A Set that grows while it is iterated is iterated to its new end.
  for (const node of found) {
    if (node.kind === "directory") for (const child of node.reachable()) found.add(child);
  }
  return found;
}

function apply(image: PagedBytes, change: ByteChange): void {
  if (change.kind === "write") image.write(change.at, change.bytes);
  else if (change.kind === "zeros") image.writeZeros(change.at, change.length);
  else image.truncate(change.sizeBytes);
}

const ZEROS = Buffer.alloc(64 * 1024);

/** Room that is made ready in advance: worth a look where it is much. */
function isZeros(bytes: Uint8Array): boolean {
  if (bytes.length < SECTOR_BYTES || bytes[0] !== 0) return false;
  for (let at = 0; at < bytes.length; at += ZEROS.length) {
    const part = bytes.subarray(at, at + ZEROS.length);
    if (ZEROS.compare(part, 0, part.length, 0, part.length) !== 0) return false;
  }
  return true;
}

/** Some of the sectors that a write touches reach the disk: a first part of them, or any. */
function tear(
  image: PagedBytes,
  change: { readonly at: number; readonly bytes: Uint8Array },
  random: SeededRandom,
): void {
  const end = change.at + change.bytes.length;
  const firstSector = Math.floor(change.at / SECTOR_BYTES);
  const sectors = Math.ceil(end / SECTOR_BYTES) - firstSector;
  const isPrefix = random.chance(0.5);
  const prefix = random.integer(sectors + 1);
  for (let i = 0; i < sectors; i++) {
    const isWritten = isPrefix ? i < prefix : random.chance(0.5);
    if (!isWritten) continue;
    const from = Math.max(change.at, (firstSector + i) * SECTOR_BYTES);
    const to = Math.min(end, (firstSector + i + 1) * SECTOR_BYTES);
    image.write(from, change.bytes.subarray(from - change.at, to - change.at));
  }
}

// The disk of a simulated machine. It outlives processes; what they see of it is process-disk.ts.
//
// Calls take virtual time, take effect in the kernel (also when the process is paused), and are then posted to the
// process. What is under way when the process is killed may or may not take effect.

import { DiskError } from "../../../src/platform/platform.js";
import {
  type DiskFault,
  DiskFaults,
  type DiskOperation,
  type InjectedFault,
} from "./disk-faults.js";
import {
  allNodes,
  DirectoryNode,
  durableCopy,
  FileNode,
  type FsNode,
  losePower,
  type PowerLossFate,
} from "./file-system.js";
import type { Range, SeededRandom } from "./random.js";
import type { Scheduler } from "./scheduler.js";

export interface DiskSettings {
  readonly writeMs: Range;
  readonly syncMs: Range;
  /** Opening, renaming, removing. */
  readonly metadataMs: Range;
}

export const DEFAULT_DISK: DiskSettings = {
  writeMs: [0.01, 0.05],
  syncMs: [0.1, 0.5],
  metadataMs: [0.02, 0.1],
};

interface UnderWay {
  takeEffect(): void;
}

export class SimDisk {
  readonly scheduler: Scheduler;
  readonly random: SeededRandom;
  readonly actor: number;
  readonly #faults = new DiskFaults();
  settings: DiskSettings;
  /** Bytes that fit, data only; Infinity by default. Beyond: ENOSPC. */
  capacityBytes = Number.POSITIVE_INFINITY;
  /** Calls so far, of any kind: a test that fails the n-th call for n = 1, 2, 3 … knows when to stop. */
  calls = 0;
  /** May be replaced while no process runs: by another machine's tree, for example. */
  root = new DirectoryNode(0);
  readonly #underWay = new Set<UnderWay>();
  #hung: (() => void)[] | undefined;

  constructor(scheduler: Scheduler, random: SeededRandom, actor: number, settings: DiskSettings) {
    this.scheduler = scheduler;
    this.random = random;
    this.actor = actor;
    this.settings = settings;
  }

  // ------------------------------------------------------------------------------------------------- fault controls

  inject(fault: DiskFault): InjectedFault {
    return this.#faults.inject(fault);
  }

  /** The n-th call from now, counted from 1, of whatever kind, fails. */
  failCall(n: number, code = "EIO"): InjectedFault {
    return this.inject({ skip: n - 1, code });
  }

  clearFaults(): void {
    this.#faults.clear();
    this.resume();
  }

  /** No call comes back until `resume`. */
  hang(): void {
    this.#hung ??= [];
  }

  resume(): void {
    const waiting = this.#hung ?? [];
    this.#hung = undefined;
    for (const goOn of waiting) goOn();
  }

  /** As if the disk had been replaced by an empty one. */
  wipe(): void {
    this.root = new DirectoryNode(0);
  }

  losePower(fate: PowerLossFate): void {
    this.#endUnderWay();
    losePower(this.root, this.random, fate);
  }

  processKilled(): void {
    this.#endUnderWay();
  }

  // ------------------------------------------------------------------------------- looking and meddling, beside the API

  /** The bytes that would be there if power went now and all that is not synced were lost. */
  durableFile(path: string): Buffer | undefined {
    const node = this.durableNode(path);
    return node?.kind === "file" ? node.durable.toBuffer() : undefined;
  }

  /** What the name would lead to then. */
  durableNode(path: string): FsNode | undefined {
    let node: FsNode | undefined = this.root;
    for (const name of parts(path)) {
      node = node?.kind === "directory" ? node.durable.get(name) : undefined;
    }
    return node;
  }

  /**
   * A tree of its own with what would be there then. A monitor gives it to a node of another SimPlatform as its
   * `disk.root`, and recovers from it while this run stands still.
   */
  durableRoot(): DirectoryNode {
    return durableCopy(this.root);
  }

  file(path: string): Buffer | undefined {
    const node = this.lookUp(path);
    return node?.kind === "file" ? node.cached.toBuffer() : undefined;
  }

  /** Puts a file there, durable at once, with the directories that lead to it. */
  putFile(path: string, bytes: Uint8Array): void {
    const names = [...parts(path)];
    const name = names.pop() as string;
    let directory = this.root;
    for (const step of names) {
      let next = directory.cached.get(step);
      if (next === undefined) {
        next = new DirectoryNode(0);
        directory.link(step, next);
        directory.sync();
      }
      directory = next as DirectoryNode;
    }
    const file = new FileNode(0);
    file.write(0, bytes);
    file.sync();
    directory.link(name, file);
    directory.sync();
  }

  /** Changes bytes behind everybody's back: bit rot, a zeroed page, a misdirected write. */
  damage(path: string, position: number, change: (bytes: Buffer) => void, length = 1): void {
    const node = this.#fileAt(path);
    for (const image of [node.cached, node.durable]) {
      const bytes = Buffer.alloc(length);
      const found = image.read(position, bytes);
      const part = bytes.subarray(0, found);
      change(part);
      image.write(position, part);
    }
  }

  list(path: string): string[] {
    const node = this.lookUp(path);
    return node?.kind === "directory" ? [...node.cached.keys()].sort() : [];
  }

  /** About up to where anything was ever written of a file: what is preallocated does not count. */
  writtenBytes(path: string): number {
    const { sizeBytes, allocatedBytes } = this.#fileAt(path).cached;
    return Math.min(sizeBytes, allocatedBytes);
  }

  cutFile(path: string, sizeBytes: number): void {
    const node = this.#fileAt(path);
    node.cached.truncate(sizeBytes);
    node.durable.truncate(sizeBytes);
  }

  removeFile(path: string): void {
    const names = [...parts(path)];
    const name = names.pop() as string;
    const parent = this.lookUp(`/${names.join("/")}`);
    if (parent?.kind !== "directory") throw new Error(`Cannot remove "${path}": no such file`);
    parent.unlink(name);
    parent.sync();
  }

  usedBytes(): number {
    let used = 0;
    for (const node of allNodes(this.root)) {
      if (node.kind === "file") used += node.cached.allocatedBytes;
    }
    return used;
  }

  // --------------------------------------------------------------------------------------------------- for process-disk

  /** Counting is not free: only a disk that can be full needs it. */
  usedBytesIfLimited(): number {
    return Number.isFinite(this.capacityBytes) ? this.usedBytes() : 0;
  }

  /** The fault that strikes this call, if any. Counts it. */
  call(operation: DiskOperation, path: string): DiskFault | undefined {
    this.calls += 1;
    return this.#faults.next(operation, path);
  }

  /** `takeEffect` happens after `delayMs` (never if the process dies before and luck has it), then `answer`. */
  carryOut(delayMs: number, takeEffect: () => void, answer: () => void): void {
    const call: UnderWay = { takeEffect };
    this.#underWay.add(call);
    const finish = (): void => {
      if (this.#hung !== undefined) {
        this.#hung.push(finish);
        return;
      }
      if (!this.#underWay.delete(call)) return;
      takeEffect();
      answer();
    };
    this.scheduler.after(delayMs, "disk", this.actor, finish);
  }

  lookUp(path: string): FsNode | undefined {
    let node: FsNode | undefined = this.root;
    for (const name of parts(path)) {
      node = node?.kind === "directory" ? node.cached.get(name) : undefined;
    }
    return node;
  }

  #endUnderWay(): void {
    const calls = [...this.#underWay];
    this.#underWay.clear();
    this.#hung = this.#hung === undefined ? undefined : [];
    for (const call of calls) if (this.random.chance(0.5)) call.takeEffect();
  }

  #fileAt(path: string): FileNode {
    const node = this.lookUp(path);
    if (node?.kind !== "file") throw new Error(`Cannot damage "${path}": no such file`);
    return node;
  }
}

/** Of paths that were asked for: there are few, and each call of the disk names one. */
const partsOfPaths = new Map<string, readonly string[]>();
const PARTS_KEPT_MAX = 10_000;

export function parts(path: string): readonly string[] {
  let names = partsOfPaths.get(path);
  if (names === undefined) {
    if (partsOfPaths.size === PARTS_KEPT_MAX) partsOfPaths.clear();
    names = split(path);
    partsOfPaths.set(path, names);
  }
  return names;
}

function split(path: string): string[] {
  const names: string[] = [];
  for (const name of path.split("/")) {
    if (name === "..") names.pop();
    else if (name !== "" && name !== ".") names.push(name);
  }
  return names;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "no such file or directory",
  EEXIST: "file already exists",
  EISDIR: "illegal operation on a directory",
  ENOTDIR: "not a directory",
  ENOTEMPTY: "directory not empty",
  ENOSPC: "no space left on device",
  EROFS: "read-only file system",
  EACCES: "permission denied",
  EIO: "i/o error",
};

export function diskError(code: string, action: string, path: string): DiskError {
  const reason = REASONS[code] ?? "it failed";
  return new DiskError(code, path, `Cannot ${action} "${path}": ${reason} (${code})`);
}

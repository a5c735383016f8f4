// A disk in memory that can break: it fails, dies or loses its power at the n-th call.
//
// It keeps what POSIX promises and nothing more. A file's content is durable up to its last sync; what was written since
// may be there or not, sector by sector. A name is durable after a sync of its directory; what happened to names since may
// be undone from the end. A killed process loses only the calls that were not carried out.

import {
  type Disk,
  type DiskDone,
  DiskError,
  type FileStat,
  type ReadableFile,
  type WritableFile,
} from "../../src/platform/platform.js";

const SECTOR_BYTES = 512;

interface Change {
  readonly position: number;
  readonly bytes: Buffer | undefined;
  readonly size: number;
}

/** A file without its name. */
class Inode {
  content: Buffer = Buffer.alloc(0);
  durable: Buffer = Buffer.alloc(0);
  /** What has changed since the last sync, in order. */
  changes: Change[] = [];

  change(change: Change): void {
    this.content = applied(this.content, change);
    this.changes.push(change);
  }

  sync(): void {
    this.durable = this.content;
    this.changes = [];
  }

  copy(): Inode {
    const copy = new Inode();
    copy.content = this.content;
    copy.durable = this.durable;
    copy.changes = [...this.changes];
    return copy;
  }
}

function applied(content: Buffer, change: Change): Buffer {
  const result = Buffer.alloc(
    change.bytes === undefined ? change.size : Math.max(content.length, change.size),
  );
  content.copy(result);
  change.bytes?.copy(result, change.position);
  return result;
}

type NameChange = (names: Map<string, Inode>) => void;

export type Fault = "none" | "fail" | "stop";

export class FaultDisk implements Disk {
  /** Calls that change something, so far. */
  calls = 0;
  /** The call (1 is the first) that fails, or behind which nothing answers any more. */
  faultAt = 0;
  fault: Fault = "none";
  /** Only calls on paths with this in them count, and fail. */
  faultyPath = "";
  failureCode = "EIO";
  /** A failing write has got this far. */
  partialWrites = true;
  /** Every call after the fault fails, too. */
  sticky = true;
  stopped = false;
  readonly #directories = new Set<string>(["/"]);
  #names = new Map<string, Inode>();
  #durableNames = new Map<string, Inode>();
  #nameChanges: { readonly directory: string; readonly change: NameChange }[] = [];

  // ------------------------------------------------------------------------------------------------------------- reading

  readDirectory(path: string): string[] {
    if (!this.#directories.has(path)) throw failure("ENOENT", path);
    const names = new Set<string>();
    for (const other of [...this.#names.keys(), ...this.#directories]) {
      if (other.startsWith(`${path}/`) && !other.slice(path.length + 1).includes("/")) {
        names.add(other.slice(path.length + 1));
      }
    }
    return [...names].sort();
  }

  stat(path: string): FileStat | undefined {
    if (this.#directories.has(path)) return { kind: "directory", sizeBytes: 4096, modifiedMs: 0 };
    const inode = this.#names.get(path);
    if (inode === undefined) return undefined;
    return { kind: "file", sizeBytes: inode.content.length, modifiedMs: 0 };
  }

  readFile(path: string): Buffer {
    return Buffer.from(this.#inode(path).content);
  }

  openForReading(path: string): ReadableFile {
    const content = this.#inode(path).content;
    return {
      sizeBytes: content.length,
      read: (position, target) =>
        content.copy(target, 0, position, Math.min(content.length, position + target.length)),
      ahead: () => undefined,
      close() {},
    };
  }

  // ------------------------------------------------------------------------------------------------------------ changing

  makeDirectories(path: string): Promise<void> {
    return this.#promise(path, () => {
      const parts = path.split("/");
      for (let i = 2; i <= parts.length; i++) this.#directories.add(parts.slice(0, i).join("/"));
    });
  }

  openForWriting(path: string, mode: "create" | "open"): Promise<WritableFile> {
    let file: WritableFile | undefined;
    return this.#promise(path, () => {
      const exists = this.#names.has(path);
      if (mode === "create" && exists) throw failure("EEXIST", path);
      if (mode === "open" && !exists) throw failure("ENOENT", path);
      const inode = this.#names.get(path) ?? new Inode();
      if (!exists) this.#rename(path, (names) => names.set(path, inode));
      file = this.#writable(path, inode);
    }).then(() => file as WritableFile);
  }

  alignedBuffer(bytes: number): Buffer {
    return Buffer.alloc(bytes);
  }

  rename(from: string, to: string): Promise<void> {
    return this.#promise(from, () => {
      const inode = this.#inode(from);
      this.#rename(to, (names) => {
        names.delete(from);
        names.set(to, inode);
      });
    });
  }

  remove(path: string): Promise<void> {
    return this.#promise(path, () => {
      this.#inode(path);
      this.#rename(path, (names) => names.delete(path));
    });
  }

  syncDirectory(path: string): Promise<void> {
    return this.#promise(path, () => {
      // Names are journalled in one order, as ext4 and xfs do it: what came before is durable, too.
      const last = this.#nameChanges.findLastIndex((entry) => entry.directory === path);
      for (const entry of this.#nameChanges.splice(0, last + 1)) entry.change(this.#durableNames);
    });
  }

  freeBytes(): number {
    return 2 ** 40;
  }

  imagined(): never {
    throw new Error("It is imagined as it is");
  }

  #writable(path: string, inode: Inode): WritableFile {
    const file: WritableFile = {
      path,
      write: (position, bytes, done) => {
        const copy = Buffer.from(bytes);
        const change = (part: Buffer) =>
          inode.change({ position, bytes: part, size: position + part.length });
        this.#call(
          file.path,
          done,
          () => change(copy),
          () => {
            if (this.partialWrites) change(copy.subarray(0, copy.length / 2));
          },
        );
      },
      sync: (done) => this.#call(file.path, done, () => inode.sync()),
      truncate: (size, done) =>
        this.#call(file.path, done, () => inode.change({ position: 0, bytes: undefined, size })),
      close: (done) => {
        if (done !== undefined) queueMicrotask(() => this.stopped || done());
      },
    };
    return file;
  }

  // -------------------------------------------------------------------------------------------------------------- faults

  /** What a new process finds after this one was killed. What it had not synced is still not durable. */
  afterKill(): FaultDisk {
    return this.#successor(this.#names, (inode) => inode.copy(), true);
  }

  /** What is found after the power was lost: `choose(n)` is an integer below n, 0 keeps as little as possible. */
  afterPowerLoss(choose: (bound: number) => number): FaultDisk {
    const names = new Map(this.#durableNames);
    const kept = choose(this.#nameChanges.length + 1);
    for (const entry of this.#nameChanges.slice(0, kept)) entry.change(names);
    return this.#successor(names, (inode) => torn(inode, choose), false);
  }

  /** Changes a file behind everyone's back. */
  damage(path: string, change: (content: Buffer) => Buffer): void {
    const inode = this.#inode(path);
    inode.content = change(Buffer.from(inode.content));
    inode.sync();
  }

  /** Puts a durable file there. */
  put(path: string, content: Buffer): void {
    const directory = path.slice(0, path.lastIndexOf("/"));
    const parts = directory.split("/");
    for (let i = 2; i <= parts.length; i++) this.#directories.add(parts.slice(0, i).join("/"));
    const inode = new Inode();
    inode.content = content;
    inode.sync();
    this.#names.set(path, inode);
    this.#durableNames.set(path, inode);
  }

  delete(path: string): void {
    this.#names.delete(path);
    this.#durableNames.delete(path);
  }

  paths(): string[] {
    return [...this.#names.keys()].sort();
  }

  #successor(
    names: Map<string, Inode>,
    keep: (inode: Inode) => Inode,
    withPending: boolean,
  ): FaultDisk {
    const copies = new Map<Inode, Inode>();
    const copy = (inode: Inode) => {
      const known = copies.get(inode) ?? keep(inode);
      copies.set(inode, known);
      return known;
    };
    const next = new FaultDisk();
    for (const directory of this.#directories) next.#directories.add(directory);
    for (const [path, inode] of names) next.#names.set(path, copy(inode));
    const durable = withPending ? this.#durableNames : names;
    for (const [path, inode] of durable) next.#durableNames.set(path, copy(inode));
    if (withPending && this.#nameChanges.length > 0) {
      const after = new Map(next.#names);
      const change: NameChange = (target) => {
        target.clear();
        for (const [path, inode] of after) target.set(path, inode);
      };
      const directory = this.#nameChanges.at(-1)!.directory;
      next.#nameChanges.push({ directory, change });
    }
    return next;
  }

  #inode(path: string): Inode {
    const inode = this.#names.get(path);
    if (inode === undefined) throw failure("ENOENT", path);
    return inode;
  }

  #rename(path: string, change: NameChange): void {
    change(this.#names);
    this.#nameChanges.push({ directory: path.slice(0, path.lastIndexOf("/")), change });
  }

  #promise(path: string, run: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#call(path, (error) => (error === undefined ? resolve() : reject(error)), run);
    });
  }

  #call(path: string, done: DiskDone, run: () => void, partly: () => void = () => {}): void {
    queueMicrotask(() => {
      if (this.stopped) return;
      const counts = path.includes(this.faultyPath);
      if (counts) this.calls++;
      const now = counts && this.fault !== "none" && this.calls === this.faultAt;
      const later = counts && this.sticky && this.fault === "fail" && this.calls > this.faultAt;
      if (this.fault === "fail" && (now || (later && this.faultAt > 0))) {
        partly();
        done(failure(this.failureCode, path));
        return;
      }
      if (now) {
        partly();
        this.stopped = true;
        return;
      }
      try {
        run();
      } catch (error) {
        done(error as DiskError);
        return;
      }
      done();
    });
  }
}

function torn(inode: Inode, choose: (bound: number) => number): Inode {
  let content: Buffer = inode.durable;
  for (const change of inode.changes) content = appliedPartly(content, change, choose);
  const result = new Inode();
  result.content = content;
  result.sync();
  return result;
}

/** All, nothing, or some sectors of it. */
function appliedPartly(content: Buffer, change: Change, choose: (bound: number) => number): Buffer {
  const fate = choose(3);
  if (fate === 0) return content;
  if (fate === 1) return applied(content, change);
  if (change.bytes === undefined) return content;
  const result = applied(content, { ...change, bytes: Buffer.alloc(0) });
  const end = change.position + change.bytes.length;
  for (let at = change.position; at < end; ) {
    const next = Math.min(end, at - (at % SECTOR_BYTES) + SECTOR_BYTES);
    if (choose(2) === 1) {
      change.bytes.copy(result, at, at - change.position, next - change.position);
    }
    at = next;
  }
  return result;
}

function failure(code: string, path: string): DiskError {
  return new DiskError(code, path, `${code}: cannot use "${path}"`);
}

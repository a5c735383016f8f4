// The disk of a real process: node's fs on file descriptors.
//
// Reading is synchronous (see platform.ts). Changing goes through libuv's thread pool, whose four threads are enough:
// every file has at most one call under way (file.ts), and of the slow name look-ups libuv never lets more than half of
// the pool be taken, so that an unresponsive name server cannot hold up a sync of the transaction log.

import * as fs from "node:fs";
import { dirname } from "node:path";
import type { CacheUse } from "../cache-use.js";
import type {
  Disk,
  DiskError,
  FileStat,
  ImaginedDisk,
  ReadableFile,
  WritableFile,
} from "../platform.js";
import { alignedBuffer } from "./aligned-buffer.js";
import { toDiskError } from "./errors.js";
import { NodeWritableFile } from "./file.js";
import { ImaginedSystem, SYSTEM_CALLS, type SystemCalls } from "./system-calls.js";
import { UncachedBytes } from "./uncached-bytes.js";

export class NodeDisk implements Disk {
  readonly #system: SystemCalls;

  constructor(system = SYSTEM_CALLS) {
    this.#system = system;
  }

  readDirectory(path: string): string[] {
    return trying("list", path, () => this.#system.readdirSync(path).sort(byCodeUnits));
  }

  stat(path: string): FileStat | undefined {
    return trying("inspect", path, () => {
      const stat = statIfThere(this.#system, path);
      if (stat === undefined) return undefined;
      const kind = stat.isFile() ? "file" : stat.isDirectory() ? "directory" : "other";
      return { kind, sizeBytes: stat.size, modifiedMs: Math.floor(stat.mtimeMs) };
    });
  }

  readFile(path: string): Buffer {
    return trying("read", path, () => this.#system.readFileSync(path));
  }

  openForReading(path: string, cache?: CacheUse): ReadableFile {
    return trying(
      "open",
      path,
      () => new NodeReadableFile(path, this.#system.openSync(path, "r"), cache),
    );
  }

  /** Not node's own recursion: below a directory in which nothing can be made (/proc) it never ends. */
  async makeDirectories(path: string): Promise<void> {
    const above = dirname(path);
    if (above !== path && this.stat(above) === undefined) await this.makeDirectories(above);
    if (this.stat(path)?.kind === "directory") return;
    await promised("create directory", path, (done) => this.#system.mkdir(path, done));
  }

  openForWriting(path: string, mode: "create" | "open"): Promise<WritableFile> {
    return new Promise((resolve, reject) => {
      this.#system.open(path, mode === "create" ? "wx" : fs.constants.O_WRONLY, (error, fd) => {
        if (error) reject(toDiskError(mode, path, error));
        else resolve(new NodeWritableFile(path, fd, this.#system));
      });
    });
  }

  alignedBuffer(bytes: number): Buffer {
    return alignedBuffer(bytes);
  }

  rename(from: string, to: string): Promise<void> {
    return promised("rename", from, (done) => this.#system.rename(from, to, done));
  }

  async remove(path: string): Promise<void> {
    // rm would hide a missing file or take a directory with all that is in it.
    const isDirectory = this.stat(path)?.kind === "directory";
    const remove = isDirectory ? this.#system.rmdir : this.#system.unlink;
    await promised("remove", path, (done) => remove(path, done));
  }

  async syncDirectory(path: string): Promise<void> {
    // Windows has no such call: its file systems journal names themselves.
    if (process.platform === "win32") return;
    const fd = await new Promise<number>((resolve, reject) => {
      this.#system.open(path, fs.constants.O_RDONLY | fs.constants.O_DIRECTORY, (error, opened) => {
        if (error) reject(toDiskError("open", path, error));
        else resolve(opened);
      });
    });
    try {
      await promised("sync directory", path, (done) => this.#system.fsync(fd, done));
    } finally {
      this.#system.closeSync(fd);
    }
  }

  imagined(): ImaginedDisk {
    const system = new ImaginedSystem();
    return { disk: new NodeDisk(system.calls), stall: () => system.stall() };
  }

  freeBytes(path: string): number | undefined {
    try {
      const { bavail, bsize } = this.#system.statfsSync(path);
      return bavail * bsize;
    } catch {
      return undefined;
    }
  }
}

class NodeReadableFile implements ReadableFile {
  readonly sizeBytes: number;
  readonly #path: string;
  #fd: number;
  #uncached: UncachedBytes | undefined;

  constructor(path: string, fd: number, cache?: CacheUse) {
    this.#path = path;
    this.#fd = fd;
    try {
      const stat = fs.fstatSync(this.#fd);
      // Opening a directory for reading succeeds, and only the first read would tell.
      if (stat.isDirectory()) {
        throw Object.assign(new Error("illegal operation on a directory"), { code: "EISDIR" });
      }
      this.sizeBytes = stat.size;
      if (cache === "avoided") this.#uncached = UncachedBytes.open(path, stat.size);
    } catch (error) {
      fs.closeSync(this.#fd);
      throw error;
    }
  }

  read(position: number, target: Uint8Array): number {
    return trying("read", this.#path, () => {
      let filled = 0;
      while (filled < target.length) {
        const got = this.#readSome(position + filled, target, filled);
        if (got === 0) break;
        filled += got;
      }
      return filled;
    });
  }

  #readSome(position: number, target: Uint8Array, at: number): number {
    try {
      if (this.#uncached !== undefined) return this.#uncached.read(position, target, at);
    } catch (error) {
      // The file system wants it otherwise: then through the cache. What else is wrong is the disk's answer.
      if ((error as NodeJS.ErrnoException).code !== "EINVAL") throw error;
      this.#closeUncached();
    }
    return fs.readSync(this.#fd, target, at, target.length - at, position);
  }

  ahead(): Promise<void> | undefined {
    return this.#uncached?.ahead();
  }

  #closeUncached(): void {
    this.#uncached?.close();
    this.#uncached = undefined;
  }

  close(): void {
    if (this.#fd < 0) return;
    this.#closeUncached();
    fs.closeSync(this.#fd);
    this.#fd = -1;
  }
}

function trying<T>(action: string, path: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw toDiskError(action, path, error);
  }
}

function promised(
  action: string,
  path: string,
  start: (done: (error: Error | null) => void) => void,
): Promise<void> {
  return new Promise<void>((resolve, reject: (error: DiskError) => void) => {
    start((error) => (error ? reject(toDiskError(action, path, error)) : resolve()));
  });
}

/** The same order on every machine, whatever its language. */
function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function statIfThere(system: SystemCalls, path: string): ReturnType<SystemCalls["statSync"]> {
  try {
    return system.statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    // Below a plain file nothing is.
    if ((error as NodeJS.ErrnoException).code === "ENOTDIR") return undefined;
    throw error;
  }
}

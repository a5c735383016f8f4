// What a disk asks the system for, and a system of which all of it is imagined: there are the directories that were made, and no
// files; every call is answered, as by a thread, and none does anything.

import * as fs from "node:fs";

type Done = (error: Error | null) => void;
type Opened = (error: Error | null, fd: number) => void;
type Written = (error: Error | null, written: number) => void;

type Stat = Pick<fs.Stats, "isFile" | "isDirectory" | "size" | "mtimeMs">;

/** As node:fs has them. */
export interface SystemCalls {
  readdirSync(path: string): string[];
  readFileSync(path: string): Buffer;
  statSync(path: string, options: { throwIfNoEntry: false }): Stat | undefined;
  statfsSync(path: string): { readonly bavail: number; readonly bsize: number };
  openSync(path: string, flags: string | number): number;
  mkdir(path: string, done: Done): void;
  rmdir(path: string, done: Done): void;
  rename(from: string, to: string, done: Done): void;
  unlink(path: string, done: Done): void;
  open(path: string, flags: string | number, done: Opened): void;
  close(fd: number, done: Done): void;
  closeSync(fd: number): void;
  fsync(fd: number, done: Done): void;
  fdatasync(fd: number, done: Done): void;
  ftruncate(fd: number, sizeBytes: number, done: Done): void;
  write(
    fd: number,
    bytes: Uint8Array,
    offset: number,
    length: number,
    position: number,
    done: Written,
  ): void;
  writev(fd: number, buffers: readonly Uint8Array[], position: number, done: Written): void;
}

/** As properties of the module they would be looked up by name each time. */
export const SYSTEM_CALLS: SystemCalls = {
  readdirSync: fs.readdirSync,
  readFileSync: (path) => fs.readFileSync(path),
  statSync: fs.statSync,
  statfsSync: fs.statfsSync,
  openSync: fs.openSync,
  mkdir: fs.mkdir,
  rmdir: fs.rmdir,
  rename: fs.rename,
  unlink: fs.unlink,
  open: fs.open,
  close: fs.close,
  closeSync: fs.closeSync,
  fsync: fs.fsync,
  fdatasync: fs.fdatasync,
  ftruncate: fs.ftruncate,
  write: fs.write,
  writev: fs.writev,
};

/** Nobody's: whoever asks the system itself is refused (EBADF). */
const IMAGINED_FD = 2 ** 31 - 1;

const DIRECTORY: Stat = { isFile: () => false, isDirectory: () => true, size: 0, mtimeMs: 0 };

export class ImaginedSystem {
  readonly calls: SystemCalls;
  readonly #directories = new Set(["/"]);
  #isStalled = false;
  /** Never read: it keeps alive whoever waits for an answer. */
  readonly #unanswered: unknown[] = [];

  constructor() {
    const agree = (done: Done) => this.#answer(done, 0);
    this.calls = {
      readdirSync: () => [],
      readFileSync: noSuchFile,
      statSync: (path) => (this.#directories.has(path) ? DIRECTORY : undefined),
      statfsSync: noSuchFile,
      openSync: noSuchFile,
      mkdir: (path, done) => {
        this.#directories.add(path);
        agree(done);
      },
      rmdir: (_path, done) => agree(done),
      rename: (_from, _to, done) => agree(done),
      unlink: (_path, done) => agree(done),
      open: (_path, _flags, done) => this.#answer(done, IMAGINED_FD),
      close: (_fd, done) => agree(done),
      closeSync() {},
      fsync: (_fd, done) => agree(done),
      fdatasync: (_fd, done) => agree(done),
      ftruncate: (_fd, _sizeBytes, done) => agree(done),
      write: (_fd, _bytes, _offset, length, _position, done) => this.#answer(done, length),
      writev: (_fd, buffers, _position, done) => this.#answer(done, lengthOf(buffers)),
    };
  }

  stall(): void {
    this.#isStalled = true;
  }

  #answer(done: (error: null, result: number) => void, result: number): void {
    if (this.#isStalled) this.#unanswered.push(done);
    else setImmediate(done, null, result);
  }
}

function noSuchFile(path: string): never {
  throw Object.assign(new Error(`ENOENT: "${path}" is on an imagined disk`), { code: "ENOENT" });
}

function lengthOf(buffers: readonly Uint8Array[]): number {
  let length = 0;
  for (const bytes of buffers) length += bytes.length;
  return length;
}

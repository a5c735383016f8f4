// A file's bytes, read past the system's cache (O_DIRECT): for large files that are read once, from their beginning to their end. They need
// no memory of the system's, and come in long reads, where the system would read ahead a little at a time.
//
// The disk gives whole pages of the file into aligned memory: a window of it is read, and what is wanted is copied out of that. While
// that is done the next window comes, for who asks for it and waits.

import * as fs from "node:fs";
import { ALIGNED_BYTES } from "../cache-use.js";
import { alignedBuffer } from "./aligned-buffer.js";

/** Smaller files are read as ever. */
const WINDOW_BYTES = 1024 * 1024;
/** Who has less than that left waits for what comes next: it may be read before there is another time to wait. */
const SOON_BYTES = 512 * 1024;

class Window {
  readonly bytes = alignedBuffer(WINDOW_BYTES);
  /** Where in the file it begins, and how many bytes are in it. */
  start = 0;
  length = 0;

  has(position: number): boolean {
    return position >= this.start && position < this.start + this.length;
  }
}

export class UncachedBytes {
  readonly #fd: number;
  #window = new Window();
  #next: Window | undefined;
  /** Until what is read into the next window is there. */
  #coming: Promise<void> | undefined;
  /** How much of this window has not been read yet. */
  #left = 0;
  #isClosed = false;

  /** Undefined where the system cannot do it, or it is not worth it. */
  static open(path: string, sizeBytes: number): UncachedBytes | undefined {
    if (process.platform !== "linux" || sizeBytes < WINDOW_BYTES) return undefined;
    try {
      return new UncachedBytes(fs.openSync(path, fs.constants.O_RDONLY | fs.constants.O_DIRECT));
    } catch {
      return undefined;
    }
  }

  private constructor(fd: number) {
    this.#fd = fd;
  }

  /** Fills `target` from `at` on as far as the window goes; how many bytes came, 0 only at the end of the file. */
  read(position: number, target: Uint8Array, at: number): number {
    if (!this.#window.has(position)) this.#move(position);
    const { start, length, bytes } = this.#window;
    const from = position - start;
    const count = Math.min(target.length - at, Math.max(0, length - from));
    target.set(bytes.subarray(from, from + count), at);
    this.#left = length - from - count;
    return count;
  }

  #move(position: number): void {
    const next = this.#next;
    if (this.#coming === undefined && next?.has(position)) {
      this.#next = this.#window;
      this.#window = next;
      return;
    }
    const window = this.#window;
    window.start = position - (position % ALIGNED_BYTES);
    window.length = 0;
    window.length = fs.readSync(this.#fd, window.bytes, 0, WINDOW_BYTES, window.start);
  }

  /** The window after this one begins to come. When it may be read soon: until it is there, or has failed and is to be read again. */
  ahead(): Promise<void> | undefined {
    if (this.#coming === undefined) this.#begin();
    return this.#left < SOON_BYTES ? this.#coming : undefined;
  }

  #begin(): void {
    const { start, length } = this.#window;
    const end = start + length;
    if (length < WINDOW_BYTES || this.#next?.has(end)) return;
    this.#next ??= new Window();
    const next = this.#next;
    next.start = end;
    next.length = 0;
    this.#coming = new Promise((resolve) => {
      fs.read(this.#fd, next.bytes, 0, WINDOW_BYTES, end, (error, length) => {
        this.#coming = undefined;
        if (error === null) next.length = length;
        if (this.#isClosed) fs.closeSync(this.#fd);
        resolve();
      });
    });
  }

  /** As soon as nothing is being read: the number may then be another file's. */
  close(): void {
    this.#isClosed = true;
    if (this.#coming === undefined) fs.closeSync(this.#fd);
  }
}

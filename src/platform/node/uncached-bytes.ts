// A file's bytes, read past the system's cache (O_DIRECT): for large files that are read once, from their beginning to their end. They need
// no memory of the system's, and come in long reads, where the system would read ahead a little at a time.
//
// The disk gives whole pages of the file into aligned memory: a window of it is read, and what is wanted is copied out of that.

import * as fs from "node:fs";
import { ALIGNED_BYTES } from "../cache-use.js";
import { alignedBuffer } from "./aligned-buffer.js";

/** Smaller files are read as ever. */
const WINDOW_BYTES = 1024 * 1024;

export class UncachedBytes {
  readonly #fd: number;
  readonly #window = alignedBuffer(WINDOW_BYTES);
  /** Where in the file the window begins, and how many bytes are in it. */
  #start = 0;
  #length = 0;

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
    if (position < this.#start || position >= this.#start + this.#length) this.#move(position);
    const from = position - this.#start;
    const count = Math.min(target.length - at, Math.max(0, this.#length - from));
    target.set(this.#window.subarray(from, from + count), at);
    return count;
  }

  #move(position: number): void {
    this.#start = position - (position % ALIGNED_BYTES);
    this.#length = 0;
    this.#length = fs.readSync(this.#fd, this.#window, 0, WINDOW_BYTES, this.#start);
  }

  close(): void {
    fs.closeSync(this.#fd);
  }
}

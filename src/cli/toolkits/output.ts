// Standard output of a program that may print more than memory holds: gathered, and written when there is a page of it.
//
// node's own stream takes everything at once and keeps what a slow reader has not taken yet. Here the write is the
// system's: whoever prints waits for whoever reads.

import { writeSync } from "node:fs";

const PAGE_CHARACTERS = 64 * 1024;
/** So long a reader that takes nothing is left alone before it is asked again. */
const FULL_PAUSE_MS = 5;

/** Nobody reads any more what is printed. */
export class ReaderGone extends Error {}

export class Output {
  readonly #fd: number;
  #pending = "";
  #isReaderGone = false;
  /** Whether there is more to do than to print: then a reader that goes away is no reason to stop. */
  goesOnUnread = false;

  constructor(fd: number) {
    this.#fd = fd;
  }

  print(text: string): void {
    this.#pending += text;
    if (this.#pending.length >= PAGE_CHARACTERS) this.flush();
  }

  line(text: string): void {
    this.print(text);
    this.print("\n");
  }

  flush(): void {
    const bytes = Buffer.from(this.#pending);
    this.#pending = "";
    for (let at = 0; at < bytes.length && !this.#isReaderGone; ) at += this.#write(bytes, at);
  }

  #write(bytes: Buffer, at: number): number {
    try {
      return writeSync(this.#fd, bytes, at);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === "EAGAIN") {
        pause();
        return 0;
      }
      if (code !== "EPIPE") throw error;
      this.#isReaderGone = true;
      if (!this.goesOnUnread) throw new ReaderGone();
      return 0;
    }
  }
}

export function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, FULL_PAUSE_MS);
}

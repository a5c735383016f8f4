// Log lines into a file (or a socket, which some service managers hand out), through the thread pool: a slow disk must not
// stop the server.
//
// One small write at a time, so that little is under way when the process ends. A write that fails (a full disk, mostly:
// often the one with the data) leaves its lines waiting to be tried again; when the process ends they are tried once more
// and given up: a log that cannot be written keeps no process alive. (pino's own writer, sonic-boom, tries for ever there.)

import { fstatSync, write, writeSync } from "node:fs";
import type { LogSinkOptions } from "./log-pipe.js";

/** How soon a write that failed is tried again. */
const RETRY_MS = 100;

const WRITE_MAX_BYTES = 16 * 1024;

/** How long the end of the process waits for what is under way, and for a socket's reader. */
const FLUSH_MAX_MS = 1000;

const NOTHING = new Int32Array(new SharedArrayBuffer(4));

export class LogFile {
  readonly #fd: number;
  readonly #options: LogSinkOptions;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #isWriting = false;
  /** How long the file will be after the write that is under way; 0 for a socket. */
  #lengthAfter = 0;
  readonly #isFile: boolean;

  constructor(fd: number, options: LogSinkOptions) {
    this.#fd = fd;
    this.#options = options;
    this.#isFile = fstatSync(fd).isFile();
  }

  write(piece: string): void {
    const bytes = Buffer.from(piece);
    if (this.#waitingBytes + bytes.length > this.#options.waitingMaxBytes) {
      this.#options.dropped(piece);
      return;
    }
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (!this.#isWriting) this.#writeNext();
  }

  /** What is under way comes first: the thread pool goes on while this waits. */
  flush(lastPiece: string): void {
    const rest = Buffer.concat([...this.#waiting, Buffer.from(lastPiece)]);
    this.#waiting = [];
    this.#waitingBytes = 0;
    const deadline = performance.now() + FLUSH_MAX_MS;
    while (this.#isUnderWay() && performance.now() < deadline) Atomics.wait(NOTHING, 0, 0, 1);
    for (let at = 0; at < rest.length; ) {
      try {
        at += writeSync(this.#fd, rest, at);
      } catch (error) {
        if ((error as { code?: string }).code !== "EAGAIN" || performance.now() > deadline) return;
        Atomics.wait(NOTHING, 0, 0, 1);
      }
    }
  }

  readonly #writeNext = (): void => {
    this.#isWriting = this.#waiting.length > 0;
    if (!this.#isWriting) return;
    const bytes = this.#take();
    if (this.#isFile) this.#lengthAfter = fstatSync(this.#fd).size + bytes.length;
    write(this.#fd, bytes, 0, bytes.length, null, (error, written) => {
      this.#lengthAfter = 0;
      this.#putBack(error ? bytes : bytes.subarray(written));
      if (error) {
        setTimeout(this.#writeNext, RETRY_MS).unref();
        return;
      }
      this.#isWriting = false;
      if (this.#waitingBytes > 0) this.#writeNext();
      else this.#options.drained();
    });
  };

  #isUnderWay(): boolean {
    return this.#lengthAfter > 0 && fstatSync(this.#fd).size < this.#lengthAfter;
  }

  #take(): Buffer {
    const first = this.#waiting.shift() as Buffer;
    const taken = first.subarray(0, WRITE_MAX_BYTES);
    this.#waitingBytes -= first.length;
    this.#putBack(first.subarray(taken.length));
    return taken;
  }

  #putBack(rest: Buffer): void {
    if (rest.length === 0) return;
    this.#waiting.unshift(rest);
    this.#waitingBytes += rest.length;
  }
}

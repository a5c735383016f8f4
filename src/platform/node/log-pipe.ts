// Log lines into a pipe or a terminal, without waiting for whoever reads it.
//
// A write to a full pipe would stop the loop, and one that is left to the thread pool is lost in part when the process ends
// meanwhile. So the descriptor is opened once more, non-blocking (that flag belongs to the opening: other users of the
// pipe keep theirs), and written directly: what it does not take now is tried again a little later.

import { constants, fstatSync, openSync, writeSync } from "node:fs";

/** How soon a full pipe is tried again: its reader is asleep, not quick. */
const RETRY_MS = 20;

/** How long the end of the process waits for a reader. */
const FLUSH_MAX_MS = 1000;

export interface LogSinkOptions {
  readonly waitingMaxBytes: number;
  /** A piece was not kept, because too much is waiting. */
  readonly dropped: (piece: string) => void;
  /** All that waited has been written. */
  readonly drained: () => void;
}

export class LogPipe {
  readonly #fd: number;
  readonly #options: LogSinkOptions;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #retry: NodeJS.Timeout | undefined;

  private constructor(fd: number, options: LogSinkOptions) {
    this.#fd = fd;
    this.#options = options;
  }

  /** Undefined where this cannot be done: for regular files, for sockets, and where there is no /proc. */
  static open(fd: number, options: LogSinkOptions): LogPipe | undefined {
    try {
      const isPipe = fstatSync(fd).isFIFO() || fstatSync(fd).isCharacterDevice();
      if (!isPipe) return undefined;
      const flags = constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY;
      const again = openSync(`/proc/self/fd/${fd}`, flags);
      return new LogPipe(again, options);
    } catch {
      return undefined;
    }
  }

  write(piece: string): void {
    const bytes = Buffer.from(piece);
    if (this.#waitingBytes + bytes.length > this.#options.waitingMaxBytes) {
      this.#options.dropped(piece);
      return;
    }
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (this.#retry === undefined) this.#drain();
  }

  flush(lastPiece: string): void {
    if (lastPiece !== "") this.write(lastPiece);
    const deadline = performance.now() + FLUSH_MAX_MS;
    const nothing = new Int32Array(new SharedArrayBuffer(4));
    while (!this.#writeWaiting() && performance.now() < deadline) Atomics.wait(nothing, 0, 0, 1);
  }

  readonly #drain = (): void => {
    this.#retry = undefined;
    if (this.#writeWaiting()) this.#options.drained();
    // A log that nobody reads does not keep the process alive.
    else this.#retry = setTimeout(this.#drain, RETRY_MS).unref();
  };

  /** Whether nothing waits any more. */
  #writeWaiting(): boolean {
    for (let head = this.#waiting[0]; head !== undefined; head = this.#waiting[0]) {
      const written = this.#tryWrite(head);
      this.#waitingBytes -= written;
      if (written === head.length) this.#waiting.shift();
      else {
        this.#waiting[0] = head.subarray(written);
        return false;
      }
    }
    return true;
  }

  #tryWrite(bytes: Buffer): number {
    try {
      return writeSync(this.#fd, bytes);
    } catch (error) {
      // The reader is gone for good: the lines go nowhere, the server goes on.
      return (error as { code?: string }).code === "EAGAIN" ? 0 : bytes.length;
    }
  }
}

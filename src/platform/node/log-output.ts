// Where log lines leave the process.
//
// The lines of one turn are gathered into one piece: a burst is few writes. A file is written by sonic-boom (pino's own
// writer), in the thread pool: a slow disk must not stop the server. Pipes and terminals are another matter: log-pipe.ts.
// Lines that nobody takes wait in memory up to a limit; beyond it they are dropped, and the log says how many.

import { openSync } from "node:fs";
import { destination } from "pino";
import { LogPipe, type LogSinkOptions } from "./log-pipe.js";

/** Lines that nobody takes are kept up to this many bytes: minutes of a busy server, not the memory of the machine. */
const WAITING_MAX_BYTES = 16 * 1024 * 1024;

/** A burst is handed on in pieces of about this size, so that the limit above drops pieces of it, not the whole. */
const PIECE_MAX_CHARACTERS = 64 * 1024;

interface LogSink {
  write(piece: string): void;
  /** Writes what waits and then the last piece, before it returns. */
  flush(lastPiece: string): void;
}

export class LogOutput {
  readonly #sink: LogSink;
  readonly #lineAboutDropped: (count: number) => string;
  #gathered = "";
  #droppedLines = 0;

  /** `to` is a path or a file descriptor. */
  constructor(to: string | number, lineAboutDropped: (count: number) => string) {
    this.#lineAboutDropped = lineAboutDropped;
    const options: LogSinkOptions = {
      waitingMaxBytes: WAITING_MAX_BYTES,
      dropped: (piece) => {
        this.#droppedLines += piece.split("\n").length - 1;
      },
      drained: () => this.write(this.#takeDropped()),
    };
    // Opened at once: a file that cannot be written is to be told now, and lines of a short life must not be lost.
    const fd = typeof to === "number" ? to : openSync(to, "a");
    this.#sink = LogPipe.open(fd, options) ?? new LogFile(fd, options);
    process.once("exit", () => this.flush());
  }

  write(lines: string): void {
    if (lines === "") return;
    if (this.#gathered === "") setImmediate(this.#handOn);
    this.#gathered += lines;
    if (this.#gathered.length > PIECE_MAX_CHARACTERS) this.#handOn();
  }

  /** Writes all that waits, before it returns. */
  flush(): void {
    const lines = this.#gathered;
    this.#gathered = "";
    this.#sink.flush(lines);
    const dropped = this.#takeDropped();
    if (dropped !== "") this.#sink.flush(dropped);
  }

  readonly #handOn = (): void => {
    const lines = this.#gathered;
    this.#gathered = "";
    if (lines !== "") this.#sink.write(lines);
  };

  #takeDropped(): string {
    const count = this.#droppedLines;
    this.#droppedLines = 0;
    return count === 0 ? "" : this.#lineAboutDropped(count);
  }
}

class LogFile implements LogSink {
  readonly #out: ReturnType<typeof destination>;

  constructor(fd: number, options: LogSinkOptions) {
    this.#out = destination({ dest: fd, sync: false, maxLength: options.waitingMaxBytes });
    // A full disk loses lines; it must not end the server.
    this.#out.on("error", () => {});
    this.#out.on("drop", options.dropped);
    this.#out.on("drain", options.drained);
  }

  write(piece: string): void {
    this.#out.write(piece);
  }

  flush(lastPiece: string): void {
    // Else the last lines would be handed to the thread pool, which may be too late.
    const settings = this.#out as unknown as { minLength: number };
    settings.minLength = Number.POSITIVE_INFINITY;
    try {
      this.#out.write(lastPiece);
      this.#out.flushSync();
    } catch {
      // The descriptor is gone: nobody is left to be told.
    } finally {
      settings.minLength = 0;
    }
  }
}

// Where log lines leave the process.
//
// The lines of one turn are gathered into one piece: a burst is few writes. Files are written by log-file.ts; pipes and
// terminals are another matter: log-pipe.ts.
// Lines that nobody takes wait in memory up to a limit; beyond it they are dropped, and the log says how many.

import { openSync } from "node:fs";
import { LogFile } from "./log-file.js";
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

// Where log lines leave the process: sonic-boom (pino's own writer) behind a small gathering.
//
// Writing is asynchronous: a terminal or a pipe whose reader sleeps must not stop the server. Lines of one turn are gathered
// into one piece, because sonic-boom measures all that waits again for each line: in a burst that costs more than making
// the line. Lines that nobody takes wait in memory up to a limit; beyond it they are dropped, and the log says how many.

import { openSync } from "node:fs";
import { destination } from "pino";

/** Lines that nobody takes are kept up to this many bytes: minutes of a busy server, not the memory of the machine. */
const WAITING_MAX_BYTES = 16 * 1024 * 1024;

/** A burst is handed on in pieces of about this size, so that the limit above drops pieces of it, not the whole. */
const PIECE_MAX_CHARACTERS = 64 * 1024;

export class LogOutput {
  readonly #out: ReturnType<typeof destination>;
  readonly #lineAboutDropped: (count: number) => string;
  #gathered = "";
  #droppedLines = 0;

  /** `to` is a path or a file descriptor. */
  constructor(to: string | number, lineAboutDropped: (count: number) => string) {
    this.#lineAboutDropped = lineAboutDropped;
    // Opened at once: a file that cannot be written is to be told now, and lines of a short life must not be lost.
    const fd = typeof to === "number" ? to : openSync(to, "a");
    this.#out = destination({ dest: fd, sync: false, maxLength: WAITING_MAX_BYTES });
    // A closed pipe (EPIPE) or a full disk loses lines; it must not end the server.
    this.#out.on("error", () => {});
    this.#out.on("drop", (piece: string) => {
      this.#droppedLines += piece.split("\n").length - 1;
    });
    this.#out.on("drain", () => this.#tellDropped());
    process.once("exit", () => this.flush());
  }

  write(lines: string): void {
    if (this.#gathered === "") setImmediate(this.#handOn);
    this.#gathered += lines;
    if (this.#gathered.length > PIECE_MAX_CHARACTERS) this.#handOn();
  }

  /** Writes all that waits, before it returns. Where the descriptor is gone, nobody is left to be told. */
  flush(): void {
    // Else the last lines would be handed to the thread pool, which may be too late.
    const settings = this.#out as unknown as { minLength: number };
    settings.minLength = Number.POSITIVE_INFINITY;
    try {
      this.#handOn();
      this.#out.flushSync();
      this.#tellDropped();
      this.#out.flushSync();
    } catch {
    } finally {
      settings.minLength = 0;
    }
  }

  readonly #handOn = (): void => {
    const lines = this.#gathered;
    this.#gathered = "";
    if (lines !== "") this.#out.write(lines);
  };

  #tellDropped(): void {
    if (this.#droppedLines === 0) return;
    const count = this.#droppedLines;
    this.#droppedLines = 0;
    this.#out.write(this.#lineAboutDropped(count));
  }
}

// The answer to a four-letter word, sent in pieces.
//
// An answer may be long: wchp on a server with a million watches is hundreds of megabytes. It is produced as lines, gathered
// into pieces of TEXT_CHUNK_BYTES, and the next piece is made only when the system has taken the last one, in a turn of its
// own: other clients are served in between, and an answer never lies in memory as a whole. (Java writes with a blocking
// socket from a worker thread.)

import { TEXT_CHUNK_BYTES } from "../limits.js";

/** Lines, or parts of lines. */
export type TextSource = Iterable<string>;

export interface TextTarget {
  write(bytes: Buffer): void;
  unsentBytes(): number;
  /** Calls `next` in a later turn. */
  later(next: () => void): void;
  done(): void;
}

/** Java counts a packet as sent for every 8192 characters that it passes on. */
const JAVA_PACKET_CHARACTERS = 8192;

export class TextAnswer {
  readonly #parts: Iterator<string>;
  readonly #target: TextTarget;
  readonly #next = (): void => this.go();
  #characters = 0;
  #isWaitingForDrain = false;
  #isDone = false;

  constructor(source: TextSource, target: TextTarget) {
    this.#parts = source[Symbol.iterator]();
    this.#target = target;
  }

  /** How many packets Java would count for what has been sent so far. */
  get packets(): number {
    return Math.ceil(this.#characters / JAVA_PACKET_CHARACTERS);
  }

  /** Sends the next piece. */
  go(): void {
    if (this.#isDone) return;
    let text = "";
    while (text.length < TEXT_CHUNK_BYTES) {
      const part = this.#parts.next();
      if (part.done === true) {
        this.#isDone = true;
        break;
      }
      text += part.value;
    }
    this.#characters += text.length;
    if (text !== "") this.#target.write(Buffer.from(text, "utf8"));
    if (this.#isDone) this.#target.done();
    else if (this.#target.unsentBytes() > 0) this.#isWaitingForDrain = true;
    else this.#target.later(this.#next);
  }

  /** The system has taken what was written. */
  drained(): void {
    if (!this.#isWaitingForDrain) return;
    this.#isWaitingForDrain = false;
    this.go();
  }

  /** The connection is gone. */
  cancel(): void {
    this.#isDone = true;
    this.#parts.return?.();
  }
}

// What is typed, or comes through a pipe, asked for word by word or line by line. Java: Scanner.

import { readSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";
import { pause } from "./output.js";

const SPACES = /^\s+/;
const WORD = /^(\S+)\s/;
const LINE = /^(.*?)(?:\r\n|[\n\r\u2028\u2029\u0085])/s;

export class Answers {
  readonly #fd: number;
  readonly #decoder = new StringDecoder("utf8");
  #text = "";
  #isAtEnd = false;

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** Undefined when there is no more. */
  word(): string | undefined {
    for (;;) {
      this.#text = this.#text.replace(SPACES, "");
      const word = WORD.exec(this.#text)?.[1] ?? (this.#isAtEnd ? this.#text : undefined);
      if (word !== undefined) return this.#take(word.length, word);
      this.#read();
    }
  }

  line(): string | undefined {
    for (;;) {
      const found = LINE.exec(this.#text);
      // What is behind a carriage return may be on its way.
      const isCut = found?.[0].length === this.#text.length && this.#text.endsWith("\r");
      if (found !== null && (!isCut || this.#isAtEnd)) {
        this.#text = this.#text.slice(found[0].length);
        return found[1];
      }
      if (this.#isAtEnd) return this.#take(this.#text.length, this.#text);
      this.#read();
    }
  }

  #take(length: number, text: string): string | undefined {
    this.#text = this.#text.slice(length);
    return text === "" ? undefined : text;
  }

  #read(): void {
    const page = Buffer.alloc(4096);
    for (;;) {
      try {
        const count = readSync(this.#fd, page);
        if (count === 0) this.#isAtEnd = true;
        this.#text += this.#decoder.write(page.subarray(0, count));
        return;
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code;
        if (code === "EOF") this.#isAtEnd = true;
        if (code === "EOF") return;
        if (code !== "EAGAIN") throw error;
        pause();
      }
    }
  }
}

// The text of DIGEST-MD5's messages: `key=value,key="quoted value"`. RFC 2831 section 2.1; what Java's mechanism lets pass and
// what it refuses (com.sun.security.sasl.digest.DigestMD5Base).
//
// Values are bytes: what they mean depends on the charset that the two sides have agreed on.

import { SaslError } from "./sasl.js";

const COMMA = 0x2c;
const EQUALS = 0x3d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** By key, in lower case: of all directives those that are asked for. What occurs twice is refused. */
export type Directives = ReadonlyMap<string, Buffer>;

export function parseDirectives(text: Buffer, known: readonly string[]): Directives {
  return new DirectiveParser(text, known).parse();
}

class DirectiveParser {
  readonly #text: Buffer;
  readonly #known: readonly string[];
  readonly #found = new Map<string, Buffer>();
  #at = 0;

  constructor(text: Buffer, known: readonly string[]) {
    this.#text = text;
    this.#known = known;
  }

  parse(): Directives {
    this.#skipBlanks();
    while (this.#at < this.#text.length) {
      if (this.#text[this.#at] === COMMA) {
        this.#at++;
        this.#skipBlanks();
        continue;
      }
      const key = this.#key();
      if (key === undefined) break;
      this.#keep(key, this.#value(key));
    }
    return this.#found;
  }

  /** Up to the value; undefined for a key without `=` at the very end, which Java passes over as a directive without value. */
  #key(): string | undefined {
    const start = this.#at;
    for (; this.#at < this.#text.length; this.#at++) {
      const byte = this.#text[this.#at]!;
      if (byte === COMMA) {
        throw new SaslError(`Directive key contains a ',':${this.#latin(start, this.#at)}`);
      }
      if (byte === EQUALS || isBlank(byte)) break;
    }
    const key = this.#latin(start, this.#at);
    if (this.#at === this.#text.length) {
      this.#keep(key, Buffer.alloc(0));
      return undefined;
    }
    this.#skipBlanks();
    if (this.#text[this.#at] !== EQUALS) throw new SaslError(`'=' expected after key: ${key}`);
    if (key === "") throw new SaslError("Empty directive key");
    this.#at++;
    this.#skipBlanks();
    if (this.#at === this.#text.length) throw new SaslError(`Valueless directive found: ${key}`);
    return key;
  }

  #value(key: string): Buffer {
    const value = this.#text[this.#at] === QUOTE ? this.#quoted(key) : this.#unquoted();
    if (this.#at < this.#text.length) {
      const byte = this.#text[this.#at]!;
      if (byte !== COMMA && !isBlank(byte)) {
        throw new SaslError(
          `Expecting comma or linear whitespace after quoted string: "${value.toString("latin1")}"`,
        );
      }
      this.#at++;
      this.#skipBlanks();
    }
    return value;
  }

  #unquoted(): Buffer {
    const start = this.#at;
    while (this.#at < this.#text.length) {
      const byte = this.#text[this.#at]!;
      if (byte === COMMA || isBlank(byte)) break;
      this.#at++;
    }
    return this.#text.subarray(start, this.#at);
  }

  #quoted(key: string): Buffer {
    const value: number[] = [];
    this.#at++;
    while (this.#at < this.#text.length) {
      let byte = this.#text[this.#at++]!;
      if (byte === QUOTE) return Buffer.from(value);
      if (byte === BACKSLASH) {
        if (this.#at === this.#text.length) break;
        byte = this.#text[this.#at++]!;
      }
      value.push(byte);
    }
    const shown = Buffer.from(value).toString("latin1");
    throw new SaslError(`Unmatched quote found for directive: ${key} with value: ${shown}`);
  }

  #keep(key: string, value: Buffer): void {
    const name = key.toLowerCase();
    if (!this.#known.includes(name)) return;
    if (this.#found.has(name)) {
      throw new SaslError(
        `DIGEST-MD5: peer sent more than one ${key} directive: ${value.toString("latin1")}`,
      );
    }
    this.#found.set(name, Buffer.from(value));
  }

  #skipBlanks(): void {
    while (this.#at < this.#text.length && isBlank(this.#text[this.#at]!)) this.#at++;
  }

  #latin(start: number, end: number): string {
    return this.#text.toString("latin1", start, end);
  }
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0d || byte === 0x0a;
}

/** `"value"` with quotes, backslashes and control characters (but for blanks) escaped. */
export function quoted(value: Buffer | string): Buffer {
  const bytes = typeof value === "string" ? Buffer.from(value, "utf8") : value;
  const out: number[] = [QUOTE];
  for (const byte of bytes) {
    const isControl = byte < 32 && !isBlank(byte);
    if (byte === QUOTE || byte === BACKSLASH || byte === 127 || isControl) out.push(BACKSLASH);
    out.push(byte);
  }
  out.push(QUOTE);
  return Buffer.from(out);
}

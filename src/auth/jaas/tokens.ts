// The tokens of a JAAS file, exactly as Java's StreamTokenizer cuts them for it (sun.security.provider.ConfigFile).
//
// It was made for Java-like sources, not for this: a value that begins with a digit, `.` or `-` is a number (which the grammar
// then refuses), a single `/` begins a comment as `//` does, `'…'` is a string of a kind that nobody expects, and a quoted
// string ends with its line. Operators have files that rely on what it takes, and are told of what it does not.

export type Token =
  | { readonly kind: "word" | "quoted"; readonly text: string }
  /** A number, or any other character; `text` is what Java's messages show in place of a value. */
  | { readonly kind: "other"; readonly character: string; readonly text: string | null }
  | { readonly kind: "end" };

const NONE = -1;
const LF = 10;
const CR = 13;
const SLASH = 47;
const STAR = 42;
const BACKSLASH = 92;
const DOUBLE_QUOTE = 34;
const SINGLE_QUOTE = 39;
const MINUS = 45;
const DOT = 46;

const ESCAPES: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

export class JaasTokens {
  readonly #text: string;
  #at = 0;
  /** Of the token that was read last, from 1. Lines inside a comment do not count, as in Java. */
  line = 1;

  constructor(text: string) {
    this.#text = text;
  }

  next(): Token {
    for (;;) {
      const c = this.#peek();
      if (c === NONE) return { kind: "end" };
      if (c === CR || c === LF) this.#endOfLine();
      else if (c <= 32) this.#at++;
      else if (c === SLASH) this.#comment();
      else return this.#token(c);
    }
  }

  #token(c: number): Token {
    if (c === DOUBLE_QUOTE || c === SINGLE_QUOTE) return this.#string(c);
    if (isDigit(c) || c === DOT || (c === MINUS && this.#isNumberAfterMinus())) {
      return this.#number();
    }
    if (isWordStart(c) && c !== MINUS) {
      const start = this.#at;
      while (isWordPart(this.#peek())) this.#at++;
      return { kind: "word", text: this.#text.slice(start, this.#at) };
    }
    this.#at++;
    return { kind: "other", character: String.fromCharCode(c), text: null };
  }

  #peek(): number {
    return this.#at < this.#text.length ? this.#text.charCodeAt(this.#at) : NONE;
  }

  #endOfLine(): void {
    const isPair = this.#text.startsWith("\r\n", this.#at);
    this.#at += isPair ? 2 : 1;
    this.line++;
  }

  #comment(): void {
    this.#at++;
    if (this.#peek() === STAR) {
      const end = this.#text.indexOf("*/", this.#at + 1);
      this.#at = end < 0 ? this.#text.length : end + 2;
      return;
    }
    // Whatever the next character is: Java has read it already, even the end of the line.
    this.#at++;
    while (this.#peek() !== NONE && this.#peek() !== LF && this.#peek() !== CR) this.#at++;
  }

  #isNumberAfterMinus(): boolean {
    const c = this.#at + 1 < this.#text.length ? this.#text.charCodeAt(this.#at + 1) : NONE;
    return isDigit(c) || c === DOT;
  }

  #number(): Token {
    if (this.#peek() === MINUS) this.#at++;
    for (let dots = 0; ; this.#at++) {
      const c = this.#peek();
      if (c === DOT && dots === 0) dots++;
      else if (!isDigit(c)) break;
    }
    return { kind: "other", character: "", text: null };
  }

  /** To the next quote of the same kind, or to the end of the line, which stays. */
  #string(quote: number): Token {
    this.#at++;
    let text = "";
    for (;;) {
      const c = this.#peek();
      if (c === NONE || c === LF || c === CR) break;
      this.#at++;
      if (c === quote) break;
      text += c === BACKSLASH ? this.#escape() : String.fromCharCode(c);
    }
    if (quote === DOUBLE_QUOTE) return { kind: "quoted", text };
    return { kind: "other", character: "'", text };
  }

  #escape(): string {
    const octal = /^(?:[0-3][0-7]{0,2}|[4-7][0-7]?)/.exec(this.#text.slice(this.#at, this.#at + 3));
    if (octal !== null) {
      this.#at += octal[0].length;
      return String.fromCharCode(Number.parseInt(octal[0], 8));
    }
    const c = this.#text[this.#at];
    // At the end of the text Java takes its end-of-file for a character.
    if (c === undefined) return "\uffff";
    this.#at++;
    return ESCAPES[c] ?? c;
  }
}

function isDigit(c: number): boolean {
  return c >= 48 && c <= 57;
}

/** Letters of ASCII and Latin-1's upper half, `$ _ - *`, and everything beyond. */
function isWordStart(c: number): boolean {
  if ((c >= 65 && c <= 90) || (c >= 97 && c <= 122)) return true;
  return c === 36 || c === 95 || c === MINUS || c === STAR || c >= 160;
}

function isWordPart(c: number): boolean {
  return isWordStart(c) || isDigit(c) || c === DOT;
}

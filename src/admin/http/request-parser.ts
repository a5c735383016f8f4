// HTTP/1.1 requests out of bytes, as they come. Java: Jetty's HttpParser.
//
//   request = method " " target " HTTP/1." ("0" | "1") EOL *(name ":" value EOL) EOL [body]        EOL = CR LF | LF
//
// It is asked rather than driven: `push` what came, then `next` until it says "more". A request is given out as soon as its
// head is whole; its body, which no command needs, is passed over before the next one. Whatever is not HTTP, has two
// meanings (two lengths, a folded line, a length and chunks) or is too long is "bad", and nothing after it is looked at:
// what cannot be understood in one way only must not be guessed at.
//
// Invariant: what is kept is at most a head and a chunk.

import { HTTP_BODY_MAX_BYTES, HTTP_HEAD_MAX_BYTES } from "../../limits.js";

export interface HttpRequest {
  readonly method: string;
  /** As it was sent, with its query. */
  readonly target: string;
  /** Without the query, %XX decoded. */
  readonly path: string;
  /** The query's parameters, in their order. */
  readonly parameters: readonly (readonly [name: string, value: string])[];
  /** The first value of each. */
  readonly query: ReadonlyMap<string, string>;
  /** By name in small letters; the first value of each. */
  readonly headers: ReadonlyMap<string, string>;
  readonly minorVersion: 0 | 1;
  /** Whether the client wants to ask more on this connection. */
  readonly keepsAlive: boolean;
}

export type ParsedHttp =
  | { readonly kind: "more" }
  | { readonly kind: "request"; readonly request: HttpRequest }
  | { readonly kind: "bad"; readonly status: number; readonly reason: string };

const MORE: ParsedHttp = { kind: "more" };
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const LF = 10;
const CR = 13;
/** A chunk's size line, with whatever extension. */
const SIZE_LINE_MAX_BYTES = 256;

class BadRequest extends Error {
  readonly status: number;
  constructor(status: number, reason: string) {
    super(reason);
    this.status = status;
  }
}

/** What is left of a body. */
type Body =
  | { kind: "none" }
  | { kind: "bytes"; left: number }
  /** Chunked: a size line, that many bytes, an end of line, … and lines until an empty one after size 0. */
  | { kind: "chunks"; state: "size" | "data" | "dataEnd" | "trailer"; left: number; total: number };

export class HttpRequestParser {
  #bytes: Buffer = Buffer.alloc(0);
  #body: Body = { kind: "none" };
  #bad: ParsedHttp | undefined;
  #taker: ((bytes: Buffer) => void) | undefined;

  /** Whether a request has begun to arrive and is not whole. */
  get isInRequest(): boolean {
    return this.#bytes.length > 0 || this.#body.kind !== "none";
  }

  /** Whether so much is waiting that no more should be read before `next` has been asked. */
  get isFull(): boolean {
    return this.#bytes.length > HTTP_HEAD_MAX_BYTES;
  }

  /** The body of the request that was handed out last goes there, however long it is, instead of being passed over. */
  takeBody(taker: (bytes: Buffer) => void): void {
    this.#taker = taker;
  }

  /** Hands on what has come of a body that is taken; "bad" is what `next` says from here on. */
  handOnBody(): "more" | "done" | "bad" {
    try {
      if (!this.#skipBody()) return "more";
      this.#taker = undefined;
      return "done";
    } catch (error) {
      this.#refuse(error);
      return "bad";
    }
  }

  /** The chunk is copied. */
  push(chunk: Buffer): void {
    if (this.#bad !== undefined) return;
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
  }

  next(): ParsedHttp {
    if (this.#bad !== undefined) return this.#bad;
    try {
      if (!this.#skipBody()) return MORE;
      return this.#head();
    } catch (error) {
      return this.#refuse(error);
    }
  }

  #refuse(error: unknown): ParsedHttp {
    if (!(error instanceof BadRequest)) throw error;
    this.#bytes = Buffer.alloc(0);
    this.#taker = undefined;
    this.#bad = { kind: "bad", status: error.status, reason: error.message };
    return this.#bad;
  }

  // ---------------------------------------------------------------------------------------------------------------- head

  #head(): ParsedHttp {
    // Empty lines before a request are passed over: some clients end a body with one.
    let start = 0;
    while (
      this.#bytes[start] === LF ||
      (this.#bytes[start] === CR && this.#bytes[start + 1] === LF)
    )
      start += this.#bytes[start] === LF ? 1 : 2;
    this.#take(start);
    const lines: string[] = [];
    let at = 0;
    for (;;) {
      const end = this.#bytes.indexOf(LF, at);
      if (end === -1) {
        this.#checkHeadLength(this.#bytes.length, lines.length);
        return MORE;
      }
      this.#checkHeadLength(end, lines.length);
      const lineEnd = this.#bytes[end - 1] === CR && end > at ? end - 1 : end;
      const line = this.#bytes.toString("latin1", at, lineEnd);
      at = end + 1;
      if (line === "") break;
      lines.push(line);
    }
    this.#take(at);
    return this.#request(lines);
  }

  #checkHeadLength(bytes: number, lines: number): void {
    if (bytes <= HTTP_HEAD_MAX_BYTES) return;
    if (lines === 0) throw new BadRequest(414, "URI Too Long");
    throw new BadRequest(431, "Request Header Fields Too Large");
  }

  #request(lines: readonly string[]): ParsedHttp {
    const { method, target, minorVersion } = requestLine(lines[0] as string);
    const headers = new Map<string, string>();
    for (const line of lines.slice(1)) addHeader(headers, line);
    if (minorVersion === 1 && !headers.has("host")) throw new BadRequest(400, "No Host");
    this.#body = bodyOf(headers);
    const options = (headers.get("connection") ?? "").toLowerCase().split(",");
    const wants = (option: string) => options.some((one) => one.trim() === option);
    // A body that is too long to be passed over is left where it is, and the connection with it.
    const isLong = this.#body.kind === "bytes" && this.#body.left > HTTP_BODY_MAX_BYTES;
    const keepsAlive = !isLong && (minorVersion === 1 ? !wants("close") : wants("keep-alive"));
    const { path, parameters } = splitTarget(target);
    // The first of several of a name is the last to be set.
    const query = new Map([...parameters].reverse());
    const request = {
      method,
      target,
      path,
      parameters,
      query,
      headers,
      minorVersion,
      keepsAlive,
    };
    return { kind: "request", request };
  }

  // ---------------------------------------------------------------------------------------------------------------- body

  /** False while some of it is still to come. */
  #skipBody(): boolean {
    const body = this.#body;
    if (body.kind === "bytes") body.left -= this.#takeUpTo(body.left);
    else if (body.kind === "chunks") return this.#skipChunks(body);
    if (body.kind === "bytes" && body.left > 0) return false;
    this.#body = { kind: "none" };
    return true;
  }

  #skipChunks(body: Body & { kind: "chunks" }): boolean {
    for (;;) {
      if (body.state === "data") {
        body.left -= this.#takeUpTo(body.left);
        if (body.left > 0) return false;
        body.state = "dataEnd";
      }
      const line = this.#line();
      if (line === undefined) return false;
      if (body.state === "trailer") {
        if (line !== "") continue;
        this.#body = { kind: "none" };
        return true;
      }
      if (body.state === "dataEnd") {
        if (line !== "") throw new BadRequest(400, "Bad chunk");
        body.state = "size";
        continue;
      }
      const size = /^([0-9a-fA-F]{1,8})[ \t]*(?:;.*)?$/.exec(line)?.[1];
      if (size === undefined) throw new BadRequest(400, "Bad chunk size");
      body.left = Number.parseInt(size, 16);
      body.total += body.left;
      if (body.total > HTTP_BODY_MAX_BYTES && this.#taker === undefined)
        throw new BadRequest(413, "Payload Too Large");
      body.state = body.left === 0 ? "trailer" : "data";
    }
  }

  #line(): string | undefined {
    const end = this.#bytes.indexOf(LF);
    if ((end === -1 ? this.#bytes.length : end) > SIZE_LINE_MAX_BYTES) {
      throw new BadRequest(400, "Bad chunk");
    }
    if (end === -1) return undefined;
    const line = this.#bytes.toString("latin1", 0, end).replace(/\r$/, "");
    this.#take(end + 1);
    return line;
  }

  #take(count: number): void {
    if (count > 0) this.#bytes = this.#bytes.subarray(count);
  }

  #takeUpTo(count: number): number {
    const taken = Math.min(count, this.#bytes.length);
    if (taken > 0) this.#taker?.(this.#bytes.subarray(0, taken));
    this.#take(taken);
    return taken;
  }
}

function requestLine(line: string): { method: string; target: string; minorVersion: 0 | 1 } {
  const parts = line.split(" ");
  const [method = "", target = "", version = ""] = parts;
  if (parts.length !== 3 || !TOKEN.test(method)) throw new BadRequest(400, "Bad Request");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
  if (/[\x00-\x20\x7f]/.test(target) || target === "") throw new BadRequest(400, "Bad URI");
  if (version === "HTTP/1.1") return { method, target, minorVersion: 1 };
  if (version === "HTTP/1.0") return { method, target, minorVersion: 0 };
  throw /^HTTP\/\d/.test(version)
    ? new BadRequest(505, "HTTP Version Not Supported")
    : new BadRequest(400, "Bad Request");
}

/** Not by a pattern: those look at long blanks again and again. */
function withoutBlanks(line: string, from: number): string {
  const isBlank = (at: number) => line[at] === " " || line[at] === "\t";
  let start = from;
  let end = line.length;
  while (start < end && isBlank(start)) start++;
  while (end > start && isBlank(end - 1)) end--;
  return line.slice(start, end);
}

function addHeader(headers: Map<string, string>, line: string): void {
  const colon = line.indexOf(":");
  const name = line.slice(0, Math.max(colon, 0));
  // A space before the colon, or a line that goes on from the one before, means one thing to some and another to others.
  if (!TOKEN.test(name)) throw new BadRequest(400, "Bad header");
  const value = withoutBlanks(line, colon + 1);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
  if (/[\x00-\x08\x0a-\x1f\x7f]/.test(value)) throw new BadRequest(400, "Bad header");
  const key = name.toLowerCase();
  const before = headers.get(key);
  if (before === undefined) headers.set(key, value);
  else if (FRAMING.has(key) && before !== value) throw new BadRequest(400, `Duplicate ${name}`);
}

/** Headers that say where a request ends, or whom it is for: two of them are two meanings. */
const FRAMING = new Set(["content-length", "transfer-encoding", "host"]);

function bodyOf(headers: ReadonlyMap<string, string>): Body {
  const length = headers.get("content-length");
  const encoding = headers.get("transfer-encoding");
  if (encoding !== undefined) {
    if (length !== undefined) throw new BadRequest(400, "Transfer-Encoding and Content-Length");
    if (encoding.toLowerCase() !== "chunked") throw new BadRequest(501, "Not Implemented");
    return { kind: "chunks", state: "size", left: 0, total: 0 };
  }
  if (length === undefined) return { kind: "none" };
  if (!/^\d{1,15}$/.test(length)) throw new BadRequest(400, "Bad Content-Length");
  const left = Number(length);
  return left === 0 ? { kind: "none" } : { kind: "bytes", left };
}

/** `/path?name=value&…`, or the absolute form, whose host is not looked at. */
function splitTarget(target: string): Pick<HttpRequest, "path" | "parameters"> {
  const local = target.replace(/^https?:\/\/[^/?]*/i, "");
  const mark = local.indexOf("?");
  const path = mark === -1 ? local : local.slice(0, mark);
  const parameters: [string, string][] = [];
  if (mark !== -1) {
    for (const pair of local.slice(mark + 1).split("&")) {
      if (pair === "") continue;
      const equals = pair.indexOf("=");
      const name = decoded((equals === -1 ? pair : pair.slice(0, equals)).replaceAll("+", " "));
      const value = equals === -1 ? "" : decoded(pair.slice(equals + 1).replaceAll("+", " "));
      parameters.push([name, value]);
    }
  }
  return { path: decoded(path) || "/", parameters };
}

function decoded(text: string): string {
  try {
    // The head was read byte by byte: what stands there unescaped is UTF-8.
    return decodeURIComponent(Buffer.from(text, "latin1").toString("utf8"));
  } catch {
    throw new BadRequest(400, "Bad URI");
  }
}

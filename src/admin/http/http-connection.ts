// One HTTP connection: request, answer, request, answer, one at a time. Java: Jetty's HttpConnection, HttpChannel.
//
// While an answer is made and sent, nothing more is read than the parser may hold. A text is made in pieces of
// TEXT_CHUNK_BYTES, the next one when the system has taken the last and other clients have had their turn. A text that
// fits one piece goes out with its length, a longer one in chunks, as in Jetty.
//
// Time-outs: a request must be whole, and a piece of an answer taken, within the idle time-out; bytes that trickle in do
// not start it anew.

import { TEXT_CHUNK_BYTES } from "../../limits.js";
import type { Clock, Connection, ConnectionHandler, Timer } from "../../platform/platform.js";
import { type HttpRequest, HttpRequestParser } from "./request-parser.js";
import {
  type BodyControl,
  type BodyTaker,
  EMPTY,
  errorPage,
  type HttpClient,
  type HttpHandler,
  type HttpResponse,
  responseHead,
  withStrictTransport,
} from "./response.js";

export interface HttpConnectionOptions {
  readonly clock: Clock;
  readonly idleTimeoutMs: number;
  readonly handler: HttpHandler;
  readonly date: () => string;
  readonly closed: () => void;
}

type TextBody = HttpResponse["body"] & { kind: "text" };

const CONTINUE = Buffer.from("HTTP/1.1 100 Continue\r\n\r\n", "latin1");

/** Pieces to write, and at the end whether that was everything. */
type Source = Iterator<Buffer, boolean>;

export class HttpConnection implements ConnectionHandler, HttpClient {
  readonly #connection: Connection;
  readonly #options: HttpConnectionOptions;
  readonly #parser = new HttpRequestParser();
  /** An answer is being waited for or sent. */
  #isBusy = false;
  #isPaused = false;
  /** Nothing more is answered: what was written is on its way, what still comes is not looked at. */
  #isEnding = false;
  #isClosed = false;
  #endsAfterAnswer = false;
  #source: Source | undefined;
  #isWaitingForDrain = false;
  #taker: BodyTaker | undefined;
  #takerIsFull = false;
  #expectsContinue = false;
  #lastMs: number;
  #timer: Timer | undefined;

  constructor(connection: Connection, options: HttpConnectionOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#lastMs = options.clock.monotonicMs();
    this.#setTimer();
  }

  get remoteAddress(): string {
    return this.#connection.remoteAddress;
  }

  get tls(): Connection["tls"] {
    return this.#connection.tls;
  }

  destroy(): void {
    this.#connection.destroy();
  }

  // ------------------------------------------------------------------------------------------------- from the connection

  onData(chunk: Buffer): void {
    if (this.#isEnding) return;
    if (!this.#isBusy && !this.#parser.isInRequest) this.#touch();
    this.#parser.push(chunk);
    if (this.#taker !== undefined) this.#handOnBody(this.#taker);
    else this.#goOn();
  }

  onDrain(): void {
    this.#touch();
    if (!this.#isWaitingForDrain) return;
    this.#isWaitingForDrain = false;
    this.#send();
  }

  onEnd(): void {
    this.#abortBody();
    // What was asked is still answered; then there is nothing more.
    if (this.#isBusy) this.#endsAfterAnswer = true;
    else this.#end();
  }

  onClose(): void {
    this.#isClosed = true;
    this.#isEnding = true;
    this.#timer?.cancel();
    this.#abortBody();
    const source = this.#source;
    this.#source = undefined;
    source?.return?.();
    this.#options.closed();
  }

  // ------------------------------------------------------------------------------------------------------------- requests

  #goOn(): void {
    if (!this.#isBusy && !this.#isEnding) {
      const parsed = this.#parser.next();
      if (parsed.kind === "request") this.#answer(parsed.request);
      else if (parsed.kind === "bad") this.#start(undefined, errorPage(parsed.status, "", true));
    }
    this.#setReading(!this.#isBusy || !this.#parser.isFull);
  }

  #answer(request: HttpRequest): void {
    this.#isBusy = true;
    this.#expectsContinue = request.headers.get("expect")?.toLowerCase() === "100-continue";
    let isAnswered = false;
    this.#options.handler(request, this, (response) => {
      if (isAnswered) return;
      isAnswered = true;
      if (!this.#isClosed) this.#start(request, response);
      else if (response.body.kind === "bytes") response.body.close();
    });
  }

  takeBody(taker: BodyTaker): BodyControl {
    this.#taker = taker;
    this.#takerIsFull = false;
    this.#parser.takeBody((bytes) => {
      if (!taker.data(bytes)) this.#takerIsFull = true;
    });
    // Not before: whoever is refused need not send what it has.
    if (this.#expectsContinue) this.#connection.write(CONTINUE);
    this.#options.clock.atTurnEnd(() => this.#handOnBody(taker));
    return {
      resume: () => {
        this.#takerIsFull = false;
        this.#handOnBody(taker);
      },
    };
  }

  #handOnBody(taker: BodyTaker): void {
    if (this.#taker !== taker || this.#isClosed) return;
    this.#touch();
    const state = this.#parser.handOnBody();
    if (state === "more") {
      this.#setReading(!this.#takerIsFull);
      return;
    }
    this.#taker = undefined;
    this.#setReading(!this.#parser.isFull);
    if (state === "done") taker.end();
    else taker.aborted();
  }

  #abortBody(): void {
    const taker = this.#taker;
    this.#taker = undefined;
    taker?.aborted();
  }

  #setReading(on: boolean): void {
    if (on === !this.#isPaused || this.#isClosed) return;
    this.#isPaused = !on;
    if (on) this.#connection.resumeReading();
    else this.#connection.pauseReading();
  }

  // -------------------------------------------------------------------------------------------------------------- answers

  #start(request: HttpRequest | undefined, response: HttpResponse): void {
    this.#isBusy = true;
    this.#touch();
    const closes = request === undefined || !request.keepsAlive || response.close === true;
    if (closes) this.#endsAfterAnswer = true;
    const secured = this.tls === undefined ? response : withStrictTransport(response);
    const makeHead = (framing: Parameters<typeof responseHead>[2]) =>
      Buffer.from(responseHead(secured, this.#options.date(), framing, closes), "latin1");
    this.#source = piecesOf(request, response, makeHead);
    this.#options.clock.atTurnEnd(this.#next);
  }

  readonly #next = (): void => this.#send();

  #send(): void {
    const source = this.#source;
    if (source === undefined) return;
    const piece = source.next();
    if (piece.done === true) {
      this.#source = undefined;
      if (piece.value) this.#answered();
      // The client sees by the length that it has not got everything.
      else this.#connection.destroy();
      return;
    }
    this.#connection.write(piece.value);
    if (this.#connection.unsentBytes > 0) this.#isWaitingForDrain = true;
    else this.#options.clock.atTurnEnd(this.#next);
  }

  #answered(): void {
    this.#isBusy = false;
    this.#touch();
    if (this.#endsAfterAnswer) this.#end();
    else this.#goOn();
  }

  /** What was written is sent; what the client still sends is taken and dropped, so that it gets to read our answer. */
  #end(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#setReading(true);
    this.#connection.end();
  }

  // ------------------------------------------------------------------------------------------------------------- time-outs

  #touch(): void {
    this.#lastMs = this.#options.clock.monotonicMs();
  }

  #setTimer(): void {
    const { clock, idleTimeoutMs } = this.#options;
    const dueMs = this.#lastMs + idleTimeoutMs;
    this.#timer = clock.setTimer(Math.max(1, dueMs - clock.monotonicMs()), () => {
      // A snapshot may take its time: whoever waits for it is not idle.
      const isReceiving = this.#taker !== undefined && !this.#takerIsFull;
      const isWaiting = this.#isBusy && this.#source === undefined && !isReceiving;
      if (!isWaiting && clock.monotonicMs() >= this.#lastMs + idleTimeoutMs) {
        this.#connection.destroy();
        return;
      }
      if (isWaiting) this.#touch();
      this.#setTimer();
    });
  }
}

/** What is written, one piece a turn. */
function* piecesOf(
  request: HttpRequest | undefined,
  response: HttpResponse,
  makeHead: (framing: Parameters<typeof responseHead>[2]) => Buffer,
): Generator<Buffer, boolean> {
  const isHead = request?.method === "HEAD";
  const { body } = isHead ? headOnly(response) : response;
  switch (body.kind) {
    case "empty":
      yield makeHead(isHead ? headFraming(response) : { length: 0 });
      break;
    case "text":
      yield* textPieces(body, makeHead, request?.minorVersion === 0 ? "close" : "chunked");
      break;
    case "bytes":
      return yield* bytePieces(body, makeHead);
  }
  return true;
}

function headOnly(response: HttpResponse): HttpResponse {
  if (response.body.kind === "bytes") response.body.close();
  return { ...response, body: EMPTY };
}

/** What a GET would have had. */
function headFraming({ body }: HttpResponse): { readonly length: number } | "chunked" {
  if (body.kind === "empty") return { length: 0 };
  if (body.kind === "bytes") return { length: body.length };
  const { parts, pieceLength = TEXT_CHUNK_BYTES } = body;
  let text = "";
  for (const part of parts) {
    text += part;
    if (text.length >= pieceLength) return "chunked";
  }
  return { length: Buffer.byteLength(text, "utf8") };
}

function* textPieces(
  { parts, pieceLength = TEXT_CHUNK_BYTES }: TextBody,
  makeHead: (framing: Parameters<typeof responseHead>[2]) => Buffer,
  unbounded: "chunked" | "close",
): Generator<Buffer, void> {
  let text = "";
  let isFirst = true;
  for (const part of parts) {
    text += part;
    if (text.length < pieceLength) continue;
    const piece = framed(text, unbounded);
    yield isFirst ? Buffer.concat([makeHead(unbounded), piece]) : piece;
    isFirst = false;
    text = "";
  }
  if (isFirst) {
    const piece = Buffer.from(text, "utf8");
    yield Buffer.concat([makeHead({ length: piece.length }), piece]);
    return;
  }
  if (text !== "") yield framed(text, unbounded);
  if (unbounded === "chunked") yield Buffer.from("0\r\n\r\n", "latin1");
}

function framed(text: string, framing: "chunked" | "close"): Buffer {
  const bytes = Buffer.from(text, "utf8");
  if (framing === "close") return bytes;
  const size = Buffer.from(`${bytes.length.toString(16).toUpperCase()}\r\n`, "latin1");
  return Buffer.concat([size, bytes, Buffer.from("\r\n", "latin1")]);
}

function* bytePieces(
  body: HttpResponse["body"] & { kind: "bytes" },
  makeHead: (framing: { readonly length: number }) => Buffer,
): Generator<Buffer, boolean> {
  try {
    yield makeHead({ length: body.length });
    for (let position = 0; position < body.length; ) {
      // A new one each time: what is written belongs to the connection.
      const target = Buffer.allocUnsafe(Math.min(TEXT_CHUNK_BYTES, body.length - position));
      const count = body.read(position, target);
      if (count === 0) return false;
      position += count;
      yield target.subarray(0, count);
    }
    return true;
  } finally {
    body.close();
  }
}

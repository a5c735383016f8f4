// One connection to one server, from the attempt to its end. Java: ClientCnxnSocket.
//
// Frames in, bytes out; what they mean is the session's business. What is written during a turn of the loop leaves with one
// write at its end. After `close` nothing is heard of a link any more.

import { ProtocolError } from "../../errors.js";
import { JuteWriter } from "../../jute/writer.js";
import type { Connection, Endpoint, NetworkError } from "../../platform/platform.js";
import type { TlsEndpoint } from "../../tls/endpoint.js";
import { FrameSplitter } from "../../wire/framing.js";
import { dial } from "./dial.js";
import { shuffled } from "./host-list.js";
import { type ClientPlatform, SESSION_DEFAULTS, type SessionOptions } from "./session-options.js";

/** Enough for the requests of most turns. */
const WRITE_BUFFER_BYTES = 1024;

export interface LinkHandler {
  onOpen(): void;
  onFrame(frame: Buffer): void;
  /** The link is gone; called once, never after `close`. */
  onLost(reason: Error): void;
}

export class Link {
  readonly server: Endpoint;
  /** Frames to be sent; `touch` after each. */
  readonly out = new JuteWriter(WRITE_BUFFER_BYTES);
  lastHeardMs: number;
  lastSendMs: number;
  readonly #platform: ClientPlatform;
  readonly #handler: LinkHandler;
  readonly #splitter: FrameSplitter;
  readonly #tls: TlsEndpoint | undefined;
  #attempt: { cancel(): void } | undefined;
  #connection: Connection | undefined;
  #isClosed = false;
  #isFlushDue = false;

  constructor(
    platform: ClientPlatform,
    server: Endpoint,
    options: Pick<SessionOptions, "maxFrameBytes" | "tls">,
    handler: LinkHandler,
  ) {
    this.#platform = platform;
    this.server = server;
    this.#handler = handler;
    this.#splitter = new FrameSplitter(options.maxFrameBytes ?? SESSION_DEFAULTS.maxFrameBytes);
    this.#tls = options.tls;
    this.lastHeardMs = platform.clock.monotonicMs();
    this.lastSendMs = this.lastHeardMs;
  }

  /** Whether there is, or was, a connection. */
  get isOpen(): boolean {
    return this.#connection !== undefined;
  }

  /** Of the server, once there is a connection. */
  get remoteAddress(): string {
    return this.#connection?.remoteAddress ?? "";
  }

  /** Tries the addresses of the server's name one after the other: any of them first, IPv4 before IPv6. */
  open(timeoutMs: number): void {
    const deadlineMs = this.#platform.clock.monotonicMs() + timeoutMs;
    this.#platform.network.resolve(this.server.host, (error, addresses) => {
      if (this.#isClosed) return;
      if (error !== undefined || addresses.length === 0) {
        this.#lose(error, `Cannot resolve "${this.server.host}": no addresses`);
        return;
      }
      const v4 = addresses.filter((address) => !address.includes(":"));
      const v6 = addresses.filter((address) => address.includes(":"));
      const { random } = this.#platform;
      this.#tryNext([...shuffled(v4, random), ...shuffled(v6, random)], 0, deadlineMs);
    });
  }

  /** There is something in `out`: it leaves at the end of this turn. */
  touch(): void {
    if (this.#isFlushDue) return;
    this.#isFlushDue = true;
    this.#platform.clock.atTurnEnd(this.#flush);
  }

  /** Ends it, without a word to the handler. `graceful`: what was written is still sent. */
  close(graceful: boolean): void {
    if (this.#isClosed) return;
    if (graceful) this.#flush();
    this.#isClosed = true;
    this.#splitter.stop();
    this.#attempt?.cancel();
    if (graceful) this.#connection?.end();
    else this.#connection?.destroy();
  }

  #tryNext(addresses: readonly string[], index: number, deadlineMs: number): void {
    const target = { host: addresses[index]!, port: this.server.port };
    const timeoutMs = Math.max(deadlineMs - this.#platform.clock.monotonicMs(), 1);
    const call = { target, name: this.server.host, timeoutMs, tls: this.#tls };
    this.#attempt = dial(this.#platform.network, call, (error, connection) => {
      this.#attempt = undefined;
      if (this.#isClosed) connection?.destroy();
      else if (connection !== undefined) this.#opened(connection);
      else if (index + 1 < addresses.length) this.#tryNext(addresses, index + 1, deadlineMs);
      else this.#lose(error, "Cannot connect");
    });
  }

  #opened(connection: Connection): void {
    this.#connection = connection;
    this.lastHeardMs = this.#platform.clock.monotonicMs();
    this.lastSendMs = this.lastHeardMs;
    connection.start({
      onData: (chunk) => this.#onData(chunk),
      onDrain: () => {},
      onEnd: () => this.#lose(undefined, "The server has closed the connection"),
      onClose: (error: NetworkError | undefined) => this.#lose(error, "The connection was closed"),
    });
    this.#handler.onOpen();
  }

  readonly #onFrame = (frame: Buffer): void => this.#handler.onFrame(frame);

  #onData(chunk: Buffer): void {
    if (this.#isClosed) return;
    this.lastHeardMs = this.#platform.clock.monotonicMs();
    try {
      this.#splitter.push(chunk, this.#onFrame);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#lose(error);
    }
  }

  readonly #flush = (): void => {
    this.#isFlushDue = false;
    if (this.#isClosed || this.#connection === undefined || this.out.length === 0) return;
    this.lastSendMs = this.#platform.clock.monotonicMs();
    this.#connection.write(this.out.take());
  };

  #lose(error: Error | undefined, otherwise = ""): void {
    if (this.#isClosed) return;
    this.close(false);
    this.#handler.onLost(error ?? new Error(otherwise));
  }
}

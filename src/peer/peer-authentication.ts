// Who may speak to whom between members, and how a connection is brought so far. Java: QuorumAuthServer, QuorumAuthLearner.
//
// The exchange happens on a connection that nobody reads yet; it is handed on as if nothing had been.

import type { SaslExchange } from "../auth/sasl/sasl.js";
import type { Clock, Connection, ConnectionHandler, NetworkError } from "../platform/platform.js";
import {
  type QuorumAuthEvents,
  QuorumAuthLearner,
  QuorumAuthServer,
  type QuorumAuthSide,
} from "./quorum-auth.js";

/** quorum.auth.enableSasl. */
export interface PeerAuthentication {
  readonly accept: {
    readonly newExchange: () => SaslExchange;
    /** quorum.auth.serverRequireSasl */
    readonly isRequired: boolean;
  };
  /** Undefined: we call without (quorum.auth.learnerRequireSasl is off). `host`: as the configuration has the one we call. */
  readonly call: ((host: string) => SaslExchange) | undefined;
}

export function acceptingSide(
  { accept }: PeerAuthentication,
  events: QuorumAuthEvents,
): QuorumAuthSide {
  return new QuorumAuthServer(accept.newExchange(), accept.isRequired, events);
}

export type Authenticated = (error: Error | undefined, connection?: Connection) => void;

interface Attempt {
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly connection: Connection;
}

/** `done` is called once, unless it is cancelled before; the connection must be started in that turn. */
export function authenticateCaller(
  authentication: PeerAuthentication,
  attempt: Attempt,
  done: Authenticated,
): { cancel(): void } {
  return new Authentication(attempt, (events) => acceptingSide(authentication, events), done);
}

/** `host`: undefined for a server that we do not know. Where we need not say who we are, `done` is called at once. */
export function authenticateSelf(
  authentication: PeerAuthentication | undefined,
  host: string | undefined,
  attempt: Attempt,
  done: Authenticated,
): { cancel(): void } | undefined {
  const exchange = host === undefined ? undefined : authentication?.call?.(host);
  if (exchange === undefined) {
    done(undefined, attempt.connection);
    return undefined;
  }
  return new Authentication(
    attempt,
    (events) => {
      const side = new QuorumAuthLearner(exchange, events);
      side.start();
      return side;
    },
    done,
  );
}

class Authentication {
  readonly #held: HeldConnection;
  readonly #side: QuorumAuthSide;
  readonly #timer: { cancel(): void };
  #done: Authenticated | undefined;

  constructor(
    { clock, timeoutMs, connection }: Attempt,
    newSide: (events: QuorumAuthEvents) => QuorumAuthSide,
    done: Authenticated,
  ) {
    this.#done = done;
    this.#held = new HeldConnection(connection, clock, {
      data: (chunk) => this.#side.push(Buffer.from(chunk)),
      ended: () => this.#side.end(),
      closed: (error) => this.#finish(error ?? new Error("The connection was closed")),
    });
    this.#timer = clock.setTimer(timeoutMs, () => {
      this.#finish(new Error(`It has not authenticated in ${timeoutMs} ms`));
    });
    this.#side = newSide({
      write: (bytes) => connection.write(bytes),
      done: (error, rest) => this.#finish(error, rest),
    });
  }

  cancel(): void {
    this.#done = undefined;
    this.#stop();
    this.#held.destroy();
  }

  #finish(error: Error | undefined, rest: Buffer = Buffer.alloc(0)): void {
    const done = this.#done;
    this.#done = undefined;
    if (done === undefined) return;
    this.#stop();
    if (error === undefined) {
      this.#held.release(rest);
      done(undefined, this.#held);
      return;
    }
    // What was written, the other side should still read: why it is refused.
    this.#held.end();
    done(error);
  }

  #stop(): void {
    this.#timer.cancel();
    this.#side.cancel();
  }
}

interface Holder {
  data(chunk: Buffer): void;
  ended(): void;
  closed(error: NetworkError | undefined): void;
}

/** A connection whose first bytes are somebody else's. */
class HeldConnection implements Connection, ConnectionHandler {
  readonly #connection: Connection;
  readonly #holder: Holder;
  #handler: ConnectionHandler | undefined;
  readonly #clock: Clock;
  /** What the handler has not been given yet. */
  #rest: Buffer[] = [];
  #hasEnded = false;
  #isClosed = false;

  constructor(connection: Connection, clock: Clock, holder: Holder) {
    this.#connection = connection;
    this.#clock = clock;
    this.#holder = holder;
    connection.start(this);
  }

  get remoteAddress(): string {
    return this.#connection.remoteAddress;
  }

  get remotePort(): number {
    return this.#connection.remotePort;
  }

  get localAddress(): string {
    return this.#connection.localAddress;
  }

  get localPort(): number {
    return this.#connection.localPort;
  }

  get unsentBytes(): number {
    return this.#connection.unsentBytes;
  }

  get tls(): Connection["tls"] {
    return this.#connection.tls;
  }

  /** From the next `start` on, everything is that handler's, `rest` first. */
  release(rest: Buffer): void {
    if (rest.length > 0) this.#rest.push(rest);
  }

  start(handler: ConnectionHandler): void {
    this.#handler = handler;
    if (this.#rest.length > 0 || this.#hasEnded) this.#clock.atTurnEnd(() => this.#handOn(handler));
  }

  #handOn(handler: ConnectionHandler): void {
    const rest = this.#rest;
    this.#rest = [];
    if (this.#isClosed) return;
    for (const chunk of rest) handler.onData(chunk);
    if (this.#hasEnded) handler.onEnd();
  }

  write(bytes: Uint8Array): void {
    this.#connection.write(bytes);
  }

  pauseReading(): void {
    this.#connection.pauseReading();
  }

  resumeReading(): void {
    this.#connection.resumeReading();
  }

  setKeepAlive(on: boolean): void {
    this.#connection.setKeepAlive(on);
  }

  end(): void {
    this.#connection.end();
  }

  destroy(): void {
    this.#connection.destroy();
  }

  onData(chunk: Buffer): void {
    if (this.#handler === undefined) this.#holder.data(chunk);
    else if (this.#rest.length > 0) this.#rest.push(Buffer.from(chunk));
    else this.#handler.onData(chunk);
  }

  onDrain(): void {
    this.#handler?.onDrain();
  }

  onEnd(): void {
    if (this.#handler !== undefined && this.#rest.length === 0) {
      this.#handler.onEnd();
      return;
    }
    this.#hasEnded = true;
    if (this.#handler === undefined) this.#holder.ended();
  }

  onClose(error: NetworkError | undefined): void {
    this.#isClosed = true;
    if (this.#handler === undefined) this.#holder.closed(error);
    else this.#handler.onClose(error);
  }
}

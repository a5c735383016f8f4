// Who a session says it is, on every connection anew. Java: ClientCnxn's authInfo, ZooKeeperSaslClient.
//
// What `addAuth` was given goes out with the ConnectRequest. With SASL it waits, and so do watches and requests: first the
// exchange, whose tokens travel in requests of their own, right after the server has accepted the session.

import type { SaslExchange, SaslOutcome } from "../../auth/sasl/sasl.js";
import { JuteReader } from "../../jute/reader.js";
import type { Logger } from "../../platform/platform.js";
import { ErrorCode } from "../../wire/error-codes.js";
import { OpCode } from "../../wire/op-codes.js";
import { readSetSASLResponse, writeGetSASLRequest } from "../../wire/records.js";
import type { Link } from "./link.js";
import { type Auth, writeAuthFrame } from "./session-frames.js";
import type { ClientSasl, SaslServer } from "./session-options.js";
import { isConnected, SessionState } from "./session-state.js";

export interface AuthenticationEvents {
  nextXid(): number;
  /** By SASL: the server knows who we are, and has shown that it does. */
  authenticated(link: Link): void;
  /** There is nobody to log in: without SASL, then. */
  loginFailed(): void;
  /** For good: the session ends. */
  failed(): void;
}

export class SessionAuthentication {
  readonly #auths: Auth[] = [];
  readonly #newExchange: ((server: SaslServer) => SaslExchange | string) | undefined;
  readonly #loginError: string | undefined;
  readonly #log: Logger;
  readonly #events: AuthenticationEvents;
  #exchange: SaslExchange | undefined;
  /** We have said our last word; the server has not. */
  #isConcluding = false;

  constructor(sasl: ClientSasl | undefined, log: Logger, events: AuthenticationEvents) {
    if (sasl !== undefined && "newExchange" in sasl) this.#newExchange = sasl.newExchange;
    if (sasl !== undefined && "loginError" in sasl) this.#loginError = sasl.loginError;
    this.#log = log;
    this.#events = events;
  }

  get usesSasl(): boolean {
    return this.#newExchange !== undefined;
  }

  /** Between the server's answer to the ConnectRequest and the end of the exchange. */
  get isUnderWay(): boolean {
    return this.#exchange !== undefined;
  }

  /** On the present connection, if `writeAuths` has been called for it, and on all to come. */
  add(auth: Auth, link: Link | undefined, state: SessionState): void {
    this.#auths.push(auth);
    const isTold = this.usesSasl
      ? isConnected(state) && !this.isUnderWay
      : state !== SessionState.connecting;
    if (link === undefined || !isTold) return;
    writeAuthFrame(link.out, auth);
    link.touch();
  }

  writeAuths(link: Link): void {
    if (this.#loginError !== undefined) {
      this.#log.warn(
        `SASL configuration failed. Will continue connection to Zookeeper server without SASL authentication, if Zookeeper server allows it. ${this.#loginError}`,
      );
      this.#events.loginFailed();
    }
    for (const auth of this.#auths) writeAuthFrame(link.out, auth);
  }

  /** Begins the exchange on a connection that the server has accepted. */
  begin(link: Link): void {
    const { host } = link.server;
    const exchange = this.#newExchange!({ host, address: link.remoteAddress });
    if (typeof exchange === "string") {
      this.#failed(exchange);
      return;
    }
    this.#exchange = exchange;
    this.#isConcluding = false;
    if (exchange.hasInitialResponse === true) this.#evaluate(link, exchange, Buffer.alloc(0));
    else this.#send(link, Buffer.alloc(0));
  }

  /** A reply that came meanwhile: there can be no other. An error comes with a null token. */
  onReply(link: Link, error: number, body: Buffer): void {
    const exchange = this.#exchange!;
    if (this.#isConcluding) {
      if (error === ErrorCode.ok) this.#conclude(link);
      else this.#failed(`the server refuses (${error})`);
      return;
    }
    const token = body.length < 4 ? null : readSetSASLResponse(new JuteReader(body)).token;
    if (token === null) {
      this.#failed("the server's token is null: it refuses, or knows no SASL");
      return;
    }
    this.#evaluate(link, exchange, Buffer.from(token));
  }

  #evaluate(link: Link, exchange: SaslExchange, token: Buffer): void {
    exchange.evaluate(token, (outcome) => {
      // A connection that came and went in between has an exchange of its own.
      if (this.#exchange === exchange) this.#onOutcome(link, outcome);
    });
  }

  /** The connection is gone. */
  stop(): void {
    this.#exchange?.dispose();
    this.#exchange = undefined;
  }

  #onOutcome(link: Link, outcome: SaslOutcome): void {
    if (outcome.kind === "failed") {
      this.#failed(outcome.reason);
      return;
    }
    if (outcome.token !== null) this.#send(link, outcome.token);
    if (outcome.kind === "challenge") return;
    this.#isConcluding = outcome.token !== null;
    if (!this.#isConcluding) this.#conclude(link);
  }

  #conclude(link: Link): void {
    this.stop();
    this.#events.authenticated(link);
  }

  #failed(reason: string): void {
    this.#log.error(`SASL authentication with Zookeeper Quorum member failed: ${reason}`);
    this.stop();
    this.#events.failed();
  }

  #send(link: Link, token: Buffer): void {
    const { out } = link;
    const start = out.reserve(4);
    out.int(this.#events.nextXid());
    out.int(OpCode.sasl);
    writeGetSASLRequest(out, { token });
    out.patchInt(start, out.length - start - 4);
    link.touch();
  }
}

// SASL between members, before anything else is said on a connection (on the election port: after the introduction). Java:
// SaslQuorumAuthServer, SaslQuorumAuthLearner, QuorumAuth.
//
//   QuorumAuthPacket {long magic, int status, buffer token}        status 0 in progress, 1 success, -1 error
//
// Whoever opens the connection is the learner here, whatever its role, and whoever accepted it the server. By the magic a
// server can tell whether the learner authenticates at all: one that does not insist lets in who does not, and who fails.
//
// Both sides are machines that are given bytes and write bytes; what comes after the exchange is handed back.

import type { SaslExchange, SaslOutcome } from "../auth/sasl/sasl.js";
import { ProtocolError } from "../errors.js";
import { JuteReader } from "../jute/reader.js";
import { JuteWriter } from "../jute/writer.js";
import { SASL_TOKEN_MAX_BYTES } from "../limits.js";
import { writeQuorumAuthPacket } from "../wire/records.js";

/** Java: QUORUM_AUTH_MAGIC_NUMBER. */
const MAGIC_NUMBER = BigInt.asIntN(64, -0xa0dbcafecafe1234n);
const MAGIC = Buffer.from("5f2435013501edcc", "hex");
const HEAD_BYTES = 16;

/** Java's: more rounds than any mechanism needs. */
const ROUNDS_MAX = 5;

const Status = { inProgress: 0, success: 1, error: -1 } as const;

export interface QuorumAuthEvents {
  write(bytes: Buffer): void;
  /** Once: `rest` is what has come beyond the exchange. With an error the connection is to be closed. */
  done(error: Error | undefined, rest: Buffer): void;
}

/** One side of an exchange. */
export interface QuorumAuthSide {
  /** The bytes may be kept. */
  push(bytes: Buffer): void;
  /** The peer will send no more. */
  end(): void;
  /** The connection is gone: nothing is written or told any more. */
  cancel(): void;
}

abstract class Side implements QuorumAuthSide {
  protected readonly exchange: SaslExchange;
  readonly #events: QuorumAuthEvents;
  #received = Buffer.alloc(0);
  #isWaiting = false;
  protected isOver = false;

  constructor(exchange: SaslExchange, events: QuorumAuthEvents) {
    this.exchange = exchange;
    this.#events = events;
  }

  push(bytes: Buffer): void {
    if (this.isOver) return;
    this.#received = Buffer.concat([this.#received, bytes]);
    this.#read();
  }

  end(): void {
    this.finish(new ProtocolError("The other side has closed the connection"));
  }

  cancel(): void {
    this.isOver = true;
    this.exchange.dispose();
  }

  protected get received(): Buffer {
    return this.#received;
  }

  /** Whether what has come so far may be taken for a packet; decides otherwise itself. */
  protected abstract mayRead(): boolean;
  protected abstract took(status: number, token: Buffer | null): void;

  /** Until `outcome` has been dealt with, nothing is read. */
  protected evaluate(token: Buffer, deal: (outcome: SaslOutcome) => void): void {
    this.#isWaiting = true;
    this.exchange.evaluate(token, (outcome) => {
      this.#isWaiting = false;
      if (this.isOver) return;
      deal(outcome);
      this.#read();
    });
  }

  protected send(status: number, token: Buffer | null): void {
    const out = new JuteWriter(HEAD_BYTES + (token?.length ?? 0));
    writeQuorumAuthPacket(out, { magic: MAGIC_NUMBER, status, token });
    this.#events.write(out.take());
  }

  protected finish(error: Error | undefined): void {
    if (this.isOver) return;
    this.isOver = true;
    this.exchange.dispose();
    this.#events.done(error, this.#received);
  }

  #read(): void {
    while (!this.isOver && !this.#isWaiting && this.mayRead()) {
      if (this.#received.length < HEAD_BYTES) return;
      const length = this.#received.readInt32BE(HEAD_BYTES - 4);
      if (length < -1 || length > SASL_TOKEN_MAX_BYTES) {
        this.finish(new ProtocolError(`Unreasonable length = ${length}`));
        return;
      }
      const end = HEAD_BYTES + Math.max(length, 0);
      if (this.#received.length < end) return;
      const token = length < 0 ? null : Buffer.from(this.#received.subarray(HEAD_BYTES, end));
      const status = new JuteReader(this.#received, 8, 12).int();
      this.#received = this.#received.subarray(end);
      this.took(status, token);
    }
    const isTooMuch = this.#received.length > HEAD_BYTES + SASL_TOKEN_MAX_BYTES;
    if (!this.isOver && isTooMuch) this.finish(new ProtocolError("More than one packet at a time"));
  }
}

/** Whoever accepted the connection. */
export class QuorumAuthServer extends Side {
  readonly #isRequired: boolean;
  #hasBegun = false;
  #rounds = 0;

  constructor(exchange: SaslExchange, isRequired: boolean, events: QuorumAuthEvents) {
    super(exchange, events);
    this.#isRequired = isRequired;
  }

  /** A learner that goes away or stumbles half-way has not authenticated: whether that matters is our setting. */
  override end(): void {
    this.#unauthenticated(new Error("Learner has closed the connection"));
  }

  protected override mayRead(): boolean {
    if (this.#hasBegun) return true;
    const known = Math.min(this.received.length, MAGIC.length);
    if (this.received.compare(MAGIC, 0, known, 0, known) !== 0) {
      const why = "Learner not trying to authenticate and authentication is required";
      if (this.#isRequired) this.finish(new Error(why));
      else this.finish(undefined);
      return false;
    }
    this.#hasBegun = known === MAGIC.length;
    return this.#hasBegun;
  }

  protected override took(_status: number, token: Buffer | null): void {
    if (token === null) {
      this.#fail("The learner's token is null");
      return;
    }
    this.evaluate(token, (outcome) => {
      if (outcome.kind === "failed") this.#fail(outcome.reason);
      else if (outcome.kind === "complete") {
        this.send(Status.success, outcome.token);
        this.finish(undefined);
      } else if (++this.#rounds > ROUNDS_MAX) this.#fail(`retries=${this.#rounds} exceeded`);
      else this.send(Status.inProgress, outcome.token);
    });
  }

  #fail(reason: string): void {
    this.send(Status.error, Buffer.alloc(0));
    this.#unauthenticated(new Error(`Failed to authenticate using SASL: ${reason}`));
  }

  #unauthenticated(error: Error): void {
    this.finish(this.#isRequired ? error : undefined);
  }
}

/** Whoever opened it. */
export class QuorumAuthLearner extends Side {
  #isComplete = false;

  start(): void {
    if (this.exchange.hasInitialResponse !== true) {
      this.send(Status.inProgress, Buffer.alloc(0));
      return;
    }
    this.evaluate(Buffer.alloc(0), (outcome) => {
      if (outcome.kind === "challenge") this.send(Status.inProgress, outcome.token);
      else this.#refused(outcome.kind === "failed" ? outcome.reason : "there is nothing to say");
    });
  }

  protected override mayRead(): boolean {
    return true;
  }

  protected override took(status: number, token: Buffer | null): void {
    if (status !== Status.inProgress && status !== Status.success) {
      this.finish(new Error("Authentication failed against server: it does not accept us"));
      return;
    }
    if (this.#isComplete) {
      this.#concluded(status);
      return;
    }
    if (token === null) {
      this.finish(new Error("Authentication failed against server: its token is null"));
      return;
    }
    this.evaluate(token, (outcome) => {
      if (outcome.kind === "failed") {
        this.#refused(outcome.reason);
        return;
      }
      this.#isComplete = outcome.kind === "complete";
      if (status === Status.success) {
        if (outcome.token === null && this.#isComplete) this.finish(undefined);
        else this.finish(new Error("Protocol error: attempting to send response after completion"));
        return;
      }
      this.send(Status.inProgress, outcome.token ?? Buffer.alloc(0));
    });
  }

  #refused(reason: string): void {
    this.finish(new Error(`Authentication failed against server: ${reason}`));
  }

  /** We are satisfied: the server has the last word. */
  #concluded(status: number): void {
    if (status === Status.success) this.finish(undefined);
    else this.finish(new Error(`Authentication failed against server, qpStatus: ${status}`));
  }
}

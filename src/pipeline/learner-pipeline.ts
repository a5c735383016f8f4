// The way of a request through a server that follows a leader. Java: FollowerRequestProcessor, CommitProcessor,
// FinalRequestProcessor of a learner.
//
//   route ─ read ─────────────────────────────────────────────────────────────▶ reply
//         └ write, sync ─▶ forward to the leader … COMMIT comes ─▶ apply ─▶ reply ─▶ reads that waited
//
// The leader commits a session's writes in the order in which they were forwarded, so what waits for an answer is one
// queue for each session. An answer is recognized by session and cxid: the txn carries both.

import type { ClientConnection } from "../client/server-port.js";
import { JuteReader } from "../jute/reader.js";
import { createsEphemeral } from "../operations/creates-ephemeral.js";
import type { ApplyResult, OperationSettings, WriteOperation } from "../operations/operation.js";
import { operationFor } from "../operations/table.js";
import { decodeRequest } from "../operations/transactions.js";
import type { Platform } from "../platform/platform.js";
import type { DataTree } from "../tree/data-tree.js";
import { ErrorCode } from "../wire/error-codes.js";
import type { SessionId } from "../wire/ids.js";
import { OpCode } from "../wire/op-codes.js";
import type { Id, TxnHeader } from "../wire/records.js";
import type { Audit } from "./audit.js";
import { orderOf } from "./order.js";
import type { Origin } from "./proposal.js";
import { ReadStage } from "./read.js";
import { replyToWrite } from "./reply.js";

export interface Forwarded {
  readonly sessionId: SessionId;
  readonly cxid: number;
  readonly type: number;
  /** Valid only during the call. */
  readonly body: Buffer;
  readonly identities: readonly Id[];
}

export interface LearnerPipelineParts {
  readonly platform: Platform;
  readonly tree: DataTree;
  readonly settings: OperationSettings;
  readonly forward: (request: Forwarded) => void;
  /**
   * With local sessions: this session is about to create an ephemeral node. Makes it known to all, or gives the error that
   * its client is to get, whatever the leader makes of the request.
   */
  readonly upgrade?: ((sessionId: SessionId) => ErrorCode | undefined) | undefined;
  readonly audit?: Audit | undefined;
}

interface ForwardedWrite {
  readonly origin: Origin;
  /** For an error of the leader's, this one. */
  readonly refusal: ErrorCode | undefined;
}

export class LearnerPipeline {
  readonly #tree: DataTree;
  readonly #reads: ReadStage;
  readonly #forward: (request: Forwarded) => void;
  readonly #monotonicMs: () => number;
  readonly #audit: Audit | undefined;
  readonly #upgrade: LearnerPipelineParts["upgrade"];
  /** Writes that were forwarded, by session, oldest first. */
  readonly #waiting = new Map<SessionId, ForwardedWrite[]>();
  /** The session that was asked for last, and what it has there. */
  #lastAsked: SessionId | undefined;
  #lastWrites: ForwardedWrite[] | undefined;
  /** Syncs that were forwarded, oldest first: the leader answers them in order. */
  readonly #syncs: (() => void)[] = [];

  constructor({ platform, tree, settings, forward, upgrade, audit }: LearnerPipelineParts) {
    this.#audit = audit;
    this.#upgrade = upgrade;
    const log = platform.log.child("FollowerRequestProcessor");
    const monotonicMs = () => Math.floor(platform.clock.monotonicMs());
    this.#tree = tree;
    this.#forward = forward;
    this.#monotonicMs = monotonicMs;
    this.#reads = new ReadStage({ tree, settings, monotonicMs, log });
  }

  /** Writes and syncs that wait for the leader. */
  get outstanding(): number {
    let count = this.#syncs.length;
    for (const writes of this.#waiting.values()) count += writes.length;
    return count;
  }

  submit(
    connection: ClientConnection,
    xid: number,
    type: number,
    body: JuteReader,
    receivedMs: number,
  ): void {
    const operation = operationFor(type);
    if (operation === undefined) {
      this.#reads.submitOther(connection, xid, type, receivedMs);
    } else if (type === OpCode.sync) {
      this.#submitSync(connection, xid, Buffer.from(body.rest()), receivedMs);
    } else if (operation.kind === "read") {
      this.#reads.submit(connection, operation, xid, body, receivedMs);
    } else {
      this.#submitDecoded(connection, operation, xid, body, receivedMs);
    }
  }

  #submitDecoded(
    connection: ClientConnection,
    operation: WriteOperation,
    xid: number,
    body: JuteReader,
    receivedMs: number,
  ): void {
    const { type } = operation;
    const request = decodeRequest(operation, body);
    if (request === undefined) {
      // The leader could make nothing of it either.
      this.#reads.submitError(connection, xid, type, ErrorCode.marshallingError, receivedMs);
      return;
    }
    const audited = this.#audit?.request(connection, type, request);
    const origin = { connection, operation, xid, receivedMs, audited };
    const wantsGlobal = this.#upgrade !== undefined && createsEphemeral(type, request);
    this.#submitWrite(origin, connection.sessionId, body.rest(), wantsGlobal);
  }

  submitError(
    connection: ClientConnection,
    xid: number,
    type: number,
    error: ErrorCode,
    receivedMs: number,
  ): void {
    this.#reads.submitError(connection, xid, type, error, receivedMs);
  }

  createSession(connection: ClientConnection, sessionId: SessionId, timeoutMs: number): void {
    const operation = operationFor(OpCode.createSession) as WriteOperation;
    const body = Buffer.allocUnsafe(4);
    body.writeInt32BE(timeoutMs, 0);
    const origin = { connection, operation, xid: 0, receivedMs: this.#monotonicMs() };
    this.#submitWrite(origin, sessionId, body, false);
  }

  runWaiting(connection: ClientConnection): void {
    this.#reads.runWaiting(connection);
  }

  /** Whether one of our clients asked for it. */
  awaits({ clientId, cxid }: TxnHeader): boolean {
    return this.#writesOf(clientId)?.[0]?.origin.xid === cxid;
  }

  /** Those of a session; each commit asks, and a session's come one after the other. */
  #writesOf(sessionId: SessionId): ForwardedWrite[] | undefined {
    if (sessionId !== this.#lastAsked) {
      this.#lastAsked = sessionId;
      this.#lastWrites = this.#waiting.get(sessionId);
    }
    return this.#lastWrites;
  }

  #setWrites(sessionId: SessionId, writes: ForwardedWrite[] | undefined): void {
    if (writes === undefined) this.#waiting.delete(sessionId);
    else this.#waiting.set(sessionId, writes);
    this.#lastAsked = sessionId;
    this.#lastWrites = writes;
  }

  /** A committed txn has been applied: if one of our clients asked for it, it is answered. */
  applied({ clientId, cxid, type }: TxnHeader, result: ApplyResult): void {
    const writes = this.#writesOf(clientId);
    const next = writes?.[0];
    if (writes === undefined || next === undefined || next.origin.xid !== cxid) return;
    const { origin, refusal } = next;
    // A session that was upgraded: nobody asked for that.
    if (type === OpCode.createSession && origin.operation.type !== type) return;
    writes.shift();
    if (writes.length === 0) this.#setWrites(clientId, undefined);
    const isRefused = type === OpCode.error && refusal !== undefined;
    const told = isRefused ? { ...result, error: refusal } : result;
    replyToWrite(origin, told, this.#tree.lastProcessedZxid, this.#monotonicMs);
    this.#reads.runWaiting(origin.connection);
  }

  /** The leader has answered the oldest sync: everything that it had committed then is applied here. */
  synced(): void {
    this.#syncs.shift()?.();
  }

  /** A sync that is forwarded for somebody else takes its turn among ours. */
  awaitSync(done: () => void): void {
    this.#syncs.push(done);
  }

  /** The body is valid only during the call. */
  #submitWrite(origin: Origin, sessionId: SessionId, body: Buffer, wantsGlobal: boolean): void {
    const { connection } = origin;
    const order = orderOf(connection);
    if (order.holdsWrites) {
      const held = Buffer.from(body);
      this.#reads.holdWrite(connection, () =>
        this.#forwardWrite(origin, sessionId, held, wantsGlobal),
      );
    } else {
      order.submitted++;
      this.#forwardWrite(origin, sessionId, body, wantsGlobal);
    }
  }

  #forwardWrite(origin: Origin, sessionId: SessionId, body: Buffer, wantsGlobal: boolean): void {
    const { connection, operation, xid } = origin;
    const { identities } = connection;
    const refusal = wantsGlobal ? this.#upgrade?.(sessionId) : undefined;
    const write = { origin, refusal };
    const writes = this.#writesOf(sessionId);
    if (writes === undefined) this.#setWrites(sessionId, [write]);
    else writes.push(write);
    this.#forward({ sessionId, cxid: xid, type: operation.type, body, identities });
  }

  #submitSync(connection: ClientConnection, xid: number, body: Buffer, receivedMs: number): void {
    const { sessionId, identities } = connection;
    this.#reads.orderSync(connection, () => {
      this.#syncs.push(() =>
        this.#reads.endSync(connection, xid, new JuteReader(body), receivedMs),
      );
      this.#forward({ sessionId, cxid: xid, type: OpCode.sync, body, identities });
    });
  }
}

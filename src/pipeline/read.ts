// Answers what does not change the tree. Answers to the read half of Java's FinalRequestProcessor.
//
// A read sees the tree as it is now, and never an earlier state than its session has seen: it runs at once if the session
// has no write on its way, and otherwise right after the reply to the write before it, before any later write is applied.

import type { ClientConnection } from "../client/server-port.js";
import { ProtocolError } from "../errors.js";
import type { JuteReader } from "../jute/reader.js";
import { CONNECTION_TURN_MAX_MS } from "../limits.js";
import type { OperationSettings, ReadContext, ReadOperation } from "../operations/operation.js";
import { operationFor } from "../operations/table.js";
import type { Logger } from "../platform/platform.js";
import type { DataTree } from "../tree/data-tree.js";
import { ErrorCode } from "../wire/error-codes.js";
import { hex0x, NO_SESSION, type SessionId, type Zxid } from "../wire/ids.js";
import { OpCode, SpecialXid } from "../wire/op-codes.js";
import type { Id } from "../wire/records.js";
import { orderOf, type SessionOrder, type Waiting } from "./order.js";

const NO_ZXID = -1 as Zxid;

/** One context for all reads, filled in before each: a read costs no object. */
type ReusedContext = { -readonly [Field in keyof ReadContext]: ReadContext[Field] } & {
  readonly caller: { sessionId: SessionId; identities: readonly Id[]; owner: unknown };
};

export interface ReadParts {
  readonly tree: DataTree;
  readonly settings: OperationSettings;
  readonly monotonicMs: () => number;
  readonly log: Logger;
}

export class ReadStage {
  readonly #tree: DataTree;
  readonly #log: Logger;
  readonly #monotonicMs: () => number;
  readonly #context: Omit<ReusedContext, "watcher"> & { watcher: ClientConnection | undefined };

  constructor({ tree, settings, monotonicMs, log }: ReadParts) {
    this.#tree = tree;
    this.#log = log;
    this.#monotonicMs = monotonicMs;
    const caller = { sessionId: NO_SESSION, identities: [], owner: undefined };
    this.#context = { caller, tree, settings, watcher: undefined };
  }

  submit(
    connection: ClientConnection,
    operation: ReadOperation,
    xid: number,
    body: JuteReader,
    receivedMs: number,
  ): void {
    const order = orderOf(connection);
    const request = this.#decode(connection, operation, body);
    if (request === undefined) {
      const error = ErrorCode.marshallingError;
      this.submitError(connection, xid, operation.type, error, receivedMs);
    } else if (order.isIdle) {
      this.#fill(connection, connection.identities);
      this.#answer(connection, order, operation, xid, request, receivedMs, receivedMs);
    } else {
      this.#wait(connection, order, xid, operation, operation.type, request, 0, receivedMs);
    }
  }

  /** An answer that is known already takes its turn like any other. */
  submitError(
    connection: ClientConnection,
    xid: number,
    type: number,
    error: ErrorCode,
    receivedMs: number,
  ): void {
    const order = orderOf(connection);
    if (order.isIdle) this.#answerError(connection, xid, type, error, receivedMs);
    else this.#wait(connection, order, xid, undefined, type, undefined, error, receivedMs);
  }

  /**
   * What is no operation. A ping behind a write, or that was throttled: its turn comes after what was asked before. A type that
   * nobody knows: said so, without a zxid, and the connection ends. Java: UnimplementedRequestProcessor.
   */
  submitOther(connection: ClientConnection, xid: number, type: number, receivedMs: number): void {
    if (type === OpCode.ping) {
      this.submitError(connection, SpecialXid.ping, type, ErrorCode.ok, receivedMs);
      return;
    }
    connection.startReply(xid, NO_ZXID);
    connection.finishReply(type, ErrorCode.unimplemented, receivedMs, this.#monotonicMs());
    connection.closeAfterReplies("unknown");
  }

  /** A sync of an ensemble, begun now or when those before it have been answered; what comes behind it waits. */
  orderSync(connection: ClientConnection, begin: () => void): void {
    const order = orderOf(connection);
    const start = () => {
      order.syncs++;
      begin();
    };
    if (order.holdsWrites) {
      this.holdWrite(connection, start);
    } else {
      order.submitted++;
      start();
    }
  }

  /** A sync has its answer: what it waited for is applied. */
  endSync(connection: ClientConnection, xid: number, body: JuteReader, receivedMs: number): void {
    const order = orderOf(connection);
    const answer = () => {
      order.syncs--;
      order.answered++;
      if (connection.isOpen) this.#answerSync(connection, xid, body, receivedMs);
    };
    if (connection.isOpen && order.isHeldUp) order.hold(answer);
    else answer();
    this.runWaiting(connection);
  }

  /** A write behind a sync: counted now, begun when the syncs before it have been answered. */
  holdWrite(connection: ClientConnection, begin: () => void): void {
    const order = orderOf(connection);
    const afterWrite = order.submitted++;
    const { identities } = connection;
    const nothing = { xid: 0, type: 0, operation: undefined, request: undefined, receivedMs: 0 };
    order.wait({ ...nothing, afterWrite, error: ErrorCode.ok, identities, begin });
  }

  #answerSync(
    connection: ClientConnection,
    xid: number,
    body: JuteReader,
    receivedMs: number,
  ): void {
    const operation = operationFor(OpCode.sync) as ReadOperation;
    const request = this.#decode(connection, operation, body);
    if (request === undefined) {
      this.#answerError(connection, xid, OpCode.sync, ErrorCode.marshallingError, receivedMs);
      return;
    }
    this.#fill(connection, connection.identities);
    const order = orderOf(connection);
    this.#answer(connection, order, operation, xid, request, receivedMs, this.#monotonicMs());
  }

  /** Answers what waits for nothing any more. Called after each reply to a write, and when a slow client has caught up. */
  runWaiting(connection: ClientConnection): void {
    const order = orderOf(connection);
    let startedMs: number | undefined;
    while (!connection.isBacklogged) {
      const entry = order.takeReady();
      if (entry === undefined) {
        const answer = order.takeHeld();
        if (answer === undefined) return;
        answer(this.#monotonicMs());
        continue;
      }
      // [G2] A write that a dead connection has left waiting must not be begun any more: its session may have gone on
      // elsewhere, and come back.
      if (!connection.isOpen) continue;
      if (entry.begin !== undefined) {
        entry.begin();
        continue;
      }
      const nowMs = this.#monotonicMs();
      startedMs ??= nowMs;
      this.#run(connection, order, entry, nowMs);
      if (nowMs - startedMs > CONNECTION_TURN_MAX_MS) connection.putOff();
    }
  }

  #run(connection: ClientConnection, order: SessionOrder, entry: Waiting, nowMs: number): void {
    const { operation, xid, type, request, error, identities, receivedMs } = entry;
    if (operation === undefined) {
      this.#answerError(connection, xid, type, error, receivedMs);
      return;
    }
    this.#fill(connection, identities);
    this.#answer(connection, order, operation, xid, request, receivedMs, nowMs);
  }

  #wait(
    connection: ClientConnection,
    order: SessionOrder,
    xid: number,
    operation: ReadOperation | undefined,
    type: number,
    request: unknown,
    error: ErrorCode,
    receivedMs: number,
  ): void {
    const { identities } = connection;
    const afterWrite = order.submitted;
    const begin = undefined;
    order.wait({ afterWrite, xid, type, operation, request, error, identities, receivedMs, begin });
  }

  #decode(connection: ClientConnection, operation: ReadOperation, body: JuteReader): unknown {
    try {
      return operation.decode(body);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      const who = `session ${hex0x(connection.sessionId)} from ${connection.remoteAddress}`;
      this.#log.warn(`Failed to process ${operation.shortName} of ${who}: ${error.message}`);
      return undefined;
    }
  }

  #fill(connection: ClientConnection, identities: readonly Id[]): void {
    const context = this.#context;
    context.caller.sessionId = connection.sessionId;
    context.caller.identities = identities;
    context.caller.owner = connection;
    context.watcher = connection;
  }

  #answer(
    connection: ClientConnection,
    order: SessionOrder,
    operation: ReadOperation,
    xid: number,
    request: unknown,
    receivedMs: number,
    nowMs: number,
  ): void {
    const refused = checkSession(connection, order);
    if (refused === ErrorCode.sessionMoved) {
      // [R116] As for a write: the client may think that it is here, and finds out by connecting anew. An answer would leave
      // it with one that refuses for ever. Java: FinalRequestProcessor.
      connection.closeAfterReplies("unknown");
      return;
    }
    const out = connection.startReply(xid, this.#tree.lastProcessedZxid);
    const error =
      refused === ErrorCode.ok
        ? operation.read(this.#context as ReadContext, request, out)
        : refused;
    connection.finishReply(operation.type, error, receivedMs, nowMs);
    if (this.#tree.watches.bytes > this.#context.settings.watchesMaxBytes) this.#dropHeaviest();
  }

  /**
   * Watches want no permission, not even a node, and a client may leave millions: whoever has most of them goes, be it for now,
   * because the next thing to go would be the process.
   */
  #dropHeaviest(): void {
    const { watches } = this.#tree;
    const heaviest = watches.heaviest();
    if (heaviest === undefined) return;
    // Who watches a server's tree is always a client's connection.
    const connection = heaviest.watcher as ClientConnection;
    const who = `session ${hex0x(connection.sessionId)} from ${connection.remoteAddress}`;
    const [its, all, most] = [
      heaviest.bytes,
      watches.bytes,
      this.#context.settings.watchesMaxBytes,
    ].map((bytes) => `${(bytes / 1e6).toFixed(1)} MB`);
    this.#log.warn(
      `Close of ${who}: its watches take ${its}, most of the ${all} of all, and at most ${most} may be taken`,
    );
    watches.removeWatcher(connection);
    connection.close("too_many_watches");
  }

  #answerError(
    connection: ClientConnection,
    xid: number,
    type: number,
    error: ErrorCode,
    receivedMs: number,
  ): void {
    connection.startReply(xid, this.#tree.lastProcessedZxid);
    connection.finishReply(type, error, receivedMs, this.#monotonicMs());
  }
}

/** Whether this connection may still read for its session. Java: SessionTracker.checkSession. */
function checkSession(connection: ClientConnection, order: SessionOrder): ErrorCode {
  const { session } = order;
  // A learner does not track sessions: its leader does, and tells it of their end.
  if (session === undefined) return ErrorCode.ok;
  if (session.isClosing) return ErrorCode.sessionExpired;
  return session.owner === connection ? ErrorCode.ok : ErrorCode.sessionMoved;
}

// The way of a request through a server that prepares writes itself, stage by stage: a lone server or a leader.
// Java: ZooKeeperServer.setupRequestProcessors, LeaderZooKeeperServer.
//
//   route ─ read ──────────────────────────────────────────────▶ reply
//         └ write ─▶ prepare ─▶ agreement (log, quorum) ─▶ commit, apply ─▶ reply ─▶ reads that waited

import type { ClientConnection } from "../client/server-port.js";
import { JuteReader } from "../jute/reader.js";
import type {
  ApplyResult,
  Caller,
  EnsembleView,
  ExceededQuota,
  OperationSettings,
  SessionChecks,
  WriteOperation,
} from "../operations/operation.js";
import { operationFor } from "../operations/table.js";
import { decodeRequest } from "../operations/transactions.js";
import type { Platform } from "../platform/platform.js";
import type { DataTree } from "../tree/data-tree.js";
import { ErrorCode } from "../wire/error-codes.js";
import type { SessionId } from "../wire/ids.js";
import { OpCode } from "../wire/op-codes.js";
import type { Agreement } from "./agreement.js";
import type { Audit } from "./audit.js";
import { CommitStage } from "./commit.js";
import { orderOf } from "./order.js";
import { PrepareStage } from "./prepare.js";
import type { Origin, Proposal } from "./proposal.js";
import { ReadStage } from "./read.js";

export interface PipelineParts {
  readonly platform: Platform;
  readonly tree: DataTree;
  readonly sessions: SessionChecks;
  readonly settings: OperationSettings;
  /** A leader's. */
  readonly ensemble?: EnsembleView | undefined;
  readonly agreement: (commit: (proposal: Proposal) => void) => Agreement;
  /**
   * Of a leader: calls back when everything proposed so far is committed and it is known to lead still. A lone server needs
   * none: its syncs are reads.
   */
  readonly whenCommitted?: (done: () => void) => void;
  /** Called after each applied transaction, before its reply. */
  readonly applied: (proposal: Proposal, result: ApplyResult) => void;
  readonly onQuotaExceeded: (quota: ExceededQuota) => void;
  readonly audit?: Audit | undefined;
}

function undecoded(operation: WriteOperation): WriteOperation {
  return { ...operation, prepare: () => ({ ok: false, error: ErrorCode.marshallingError }) };
}

export class Pipeline {
  readonly #reads: ReadStage;
  readonly #prepare: PrepareStage;
  readonly #agreement: Agreement;
  readonly #whenCommitted: PipelineParts["whenCommitted"];
  readonly #monotonicMs: () => number;
  readonly #audit: Audit | undefined;

  constructor(parts: PipelineParts) {
    const { platform, tree, settings, sessions, ensemble, onQuotaExceeded } = parts;
    const log = platform.log.child("PrepRequestProcessor");
    // Whole milliseconds, as the door counts them.
    const monotonicMs = () => Math.floor(platform.clock.monotonicMs());
    const wallMs = () => platform.clock.turnWallMs();
    this.#monotonicMs = monotonicMs;
    this.#audit = parts.audit;
    this.#whenCommitted = parts.whenCommitted;
    this.#reads = new ReadStage({ tree, settings, monotonicMs, log });
    const preparing = { tree, settings, sessions, ensemble, wallMs, onQuotaExceeded };
    this.#prepare = new PrepareStage(preparing);
    const commit = new CommitStage(tree, this.#reads, monotonicMs, (proposal, result) => {
      this.#prepare.applied(proposal.zxid);
      parts.applied(proposal, result);
    });
    this.#agreement = parts.agreement((proposal) => commit.commit(proposal));
  }

  /** Proposals that are prepared and not yet applied. */
  get outstanding(): number {
    return this.#agreement.outstanding;
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
    } else if (type === OpCode.sync && this.#whenCommitted !== undefined) {
      this.#submitSync(connection, xid, body, receivedMs, this.#whenCommitted);
    } else if (operation.kind === "read") {
      this.#reads.submit(connection, operation, xid, body, receivedMs);
    } else {
      this.#submitWrite(connection, operation, xid, body, receivedMs);
    }
  }

  #submitSync(
    connection: ClientConnection,
    xid: number,
    body: JuteReader,
    receivedMs: number,
    whenCommitted: (done: () => void) => void,
  ): void {
    const held = new JuteReader(Buffer.from(body.rest()));
    this.#reads.orderSync(connection, () =>
      whenCommitted(() => this.#reads.endSync(connection, xid, held, receivedMs)),
    );
  }

  #submitWrite(
    connection: ClientConnection,
    operation: WriteOperation,
    xid: number,
    body: JuteReader,
    receivedMs: number,
  ): void {
    const { type } = operation;
    const request = decodeRequest(operation, body);
    if (request === undefined && type !== OpCode.multi) {
      // Nothing was decided, so nothing is logged: no zxid is used up.
      this.#reads.submitError(connection, xid, type, ErrorCode.marshallingError, receivedMs);
      return;
    }
    const audited = this.#audit?.request(connection, type, request);
    const origin = { connection, operation, xid, receivedMs, audited };
    const order = orderOf(connection);
    if (order.holdsWrites) {
      // The request may be a view of bytes that are valid only now.
      const held = new JuteReader(Buffer.from(body.rest()));
      this.#reads.holdWrite(connection, () =>
        this.#propose(origin, decodeRequest(operation, held)),
      );
    } else {
      order.submitted++;
      this.#propose(origin, request);
    }
  }

  #propose(origin: Origin, request: unknown): void {
    const { connection, operation, xid } = origin;
    const { sessionId, identities } = connection;
    const caller = { sessionId, identities, owner: connection };
    // A multi that cannot be decoded is an exception: Java gives it a zxid before it looks into it.
    const prepared = request === undefined ? undecoded(operation) : operation;
    this.#agreement.propose(this.#prepare.prepareRequest(prepared, request, caller, xid, origin));
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

  /** A write of the server's own: nobody waits for its answer. */
  submitInternal(operation: WriteOperation, request: unknown, caller: Caller): void {
    this.#agreement.propose(this.#prepare.prepareRequest(operation, request, caller, 0, undefined));
  }

  /**
   * A learner's client's write, from `start` on: the learner answers it when it is committed there. One that cannot be decoded
   * is committed as an error: the learner waits for it.
   */
  submitForwarded(
    operation: WriteOperation,
    bytes: Buffer,
    start: number,
    caller: Caller,
    cxid: number,
  ): void {
    this.#agreement.propose(this.#prepare.prepareForwarded(operation, bytes, start, caller, cxid));
  }

  /** The first write of a session is the session. */
  createSession(connection: ClientConnection, sessionId: SessionId, timeoutMs: number): void {
    const operation = operationFor(OpCode.createSession) as WriteOperation;
    const caller = { sessionId, identities: connection.identities, owner: connection };
    const origin = { connection, operation, xid: 0, receivedMs: this.#monotonicMs() };
    const request = { timeOut: timeoutMs };
    orderOf(connection).submitted++;
    this.#agreement.propose(this.#prepare.prepareRequest(operation, request, caller, 0, origin));
  }

  /** A client that did not read its replies has caught up. */
  runWaiting(connection: ClientConnection): void {
    this.#reads.runWaiting(connection);
  }

  /** Calls back when everything accepted so far is on disk. */
  whenIdle(done: () => void): void {
    this.#agreement.whenIdle(done);
  }
}

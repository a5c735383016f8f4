// The way of a request through the server, stage by stage. Answers to Java's ZooKeeperServer.setupRequestProcessors.
//
//   route ─ read ───────────────────────────────────────────────▶ reply
//         └ write ─▶ prepare ─▶ propose, log ─▶ commit, apply ─▶ reply ─▶ reads that waited
//
// This is the pipeline of a server that decides alone: its quorum is itself.

import type { ClientConnection } from "../client/server-port.js";
import type {
  ApplyResult,
  Caller,
  ExceededQuota,
  OperationSettings,
  SessionChecks,
  WriteOperation,
} from "../operations/operation.js";
import { operationFor } from "../operations/table.js";
import type { Platform } from "../platform/platform.js";
import { Proposals } from "../quorum/proposals.js";
import type { QuorumVerifier } from "../quorum/verifier.js";
import type { Storage } from "../storage/storage.js";
import type { DataTree } from "../tree/data-tree.js";
import { ErrorCode } from "../wire/error-codes.js";
import type { SessionId, Sid, Zxid } from "../wire/ids.js";
import { OpCode } from "../wire/op-codes.js";
import { CommitStage } from "./commit.js";
import { LogStage, type LogStageOptions } from "./log.js";
import { orderOf } from "./order.js";
import { PrepareStage } from "./prepare.js";
import type { Proposal } from "./proposal.js";
import { ReadStage } from "./read.js";

export interface PipelineParts {
  readonly platform: Platform;
  readonly tree: DataTree;
  readonly storage: Storage;
  readonly sessions: SessionChecks;
  readonly settings: OperationSettings;
  readonly logging: LogStageOptions;
  readonly verifier: QuorumVerifier;
  readonly sid: Sid;
  /** Called after each applied transaction, before its reply. */
  readonly applied: (proposal: Proposal, result: ApplyResult) => void;
  readonly onQuotaExceeded: (quota: ExceededQuota) => void;
}

export class Pipeline {
  readonly #sid: Sid;
  readonly #reads: ReadStage;
  readonly #prepare: PrepareStage;
  readonly #proposals: Proposals<Proposal>;
  readonly #logStage: LogStage;
  readonly #commit: CommitStage;
  readonly #monotonicMs: () => number;

  constructor(parts: PipelineParts) {
    const { platform, tree, settings, sessions, onQuotaExceeded } = parts;
    const log = platform.log.child("PrepRequestProcessor");
    // Whole milliseconds, as the door counts them.
    const monotonicMs = () => Math.floor(platform.clock.monotonicMs());
    const wallMs = () => platform.clock.wallMs();
    this.#sid = parts.sid;
    this.#monotonicMs = monotonicMs;
    this.#reads = new ReadStage({ tree, settings, monotonicMs, log });
    this.#prepare = new PrepareStage({ tree, settings, sessions, wallMs, onQuotaExceeded });
    this.#proposals = new Proposals(parts.verifier);
    this.#logStage = new LogStage(parts.storage, platform.clock, parts.logging, (zxid) =>
      this.#acknowledge(zxid),
    );
    this.#commit = new CommitStage(tree, this.#reads, monotonicMs, (proposal, result) => {
      this.#prepare.applied(proposal.zxid);
      parts.applied(proposal, result);
    });
  }

  /** Proposals that are prepared and not yet applied. */
  get outstanding(): number {
    return this.#proposals.length;
  }

  // ------------------------------------------------------------------------------------------------------------- route

  submit(
    connection: ClientConnection,
    xid: number,
    type: number,
    body: Buffer,
    receivedMs: number,
  ): void {
    const operation = operationFor(type);
    if (operation === undefined) {
      this.#reads.submitError(connection, xid, type, ErrorCode.unimplemented, receivedMs);
    } else if (operation.kind === "read") {
      this.#reads.submit(connection, operation, xid, body, receivedMs);
    } else {
      this.#submitWrite(connection, operation, xid, body, receivedMs);
    }
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
    this.#propose(this.#prepare.prepareRequest(operation, request, caller, undefined));
  }

  /** The first write of a session is the session. */
  createSession(connection: ClientConnection, sessionId: SessionId, timeoutMs: number): void {
    const operation = operationFor(OpCode.createSession) as WriteOperation;
    const caller = { sessionId, identities: connection.identities, owner: connection };
    const origin = { connection, operation, xid: 0, receivedMs: this.#monotonicMs() };
    const request = { timeOut: timeoutMs };
    orderOf(connection).submitted++;
    this.#propose(this.#prepare.prepareRequest(operation, request, caller, origin));
  }

  runWaiting(connection: ClientConnection): void {
    this.#reads.runWaiting(connection);
  }

  /** Calls back when everything accepted so far is on disk and answered. */
  whenIdle(done: () => void): void {
    this.#logStage.whenIdle(done);
  }

  #submitWrite(
    connection: ClientConnection,
    operation: WriteOperation,
    xid: number,
    body: Buffer,
    receivedMs: number,
  ): void {
    const { sessionId, identities } = connection;
    const caller = { sessionId, identities, owner: connection };
    const origin = { connection, operation, xid, receivedMs };
    orderOf(connection).submitted++;
    this.#propose(this.#prepare.prepare(operation, body, caller, xid, origin));
  }

  // ----------------------------------------------------------------------------------------- propose, log, commit, apply

  #propose(proposal: Proposal): void {
    this.#proposals.add(proposal);
    this.#logStage.append(proposal.prepared.bytes, proposal.zxid);
  }

  /** Our own disk has everything up to `zxid`: a member's vote like any other's. */
  #acknowledge(zxid: Zxid): void {
    this.#proposals.acknowledge(this.#sid, zxid);
    for (let next = this.#proposals.takeCommitted(); next; next = this.#proposals.takeCommitted()) {
      this.#commit.commit(next);
    }
  }
}

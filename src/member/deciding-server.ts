// A server that prepares writes itself: one that is alone, or a leader. Java: ZooKeeperServer, LeaderZooKeeperServer.
//
// It owns the session tracker and its clock: who has not been heard of for a time-out is expired here, for the whole
// ensemble. How a prepared write becomes history is the agreement's affair.

import type { ClientConnection, SessionDump } from "../client/server-port.js";
import type { JuteReader } from "../jute/reader.js";
import { reached } from "../marks.js";
import type { EnsembleView, SessionChecks, WriteOperation } from "../operations/operation.js";
import { operationFor } from "../operations/table.js";
import type { Agreement } from "../pipeline/agreement.js";
import { orderOf } from "../pipeline/order.js";
import { Pipeline } from "../pipeline/pipeline.js";
import type { Proposal } from "../pipeline/proposal.js";
import { SessionTracker, type TrackedSession } from "../session/session-tracker.js";
import type { ErrorCode } from "../wire/error-codes.js";
import { hex0x, type SessionId } from "../wire/ids.js";
import { OpCode } from "../wire/op-codes.js";
import { ContainerManager, type ContainerManagerOptions } from "./container-manager.js";
import { ExpiryTimer } from "./expiry-timer.js";
import { quotaWarnings } from "./quota-warnings.js";
import { Serving, type ServingParts } from "./serving.js";

export interface DecidingParts extends ServingParts {
  readonly agreement: (commit: (proposal: Proposal) => void) => Agreement;
  readonly serverState: "standalone" | "leader";
  readonly peerState: string | undefined;
  readonly containers: ContainerManagerOptions;
  /** Of a leader: see PipelineParts. */
  readonly ensemble?: EnsembleView;
  readonly whenCommitted?: (done: () => void) => void;
  /** What writes are asked about their sessions; otherwise only that the session tracker knows them. */
  readonly checks?: (sessions: SessionTracker) => SessionChecks;
  /** Told of each applied transaction. */
  readonly applied?: (proposal: Proposal) => void;
}

export class DecidingServer extends Serving {
  readonly serverState: string;
  readonly peerState: string | undefined;
  protected readonly sessions: SessionTracker;
  protected readonly pipeline: Pipeline;
  readonly #told: ((proposal: Proposal) => void) | undefined;
  readonly #containers: ContainerManager;
  readonly #expiry: ExpiryTimer;

  constructor(parts: DecidingParts) {
    super(parts);
    const { platform, tree, metrics, sessionIds } = parts;
    this.serverState = parts.serverState;
    this.peerState = parts.peerState;
    this.#told = parts.applied;
    this.#containers = new ContainerManager(
      platform.clock,
      platform.log.child("ContainerManager"),
      tree,
      parts.containers,
      (path) => this.#submitInternal(OpCode.deleteContainer, { path }),
    );
    sessionIds.skip(tree.sessions.keys());
    this.sessions = new SessionTracker({
      ids: sessionIds,
      tickMs: parts.tickTimeMs,
      nowMs: this.nowMs(),
      known: tree.sessions,
    });
    this.#expiry = new ExpiryTimer(platform.clock, this.sessions, (session) =>
      this.#expire(session),
    );
    this.pipeline = new Pipeline({
      platform,
      tree,
      sessions: parts.checks?.(this.sessions) ?? this.sessions,
      settings: parts.operationSettings,
      agreement: parts.agreement,
      ensemble: parts.ensemble,
      ...(parts.whenCommitted && { whenCommitted: parts.whenCommitted }),
      applied: (proposal) => this.#applied(proposal),
      onQuotaExceeded: quotaWarnings(platform, metrics),
      audit: parts.audit,
    });
  }

  override start(): void {
    super.start();
    this.#expiry.start();
    this.#containers.start();
  }

  override stopServing(): void {
    super.stopServing();
    this.#expiry.stop();
    this.#containers.stop();
  }

  /** Calls back when everything that was accepted is on disk. */
  whenIdle(done: () => void): void {
    this.pipeline.whenIdle(done);
  }

  /** A request of the server's own, for no session: a container's removal. */
  #submitInternal(type: number, request: unknown): void {
    const caller = { sessionId: 0n as SessionId, identities: [], owner: undefined };
    this.pipeline.submitInternal(operationFor(type) as WriteOperation, request, caller);
  }

  // ---------------------------------------------------------------------------------------------------------- sessions

  createSession(connection: ClientConnection, sessionTimeoutMs: number): SessionId {
    const session = this.sessions.create(sessionTimeoutMs, this.nowMs());
    session.owner = connection;
    orderOf(connection).session = session;
    this.pipeline.createSession(connection, session.id, sessionTimeoutMs);
    return session.id;
  }

  reopenSession(connection: ClientConnection, sessionId: SessionId, timeoutMs: number): void {
    const session = this.sessions.find(sessionId);
    if (!this.sessions.touch(session, timeoutMs, this.nowMs())) {
      connection.sessionRefused();
      return;
    }
    this.sessions.setOwner(sessionId, connection);
    orderOf(connection).session = session;
    connection.sessionOpened();
  }

  touchSession(connection: ClientConnection, nowMs: number): boolean {
    const { session } = orderOf(connection);
    return this.sessions.touch(session, connection.sessionTimeoutMs, nowMs);
  }

  globalSessionCount(): number {
    return this.sessions.size;
  }

  sessionDump(): SessionDump {
    return this.sessions.dump();
  }

  #expire({ id, timeoutMs, owner }: TrackedSession): void {
    reached("session: expired");
    this.parts.metrics.counters.stale_sessions_expired.add(1);
    this.log.info(`Expiring session ${hex0x(id)}, timeout of ${timeoutMs}ms exceeded`);
    const caller = { sessionId: id, identities: [], owner };
    const operation = operationFor(OpCode.closeSession) as WriteOperation;
    this.pipeline.submitInternal(operation, undefined, caller);
  }

  // ---------------------------------------------------------------------------------------------------------- requests

  submit(
    connection: ClientConnection,
    xid: number,
    type: number,
    body: JuteReader,
    receivedMs: number,
  ): void {
    this.pipeline.submit(connection, xid, type, body, receivedMs);
  }

  submitError(
    connection: ClientConnection,
    xid: number,
    type: number,
    error: ErrorCode,
    receivedMs: number,
  ): void {
    this.pipeline.submitError(connection, xid, type, error, receivedMs);
  }

  drained(connection: ClientConnection): void {
    this.pipeline.runWaiting(connection);
  }

  #applied(proposal: Proposal): void {
    this.propagated(proposal.time);
    if (proposal.type === OpCode.closeSession) {
      this.#sessionEnded(proposal.clientId, proposal.origin === undefined);
    }
    this.#told?.(proposal);
    this.snapshotIfDue();
  }

  /** A session that was expired may still have a connection; one that the client closed is answered first. */
  #sessionEnded(sessionId: SessionId, wasExpired: boolean): void {
    const owner = this.sessions.find(sessionId)?.owner;
    this.sessions.remove(sessionId);
    if (wasExpired && isConnection(owner)) owner.close("connection_expired");
  }
}

/** A session's owner is a connection of ours, or the learner through which it came. */
function isConnection(owner: unknown): owner is ClientConnection {
  return typeof owner === "object" && owner !== null && "isOpen" in owner && owner.isOpen === true;
}

// The server that decides alone, as its clients see it. Answers to Java's ZooKeeperServer.
//
// It owns what is neither pipeline nor door: the session tracker with its clock, and what is asked about the whole
// (four-letter words). It is built by src/server.ts, which also stops it.

import type {
  ClientConnection,
  ConfigurationLines,
  DisconnectReason,
  ServerPort,
} from "./client/server-port.js";
import type { Metrics } from "./metrics/metrics.js";
import type { OperationSettings, WriteOperation } from "./operations/operation.js";
import { operationFor } from "./operations/table.js";
import { SoloAgreement } from "./pipeline/agreement.js";
import type { LogStageOptions } from "./pipeline/log.js";
import { orderOf } from "./pipeline/order.js";
import { Pipeline } from "./pipeline/pipeline.js";
import type { Proposal } from "./pipeline/proposal.js";
import type { Logger, Platform, Timer } from "./platform/platform.js";
import { quotaWarnings } from "./quota-warnings.js";
import { initialSessionId } from "./session/session-id.js";
import { SessionTracker } from "./session/session-tracker.js";
import type { Storage } from "./storage/storage.js";
import type { DataTree } from "./tree/data-tree.js";
import type { ErrorCode } from "./wire/error-codes.js";
import { hex0x, type SessionId, type Sid, type Zxid } from "./wire/ids.js";
import { OpCode } from "./wire/op-codes.js";

export interface StandaloneParts {
  readonly platform: Platform;
  readonly metrics: Metrics;
  readonly tree: DataTree;
  readonly storage: Storage;
  readonly operationSettings: OperationSettings;
  readonly logging: LogStageOptions;
  readonly tickTimeMs: number;
  readonly configuration: () => ConfigurationLines;
}

/** The server's part of session ids: 1 for every server that is alone. Java: createSessionTrackerServerId. */
const ALONE = 1 as Sid;

export class StandaloneServer implements ServerPort {
  readonly serverState = "standalone";
  readonly peerState = undefined;
  readonly readOnly = false;
  readonly #parts: StandaloneParts;
  readonly #log: Logger;
  readonly #tree: DataTree;
  readonly #storage: Storage;
  readonly #sessions: SessionTracker;
  readonly #pipeline: Pipeline;
  readonly #monotonicMs: () => number;
  #serving = false;
  #expiry: Timer | undefined;

  constructor(parts: StandaloneParts) {
    const { platform, tree, storage, metrics } = parts;
    this.#parts = parts;
    this.#log = platform.log.child("ZooKeeperServer");
    this.#tree = tree;
    this.#storage = storage;
    this.#monotonicMs = () => platform.clock.monotonicMs();
    this.#sessions = new SessionTracker({
      firstId: initialSessionId(ALONE, platform.clock.wallMs(), tree.sessions.keys()),
      tickMs: parts.tickTimeMs,
      nowMs: this.#monotonicMs(),
      known: tree.sessions,
    });
    this.#pipeline = new Pipeline({
      platform,
      tree,
      sessions: this.#sessions,
      settings: parts.operationSettings,
      agreement: (commit) => new SoloAgreement(storage, platform.clock, parts.logging, commit),
      applied: (proposal) => this.#applied(proposal),
      onQuotaExceeded: quotaWarnings(platform, metrics),
    });
  }

  get serving(): boolean {
    return this.#serving;
  }

  start(): void {
    this.#serving = true;
    this.#scheduleExpiry();
  }

  /** Takes nothing more, answers or leaves unacknowledged what it has, and calls back when the log is on disk. */
  stop(done: () => void): void {
    this.#serving = false;
    this.#expiry?.cancel();
    this.#pipeline.whenIdle(done);
  }

  /** A request of the server's own, for no session: a container's removal. */
  submitInternal(type: number, request: unknown): void {
    const caller = { sessionId: 0n as SessionId, identities: [], owner: undefined };
    this.#pipeline.submitInternal(operationFor(type) as WriteOperation, request, caller);
  }

  // ---------------------------------------------------------------------------------------------------------- sessions

  createSession(connection: ClientConnection, sessionTimeoutMs: number): SessionId {
    const session = this.#sessions.create(sessionTimeoutMs, this.#monotonicMs());
    session.owner = connection;
    orderOf(connection).session = session;
    this.#pipeline.createSession(connection, session.id, sessionTimeoutMs);
    return session.id;
  }

  reopenSession(connection: ClientConnection, sessionId: SessionId, timeoutMs: number): void {
    const session = this.#sessions.find(sessionId);
    if (!this.#sessions.touch(session, timeoutMs, this.#monotonicMs())) {
      connection.sessionRefused();
      return;
    }
    const before = session?.owner as ClientConnection | undefined;
    this.#sessions.setOwner(sessionId, connection);
    orderOf(connection).session = session;
    if (before?.isOpen) before.close("client_reconnect");
    connection.sessionOpened();
  }

  touchSession(connection: ClientConnection, nowMs: number): boolean {
    const { session } = orderOf(connection);
    return this.#sessions.touch(session, connection.sessionTimeoutMs, nowMs);
  }

  #scheduleExpiry(): void {
    const waitMs = Math.max(0, this.#sessions.nextDueMs - this.#monotonicMs());
    this.#expiry = this.#parts.platform.clock.setTimer(waitMs, () => {
      this.#expire();
      this.#scheduleExpiry();
    });
  }

  #expire(): void {
    for (const session of this.#sessions.due(this.#monotonicMs())) {
      this.#parts.metrics.counters.stale_sessions_expired.add(1);
      this.#log.info(
        `Expiring session ${hex0x(session.id)}, timeout of ${session.timeoutMs}ms exceeded`,
      );
      const caller = { sessionId: session.id, identities: [], owner: session.owner };
      const operation = operationFor(OpCode.closeSession) as WriteOperation;
      this.#pipeline.submitInternal(operation, undefined, caller);
    }
  }

  // ---------------------------------------------------------------------------------------------------------- requests

  submit(
    connection: ClientConnection,
    xid: number,
    type: number,
    body: Buffer,
    receivedMs: number,
  ): void {
    this.#pipeline.submit(connection, xid, type, body, receivedMs);
  }

  submitError(
    connection: ClientConnection,
    xid: number,
    type: number,
    error: ErrorCode,
    receivedMs: number,
  ): void {
    this.#pipeline.submitError(connection, xid, type, error, receivedMs);
  }

  drained(connection: ClientConnection): void {
    this.#pipeline.runWaiting(connection);
  }

  closed(connection: ClientConnection, _reason: DisconnectReason): void {
    this.#tree.watches.removeWatcher(connection);
  }

  #applied({ prepared: { header }, origin }: Proposal): void {
    if (header.type === OpCode.closeSession)
      this.#sessionEnded(header.clientId, origin === undefined);
    if (this.#storage.shouldSnapshot()) this.#storage.startSnapshot(this.#tree.beginSnapshot());
  }

  /** A session that was expired may still have a connection; one that the client closed is answered first. */
  #sessionEnded(sessionId: SessionId, wasExpired: boolean): void {
    const connection = this.#sessions.find(sessionId)?.owner as ClientConnection | undefined;
    this.#sessions.remove(sessionId);
    if (wasExpired && connection?.isOpen) connection.close("connection_expired");
  }

  // ------------------------------------------------------------------------------------------------------------ status

  lastProcessedZxid(): Zxid {
    return this.#tree.lastProcessedZxid;
  }

  nodeCount(): number {
    return this.#tree.nodeCount;
  }

  approximateDataSize(): number {
    return this.#tree.approximateDataSize;
  }

  ephemeralsCount(): number {
    return this.#tree.ephemeralCount;
  }

  globalSessionCount(): number {
    return this.#sessions.size;
  }

  localSessionCount(): number {
    return 0;
  }

  watchCount(): number {
    return this.#tree.watches.count;
  }

  configuration(): ConfigurationLines {
    return this.#parts.configuration();
  }

  dataDirSize(): number {
    return this.#storage.snapshotDirectoryBytes();
  }

  logDirSize(): number {
    return this.#storage.logDirectoryBytes();
  }

  sessionDump() {
    return this.#sessions.dump();
  }

  ephemerals() {
    return this.#tree.ephemeralsBySession();
  }

  watchSummary() {
    return this.#tree.watches.data.summary();
  }

  watchesByConnection() {
    return this.#tree.watches.data.byWatcher();
  }

  watchesByPath() {
    return this.#tree.watches.data.byPath();
  }

  digestLog() {
    return this.#tree.digestLog.entries;
  }

  proposalStats() {
    return undefined;
  }

  resetStats(): void {}
}

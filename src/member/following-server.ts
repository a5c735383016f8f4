// A follower or observer, as its clients see it. Java: FollowerZooKeeperServer, ObserverZooKeeperServer,
// LearnerSessionTracker.
//
// It knows sessions by name only: who is alive is the leader's to judge. What our clients send is gathered as touches, which
// go back with every PING; a session that comes from elsewhere is opened when the leader has confirmed it (REVALIDATE).

import type { ClientConnection, DisconnectReason, SessionDump } from "../client/server-port.js";
import type { JuteReader } from "../jute/reader.js";
import { type Forwarded, LearnerPipeline } from "../pipeline/learner-pipeline.js";
import { orderOf } from "../pipeline/order.js";
import type { LoggedTxn } from "../quorum/committed-log.js";
import { readRevalidated, requestData, revalidateData, type Touch } from "../quorum/packet-data.js";
import { ErrorCode } from "../wire/error-codes.js";
import type { SessionId, Sid, Zxid } from "../wire/ids.js";
import { OpCode, QuorumPacketType } from "../wire/op-codes.js";
import type { Id, QuorumPacket } from "../wire/records.js";
import { type Database, toNobody } from "./database.js";
import { type LocalSessionSettings, LocalSessions } from "./local-sessions.js";
import { Serving, type ServingParts } from "./serving.js";

export interface FollowingParts extends ServingParts {
  readonly database: Database;
  readonly isObserver: boolean;
  /** Of an observer: who brings it forward. */
  readonly master: Sid;
  readonly sendToLeader: (packet: QuorumPacket) => void;
  /** A txn has been applied, and its client has been told. */
  readonly applied: (txn: LoggedTxn) => void;
  /** Whether there are any, and whether they may become global: localSessionsEnabled, localSessionsUpgradingEnabled. */
  readonly localSessions: LocalSessionSettings;
}

const NO_ZXID = -1 as Zxid;

export class FollowingServer extends Serving {
  readonly serverState: string;
  readonly peerState: string;
  override readonly observerMaster: Sid | undefined;
  readonly #database: Database;
  readonly #pipeline: LearnerPipeline;
  readonly #sendToLeader: (packet: QuorumPacket) => void;
  readonly #told: (txn: LoggedTxn) => void;
  readonly #touches = new Map<SessionId, number>();
  readonly #revalidations = new Map<SessionId, ClientConnection>();
  /** Every revalidation that the leader was asked for, oldest first: it answers them in order. */
  readonly #asked: ((answer: QuorumPacket) => void)[] = [];
  readonly #connections = new Map<SessionId, ClientConnection>();
  readonly #local: LocalSessions | undefined;
  readonly #mayUpgrade: boolean;

  constructor(parts: FollowingParts) {
    super(parts);
    const { platform, tree, operationSettings: settings, isObserver } = parts;
    this.observerMaster = isObserver ? parts.master : undefined;
    this.serverState = isObserver ? "observer" : "follower";
    this.peerState = `${isObserver ? "observing" : "following"} - broadcast`;
    this.#database = parts.database;
    this.#sendToLeader = parts.sendToLeader;
    this.#told = parts.applied;
    parts.sessionIds.skip(tree.sessions.keys());
    const forward = (request: Forwarded) => this.#forward(request);
    const { audit, localSessions } = parts;
    this.#local = localSessions.enabled ? new LocalSessions(parts) : undefined;
    this.#mayUpgrade = localSessions.upgradingEnabled;
    const upgrade = this.#local && ((id: SessionId) => this.#upgrade(id));
    this.#pipeline = new LearnerPipeline({ platform, tree, settings, forward, upgrade, audit });
  }

  override start(): void {
    super.start();
    this.#database.isTold = (header) => this.#pipeline.awaits(header);
    this.#local?.start();
  }

  override stopServing(): void {
    super.stopServing();
    this.#database.isTold = toNobody;
    this.#local?.stop();
  }

  // ---------------------------------------------------------------------------------------------------------- sessions

  createSession(connection: ClientConnection, sessionTimeoutMs: number): SessionId {
    if (this.#local !== undefined) {
      const { id } = this.#local.create(connection, sessionTimeoutMs);
      this.#connections.set(id, connection);
      return id;
    }
    const sessionId = this.parts.sessionIds.take();
    this.#connections.set(sessionId, connection);
    this.#touches.set(sessionId, sessionTimeoutMs);
    this.#pipeline.createSession(connection, sessionId, sessionTimeoutMs);
    return sessionId;
  }

  reopenSession(connection: ClientConnection, sessionId: SessionId, timeoutMs: number): void {
    if (this.#local?.renew(sessionId, timeoutMs, connection) !== undefined) {
      this.#opened(sessionId, connection);
      return;
    }
    this.#revalidations.set(sessionId, connection);
    const data = revalidateData({ sessionId, timeoutMs });
    this.#asked.push((answer) => this.#revalidated(connection, answer));
    this.#send(QuorumPacketType.revalidate, NO_ZXID, data, null);
  }

  touchSession({ sessionId, sessionTimeoutMs }: ClientConnection): boolean {
    const local = this.#local;
    if (local !== undefined) {
      if (local.touch(sessionId, sessionTimeoutMs)) return true;
      if (!this.tree.sessions.has(sessionId) && !local.isUpgrading(sessionId)) return false;
    }
    this.#touches.set(sessionId, sessionTimeoutMs);
    return true;
  }

  /** The session becomes known to all, before the write that needs it. */
  #upgrade(sessionId: SessionId): ErrorCode | undefined {
    if (!this.#local?.has(sessionId)) return undefined;
    if (!this.#mayUpgrade) return ErrorCode.ephemeralOnLocalSession;
    const session = this.#local.upgrade(sessionId);
    if (session === undefined) return undefined;
    const body = Buffer.allocUnsafe(4);
    body.writeInt32BE(session.timeoutMs, 0);
    const type = OpCode.createSession;
    this.#forward({ sessionId, cxid: 0, type, body, identities: [] });
    return undefined;
  }

  *takeTouches(): Iterable<Touch> {
    for (const [sessionId, timeoutMs] of this.#touches) yield { sessionId, timeoutMs };
    this.#touches.clear();
  }

  globalSessionCount(): number {
    return this.tree.sessions.size;
  }

  sessionDump(): SessionDump {
    return { kind: "global", sessions: [...this.tree.sessions], local: this.#local?.dump() };
  }

  override localSessionCount(): number {
    return this.#local?.count ?? 0;
  }

  override closed(connection: ClientConnection, reason: DisconnectReason): void {
    super.closed(connection, reason);
    const { sessionId } = connection;
    if (this.#connections.get(sessionId) === connection) this.#connections.delete(sessionId);
    if (this.#revalidations.get(sessionId) === connection) this.#revalidations.delete(sessionId);
  }

  // ---------------------------------------------------------------------------------------------------------- requests

  submit(
    connection: ClientConnection,
    xid: number,
    type: number,
    body: JuteReader,
    receivedMs: number,
  ): void {
    if (type === OpCode.closeSession && this.#local?.has(connection.sessionId)) {
      this.#local.close(connection.sessionId);
      this.#pipeline.submitError(connection, xid, type, ErrorCode.ok, receivedMs);
      return;
    }
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

  #forward(request: Forwarded): void {
    const authinfo = request.identities as Id[];
    this.#send(QuorumPacketType.request, NO_ZXID, requestData(request), authinfo);
  }

  #send(type: number, zxid: Zxid, data: Buffer | null, authinfo: QuorumPacket["authinfo"]): void {
    this.#sendToLeader({ type, zxid, data, authinfo });
  }

  // ------------------------------------------------------------------------------------------- for observers behind us

  touched(touches: Iterable<Touch>): void {
    for (const { sessionId, timeoutMs } of touches) this.#touches.set(sessionId, timeoutMs);
  }

  /** Java's observers go by the session's id, which comes back with the answer. */
  revalidateFor(packet: QuorumPacket, answer: (packet: QuorumPacket) => void): void {
    this.#asked.push((reply) => answer({ ...reply, data: reply.data && Buffer.from(reply.data) }));
    this.#sendToLeader(packet);
  }

  syncFor(packet: QuorumPacket, done: () => void): void {
    this.#pipeline.awaitSync(done);
    this.#sendToLeader(packet);
  }

  forwardFor(packet: QuorumPacket): void {
    this.#sendToLeader(packet);
  }

  // -------------------------------------------------------------------------------------------------- from the leader

  /** The oldest received txn is committed. */
  commit(zxid: Zxid): void {
    const { record, result } = this.#database.commitReceived(zxid);
    const { type, clientId } = record;
    this.propagated(record.time);
    this.#pipeline.applied(record, result);
    if (type === OpCode.closeSession) this.#sessionEnded(clientId);
    else if (type === OpCode.createSession) this.#local?.settled(clientId);
    this.#told(record);
    this.snapshotIfDue();
  }

  fromLeader(packet: QuorumPacket): void {
    if (packet.type === QuorumPacketType.sync) this.#pipeline.synced();
    else if (packet.type === QuorumPacketType.revalidate) this.#asked.shift()?.(packet);
  }

  #revalidated(connection: ClientConnection, packet: QuorumPacket): void {
    const { sessionId, valid } = readRevalidated(packet);
    // It has gone, or the session has come on another connection since.
    if (this.#revalidations.get(sessionId) !== connection) return;
    this.#revalidations.delete(sessionId);
    if (!valid) {
      connection.sessionRefused();
      return;
    }
    if (!this.tree.sessions.has(sessionId)) this.#local?.expect(sessionId);
    this.#opened(sessionId, connection);
  }

  #opened(sessionId: SessionId, connection: ClientConnection): void {
    orderOf(connection);
    this.#connections.set(sessionId, connection);
    connection.sessionOpened();
  }

  #sessionEnded(sessionId: SessionId): void {
    this.#touches.delete(sessionId);
    this.#local?.settled(sessionId);
    const connection = this.#connections.get(sessionId);
    this.#connections.delete(sessionId);
    // Whoever closed it itself has its answer by now, and its connection is on the way out.
    if (connection?.isOpen) connection.closeAfterReplies("client_closed_session");
  }
}

// A leader, as its clients and its learners see it. Java: LeaderZooKeeperServer, the request half of LearnerHandler.

import type { ClientConnection, SessionDump } from "../client/server-port.js";
import { JuteReader } from "../jute/reader.js";
import { reached } from "../marks.js";
import { createsEphemeral, mayCreateEphemeral } from "../operations/creates-ephemeral.js";
import type { WriteOperation } from "../operations/operation.js";
import { operationFor } from "../operations/table.js";
import { decodeRequest } from "../operations/transactions.js";
import { orderOf } from "../pipeline/order.js";
import type { LinkId } from "../quorum/effects.js";
import {
  readRequest,
  readRevalidate,
  readTouches,
  revalidatedData,
} from "../quorum/packet-data.js";
import { ErrorCode } from "../wire/error-codes.js";
import type { SessionId, Sid, Zxid } from "../wire/ids.js";
import { OpCode, QuorumPacketType } from "../wire/op-codes.js";
import type { QuorumPacket } from "../wire/records.js";
import { type DecidingParts, DecidingServer } from "./deciding-server.js";
import type { ProposalSizes } from "./leader-metrics.js";
import { LeaderSessionChecks } from "./leader-session-checks.js";
import { type LocalSessionSettings, LocalSessions } from "./local-sessions.js";

export interface LeadingParts extends DecidingParts {
  /** leaderServes */
  readonly takesClients: boolean;
  readonly localSessions: LocalSessionSettings;
  readonly sizes: ProposalSizes;
  readonly sendToLearner: (link: LinkId, packet: QuorumPacket) => void;
  /** Calls back when everything that is proposed now has been committed, and we are known to lead still (R43). */
  readonly whenCommitted: (done: () => void) => void;
}

/** Through whom a session of another member comes: what the session tracker compares. */
class LearnerOwner {
  readonly link: LinkId;
  constructor(link: LinkId) {
    this.link = link;
  }
}

export class LeadingServer extends DecidingServer {
  readonly #leading: LeadingParts;
  readonly #owners = new Map<LinkId, LearnerOwner>();
  readonly #local: LocalSessions | undefined;

  constructor(parts: LeadingParts) {
    const { sessionIds: ids, localSessions } = parts;
    const local = localSessions.enabled ? new LocalSessions(parts) : undefined;
    super({ ...parts, checks: (sessions) => new LeaderSessionChecks(sessions, local, ids) });
    this.#leading = parts;
    this.#local = local;
  }

  override start(): void {
    super.start();
    this.#local?.start();
  }

  override stopServing(): void {
    super.stopServing();
    this.#local?.stop();
  }

  // ---------------------------------------------------------------------------------------------- sessions of our own

  override createSession(connection: ClientConnection, sessionTimeoutMs: number): SessionId {
    if (this.#local === undefined) return super.createSession(connection, sessionTimeoutMs);
    const session = this.#local.create(connection, sessionTimeoutMs);
    orderOf(connection).session = session;
    return session.id;
  }

  override reopenSession(connection: ClientConnection, id: SessionId, timeoutMs: number): void {
    const session = this.#local?.renew(id, timeoutMs, connection);
    if (session === undefined) {
      super.reopenSession(connection, id, timeoutMs);
      return;
    }
    orderOf(connection).session = session;
    connection.sessionOpened();
  }

  override touchSession(connection: ClientConnection, nowMs: number): boolean {
    const { sessionId, sessionTimeoutMs } = connection;
    if (this.#local?.touch(sessionId, sessionTimeoutMs)) return true;
    return super.touchSession(connection, nowMs);
  }

  override localSessionCount(): number {
    return this.#local?.count ?? 0;
  }

  override sessionDump(): SessionDump {
    return { ...super.sessionDump(), local: this.#local?.dump() };
  }

  override submit(
    connection: ClientConnection,
    xid: number,
    type: number,
    body: JuteReader,
    receivedMs: number,
  ): void {
    const { sessionId } = connection;
    if (this.#local?.has(sessionId)) {
      if (type === OpCode.closeSession) {
        this.#local.close(sessionId);
        this.submitError(connection, xid, type, ErrorCode.ok, receivedMs);
        return;
      }
      this.#upgradeFor(sessionId, type, body);
    }
    super.submit(connection, xid, type, body, receivedMs);
  }

  /** One that may not be upgraded is refused when its write is prepared. */
  #upgradeFor(sessionId: SessionId, type: number, body: JuteReader): void {
    const { localSessions } = this.#leading;
    if (!localSessions.upgradingEnabled || !mayCreateEphemeral(type)) return;
    const request = decodeRequest(operationFor(type) as WriteOperation, body);
    if (request === undefined || !createsEphemeral(type, request)) return;
    const session = this.#local?.upgrade(sessionId);
    if (session === undefined) return;
    this.sessions.adopt(session, this.nowMs());
    const operation = operationFor(OpCode.createSession) as WriteOperation;
    const caller = { sessionId, identities: [], owner: session.owner };
    this.pipeline.submitInternal(operation, { timeOut: session.timeoutMs }, caller);
    this.#local?.settled(sessionId);
  }

  // ------------------------------------------------------------------------------------------------- of our learners

  override get takesClients(): boolean {
    return this.serving && this.#leading.takesClients;
  }

  fromLearner(_sid: Sid, link: LinkId, packet: QuorumPacket): void {
    switch (packet.type) {
      case QuorumPacketType.ping:
        for (const { sessionId, timeoutMs } of readTouches(packet)) {
          this.sessions.touch(this.sessions.find(sessionId), timeoutMs, this.nowMs());
        }
        break;
      case QuorumPacketType.revalidate:
        this.#revalidate(link, packet);
        break;
      case QuorumPacketType.request:
        this.#request(link, packet);
        break;
      default:
        this.log.warn(`Unexpected quorum packet, type: ${packet.type}`);
    }
  }

  override proposalStats() {
    return this.#leading.sizes;
  }

  override resetStats(): void {
    this.#leading.sizes.reset();
  }

  learnerGone(link: LinkId): void {
    this.#owners.delete(link);
  }

  #revalidate(link: LinkId, packet: QuorumPacket): void {
    this.parts.metrics.counters.revalidate_count.add(1);
    const { sessionId, timeoutMs } = readRevalidate(packet);
    const session = this.sessions.find(sessionId);
    const valid = this.sessions.touch(session, timeoutMs, this.nowMs());
    reached(valid ? "session: revalidated by another member" : "session: revalidation is refused");
    if (valid) this.sessions.setOwner(sessionId, this.#ownerOf(link));
    const data = revalidatedData(sessionId, valid);
    this.#send(link, QuorumPacketType.revalidate, packet.zxid, data);
  }

  #request(link: LinkId, packet: QuorumPacket): void {
    const { sessionId, cxid, type, data, bodyStart } = readRequest(packet);
    if (type === OpCode.sync) {
      this.#leading.whenCommitted(() => this.#send(link, QuorumPacketType.sync, 0 as Zxid, null));
      return;
    }
    const operation = operationFor(type);
    if (operation?.kind !== "write") {
      this.log.warn(`Unexpected request from a learner, type: ${type}`);
      return;
    }
    const owner = this.#ownerOf(link);
    if (type === OpCode.createSession) {
      this.sessions.track(sessionId, new JuteReader(data, bodyStart).int(), this.nowMs());
      this.sessions.setOwner(sessionId, owner);
    }
    const caller = { sessionId, identities: packet.authinfo ?? [], owner };
    this.pipeline.submitForwarded(operation as WriteOperation, data, bodyStart, caller, cxid);
  }

  #ownerOf(link: LinkId): LearnerOwner {
    let owner = this.#owners.get(link);
    if (owner === undefined) {
      owner = new LearnerOwner(link);
      this.#owners.set(link, owner);
    }
    return owner;
  }

  #send(link: LinkId, type: number, zxid: Zxid, data: Buffer | null): void {
    this.#leading.sendToLearner(link, { type, zxid, data, authinfo: null });
  }
}

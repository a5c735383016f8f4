// A leader, as its clients and its learners see it. Java: LeaderZooKeeperServer, the request half of LearnerHandler.

import { JuteReader } from "../jute/reader.js";
import type { WriteOperation } from "../operations/operation.js";
import { operationFor } from "../operations/table.js";
import type { LinkId } from "../quorum/effects.js";
import {
  readRequest,
  readRevalidate,
  readTouches,
  revalidatedData,
} from "../quorum/packet-data.js";
import type { Sid, Zxid } from "../wire/ids.js";
import { OpCode, QuorumPacketType } from "../wire/op-codes.js";
import type { QuorumPacket } from "../wire/records.js";
import { type DecidingParts, DecidingServer } from "./deciding-server.js";
import type { ProposalSizes } from "./leader-metrics.js";

export interface LeadingParts extends DecidingParts {
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

  constructor(parts: LeadingParts) {
    super(parts);
    this.#leading = parts;
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
    if (valid) this.sessions.setOwner(sessionId, this.#ownerOf(link));
    const data = revalidatedData(sessionId, valid);
    this.#send(link, QuorumPacketType.revalidate, packet.zxid, data);
  }

  #request(link: LinkId, packet: QuorumPacket): void {
    const { sessionId, cxid, type, body } = readRequest(packet);
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
      this.sessions.track(sessionId, new JuteReader(body).int(), this.nowMs());
      this.sessions.setOwner(sessionId, owner);
    }
    const caller = { sessionId, identities: packet.authinfo ?? [], owner };
    this.pipeline.submitForwarded(operation as WriteOperation, body, caller, cxid);
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

// A follower that serves observers, to spare its leader, as a step machine. Java: ObserverMaster, and LearnerHandler where a
// follower is its LearnerMaster.
//
//   OBSERVERINFO → LEADERINFO, with the epoch that we are in → ACKEPOCH → DIFF, TRUNC or SNAP, NEWLEADER → ACK → UPTODATE
//   → INFORM of whatever is applied here; PING
//
// Nobody waits for a quorum: what is applied here is committed. What observers ask (requests, revalidations) goes on to the
// leader, by the hooks.
//
// Invariants
//  - A plan ends with what is applied here, and INFORMs begin there, in one step (ZOOKEEPER-5088 [R32]: Java begins with what
//    it hears proposed after it has begun to follow).
//  - An observer that knows more of this epoch than we do (from another follower) waits until we know it too: it knows
//    nothing but what is committed, which TRUNC would take back.

import { counterOf, epochOf, hex0x, makeZxid, type Sid, type Zxid } from "../wire/ids.js";
import { QuorumPacketType as Type } from "../wire/op-codes.js";
import type { QuorumPacket } from "../wire/records.js";
import type { LoggedTxn } from "./committed-log.js";
import type { Effects, LinkId, QuorumTimes } from "./effects.js";
import type { LearnerState } from "./learner-state.js";
import { Learners } from "./learners.js";
import { leaderInfoData, readAckEpoch, readFollowerInfo } from "./packet-data.js";
import { type LeaderHistory, planSync } from "./sync-plan.js";

export interface ObserverMasterStart {
  readonly sid: Sid;
  readonly times: QuorumTimes;
  /** Of the leader that we follow. */
  readonly epoch: number;
  /** As it goes into NEWLEADER. */
  readonly configuration: () => Buffer;
  readonly isMember: (sid: Sid) => boolean;
}

export interface ObserverMasterHooks {
  /** What is applied here, as it is now. */
  history(): LeaderHistory;
  /** REQUEST, REVALIDATE, and the touches of PING. */
  fromLearner(sid: Sid, link: LinkId, packet: QuorumPacket): void;
}

export class ObserverMaster {
  readonly #start: ObserverMasterStart;
  readonly #hooks: ObserverMasterHooks;
  readonly #learners = new Learners();
  readonly #newLeader: Zxid;
  #nowMs: number;
  #lastPingMs: number;
  #round = 0;

  constructor(start: ObserverMasterStart, hooks: ObserverMasterHooks, nowMs: number) {
    this.#start = start;
    this.#hooks = hooks;
    this.#newLeader = makeZxid(start.epoch, 0);
    this.#nowMs = nowMs;
    this.#lastPingMs = nowMs;
  }

  learners(): Iterable<LearnerState> {
    return this.#learners.all();
  }

  connected(link: LinkId): void {
    this.#learners.connected(link, this.#nowMs);
  }

  disconnected(link: LinkId): void {
    this.#learners.disconnected(link);
  }

  /** Bytes of a snapshot are leaving: it takes as long as it takes (R96). */
  progressed(link: LinkId): void {
    const learner = this.#learners.get(link);
    if (learner?.phase === "syncing") learner.answered(this.#nowMs);
  }

  received(link: LinkId, packet: QuorumPacket, effects: Effects): void {
    const learner = this.#learners.get(link);
    if (learner === undefined) return;
    switch (packet.type) {
      case Type.observerInfo:
        this.#register(learner, packet, effects);
        break;
      case Type.followerInfo:
        this.#close(learner, "only observers are served here", effects);
        break;
      case Type.ackEpoch:
        this.#ackEpoch(learner, packet, effects);
        break;
      case Type.ack:
        this.#ack(learner, packet.zxid, effects);
        break;
      default:
        if (!learner.upToDateSent) {
          this.#close(learner, `unexpected packet of type ${packet.type}`, effects);
          return;
        }
        if (packet.type === Type.ping) learner.pingAnswered(this.#nowMs);
        this.#hooks.fromLearner(learner.sid, link, packet);
    }
  }

  #register(learner: LearnerState, packet: QuorumPacket, effects: Effects): void {
    const { sid, acceptedEpoch } = readFollowerInfo(packet);
    const refusal = this.#refusalOf(learner, sid, acceptedEpoch);
    if (refusal !== undefined) {
      this.#close(learner, refusal, effects);
      return;
    }
    this.#learners.closeLinksOf(sid, effects);
    learner.sid = sid;
    learner.isObserver = true;
    learner.phase = "invited";
    learner.answered(this.#nowMs);
    this.#send(learner, Type.leaderInfo, this.#newLeader, leaderInfoData(), effects);
  }

  #refusalOf(learner: LearnerState, sid: Sid, acceptedEpoch: number): string | undefined {
    const { sid: self, epoch, isMember } = this.#start;
    if (learner.phase !== "new") return "it has registered before";
    if (sid === self) return `it calls itself ${self}, as this server does`;
    if (acceptedEpoch > epoch) return `it has accepted epoch ${acceptedEpoch}, we are in ${epoch}`;
    return this.#learners.refusalOfStranger(sid, isMember);
  }

  #ackEpoch(learner: LearnerState, packet: QuorumPacket, effects: Effects): void {
    if (learner.phase !== "invited") {
      this.#close(learner, "ACKEPOCH out of turn", effects);
      return;
    }
    readAckEpoch(packet);
    learner.promised(packet);
    this.#synchronize(learner, effects);
  }

  #synchronize(learner: LearnerState, effects: Effects): void {
    const history = this.#hooks.history();
    const isAhead = learner.lastZxid > history.last;
    if (isAhead && epochOf(learner.lastZxid) === this.#start.epoch) return;
    const plan = planSync(learner.lastZxid, history.last, history);
    learner.phase = "syncing";
    learner.answered(this.#nowMs);
    // After SNAP the tree itself follows on the link, before any later packet.
    this.#send(learner, Type[plan.kind], plan.end, null, effects);
    for (const { zxid, bytes } of plan.txns) {
      this.#send(learner, Type.proposal, zxid, bytes, effects);
      this.#send(learner, Type.commit, zxid, null, effects);
    }
    this.#send(learner, Type.newLeader, this.#newLeader, this.#start.configuration(), effects);
  }

  #ack(learner: LearnerState, zxid: Zxid, effects: Effects): void {
    if (learner.phase === "syncing" && zxid === this.#newLeader) {
      learner.phase = "synced";
      learner.becameUpToDate(this.#nowMs);
      this.#send(learner, Type.upToDate, -1 as Zxid, null, effects);
    } else if (learner.phase === "synced" && counterOf(zxid) === 0) {
      // The second one, after UPTODATE, says nothing new.
      learner.answered(this.#nowMs);
    } else {
      this.#close(
        learner,
        `ACK of ${hex0x(zxid)} out of turn: observers acknowledge no proposals`,
        effects,
      );
    }
  }

  /** Applied here; a reconfig with the leader that it names. */
  committed(txn: LoggedTxn, leader: Sid | undefined, effects: Effects): void {
    this.#learners.sendCommit(txn, leader, effects);
    for (const learner of this.#learners.all()) {
      if (learner.phase === "promised") this.#synchronize(learner, effects);
    }
  }

  /** Time passes. Called at least twice a tick. */
  tick(nowMs: number, effects: Effects): void {
    this.#nowMs = nowMs;
    const { tickTimeMs, initLimitTicks, syncLimitTicks } = this.#start.times;
    for (const learner of this.#learners.all()) {
      const initLimitMs = tickTimeMs * initLimitTicks;
      const why = learner.overdue(nowMs, initLimitMs, tickTimeMs * syncLimitTicks);
      if (why !== undefined) this.#close(learner, why, effects);
    }
    // Not on the dot: timers that come a little early would halve the rate.
    if (nowMs - this.#lastPingMs < tickTimeMs * 0.4) return;
    this.#lastPingMs = nowMs;
    const round = ++this.#round;
    const { last } = this.#hooks.history();
    for (const learner of this.#learners.all()) {
      if (!learner.isForwardedTo) continue;
      learner.pingSent(round);
      this.#send(learner, Type.ping, last, null, effects);
    }
  }

  #send(to: LearnerState, type: number, zxid: Zxid, data: Buffer | null, effects: Effects): void {
    this.#learners.send(to, type, zxid, data, effects);
  }

  #close(learner: LearnerState, why: string, effects: Effects): void {
    this.#learners.close(learner, why, effects);
  }
}

// The leader's side of Zab as a step machine. Answers to Java's Leader and LearnerHandler.
//
//   discovery         each learner says which epoch it has accepted; a quorum of them gives a new epoch, one above all
//   synchronization   the epoch's quorum has promised it (ACKEPOCH); each learner gets our history (sync-plan.ts), then NEWLEADER
//   broadcast         a quorum has our history (ACK of NEWLEADER): serve, propose, commit in order, ping
//
// A member that elected itself is only a candidate until the last line. Each method is one event; what it wants done is in
// the Effects that it is given. Time comes with `tick`.
//
// Invariants
//  - LEADERINFO(e) leaves only when our own acceptedEpoch is durably e (P5); our own ack of NEWLEADER counts only when our
//    currentEpoch and our log are durable (3.1 l).
//  - A learner's position in the stream of proposals begins exactly where its sync plan ends: both are decided in one step
//    (ZOOKEEPER-3104, R25).
//  - Only voters count, in every quorum (ZOOKEEPER-2959).
//  - NEWLEADER is queued after all history; commits are queued after their proposals.

import { counterOf, hex0x, makeZxid, type Sid, type Zxid } from "../wire/ids.js";
import { QuorumPacketType as Type } from "../wire/op-codes.js";
import type { QuorumPacket } from "../wire/records.js";
import type { Effects, LinkId, QuorumTimes } from "./effects.js";
import { LearnerState } from "./learner-state.js";
import { leaderInfoData, readAckEpoch, readFollowerInfo } from "./packet-data.js";
import { Proposals } from "./proposals.js";
import { type LeaderHistory, planSync } from "./sync-plan.js";
import type { QuorumVerifier } from "./verifier.js";

export interface LeaderStart {
  readonly sid: Sid;
  readonly verifier: QuorumVerifier;
  readonly times: QuorumTimes;
  readonly acceptedEpoch: number;
  readonly currentEpoch: number;
  /** The end of our log, all of it durable and applied. */
  readonly lastZxid: Zxid;
  /** The configuration as it goes into NEWLEADER. */
  readonly configuration: Buffer;
}

export interface Proposed {
  readonly zxid: Zxid;
  readonly bytes: Buffer;
}

type Phase = "discovery" | "synchronization" | "broadcast" | "resigned";

/** What the leader asks of the server around it. */
export interface LeaderHooks {
  /** Committed history, as it is now. */
  history(): LeaderHistory;
  /** Packets that are not Zab's: REQUEST, REVALIDATE, and the touches of PING. */
  fromLearner(sid: Sid, link: LinkId, packet: QuorumPacket): void;
}

export class Leader {
  readonly #start: LeaderStart;
  readonly #hooks: LeaderHooks;
  readonly #learners = new Map<LinkId, LearnerState>();
  readonly #proposals: Proposals<Proposed>;
  #phase: Phase = "discovery";
  #epoch: number;
  #epochDecided = false;
  #acceptedIsDurable = false;
  #currentIsDurable = false;
  readonly #connecting = new Set<Sid>();
  readonly #promised = new Set<Sid>();
  readonly #newLeaderAcks = new Set<Sid>();
  #nowMs: number;
  readonly #startedMs: number;
  #lastPingMs: number;
  #lastQuorumMs: number;
  #lastProposed: Zxid;

  constructor(start: LeaderStart, hooks: LeaderHooks, nowMs: number) {
    this.#start = start;
    this.#hooks = hooks;
    this.#proposals = new Proposals(start.verifier);
    this.#epoch = start.acceptedEpoch + 1;
    this.#lastProposed = start.lastZxid;
    this.#nowMs = nowMs;
    this.#startedMs = nowMs;
    this.#lastPingMs = nowMs;
    this.#lastQuorumMs = nowMs;
  }

  get epoch(): number {
    return this.#epoch;
  }

  get isServing(): boolean {
    return this.#phase === "broadcast";
  }

  get newLeaderZxid(): Zxid {
    return makeZxid(this.#epoch, 0);
  }

  learners(): Iterable<LearnerState> {
    return this.#learners.values();
  }

  // --------------------------------------------------------------------------------------------------------- discovery

  begin(effects: Effects): void {
    this.#joinEpoch(this.#start.sid, this.#start.acceptedEpoch, false, effects);
  }

  connected(link: LinkId): void {
    this.#learners.set(link, new LearnerState(link, this.#nowMs));
  }

  disconnected(link: LinkId): void {
    this.#learners.delete(link);
  }

  received(link: LinkId, packet: QuorumPacket, effects: Effects): void {
    const learner = this.#learners.get(link);
    if (learner === undefined || this.#phase === "resigned") return;
    learner.heardMs = this.#nowMs;
    switch (packet.type) {
      case Type.followerInfo:
      case Type.observerInfo:
        this.#register(learner, packet, effects);
        break;
      case Type.ackEpoch:
        this.#ackEpoch(learner, packet, effects);
        break;
      case Type.ack:
        this.#ack(learner, packet.zxid, effects);
        break;
      default:
        if (learner.phase === "synced") this.#hooks.fromLearner(learner.sid, link, packet);
        else this.#close(learner, `unexpected packet of type ${packet.type}`, effects);
    }
  }

  #register(learner: LearnerState, packet: QuorumPacket, effects: Effects): void {
    if (learner.phase !== "new") {
      this.#close(learner, "registered twice", effects);
      return;
    }
    const info = readFollowerInfo(packet);
    learner.sid = info.sid;
    learner.isObserver = packet.type === Type.observerInfo;
    learner.phase = "registered";
    if (this.#epochDecided) this.#invite(learner, effects);
    else this.#joinEpoch(info.sid, info.acceptedEpoch, learner.isObserver, effects);
  }

  /** [R27] The new epoch is one above every epoch that a quorum, ourselves included, has accepted. */
  #joinEpoch(sid: Sid, acceptedEpoch: number, isObserver: boolean, effects: Effects): void {
    if (acceptedEpoch >= this.#epoch) this.#epoch = acceptedEpoch + 1;
    if (!isObserver) this.#connecting.add(sid);
    const { verifier, sid: self } = this.#start;
    if (!this.#connecting.has(self) || !verifier.containsQuorum(this.#connecting)) return;
    this.#epochDecided = true;
    effects.work.push({ kind: "persist", epochs: { acceptedEpoch: this.#epoch } });
  }

  /** What `persist` asked for, and everything appended before it, is on disk. */
  persisted(epochs: { acceptedEpoch?: number; currentEpoch?: number }, effects: Effects): void {
    if (epochs.acceptedEpoch === this.#epoch && !this.#acceptedIsDurable) {
      this.#acceptedIsDurable = true;
      for (const learner of this.#learners.values()) {
        if (learner.phase === "registered") this.#invite(learner, effects);
      }
      this.#promise(this.#start.sid, this.#start.currentEpoch, this.#start.lastZxid, effects);
    }
    if (epochs.currentEpoch === this.#epoch && !this.#currentIsDurable) {
      this.#currentIsDurable = true;
      this.#countNewLeaderAck(this.#start.sid, effects);
    }
  }

  #invite(learner: LearnerState, effects: Effects): void {
    if (!this.#acceptedIsDurable) return;
    learner.phase = "invited";
    this.#send(learner, Type.leaderInfo, this.newLeaderZxid, leaderInfoData(), effects);
  }

  #ackEpoch(learner: LearnerState, packet: QuorumPacket, effects: Effects): void {
    if (learner.phase !== "invited") {
      this.#close(learner, "ACKEPOCH out of turn", effects);
      return;
    }
    learner.phase = "promised";
    learner.lastZxid = packet.zxid;
    const currentEpoch = readAckEpoch(packet);
    if (currentEpoch !== undefined && !learner.isObserver) {
      // [R37] A server that lost its data promises nothing that could let a minority decide.
      if (packet.zxid !== -1) this.#promise(learner.sid, currentEpoch, packet.zxid, effects);
    }
    const isSyncing = this.#phase === "synchronization" || this.#phase === "broadcast";
    // The promise that completed the quorum has synchronized everybody who had promised.
    if (isSyncing && learner.phase === "promised") this.#synchronize(learner, effects);
  }

  #promise(sid: Sid, currentEpoch: number, lastZxid: Zxid, effects: Effects): void {
    if (this.#phase !== "discovery") return;
    const { sid: self, currentEpoch: ours, lastZxid: ourLast, verifier } = this.#start;
    // [Zab, discovery] Whoever has a later history must lead instead of us.
    if (sid !== self && (currentEpoch > ours || (currentEpoch === ours && lastZxid > ourLast))) {
      const theirs = `epoch ${currentEpoch}, zxid ${hex0x(lastZxid)}`;
      this.#resign(`Follower ${sid} is ahead of the leader: it has ${theirs}`, effects);
      return;
    }
    this.#promised.add(sid);
    if (!this.#promised.has(self) || !verifier.containsQuorum(this.#promised)) return;
    this.#phase = "synchronization";
    effects.work.push({ kind: "persist", epochs: { currentEpoch: this.#epoch } });
    for (const learner of this.#learners.values()) {
      if (learner.phase === "promised") this.#synchronize(learner, effects);
    }
  }

  // --------------------------------------------------------------------------------------------------- synchronization

  #synchronize(learner: LearnerState, effects: Effects): void {
    const history = this.#hooks.history();
    const plan = planSync(learner.lastZxid, history);
    learner.phase = "syncing";
    if (plan.kind === "snap") {
      // The tree itself follows this packet on the link, before any later one.
      this.#send(learner, Type.snap, history.last, null, effects);
    } else {
      const end = plan.kind === "trunc" ? plan.zxid : (plan.txns.at(-1)?.zxid ?? learner.lastZxid);
      this.#send(learner, plan.kind === "trunc" ? Type.trunc : Type.diff, end, null, effects);
      for (const { zxid, bytes } of plan.txns) {
        this.#send(learner, Type.proposal, zxid, bytes, effects);
        this.#send(learner, Type.commit, zxid, null, effects);
      }
    }
    // Outstanding proposals come before NEWLEADER, so that its acknowledgement covers them (3.3, ambiguity 1).
    if (!learner.isObserver) {
      for (const { zxid, bytes } of this.#proposals.outstanding()) {
        this.#send(learner, Type.proposal, zxid, bytes, effects);
        learner.oldestUnacknowledgedMs ??= this.#nowMs;
      }
    }
    const { configuration } = this.#start;
    this.#send(learner, Type.newLeader, this.newLeaderZxid, configuration, effects);
  }

  #ack(learner: LearnerState, zxid: Zxid, effects: Effects): void {
    if (learner.phase === "syncing") {
      // [R5] Java's followers of 3.8 can acknowledge a proposal before NEWLEADER: that is kept, not taken for it.
      if (zxid === this.newLeaderZxid) this.#newLeaderAcked(learner, effects);
      else this.#acknowledge(learner, zxid, effects);
    } else if (learner.phase === "synced") {
      this.#acknowledge(learner, zxid, effects);
    } else {
      this.#close(learner, "ACK out of turn", effects);
    }
  }

  #newLeaderAcked(learner: LearnerState, effects: Effects): void {
    learner.phase = "synced";
    if (this.#phase === "broadcast") this.#sendUpToDate(learner, effects);
    else if (!learner.isObserver) this.#countNewLeaderAck(learner.sid, effects);
  }

  #countNewLeaderAck(sid: Sid, effects: Effects): void {
    this.#newLeaderAcks.add(sid);
    if (this.#phase !== "synchronization") return;
    if (!this.#newLeaderAcks.has(this.#start.sid)) return;
    if (!this.#start.verifier.containsQuorum(this.#newLeaderAcks)) return;
    this.#phase = "broadcast";
    this.#lastQuorumMs = this.#nowMs;
    this.#lastProposed = this.newLeaderZxid;
    effects.work.push({ kind: "serve", epoch: this.#epoch });
    for (const learner of this.#learners.values()) {
      if (learner.phase === "synced") this.#sendUpToDate(learner, effects);
    }
  }

  #sendUpToDate(learner: LearnerState, effects: Effects): void {
    if (learner.upToDateSent) return;
    learner.upToDateSent = true;
    this.#send(learner, Type.upToDate, -1 as Zxid, null, effects);
    for (const zxid of learner.heldCommits) this.#send(learner, Type.commit, zxid, null, effects);
    learner.heldCommits.length = 0;
  }

  // --------------------------------------------------------------------------------------------------------- broadcast

  /** A prepared transaction: to our own log, and to every follower. */
  propose(proposal: Proposed, effects: Effects): void {
    this.#lastProposed = proposal.zxid;
    this.#proposals.add(proposal);
    effects.work.push({ kind: "append", ...proposal });
    for (const learner of this.#learners.values()) {
      if (!learner.isForwardedTo || learner.isObserver) continue;
      this.#send(learner, Type.proposal, proposal.zxid, proposal.bytes, effects);
      learner.oldestUnacknowledgedMs ??= this.#nowMs;
    }
    // [R42] The counter must not run into the epoch: a new epoch, by a new election, begins a new counter.
    if (counterOf(proposal.zxid) === 0xffffffff)
      this.#resign("zxid lower 32 bits have rolled over", effects);
  }

  /** Our own log is durable up to here. */
  logged(zxid: Zxid, effects: Effects): void {
    this.#proposals.acknowledge(this.#start.sid, zxid);
    this.#commit(effects);
  }

  #acknowledge(learner: LearnerState, zxid: Zxid, effects: Effects): void {
    // The second ACK of NEWLEADER, after UPTODATE, says nothing new.
    if (counterOf(zxid) === 0) return;
    if (zxid > learner.acknowledged) learner.acknowledged = zxid;
    const isCaughtUp = learner.acknowledged >= this.#lastProposed;
    learner.oldestUnacknowledgedMs = isCaughtUp ? undefined : this.#nowMs;
    if (learner.isObserver) return;
    this.#proposals.acknowledge(learner.sid, zxid);
    this.#commit(effects);
  }

  #commit(effects: Effects): void {
    for (let next = this.#proposals.takeCommitted(); next; next = this.#proposals.takeCommitted()) {
      const { zxid, bytes } = next;
      effects.work.push({ kind: "commit", zxid });
      for (const learner of this.#learners.values()) {
        if (!learner.isForwardedTo) continue;
        if (learner.isObserver) this.#send(learner, Type.inform, zxid, bytes, effects);
        else if (learner.upToDateSent) this.#send(learner, Type.commit, zxid, null, effects);
        // [R7] Java's followers before 3.9.3 die of a COMMIT between NEWLEADER and UPTODATE.
        else learner.heldCommits.push(zxid);
      }
    }
  }

  /** Time passes. Called at least twice a tick. */
  tick(nowMs: number, effects: Effects): void {
    this.#nowMs = nowMs;
    const { tickTimeMs, initLimitTicks, syncLimitTicks } = this.#start.times;
    if (this.#phase === "discovery" || this.#phase === "synchronization") {
      const waitedMs = nowMs - this.#startedMs;
      if (waitedMs > tickTimeMs * initLimitTicks) {
        this.#resign(`Timeout while waiting for a quorum in ${this.#phase}`, effects);
      }
      return;
    }
    if (this.#phase !== "broadcast") return;
    const syncLimitMs = tickTimeMs * syncLimitTicks;
    const synced = new Set<Sid>([this.#start.sid]);
    for (const learner of this.#learners.values()) {
      this.#checkLearner(learner, syncLimitMs, synced, effects);
    }
    if (this.#start.verifier.containsQuorum(synced)) this.#lastQuorumMs = nowMs;
    else if (nowMs - this.#lastQuorumMs > tickTimeMs) {
      const sids = [...synced].join(",");
      this.#resign(
        `Not sufficient followers synced, only synced with sids: [ [${sids}] ]`,
        effects,
      );
      return;
    }
    if (nowMs - this.#lastPingMs >= tickTimeMs / 2) this.#ping(effects);
  }

  #checkLearner(
    learner: LearnerState,
    syncLimitMs: number,
    synced: Set<Sid>,
    effects: Effects,
  ): void {
    const { tickTimeMs, initLimitTicks } = this.#start.times;
    const limitMs = learner.phase === "synced" ? syncLimitMs : tickTimeMs * initLimitTicks;
    const silentMs = this.#nowMs - learner.heardMs;
    const waiting = learner.oldestUnacknowledgedMs;
    if (silentMs > limitMs) {
      this.#close(learner, `not heard of for ${silentMs} ms`, effects);
    } else if (
      learner.phase === "synced" &&
      waiting !== undefined &&
      this.#nowMs - waiting > syncLimitMs
    ) {
      this.#close(learner, "a proposal was not acknowledged in time", effects);
    } else if (learner.phase === "synced" && !learner.isObserver) {
      synced.add(learner.sid);
    }
  }

  #ping(effects: Effects): void {
    this.#lastPingMs = this.#nowMs;
    for (const learner of this.#learners.values()) {
      if (learner.isForwardedTo) this.#send(learner, Type.ping, this.#lastProposed, null, effects);
    }
  }

  // ----------------------------------------------------------------------------------------------------------- helpers

  #send(
    learner: LearnerState,
    type: number,
    zxid: Zxid,
    data: Buffer | null,
    effects: Effects,
  ): void {
    const packet: QuorumPacket = { type, zxid, data, authinfo: null };
    effects.sendNow.push({ link: learner.link, packet });
  }

  #close(learner: LearnerState, why: string, effects: Effects): void {
    this.#learners.delete(learner.link);
    effects.work.push({ kind: "closeLink", link: learner.link, why });
  }

  #resign(why: string, effects: Effects): void {
    this.#phase = "resigned";
    effects.work.push({ kind: "resign", why });
  }
}

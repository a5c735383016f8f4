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
//  - One server has one connection: when it comes anew, the old one is closed, and what it acknowledged there is forgotten,
//    because its log may be cut back to what is committed before it goes on.
//  - A server that only sends and does not answer does not hear us, and is no support (R156).

import { assert } from "../errors.js";
import { reached } from "../marks.js";
import { counterOf, epochOf, hex0x, makeZxid, type Sid, type Zxid } from "../wire/ids.js";
import { QuorumPacketType as Type } from "../wire/op-codes.js";
import type { QuorumPacket } from "../wire/records.js";
import { Discovery, VOTER_CHANGED_MIND } from "./discovery.js";
import type { Effects, EpochsToPersist, LinkId } from "./effects.js";
import { Heartbeat } from "./heartbeat.js";
import { type LeaderPhase, timedOut, zabStateOf } from "./leader-phase.js";
import type { LeaderHooks, LeaderStart, Proposed } from "./leader-start.js";
import type { LearnerState } from "./learner-state.js";
import { Learners } from "./learners.js";
import { leaderInfoData, readAckEpoch, readFollowerInfo } from "./packet-data.js";
import { Proposals } from "./proposals.js";
import { planSync } from "./sync-plan.js";

export class Leader {
  readonly #start: LeaderStart;
  readonly #hooks: LeaderHooks;
  readonly #learners = new Learners();
  readonly #proposals: Proposals<Proposed>;
  readonly #discovery: Discovery;
  readonly #heartbeat: Heartbeat;
  #phase: LeaderPhase = "discovery";
  #acceptedIsDurable = false;
  #currentIsDurable = false;
  readonly #newLeaderAcks = new Set<Sid>();
  #nowMs: number;
  #phaseStartedMs: number;
  #lastProposed: Zxid;
  #lastCommitted: Zxid = 0 as Zxid;

  constructor(start: LeaderStart, hooks: LeaderHooks, nowMs: number) {
    this.#start = start;
    this.#hooks = hooks;
    this.#proposals = new Proposals(start.verifier);
    this.#discovery = new Discovery(start);
    this.#heartbeat = new Heartbeat(start, this.#learners, nowMs);
    this.#lastProposed = start.lastZxid;
    this.#nowMs = nowMs;
    this.#phaseStartedMs = nowMs;
  }

  get epoch(): number {
    return this.#discovery.epoch;
  }

  get isServing(): boolean {
    return this.#phase === "broadcast";
  }

  get zabState(): "discovery" | "synchronization" | "broadcast" {
    return zabStateOf(this.#phase);
  }

  get newLeaderZxid(): Zxid {
    return makeZxid(this.epoch, 0);
  }

  learners(): Iterable<LearnerState> {
    return this.#learners.all();
  }

  // --------------------------------------------------------------------------------------------------------- discovery

  begin(effects: Effects): void {
    const { sid, acceptedEpoch } = this.#start;
    const { obstacle } = this.#discovery;
    if (obstacle !== undefined) this.#resign(obstacle, effects);
    else this.#hear(sid, acceptedEpoch, false, effects);
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
    if (learner === undefined || this.#phase === "resigned") return;
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
        if (!learner.upToDateSent) {
          this.#close(learner, `unexpected packet of type ${packet.type}`, effects);
          return;
        }
        if (packet.type === Type.ping) {
          learner.pingAnswered(this.#nowMs);
          this.#answerQuestions(effects);
        }
        this.#hooks.fromLearner(learner.sid, link, packet);
    }
  }

  #register(learner: LearnerState, packet: QuorumPacket, effects: Effects): void {
    const info = readFollowerInfo(packet);
    const refusal =
      learner.phase === "new"
        ? this.#discovery.refusalOf(info, this.#learners)
        : "it has registered before";
    if (refusal !== undefined) {
      this.#close(learner, refusal, effects);
      return;
    }
    this.#learners.closeLinksOf(info.sid, effects);
    this.#proposals.forget(info.sid);
    if (this.#phase !== "broadcast") this.#newLeaderAcks.delete(info.sid);
    learner.sid = info.sid;
    learner.isObserver = packet.type === Type.observerInfo;
    learner.phase = "registered";
    const outgrown = this.#discovery.outgrownBy(info, learner.isObserver);
    if (this.#phase === "discovery") {
      this.#hear(info.sid, info.acceptedEpoch, learner.isObserver, effects);
    } else if (outgrown !== undefined) this.#resign(outgrown, effects);
    else this.#invite(learner, effects);
  }

  #hear(sid: Sid, acceptedEpoch: number, isObserver: boolean, effects: Effects): void {
    if (!this.#discovery.hear(sid, acceptedEpoch, isObserver)) return;
    this.#enter("invitation");
    effects.work.push({ kind: "persist", epochs: { acceptedEpoch: this.epoch } });
  }

  /** [R94] A server looks for a leader: perhaps one of those who elected us. */
  isLooking(sid: Sid, nowMs: number, effects: Effects): void {
    const gaveUp = this.#discovery.givesUpFor(sid, nowMs - this.#phaseStartedMs);
    if (gaveUp) this.#resign(VOTER_CHANGED_MIND, effects);
  }

  /** What `persist` asked for, and everything appended before it, is on disk. */
  persisted(epochs: EpochsToPersist, effects: Effects): void {
    if (this.#phase === "resigned") return;
    if (epochs.acceptedEpoch === this.epoch && !this.#acceptedIsDurable) {
      this.#acceptedIsDurable = true;
      for (const learner of this.#learners.all()) {
        if (learner.phase === "registered") this.#invite(learner, effects);
      }
      this.#promise(this.#start.sid, effects);
    }
    if (epochs.currentEpoch === this.epoch && !this.#currentIsDurable) {
      this.#currentIsDurable = true;
      this.#countNewLeaderAck(this.#start.sid, effects);
    }
  }

  #invite(learner: LearnerState, effects: Effects): void {
    if (!this.#acceptedIsDurable) return;
    learner.phase = "invited";
    learner.answered(this.#nowMs);
    this.#send(learner, Type.leaderInfo, this.newLeaderZxid, leaderInfoData(), effects);
  }

  #ackEpoch(learner: LearnerState, packet: QuorumPacket, effects: Effects): void {
    if (learner.phase !== "invited") {
      this.#close(learner, "ACKEPOCH out of turn", effects);
      return;
    }
    const currentEpoch = readAckEpoch(packet);
    learner.lastZxid = packet.zxid;
    learner.phase = "promised";
    const { sid, isObserver } = learner;
    if (this.#phase === "invitation" && !isObserver && currentEpoch !== undefined) {
      if (this.#discovery.isAhead(sid, currentEpoch, packet.zxid)) {
        reached("leader: a follower is ahead of it");
        const theirs = `epoch ${currentEpoch}, zxid ${hex0x(packet.zxid)}`;
        this.#resign(`Follower ${sid} is ahead of the leader: it has ${theirs}`, effects);
        return;
      }
      // [R37] A server that lost its data promises nothing that could let a minority decide.
      if (packet.zxid !== -1) this.#promise(sid, effects);
      else reached("leader: a learner that has lost its data promises nothing");
    }
    // The last promise may have begun the synchronization of all, this learner included.
    if (this.zabState !== "discovery" && !learner.isForwardedTo)
      this.#synchronize(learner, effects);
  }

  #promise(sid: Sid, effects: Effects): void {
    if (!this.#discovery.promise(sid)) return;
    this.#enter("synchronization");
    this.#lastProposed = this.newLeaderZxid;
    effects.work.push({ kind: "persist", epochs: { currentEpoch: this.epoch } });
    for (const learner of this.#learners.all()) {
      if (learner.phase === "promised") this.#synchronize(learner, effects);
    }
  }

  // --------------------------------------------------------------------------------------------------- synchronization

  #synchronize(learner: LearnerState, effects: Effects): void {
    const history = this.#hooks.history();
    assert(
      history.last >= this.#lastCommitted,
      `Committed ${hex0x(this.#lastCommitted)} is not applied: history ends with ${hex0x(history.last)}`,
    );
    const plan = planSync(learner.lastZxid, this.#lastCommitted || this.#start.lastZxid, history);
    learner.phase = "syncing";
    learner.answered(this.#nowMs);
    // After SNAP the tree itself follows on the link, before any later packet.
    this.#send(learner, Type[plan.kind], plan.end, null, effects);
    for (const { zxid, bytes } of plan.txns) {
      this.#send(learner, Type.proposal, zxid, bytes, effects);
      this.#send(learner, Type.commit, zxid, null, effects);
    }
    // Outstanding proposals come before NEWLEADER, so that its acknowledgement covers them (3.3, ambiguity 1).
    if (!learner.isObserver) {
      for (const { zxid, bytes } of this.#proposals.outstanding()) {
        this.#sendProposal(learner, zxid, bytes, effects);
      }
    }
    const { configuration } = this.#start;
    const zxid = this.newLeaderZxid;
    const data = typeof configuration === "function" ? configuration(zxid) : configuration;
    this.#send(learner, Type.newLeader, zxid, data, effects);
  }

  #ack(learner: LearnerState, zxid: Zxid, effects: Effects): void {
    if (zxid > this.#lastProposed) {
      this.#close(learner, `ACK of ${hex0x(zxid)}, which was never proposed`, effects);
    } else if (learner.phase === "synced") {
      this.#acknowledge(learner, zxid, effects);
    } else if (learner.phase !== "syncing") {
      this.#close(learner, "ACK out of turn", effects);
    } else if (zxid === this.newLeaderZxid) {
      this.#newLeaderAcked(learner, effects);
    } else {
      // [R5] Java's followers before 3.8.5 may acknowledge a proposal first. It counts when their epoch is on disk too.
      learner.earlyAck = zxid;
    }
  }

  #newLeaderAcked(learner: LearnerState, effects: Effects): void {
    learner.phase = "synced";
    learner.answered(this.#nowMs);
    if (this.#phase === "broadcast") this.#sendUpToDate(learner, effects);
    else if (!learner.isObserver) this.#countNewLeaderAck(learner.sid, effects);
    if (learner.earlyAck !== undefined) this.#acknowledge(learner, learner.earlyAck, effects);
  }

  #countNewLeaderAck(sid: Sid, effects: Effects): void {
    this.#newLeaderAcks.add(sid);
    if (this.#phase !== "synchronization" || !this.#currentIsDurable) return;
    if (!this.#start.verifier.containsQuorum(this.#newLeaderAcks)) return;
    this.#enter("broadcast");
    this.#heartbeat.established(this.#nowMs);
    effects.work.push({ kind: "serve", epoch: this.epoch });
    for (const learner of this.#learners.all()) {
      if (learner.phase === "synced") this.#sendUpToDate(learner, effects);
    }
  }

  #sendUpToDate(learner: LearnerState, effects: Effects): void {
    if (learner.upToDateSent) return;
    learner.becameUpToDate(this.#nowMs);
    this.#send(learner, Type.upToDate, -1 as Zxid, null, effects);
    for (const zxid of learner.heldCommits) this.#send(learner, Type.commit, zxid, null, effects);
    learner.heldCommits.length = 0;
  }

  // --------------------------------------------------------------------------------------------------------- broadcast

  /** A prepared transaction: to our own log, and to every follower. */
  propose(proposal: Proposed, effects: Effects): void {
    if (this.#phase !== "broadcast") return;
    const { zxid, bytes } = proposal;
    if (epochOf(zxid) !== this.epoch || zxid <= this.#lastProposed) {
      assert(false, `Proposal ${hex0x(zxid)} does not follow ${hex0x(this.#lastProposed)}`);
    }
    this.#lastProposed = zxid;
    this.#proposals.add(proposal);
    effects.work.push({ kind: "append", ...proposal });
    for (const learner of this.#learners.all()) {
      if (!learner.isForwardedTo || learner.isObserver) continue;
      this.#sendProposal(learner, zxid, bytes, effects);
    }
    // [R42] The counter must not run into the epoch: a new epoch, by a new election, begins a new counter.
    if (counterOf(zxid) === 0xffffffff) {
      this.#resign("zxid lower 32 bits have rolled over, forcing re-election", effects);
    }
  }

  #sendProposal(learner: LearnerState, zxid: Zxid, bytes: Buffer, effects: Effects): void {
    this.#send(learner, Type.proposal, zxid, bytes, effects);
    learner.proposalSent(zxid, this.#nowMs);
  }

  /** Our own log is durable up to here. */
  logged(zxid: Zxid, effects: Effects): void {
    this.#proposals.acknowledge(this.#start.sid, zxid);
    this.#commit(effects);
  }

  #acknowledge(learner: LearnerState, zxid: Zxid, effects: Effects): void {
    learner.acknowledged(zxid, this.#nowMs);
    // The second ACK of NEWLEADER, after UPTODATE, says nothing new.
    if (counterOf(zxid) === 0 || learner.isObserver) return;
    this.#proposals.acknowledge(learner.sid, zxid);
    this.#commit(effects);
  }

  #commit(effects: Effects): void {
    if (this.#phase !== "broadcast") return;
    for (let next = this.#proposals.takeCommitted(); next; next = this.#proposals.takeCommitted()) {
      this.#lastCommitted = next.zxid;
      effects.work.push({ kind: "commit", zxid: next.zxid });
      this.#learners.sendCommit(next, effects);
    }
    this.#answerQuestions(effects);
  }

  // -------------------------------------------------------------------------------------------------- still the leader

  /**
   * [R43] Asks whether we lead now. The number that it gives comes back in `confirmed` when a quorum has answered a PING
   * that left after the question, and all that is proposed now is committed; never, if we lead no more.
   */
  confirmLeadership(effects: Effects): number {
    const isIdle = this.#proposals.length === 0;
    const number = this.#heartbeat.ask(isIdle ? (0 as Zxid) : this.#lastProposed);
    this.#answerQuestions(effects);
    return number;
  }

  #answerQuestions(effects: Effects): void {
    if (this.#phase !== "broadcast") return;
    this.#heartbeat.answerQuestions(this.#lastProposed, this.#lastCommitted, effects);
  }

  /** Time passes. Called at least twice a tick. */
  tick(nowMs: number, effects: Effects): void {
    this.#nowMs = nowMs;
    if (this.#phase === "resigned") return;
    this.#heartbeat.closeOverdue(nowMs, effects);
    const why =
      this.#phase === "broadcast"
        ? this.#heartbeat.lostSupport(nowMs)
        : timedOut(this.#phase, nowMs - this.#phaseStartedMs, this.#start, this.#newLeaderAcks);
    if (why !== undefined) this.#resign(why, effects);
    else this.#heartbeat.pingIfDue(nowMs, this.#lastProposed, effects);
  }

  #enter(phase: LeaderPhase): void {
    this.#phase = phase;
    this.#phaseStartedMs = this.#nowMs;
  }

  #send(to: LearnerState, type: number, zxid: Zxid, data: Buffer | null, effects: Effects): void {
    this.#learners.send(to, type, zxid, data, effects);
  }

  #close(learner: LearnerState, why: string, effects: Effects): void {
    this.#learners.close(learner, why, effects);
  }

  #resign(why: string, effects: Effects): void {
    this.#phase = "resigned";
    effects.work.push({ kind: "resign", why });
  }
}

// The leader's side of Zab as a step machine. Answers to Java's Leader and LearnerHandler.
//
//   discovery         each learner says which epoch it has accepted; a quorum of them gives a new epoch, one above all
//   synchronization   the epoch's quorum has promised it (ACKEPOCH); each learner gets our history (sync-plan.ts), then NEWLEADER
//   broadcast         a quorum has our history (ACK of NEWLEADER): serve, propose, commit in order, ping
//
// Until the last line a member is only a candidate. Each method is one event, what is to be done is in the Effects that it is
// given, time comes with `tick`.
//
// Invariants
//  - LEADERINFO(e) leaves when our acceptedEpoch is durably e (P5); our ack of NEWLEADER counts when epoch and log are (3.1 l).
//  - Where a learner's sync plan ends its stream of proposals begins: both are decided in one step (ZOOKEEPER-3104, R25).
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
import type { Configuration } from "./configuration.js";
import { Discovery, VOTER_CHANGED_MIND } from "./discovery.js";
import type { Effects, EpochsToPersist, LinkId } from "./effects.js";
import { Heartbeat } from "./heartbeat.js";
import { type LeaderPhase, timedOut, zabStateOf } from "./leader-phase.js";
import type { LeaderHooks, LeaderStart, Proposed } from "./leader-start.js";
import type { LearnerState } from "./learner-state.js";
import { Learners } from "./learners.js";
import { leaderInfoData, readAckEpoch, readFollowerInfo } from "./packet-data.js";
import { Proposals } from "./proposals.js";
import { Reconfiguration } from "./reconfiguration.js";
import { sendSync } from "./send-sync.js";
import { planSync } from "./sync-plan.js";

export class Leader {
  readonly #start: LeaderStart;
  readonly #hooks: LeaderHooks;
  readonly #learners = new Learners();
  readonly #proposals: Proposals<Proposed>;
  readonly #discovery: Discovery;
  readonly #heartbeat: Heartbeat;
  readonly reconfiguration: Reconfiguration;
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
    this.#proposals = new Proposals(start.quorums.committed.verifier);
    this.reconfiguration = new Reconfiguration(start, this.#proposals, this.#learners);
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

  disconnected(link: LinkId, effects: Effects): void {
    this.#learners.disconnected(link);
    this.#leaveIfHandedOver(effects);
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
          this.#learners.close(learner, `unexpected packet of type ${packet.type}`, effects);
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
      this.#learners.close(learner, refusal, effects);
      return;
    }
    this.#learners.closeLinksOf(info.sid, effects);
    this.#proposals.forget(info.sid);
    if (this.#phase !== "broadcast") this.#newLeaderAcks.delete(info.sid);
    learner.introduced(info.sid, packet.type === Type.observerInfo);
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
    const waitedMs = nowMs - this.#phaseStartedMs;
    if (this.#discovery.givesUpFor(sid, waitedMs)) this.#resign(VOTER_CHANGED_MIND, effects);
  }

  /** A server votes for another leader: perhaps one of those who elected us. */
  hasLost(sid: Sid, effects: Effects): void {
    if (this.#discovery.isLostWithout(sid)) this.#resign(VOTER_CHANGED_MIND, effects);
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
    const data = leaderInfoData(this.#start.isCumulative && !learner.isObserver);
    this.#learners.send(learner, Type.leaderInfo, this.newLeaderZxid, data, effects);
  }

  #ackEpoch(learner: LearnerState, packet: QuorumPacket, effects: Effects): void {
    if (learner.phase !== "invited") {
      this.#learners.close(learner, "ACKEPOCH out of turn", effects);
      return;
    }
    const currentEpoch = readAckEpoch(packet);
    learner.promised(packet, this.#start.isCumulative);
    const { sid, isObserver } = learner;
    if (this.#phase === "invitation" && !isObserver && currentEpoch !== undefined) {
      const ahead = this.#discovery.isAhead(sid, currentEpoch, packet.zxid);
      if (ahead !== undefined) {
        this.#resign(ahead, effects);
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
    this.reconfiguration.epochStands(this.newLeaderZxid, effects);
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
    const sync = {
      plan,
      outstanding: learner.isObserver ? [] : this.#proposals.outstanding(),
      reconfig: this.reconfiguration.pending,
      newLeaderZxid: this.newLeaderZxid,
      configuration:
        this.#phase === "broadcast" ? this.#start.quorums.committed : this.reconfiguration.lastSeen,
    };
    sendSync(sync, learner, this.#learners, this.#nowMs, effects);
  }

  #ack(learner: LearnerState, zxid: Zxid, effects: Effects): void {
    if (zxid > this.#lastProposed) {
      this.#learners.close(learner, `ACK of ${hex0x(zxid)}, which was never proposed`, effects);
    } else if (learner.phase === "synced") {
      this.#acknowledge(learner, zxid, effects);
    } else if (learner.phase !== "syncing") {
      this.#learners.close(learner, "ACK out of turn", effects);
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
    if (this.#phase === "broadcast") this.#learners.sendUpToDate(learner, this.#nowMs, effects);
    else if (!learner.isObserver) this.#countNewLeaderAck(learner.sid, effects);
    if (learner.earlyAck !== undefined) this.#acknowledge(learner, learner.earlyAck, effects);
  }

  #countNewLeaderAck(sid: Sid, effects: Effects): void {
    this.#newLeaderAcks.add(sid);
    if (this.#phase !== "synchronization" || !this.#currentIsDurable) return;
    if (!this.#start.quorums.containsQuorum(this.#newLeaderAcks)) return;
    this.#enter("broadcast");
    this.#heartbeat.established(this.#nowMs);
    this.reconfiguration.established(effects);
    if (!this.reconfiguration.hasHandedOver) {
      effects.work.push({ kind: "serve", epoch: this.epoch });
    }
    for (const learner of this.#learners.all()) {
      if (learner.phase === "synced") this.#learners.sendUpToDate(learner, this.#nowMs, effects);
    }
    this.#leaveIfHandedOver(effects);
  }

  // --------------------------------------------------------------------------------------------------------- broadcast

  /** A prepared transaction: to our own log, and to every follower; a reconfig, when what it says is on disk. */
  propose(proposal: Proposed, effects: Effects): void {
    if (this.#phase !== "broadcast") return;
    if (!this.reconfiguration.accepted(proposal, effects)) this.#propose(proposal, effects);
  }

  remembered(configuration: Configuration, effects: Effects): void {
    if (this.#phase === "resigned") return;
    for (const proposal of this.reconfiguration.remembered(configuration)) {
      this.#propose(proposal, effects);
    }
  }

  #propose(proposal: Proposed, effects: Effects): void {
    const { zxid } = proposal;
    if (epochOf(zxid) !== this.epoch || zxid <= this.#lastProposed) {
      assert(false, `Proposal ${hex0x(zxid)} does not follow ${hex0x(this.#lastProposed)}`);
    }
    this.#lastProposed = zxid;
    this.#proposals.add(proposal);
    this.#learners.propose(proposal, this.#nowMs, effects);
    // [R42] The counter must not run into the epoch: a new epoch, by a new election, begins a new counter.
    if (counterOf(zxid) === 0xffffffff) {
      this.#resign("zxid lower 32 bits have rolled over, forcing re-election", effects);
    }
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
    while (!this.reconfiguration.hasHandedOver) {
      const next = this.#proposals.takeCommitted();
      if (next === undefined) break;
      const leader = this.reconfiguration.committed(next, effects);
      this.#lastCommitted = next.zxid;
      effects.commit(next.zxid);
      this.#learners.sendCommit(next, leader, effects);
    }
    this.#learners.endCommits(effects);
    this.#answerQuestions(effects);
    this.#leaveIfHandedOver(effects);
  }

  #leaveIfHandedOver(effects: Effects): void {
    const farewell = this.reconfiguration.farewell();
    if (farewell === undefined || this.#phase === "resigned") return;
    this.#resign(farewell, effects, this.reconfiguration.successor);
  }

  // -------------------------------------------------------------------------------------------------- still the leader

  /**
   * [R43] Asks whether we lead now. The number that it gives comes back in `confirmed` when a quorum has answered a PING
   * that left after the question, and all that is proposed now is committed; never, if we lead no more.
   */
  confirmLeadership(effects: Effects): number {
    const isIdle = this.#proposals.length === 0;
    const after = this.reconfiguration.lastWaiting ?? (isIdle ? (0 as Zxid) : this.#lastProposed);
    const number = this.#heartbeat.ask(after);
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

  // ----------------------------------------------------------------------------------------------------------- helpers

  #enter(phase: LeaderPhase): void {
    this.#phase = phase;
    this.#phaseStartedMs = this.#nowMs;
  }

  #resign(why: string, effects: Effects, leader?: Sid): void {
    this.#phase = "resigned";
    effects.work.push({ kind: "resign", why, leader });
  }
}

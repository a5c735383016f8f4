// The learner's side of Zab as a step machine: follower and observer. Java: Learner, Follower, Observer.
//
//   registering   who we are and which epoch we have accepted → the leader's epoch → our promise of it
//   syncing       DIFF, TRUNC or SNAP, then history, then NEWLEADER: our history is the leader's, and on disk
//   following     UPTODATE: serve; append what is proposed, apply what is committed
//
// Invariants (zab-and-known-bugs.md 3.1)
//  - ACKEPOCH leaves when acceptedEpoch is durably the leader's epoch; an epoch is promised once (P1, P2).
//  - Before NEWLEADER is acknowledged, all of the leader's history is on disk, and after it the currentEpoch (R1-R4).
//  - That acknowledgement is the first on the channel: those of proposals wait for it (R5).
//  - What is appended has no hole (R9, R25); a leader that sends one is left.
//  - Who cannot cut its history back to where the leader says asks for all of it anew, under -1, as one that has lost its data:
//    it has no part in any quorum until it has taken a snapshot. Until then its disk stays as it was, which is a history that
//    it may go back to (R16, R72).
//  - The tree changes by commits alone, in order, and only by what was appended before (R15, R30).

import { assert } from "../errors.js";
import { reached } from "../marks.js";
import { Queue } from "../queue.js";
import { counterOf, epochOf, hex0x, makeZxid, type Sid, type Zxid } from "../wire/ids.js";
import { QuorumPacketType as Type } from "../wire/op-codes.js";
import type { QuorumPacket } from "../wire/records.js";
import { follows } from "./committed-log.js";
import type { Configuration } from "./configuration.js";
import { type Effects, type EpochsToPersist, LEADER_LINK } from "./effects.js";
import { isReachedFrom, leaderInfoFault, silenceFault, syncFault } from "./learner-checks.js";
import { LearnerConfigurations } from "./learner-configurations.js";
import type { LearnerHooks, LearnerStart } from "./learner-start.js";
import { offersCumulative } from "./offers.js";
import { ackEpochData, followerInfoData, readActivation, touchesData } from "./packet-data.js";

type Phase =
  | "registering"
  | "promising"
  | "awaitingSync"
  /** TRUNC or SNAP is being carried out: what the leader sends meanwhile waits. */
  | "rebuilding"
  | "syncing"
  /** NEWLEADER came: log and epoch are on their way to the disk. */
  | "settling"
  | "awaitingUpToDate"
  | "following"
  | "left";

export class Learner {
  readonly #start: LearnerStart;
  readonly #hooks: LearnerHooks;
  #phase: Phase = "registering";
  #epoch = 0;
  /** One ACK of ours, and one COMMIT, speaks for all proposals up to it. */
  #isCumulative = false;
  #lastAppended: Zxid;
  /** Appended and not committed, in order. */
  readonly #pending = new Queue<Zxid>();
  /** Packets that came while the disk was being rebuilt, or a configuration written. */
  #held: QuorumPacket[] = [];
  /** Where TRUNC or SNAP leads, while that is carried out; where DIFF promises to lead, until NEWLEADER. */
  #syncEnd: Zxid = 0 as Zxid;
  #heardMs: number;
  #nowMs: number;
  /** What was appended before the acknowledgement of NEWLEADER and must be acknowledged after it. */
  #unacknowledged: Zxid[] = [];
  readonly #configurations: LearnerConfigurations;

  constructor(start: LearnerStart, hooks: LearnerHooks, nowMs: number) {
    this.#start = start;
    this.#hooks = hooks;
    this.#configurations = new LearnerConfigurations(start);
    this.#lastAppended = start.lastZxid;
    this.#heardMs = nowMs;
    this.#nowMs = nowMs;
  }

  get isFollowing(): boolean {
    return this.#phase === "following";
  }

  get epoch(): number {
    return this.#epoch;
  }

  /** `<zab state>` of mntr's peer_state. */
  get zabState(): "discovery" | "synchronization" | "broadcast" {
    if (this.#phase === "registering" || this.#phase === "promising") return "discovery";
    return this.#phase === "following" ? "broadcast" : "synchronization";
  }

  /** The connection to the leader stands. */
  connected(effects: Effects): void {
    const { sid, isObserver, quorums } = this.#start;
    const type = isObserver ? Type.observerInfo : Type.followerInfo;
    const data = followerInfoData(sid, quorums.committed.version);
    this.#send(type, makeZxid(this.#acceptedEpoch, 0), data, effects.sendNow);
  }

  /** This role's promise counts, too: it may introduce itself twice. */
  get #acceptedEpoch(): number {
    return Math.max(this.#start.acceptedEpoch, this.#epoch);
  }

  /** Bytes of a snapshot came: it takes as long as it takes (R96). */
  progressed(): void {
    this.#heardMs = this.#nowMs;
  }

  received(packet: QuorumPacket, effects: Effects): void {
    this.progressed();
    if (this.#configurations.isAwaiting) this.#hold(packet);
    else this.#take(packet, effects);
  }

  /** The packet's data are valid only during the call. */
  #hold(packet: QuorumPacket): void {
    this.#held.push({ ...packet, data: packet.data && Buffer.from(packet.data) });
  }

  #take(packet: QuorumPacket, effects: Effects): void {
    switch (this.#phase) {
      case "registering":
        this.#leaderInfo(packet, effects);
        break;
      case "promising":
      case "rebuilding":
        this.#hold(packet);
        break;
      case "awaitingSync":
        this.#beginSync(packet, effects);
        break;
      case "left":
        break;
      default:
        this.#history(packet, effects);
    }
  }

  // ------------------------------------------------------------------------------------------------------- registering

  #leaderInfo(packet: QuorumPacket, effects: Effects): void {
    const { isObserver, currentEpoch, isCumulative } = this.#start;
    const acceptedEpoch = this.#acceptedEpoch;
    const fault = leaderInfoFault(packet, acceptedEpoch);
    if (fault !== undefined) {
      this.#leave(fault, effects);
      return;
    }
    const epoch = epochOf(packet.zxid);
    this.#epoch = epoch;
    // [Zab, discovery] A follower promises an epoch once, and the promise must be on disk before it is sent: otherwise two
    // leaders could both find a quorum for the same epoch. Equal epoch: promised before, so -1, which does not count, but
    // the leader learns our last zxid.
    const isNew = epoch > acceptedEpoch;
    this.#phase = "promising";
    if (isNew) effects.work.push({ kind: "persist", epochs: { acceptedEpoch: epoch } });
    else reached("learner: an epoch is met again, and promised to nobody");
    this.#isCumulative = !isObserver && isCumulative === true && offersCumulative(packet);
    const data = ackEpochData(isNew ? currentEpoch : -1, this.#isCumulative);
    this.#send(Type.ackEpoch, this.#lastAppended, data, effects.sendAfterSync);
    if (!isNew) this.#promised(effects);
  }

  #promised(effects: Effects): void {
    this.#phase = "awaitingSync";
    this.#release(effects);
  }

  /** What a `persist` asked for is on disk, and everything that was appended before it. */
  persisted(epochs: EpochsToPersist, effects: Effects): void {
    // What our own disk took is not the leader's silence.
    this.progressed();
    if (this.#phase === "promising" && epochs.acceptedEpoch === this.#epoch) {
      this.#promised(effects);
    } else if (this.#phase === "settling" && epochs.currentEpoch === this.#epoch) {
      this.#phase = "awaitingUpToDate";
      for (const zxid of this.#unacknowledged) this.#ack(zxid, effects);
      this.#unacknowledged = [];
    }
  }

  // ----------------------------------------------------------------------------------------------------------- syncing

  #beginSync(packet: QuorumPacket, effects: Effects): void {
    const { zxid } = packet;
    this.#syncEnd = zxid;
    const fault = syncFault(packet, this.#lastAppended, this.#epoch);
    if (fault !== undefined) {
      this.#leave(fault, effects);
    } else if (packet.type === Type.diff) {
      this.#phase = "syncing";
    } else {
      this.#phase = "rebuilding";
      effects.work.push({
        kind: packet.type === Type.trunc ? "truncate" : "receiveSnapshot",
        zxid,
      });
    }
  }

  /** TRUNC or SNAP is carried out, durably: this is the last zxid of log and tree now. */
  rebuilt(zxid: Zxid, effects: Effects): void {
    if (this.#phase !== "rebuilding") return;
    assert(
      zxid === this.#syncEnd,
      `Rebuilt to ${hex0x(zxid)}, the leader said ${hex0x(this.#syncEnd)}`,
    );
    this.progressed();
    this.#lastAppended = zxid;
    this.#pending.clear();
    this.#configurations.rebuilt();
    this.#phase = "syncing";
    this.#release(effects);
  }

  /** What TRUNC wants to leave is not on this disk: nothing was touched. Begin again, and ask for everything. */
  cannotTruncate(effects: Effects): void {
    if (this.#phase !== "rebuilding") return;
    this.progressed();
    this.#lastAppended = -1 as Zxid;
    this.#held = [];
    this.#phase = "registering";
    effects.work.push({ kind: "reconnect" });
  }

  #release(effects: Effects): void {
    const held = this.#held;
    this.#held = [];
    for (const packet of held) this.received(packet, effects);
  }

  #history(packet: QuorumPacket, effects: Effects): void {
    switch (packet.type) {
      case Type.proposal:
        this.#proposal(packet, effects);
        break;
      case Type.commit:
        this.#commit(packet.zxid, effects);
        break;
      case Type.commitAndActivate:
        this.#commit(packet.zxid, effects, readActivation(packet).leader);
        break;
      case Type.inform:
        this.#inform(packet, effects);
        break;
      case Type.informAndActivate: {
        const { leader, txn } = readActivation(packet);
        this.#inform({ ...packet, data: txn }, effects, leader);
        break;
      }
      case Type.newLeader:
        this.#newLeader(packet, effects);
        break;
      case Type.upToDate:
        this.#upToDate(effects);
        break;
      case Type.ping:
        this.#ping(packet, effects);
        break;
      case Type.revalidate:
      case Type.sync:
        // Behind the commits before it, also where all of them were held until a configuration was on disk.
        effects.work.push({ kind: "answer", packet });
        break;
      default:
        this.#leave(`Got unexpected packet from leader: type ${packet.type}`, effects);
    }
    // A proposal of a configuration that is not on disk yet: its turn comes again.
    if (this.#configurations.isAwaiting && packet.type !== Type.newLeader) this.#hold(packet);
  }

  /** The configuration is on disk. */
  remembered(configuration: Configuration, effects: Effects): void {
    this.progressed();
    if (this.#configurations.remembered(configuration)) this.#release(effects);
  }

  #append(packet: QuorumPacket, effects: Effects): boolean {
    const { zxid, data } = packet;
    // [3.3, ambiguity 2] What the synchronization brought already may come again.
    if (zxid <= this.#lastAppended) return false;
    const isOfLater = epochOf(zxid) > this.#epoch;
    if (data === null || isOfLater || !follows(zxid, this.#lastAppended)) {
      const last = hex0x(this.#lastAppended);
      this.#leave(`Got proposal ${hex0x(zxid)}, last queued ${last}: there is a hole`, effects);
      return false;
    }
    const configuration = this.#hooks.configurationIn(data, zxid);
    if (configuration && this.#configurations.proposed(zxid, configuration, effects)) return false;
    this.#lastAppended = zxid;
    this.#pending.push(zxid);
    effects.work.push({ kind: "append", zxid, bytes: data });
    return true;
  }

  #proposal(packet: QuorumPacket, effects: Effects): void {
    if (!this.#append(packet, effects)) return;
    // The leader's history is acknowledged as a whole, by NEWLEADER; and nothing overtakes that (R5).
    if (this.#phase === "following" || this.#phase === "awaitingUpToDate") {
      this.#ack(packet.zxid, effects);
    } else {
      this.#unacknowledged.push(packet.zxid);
    }
  }

  /** `leader`: whom a reconfig wants to lead. */
  #commit(zxid: Zxid, effects: Effects, leader?: Sid): void {
    const next = this.#pending.first;
    if (next !== zxid) {
      // A commit of what we have applied already, from before a rebuild, says nothing new.
      if (next === undefined ? zxid <= this.#lastAppended : zxid < next) return;
      const mayBeOfMany = this.#isCumulative && leader === undefined && zxid <= this.#lastAppended;
      if (!mayBeOfMany || !isReachedFrom(next, zxid)) {
        this.#leave(`Committing ${hex0x(zxid)}, but next proposal is ${hex0x(next ?? 0)}`, effects);
        return;
      }
      reached("learner: one COMMIT speaks for many");
      while (this.#pending.first !== zxid) this.#configurations.committed(this.#pending.take()!);
    }
    this.#pending.take();
    const isOver = leader !== undefined && this.#configurations.activated(zxid, leader, effects);
    this.#configurations.committed(zxid);
    effects.work.push({ kind: "commit", zxid, leader });
    // Committed history needs no acknowledgement of its own.
    if (this.#unacknowledged[0] === zxid && this.#phase === "syncing") this.#unacknowledged.shift();
    if (isOver) this.#leave(isOver, effects, leader);
  }

  #inform(packet: QuorumPacket, effects: Effects, leader?: Sid): void {
    // Leaders before 3.5 send observers proposals too: then it is here already.
    if (this.#append(packet, effects) || this.#pending.first === packet.zxid) {
      this.#commit(packet.zxid, effects, leader);
    }
  }

  #newLeader(packet: QuorumPacket, effects: Effects): void {
    if (this.#phase !== "syncing" || epochOf(packet.zxid) !== this.#epoch) {
      this.#leave(`Got NEWLEADER ${hex0x(packet.zxid)} out of turn`, effects);
      return;
    }
    if (counterOf(this.#syncEnd) !== 0 && this.#lastAppended < this.#syncEnd) {
      const ends = `${hex0x(this.#syncEnd)}, and ended with ${hex0x(this.#lastAppended)}`;
      this.#leave(`The leader's history was to lead to ${ends}`, effects);
      return;
    }
    this.#phase = "settling";
    if (packet.data !== null && packet.data.length > 1) {
      const told = this.#hooks.configuration(packet.data.toString("utf8"));
      if (told !== undefined) this.#configurations.told(told, effects);
    }
    effects.work.push({ kind: "persist", epochs: { currentEpoch: this.#epoch } });
    this.#send(Type.ack, packet.zxid, null, effects.sendAfterSync);
  }

  #upToDate(effects: Effects): void {
    if (this.#phase !== "awaitingUpToDate") {
      this.#leave("Got UPTODATE before NEWLEADER was acknowledged", effects);
      return;
    }
    const isOver = this.#configurations.upToDate(effects);
    if (isOver !== undefined) {
      this.#leave(isOver, effects);
      return;
    }
    this.#phase = "following";
    this.#send(Type.ack, makeZxid(this.#epoch, 0), null, effects.sendNow);
    effects.work.push({ kind: "serve", epoch: this.#epoch });
  }

  // --------------------------------------------------------------------------------------------------------- following

  #ack(zxid: Zxid, effects: Effects): void {
    if (this.#isCumulative) effects.acknowledge(zxid);
    else if (!this.#start.isObserver) this.#send(Type.ack, zxid, null, effects.sendAfterSync);
  }

  #ping(packet: QuorumPacket, effects: Effects): void {
    // Java's leaders take whatever comes first after the synchronization for the acknowledgement of NEWLEADER.
    if (this.#phase !== "following") return;
    const touches = touchesData(this.#hooks.takeTouches());
    this.#send(Type.ping, packet.zxid, touches, effects.sendNow);
  }

  /** Time passes. Called at least twice a tick. */
  tick(nowMs: number, effects: Effects): void {
    this.#nowMs = nowMs;
    if (this.#phase === "left") return;
    const silentMs = nowMs - this.#heardMs;
    const fault = silenceFault(silentMs, this.#phase === "following", this.#start.times);
    if (fault !== undefined) this.#leave(fault, effects);
  }

  #send(type: number, zxid: Zxid, data: Buffer | null, outbox: Effects["sendNow"]): void {
    outbox.push({ link: LEADER_LINK, packet: { type, zxid, data, authinfo: null } });
  }

  #leave(why: string, effects: Effects, leader?: Sid): void {
    this.#phase = "left";
    effects.work.push({ kind: "resign", why, leader });
  }
}

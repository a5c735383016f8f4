// All who are connected to a leader, by link and by server.

import { LEARNER_STRANGERS_MAX } from "../limits.js";
import { reached } from "../marks.js";
import { type Sid, ZXID_ZERO, type Zxid } from "../wire/ids.js";
import { QuorumPacketType as Type } from "../wire/op-codes.js";
import type { QuorumPacket } from "../wire/records.js";
import type { Effects, LinkId } from "./effects.js";
import type { Proposed } from "./leader-start.js";
import { LearnerState } from "./learner-state.js";
import { activationData } from "./packet-data.js";

const NOTHING = ZXID_ZERO;

export class Learners {
  readonly #byLink = new Map<LinkId, LearnerState>();
  /** The same, for what is done for each transaction: a Map would make an iterator for it. */
  #list: readonly LearnerState[] = [];

  connected(link: LinkId, nowMs: number): void {
    this.#byLink.set(link, new LearnerState(link, nowMs));
    this.#list = [...this.#byLink.values()];
  }

  disconnected(link: LinkId): void {
    this.#byLink.delete(link);
    this.#list = [...this.#byLink.values()];
  }

  get(link: LinkId): LearnerState | undefined {
    return this.#byLink.get(link);
  }

  all(): Iterable<LearnerState> {
    return this.#byLink.values();
  }

  /** The servers, observers aside, of which this holds; `self` is always among them. */
  followersAnd(self: Sid, holds: (learner: LearnerState) => boolean): Set<Sid> {
    return this.followers(holds).add(self);
  }

  followers(holds: (learner: LearnerState) => boolean): Set<Sid> {
    const sids = new Set<Sid>();
    for (const learner of this.#byLink.values()) {
      if (!learner.isObserver && holds(learner)) sids.add(learner.sid);
    }
    return sids;
  }

  /** To our own log and to all followers. No follower comes between two proposals of one step. */
  propose(proposal: Proposed, nowMs: number, effects: Effects): void {
    const isFirst = effects.proposals.length === 0;
    for (const learner of this.#list) {
      if (!learner.isForwardedTo || learner.isObserver) continue;
      if (isFirst) effects.followers.push(learner.link);
      learner.proposalSent(proposal.zxid, nowMs);
    }
    effects.proposals.push(proposal);
  }

  sendProposal(to: LearnerState, packet: QuorumPacket, nowMs: number, effects: Effects): void {
    effects.sendNow.push({ link: to.link, packet });
    to.proposalSent(packet.zxid, nowMs);
  }

  /** To all, or on cumulative links with the next `endCommits`. `leader`: where it is a reconfig. */
  sendCommit(proposal: Proposed, leader: Sid | undefined, effects: Effects): void {
    let packet: QuorumPacket | undefined;
    for (const learner of this.#list) {
      if (!learner.isForwardedTo) continue;
      if (learner.isObserver) this.#inform(learner, proposal, leader, effects);
      else if (learner.isCumulative && learner.upToDateSent && leader === undefined) {
        learner.commitUpTo = proposal.zxid;
      } else {
        packet ??= commitPacket(proposal.zxid, leader);
        this.#tell(learner, packet, effects);
      }
    }
  }

  /** One COMMIT for all that `sendCommit` has gathered. */
  endCommits(effects: Effects): void {
    for (const learner of this.#list) this.#endCommits(learner, effects);
  }

  #endCommits(to: LearnerState, effects: Effects): void {
    if (to.commitUpTo === NOTHING) return;
    this.#sendCommit(to, commitPacket(to.commitUpTo, undefined), effects);
    to.commitUpTo = NOTHING;
  }

  /** The whole txn for who has not seen the proposal; with a leader's name where it is a reconfig. */
  #inform(
    to: LearnerState,
    { zxid, bytes }: Proposed,
    leader: Sid | undefined,
    effects: Effects,
  ): void {
    if (leader === undefined) this.send(to, Type.inform, zxid, bytes, effects);
    else this.send(to, Type.informAndActivate, zxid, activationData(leader, bytes), effects);
  }

  #tell(to: LearnerState, commit: QuorumPacket, effects: Effects): void {
    this.#endCommits(to, effects);
    // [R7] Java's followers before 3.9.3 die of a COMMIT between NEWLEADER and UPTODATE.
    if (to.upToDateSent) this.#sendCommit(to, commit, effects);
    else to.heldCommits.push(commit);
  }

  sendUpToDate(to: LearnerState, nowMs: number, effects: Effects): void {
    if (to.upToDateSent) return;
    to.becameUpToDate(nowMs);
    this.send(to, Type.upToDate, -1 as Zxid, null, effects);
    for (const commit of to.heldCommits) this.#sendCommit(to, commit, effects);
    to.heldCommits.length = 0;
  }

  #sendCommit({ link }: LearnerState, packet: QuorumPacket, effects: Effects): void {
    effects.sendNow.push({ link, packet });
  }

  send(
    { link }: LearnerState,
    type: number,
    zxid: Zxid,
    data: Buffer | null,
    effects: Effects,
  ): void {
    const packet: QuorumPacket = { type, zxid, data, authinfo: null };
    effects.sendNow.push({ link, packet });
  }

  close({ link }: LearnerState, why: string, effects: Effects): void {
    this.disconnected(link);
    effects.work.push({ kind: "closeLink", link, why });
  }

  /** Why a server may not register that the configuration does not have; one that is here already takes its own place. */
  refusalOfStranger(sid: Sid, isMember: (sid: Sid) => boolean): string | undefined {
    if (isMember(sid)) return undefined;
    let strangers = 0;
    for (const learner of this.#byLink.values()) {
      if (learner.sid === sid) return undefined;
      if (learner.phase !== "new" && !isMember(learner.sid)) strangers++;
    }
    if (strangers < LEARNER_STRANGERS_MAX) return undefined;
    return `server ${sid} is not in the configuration, and ${strangers} others that are not are connected`;
  }

  /** [Zab] A server has one connection at a time: what is said on another is from a life that is over. */
  closeLinksOf(sid: Sid, effects: Effects): void {
    for (const learner of this.#byLink.values()) {
      if (learner.sid !== sid) continue;
      reached("leader: a learner comes back before its old connection is gone");
      this.close(learner, `server ${sid} has connected anew`, effects);
    }
  }
}

export function proposalPacket({ zxid, bytes }: Proposed): QuorumPacket {
  return { type: Type.proposal, zxid, data: bytes, authinfo: null };
}

/** With a leader's name where it is a reconfig. */
function commitPacket(zxid: Zxid, leader: Sid | undefined): QuorumPacket {
  if (leader === undefined) return { type: Type.commit, zxid, data: null, authinfo: null };
  return { type: Type.commitAndActivate, zxid, data: activationData(leader), authinfo: null };
}

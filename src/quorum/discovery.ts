// How a leader comes to its epoch. Java: Leader.getEpochToPropose, Leader.waitForEpochAck.
//
// Everybody who registers says which epoch it has accepted; when a quorum has, ourselves included, the new epoch is one above
// all of them (R27). Then everybody is asked to promise it, and says what it has: a quorum of promises makes us leader of
// the epoch, unless one of those who promise has a later history than we have.
//
// Only voters count, by the configuration and by how they introduced themselves (ZOOKEEPER-2959).

import { reached } from "../marks.js";
import { hex0x, MAX_EPOCH, type Sid, type Zxid } from "../wire/ids.js";
import type { LeaderStart } from "./leader-start.js";
import type { Learners } from "./learners.js";
import type { FollowerInfo } from "./packet-data.js";

/** Why a leader resigns that waits no longer for an unfaithful voter. */
export const VOTER_CHANGED_MIND = "Quit leading due to voter changed mind.";

export class Discovery {
  readonly #start: LeaderStart;
  readonly #heard = new Set<Sid>();
  readonly #promised = new Set<Sid>();
  /** Who elected us, and votes for another since. */
  readonly #turned = new Set<Sid>();
  #epoch: number;

  constructor(start: LeaderStart) {
    this.#start = start;
    this.#epoch = start.acceptedEpoch + 1;
  }

  /** Settled when `hear` has said so. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Why we cannot even try. */
  get obstacle(): string | undefined {
    if (this.#start.lastZxid < 0) return "A server that has lost its data cannot lead";
    if (this.#epoch > MAX_EPOCH) return `Epochs are used up: ${this.#epoch}`;
    return undefined;
  }

  /** Why a learner cannot be taken, whatever the phase. */
  refusalOf(
    { sid, acceptedEpoch, configVersion: theirs }: FollowerInfo,
    learners: Learners,
  ): string | undefined {
    const { sid: self, quorums } = this.#start;
    if (sid === self) return `it calls itself ${self}, as this server does`;
    if (acceptedEpoch >= MAX_EPOCH) {
      return `it has accepted epoch ${acceptedEpoch}, at most ${MAX_EPOCH - 1} can be followed`;
    }
    // Java compares with what is committed here. What we have seen after that we complete: who has it already is not ahead.
    if (theirs > quorums.lastSeen.version) {
      return "Follower is ahead of the leader (has a later activated configuration)";
    }
    return learners.refusalOfStranger(sid, (one) => quorums.serverOf(one) !== undefined);
  }

  /**
   * [R94] One of those who elected us looks for a leader again, so long after: it has changed its mind. To wait for it until
   * initLimit is over would be time without a leader.
   */
  givesUpFor(sid: Sid, waitedMs: number): boolean {
    const { electedBy = [], epochPatienceMs = -1 } = this.#start;
    if (this.#isQuorum(this.#heard)) return false;
    return epochPatienceMs >= 0 && electedBy.includes(sid) && waitedMs > epochPatienceMs;
  }

  /**
   * One of those who elected us, perhaps, votes for another: it had found a better one before it heard that we lead. True when
   * the rest of them, with those that have come, are no quorum. Java waits until initLimit is over.
   */
  isLostWithout(sid: Sid): boolean {
    const { electedBy = [], quorums } = this.#start;
    if (this.#isQuorum(this.#heard) || this.#heard.has(sid) || !electedBy.includes(sid))
      return false;
    this.#turned.add(sid);
    const left = electedBy.filter((one) => !this.#turned.has(one));
    if (quorums.containsQuorum(new Set([...left, ...this.#heard]))) return false;
    reached("leader: its voters have found another");
    return true;
  }

  /**
   * Why we must give up, when the epoch stands already: a voter has promised a later one, to a candidate that came to nothing,
   * and can follow nobody as long as we lead. The next election, in which it is heard, finds an epoch for all.
   */
  outgrownBy({ sid, acceptedEpoch }: FollowerInfo, isObserver: boolean): string | undefined {
    // One that never counts must not disturb anybody.
    if (acceptedEpoch <= this.#epoch || isObserver) return undefined;
    if (this.#start.quorums.weightOf(sid) === 0) return undefined;
    reached("leader: a voter has promised a later epoch");
    return `Server ${sid} has accepted epoch ${acceptedEpoch}, and cannot follow in epoch ${this.#epoch}`;
  }

  /** True when a quorum, ourselves included, has been heard: the epoch stands. */
  hear(sid: Sid, acceptedEpoch: number, isObserver: boolean): boolean {
    if (acceptedEpoch >= this.#epoch) this.#epoch = acceptedEpoch + 1;
    if (!isObserver) this.#heard.add(sid);
    return this.#isQuorum(this.#heard);
  }

  /** [Zab, discovery] Whoever has a later history must lead instead of us. Those that can never lead do not matter. */
  isAhead(sid: Sid, currentEpoch: number, lastZxid: Zxid): string | undefined {
    const { quorums, currentEpoch: ours, lastZxid: ourLast } = this.#start;
    const isAhead = currentEpoch > ours || (currentEpoch === ours && lastZxid > ourLast);
    if (!isAhead || quorums.weightOf(sid) === 0) return undefined;
    reached("leader: a follower is ahead of it");
    const theirs = `epoch ${currentEpoch}, zxid ${hex0x(lastZxid)}`;
    return `Follower ${sid} is ahead of the leader: it has ${theirs}`;
  }

  /** True when a quorum, ourselves included, has promised the epoch. */
  promise(sid: Sid): boolean {
    this.#promised.add(sid);
    return this.#isQuorum(this.#promised);
  }

  #isQuorum(sids: ReadonlySet<Sid>): boolean {
    const { sid, quorums } = this.#start;
    return sids.has(sid) && quorums.containsQuorum(sids);
  }
}

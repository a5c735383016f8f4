// A leader's part in a change of the configuration. Java: Leader.propose, tryToCommit, getDesignatedLeader, startZkServer.
//
//   accepted     the reconfig is to be proposed: first the new configuration must be on disk (`remember`), here as on every
//                follower, so that nobody has the reconfig in its log who does not know what it says. What is proposed
//                meanwhile waits behind it.
//   proposed     it and all that follows needs quorums of both configurations (R171)
//   committed    COMMITANDACTIVATE, and the new configuration decides alone. If we are no voter in it, or one with another
//                address, somebody else is to lead: the follower that has the most. From here on we commit
//                nothing; the followers leave us for the leader that they were told, and so do we, when a quorum has left.
//
// A leader that finds a change under way when it is elected completes it with its NEWLEADER, under quorums of both.

import type { Sid, Zxid } from "../wire/ids.js";
import { epochOf, hex0x, ZXID_ZERO } from "../wire/ids.js";
import { type Configuration, leaderAddress } from "./configuration.js";
import type { Effects } from "./effects.js";
import type { LeaderStart, Proposed } from "./leader-start.js";
import type { LearnerState } from "./learner-state.js";
import type { Learners } from "./learners.js";
import type { Proposals } from "./proposals.js";
import type { Quorums } from "./quorums.js";

export class Reconfiguration {
  readonly #start: LeaderStart;
  readonly #sid: Sid;
  readonly #quorums: Quorums;
  readonly #proposals: Proposals<Proposed>;
  readonly #learners: Learners;
  readonly #address: string | undefined;
  /** Accepted, and behind a configuration that is on its way to the disk. */
  #waiting: Proposed[] = [];
  /** Proposed and not committed. */
  #pending: Zxid | undefined;
  #successor: Sid | undefined;
  /** Until we serve: what our NEWLEADER completes, where it is not what was seen last. */
  #completed: Configuration | undefined;
  #hasHandedOver = false;

  constructor(start: LeaderStart, proposals: Proposals<Proposed>, learners: Learners) {
    const { sid, quorums } = start;
    this.#start = start;
    this.#sid = sid;
    this.#quorums = quorums;
    this.#proposals = proposals;
    this.#learners = learners;
    this.#address = leaderAddress(quorums.serverOf(sid));
  }

  /** The zxid of a reconfig that is proposed and not committed. */
  get pending(): Zxid | undefined {
    return this.#pending;
  }

  /** We commit nothing more: another leads, or is to be found. */
  get hasHandedOver(): boolean {
    return this.#hasHandedOver;
  }

  get successor(): Sid | undefined {
    return this.#successor;
  }

  /** The last one that was asked for, or is on its way: what NEWLEADER tells before we serve, and what we complete. */
  get lastSeen(): Configuration {
    return this.#waiting[0]?.configuration ?? this.#completed ?? this.#quorums.lastSeen;
  }

  /** The last zxid that waits. */
  get lastWaiting(): Zxid | undefined {
    return this.#waiting.at(-1)?.zxid;
  }

  /**
   * The epoch stands. A change that was under way is to be completed, unless it never was in anybody's history: a
   * configuration of the epoch in which we were last, whose reconfig we do not have, was written down and no more.
   *
   * A configuration that only ever was in a file has no version; the first leader gives it the zxid of its epoch, so that it
   * takes precedence over a newcomer's partial view (ZOOKEEPER-1783).
   */
  epochStands(newLeaderZxid: Zxid, effects: Effects): void {
    const { currentEpoch, lastZxid } = this.#start;
    const { committed, lastSeen, isChanging, canChange } = this.#quorums;
    if (!canChange) return;
    const { version } = lastSeen;
    const isNowhere = isChanging && epochOf(version) === currentEpoch && lastZxid < version;
    if (isChanging && !isNowhere) return;
    const isFirst = committed.version === ZXID_ZERO;
    if (!isNowhere && !isFirst) return;
    this.#completed = isFirst ? committed.withVersion(newLeaderZxid) : committed;
    effects.work.push({ kind: "remember", configuration: this.#completed });
  }

  /**
   * Whether its voters that are up to date, ourselves included, are a quorum of it. Java: Leader.isQuorumSynced. Observers are
   * not among them: until they have heard of it they would come back as observers, and a new leader could not complete it.
   */
  isQuorumSynced({ verifier }: Configuration): boolean {
    const { committed } = this.#quorums;
    const isSynced = ({ phase, sid }: LearnerState) =>
      phase === "synced" && !committed.isObserver(sid);
    return verifier.containsQuorum(this.#learners.followersAnd(this.#sid, isSynced));
  }

  /** True: it waits, and `remembered` will give it back. */
  accepted(proposal: Proposed, effects: Effects): boolean {
    const { configuration } = proposal;
    if (configuration === undefined && this.#waiting.length === 0) return false;
    this.#waiting.push(proposal);
    if (configuration !== undefined) effects.work.push({ kind: "remember", configuration });
    return true;
  }

  /** What can be proposed now. */
  remembered(configuration: Configuration): Proposed[] {
    const reconfig = this.#waiting[0];
    if (reconfig?.configuration?.version !== configuration.version) return [];
    const ready = this.#waiting;
    this.#waiting = [];
    this.#pending = reconfig.zxid;
    this.#proposals.changeFrom(reconfig.zxid, configuration.verifier);
    return ready;
  }

  /** Of a reconfig that is committed: whom the followers are told to follow. */
  committed({ configuration: next }: Proposed, effects: Effects): Sid | undefined {
    if (next === undefined) return undefined;
    const followers = this.#learners.followers(({ upToDateSent }) => upToDateSent);
    const leader = this.#keepsLeading(next) ? this.#sid : this.#chooseLeader(next, followers);
    this.#pending = undefined;
    this.#activate(next, effects);
    if (!this.#hasHandedOver) return this.#sid;
    this.#successor = leader;
    return leader ?? this.#sid;
  }

  /** A quorum of both has our history: a change that was under way is complete. */
  established(effects: Effects): void {
    const { lastSeen } = this;
    this.#completed = undefined;
    if (lastSeen.version > this.#quorums.committed.version) this.#activate(lastSeen, effects);
  }

  #activate(next: Configuration, effects: Effects): void {
    this.#hasHandedOver = !this.#keepsLeading(next);
    this.#quorums.activate(next);
    this.#proposals.changed(next.verifier);
    effects.work.push({ kind: "activate", configuration: next });
  }

  /** As a voter at the address where the learners have found us. */
  #keepsLeading(next: Configuration): boolean {
    return next.isVoter(this.#sid) && leaderAddress(next.serverOf(this.#sid)) === this.#address;
  }

  #chooseLeader(next: Configuration, followers: Iterable<Sid>): Sid | undefined {
    let best: Sid | undefined;
    let bestZxid = -1;
    for (const sid of followers) {
      if (next.verifier.weightOf(sid) === 0) continue;
      const zxid = this.#proposals.acknowledgedBy(sid) ?? 0;
      if (zxid < bestZxid || (zxid === bestZxid && sid < (best ?? sid))) continue;
      best = sid;
      bestZxid = zxid;
    }
    return best;
  }

  /**
   * Another is to lead: who has left us has heard of it. When our followers, without us, are no quorum any more, we go too,
   * for this reason.
   */
  farewell(): string | undefined {
    if (!this.#hasHandedOver) return undefined;
    const followers = this.#learners.followers((learner) => learner.isForwardedTo);
    if (this.#quorums.containsQuorum(followers)) return undefined;
    const { version } = this.#quorums.committed;
    const whom = this.#successor === undefined ? "that an election finds" : `: ${this.#successor}`;
    return `The configuration ${hex0x(version)} has another leader${whom}`;
  }
}

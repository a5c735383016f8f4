// A learner's part in a change of the configuration. Java: the reconfig branches of Learner.syncWithLeader,
// Follower.processPacket and Observer.processPacket; QuorumPeer.processReconfig, updateLearnerType, updateVote.
//
//   PROPOSAL of a reconfig   its configuration must be on disk before the reconfig is in the log: whoever has the reconfig
//                            knows what it says, also after a crash (quorums.ts says what hangs on that)
//   COMMITANDACTIVATE        it is in force, before the tree shows it; INFORMANDACTIVATE is an observer's
//   NEWLEADER, UPTODATE      the leader's configuration takes the place of whatever we have seen, and is in force. Java's
//                            leaders send one that is proposed and not committed, too: that one waits for its commit (R170)
//
// When our role or our leader is another one afterwards, the role under this leader is over.

import type { Sid, Zxid } from "../wire/ids.js";
import { type Configuration, leaderAddress } from "./configuration.js";
import type { Effects } from "./effects.js";
import type { LearnerStart } from "./learner-start.js";
import type { Quorums } from "./quorums.js";

export class LearnerConfigurations {
  readonly #start: LearnerStart;
  readonly #quorums: Quorums;
  /** Of reconfigs in our log that are not committed, by zxid. */
  readonly #pending = new Map<Zxid, Configuration>();
  /** NEWLEADER's. */
  #told: Configuration | undefined;
  /** The version that is on its way to the disk; what comes meanwhile waits for it. */
  #awaited: Zxid | undefined;

  constructor(start: LearnerStart) {
    this.#start = start;
    this.#quorums = start.quorums;
  }

  /** Nothing may be done before `remembered`. */
  get isAwaiting(): boolean {
    return this.#awaited !== undefined;
  }

  /** A reconfig is proposed. True: its configuration must be on disk first. */
  proposed(zxid: Zxid, configuration: Configuration, effects: Effects): boolean {
    this.#pending.set(zxid, configuration);
    if (this.#quorums.knows(configuration)) return false;
    this.#awaited = configuration.version;
    effects.work.push({ kind: "remember", configuration });
    return true;
  }

  /** True: what it waited for can go on. */
  remembered({ version }: Configuration): boolean {
    if (this.#awaited !== version) return false;
    this.#awaited = undefined;
    return true;
  }

  /** TRUNC, SNAP. */
  rebuilt(): void {
    this.#pending.clear();
  }

  /** NEWLEADER's. */
  told(configuration: Configuration, effects: Effects): void {
    this.#told = configuration;
    const { canChange, committed } = this.#quorums;
    if (!canChange) return;
    const lastSeen = configuration.version > committed.version ? configuration : committed;
    this.#awaited = lastSeen.version;
    effects.work.push({ kind: "remember", configuration: lastSeen });
  }

  committed(zxid: Zxid): void {
    if (this.#pending.size > 0) this.#pending.delete(zxid);
  }

  /** COMMITANDACTIVATE of this zxid. Why the role is over, if it is. */
  activated(zxid: Zxid, leader: Sid, effects: Effects): string | undefined {
    const configuration = this.#pending.get(zxid);
    return configuration && this.activate(configuration, leader, effects);
  }

  /** UPTODATE: what NEWLEADER told is in force. Why the role is over, if it is. */
  upToDate(effects: Effects): string | undefined {
    const told = this.#told;
    if (told === undefined || this.#pending.has(told.version)) return undefined;
    return this.activate(told, undefined, effects);
  }

  /** `leader`: who is to lead, where somebody has been named. */
  activate(
    configuration: Configuration,
    leader: Sid | undefined,
    effects: Effects,
  ): string | undefined {
    const { sid, isObserver, leader: ours } = this.#start;
    const address = leaderAddress(this.#quorums.serverOf(ours));
    if (!this.#quorums.activate(configuration)) return undefined;
    effects.work.push({ kind: "activate", configuration });
    if (configuration.isObserver(sid) !== isObserver) {
      return isObserver ? "Becoming a voting participant" : "Becoming an observer";
    }
    if (leader !== undefined) {
      return leader === ours ? undefined : `Suggested leader: ${leader}`;
    }
    const isStill =
      configuration.isVoter(ours) && leaderAddress(configuration.serverOf(ours)) === address;
    return isStill ? undefined : `Server ${ours} does not lead the new configuration`;
  }
}

// Which configurations decide: the one that was committed last, and one that was seen since and may or may not be committed
// already. Java: quorumVerifier and lastSeenQuorumVerifier of QuorumPeer, SyncedLearnerTracker.
//
// While there are two, a quorum is a quorum of both. A reconfig commits when both have it; from then on the new one decides
// alone. That is enough: whoever would lead without a quorum of the new one would have to know only the old one; but a
// quorum of the old one has the reconfig in its log, so a leader that they follow has it there as well, and whoever has it
// in its log knows the new configuration, because that is on disk first.
//
// One member has one of these through all its roles, and it never says more than the disk does, nor less: Leader and Learner
// ask for a configuration to be remembered, and whoever writes it says so here, also when the role is over by then. Whatever
// they activate was remembered before.

import type { ServerSpec } from "../config/server-spec.js";
import type { Sid } from "../wire/ids.js";
import type { Configuration } from "./configuration.js";
import type { QuorumVerifier } from "./verifier.js";

export class Quorums implements QuorumVerifier {
  /** reconfigEnabled. Without it nothing ever changes here, whatever others say (ZOOKEEPER-3829). */
  readonly canChange: boolean;
  #committed: Configuration;
  #lastSeen: Configuration;
  #voters: ReadonlySet<Sid>;

  constructor(committed: Configuration, lastSeen?: Configuration, canChange = true) {
    this.canChange = canChange;
    this.#committed = committed;
    const isNewer = canChange && lastSeen !== undefined && lastSeen.version > committed.version;
    this.#lastSeen = isNewer ? lastSeen : committed;
    this.#voters = this.#unite();
  }

  get committed(): Configuration {
    return this.#committed;
  }

  /** The committed one, or one that came after it. */
  get lastSeen(): Configuration {
    return this.#lastSeen;
  }

  get isChanging(): boolean {
    return this.#lastSeen.version > this.#committed.version;
  }

  /** It is on disk here, and in force or perhaps to come. */
  knows({ version }: Configuration): boolean {
    return (
      !this.canChange || version <= this.#committed.version || version === this.#lastSeen.version
    );
  }

  /**
   * It is on disk now as what may come: of a proposal that is going to be in our log, or instead of all that we have seen what
   * our leader completes. One that is not later than the committed one says that nothing is to come.
   */
  remembered(configuration: Configuration): void {
    if (!this.canChange) return;
    this.#see(configuration.version > this.#committed.version ? configuration : this.#committed);
  }

  /** It is committed. True if it was not known to be. */
  activate(configuration: Configuration): boolean {
    if (!this.canChange || configuration.version <= this.#committed.version) return false;
    this.#committed = configuration;
    this.#see(configuration.version >= this.#lastSeen.version ? configuration : this.#lastSeen);
    return true;
  }

  #see(configuration: Configuration): void {
    this.#lastSeen = configuration;
    this.#voters = this.#unite();
  }

  #unite(): ReadonlySet<Sid> {
    const { votingMembers } = this.#committed.verifier;
    if (!this.isChanging) return votingMembers;
    return new Set([...votingMembers, ...this.#lastSeen.verifier.votingMembers]);
  }

  // ------------------------------------------------------------------------------------------------- as a verifier

  /** Of either: with the voters of both an election is held. */
  get votingMembers(): ReadonlySet<Sid> {
    return this.#voters;
  }

  containsQuorum(sids: Iterable<Sid>): boolean {
    const all = new Set(sids);
    return this.isQuorum((sid) => all.has(sid));
  }

  isQuorum(isIn: (sid: Sid) => boolean): boolean {
    if (!this.#committed.verifier.isQuorum(isIn)) return false;
    return !this.isChanging || this.#lastSeen.verifier.isQuorum(isIn);
  }

  weightOf(sid: Sid): number {
    const weight = this.#committed.verifier.weightOf(sid);
    return weight > 0 || !this.isChanging ? weight : this.#lastSeen.verifier.weightOf(sid);
  }

  // ------------------------------------------------------------------------------------------------------- addresses

  /** Everybody of both; whoever is in both is where the committed configuration says. */
  servers(): readonly ServerSpec[] {
    const { servers } = this.#committed.membership;
    if (!this.isChanging) return servers;
    const added = this.#lastSeen.membership.servers.filter(
      ({ sid }) => this.#committed.serverOf(sid) === undefined,
    );
    return [...servers, ...added];
  }

  serverOf(sid: Sid): ServerSpec | undefined {
    return this.#committed.serverOf(sid) ?? this.#lastSeen.serverOf(sid);
  }
}

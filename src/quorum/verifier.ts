// Which sets of servers may decide. Answers to Java's QuorumVerifier, QuorumMaj, QuorumHierarchical.
//
// A standalone server is an ensemble of one: its own word is a quorum. What has to hold of all of them, and what a test
// checks: any two quorums have a member in common.

import type { Hierarchy } from "../config/membership.js";
import type { Sid } from "../wire/ids.js";

export interface QuorumVerifier {
  /** The servers whose votes count; observers are not among them. */
  readonly votingMembers: ReadonlySet<Sid>;
  containsQuorum(sids: Iterable<Sid>): boolean;
  /** The same of all for whom `isIn` holds: asked for each acknowledgement, it makes no list of them. */
  isQuorum(isIn: (sid: Sid) => boolean): boolean;
  /** 0: takes part, and decides nothing; it never leads either. */
  weightOf(sid: Sid): number;
}

/** More than half of the voting members. */
export class MajorityVerifier implements QuorumVerifier {
  readonly votingMembers: ReadonlySet<Sid>;

  constructor(votingMembers: Iterable<Sid>) {
    this.votingMembers = new Set(votingMembers);
  }

  containsQuorum(sids: Iterable<Sid>): boolean {
    const supporters = new Set(sids);
    return this.isQuorum((sid) => supporters.has(sid));
  }

  isQuorum(isIn: (sid: Sid) => boolean): boolean {
    let votes = 0;
    for (const sid of this.votingMembers) if (isIn(sid)) votes++;
    return votes > this.votingMembers.size / 2;
  }

  weightOf(sid: Sid): number {
    return this.votingMembers.has(sid) ? 1 : 0;
  }
}

/**
 * More than half of the weight in more than half of the groups. Groups that weigh nothing do not count as groups. The weight
 * of a server that is in a group and is not a voter belongs to the group's whole and never to its majority, as in Java.
 */
export class HierarchicalVerifier implements QuorumVerifier {
  readonly votingMembers: ReadonlySet<Sid>;
  readonly #groupOf: ReadonlyMap<Sid, number>;
  readonly #weights: ReadonlyMap<Sid, number>;
  readonly #groupWeights = new Map<number, number>();
  readonly #groupCount: number;

  constructor(votingMembers: Iterable<Sid>, { groups, weights }: Hierarchy) {
    this.votingMembers = new Set(votingMembers);
    this.#groupOf = new Map(groups.map(({ sid, group }) => [sid, group]));
    this.#weights = new Map(weights.map(({ sid, weight }) => [sid, weight]));
    for (const [sid, group] of this.#groupOf) {
      const before = this.#groupWeights.get(group) ?? 0;
      this.#groupWeights.set(group, before + (this.#weights.get(sid) ?? 0));
    }
    this.#groupCount = [...this.#groupWeights.values()].filter((weight) => weight > 0).length;
  }

  containsQuorum(sids: Iterable<Sid>): boolean {
    const all = new Set(sids);
    return this.isQuorum((sid) => all.has(sid));
  }

  isQuorum(isIn: (sid: Sid) => boolean): boolean {
    const gathered = new Map<number, number>();
    for (const sid of this.votingMembers) {
      const group = this.#groupOf.get(sid);
      // [Zab] Java's own check is only that the server is in a group; its callers let voters in alone (ZOOKEEPER-2959).
      if (group === undefined || !isIn(sid)) continue;
      gathered.set(group, (gathered.get(group) ?? 0) + this.weightOf(sid));
    }
    let majorities = 0;
    for (const [group, weight] of gathered) {
      if (weight > this.#groupWeights.get(group)! / 2) majorities++;
    }
    return majorities > this.#groupCount / 2;
  }

  weightOf(sid: Sid): number {
    return this.votingMembers.has(sid) ? (this.#weights.get(sid) ?? 0) : 0;
  }
}

// Which sets of servers may decide. Answers to Java's QuorumVerifier, QuorumMaj.
//
// A standalone server is an ensemble of one: its own word is a quorum.

import type { Sid } from "../wire/ids.js";

export interface QuorumVerifier {
  /** The servers whose votes count; observers are not among them. */
  readonly votingMembers: ReadonlySet<Sid>;
  containsQuorum(sids: Iterable<Sid>): boolean;
}

/** More than half of the voting members. */
export class MajorityVerifier implements QuorumVerifier {
  readonly votingMembers: ReadonlySet<Sid>;

  constructor(votingMembers: Iterable<Sid>) {
    this.votingMembers = new Set(votingMembers);
  }

  containsQuorum(sids: Iterable<Sid>): boolean {
    let votes = 0;
    for (const sid of new Set(sids)) if (this.votingMembers.has(sid)) votes++;
    return votes > this.votingMembers.size / 2;
  }
}

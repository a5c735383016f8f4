// What members say to each other while they look for a leader, and which of two candidates is the better one. Java: Vote,
// FastLeaderElection.totalOrderPredicate.

import type { Sid, Zxid } from "../wire/ids.js";

/** The numbers are those of the wire (QuorumPeer.ServerState's ordinals). */
export const PeerState = { looking: 0, following: 1, leading: 2, observing: 3 } as const;
export type PeerState = (typeof PeerState)[keyof typeof PeerState];

/** Whom a server wants to lead, and why. */
export interface Candidate {
  readonly leader: Sid;
  /** The candidate's last logged zxid; -1 for a server that has lost its data and must not decide. */
  readonly zxid: Zxid;
  /** The candidate's current epoch: the last one in which it followed or led. */
  readonly peerEpoch: number;
}

export interface Notification extends Candidate {
  readonly from: Sid;
  readonly state: PeerState;
  /** The sender's round (Java: electionEpoch, logicalclock). */
  readonly round: number;
  /** Of the message: 0 before 3.4.6, 1 until 3.5, 2 since dynamic configuration. */
  readonly version: number;
  /** The sender's configuration, with messages of version 2. */
  readonly config: string | undefined;
}

/** A candidate's history decides, then its id: the same order everywhere, or an election would never settle. */
export function isBetter(left: Candidate, right: Candidate): boolean {
  if (left.peerEpoch !== right.peerEpoch) return left.peerEpoch > right.peerEpoch;
  if (left.zxid !== right.zxid) return left.zxid > right.zxid;
  return left.leader > right.leader;
}

// What a step of the quorum's machines wants done. The machines (leader.ts, learner.ts) decide; src/member.ts does.
//
// The two outboxes are the law of this folder. `sendNow` may leave at once. `sendAfterSync` promises something that must
// survive a power cut, and leaves only when everything in `proposals`, `append` and `persist` of this step and of all steps
// before it is on disk. Within an outbox the order to one peer is the order of the list, and `sendAfterSync` of a step never overtakes
// `sendNow` of an earlier one to the same peer. A SNAP packet is followed on its link by the tree as it is when the packet is
// sent; later packets wait for the end of it.

import { type Sid, ZXID_ZERO, type Zxid } from "../wire/ids.js";
import type { QuorumPacket } from "../wire/records.js";
import type { LoggedTxn } from "./committed-log.js";
import type { Configuration } from "./configuration.js";

/** A leader's name for the connection of one learner; a learner's only peer is its leader. */
export type LinkId = number;
export const LEADER_LINK: LinkId = 0;

export interface Outgoing {
  readonly link: LinkId;
  readonly packet: QuorumPacket;
}

export interface EpochsToPersist {
  readonly acceptedEpoch?: number;
  readonly currentEpoch?: number;
}

/** Work on this server's own state, in this order. */
export type Work =
  /** The leader's snapshot follows on the link: replace tree and files by it. `rebuilt` comes back. */
  | { readonly kind: "receiveSnapshot"; readonly zxid: Zxid }
  /** Cut log and tree back to `zxid`, durably. `rebuilt` comes back, or, with nothing touched, `cannotTruncate`. */
  | { readonly kind: "truncate"; readonly zxid: Zxid }
  | { readonly kind: "append"; readonly zxid: Zxid; readonly bytes: Buffer }
  /** `persisted` comes back when these, and everything appended before, are on disk. */
  | { readonly kind: "persist"; readonly epochs: EpochsToPersist }
  /**
   * This configuration was seen and may be committed one day: it must be on disk. `remembered` comes back, after
   * Quorums has been told. */
  | { readonly kind: "remember"; readonly configuration: Configuration }
  /** This configuration is committed, and in force from here on: links, roles and ports are to follow it. */
  | { readonly kind: "activate"; readonly configuration: Configuration }
  /**
   * Everything that was appended up to here, in order. `leader`: of a reconfig that a learner heard committed, the one that it
   * names.
   */
  | { readonly kind: "commit"; zxid: Zxid; readonly leader?: Sid | undefined }
  /** An observer's way of hearing of a txn: append and commit in one. */
  | { readonly kind: "inform"; readonly zxid: Zxid; readonly bytes: Buffer }
  /** A learner's: REVALIDATE or SYNC, the answer to what a client of ours asked. Its data are valid only during the step. */
  | { readonly kind: "answer"; readonly packet: QuorumPacket }
  /** Serve clients from here on. */
  | { readonly kind: "serve"; readonly epoch: number }
  /** Everything asked with Leader.confirmLeadership up to this number is answered: we led after it was asked. */
  | { readonly kind: "confirmed"; readonly upTo: number }
  /** A learner's: close the connection to the leader and make a new one. */
  | { readonly kind: "reconnect" }
  | { readonly kind: "closeLink"; readonly link: LinkId; readonly why: string }
  /** Give up the role: for an election, or, without one, for a role under the leader that a reconfig has named. */
  | { readonly kind: "resign"; readonly why: string; readonly leader?: Sid | undefined };

export class Effects {
  readonly sendNow: Outgoing[] = [];
  readonly sendAfterSync: Outgoing[] = [];
  /** A leader's: behind what is in `sendNow` they go to `followers`, and to the log before what is in `work`. */
  readonly proposals: LoggedTxn[] = [];
  readonly followers: LinkId[] = [];
  readonly work: Work[] = [];
  /** The first and the last proposal that a cumulative ACK is to speak for, as far as they are on disk; 0: none. */
  ackFrom = ZXID_ZERO;
  ackUpTo = ZXID_ZERO;

  /** A proposal whose acknowledgement leaves after what is in `sendAfterSync`, perhaps as part of a later one's. */
  acknowledge(zxid: Zxid): void {
    if (this.ackUpTo === ZXID_ZERO) this.ackFrom = zxid;
    this.ackUpTo = zxid;
  }

  /** The next proposal is committed: one piece of work for all that follow one another. */
  commit(zxid: Zxid): void {
    const last = this.work[this.work.length - 1];
    if (last?.kind === "commit" && last.leader === undefined) last.zxid = zxid;
    else this.work.push({ kind: "commit", zxid, leader: undefined });
  }

  /** To be used again. Taken out one by one: an array that is cut to nothing gives its room back, and grows anew. */
  clear(): void {
    const { sendNow, sendAfterSync, proposals, followers, work } = this;
    for (const list of [sendNow, sendAfterSync, proposals, followers, work]) {
      while (list.length > 0) list.pop();
    }
    this.ackFrom = ZXID_ZERO;
    this.ackUpTo = ZXID_ZERO;
  }
}

export interface QuorumTimes {
  readonly tickTimeMs: number;
  readonly initLimitTicks: number;
  readonly syncLimitTicks: number;
}

// How a learner gets the leader's history: nothing, what it missed, a cut back, or everything. Java: LearnerHandler.syncFollower.
//
// The learner says which zxid it has logged last. The leader's committed history is the truth; the plan leads from one to
// the other. When in doubt it is SNAP: never a DIFF across a hole (R20, R21, R23), never a DIFF from a zxid that is not in our
// history (R17), never a TRUNC to a point that the learner may not have.
//
//   learner's last zxid                             plan
//   equal to ours                                   DIFF, nothing to send
//   0 or -1: empty, or lost                         SNAP: no log can show that nothing was before its first txn (R23, R37)
//   above our last txn                              TRUNC to that; (e,0) is the end of no txn: SNAP
//   in our history, in memory or on disk            DIFF, what comes after it
//   between two of our history                      (e,0): DIFF, what comes after it (that is where e began); otherwise SNAP
//   older than what we can show to be whole         SNAP
//
// Our own last zxid is (e,0) from the moment that a quorum follows until the first txn of the epoch commits: no txn has it,
// so what a learner is compared with, and cut back to, is the last txn before it.
//
// [Zab] A learner above our last txn has that txn. If both are of one epoch, because logs have no holes. If the learner's is
// of a later epoch e, then e was established, so we, who lead after e, have e's initial history and, having no txn of e,
// end where it ended; the learner, having a txn of e, has all of it too.

import { reached } from "../marks.js";
import { counterOf, type Zxid } from "../wire/ids.js";
import { follows, type LoggedTxn } from "./committed-log.js";

export type SyncPlan =
  /** `end`: the zxid that goes with the packet, the last of what follows. */
  | { readonly kind: "diff"; readonly end: Zxid; readonly txns: readonly LoggedTxn[] }
  | { readonly kind: "trunc"; readonly end: Zxid; readonly txns: readonly [] }
  | { readonly kind: "snap"; readonly end: Zxid; readonly txns: readonly [] };

export interface LeaderHistory {
  /** The last zxid applied, or (e,0): where every plan leads. */
  readonly last: Zxid;
  /** The newest committed transactions, to the last; may be empty. */
  readonly committed: readonly LoggedTxn[];
  /**
   * All committed transactions on disk from `zxid` on (with it, if there is one of that zxid) and before the first of
   * `committed` (to the end, if that is empty); undefined where that cannot be had whole, or is more than a snapshot would
   * be. Where the log begins directly after `zxid`, what it has is whole too.
   */
  logged(zxid: Zxid): readonly LoggedTxn[] | undefined;
  /** zookeeper.forceSnapshotSync */
  readonly alwaysSnap: boolean;
}

/** `lastKnown`: the last txn of the history where that is not in memory; (e,0) if nobody knows it any more. */
export function planSync(learnerLast: Zxid, lastKnown: Zxid, history: LeaderHistory): SyncPlan {
  const { last, committed, alwaysSnap } = history;
  const lastTxn = committed.at(-1)?.zxid ?? lastKnown;
  const snap: SyncPlan = { kind: "snap", end: last, txns: [] };
  if (alwaysSnap) {
    reached("sync: SNAP is asked for by the configuration");
    return snap;
  }
  if (learnerLast === last) {
    reached("sync: nothing is missing");
    return { kind: "diff", end: last, txns: [] };
  }
  if (learnerLast <= 0) {
    reached("sync: SNAP to an empty learner");
    return snap;
  }

  if (learnerLast > lastTxn) {
    if (counterOf(learnerLast) !== 0 && counterOf(lastTxn) !== 0) {
      reached("sync: TRUNC to the end of history");
      return { kind: "trunc", end: lastTxn, txns: [] };
    }
    reached("sync: SNAP, the learner is ahead over an epoch");
    return snap;
  }
  const first = committed[0];
  if (first !== undefined && first.zxid <= learnerLast + 1) {
    reached("sync: DIFF from memory");
    return planFrom(learnerLast, committed) ?? snap;
  }
  const logged = history.logged(learnerLast);
  if (logged === undefined) {
    reached("sync: SNAP, what it misses is not in the log");
    return snap;
  }
  reached("sync: DIFF from the log");
  return planFrom(learnerLast, [...logged, ...committed]) ?? snap;
}

/** From a whole piece of our history, up to the end of it; undefined if it does not show where the learner stands. */
function planFrom(learnerLast: Zxid, txns: readonly LoggedTxn[]): SyncPlan | undefined {
  if (!isContiguous(txns)) return undefined;
  const end = txns.at(-1)?.zxid ?? learnerLast;
  const at = txns.findIndex(({ zxid }) => zxid >= learnerLast);
  const found = txns[at];
  if (found === undefined) return undefined;
  if (found.zxid === learnerLast) return { kind: "diff", end, txns: txns.slice(at + 1) };
  // The start of an epoch that was, and the txn directly after one of its own epoch: both show that what is before is ours.
  if (counterOf(learnerLast) === 0 || found.zxid === learnerLast + 1) {
    return { kind: "diff", end, txns: txns.slice(at) };
  }
  // Java's learners cannot cut back over the start of an epoch, and within one nothing is between two: there are no holes.
  reached("sync: SNAP, it is between two epochs");
  return undefined;
}

function isContiguous(txns: readonly LoggedTxn[]): boolean {
  for (let i = 1; i < txns.length; i++) {
    if (!follows(txns[i]!.zxid, txns[i - 1]!.zxid)) return false;
  }
  return true;
}

// How a learner gets the leader's history: nothing, what it missed, a cut back, or everything. Java: LearnerHandler.syncFollower.
//
// The learner says which zxid it has logged last. The leader's committed history is the truth; the plan leads from one to
// the other. When in doubt it is SNAP: never a DIFF across a hole (R20, R21, R23), never a TRUNC to a point that the learner
// may not have.
//
//   learner's last zxid                             plan
//   equal to ours                                   DIFF, nothing to send
//   above ours                                      TRUNC to ours; (e,0) cannot be cut to: SNAP
//   in the committed log                            DIFF, what comes after it
//   between two of the committed log                (e,0): DIFF, what comes after it (that is where e began)
//                                                   same epoch: TRUNC to the one before it; otherwise SNAP
//   below the committed log                         DIFF from the log on disk if that is whole and not too much; else SNAP
//   0: an empty learner                             SNAP, unless our history on disk begins with the first txn there was

import { counterOf, epochOf, ZXID_ZERO, type Zxid } from "../wire/ids.js";
import { follows, type LoggedTxn } from "./committed-log.js";

export type SyncPlan =
  | { readonly kind: "diff"; readonly txns: readonly LoggedTxn[] }
  | { readonly kind: "trunc"; readonly zxid: Zxid; readonly txns: readonly LoggedTxn[] }
  | { readonly kind: "snap" };

export interface LeaderHistory {
  /** The last zxid applied: where every plan leads. */
  readonly last: Zxid;
  /** The newest committed transactions, ending with `last`; may be empty. */
  readonly committed: readonly LoggedTxn[];
  /**
   * All committed transactions on disk after `zxid` and before the first of `committed` (to the end, if that is empty);
   * undefined where that cannot be had whole, or is more than a snapshot would be.
   */
  logged(zxid: Zxid): readonly LoggedTxn[] | undefined;
  /** zookeeper.forceSnapshotSync */
  readonly alwaysSnap: boolean;
}

const SNAP: SyncPlan = { kind: "snap" };

export function planSync(learnerLast: Zxid, history: LeaderHistory): SyncPlan {
  const { last, committed, alwaysSnap } = history;
  if (alwaysSnap) return SNAP;
  if (learnerLast === last) return { kind: "diff", txns: [] };
  const isEpochStart = counterOf(learnerLast) === 0;
  if (learnerLast > last) {
    return isEpochStart ? SNAP : { kind: "trunc", zxid: last, txns: [] };
  }
  const first = committed[0];
  if (first === undefined || learnerLast < first.zxid) return planFromDisk(learnerLast, history);

  const at = committed.findIndex(({ zxid }) => zxid >= learnerLast);
  const found = committed[at]!;
  if (found.zxid === learnerLast) return { kind: "diff", txns: committed.slice(at + 1) };
  if (isEpochStart) return { kind: "diff", txns: committed.slice(at) };
  const before = committed[at - 1]!;
  // A learner cannot cut back over the start of an epoch.
  if (epochOf(found.zxid) !== epochOf(learnerLast)) return SNAP;
  return { kind: "trunc", zxid: before.zxid, txns: committed.slice(at) };
}

function planFromDisk(learnerLast: Zxid, { committed, logged }: LeaderHistory): SyncPlan {
  const older = logged(learnerLast);
  if (older === undefined) return SNAP;
  const txns = [...older, ...committed];
  let previous = learnerLast;
  for (const { zxid } of txns) {
    const isFirstOfAll = previous === ZXID_ZERO && counterOf(zxid) === 1;
    if (!follows(zxid, previous) && !isFirstOfAll) return SNAP;
    previous = zxid;
  }
  return { kind: "diff", txns };
}

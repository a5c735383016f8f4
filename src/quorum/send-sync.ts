// What a learner is sent to become like its leader: history, what is outstanding, NEWLEADER. Java: the middle of
// LearnerHandler.run, Leader.startForwarding.

import type { Zxid } from "../wire/ids.js";
import { QuorumPacketType as Type } from "../wire/op-codes.js";
import type { Configuration } from "./configuration.js";
import type { Effects } from "./effects.js";
import type { Proposed } from "./leader-start.js";
import type { LearnerState } from "./learner-state.js";
import { type Learners, proposalPacket } from "./learners.js";
import type { SyncPlan } from "./sync-plan.js";

export interface Sync {
  readonly plan: SyncPlan;
  /** Proposed and not committed; nothing for observers. */
  readonly outstanding: readonly Proposed[];
  /** The zxid of a reconfig among them. */
  readonly reconfig: Zxid | undefined;
  readonly newLeaderZxid: Zxid;
  /** In force when the learner hears UPTODATE. */
  readonly configuration: Configuration;
}

/** What comes later goes to the learner as it is proposed and committed. */
export function sendSync(
  { plan, outstanding, reconfig, newLeaderZxid, configuration }: Sync,
  learner: LearnerState,
  learners: Learners,
  nowMs: number,
  effects: Effects,
): void {
  learner.phase = "syncing";
  learner.answered(nowMs);
  // After SNAP the tree itself follows on the link, before any later packet.
  learners.send(learner, Type[plan.kind], plan.end, null, effects);
  for (const { zxid, bytes } of plan.txns) {
    learners.send(learner, Type.proposal, zxid, bytes, effects);
    learners.send(learner, Type.commit, zxid, null, effects);
  }
  // Outstanding proposals come before NEWLEADER, so that its acknowledgement covers them (3.3, ambiguity 1). A reconfig and
  // what follows it come after: NEWLEADER's configuration is in force with UPTODATE, and one that nobody has committed yet
  // must not be (Java's leaders send it all the same).
  const isBefore = ({ zxid }: Proposed) => reconfig === undefined || zxid < reconfig;
  const send = (proposal: Proposed) =>
    learners.sendProposal(learner, proposalPacket(proposal), nowMs, effects);
  for (const proposal of outstanding) {
    if (isBefore(proposal)) send(proposal);
  }
  const text = Buffer.from(configuration.text, "utf8");
  learners.send(learner, Type.newLeader, newLeaderZxid, text, effects);
  for (const proposal of outstanding) {
    if (!isBefore(proposal)) send(proposal);
  }
}

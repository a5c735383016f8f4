// What only a leader can tell: who follows it, and how large its proposals are. Java: LeaderZooKeeperServer.registerMetrics,
// BufferStats of proposals. The gauges go when it stops leading.

import type { GaugeName, Metrics } from "../metrics/metrics.js";
import type { Leader } from "../quorum/leader.js";
import type { LearnerState } from "../quorum/learner-state.js";

export class ProposalSizes {
  last = -1;
  min = -1;
  max = -1;

  add(bytes: number): void {
    this.last = bytes;
    if (this.min === -1 || bytes < this.min) this.min = bytes;
    if (bytes > this.max) this.max = bytes;
  }

  reset(): void {
    this.last = -1;
    this.min = -1;
    this.max = -1;
  }
}

export interface LeaderFacts {
  readonly leader: Leader;
  readonly sizes: ProposalSizes;
  readonly isVoter: (learner: LearnerState) => boolean;
  readonly pendingSyncs: () => number;
  readonly uptimeMs: () => number;
}

/** Returns what removes the gauges again. */
export function registerLeaderGauges(metrics: Metrics, facts: LeaderFacts): () => void {
  const { leader, sizes } = facts;
  const synced = () => [...leader.learners()].filter((learner) => learner.phase === "synced");
  const count = (matches: (learner: LearnerState) => boolean) => synced().filter(matches).length;
  const gauges: [GaugeName, () => number][] = [
    ["learners", () => [...leader.learners()].length],
    ["synced_followers", () => count((one) => !one.isObserver)],
    ["synced_non_voting_followers", () => count((one) => !one.isObserver && !facts.isVoter(one))],
    ["synced_observers", () => count((one) => one.isObserver)],
    ["pending_syncs", facts.pendingSyncs],
    ["leader_uptime", facts.uptimeMs],
    ["last_proposal_size", () => sizes.last],
    ["max_proposal_size", () => sizes.max],
    ["min_proposal_size", () => sizes.min],
  ];
  for (const [name, value] of gauges) metrics.gauge(name, value);
  return () => {
    for (const [name] of gauges) metrics.removeGauge(name);
  };
}

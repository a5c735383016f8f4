// What only a leader can tell: who follows it, and how large its proposals are. Java: LeaderZooKeeperServer.registerMetrics,
// BufferStats of proposals. The gauges go when it stops leading.

import type { LearnerInfo } from "../admin/admin-context.js";
import type { PercentileSummary, Summary } from "../metrics/instruments.js";
import type { GaugeName, Metrics } from "../metrics/metrics.js";
import type { Clock } from "../platform/platform.js";
import type { LinkId } from "../quorum/effects.js";
import type { Leader } from "../quorum/leader.js";
import type { LearnerState } from "../quorum/learner-state.js";

type LearnerLink = Pick<LearnerInfo["link"], "queueLength">;

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

/** What Java marks one packet in so many for, to see how long it waits. */
const MARKED_EACH = 1000;
const LOOK_MS = 10;

interface LearnerQueue {
  /** Undefined: there are more learners than keys. */
  readonly sizes: Summary | undefined;
  readonly times: PercentileSummary | undefined;
  /** Since the last one that was marked. */
  unmarked: number;
}

/** How much waits for each learner when packets are added, and, of one packet in a thousand, how long. Java: LearnerHandler. */
export class LearnerQueues {
  readonly #metrics: Metrics;
  readonly #clock: Clock;
  readonly #queues = new Map<LinkId, LearnerQueue>();

  constructor(metrics: Metrics, clock: Clock) {
    this.#metrics = metrics;
    this.#clock = clock;
  }

  /** So many packets, in one piece. */
  sent(id: LinkId, link: LearnerLink, leader: Leader, packets = 1): void {
    let queue = this.#queues.get(id);
    if (queue === undefined) {
      const sid = [...leader.learners()].find((learner) => learner.link === id)?.sid;
      if (sid === undefined || sid < 0) return;
      const { summarySets, percentileSets } = this.#metrics;
      queue = {
        sizes: summarySets.learner_handler_qp_size.of(String(sid)),
        times: percentileSets.learner_handler_qp_time_ms.of(String(sid)),
        unmarked: MARKED_EACH,
      };
      this.#queues.set(id, queue);
    }
    queue.sizes?.add(link.queueLength);
    queue.unmarked += packets;
    if (queue.unmarked <= MARKED_EACH) return;
    queue.unmarked = 0;
    this.#mark(id, link, queue.times);
  }

  gone(id: LinkId): void {
    this.#queues.delete(id);
  }

  #mark(id: LinkId, link: LearnerLink, times: PercentileSummary | undefined): void {
    const startMs = this.#clock.monotonicMs();
    const look = () => {
      if (!this.#queues.has(id)) return;
      if (link.queueLength > 0) this.#clock.setTimer(LOOK_MS, look);
      else times?.add(Math.floor(this.#clock.monotonicMs() - startMs));
    };
    this.#clock.atTurnEnd(look);
  }
}

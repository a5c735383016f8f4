// Limits and use of quotas, summed up by the first part of the path. Java: QuotaMetricsUtils.

import type { DataTree } from "./data-tree.js";
import { QUOTA_PATH } from "./paths.js";
import { LIMIT_NODE, STAT_NODE } from "./quota-book.js";
import { StatsTrack } from "./stats-track.js";
import { leavesNamed } from "./subtree.js";

export type QuotaTotal = "countLimit" | "bytesLimit" | "countUsage" | "bytesUsage";

const VALUES: Readonly<Record<QuotaTotal, (stats: StatsTrack) => number>> = {
  // A hard limit comes first.
  countLimit: (stats) => (stats.countHardLimit > -1 ? stats.countHardLimit : stats.count),
  bytesLimit: (stats) => (stats.byteHardLimit > -1 ? stats.byteHardLimit : stats.bytes),
  countUsage: (stats) => stats.count,
  bytesUsage: (stats) => stats.bytes,
};

export function quotaTotals(tree: DataTree, total: QuotaTotal): Map<string, number> {
  const totals = new Map<string, number>();
  const leaf = total.endsWith("Limit") ? LIMIT_NODE : STAT_NODE;
  for (const path of leavesNamed(tree, QUOTA_PATH, leaf)) {
    const node = tree.get(path);
    if (node === undefined || node.dataLength === 0) continue;
    const namespace = path.slice(QUOTA_PATH.length, -`/${leaf}`.length).split("/", 2)[1];
    if (namespace === undefined || namespace === "") continue;
    const value = VALUES[total](new StatsTrack(node.dataView()));
    totals.set(namespace, (totals.get(namespace) ?? 0) + value);
  }
  return totals;
}

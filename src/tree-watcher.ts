// What the tree tells goes into the metrics and into the audit log. Java: DataTree's own calls of ServerMetrics and
// ZKAuditProvider.

import type { Summary } from "./metrics/instruments.js";
import type { Metrics } from "./metrics/metrics.js";
import { NamespaceTraffic } from "./metrics/namespace-traffic.js";
import type { Audit } from "./pipeline/audit.js";
import type { DataTree } from "./tree/data-tree.js";
import { type QuotaTotal, quotaTotals } from "./tree/quota-totals.js";
import type { TreeObserver } from "./tree/tree-observer.js";
import { EventType } from "./tree/watches.js";

export function observeTree(
  { summaries, summarySets }: Metrics,
  audit: Audit | undefined,
): TreeObserver {
  const reads = new NamespaceTraffic(summarySets.read_per_namespace, "read");
  const writes = new NamespaceTraffic(summarySets.write_per_namespace, "write");
  const told = new Map<EventType, Summary>([
    [EventType.nodeCreated, summaries.node_created_watch_count],
    [EventType.nodeDeleted, summaries.node_deleted_watch_count],
    [EventType.nodeDataChanged, summaries.node_changed_watch_count],
    [EventType.nodeChildrenChanged, summaries.node_children_watch_count],
  ]);
  return {
    read: (path, bytes) => reads.add(path, bytes),
    written: (path, bytes) => writes.add(path, bytes),
    told: (type, watchers) => told.get(type)?.add(watchers),
    ephemeralDeleted: (session, path, existed) => audit?.ephemeralDeleted(session, path, existed),
  };
}

/** Java: ZooKeeperServer.registerMetrics. */
export function registerQuotaGauges(metrics: Metrics, tree: () => DataTree): void {
  const gauge = (name: Parameters<Metrics["gaugeSet"]>[0], total: QuotaTotal) =>
    metrics.gaugeSet(name, () => quotaTotals(tree(), total));
  gauge("quota_count_limit_per_namespace", "countLimit");
  gauge("quota_bytes_limit_per_namespace", "bytesLimit");
  gauge("quota_count_usage_per_namespace", "countUsage");
  gauge("quota_bytes_usage_per_namespace", "bytesUsage");
}

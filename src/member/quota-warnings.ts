// Says when a quota is exceeded: a line a minute for each quota, however often it happens. Java: ZooKeeperServer.checkQuota.

import type { Metrics } from "../metrics/metrics.js";
import type { ExceededQuota } from "../operations/operation.js";
import type { Platform } from "../platform/platform.js";

const PAUSE_MS = 60_000;
/** So many quotas are told apart; beyond that some are told of more often. */
const QUOTAS_MAX = 10_000;

export function quotaWarnings(
  platform: Platform,
  metrics: Metrics,
): (quota: ExceededQuota) => void {
  const log = platform.log.child("ZooKeeperServer");
  const toldMs = new Map<string, number>();
  return ({ path, what, hard, limit, wanted }) => {
    // The namespace is the first part of the path.
    const namespace = path.split("/", 2)[1] ?? "";
    if (hard) metrics.counterSets.quota_exceeded_error_per_namespace.add(namespace, 1);
    const key = `${what} ${path}`;
    const nowMs = platform.clock.monotonicMs();
    const last = toldMs.get(key);
    if (last !== undefined && nowMs - last < PAUSE_MS) return;
    if (toldMs.size >= QUOTAS_MAX) toldMs.clear();
    toldMs.set(key, nowMs);
    const limitName = `${hard ? "hard" : "soft"}${what === "count" ? "Count" : "Byte"}Limit`;
    log.warn(`Quota exceeded: ${path} [current ${what}=${wanted}, ${limitName}=${limit}]`);
  };
}

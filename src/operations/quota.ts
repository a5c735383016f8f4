// Whether a create or setData would exceed a quota. Java: ZooKeeperServer.checkQuota.
//
// The deepest path above (or at) the node that has a limit counts. A hard limit forbids; a soft one is only told, to whoever
// writes the log. Compared is with the statistics as they are in the tree: what is still on its way is not counted, so that
// several requests in flight can together exceed a limit by what they add. So it is in Java, and counting them would not
// make a limit any harder for a client that waits for answers.

import { limitPath, statPath } from "../tree/quota-book.js";
import { StatsTrack } from "../tree/stats-track.js";
import type { ExceededQuota, PrepareContext } from "./operation.js";

/** True when the change must not be. */
export function exceedsQuota(
  context: PrepareContext,
  path: string,
  growthBytes: number,
  growthCount: number,
): boolean {
  if (!context.settings.enforceQuota) return false;
  const { tree } = context.pending;
  const limited = tree.quotaPrefix(path);
  if (limited === undefined) return false;
  const limitNode = tree.get(limitPath(limited));
  const statNode = tree.get(statPath(limited));
  if (limitNode === undefined || statNode === undefined) return false;

  const limits = new StatsTrack(limitNode.dataView());
  const current = new StatsTrack(statNode.dataView());
  return (
    (growthCount !== 0 &&
      exceeds(
        context,
        limited,
        "count",
        limits.countHardLimit,
        limits.count,
        current.count + growthCount,
      )) ||
    (growthBytes !== 0 &&
      exceeds(
        context,
        limited,
        "bytes",
        limits.byteHardLimit,
        limits.bytes,
        current.bytes + growthBytes,
      ))
  );
}

/** Where there is a hard limit, the soft one does not count. Negative: no limit. */
function exceeds(
  context: PrepareContext,
  path: string,
  what: ExceededQuota["what"],
  hardLimit: number,
  softLimit: number,
  wanted: number,
): boolean {
  const hard = hardLimit > -1;
  const limit = hard ? hardLimit : softLimit;
  if (limit <= -1 || wanted <= limit) return false;
  context.onQuotaExceeded?.({ path, what, hard, limit, wanted });
  return hard;
}

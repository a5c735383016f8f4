// Whether a create or setData would exceed a quota. Java: ZooKeeperServer.checkQuota.
//
// The deepest path above (or at) the node that has a limit counts. A hard limit forbids; a soft one is only told, to whoever
// writes the log. Compared is with the statistics as they are in the tree: what is still on its way is not counted, so that
// several requests in flight can together exceed a limit by what they add. So it is in Java, and counting them would not
// make a limit any harder for a client that waits for answers.
//
// The texts of limits and statistics are nodes like others, and anybody may have written nonsense into them. Java stumbles
// over that when it is asked here (marshallingError), and dies of it when it counts; here the tree counts on as it can.

import { QUOTA_TEXT_MAX_BYTES } from "../limits.js";
import { limitPath, statPath } from "../tree/quota-book.js";
import { StatsTrack } from "../tree/stats-track.js";
import { ErrorCode } from "../wire/error-codes.js";
import type { ExceededQuota, PrepareContext } from "./operation.js";

/** ok, or why the change must not be. */
export function checkQuota(
  context: PrepareContext,
  path: string,
  growthBytes: number,
  growthCount: number,
): ErrorCode {
  if (!context.settings.enforceQuota) return ErrorCode.ok;
  const { tree } = context.pending;
  const limited = tree.quotaPrefix(path);
  if (limited === undefined) return ErrorCode.ok;
  const limitNode = tree.get(limitPath(limited));
  if (limitNode === undefined) return ErrorCode.ok;
  const limits = parse(limitNode.dataView());
  if (limits === undefined) return ErrorCode.marshallingError;
  const count = limitOf(growthCount, limits.countHardLimit, limits.count);
  const bytes = limitOf(growthBytes, limits.byteHardLimit, limits.bytes);
  const statNode = tree.get(statPath(limited));
  if ((count === undefined && bytes === undefined) || statNode === undefined) return ErrorCode.ok;

  const current = parse(statNode.dataView());
  if (current === undefined) return ErrorCode.marshallingError;
  const isForbidden =
    exceeds(context, limited, "count", count, current.count + growthCount) ||
    exceeds(context, limited, "bytes", bytes, current.bytes + growthBytes);
  return isForbidden ? ErrorCode.quotaExceeded : ErrorCode.ok;
}

interface Limit {
  readonly limit: number;
  readonly hard: boolean;
}

/** Where there is a hard limit, the soft one does not count. Undefined: nothing grows or shrinks, or without limit. */
function limitOf(growth: number, hardLimit: number, softLimit: number): Limit | undefined {
  if (growth === 0) return undefined;
  const hard = hardLimit > -1;
  const limit = hard ? hardLimit : softLimit;
  return limit > -1 ? { limit, hard } : undefined;
}

function exceeds(
  context: PrepareContext,
  path: string,
  what: ExceededQuota["what"],
  of: Limit | undefined,
  wanted: number,
): boolean {
  if (of === undefined || wanted <= of.limit) return false;
  context.onQuotaExceeded?.({ path, what, hard: of.hard, limit: of.limit, wanted });
  return of.hard;
}

const LONG = /^[+-]?[0-9]+$/;
const LONG_MAX = 2n ** 63n - 1n;

/** Undefined for what is far too long, and for what Java cannot read: null, a pair without a value, a value that is no long. */
function parse(data: Buffer | null): StatsTrack | undefined {
  if (data === null || data.length > QUOTA_TEXT_MAX_BYTES) return undefined;
  const text = data.toString();
  const pairs = text.split(/[,;]+/);
  // As Java's split: nothing comes of empty ends, but an empty beginning is a pair.
  while (pairs.length > 0 && pairs.at(-1) === "") pairs.pop();
  return pairs.every(isReadable) ? new StatsTrack(data) : undefined;
}

function isReadable(pair: string): boolean {
  const parts = pair.split("=");
  while (parts.length > 1 && parts.at(-1) === "") parts.pop();
  const value = parts[1];
  if (value === undefined) return false;
  if (value === "") return true;
  if (!LONG.test(value)) return false;
  const number = BigInt(value.replace(/^\+/, ""));
  return number >= -LONG_MAX - 1n && number <= LONG_MAX;
}

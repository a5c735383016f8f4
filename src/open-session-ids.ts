// Where the counting of session ids goes on when a server starts: see session/session-ids.ts.

import type { Platform } from "./platform/platform.js";
import {
  firstCount,
  LEAP_CHANCE_BITS,
  SESSION_IDS_RESERVED,
  SessionIds,
} from "./session/session-ids.js";
import { readSessionIdLimit, writeSessionIdLimit } from "./storage/session-id-limit.js";
import type { SessionId, Sid } from "./wire/ids.js";

/** A server that has lost its disk does not know what it gave out: where in its millisecond it begins is left to chance. */
const UNKNOWN_PAST_IDS = 2 ** 15;

export async function openSessionIds(
  platform: Platform,
  directory: string,
  serverId: Sid,
  known: Iterable<SessionId>,
  onFatal: (error: unknown) => void,
): Promise<SessionIds> {
  const { clock, disk, random } = platform;
  const limit = readSessionIdLimit(disk, directory);
  const chance = () => random.integer(2 ** LEAP_CHANCE_BITS);
  let first = firstCount(serverId, clock.wallMs(), limit ?? 0n, known, chance);
  if (limit === undefined) first += BigInt(random.integer(UNKNOWN_PAST_IDS));
  const newLimit = first + SESSION_IDS_RESERVED;
  await writeSessionIdLimit(disk, directory, newLimit);
  // One after the other: a later limit must not be replaced by an earlier one.
  let writing: Promise<void> = Promise.resolve();
  const reserve = (next: bigint): void => {
    writing = writing.then(() => writeSessionIdLimit(disk, directory, next)).catch(onFatal);
  };
  return new SessionIds(serverId, first, newLimit, reserve, chance);
}

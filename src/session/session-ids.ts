// The session ids that a server gives out: each once, for as long as its data lives. Java: SessionTrackerImpl.nextSessionId.
//
// An id's password is computed from it, so whoever is given an id that was somebody's before could take up that one's
// session. Java begins at its clock and counts up: a clock that goes back, or a machine whose boot time it counts from, lets
// ids come again. Here the count never goes back: it begins at the wall clock or at what is durably known to have been given
// out before, whichever is further, and one object counts for all the roles that a member takes on.
//
// Invariant: an id is given out only below a limit that is on the disk, so that the next start begins above it. The limit
// is so far ahead that it is moved while there is still half of the way to go.
//
// The count is that of Java's layout, 16 bits below milliseconds, and not cut to the 56 bits that an id has room for: it
// goes on when they wrap (in 2039), where ids do, too.

import { reached } from "../marks.js";
import { NO_SESSION, type SessionId, type Sid } from "../wire/ids.js";
import { countAt, isReservedOwner, sessionIdAt } from "./session-id.js";

/** Of ids that are reserved at a time: 65 seconds of Java's layout, and more than a disk can be slow. */
export const SESSION_IDS_RESERVED = 2n ** 32n;

const COUNT_BITS = 56;

/**
 * Where a session is known that should not be, more were given out behind it, and have been closed since: the next id must
 * not be the next one. Lives that knew their limit began whole blocks apart, so it lies between two, a quarter to three
 * quarters of the way; where, is left to chance, for whoever is in this place twice.
 */
const LEAP = SESSION_IDS_RESERVED + SESSION_IDS_RESERVED / 4n;
export const LEAP_CHANCE_BITS = 31;

export class SessionIds {
  readonly #serverId: Sid;
  readonly #reserve: (limit: bigint) => void;
  readonly #chance: () => number;
  #next: bigint;
  #limit: bigint;

  /** `reserve` makes a new limit durable; called long before it is needed. `chance` gives LEAP_CHANCE_BITS of it. */
  constructor(
    serverId: Sid,
    next: bigint,
    limit: bigint,
    reserve: (limit: bigint) => void,
    chance: () => number,
  ) {
    this.#serverId = serverId;
    this.#next = next;
    this.#limit = limit;
    this.#reserve = reserve;
    this.#chance = chance;
  }

  take(): SessionId {
    let id = sessionIdAt(this.#serverId, this.#next++);
    while (id === NO_SESSION || isReservedOwner(id)) id = sessionIdAt(this.#serverId, this.#next++);
    this.#reserveInTime();
    return id;
  }

  /** What a leader has sent us may know of ids of ours that our disk has forgotten. */
  skip(known: Iterable<SessionId>): void {
    const next = countBeyond(this.#serverId, this.#next, known, this.#chance);
    if (next !== this.#next) reached("session: ids are known that this disk has forgotten");
    this.#next = next;
    this.#reserveInTime();
  }

  /** Whether an id is one of this server's. */
  isOwn(id: SessionId): boolean {
    return BigInt.asUintN(64, id) >> BigInt(COUNT_BITS) === (BigInt(this.#serverId) & 0xffn);
  }

  #reserveInTime(): void {
    if (this.#limit - this.#next > SESSION_IDS_RESERVED / 2n) return;
    this.#limit = this.#next + SESSION_IDS_RESERVED;
    this.#reserve(this.#limit);
  }
}

/** Where a server that starts begins to count; `limit` is what it has reserved before. */
export function firstCount(
  serverId: Sid,
  nowMs: number,
  limit: bigint,
  known: Iterable<SessionId>,
  chance: () => number,
): bigint {
  const byClock = countAt(nowMs);
  return countBeyond(serverId, limit > byClock ? limit : byClock, known, chance);
}

/** Well beyond every known session of this server that is ahead, as far as half of all ids reach. */
function countBeyond(
  serverId: Sid,
  count: bigint,
  known: Iterable<SessionId>,
  chance: () => number,
): bigint {
  const serverByte = BigInt(serverId) & 0xffn;
  let next = count;
  for (const id of known) {
    if (BigInt.asUintN(64, id) >> BigInt(COUNT_BITS) !== serverByte) continue;
    const ahead = BigInt.asIntN(COUNT_BITS, id - next);
    if (ahead >= 0n) next += ahead + 1n;
  }
  return next === count ? count : next + LEAP + BigInt(chance());
}

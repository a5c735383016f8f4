// Session ids and passwords, exactly as Java makes them: a client may move between Java servers and ours, each of which
// must recognize what the other gave out.
//
// Java: SessionTrackerImpl.initializeNextSessionId, ZooKeeperServer.generatePasswd, java.util.Random.
//
// The password is no secret against whoever knows the id: it is computed from it. It guards against mistakes, not attacks.
// It is compared in constant time all the same, because that costs nothing.

import { NO_SESSION, type SessionId, type Sid } from "../wire/ids.js";

export const PASSWORD_BYTES = 16;

/** Java's EphemeralType.CONTAINER_EPHEMERAL_OWNER: an ephemeral's owner of this value would be taken for a container. */
const CONTAINER_OWNER = -(2n ** 63n);

/**
 * The id with which a server begins to count: its own id in the top byte, then five bytes of time, then two of zeros.
 *
 * Java takes the time from a clock that starts anew with the machine, so that ids of an earlier boot can come again while
 * their sessions still live. Callers pass wall time, and `known` moves the start past any session there already is.
 */
export function initialSessionId(
  serverId: Sid,
  nowMs: number,
  known: Iterable<SessionId> = [],
): SessionId {
  const time = BigInt.asUintN(64, BigInt(Math.floor(nowMs)) << 24n) >> 8n;
  let first = BigInt.asIntN(64, time | (BigInt(serverId) << 56n));
  if (first === CONTAINER_OWNER) first++;
  const serverByte = topByte(first);
  for (const id of known) {
    if (id >= first && topByte(id) === serverByte) first = id + 1n;
  }
  return first as SessionId;
}

function topByte(id: bigint): bigint {
  return BigInt.asUintN(64, id) >> 56n;
}

const SUPER_SECRET = 0xb3415c00n;
const MULTIPLIER = 0x5deece66dn;
const INCREMENT = 0xbn;
const MASK_48 = (1n << 48n) - 1n;

/** The first 16 bytes of a java.util.Random that is seeded with the id. */
export function passwordOf(sessionId: SessionId): Buffer {
  const password = Buffer.allocUnsafe(PASSWORD_BYTES);
  let state = (sessionId ^ SUPER_SECRET ^ MULTIPLIER) & MASK_48;
  for (let at = 0; at < PASSWORD_BYTES; at += 4) {
    state = (state * MULTIPLIER + INCREMENT) & MASK_48;
    // Random.nextBytes takes each int from its low byte up.
    password.writeUInt32LE(Number(state >> 16n), at);
  }
  return password;
}

/** Whether a client may take this session up again. */
export function isPasswordOf(sessionId: SessionId, password: Uint8Array | null): boolean {
  if (sessionId === NO_SESSION || password === null) return false;
  if (password.length !== PASSWORD_BYTES) return false;
  const expected = passwordOf(sessionId);
  let difference = 0;
  for (let at = 0; at < PASSWORD_BYTES; at++) difference |= expected[at]! ^ password[at]!;
  return difference === 0;
}

/** What a client gets of what it asked for. */
export function negotiatedTimeoutMs(askedMs: number, minimumMs: number, maximumMs: number): number {
  // In Java's order: the maximum wins where the two contradict each other.
  return Math.min(Math.max(askedMs, minimumMs), maximumMs);
}

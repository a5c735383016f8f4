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

/** Where Java begins to count at this time: milliseconds, then two bytes of zeros. */
export function countAt(nowMs: number): bigint {
  return BigInt(Math.floor(nowMs)) << 16n;
}

/** Java's layout: the server's id in the top byte, then five bytes of time, then two to count with. */
export function sessionIdAt(serverId: Sid, count: bigint): SessionId {
  return BigInt.asIntN(64, BigInt.asUintN(56, count) | (BigInt(serverId) << 56n)) as SessionId;
}

export function isReservedOwner(id: SessionId): boolean {
  return id === CONTAINER_OWNER;
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

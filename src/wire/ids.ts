// The names that everything is ordered and owned by.
//
// A zxid is 64 bits on the wire: the leader's epoch above, a counter below. Here it is a number, exact while the epoch is
// under 2^21 (a leader elected every second would need 24 days of nothing but elections to use up 2 million; zxids above
// are refused at the door and at the disk with a clear line). Keeping it out of BigInt keeps the write path fast.
//
// A session id uses all 64 bits (the server's id is the top byte), so it is a bigint, in Java's signed reading.

declare const brand: unique symbol;

export type Zxid = number & { readonly [brand]: "Zxid" };
export type SessionId = bigint & { readonly [brand]: "SessionId" };
/** A server's id: the number in its myid file. */
export type Sid = number & { readonly [brand]: "Sid" };

const COUNTERS = 2 ** 32;
export const MAX_EPOCH = 2 ** 21 - 1;

export const ZXID_ZERO = 0 as Zxid;
export const NO_SESSION = 0n as SessionId;

export function makeZxid(epoch: number, counter: number): Zxid {
  return (epoch * COUNTERS + counter) as Zxid;
}

export function epochOf(zxid: Zxid): number {
  return Math.floor(zxid / COUNTERS);
}

export function counterOf(zxid: Zxid): number {
  return zxid >= 0 ? zxid % COUNTERS : zxid >>> 0;
}

/** As Java's Long.toHexString: no prefix, two's complement for negative numbers. */
export function hex(value: number | bigint): string {
  if (typeof value === "number") {
    if (value >= 0) return value.toString(16);
    value = BigInt(value);
  }
  return BigInt.asUintN(64, value).toString(16);
}

/** As ZooKeeper prints ids: 0x and hex. */
export function hex0x(value: number | bigint): string {
  return `0x${hex(value)}`;
}

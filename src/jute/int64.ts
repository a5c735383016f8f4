// 64-bit values as two halves, through eight bytes of scratch memory: several times cheaper than Buffer's readBigInt64BE
// and writeBigInt64BE, which put a BigInt together from parts.

import { assert } from "../errors.js";

const whole = new BigInt64Array(1);
const halves = new Int32Array(whole.buffer);

// Which half is which is up to the processor.
whole[0] = 1n;
const LOW = halves[0] === 1 ? 0 : 1;
const HIGH = 1 - LOW;

// What was joined last: longs that need all bits are session ids, and a client's requests come one after the other.
let joined = 0n;
let joinedHigh = 0;
let joinedLow = 0;

export function joinHalves(high: number, low: number): bigint {
  if (high === joinedHigh && low === joinedLow) return joined;
  halves[HIGH] = high;
  halves[LOW] = low;
  joinedHigh = high;
  joinedLow = low;
  joined = whole[0]!;
  return joined;
}

/** Both halves of the 64 bits that two's complement makes of it. Read `highHalf` and `lowHalf` before the next split. */
export function splitHalves(value: bigint): void {
  whole[0] = value;
  if (whole[0] !== value) assert(false, `Cannot write ${value} as a long: more than 64 bits`);
}

export function highHalf(): number {
  return halves[HIGH]!;
}

export function lowHalf(): number {
  return halves[LOW]!;
}

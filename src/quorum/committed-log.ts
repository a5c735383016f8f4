// The newest committed transactions, kept in memory so that a learner that was away for a moment gets just what it missed.
// Java: ZKDatabase.committedLog.
//
// Their bytes are put one after the other into one buffer, and moved to its beginning when twice as many are in it as are
// wanted: half a million are replayed at a start, and under load each goes by within milliseconds. Objects that stay for so
// long are what a garbage collector has the most work with.
//
// Invariants: zxids ascend, and a zxid is followed by the next one of its epoch or by the first of a later epoch
// (ZOOKEEPER-4925: a hole here is silent data loss on whoever is synchronized from it). Bounded by count and by bytes.

import { assert } from "../errors.js";
import { copyBytes } from "../jute/bytes.js";
import { counterOf, epochOf, hex0x, type Zxid } from "../wire/ids.js";

export interface LoggedTxn {
  readonly zxid: Zxid;
  /** TxnHeader, txn and digest, as in the log. */
  readonly bytes: Buffer;
}

/** Whether `next` may stand directly after `previous` in a history. */
export function follows(next: Zxid, previous: Zxid): boolean {
  if (next === previous + 1) return true;
  return epochOf(next) > epochOf(previous) && counterOf(next) === 1;
}

const FIRST_BYTES = 8 * 1024;
/** Room that is so many times more than is in use was made for a few large transactions, and is given back. */
const UNUSED_TIMES_MAX = 8;

export class CommittedLog {
  readonly #maxCount: number;
  readonly #maxBytes: number;
  #bytes = Buffer.allocUnsafe(FIRST_BYTES);
  /** Of each transaction, and where in the bytes it ends. */
  #zxids: Zxid[] = [];
  #ends: number[] = [];

  constructor(maxCount: number, maxBytes: number) {
    this.#maxCount = maxCount;
    this.#maxBytes = maxBytes;
  }

  get first(): Zxid | undefined {
    return this.#zxids[0];
  }

  get last(): Zxid | undefined {
    return this.#zxids[this.#zxids.length - 1];
  }

  /** Committed now. The bytes are copied. */
  add(zxid: Zxid, bytes: Buffer): void {
    const { last } = this;
    if (last !== undefined && !follows(zxid, last)) {
      assert(false, `Committed ${hex0x(zxid)} does not follow ${hex0x(last)}`);
    }
    this.#keep(zxid, bytes, 0, bytes.length);
  }

  /**
   * Read from our log at a start. Leaders of Java log an error under (e,0), a zxid that is no transaction's: nobody can be
   * synchronized over it, so what was before is forgotten. The bytes, `page[start, end)`, are copied; where so many more are
   * `behind` that it would not be kept in the end, they are not.
   */
  replayed(zxid: Zxid, page: Buffer, start: number, end: number, behind = 0): void {
    if (behind >= this.#maxCount) return;
    if (this.last !== undefined && !follows(zxid, this.last)) {
      this.#forget();
    }
    this.#keep(zxid, page, start, end);
  }

  /**
   * All was replayed, up to here. Where this one was passed over, because what was behind it was in the logs a second time and not
   * replayed, nothing is kept: there would be a hole.
   */
  replayedAll(lastZxid: Zxid): void {
    if (this.last !== lastZxid) this.#forget();
  }

  #forget(): void {
    this.#zxids = [];
    this.#ends = [];
  }

  /** Copies of everything that is kept, oldest first: for a synchronization. */
  all(): readonly LoggedTxn[] {
    this.#cut();
    return this.#zxids.map((zxid, i) => {
      const bytes = Buffer.from(this.#bytes.subarray(this.#startOf(i), this.#startOf(i + 1)));
      return { zxid, bytes };
    });
  }

  #keep(zxid: Zxid, page: Buffer, from: number, to: number): void {
    const start = this.#startOf(this.#ends.length);
    const end = start + to - from;
    if (end > this.#bytes.length) this.#move(0, start, end * 2);
    if (to - from === page.length) copyBytes(page, this.#bytes, start);
    else page.copy(this.#bytes, start, from, to);
    this.#zxids.push(zxid);
    this.#ends.push(end);
    if (this.#ends.length >= this.#maxCount * 2 || end > this.#maxBytes * 2) this.#cut();
  }

  #startOf(index: number): number {
    return index === 0 ? 0 : this.#ends[index - 1]!;
  }

  /** Down to as many as are wanted. */
  #cut(): void {
    const ends = this.#ends;
    const end = this.#startOf(ends.length);
    let from = Math.max(0, ends.length - this.#maxCount);
    while (from < ends.length && end - this.#startOf(from) > this.#maxBytes) from++;
    if (from === 0) return;
    const start = this.#startOf(from);
    const needed = Math.max(FIRST_BYTES, (end - start) * 2);
    if (this.#bytes.length > needed * UNUSED_TIMES_MAX) this.#move(start, end, needed);
    else this.#bytes.copyWithin(0, start, end);
    this.#zxids = this.#zxids.slice(from);
    this.#ends = ends.slice(from).map((each) => each - start);
  }

  /** What is between `start` and `end` goes to the beginning of a buffer of another size. */
  #move(start: number, end: number, size: number): void {
    const bytes = Buffer.allocUnsafeSlow(size);
    this.#bytes.copy(bytes, 0, start, end);
    this.#bytes = bytes;
  }
}

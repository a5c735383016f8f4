// The newest of many records that go by, as a committed log: half a million are replayed at a start, and five hundred are
// wanted at its end.
//
// Their bytes are put one after the other into one buffer, and moved to its beginning when twice as many are in it as will be
// wanted: an object for each would be most of what the garbage collector finds to do at a start.

import type { Zxid } from "../wire/ids.js";
import { CommittedLog } from "./committed-log.js";

const FIRST_BYTES = 8 * 1024;

export class RecordTail {
  readonly #maxCount: number;
  readonly #maxBytes: number;
  #bytes = Buffer.allocUnsafe(FIRST_BYTES);
  /** Of each record, and where in the bytes it ends. */
  #zxids: Zxid[] = [];
  #ends: number[] = [];

  /** As many records, and as many bytes of them, as the committed log may have. */
  constructor(maxCount: number, maxBytes: number) {
    this.#maxCount = maxCount;
    this.#maxBytes = maxBytes;
  }

  /** The record is copied. */
  add(zxid: Zxid, record: Buffer): void {
    const start = this.#startOf(this.#ends.length);
    const end = start + record.length;
    if (end > this.#bytes.length) {
      const grown = Buffer.allocUnsafe(end * 2);
      this.#bytes.copy(grown, 0, 0, start);
      this.#bytes = grown;
    }
    this.#bytes.set(record, start);
    this.#zxids.push(zxid);
    this.#ends.push(end);
    if (this.#ends.length >= this.#maxCount * 2 || end > this.#maxBytes * 2) this.#cut();
  }

  toCommittedLog(): CommittedLog {
    const log = new CommittedLog(this.#maxCount, this.#maxBytes);
    this.#cut();
    for (const [i, zxid] of this.#zxids.entries()) {
      const bytes = Buffer.from(this.#bytes.subarray(this.#startOf(i), this.#startOf(i + 1)));
      log.add({ zxid, bytes });
    }
    return log;
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
    const start = this.#startOf(from);
    this.#bytes.copyWithin(0, start, end);
    this.#zxids = this.#zxids.slice(from);
    this.#ends = ends.slice(from).map((each) => each - start);
  }
}

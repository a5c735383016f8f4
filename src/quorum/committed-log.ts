// The newest committed transactions, kept in memory so that a learner that was away for a moment gets just what it missed.
// Java: ZKDatabase.committedLog.
//
// Invariants: zxids ascend, and a zxid is followed by the next one of its epoch or by the first of a later epoch
// (ZOOKEEPER-4925: a hole here is silent data loss on whoever is synchronized from it). Bounded by count and by bytes.

import { assert } from "../errors.js";
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

export class CommittedLog {
  readonly #maxCount: number;
  readonly #maxBytes: number;
  #txns: LoggedTxn[] = [];
  #bytes = 0;

  constructor(maxCount: number, maxBytes: number) {
    this.#maxCount = maxCount;
    this.#maxBytes = maxBytes;
  }

  get first(): Zxid | undefined {
    return this.#txns[0]?.zxid;
  }

  get last(): Zxid | undefined {
    return this.#txns.at(-1)?.zxid;
  }

  add(txn: LoggedTxn): void {
    const last = this.last;
    if (last !== undefined && !follows(txn.zxid, last)) {
      assert(false, `Committed ${hex0x(txn.zxid)} does not follow ${hex0x(last)}`);
    }
    this.#txns.push(txn);
    this.#bytes += txn.bytes.length;
    // Cut in batches, so that adding costs nothing.
    if (this.#txns.length >= this.#maxCount * 2 || this.#bytes > this.#maxBytes * 2) this.#cut();
  }

  /** Everything that is kept, oldest first. Must not be kept across changes. */
  all(): readonly LoggedTxn[] {
    return this.#txns;
  }

  #cut(): void {
    let keep = this.#txns.length;
    let bytes = 0;
    while (keep > 0 && this.#txns.length - keep < this.#maxCount) {
      bytes += this.#txns[keep - 1]!.bytes.length;
      if (bytes > this.#maxBytes) break;
      keep--;
    }
    this.#txns = this.#txns.slice(keep);
    this.#bytes = this.#txns.reduce((sum, txn) => sum + txn.bytes.length, 0);
  }
}

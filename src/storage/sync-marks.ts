// What of a log may have been on its way to the disk when it was read last: a sync is of no more records than a batch has, and of no
// more than one write's bytes.

import { LOG_WRITE_MAX_BYTES } from "../limits.js";

export class SyncMarks {
  readonly #syncTxnsMax: number;
  #records = 0;
  /** Where the last record is whose number is divisible by it, and the one before that. */
  #mark = 0;
  #markBefore = 0;

  constructor(syncTxnsMax: number) {
    this.#syncTxnsMax = syncTxnsMax;
  }

  /** The next record of the log is at this place. */
  note(recordOffset: number): void {
    if (++this.#records % this.#syncTxnsMax !== 0) return;
    this.#markBefore = this.#mark;
    this.#mark = recordOffset;
  }

  /** Where what may have been in one sync begins, of a log whose records end there. */
  startBefore(end: number): number {
    return Math.max(0, Math.min(this.#markBefore, end - LOG_WRITE_MAX_BYTES));
  }
}

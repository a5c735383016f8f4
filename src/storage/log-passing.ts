// The log that a restart replays first mostly begins before its snapshot: what the snapshot has, too, is passed over, hundreds of
// thousands of records perhaps. That is done while this thread would otherwise wait for the one that reads the snapshot
// (read-ahead.ts). Nothing is left out: each record is read and checked as any other (log-reader.ts). However far it has come, and
// why it went no further, whoever reads the log goes on there, and finds that again.

import type { Disk } from "../platform/platform.js";
import type { Zxid } from "../wire/ids.js";
import { LogReader } from "./log-reader.js";
import { SyncMarks } from "./sync-marks.js";

/** Less than a millisecond. */
const RECORDS_IN_A_STEP = 512;

export class LogPassing {
  readonly path: string;
  readonly marks: SyncMarks;
  /** Where the records end in the file that were passed over. */
  offset = 0;
  readonly #disk: Disk;
  readonly #base: Zxid;
  #reader: LogReader | undefined;
  #isOver = false;

  /** What has a zxid after `base` is not passed over. */
  constructor(disk: Disk, path: string, base: Zxid, syncTxnsMax: number) {
    this.path = path;
    this.marks = new SyncMarks(syncTxnsMax);
    this.#disk = disk;
    this.#base = base;
  }

  /** Some more; false: there are no more. */
  step(): boolean {
    if (this.#isOver) return false;
    this.#reader ??= new LogReader(this.#disk, this.path);
    const reader = this.#reader;
    for (let i = 0; i < RECORDS_IN_A_STEP; i++) {
      if (!reader.next() || reader.zxid > this.#base) {
        this.close();
        return false;
      }
      this.marks.note(reader.recordOffset);
      this.offset = reader.offset;
    }
    return true;
  }

  close(): void {
    this.#isOver = true;
    this.#reader?.close();
    this.#reader = undefined;
  }
}

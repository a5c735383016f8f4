// Logs, read ahead (read-ahead.ts): their records have been found and their checksums are right. Rules about zxids are not for
// here: log-replay.ts goes through the records as through those that it reads itself.

import type { Disk } from "../platform/platform.js";
import { ZXID_ZERO, type Zxid } from "../wire/ids.js";
import { LOG_HEADER_BYTES, RECORD_OVERHEAD_BYTES } from "./log-format.js";
import {
  type NotedRecords,
  PAYLOAD_END,
  PAYLOAD_START,
  RECORD_NUMBERS,
  RECORD_OFFSET,
  RECORD_ZXID,
} from "./log-notes.js";
import { type LogEnd, LogReader } from "./log-reader.js";
import type { LogsOrder, PageSender, ReadAhead } from "./read-ahead.js";

const NOTES_BYTES = 3000 * RECORD_NUMBERS * 8;
const RECORDS_IN_A_STEP = 1024;

// ----------------------------------------------------------------------------------------------------------- the other thread

/** Until one ends with anything but zeros: what that is, is found here again. */
export async function sendLogs(
  disk: Disk,
  { paths, offset }: LogsOrder,
  sender: PageSender,
): Promise<void> {
  let notes = new Float64Array(new ArrayBuffer(NOTES_BYTES));
  let count = 0;
  sender.take = (page, unused) => {
    const noted = { page, notes, count };
    notes = new Float64Array(unused ?? new ArrayBuffer(NOTES_BYTES));
    count = 0;
    return { kind: "records", noted };
  };
  for (const path of paths) {
    const reader = new LogReader(disk, path, sender);
    if (path === paths[0] && offset > 0) reader.continueAt(offset);
    try {
      while (reader.next()) {
        const at = count++ * RECORD_NUMBERS;
        if (at + RECORD_NUMBERS > notes.length) notes = grown(notes);
        notes[at + RECORD_OFFSET] = reader.recordOffset;
        notes[at + PAYLOAD_START] = reader.payloadStart;
        notes[at + PAYLOAD_END] = reader.payloadEnd;
        notes[at + RECORD_ZXID] = reader.zxid;
        if (count % RECORDS_IN_A_STEP === 0) await sender.untilTaken();
      }
      if (reader.page.length > 0) sender.left(reader.page);
      if (reader.end.kind !== "end") return;
      sender.post({ kind: "logEnd", offset: reader.offset });
    } finally {
      reader.close();
    }
  }
}

function grown(notes: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(notes.length * 2);
  larger.set(notes);
  return larger;
}

// --------------------------------------------------------------------------------------------------------- the server's thread

/** One log's records, as LogReader has them. Where the thread has no more to tell, the file itself is gone on with. */
export class LogAhead {
  readonly path: string;
  zxid: Zxid = ZXID_ZERO;
  recordOffset = 0;
  /** Where the records that were read end in the file. */
  offset = LOG_HEADER_BYTES;
  page: Buffer = Buffer.alloc(0);
  payloadStart = 0;
  payloadEnd = 0;

  readonly #disk: Disk;
  readonly #ahead: ReadAhead;
  #noted: NotedRecords | undefined;
  #at = 0;
  #end: LogEnd | undefined;
  /** Who goes on. */
  #reader: LogReader | undefined;

  /** The thread has been asked for it, and has told all of the one before. */
  constructor(disk: Disk, path: string, ahead: ReadAhead) {
    this.path = path;
    this.#disk = disk;
    this.#ahead = ahead;
  }

  get end(): LogEnd {
    return this.#end ?? this.#reader!.end;
  }

  /** Where the thread begins, too. */
  continueAt(offset: number): void {
    this.offset = offset;
  }

  next(): boolean {
    const noted = this.#noted;
    if (noted === undefined) return this.#reader !== undefined && this.#readNext(this.#reader);
    if (this.#at === noted.count * RECORD_NUMBERS) return false;
    const { notes } = noted;
    const at = this.#at;
    this.#at = at + RECORD_NUMBERS;
    this.recordOffset = notes[at + RECORD_OFFSET]!;
    this.payloadStart = notes[at + PAYLOAD_START]!;
    this.payloadEnd = notes[at + PAYLOAD_END]!;
    this.zxid = notes[at + RECORD_ZXID] as Zxid;
    this.offset = this.recordOffset + this.payloadEnd - this.payloadStart + RECORD_OVERHEAD_BYTES;
    return true;
  }

  /** After `next` had none: whether it should be asked again. */
  async more(): Promise<boolean> {
    if (this.#end !== undefined || this.#reader !== undefined) return false;
    if (this.#noted !== undefined) this.#ahead.giveBack(this.#noted);
    this.#noted = undefined;
    const told = await this.#ahead.next();
    if (told?.kind === "records") {
      const { page } = told.noted;
      this.page = Buffer.from(page.buffer, page.byteOffset, page.length);
      this.#noted = { ...told.noted, page: this.page };
      this.#at = 0;
      return true;
    }
    if (told?.kind === "logEnd" && told.offset === this.offset) {
      this.#end = { kind: "end" };
      return false;
    }
    this.#ahead.stop();
    this.#reader = new LogReader(this.#disk, this.path);
    if (this.offset > LOG_HEADER_BYTES) this.#reader.continueAt(this.offset);
    return true;
  }

  #readNext(reader: LogReader): boolean {
    const isThere = reader.next();
    this.page = reader.page;
    this.zxid = reader.zxid;
    this.recordOffset = reader.recordOffset;
    this.payloadStart = reader.payloadStart;
    this.payloadEnd = reader.payloadEnd;
    this.offset = reader.offset;
    return isThere;
  }

  payload(): Buffer {
    return this.page.subarray(this.payloadStart, this.payloadEnd);
  }

  close(): void {
    this.#reader?.close();
  }
}

// Logs, read ahead (read-ahead.ts): their records have been found and their checksums are right. Rules about zxids are not for
// here: log-replay.ts goes through the records as through those that it reads itself.

import type { Disk } from "../platform/platform.js";
import { ZXID_ZERO, type Zxid } from "../wire/ids.js";
import { LOG_HEADER_BYTES, RECORD_OVERHEAD_BYTES } from "./log-format.js";
import {
  type NotedRecords,
  offsetIn,
  PAYLOAD_END,
  PAYLOAD_START,
  PLACE_NUMBERS,
  putPlace,
  type RecordNotes,
  zxidIn,
} from "./log-notes.js";
import { type LogEnd, LogReader } from "./log-reader.js";
import type { LogsOrder, PageSender, ReadAhead } from "./read-ahead.js";

/** As many as a page has that are small. */
const RECORDS_IN_A_PAGE = 3000;
const RECORDS_IN_A_STEP = 1024;

// ----------------------------------------------------------------------------------------------------------- the other thread

/** Until one ends with anything but zeros: what that is, is found here again. */
export async function sendLogs(
  disk: Disk,
  { paths, offset, base }: LogsOrder,
  sender: PageSender,
  recordNotes: RecordNotes,
): Promise<void> {
  const stride = PLACE_NUMBERS + recordNotes.numbers;
  const notesBytes = RECORDS_IN_A_PAGE * stride * 4;
  let notes = new Int32Array(new ArrayBuffer(notesBytes));
  let count = 0;
  sender.take = (page, unused) => {
    const noted = { page, notes, stride, count, touched: recordNotes.touched() };
    notes = new Int32Array(unused ?? new ArrayBuffer(notesBytes));
    count = 0;
    return { kind: "records", noted };
  };
  for (const path of paths) {
    const reader = new LogReader(disk, path, sender);
    if (path === paths[0] && offset > 0) reader.continueAt(offset);
    try {
      while (reader.next()) {
        const at = count++ * stride;
        if (at + stride > notes.length) notes = grown(notes);
        const { page, payloadStart, payloadEnd } = reader;
        putPlace(notes, at, reader.recordOffset, reader.zxid);
        notes[at + PAYLOAD_START] = payloadStart;
        notes[at + PAYLOAD_END] = payloadEnd;
        // What the snapshot has is not looked at again.
        if (reader.zxid > base)
          recordNotes.note(page, payloadStart, payloadEnd, notes, at + PLACE_NUMBERS);
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

function grown(notes: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(notes.length * 2);
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
  /** What the thread has noted of the record. */
  known: NotedRecords | undefined;
  knownAt = 0;

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
    const { notes, stride } = noted;
    const at = this.#at;
    if (at === noted.count * stride) return false;
    this.#at = at + stride;
    this.recordOffset = offsetIn(notes, at);
    this.payloadStart = notes[at + PAYLOAD_START]!;
    this.payloadEnd = notes[at + PAYLOAD_END]!;
    this.zxid = zxidIn(notes, at);
    this.known = noted;
    this.knownAt = at + PLACE_NUMBERS;
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
    this.known = undefined;
    this.knownAt = 0;
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

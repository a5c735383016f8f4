// Where the records of a log are in a page: PLACE_NUMBERS for each, behind which stands what else is known of it
// (tree/create-notes.ts).

import type { KnownRecords } from "../tree/create-notes.js";
import type { Zxid } from "../wire/ids.js";

export const PLACE_NUMBERS = 6;
const RECORD_OFFSET_HIGH = 0;
const RECORD_OFFSET_LOW = 1;
export const PAYLOAD_START = 2;
export const PAYLOAD_END = 3;
const ZXID_HIGH = 4;
const ZXID_LOW = 5;

const TWO_POW_32 = 2 ** 32;

/** Records whose checksums are right, one behind the other, and their page. */
export interface NotedRecords extends KnownRecords {
  readonly page: Buffer;
}

/** Notes what else there is to know of the record `page[start, end)`: so many numbers, from `at` on. */
export interface RecordNotes {
  readonly numbers: number;
  note(page: Buffer, start: number, end: number, notes: Int32Array, at: number): void;
  /** Memory for what was noted since. */
  touched(): ArrayBuffer[];
}

export function putPlace(notes: Int32Array, at: number, offset: number, zxid: Zxid): void {
  notes[at + RECORD_OFFSET_HIGH] = Math.floor(offset / TWO_POW_32);
  notes[at + RECORD_OFFSET_LOW] = offset;
  notes[at + ZXID_HIGH] = Math.floor(zxid / TWO_POW_32);
  notes[at + ZXID_LOW] = zxid;
}

export function offsetIn(notes: Int32Array, at: number): number {
  return notes[at + RECORD_OFFSET_HIGH]! * TWO_POW_32 + (notes[at + RECORD_OFFSET_LOW]! >>> 0);
}

export function zxidIn(notes: Int32Array, at: number): Zxid {
  return (notes[at + ZXID_HIGH]! * TWO_POW_32 + (notes[at + ZXID_LOW]! >>> 0)) as Zxid;
}

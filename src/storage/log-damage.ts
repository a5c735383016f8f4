// Bytes in a log that are no record: a write that a power cut tore, or data that were damaged after they had been written?
//
// The difference is between "was never acknowledged" and "was". A write and its sync are one: no write begins before the
// one before it is durable. So what a power cut can have torn is the last write, and what it leaves there is, sector by
// sector, either what was written or what was there before: zeros, or the end of the file. Hence a damaged place counts as
// torn only when
//   - no whole record comes after it, or the place and all that follows fit into the last write, and
//   - bytes are missing (the file, or the data in it, end within the record; or a whole sector of it is zeros),
//     not altered: the record that is whole but for its length, or but for one byte, has been written and then damaged.
// Everything else is damage, and is never cut away by itself. (Java: refuses a wrong checksum wherever it is, and takes a
// zero length or a missing end byte anywhere for the end.)

import {
  LOG_WRITE_MAX_BYTES,
  STORAGE_READ_PAGE_BYTES,
  STORED_RECORD_MAX_BYTES,
} from "../limits.js";
import type { Disk, ReadableFile } from "../platform/platform.js";
import type { Zxid } from "../wire/ids.js";
import { adler32, oneByteAltered } from "./adler32.js";
import {
  RECORD_END,
  RECORD_OVERHEAD_BYTES,
  RECORD_PREFIX_BYTES,
  TXN_HEADER_BYTES,
  zxidOfPayload,
} from "./log-format.js";

const SECTOR_BYTES = 512;
/** The checksum's place in the prefix: the four bytes before it are always zero, its own four never all are. */
const CHECKSUM_START = 4;
const CHECKSUM_END = 8;

export interface LogDamage {
  readonly torn: boolean;
  /** Behind the last byte that is not zero. */
  readonly dataEnd: number;
  /** The first whole record behind the damaged place. */
  readonly next: { readonly offset: number; readonly zxid: Zxid } | undefined;
}

/** Looks at what is in the log from `offset` on, where the reader found no record. */
export function examineDamage(disk: Disk, path: string, offset: number): LogDamage {
  const file = disk.openForReading(path);
  try {
    const dataEnd = endOfData(file, offset);
    const next = findRecord(file, offset + 1, dataEnd);
    const torn = isTorn(file, offset, dataEnd, next?.offset);
    return { torn, dataEnd, next };
  } finally {
    file.close();
  }
}

function isTorn(
  file: ReadableFile,
  offset: number,
  dataEnd: number,
  nextOffset: number | undefined,
): boolean {
  const stop = nextOffset ?? dataEnd;
  if (dataEnd - offset > LOG_WRITE_MAX_BYTES && nextOffset !== undefined) return false;
  if (stop - offset > STORED_RECORD_MAX_BYTES) return false;
  const bytes = Buffer.allocUnsafe(stop - offset);
  file.read(offset, bytes);
  if (isWholeButForItsLength(bytes)) return false;
  if (lacksItsBeginning(bytes, offset)) return true;
  const length = bytes.length >= RECORD_PREFIX_BYTES ? bytes.readInt32BE(8) : 0;
  const end = length + RECORD_OVERHEAD_BYTES;
  if (length >= TXN_HEADER_BYTES && end <= bytes.length) {
    const checksum = bytes.readUInt32BE(4);
    const hasEnd = bytes[end - 1] === RECORD_END;
    if (hasEnd && oneByteAltered(bytes, RECORD_PREFIX_BYTES, end - 1, checksum)) return false;
    return lacksSector(bytes.subarray(0, end), offset);
  }
  if (nextOffset === undefined && length >= TXN_HEADER_BYTES) return true;
  // Less than a prefix is there, or a prefix that cannot be one: torn where the data end, or where a sector is missing.
  return bytes.length < RECORD_PREFIX_BYTES || lacksSector(bytes, offset);
}

/** The payload runs up to an end byte at the very end and has the checksum: only the length is not what it was. */
function isWholeButForItsLength(bytes: Buffer): boolean {
  const end = bytes.length - 1;
  if (end < RECORD_PREFIX_BYTES + TXN_HEADER_BYTES || bytes[end] !== RECORD_END) return false;
  return adler32(bytes, RECORD_PREFIX_BYTES, end) === bytes.readUInt32BE(4);
}

/**
 * What the first sector has of the record is zeros, as no record begins. A sector that ends within the checksum takes up to
 * three bytes of it: then what is left must be the payload's, and more than one must have gone, which one byte's damage is not.
 */
function lacksItsBeginning(bytes: Buffer, offset: number): boolean {
  const boundary = firstBoundary(bytes, offset);
  if (boundary <= CHECKSUM_START || !isZero(bytes, 0, boundary)) return false;
  if (boundary >= CHECKSUM_END) return true;
  if (bytes.length < RECORD_PREFIX_BYTES) return false;
  const end = RECORD_PREFIX_BYTES + bytes.readInt32BE(CHECKSUM_END);
  if (end < RECORD_PREFIX_BYTES + TXN_HEADER_BYTES || bytes[end] !== RECORD_END) return false;
  const checksum = Buffer.alloc(CHECKSUM_END - CHECKSUM_START);
  checksum.writeUInt32BE(adler32(bytes, RECORD_PREFIX_BYTES, end));
  const taken = boundary - CHECKSUM_START;
  if (checksum.compare(bytes, boundary, CHECKSUM_END, taken) !== 0) return false;
  return checksum.subarray(0, taken).filter((byte) => byte !== 0).length > 1;
}

function firstBoundary(bytes: Buffer, offset: number): number {
  return Math.min(bytes.length, SECTOR_BYTES - (offset % SECTOR_BYTES));
}

/** A whole sector of the record is zeros: one in its middle, or the end, where no record has zeros. */
function lacksSector(bytes: Buffer, offset: number): boolean {
  let at = firstBoundary(bytes, offset);
  for (; at + SECTOR_BYTES <= bytes.length; at += SECTOR_BYTES) {
    if (isZero(bytes, at, at + SECTOR_BYTES)) return true;
  }
  return at < bytes.length && isZero(bytes, at, bytes.length);
}

function isZero(bytes: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (bytes[i] !== 0) return false;
  return true;
}

function endOfData(file: ReadableFile, from: number): number {
  const page = Buffer.allocUnsafe(STORAGE_READ_PAGE_BYTES);
  for (let end = file.sizeBytes; end > from; ) {
    const start = Math.max(from, end - page.length);
    const count = file.read(start, page.subarray(0, end - start));
    for (let i = count - 1; i >= 0; i--) if (page[i] !== 0) return start + i + 1;
    end = start;
  }
  return from;
}

/** The first place at or behind `from` where there is a whole record. */
function findRecord(
  file: ReadableFile,
  from: number,
  dataEnd: number,
): { offset: number; zxid: Zxid } | undefined {
  const page = Buffer.allocUnsafe(STORAGE_READ_PAGE_BYTES);
  const step = page.length - RECORD_PREFIX_BYTES;
  for (let start = from; start < dataEnd; start += step) {
    const count = file.read(start, page.subarray(0, Math.min(page.length, dataEnd - start)));
    const last = Math.min(step, count - RECORD_PREFIX_BYTES);
    for (let i = 0; i < last; i++) {
      // The cheap tests first: the checksum's upper half is zero, the length is possible.
      if (page[i] !== 0 || page[i + 1] !== 0 || page[i + 2] !== 0 || page[i + 3] !== 0) continue;
      const length = page.readInt32BE(i + 8);
      if (length < TXN_HEADER_BYTES || length > STORED_RECORD_MAX_BYTES) continue;
      const offset = start + i;
      if (offset + length + RECORD_OVERHEAD_BYTES > dataEnd) continue;
      const zxid = zxidOfRecordAt(file, offset, length, page.readUInt32BE(i + 4));
      if (zxid !== undefined) return { offset, zxid };
    }
  }
  return undefined;
}

function zxidOfRecordAt(
  file: ReadableFile,
  offset: number,
  length: number,
  checksum: number,
): Zxid | undefined {
  const bytes = Buffer.allocUnsafe(length + 1);
  file.read(offset + RECORD_PREFIX_BYTES, bytes);
  if (bytes[length] !== RECORD_END || adler32(bytes, 0, length) !== checksum) return undefined;
  const zxid = zxidOfPayload(bytes, 0);
  return Number.isSafeInteger(zxid) ? zxid : undefined;
}

// Reads the records of one log file, in order, until they end. Java: FileTxnLog.FileTxnIterator.
//
// A page of the file is in memory at a time; a record is handed out as positions in it. Nothing of what is read is trusted:
// the length is bounded, the checksum must fit, the end byte must be there. Where the records end the reader says how: at
// the end of the data (the rest is zeros, or there is no rest), or at bytes that are no record. What such bytes mean is
// decided elsewhere (log-damage.ts, recovery.ts). Java takes a zero length or a missing end byte anywhere for the end of
// the file, silently, and goes on with the next one.

import { assert } from "../errors.js";
import { PageView } from "../jute/page-view.js";
import { STORAGE_READ_PAGE_BYTES, STORED_RECORD_MAX_BYTES } from "../limits.js";
import type { Disk, ReadableFile } from "../platform/platform.js";
import type { KnownRecords } from "../tree/create-notes.js";
import { ZXID_ZERO, type Zxid } from "../wire/ids.js";
import { adler32View } from "./adler32.js";
import {
  LOG_HEADER_BYTES,
  LOG_MAGIC,
  RECORD_END,
  RECORD_OVERHEAD_BYTES,
  RECORD_PREFIX_BYTES,
  TXN_HEADER_BYTES,
  zxidOfPayload,
} from "./log-format.js";
import type { Pages } from "./pages.js";

export type LogEnd =
  /** All that follows is zeros. */
  | { readonly kind: "end" }
  /** The file has no header: nothing but a piece of one, zeros or nothing at its beginning. */
  | { readonly kind: "headerless" }
  /** Something that is neither a record nor zeros. */
  | { readonly kind: "damage"; readonly reason: string };

const NO_MORE = Promise.resolve(false);
const ZEROS = Buffer.alloc(64 * 1024);
/** For looking through what is behind the records: 64 MB of zeros, mostly. */
const scratch = Buffer.allocUnsafeSlow(ZEROS.length * 4);

export class LogReader {
  readonly path: string;
  readonly sizeBytes: number;
  /** Where the last record that was read begins in the file. */
  recordOffset = 0;
  /** Where the records that were read end in the file. */
  offset = LOG_HEADER_BYTES;
  zxid: Zxid = ZXID_ZERO;
  /** The payload of the last record: `page[payloadStart, payloadEnd)`, until the next call. */
  page: Buffer = Buffer.alloc(0);
  payloadStart = 0;
  payloadEnd = 0;
  checksum = 0;
  /** Nobody has noted anything of it. */
  readonly known: KnownRecords | undefined = undefined;
  readonly knownAt = 0;

  readonly #disk: Disk;
  readonly #file: ReadableFile;
  readonly #pages: Pages | undefined;
  /** Where `page` begins in the file, and how much of it is filled. */
  #pageOffset = 0;
  #pageLength = 0;
  readonly #view = new PageView();
  #end: LogEnd | undefined;

  /** `pages`: for whoever keeps them. */
  constructor(disk: Disk, path: string, pages?: Pages) {
    this.path = path;
    this.#disk = disk;
    this.#pages = pages;
    this.#file = disk.openForReading(path);
    this.sizeBytes = this.#file.sizeBytes;
    this.#end = this.#readHeader();
  }

  /** Why there was no next record. */
  get end(): LogEnd {
    assert(this.#end !== undefined, `Log "${this.path}" has not been read to its end`);
    return this.#end;
  }

  get isHeaderless(): boolean {
    return this.#end?.kind === "headerless";
  }

  close(): void {
    this.#file.close();
  }

  /** Goes on where a record ends that somebody else has read. */
  continueAt(offset: number): void {
    this.offset = offset;
  }

  /** There is nothing to wait for: what `next` says is all. */
  more(): Promise<boolean> {
    return NO_MORE;
  }

  payload(): Buffer {
    return this.page.subarray(this.payloadStart, this.payloadEnd);
  }

  /** Reads the next record; false when there is none, see `end`. */
  next(): boolean {
    if (this.#end !== undefined) return false;
    const offset = this.offset;
    if (!this.#load(offset, RECORD_PREFIX_BYTES)) return this.#endAt(offset, "cut short");
    const length = this.#view.of(this.page).getInt32(offset - this.#pageOffset + 8);
    if (length < TXN_HEADER_BYTES || length > STORED_RECORD_MAX_BYTES) {
      return this.#endAt(offset, `its length is ${length}`);
    }
    if (!this.#load(offset, length + RECORD_OVERHEAD_BYTES))
      return this.#endAt(offset, "cut short");
    return this.#check(offset, length);
  }

  #check(offset: number, length: number): boolean {
    const page = this.page;
    const view = this.#view.of(page);
    const at = offset - this.#pageOffset;
    const start = at + RECORD_PREFIX_BYTES;
    const end = start + length;
    const checksum = view.getUint32(at + 4);
    if (view.getInt32(at) !== 0 || adler32View(view, start, end) !== checksum) {
      return this.#endAt(offset, "its checksum is wrong");
    }
    if (page[end] !== RECORD_END) return this.#endAt(offset, "its last byte is missing");
    const zxid = zxidOfPayload(page, start);
    if (!Number.isSafeInteger(zxid)) return this.#endAt(offset, "its zxid is out of range");
    this.zxid = zxid;
    this.checksum = checksum;
    this.payloadStart = start;
    this.payloadEnd = end;
    this.recordOffset = offset;
    this.offset = offset + length + RECORD_OVERHEAD_BYTES;
    return true;
  }

  #endAt(offset: number, reason: string): false {
    this.#end = this.#onlyZerosFrom(offset) ? { kind: "end" } : { kind: "damage", reason };
    return false;
  }

  #readHeader(): LogEnd | undefined {
    if (this.sizeBytes >= LOG_HEADER_BYTES) {
      this.#load(0, LOG_HEADER_BYTES);
      if (this.page.readInt32BE(0) === LOG_MAGIC) return undefined;
    }
    this.offset = 0;
    if (this.#onlyZerosFrom(0)) return { kind: "headerless" };
    if (this.sizeBytes < LOG_HEADER_BYTES) return { kind: "headerless" };
    const magic = this.page.readInt32BE(0);
    return { kind: "damage", reason: `invalid magic number ${magic} != ${LOG_MAGIC}` };
  }

  /** Makes `page` hold the file's bytes [offset, offset + count); false where the file ends before. */
  #load(offset: number, count: number): boolean {
    if (offset + count > this.sizeBytes) return false;
    if (offset + count <= this.#pageOffset + this.#pageLength) return true;
    let wanted = Math.max(count, Math.min(STORAGE_READ_PAGE_BYTES, this.sizeBytes - offset));
    if (this.#pages !== undefined) {
      if (this.page.length > 0) this.#pages.left(this.page);
      this.page = this.#pages.next(count);
      wanted = Math.min(this.page.length, this.sizeBytes - offset);
    } else if (this.page.length < wanted) this.page = Buffer.allocUnsafe(wanted);
    this.#pageOffset = offset;
    this.#pageLength = this.#file.read(offset, this.page.subarray(0, wanted));
    return this.#pageLength >= count;
  }

  #onlyZerosFrom(offset: number): boolean {
    if (this.sizeBytes - offset <= scratch.length) return this.#onlyZerosIn(this.#file, offset);
    const file = this.#openForTail();
    try {
      return this.#onlyZerosIn(file, offset);
    } finally {
      if (file !== this.#file) file.close();
    }
  }

  /** Zeros that are not on the disk would be made in the system's cache, page by page, for nobody. */
  #openForTail(): ReadableFile {
    try {
      return this.#disk.openForReading(this.path, "avoided");
    } catch {
      // Purged meanwhile, or there are no more descriptors: the one that is open has it as well.
      return this.#file;
    }
  }

  #onlyZerosIn(file: ReadableFile, offset: number): boolean {
    const page = scratch;
    for (let at = offset; at < this.sizeBytes; ) {
      const count = file.read(at, page);
      if (count === 0) return true;
      for (let i = 0; i < count; i += ZEROS.length) {
        const length = Math.min(ZEROS.length, count - i);
        if (page.compare(ZEROS, 0, length, i, i + length) !== 0) return false;
      }
      at += count;
    }
    return true;
  }
}

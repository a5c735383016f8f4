// What goes into the log past the system's cache: whole pages of the file, in aligned memory.
//
// Through the cache, the system finds a page of memory for each of the log's, copies the bytes into it, and keeps it for a reader
// whom there will not be before the next start. The disk can take them from here as well. It takes whole pages only: so the
// first begins with what was written before, as it is in the file already, and the last ends with zeros, which follow in the
// file anyway. A power cut while they are written tears no more than one while the system writes its own pages would.
//
// Small batches go through the cache: what is saved there is nothing beside the sync. But for a few between large ones, because to
// write a part of a page that it does not have the system must read it.

import { copyBytes } from "../jute/bytes.js";
import { LOG_WRITE_MAX_BYTES } from "../limits.js";
import { reached } from "../marks.js";
import { ALIGNED_BYTES } from "../platform/cache-use.js";
import type { WritingDisk } from "./disk-steps.js";

/** After so many small batches in a row more of them are expected. */
const CALM_BATCHES = 16;

export class LogPages {
  readonly #disk: WritingDisk;
  readonly #leastBytes: number;
  #smallBatches = CALM_BATCHES;
  /** The file's last page, as far as it has been written. */
  readonly #last: Buffer = Buffer.alloc(ALIGNED_BYTES);
  #pages: Buffer = Buffer.alloc(0);

  /** `leastBytes`: batches of less are small; negative: all are. */
  constructor(disk: WritingDisk, leastBytes: number) {
    this.#disk = disk;
    this.#leastBytes = leastBytes < 0 ? Number.POSITIVE_INFINITY : leastBytes;
  }

  /** A new file begins with these bytes. */
  begin(bytes: Buffer): void {
    this.#note(0, bytes);
  }

  /**
   * The batch follows what was written last, and ends there. Returns the pages in which it is, for the place in the file where the
   * first of them is, good until the next call; undefined: it should go through the cache.
   */
  add(position: number, batch: Buffer, fileSize: number): Buffer | undefined {
    const isSmall = batch.length < this.#leastBytes;
    this.#smallBatches = isSmall ? this.#smallBatches + 1 : 0;
    const mayBe = this.#smallBatches < CALM_BATCHES && batch.length <= LOG_WRITE_MAX_BYTES;
    const pages = mayBe ? this.#around(position, batch, fileSize) : undefined;
    this.#note(position, batch);
    return pages;
  }

  /** Undefined where they would be more than the file is to have: its length is Java's. */
  #around(position: number, batch: Buffer, fileSize: number): Buffer | undefined {
    const lead = position % ALIGNED_BYTES;
    const end = lead + batch.length;
    const size = Math.ceil(end / ALIGNED_BYTES) * ALIGNED_BYTES;
    if (position - lead + size > fileSize) return undefined;
    if (this.#pages.length < size) {
      this.#pages = this.#disk.alignedBuffer(Math.max(size, 2 * this.#pages.length));
    }
    const pages = this.#pages;
    copyBytes(this.#last.subarray(0, lead), pages, 0);
    copyBytes(batch, pages, lead);
    pages.fill(0, end, size);
    reached("log: a batch goes past the cache");
    return pages.subarray(0, size);
  }

  #note(position: number, bytes: Buffer): void {
    const inLast = (position + bytes.length) % ALIGNED_BYTES;
    const start = inLast - bytes.length;
    if (start > 0) copyBytes(bytes, this.#last, start);
    else copyBytes(bytes.subarray(-start), this.#last, 0);
  }
}

// A page of a snapshot's bytes that moves through the file, with their checksum. Java: CheckedInputStream.
//
// `need` makes sure that so many bytes from `at` on are in the page, and is the only thing that may replace or move it.

import { STORAGE_READ_PAGE_BYTES, STORED_RECORD_MAX_BYTES } from "../limits.js";
import type { Disk } from "../platform/platform.js";
import { ADLER32_SEED, adler32 } from "./adler32.js";
import type { Compression } from "./file-names.js";
import type { Pages } from "./pages.js";
import { openSnapshotBytes, type SnapshotBytes } from "./snapshot-decoding.js";
import { StorageDamage } from "./storage-damage.js";

export class SnapshotInput {
  page: Buffer;
  /** The next byte to be read, and where the bytes in the page end. */
  at = 0;
  end = 0;

  readonly #bytes: SnapshotBytes;
  readonly #pages: Pages | undefined;
  /** Of everything up to `#hashedTo` in the page, and all that was before the page. */
  #checksum = ADLER32_SEED;
  #hashedTo = 0;
  #atEnd = false;
  /** How many bytes came before the page. */
  #pageOffset = 0;

  /** `pages`: for whoever keeps them. */
  constructor(disk: Disk, path: string, compression: Compression, pages?: Pages) {
    this.#pages = pages;
    this.#bytes = openSnapshotBytes(disk, path, compression);
    // One byte more than there are: so the first read meets the end.
    const pageBytes = Math.min(STORAGE_READ_PAGE_BYTES, this.#bytes.mostBytes + 1);
    this.page = pages?.next(0) ?? Buffer.allocUnsafe(pageBytes);
  }

  close(): void {
    this.#bytes.close();
  }

  /** As that of the file. */
  ahead(): Promise<void> | undefined {
    return this.#bytes.ahead();
  }

  /** How many bytes are before `at`. */
  get position(): number {
    return this.#pageOffset + this.at;
  }

  /** The checksum of everything before `at`. */
  checksum(): number {
    this.#checksum = adler32(this.page, this.#hashedTo, this.at, this.#checksum);
    this.#hashedTo = this.at;
    return this.#checksum;
  }

  need(count: number): void {
    if (this.end - this.at < count && !this.#fill(count)) throw new StorageDamage("It ends early");
  }

  /** How many bytes are left, when they are fewer than `limit`; else `limit`. */
  remaining(limit: number): number {
    this.#fill(limit);
    return Math.min(limit, this.end - this.at);
  }

  int(): number {
    if (this.end - this.at < 4) this.need(4);
    const page = this.page;
    const at = this.at;
    this.at = at + 4;
    return (page[at]! << 24) | (page[at + 1]! << 16) | (page[at + 2]! << 8) | page[at + 3]!;
  }

  bigLong(): bigint {
    this.need(8);
    this.at += 8;
    return this.page.readBigInt64BE(this.at - 8);
  }

  /** Damage where it is not a safe integer. */
  long(): number {
    const value = this.int() * 2 ** 32 + (this.int() >>> 0);
    if (!Number.isSafeInteger(value)) throw new StorageDamage(`A number is out of range: ${value}`);
    return value;
  }

  /** How many items follow. */
  count(): number {
    const count = this.int();
    if (count < 0) throw new StorageDamage(`A count is ${count}`);
    return count;
  }

  #fill(count: number): boolean {
    if (count > STORED_RECORD_MAX_BYTES) {
      throw new StorageDamage(`A record has a length of ${count} bytes`);
    }
    this.checksum();
    const kept = this.end - this.at;
    const page = this.page;
    if (this.#pages !== undefined) this.page = this.#pages.next(count);
    else if (page.length < count) {
      this.page = Buffer.allocUnsafe(Math.max(count, page.length * 2));
    }
    page.copy(this.page, 0, this.at, this.end);
    this.#pages?.left(page);
    this.#pageOffset += this.at;
    this.at = 0;
    this.end = kept;
    this.#hashedTo = 0;
    while (this.end < this.page.length && !this.#atEnd) {
      const got = this.#bytes.read(this.page, this.end);
      this.end += got;
      if (got === 0) this.#atEnd = true;
    }
    return this.end >= count;
  }
}

// Whether a snapshot file is whole, without loading it. Java: SnapStream.isValidSnapshot, which looks at the last five
// bytes, or at the first two of a gzip, and so counts files that cannot be loaded (zab-and-known-bugs R44).
//
// The last seal's checksum covers everything before it: one pass over the bytes is enough.

import { STORAGE_READ_PAGE_BYTES } from "../limits.js";
import { type Disk, DiskError } from "../platform/platform.js";
import { ADLER32_SEED, adler32 } from "./adler32.js";
import type { SnapshotFile } from "./file-names.js";
import { openSnapshotBytes } from "./snapshot-decoding.js";
import { SEAL_BYTES, SNAPSHOT_HEADER_BYTES, SNAPSHOT_MAGIC } from "./snapshot-format.js";
import { StorageDamage } from "./storage-damage.js";

/** A step a page, so that a server can answer requests in between. Returns whether it is whole. */
export function* checkSnapshot(disk: Disk, file: SnapshotFile): Generator<void, boolean> {
  try {
    const bytes = openSnapshotBytes(disk, file.path, file.compression);
    try {
      const page = Buffer.allocUnsafe(
        Math.min(STORAGE_READ_PAGE_BYTES, bytes.mostBytes) + SEAL_BYTES,
      );
      let length = fill(bytes, page, 0);
      if (length < SNAPSHOT_HEADER_BYTES + SEAL_BYTES) return false;
      if (page.readInt32BE(0) !== SNAPSHOT_MAGIC) return false;
      // What may be the last seal stays in the page.
      let checksum = ADLER32_SEED;
      for (;;) {
        const kept = length - SEAL_BYTES;
        checksum = adler32(page, 0, kept, checksum);
        page.copyWithin(0, kept, length);
        const next = fill(bytes, page, SEAL_BYTES);
        if (next === SEAL_BYTES) return isSeal(page, checksum);
        length = next;
        yield;
      }
    } finally {
      bytes.close();
    }
  } catch (error) {
    if (error instanceof StorageDamage || error instanceof DiskError) return false;
    throw error;
  }
}

function fill(
  bytes: { read(page: Buffer, start: number): number },
  page: Buffer,
  start: number,
): number {
  let length = start;
  while (length < page.length) {
    const count = bytes.read(page, length);
    if (count === 0) break;
    length += count;
  }
  return length;
}

function isSeal(seal: Buffer, checksum: number): boolean {
  return (
    seal.readUInt32BE(0) === 0 &&
    seal.readUInt32BE(4) === checksum &&
    seal.readUInt32BE(8) === 1 &&
    seal[12] === 0x2f
  );
}

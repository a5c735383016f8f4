// The digest of the tree: a sum that says whether two servers, or a server and a log, agree. Java: DigestCalculator, AdHash.
//
// A znode's digest is the CRC32 of its path ("" for the root), its data and its persisted stat; the tree's is the sum of
// them all in 64 wrapping bits, so that a change costs one subtraction and one addition. Everything below /zookeeper/ is
// left out, because quota statistics are kept by each server for itself. This is version 2, the only one in use.
//
// The CRC of path and data (`contentDigest`) is kept apart from that of the stat: creating a child changes only the stat
// of its parent, however long the parent's data are. (A node that nothing has happened to has none: what happens first computes it.)

import { crc32Range, crc32View } from "../crc32.js";
import { encodeUtf8 } from "../jute/utf8.js";

export const DIGEST_VERSION = 2;

const EXCLUDED_PREFIX = "/zookeeper/";
const TWO_POW_32 = 2 ** 32;
const STAT_BYTES = 60;

/** False for what Java leaves out of the tree's digest. */
export function isDigested(path: string): boolean {
  return !path.startsWith(EXCLUDED_PREFIX);
}

let scratch = Buffer.allocUnsafeSlow(4096);

/** What of a znode's digest comes of its path: see contentDigest. */
export function pathDigest(path: string): number {
  if (path === "/") path = "";
  const room = path.length * 3;
  if (room > scratch.length) scratch = Buffer.allocUnsafeSlow(room);
  return crc32Range(scratch, 0, encodeUtf8(scratch, 0, path), 0);
}

/** The first half of a znode's digest, upon that of its path. */
export function contentDigest(path: number, data: Uint8Array | null): number {
  return data === null ? path : contentDigestIn(path, data, 0, data.length);
}

/** The same of data in a page; -1: null. */
export function contentDigestIn(
  path: number,
  page: Uint8Array,
  start: number,
  length: number,
): number {
  return crc32Range(page, start, start + Math.max(0, length), path);
}

/** The same, which takes less time, where there is a view of the page. */
export function contentDigestViewed(
  path: number,
  page: DataView,
  start: number,
  length: number,
): number {
  return crc32View(page, start, start + Math.max(0, length), path);
}

/** The whole digest of a znode (digested-stat.ts) from the 60 bytes of a StatPersisted. Only the place of pzxid differs. */
export function nodeDigestOfPersisted(content: number, page: DataView, at: number): number {
  const zxids = crc32View(page, at, at + 16, content);
  const pzxid = crc32View(page, at + 52, at + STAT_BYTES, zxids);
  return crc32View(page, at + 16, at + 52, pzxid);
}

/** A 64-bit wrapping sum of unsigned 32-bit digests, in two halves. */
export class AdHash {
  /** The upper 32 bits, signed. */
  #high = 0;
  /** The lower 32 bits, unsigned. */
  #low = 0;

  add(digest: number): void {
    this.#low += digest;
    if (this.#low >= TWO_POW_32) {
      this.#low -= TWO_POW_32;
      this.#high = (this.#high + 1) | 0;
    }
  }

  subtract(digest: number): void {
    this.#low -= digest;
    if (this.#low < 0) {
      this.#low += TWO_POW_32;
      this.#high = (this.#high - 1) | 0;
    }
  }

  copyFrom(other: AdHash): void {
    this.#high = other.#high;
    this.#low = other.#low;
  }

  clone(): AdHash {
    const copy = new AdHash();
    copy.copyFrom(this);
    return copy;
  }

  clear(): void {
    this.#high = 0;
    this.#low = 0;
  }

  equals(other: AdHash): boolean {
    return this.#high === other.#high && this.#low === other.#low;
  }

  /** As Java's long: signed. */
  toBigInt(): bigint {
    return BigInt(this.#high) * BigInt(TWO_POW_32) + BigInt(this.#low);
  }

  equalsBigInt(value: bigint): boolean {
    return this.toBigInt() === value;
  }

  /** Upper and lower half, to be written as two ints: a long without BigInt. */
  get high(): number {
    return this.#high;
  }

  get low(): number {
    return this.#low | 0;
  }
}

// The snappy block format, and the stream that snappy-java makes of such blocks. (Java: SnappyOutputStream of xerial, which
// ZooKeeper's snapshots use; not the framing format of snappy's own tools.)
//
//   stream:  82 "SNAPPY" 00, int version 1, int compatible version 1, ( int length, block )*
//   block:   varint length of the content, then elements, told by their first byte's lower two bits:
//            00 literal; 01 copy of 4..11 bytes from up to 2 KB before; 10 copy of 1..64 from up to 64 KB; 11 from anywhere
//
// Ours rather than a library's: a page of code, and the libraries for JavaScript either know no xerial stream or allocate
// for every block.

import { StorageDamage } from "./storage-damage.js";

export const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
export const XERIAL_HEADER_BYTES = 16;
/** SnappyOutputStream's default; offsets within it always fit into the two-byte form. */
export const SNAPPY_BLOCK_BYTES = 32 * 1024;
/** A block of other writers may be this long. */
export const SNAPPY_BLOCK_MAX_BYTES = 64 * 1024 * 1024;

const HASH_BITS = 14;
const MIN_MATCH = 4;

export function xerialHeader(): Buffer {
  const header = Buffer.alloc(XERIAL_HEADER_BYTES);
  XERIAL_MAGIC.copy(header);
  header.writeUInt32BE(1, 8);
  header.writeUInt32BE(1, 12);
  return header;
}

export function snappyMaxCompressedBytes(contentBytes: number): number {
  return 32 + contentBytes + Math.ceil(contentBytes / 6);
}

export class SnappyCompressor {
  readonly #table = new Int32Array(1 << HASH_BITS);

  /** Compresses `input[start, end)` (at most 64 KB) to `out` at `position`; returns the position after it. */
  compress(input: Buffer, start: number, end: number, out: Buffer, position: number): number {
    const table = this.#table.fill(-1);
    let to = writeVarint(out, position, end - start);
    let literalStart = start;
    let at = start;
    let misses = 32;
    while (at + MIN_MATCH <= end) {
      const word = readWord(input, at);
      const slot = Math.imul(word, 0x1e35a7bd) >>> (32 - HASH_BITS);
      const candidate = table[slot]!;
      table[slot] = at;
      if (candidate < 0 || readWord(input, candidate) !== word) {
        at += misses++ >> 5;
        continue;
      }
      misses = 32;
      let length = MIN_MATCH;
      while (at + length < end && input[candidate + length] === input[at + length]) length++;
      to = writeLiteral(input, literalStart, at, out, to);
      to = writeCopy(at - candidate, length, out, to);
      at += length;
      literalStart = at;
    }
    return writeLiteral(input, literalStart, end, out, to);
  }
}

function readWord(bytes: Buffer, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

function writeVarint(out: Buffer, position: number, value: number): number {
  let rest = value;
  let to = position;
  while (rest >= 0x80) {
    out[to++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  out[to++] = rest;
  return to;
}

function writeLiteral(
  input: Buffer,
  start: number,
  end: number,
  out: Buffer,
  position: number,
): number {
  if (start === end) return position;
  const less = end - start - 1;
  let to = position;
  if (less < 60) {
    out[to++] = less << 2;
  } else {
    const bytes = less < 0x100 ? 1 : less < 0x10000 ? 2 : 3;
    out[to++] = (59 + bytes) << 2;
    for (let i = 0; i < bytes; i++) out[to++] = less >>> (8 * i);
  }
  input.copy(out, to, start, end);
  return to + end - start;
}

function writeCopy(offset: number, length: number, out: Buffer, position: number): number {
  let to = position;
  let rest = length;
  while (rest > 0) {
    // Never leave fewer than four: a shorter copy has no cheaper form, but stays legal either way.
    const now = rest > 64 ? (rest - 64 < MIN_MATCH ? 60 : 64) : rest;
    out[to++] = ((now - 1) << 2) | 2;
    out[to++] = offset;
    out[to++] = offset >>> 8;
    rest -= now;
  }
  return to;
}

/** The length of what a block holds. */
export function snappyContentBytes(block: Buffer): number {
  return readVarint(block).value;
}

function readVarint(block: Buffer): { value: number; end: number } {
  let value = 0;
  for (let i = 0; i < 5 && i < block.length; i++) {
    const byte = block[i]!;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return { value, end: i + 1 };
  }
  throw new StorageDamage("A snappy block has no length");
}

/** Uncompresses a block to the beginning of `out`, which has room for `snappyContentBytes`. */
export function snappyUncompress(block: Buffer, out: Buffer): void {
  const { value: total, end: start } = readVarint(block);
  const end = block.length;
  let at = start;
  let to = 0;
  while (at < end) {
    const tag = block[at++]!;
    if ((tag & 3) === 0) {
      let length = (tag >>> 2) + 1;
      if (length > 60) {
        const bytes = length - 60;
        if (at + bytes > end) throw new StorageDamage("A snappy literal is cut short");
        length = block.readUIntLE(at, bytes) + 1;
        at += bytes;
      }
      if (at + length > end || to + length > total)
        throw new StorageDamage("A snappy literal is too long");
      block.copy(out, to, at, at + length);
      at += length;
      to += length;
      continue;
    }
    const offsetBytes = (tag & 3) === 3 ? 4 : tag & 3;
    if (at + offsetBytes > end) throw new StorageDamage("A snappy copy is cut short");
    const length = offsetBytes === 1 ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1;
    const offset = block.readUIntLE(at, offsetBytes) + (offsetBytes === 1 ? (tag >>> 5) << 8 : 0);
    at += offsetBytes;
    if (offset === 0 || offset > to || to + length > total) {
      throw new StorageDamage("A snappy copy reaches outside of its block");
    }
    // Byte by byte: a copy may overlap what it writes.
    for (const stop = to + length; to < stop; to++) out[to] = out[to - offset]!;
  }
  if (to !== total) throw new StorageDamage(`A snappy block holds ${to} bytes, want ${total}`);
}

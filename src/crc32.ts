// CRC32 over part of a buffer. The native one costs a call and a view, which for the few dozen bytes of a stat or a path
// is more than the work itself; this does short ranges here, eight bytes a step, and leaves long ones to it.

import { crc32 } from "./platform/pure-node.js";

/** Where both cost the same, measured on Node 20. */
const NATIVE_FROM_BYTES = 160;
const NATIVE_FROM_BYTES_VIEWED = 600;
const POLYNOMIAL = 0xedb88320;

const TABLES = crcTables(16);

/** Continues from `crc`: the CRC32 of what came before, 0 for nothing. Unsigned. */
export function crc32Range(bytes: Uint8Array, start: number, end: number, crc: number): number {
  if (end - start >= NATIVE_FROM_BYTES) return crc32(bytes.subarray(start, end), crc);
  let c = ~crc;
  let i = start;
  for (; i + 8 <= end; i += 8) {
    c ^= bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    c =
      TABLES[0x700 | (c & 0xff)]! ^
      TABLES[0x600 | ((c >>> 8) & 0xff)]! ^
      TABLES[0x500 | ((c >>> 16) & 0xff)]! ^
      TABLES[0x400 | (c >>> 24)]! ^
      TABLES[0x300 | bytes[i + 4]!]! ^
      TABLES[0x200 | bytes[i + 5]!]! ^
      TABLES[0x100 | bytes[i + 6]!]! ^
      TABLES[bytes[i + 7]!]!;
  }
  for (; i < end; i++) c = TABLES[(c ^ bytes[i]!) & 0xff]! ^ (c >>> 8);
  return ~c >>> 0;
}

/** The same of what somebody has a DataView of: sixteen bytes a step, of which twelve do not wait for what came before. */
export function crc32View(view: DataView, start: number, end: number, crc: number): number {
  if (end - start >= NATIVE_FROM_BYTES_VIEWED) {
    return crc32(new Uint8Array(view.buffer, view.byteOffset + start, end - start), crc);
  }
  let c = ~crc;
  let i = start;
  for (; i + 16 <= end; i += 16) {
    c ^= view.getInt32(i, true);
    const second = view.getInt32(i + 4, true);
    const third = view.getInt32(i + 8, true);
    const fourth = view.getInt32(i + 12, true);
    c =
      TABLES[0xf00 | (c & 0xff)]! ^
      TABLES[0xe00 | ((c >>> 8) & 0xff)]! ^
      TABLES[0xd00 | ((c >>> 16) & 0xff)]! ^
      TABLES[0xc00 | (c >>> 24)]! ^
      (TABLES[0xb00 | (second & 0xff)]! ^
        TABLES[0xa00 | ((second >>> 8) & 0xff)]! ^
        TABLES[0x900 | ((second >>> 16) & 0xff)]! ^
        TABLES[0x800 | (second >>> 24)]! ^
        TABLES[0x700 | (third & 0xff)]! ^
        TABLES[0x600 | ((third >>> 8) & 0xff)]! ^
        TABLES[0x500 | ((third >>> 16) & 0xff)]! ^
        TABLES[0x400 | (third >>> 24)]! ^
        TABLES[0x300 | (fourth & 0xff)]! ^
        TABLES[0x200 | ((fourth >>> 8) & 0xff)]! ^
        TABLES[0x100 | ((fourth >>> 16) & 0xff)]! ^
        TABLES[fourth >>> 24]!);
  }
  for (; i + 4 <= end; i += 4) {
    c ^= view.getInt32(i, true);
    c =
      TABLES[0x300 | (c & 0xff)]! ^
      TABLES[0x200 | ((c >>> 8) & 0xff)]! ^
      TABLES[0x100 | ((c >>> 16) & 0xff)]! ^
      TABLES[c >>> 24]!;
  }
  for (; i < end; i++) c = TABLES[(c ^ view.getUint8(i)) & 0xff]! ^ (c >>> 8);
  return ~c >>> 0;
}

/** `count` tables of 256: in table k, what each byte comes to that k zeros follow. */
export function crcTables(count: number): Int32Array {
  const tables = new Int32Array(count * 256);
  for (let byte = 0; byte < 256; byte++) {
    let c = byte;
    for (let bit = 0; bit < 8; bit++) c = c & 1 ? (c >>> 1) ^ POLYNOMIAL : c >>> 1;
    tables[byte] = c;
  }
  for (let i = 256; i < tables.length; i++) {
    const c = tables[i - 256]!;
    tables[i] = tables[c & 0xff]! ^ (c >>> 8);
  }
  return tables;
}

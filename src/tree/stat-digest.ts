// Digests of stats, from what little of them is known to be new. Java: DigestCalculator, which sums up all of a node each time.
//
// A CRC is linear: what a byte adds to it depends on the byte and on how many others follow, and not on what they are. So of a node
// that has just been created three equal zxids are one look-up a byte, two equal times another, and twenty zeros none; and when a child
// comes, of the sixty bytes of the parent's stat only the ones that changed have to be looked at.

import { crcTables } from "../crc32.js";
import * as D from "./digested-stat.js";

/** Of everything that comes after the first byte. */
const LAST = D.STAT_BYTES - 1;

const BYTES = crcTables(D.STAT_BYTES);
/** By byte of a zxid, or of a time, that stands in all places where a created node has it. */
const CREATED_ZXID = longTables(D.CZXID, D.MZXID, D.PZXID);
const CREATED_TIME = longTables(D.CTIME, D.MTIME);

/** The whole digest of a node that nothing has happened to; zxid and time of its txn stand there. `content`: of path and data. */
export function createdDigest(
  content: number,
  source: DataView,
  zxidAt: number,
  timeAt: number,
): number {
  const digest =
    ofInt(~content, 0) ^
    ofLong(CREATED_ZXID, source.getInt32(zxidAt), source.getInt32(zxidAt + 4)) ^
    ofLong(CREATED_TIME, source.getInt32(timeAt), source.getInt32(timeAt + 4));
  return ~digest >>> 0;
}

/** What a digest becomes when of the node's pzxid and cversion these bits change. */
export function withChildren(
  digest: number,
  pzxidHigh: number,
  pzxidLow: number,
  cversion: number,
): number {
  const change =
    ofBigEndian(pzxidHigh, D.PZXID) ^
    ofBigEndian(pzxidLow, D.PZXID + 4) ^
    ofBigEndian(cversion, D.CVERSION);
  return (digest ^ change) >>> 0;
}

/** A CRC that goes on with a stat is one more thing in its first four bytes. */
function ofInt(littleEndian: number, field: number): number {
  return (
    BYTES[((LAST - field) << 8) | (littleEndian & 0xff)]! ^
    BYTES[((LAST - field - 1) << 8) | ((littleEndian >>> 8) & 0xff)]! ^
    BYTES[((LAST - field - 2) << 8) | ((littleEndian >>> 16) & 0xff)]! ^
    BYTES[((LAST - field - 3) << 8) | (littleEndian >>> 24)]!
  );
}

function ofBigEndian(int: number, field: number): number {
  return (
    BYTES[((LAST - field) << 8) | (int >>> 24)]! ^
    BYTES[((LAST - field - 1) << 8) | ((int >>> 16) & 0xff)]! ^
    BYTES[((LAST - field - 2) << 8) | ((int >>> 8) & 0xff)]! ^
    BYTES[((LAST - field - 3) << 8) | (int & 0xff)]!
  );
}

function ofLong(tables: Int32Array, high: number, low: number): number {
  return (
    tables[high >>> 24]! ^
    tables[0x100 | ((high >>> 16) & 0xff)]! ^
    tables[0x200 | ((high >>> 8) & 0xff)]! ^
    tables[0x300 | (high & 0xff)]! ^
    tables[0x400 | (low >>> 24)]! ^
    tables[0x500 | ((low >>> 16) & 0xff)]! ^
    tables[0x600 | ((low >>> 8) & 0xff)]! ^
    tables[0x700 | (low & 0xff)]!
  );
}

/** Tables for the bytes of a long that stands in all these fields. */
function longTables(...fields: readonly number[]): Int32Array {
  const tables = new Int32Array(8 * 256);
  for (let i = 0; i < tables.length; i++) {
    for (const field of fields) {
      const at = field + (i >>> 8);
      tables[i]! ^= BYTES[((LAST - at) << 8) | (i & 0xff)]!;
    }
  }
  return tables;
}

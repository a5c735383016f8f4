// The bytes of a transaction log. Java: FileTxnLog, FileHeader, Util.writeTxnBytes, FilePadding.
//
//   file:    "ZKLG", int version 2, long dbid 0, record*, zeros
//   record:  long Adler32 of the payload (unsigned 32 bits, so that its first four bytes are zero), int length, payload, 'B'
//   payload: TxnHeader {long clientId, int cxid, long zxid, long time, int type}, the txn, a TxnDigest where enabled
//
// A length of zero ends the file: preallocation leaves zeros behind the last record.

import { getInt32 } from "../jute/bytes.js";
import type { Zxid } from "../wire/ids.js";
import { OpCode } from "../wire/op-codes.js";

export const LOG_MAGIC = 0x5a4b4c47;
export const LOG_VERSION = 2;
export const LOG_HEADER_BYTES = 16;

/** Before the payload (checksum, length) and after it. */
export const RECORD_PREFIX_BYTES = 12;
export const RECORD_OVERHEAD_BYTES = 13;
export const RECORD_END = 0x42;

/** No payload is shorter than its TxnHeader. */
export const TXN_HEADER_BYTES = 32;
export const ZXID_OFFSET = 12;
const TYPE_OFFSET = 28;

export function writeLogHeader(target: Buffer): void {
  target.writeUInt32BE(LOG_MAGIC, 0);
  target.writeUInt32BE(LOG_VERSION, 4);
  target.fill(0, 8, LOG_HEADER_BYTES);
}

/** The zxid in the TxnHeader of a payload that starts there. Not a safe integer where the bytes are no payload. */
export function zxidOfPayload(bytes: Buffer, start: number): Zxid {
  const at = start + ZXID_OFFSET;
  return (getInt32(bytes, at) * 2 ** 32 + (getInt32(bytes, at + 4) >>> 0)) as Zxid;
}

/** Whether the payload is an error txn, which changes nothing. */
export function isErrorPayload(bytes: Buffer, start: number): boolean {
  return getInt32(bytes, start + TYPE_OFFSET) === OpCode.error;
}

/** How close to the end of what is preallocated the next preallocation comes. */
const PADDING_MARGIN_BYTES = 4096;

/** How long the file must be when writing begins at `position`. Java: FilePadding.calculateFileSizeWithPadding. */
export function paddedSize(position: number, fileSize: number, preAllocBytes: number): number {
  if (preAllocBytes <= 0 || position + PADDING_MARGIN_BYTES < fileSize) return fileSize;
  if (position <= fileSize) return fileSize + preAllocBytes;
  const size = position + preAllocBytes;
  return size - (size % preAllocBytes);
}

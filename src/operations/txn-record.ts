// A transaction as it stands in the log, travels in a PROPOSAL and waits to be applied:
//
//     TxnHeader (32 bytes) | txn, by the header's type | TxnDigest (12 bytes), where digests are on and the txn is no error
//
// Java: Util.marshallTxnEntry, SerializeUtils.deserializeTxn, TxnLogEntry.

import type { TxnHeader } from "../wire/records.js";

export const TXN_HEADER_BYTES = 32;
export const TXN_DIGEST_BYTES = 12;

/** What the tree's digest must be once the txn is applied: a 64-bit sum in two halves, both signed. */
export interface TreeDigest {
  readonly version: number;
  readonly high: number;
  readonly low: number;
}

export interface TxnRecord {
  readonly header: TxnHeader;
  /** As the kind of `header.type` has it. */
  readonly txn: unknown;
  readonly digest: TreeDigest | undefined;
}

// A transaction as it stands in the log, travels in a PROPOSAL and waits to be applied:
//
//     TxnHeader (32 bytes) | txn, by the header's type | TxnDigest (12 bytes), where digests are on and the txn is no error
//
// Java: Util.marshallTxnEntry, SerializeUtils.deserializeTxn, TxnLogEntry.
//
// Header, digest and bytes are one object: a thousand transactions wait for disks at a time, and by the time that they are
// applied each object of theirs is a miss in the processor's caches.

import type { ErrorCode } from "../wire/error-codes.js";
import type { SessionId, Zxid } from "../wire/ids.js";
import type { TxnHeader } from "../wire/records.js";

export const TXN_HEADER_BYTES = 32;
export const TXN_DIGEST_BYTES = 12;

/** What the tree's digest must be once the txn is applied: a 64-bit sum in two halves, both signed. */
export interface TreeDigest {
  readonly version: number;
  readonly high: number;
  readonly low: number;
}

const NO_BYTES = Buffer.alloc(0);

/** It is its own header. */
export class TxnRecord implements TxnHeader {
  readonly clientId: SessionId;
  readonly cxid: number;
  readonly zxid: Zxid;
  readonly time: number;
  readonly type: number;
  /** As the kind of `type` has it. */
  readonly txn: unknown;
  /** As in the log. */
  bytes: Buffer = NO_BYTES;
  hasDigest = false;
  digestVersion = 0;
  digestHigh = 0;
  digestLow = 0;

  constructor(
    clientId: SessionId,
    cxid: number,
    zxid: Zxid,
    time: number,
    type: number,
    txn: unknown,
  ) {
    this.clientId = clientId;
    this.cxid = cxid;
    this.zxid = zxid;
    this.time = time;
    this.type = type;
    this.txn = txn;
  }

  get header(): TxnHeader {
    return this;
  }

  get digest(): TreeDigest | undefined {
    if (!this.hasDigest) return undefined;
    return { version: this.digestVersion, high: this.digestHigh, low: this.digestLow };
  }

  setDigest(version: number, high: number, low: number): void {
    this.hasDigest = true;
    this.digestVersion = version;
    this.digestHigh = high;
    this.digestLow = low;
  }
}

/** A record that has just been made, with its bytes. */
export class PreparedTxn<Origin = unknown> extends TxnRecord {
  /** Why the request failed; ok also for a multi that failed in its parts. */
  readonly error: ErrorCode;
  /** Who waits for it: for those who had it prepared. */
  origin: Origin | undefined = undefined;

  constructor(
    clientId: SessionId,
    cxid: number,
    zxid: Zxid,
    time: number,
    type: number,
    txn: unknown,
    error: ErrorCode,
  ) {
    super(clientId, cxid, zxid, time, type, txn);
    this.error = error;
  }
}

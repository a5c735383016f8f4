// A write on its way: from prepare, through log and commit, to apply and reply. Java: Request with its hdr and txn.

import type { ClientConnection } from "../client/server-port.js";
import type { WriteOperation } from "../operations/operation.js";
import type { PreparedTxn } from "../operations/transactions.js";
import type { Zxid } from "../wire/ids.js";
import type { AuditedRequest } from "./audit.js";

export interface Proposal {
  readonly zxid: Zxid;
  /** Those of `prepared`: a proposal is also what a quorum agrees on, which knows bytes and zxids. */
  readonly bytes: Buffer;
  readonly prepared: PreparedTxn;
  /** Undefined where nobody waits: an expired session's end, a container's removal. */
  readonly origin: Origin | undefined;
}

/** Who waits for the answer, and what was asked. */
export interface Origin {
  readonly connection: ClientConnection;
  readonly operation: WriteOperation;
  readonly xid: number;
  readonly receivedMs: number;
  /** What the audit log wants to know of it. */
  readonly audited?: AuditedRequest | undefined;
}

export function proposalOf(prepared: PreparedTxn, origin: Origin | undefined): Proposal {
  return { zxid: prepared.header.zxid, bytes: prepared.bytes, prepared, origin };
}

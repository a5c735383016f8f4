// A write on its way: from prepare, through log and commit, to apply and reply. Java: Request with its hdr and txn.

import type { ClientConnection } from "../client/server-port.js";
import type { WriteOperation } from "../operations/operation.js";
import type { PreparedTxn } from "../operations/txn-record.js";
import type { AuditedRequest } from "./audit.js";

/**
 * A proposal is also what a quorum agrees on, which knows bytes and zxids. Its `origin` is undefined where nobody waits: an
 * expired session's end, a container's removal.
 */
export type Proposal = PreparedTxn<Origin>;

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
  const proposal = prepared as Proposal;
  proposal.origin = origin;
  return proposal;
}

// createSession (-10): a session becomes known to every member. Java: ZooKeeperServer.createSession,
// OpCode.createSession in PrepRequestProcessor, FileTxnSnapLog.processTransaction.
//
// The request is made by the server that took the handshake, and is the txn already. The session is in the tree's table,
// and so in snapshots, only when the txn has been applied (ZOOKEEPER-2926).

import { ErrorCode } from "../wire/error-codes.js";
import { OpCode } from "../wire/op-codes.js";
import {
  type CreateSessionTxn,
  readCreateSessionTxn,
  writeCreateSessionTxn,
} from "../wire/records.js";
import type { TxnKind, WriteOperation } from "./operation.js";

export const createSession: WriteOperation<CreateSessionTxn, CreateSessionTxn> = {
  kind: "write",
  type: OpCode.createSession,
  shortName: "SESS",
  decode: readCreateSessionTxn,
  prepare: (_context, request) => ({ ok: true, type: OpCode.createSession, txn: request }),
  encode() {},
};

export const createSessionTxn: TxnKind<CreateSessionTxn> = {
  type: OpCode.createSession,
  encodeTxn: writeCreateSessionTxn,
  decodeTxn: readCreateSessionTxn,
  apply(tree, header, txn) {
    tree.sessions.set(header.clientId, txn.timeOut);
    return { error: ErrorCode.ok, type: OpCode.createSession };
  },
};

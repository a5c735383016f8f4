// The txn of a request that failed (-1): it takes its place in the order of zxids, and tells every member what to answer.
// Java: OpCode.error, ErrorTxn.

import type { ErrorCode } from "../wire/error-codes.js";
import { OpCode } from "../wire/op-codes.js";
import { type ErrorTxn, readErrorTxn, writeErrorTxn } from "../wire/records.js";
import type { TxnKind } from "./operation.js";

export const errorTxn: TxnKind<ErrorTxn> = {
  type: OpCode.error,
  encodeTxn: writeErrorTxn,
  decodeTxn: readErrorTxn,
  // Whatever a log says is what the client is told.
  apply: (_tree, _header, txn) => ({ error: txn.err as ErrorCode, type: OpCode.error }),
};

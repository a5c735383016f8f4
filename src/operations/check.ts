// check (13): a multi's condition that a node has a certain version. Java: OpCode.check in PrepRequestProcessor.
//
// Only inside a multi. Alone it is refused like an unknown type since 3.9.3: as a txn of its own it left log records that
// no server could read back (ZOOKEEPER-2623). That is why it is in no table of operations, and why only multi knows it.
// Its txn changes nothing. The version in it is the one after the expected one, which nobody reads, but Java writes it.

import { Perms } from "../auth/access.js";
import { ErrorCode } from "../wire/error-codes.js";
import { OpCode } from "../wire/op-codes.js";
import {
  type CheckVersionRequest,
  type CheckVersionTxn,
  readCheckVersionRequest,
  readCheckVersionTxn,
  writeCheckVersionTxn,
} from "../wire/records.js";
import { mayDo } from "./access.js";
import { failed, type TxnKind, type WriteOperation } from "./operation.js";
import { isValidPath } from "./paths.js";
import { checkSession } from "./session-check.js";
import { isExpectedVersion, nextVersion } from "./versions.js";

export const check: WriteOperation<CheckVersionRequest, CheckVersionTxn> = {
  kind: "write",
  type: OpCode.check,
  shortName: "CHEC",
  decode: readCheckVersionRequest,

  prepare(context, { path, version }) {
    const { pending } = context;
    const refused = checkSession(context);
    if (refused !== ErrorCode.ok) return failed(refused);
    if (!isValidPath(path)) return failed(ErrorCode.badArguments);
    const node = pending.find(path);
    if (node === undefined) return failed(ErrorCode.noNode);
    if (!mayDo(context, pending.aclOf(node), Perms.read)) return failed(ErrorCode.noAuth);
    if (!isExpectedVersion(node.version, version)) return failed(ErrorCode.badVersion);
    return { ok: true, type: OpCode.check, txn: { path, version: nextVersion(node.version) } };
  },

  encode() {},
};

export const checkTxn: TxnKind<CheckVersionTxn> = {
  type: OpCode.check,
  encodeTxn: writeCheckVersionTxn,
  decodeTxn: readCheckVersionTxn,
  apply: () => ({ error: ErrorCode.ok, type: OpCode.check }),
};

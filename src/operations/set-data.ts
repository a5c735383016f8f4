// setData (5). Java: OpCode.setData in PrepRequestProcessor, DataTree.setData.

import { Perms } from "../auth/access.js";
import type { DataTree } from "../tree/data-tree.js";
import { ErrorCode } from "../wire/error-codes.js";
import { OpCode } from "../wire/op-codes.js";
import {
  readSetDataRequest,
  readSetDataTxn,
  type SetDataRequest,
  type SetDataTxn,
  type TxnHeader,
  writeSetDataTxn,
} from "../wire/records.js";
import { mayDo } from "./access.js";
import { type ApplyResult, failed, type TxnKind, type WriteOperation } from "./operation.js";
import { isValidPath } from "./paths.js";
import { checkQuota } from "./quota.js";
import { checkSession } from "./session-check.js";
import { isExpectedVersion, nextVersion } from "./versions.js";

export const setData: WriteOperation<SetDataRequest, SetDataTxn> = {
  kind: "write",
  type: OpCode.setData,
  shortName: "SETD",
  decode: readSetDataRequest,

  prepare(context, request) {
    const { pending, zxid, nowMs } = context;
    const { path } = request;
    const refused = checkSession(context);
    if (refused !== ErrorCode.ok) return failed(refused);
    if (!isValidPath(path)) return failed(ErrorCode.badArguments);
    const before = pending.find(path);
    if (before === undefined) return failed(ErrorCode.noNode);
    if (!mayDo(context, pending.aclOf(before), Perms.write)) return failed(ErrorCode.noAuth);
    const bytes = request.data === null ? 0 : request.data.length;
    const forbidden = checkQuota(context, path, bytes - before.dataLength, 0);
    if (forbidden !== ErrorCode.ok) return failed(forbidden);
    if (!isExpectedVersion(before.version, request.version)) return failed(ErrorCode.badVersion);

    // The request's bytes are gone when the txn is applied.
    const data = request.data === null ? null : Buffer.from(request.data);
    const version = nextVersion(before.version);
    const node = pending.duplicate(path, before, zxid);
    node.version = version;
    node.mtime = nowMs;
    node.mzxid = zxid;
    pending.setContent(node, data);
    pending.add(node, before);
    return { ok: true, type: OpCode.setData, txn: { path, data, version } };
  },

  /** SetDataResponse: the Stat. */
  encode(out, { stat }) {
    stat?.writeTo(out);
  },
};

export const setDataTxn: TxnKind<SetDataTxn> = {
  type: OpCode.setData,
  encodeTxn: writeSetDataTxn,
  decodeTxn: readSetDataTxn,
  apply: (tree, header, txn, isTold) => applySetData(tree, header, OpCode.setData, txn, isTold),
};

export function applySetData(
  tree: DataTree,
  header: TxnHeader,
  type: number,
  txn: SetDataTxn,
  isTold = true,
): ApplyResult {
  const path = txn.path ?? "";
  const error = tree.setData(path, txn.data, txn.version, header.zxid, header.time);
  const stat = isTold && error === ErrorCode.ok ? tree.lastSet?.statImage() : undefined;
  return stat === undefined ? { error, type, path } : { error, type, path, stat };
}

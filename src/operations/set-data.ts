// setData (5). Java: OpCode.setData in PrepRequestProcessor, DataTree.setData.

import { Perms } from "../auth/access.js";
import type { JuteReader } from "../jute/reader.js";
import { decodeUtf8 } from "../jute/utf8.js";
import type { SetDataPlaces } from "../tree/data-setter.js";
import type { DataTree } from "../tree/data-tree.js";
import { ErrorCode } from "../wire/error-codes.js";
import { OpCode } from "../wire/op-codes.js";
import {
  readSetDataRequest,
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

/** As it lies in a log or a PROPOSAL. */
class LoggedSetData implements SetDataTxn, SetDataPlaces {
  readonly page: Buffer;
  readonly pathStart: number;
  readonly pathEnd: number;
  readonly dataStart: number;
  readonly dataLength: number;
  readonly version: number;

  constructor(reader: JuteReader) {
    const pathLength = reader.skip();
    this.pathEnd = reader.position;
    // Null is "", as everywhere where a txn is applied.
    this.pathStart = this.pathEnd - Math.max(0, pathLength);
    this.dataLength = reader.skip();
    this.dataStart = reader.position - Math.max(0, this.dataLength);
    this.version = reader.int();
    this.page = reader.page;
  }

  get path(): string {
    return decodeUtf8(this.page, this.pathStart, this.pathEnd);
  }

  get data(): Buffer | null {
    if (this.dataLength === -1) return null;
    return this.page.subarray(this.dataStart, this.dataStart + this.dataLength);
  }
}

export const setDataTxn: TxnKind<SetDataTxn> = {
  type: OpCode.setData,
  encodeTxn: writeSetDataTxn,
  decodeTxn: (reader) => new LoggedSetData(reader),

  apply(tree, header, txn, isTold) {
    const { setter } = tree;
    const isDone = txn instanceof LoggedSetData && setter.setInPlace(txn, header.zxid, header.time);
    if (!isDone) return applySetData(tree, header, OpCode.setData, txn, isTold);
    if (isTold === false) return DONE;
    return { error: ErrorCode.ok, type: OpCode.setData, stat: setter.last!.statImage() };
  },
};

/** Nobody is told of it. */
const DONE: ApplyResult = { error: ErrorCode.ok, type: OpCode.setData };

export function applySetData(
  tree: DataTree,
  header: TxnHeader,
  type: number,
  txn: SetDataTxn,
  isTold = true,
): ApplyResult {
  const path = txn.path ?? "";
  const error = tree.setData(path, txn.data, txn.version, header.zxid, header.time);
  const stat = isTold && error === ErrorCode.ok ? tree.setter.last?.statImage() : undefined;
  return stat === undefined ? { error, type, path } : { error, type, path, stat };
}

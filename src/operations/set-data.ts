// setData (5). Java: OpCode.setData in PrepRequestProcessor, DataTree.setData.
//
// Request and txn look the same: path, data, version. Neither becomes an object with a string and a view, because most of
// them need no such thing: a follower looks at its clients' requests only to see that they are some, and applies txns where they
// lie; a leader copies the data once, from the request into the txn's bytes.

import { Perms } from "../auth/access.js";
import type { JuteReader } from "../jute/reader.js";
import { decodeUtf8 } from "../jute/utf8.js";
import type { DataPlaces, SetDataPlaces } from "../tree/data-setter.js";
import type { StatImage } from "../tree/stat-image.js";
import { ErrorCode } from "../wire/error-codes.js";
import { OpCode } from "../wire/op-codes.js";
import { type SetDataRequest, type SetDataTxn, writeSetDataTxn } from "../wire/records.js";
import { mayDo } from "./access.js";
import { type ApplyResult, failed, type TxnKind, type WriteOperation } from "./operation.js";
import { isValidPath } from "./paths.js";
import type { NodeView } from "./pending-tree.js";
import { checkQuota } from "./quota.js";
import { checkSession } from "./session-check.js";
import { isExpectedVersion, nextVersion } from "./versions.js";

/** A request, or a txn of a log or a PROPOSAL, where it lies. */
class SetDataInBytes implements SetDataRequest, SetDataTxn, SetDataPlaces {
  readonly page: Buffer;
  readonly pathStart: number;
  readonly pathEnd: number;
  readonly dataStart: number;
  readonly dataLength: number;
  readonly version: number;
  /** Undefined: nobody has asked. */
  #path: string | null | undefined;

  constructor(reader: JuteReader) {
    const pathLength = reader.skip();
    this.pathEnd = reader.position;
    this.pathStart = this.pathEnd - Math.max(0, pathLength);
    if (pathLength === -1) this.#path = null;
    this.dataLength = reader.skip();
    this.dataStart = reader.position - Math.max(0, this.dataLength);
    this.version = reader.int();
    this.page = reader.page;
  }

  get path(): string | null {
    if (this.#path === undefined) {
      this.#path = decodeUtf8(this.page, this.pathStart, this.pathEnd);
    }
    return this.#path;
  }

  get data(): Buffer | null {
    return dataOf(this.page, this);
  }
}

/** A txn that has been prepared: its data are where the request is, and then in its own bytes. */
class PreparedSetData implements SetDataTxn, DataPlaces {
  readonly path: string;
  readonly dataLength: number;
  readonly version: number;
  page: Buffer;
  dataStart: number;
  /** Where the data have been written. */
  writtenAt = 0;
  /** Where the node was found: see DataSetter.set. */
  readonly id: number;
  readonly era: object;

  constructor(path: string, request: SetDataPlaces, version: number, { id, era }: NodeView) {
    this.path = path;
    this.page = request.page;
    this.dataStart = request.dataStart;
    this.dataLength = request.dataLength;
    this.version = version;
    this.id = id;
    this.era = era;
  }

  get data(): Buffer | null {
    return dataOf(this.page, this);
  }
}

/** A view. */
function dataOf(page: Buffer, { dataStart, dataLength }: DataPlaces): Buffer | null {
  return dataLength === -1 ? null : page.subarray(dataStart, dataStart + dataLength);
}

export const setData: WriteOperation<SetDataInBytes, PreparedSetData> = {
  kind: "write",
  type: OpCode.setData,
  shortName: "SETD",
  decode: (reader) => new SetDataInBytes(reader),

  prepare(context, request) {
    const { pending, zxid, nowMs } = context;
    const { path, page, dataStart, dataLength } = request;
    const refused = checkSession(context);
    if (refused !== ErrorCode.ok) return failed(refused);
    if (!isValidPath(path)) return failed(ErrorCode.badArguments);
    const before = pending.find(path);
    if (before === undefined) return failed(ErrorCode.noNode);
    if (!mayDo(context, pending.aclOf(before), Perms.write)) return failed(ErrorCode.noAuth);
    const growth = Math.max(0, dataLength) - before.dataLength;
    const forbidden = checkQuota(context, path, growth, 0);
    if (forbidden !== ErrorCode.ok) return failed(forbidden);
    if (!isExpectedVersion(before.version, request.version)) return failed(ErrorCode.badVersion);

    const version = nextVersion(before.version);
    const node = pending.duplicateToSet(path, before, zxid);
    node.version = version;
    node.mtime = nowMs;
    node.mzxid = zxid;
    pending.setContentIn(node, page, dataStart, dataLength);
    pending.add(node, before);
    return {
      ok: true,
      type: OpCode.setData,
      txn: new PreparedSetData(path, request, version, before),
    };
  },

  /** SetDataResponse: the Stat. */
  encode(out, { stat }) {
    stat?.writeTo(out);
  },
};

export const setDataTxn: TxnKind<SetDataInBytes | PreparedSetData> = {
  type: OpCode.setData,
  decodeTxn: (reader) => new SetDataInBytes(reader),

  encodeTxn(out, txn) {
    if (!(txn instanceof PreparedSetData)) {
      writeSetDataTxn(out, txn);
      return;
    }
    const { path, page, dataStart, dataLength, version } = txn;
    out.string(path);
    out.int(dataLength);
    txn.writtenAt = out.length;
    if (dataLength > 0) out.copy(page, dataStart, dataLength);
    out.int(version);
  },

  settle(txn, bytes) {
    if (!(txn instanceof PreparedSetData)) return;
    txn.page = bytes;
    txn.dataStart = txn.writtenAt;
  },

  apply(tree, { zxid, time }, txn, isTold = true) {
    const { setter } = tree;
    let error: ErrorCode = ErrorCode.ok;
    if (txn instanceof PreparedSetData) {
      const { path, id, era } = txn;
      error = setter.set(path, txn, zxid, time, id, era);
    } else if (!setter.setInPlace(txn, zxid, time)) {
      error = setter.set(txn.path ?? "", txn, zxid, time);
    }
    const { last } = setter;
    if (error !== ErrorCode.ok || last === undefined) {
      return { error, type: OpCode.setData, path: txn.path ?? "" };
    }
    return isTold ? new SetDataResult(txn, last.statImage()) : DONE;
  },
};

/** Nobody is told of it. */
const DONE: ApplyResult = { error: ErrorCode.ok, type: OpCode.setData };

class SetDataResult implements ApplyResult {
  readonly error = ErrorCode.ok;
  readonly type = OpCode.setData;
  readonly stat: StatImage;
  readonly #txn: SetDataTxn;

  constructor(txn: SetDataTxn, stat: StatImage) {
    this.#txn = txn;
    this.stat = stat;
  }

  /** Only an audit wants to know. */
  get path(): string {
    return this.#txn.path ?? "";
  }
}

// multi (14): several writes as one: all of them at one zxid, or none. Java: MultiOperationRecord, OpCode.multi in
// PrepRequestProcessor and DataTree.processTxn.
//
// A multi that fails is a txn as well, and its reply's header says ok: the client learns from the parts which of them
// failed and why (those before: 0; those after: runtimeInconsistency). Its changes are rolled back before the next request
// is looked at. What Java's decoder or code trips over, wherever in the multi, fails the whole with marshallingError.
//
// The request also carries multiRead's operations (multi-read.ts): same format, other verbs, never mixed.

import { ProtocolError } from "../errors.js";
import type { JuteReader } from "../jute/reader.js";
import type { JuteWriter } from "../jute/writer.js";
import type { DataTree } from "../tree/data-tree.js";
import { ErrorCode } from "../wire/error-codes.js";
import { OpCode } from "../wire/op-codes.js";
import {
  type GetChildrenRequest,
  type GetDataRequest,
  readCreateRequest,
  readCreateTTLRequest,
  readGetChildrenRequest,
  readGetDataRequest,
  readMultiHeader,
  type TxnHeader,
  writeCreateResponse,
  writeErrorResponse,
  writeMultiHeader,
} from "../wire/records.js";
import { TypeTable } from "../wire/type-table.js";
import { check, checkTxn } from "./check.js";
import {
  type CreateWish,
  create,
  create2,
  create2Txn,
  createContainer,
  createContainerTxn,
  createModeOf,
  createTTL,
  createTTLTxn,
  createTxn,
  encodeCreate2,
  NO_TTL,
} from "./create.js";
import { deleteNode, deleteTxn } from "./delete.js";
import { deleteContainerTxn } from "./delete-container.js";
import { errorTxn } from "./error.js";
import {
  type ApplyResult,
  failed,
  type PrepareContext,
  type TxnKind,
  type WriteOperation,
} from "./operation.js";
import { setData, setDataTxn } from "./set-data.js";

// ----------------------------------------------------------------------------------------------------------------- requests

/** One operation of a multi or multiRead. The type may be another than the client wrote: flags decide, as in Java. */
export interface MultiOp {
  readonly type: number;
  readonly request: { readonly path: string | null };
}

const PARTS = new TypeTable<WriteOperation<never>>(
  [create, create2, createContainer, createTTL, deleteNode, setData, check].map((operation) => [
    operation.type,
    operation as WriteOperation<never>,
  ]),
);

export function decodeOps(reader: JuteReader): MultiOp[] {
  const ops: MultiOp[] = [];
  let reads: boolean | undefined;
  for (let header = readMultiHeader(reader); !header.done; header = readMultiHeader(reader)) {
    const op = decodeOp(header.type, reader);
    const isRead = PARTS.get(op.type) === undefined;
    if (reads !== undefined && reads !== isRead) {
      throw new ProtocolError("Mixing different kind of ops");
    }
    reads = isRead;
    ops.push(op);
  }
  return ops;
}

function decodeOp(type: number, reader: JuteReader): MultiOp {
  switch (type) {
    case OpCode.create:
    case OpCode.create2:
    case OpCode.createContainer:
      return decodeCreate(type, reader);
    case OpCode.createTTL:
      return decodeCreateTTL(reader);
    case OpCode.delete:
      return { type, request: deleteNode.decode(reader) };
    case OpCode.setData:
      return { type, request: setData.decode(reader) };
    case OpCode.check:
      return { type, request: check.decode(reader) };
    case OpCode.getChildren:
      return decodeRead(type, readGetChildrenRequest(reader));
    case OpCode.getData:
      return decodeRead(type, readGetDataRequest(reader));
    default:
      throw new ProtocolError("Invalid type of op");
  }
}

function decodeCreate(type: number, reader: JuteReader): MultiOp {
  const { path, data, acl, flags } = readCreateRequest(reader);
  const mode = createModeOf(flags);
  if (mode === undefined) throw new ProtocolError(`invalid flag ${flags} for create mode`);
  if (acl === null) throw new ProtocolError("acl is mandatory for create options");
  if (mode.ttl) throw new ProtocolError("Mixing different kind of ops");
  const request: CreateWish = { path, data, acl, flags, ttl: NO_TTL };
  return { type: mode.container ? OpCode.createContainer : type, request };
}

/** One whose flags say nothing of a TTL is what they do say. */
function decodeCreateTTL(reader: JuteReader): MultiOp {
  const wish: CreateWish = readCreateTTLRequest(reader);
  const mode = createModeOf(wish.flags);
  if (mode?.ttl) return { type: OpCode.createTTL, request: wish };
  const type = mode?.container ? OpCode.createContainer : OpCode.create;
  const request: CreateWish = { ...wish, ttl: NO_TTL };
  return { type, request };
}

function decodeRead(type: number, request: GetDataRequest | GetChildrenRequest): MultiOp {
  request.watch = false;
  return { type, request };
}

// ------------------------------------------------------------------------------------------------------------------ prepare

export interface MultiPart {
  readonly type: number;
  readonly txn: unknown;
}

/** MultiTxn with its parts decoded. */
export interface PartedTxn {
  readonly parts: readonly MultiPart[];
}

const NOT_REACHED: MultiPart = {
  type: OpCode.error,
  txn: { err: ErrorCode.runtimeInconsistency },
};

export const multi: WriteOperation<readonly MultiOp[], PartedTxn> = {
  kind: "write",
  type: OpCode.multi,
  shortName: "MULT",
  decode: decodeOps,

  prepare(context, ops) {
    for (const { type, request } of ops) {
      if (request.path === null || PARTS.get(type) === undefined)
        return failed(ErrorCode.marshallingError);
    }
    const { pending } = context;
    const mark = pending.mark();
    const parts: MultiPart[] = [];
    let error: ErrorCode = ErrorCode.ok;
    for (const op of ops) {
      if (error !== ErrorCode.ok) {
        parts.push(NOT_REACHED);
        continue;
      }
      const part = preparePart(context, op);
      if (part.ok) {
        parts.push(part);
        continue;
      }
      error = part.error;
      pending.rollback(mark);
      if (error === ErrorCode.marshallingError) return failed(error);
      parts.push({ type: OpCode.error, txn: { err: error } });
    }
    return { ok: true, type: OpCode.multi, txn: { parts } };
  },

  encode(out, { parts }) {
    for (const part of parts ?? []) encodePart(out, part);
    writeEnd(out);
  },
};

function preparePart(context: PrepareContext, op: MultiOp) {
  const operation = PARTS.get(op.type) as WriteOperation<MultiOp["request"]>;
  return operation.prepare(context, op.request);
}

// -------------------------------------------------------------------------------------------------------------------- reply

/** Creates that tell a Stat are all told as create2, and deletes as delete. */
const TOLD_AS = new TypeTable<number>([
  [OpCode.createTTL, OpCode.create2],
  [OpCode.createContainer, OpCode.create2],
  [OpCode.deleteContainer, OpCode.delete],
]);

function encodePart(out: JuteWriter, { type, error, path = "", stat }: ApplyResult): void {
  if (type === OpCode.error) {
    writeErrorPart(out, error);
    return;
  }
  const told = TOLD_AS.get(type) ?? type;
  writeMultiHeader(out, { type: told, done: false, err: 0 });
  if (told === OpCode.create) writeCreateResponse(out, { path });
  else if (told === OpCode.create2 && stat) encodeCreate2(out, path, stat);
  else if (told === OpCode.setData && stat) stat.writeTo(out);
}

export function writeErrorPart(out: JuteWriter, err: number): void {
  writeMultiHeader(out, { type: OpCode.error, done: false, err });
  writeErrorResponse(out, { err });
}

export function writeEnd(out: JuteWriter): void {
  writeMultiHeader(out, { type: -1, done: true, err: -1 });
}

// ---------------------------------------------------------------------------------------------------------------------- txn

const PART_KINDS = new TypeTable<TxnKind>(
  [
    createTxn,
    create2Txn,
    createTTLTxn,
    createContainerTxn,
    deleteTxn,
    deleteContainerTxn,
    setDataTxn,
    checkTxn,
    errorTxn,
  ].map((kind) => [kind.type, kind as TxnKind]),
);

function partKind(type: number): TxnKind {
  const kind = PART_KINDS.get(type);
  if (kind === undefined) throw new ProtocolError(`Invalid type of op: ${type}`);
  return kind;
}

/** On the wire: vector<Txn>, each `int type; buffer data`, the data being the part's own record. */
export const multiTxn: TxnKind<PartedTxn> = {
  type: OpCode.multi,

  encodeTxn(out, { parts }) {
    out.int(parts.length);
    for (const { type, txn } of parts) {
      out.int(type);
      const lengthAt = out.length;
      out.int(0);
      partKind(type).encodeTxn(out, txn);
      out.patchInt(lengthAt, out.length - lengthAt - 4);
    }
  },

  settle({ parts }, bytes) {
    for (const { type, txn } of parts) partKind(type).settle?.(txn, bytes);
  },

  decodeTxn(reader) {
    const count = reader.vectorLength(8);
    const parts: MultiPart[] = [];
    for (let i = 0; i < count; i++) {
      const type = reader.int();
      const outer = reader.enter();
      if (outer === undefined) throw new ProtocolError("Multi has a part without a txn");
      parts.push({ type, txn: partKind(type).decodeTxn(reader) });
      reader.leave(outer);
    }
    return { parts };
  },

  apply(tree, header, { parts }, isTold) {
    const isFailed = parts.some((part) => part.type === OpCode.error);
    const results = isFailed ? partErrors(parts) : applyParts(tree, header, parts, isTold);
    const moved = results.some((result) => result.error === ErrorCode.sessionMoved);
    // The reply's header says ok whatever the parts say, except that there is no reply to a session that has moved.
    const error = moved ? ErrorCode.sessionMoved : ErrorCode.ok;
    return { error, type: OpCode.multi, parts: results };
  },
};

function applyParts(
  tree: DataTree,
  header: TxnHeader,
  parts: readonly MultiPart[],
  isTold?: boolean,
): ApplyResult[] {
  return parts.map(({ type, txn }) => partKind(type).apply(tree, header, txn, isTold));
}

function partErrors(parts: readonly MultiPart[]): ApplyResult[] {
  let reached = true;
  return parts.map(({ type, txn }) => {
    let error: ErrorCode = reached ? ErrorCode.ok : ErrorCode.runtimeInconsistency;
    if (type === OpCode.error) {
      reached = false;
      error = (txn as { err: ErrorCode }).err;
    }
    return { error, type: OpCode.error };
  });
}

// From a request to a transaction, from bytes to a transaction, from a transaction to the tree: the three doors through
// which the pipeline, the log and the leader reach the verbs. Java: PrepRequestProcessor.pRequest, SerializeUtils,
// DataTree.processTxn with ZKDatabase.
//
//   prepare        always gives a txn: that of the request, or an error txn with the code that the client is told. A request
//                  that cannot be decoded, or whose txn would be too large to be read back, is an error like others.
//                  The record is serialized here, once: the same bytes go to the log and to every learner.
//   decodeTxnRecord takes what any server since 3.4 wrote.
//   applyTxn       is the one place where a txn changes the tree.
//
// Invariant: decodeTxnRecord(prepare(…).bytes) is what prepare gave, and after applyTxn the tree's digest is the record's.

import { assert, ProtocolError } from "../errors.js";
import { JuteReader } from "../jute/reader.js";
import { JuteWriter } from "../jute/writer.js";
import type { DataTree } from "../tree/data-tree.js";
import { DIGEST_VERSION } from "../tree/digest.js";
import { ErrorCode } from "../wire/error-codes.js";
import type { Zxid } from "../wire/ids.js";
import { OpCode } from "../wire/op-codes.js";
import { readTxnHeader, type TxnHeader, writeTxnHeader } from "../wire/records.js";
import {
  type ApplyResult,
  failed,
  type PrepareContext,
  type Prepared,
  type TxnKind,
  type WriteOperation,
} from "./operation.js";
import { txnKindFor } from "./table.js";
import { PreparedTxn, type TreeDigest, TXN_DIGEST_BYTES, TxnRecord } from "./txn-record.js";

/** What small transactions share: no more than node's own pool, which they would lie in otherwise. */
const TXN_WRITER_BYTES = 8 * 1024;
const writer = new JuteWriter(TXN_WRITER_BYTES);
/** Nothing that is read is ever read within another. */
const NOTHING = Buffer.alloc(0);
const reader = new JuteReader(NOTHING);

/** From `start` on is what follows the RequestHeader; it is not needed any more when this returns. */
export function prepare(
  context: PrepareContext,
  operation: WriteOperation,
  bytes: Buffer,
  start = 0,
): PreparedTxn {
  const request = decodeRequest(operation, reader.read(bytes, start));
  if (request === undefined) return finish(context, failed(ErrorCode.marshallingError));
  return prepareRequest(context, operation, request);
}

/**
 * Undefined when what is there is no such request. Java gives such a request no zxid of its own, except a multi: it answers with
 * marshallingError and the zxid before, and logs an error txn under a zxid that is taken already. Whoever wants to look
 * the same, and log nothing, asks this first. The reader stays where it is.
 */
export function decodeRequest(operation: WriteOperation, body: JuteReader): unknown {
  const start = body.position;
  try {
    return operation.decode(body);
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  } finally {
    body.position = start;
  }
}

/** For requests that the server makes itself. */
export function prepareRequest<Request>(
  context: PrepareContext,
  operation: WriteOperation<Request>,
  request: Request,
): PreparedTxn {
  const mark = context.pending.mark();
  const prepared = operation.prepare(context, request);
  if (!prepared.ok) {
    assert(context.pending.mark() === mark, "A request that failed has left changes behind");
    return finish(context, prepared);
  }
  const record = finish(context, prepared);
  if (record.bytes.length <= context.settings.txnSizeMaxBytes) return record;
  // No server could read it back: the ensemble would never start again (ZOOKEEPER-2101, -4306).
  assert(operation.type !== OpCode.closeSession, "A session cannot be closed");
  context.pending.rollback(mark);
  return finish(context, failed(ErrorCode.badArguments));
}

function finish(context: PrepareContext, prepared: Prepared): PreparedTxn {
  const { caller, cxid, zxid, nowMs, pending, settings } = context;
  const type = prepared.ok ? prepared.type : OpCode.error;
  const txn = prepared.ok ? prepared.txn : { err: prepared.error };
  const error = prepared.ok ? ErrorCode.ok : prepared.error;
  const record = new PreparedTxn(caller.sessionId, cxid, zxid, nowMs, type, txn, error);
  const kind = writeTxn(record, txn);
  if (settings.digestEnabled && prepared.ok) {
    const { high, low } = pending.digest;
    record.setDigest(DIGEST_VERSION, high, low);
    writeDigest(DIGEST_VERSION, high, low);
  }
  record.bytes = writer.slice();
  kind.settle?.(txn, record.bytes);
  return record;
}

export function encodeTxnRecord(
  header: TxnHeader,
  txn: unknown,
  digest: TreeDigest | undefined,
): Buffer {
  writeTxn(header, txn);
  if (digest !== undefined) writeDigest(digest.version, digest.high, digest.low);
  return writer.slice();
}

function writeTxn(header: TxnHeader, txn: unknown): TxnKind {
  writer.reset();
  writeTxnHeader(writer, header);
  const kind = txnKindFor(header.type);
  if (kind === undefined) assert(false, `Cannot encode a txn of type ${header.type}`);
  kind.encodeTxn(writer, txn);
  return kind;
}

function writeDigest(version: number, high: number, low: number): void {
  writer.int(version);
  writer.int(high);
  writer.int(low);
}

/** Throws ProtocolError on what no server has ever written. The txn may hold views of the bytes. */
export function decodeTxnRecord(bytes: Buffer): TxnRecord {
  const { clientId, cxid, zxid, time, type } = readTxnHeader(reader.read(bytes));
  const kind = txnKindFor(type);
  if (kind === undefined) throw new ProtocolError(`Unsupported Txn with type=${type}`);
  const record = new TxnRecord(clientId, cxid, zxid, time, type, kind.decodeTxn(reader));
  record.bytes = bytes;
  // Servers before 3.6 wrote no digest, and errors have none.
  if (reader.remaining < TXN_DIGEST_BYTES) return record;
  record.setDigest(reader.int(), reader.int(), reader.int());
  return record;
}

/**
 * Carries out the txn, and only then says so in the tree's zxid. Errors in the result are those that the txn carries, or
 * those that replay over a fuzzy snapshot meets, which are harmless. `isTold`: somebody waits for the result.
 */
export function applyTxn(tree: DataTree, record: TxnRecord, isTold = true): ApplyResult {
  const { type, zxid } = record;
  const kind = txnKindFor(type);
  if (kind === undefined) assert(false, `Cannot apply a txn of type ${type}`);
  const result = kind.apply(tree, record, record.txn, isTold);
  tree.txnApplied(zxid);
  if (record.hasDigest && !hasDigestOf(tree, record)) {
    compareDigest(tree, zxid, record.digest as TreeDigest);
  }
  return result;
}

/** With what a txn carries that is not the tree's digest: it may be of another version, or the tree not sure of itself. */
export function compareDigest(tree: DataTree, zxid: Zxid, digest: TreeDigest): void {
  tree.compareDigest(zxid, digest.version, toBigInt(digest));
}

/** Whether the tree is what the txn that was just applied says it is, where it says so. */
export function hasDigestOf({ digest }: DataTree, record: TxnRecord): boolean {
  const { digestVersion, digestHigh, digestLow } = record;
  return digestVersion === DIGEST_VERSION && digestHigh === digest.high && digestLow === digest.low;
}

function toBigInt({ high, low }: TreeDigest): bigint {
  return (BigInt(high) << 32n) | BigInt(low >>> 0);
}

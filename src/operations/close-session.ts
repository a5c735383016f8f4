// closeSession (-11): the session ends, by its client's wish or because it expired, and its ephemerals go with it, all at
// one zxid. Java: OpCode.closeSession in PrepRequestProcessor, DataTree.killSession.
//
// The txn lists the ephemerals as they will be when it is applied, so that replaying it over a snapshot that holds later
// changes deletes what it deleted then and nothing else (ZOOKEEPER-3145). From here on the session is closing: nothing of
// it that is prepared later may leave an ephemeral behind (ZOOKEEPER-1208).
//
// Closing a session must always be possible. A list that would make the txn larger than servers can read back is left
// empty (ZOOKEEPER-4306): each server then deletes what its own tree says the session owns, which is the same.

import { inHashSetOrder } from "../auth/java-hash-order.js";
import { ProtocolError } from "../errors.js";
import type { JuteReader } from "../jute/reader.js";
import { utf8Length } from "../jute/utf8.js";
import { DIGEST_VERSION } from "../tree/digest.js";
import { ErrorCode } from "../wire/error-codes.js";
import { OpCode } from "../wire/op-codes.js";
import {
  type CloseSessionTxn,
  readCloseSessionTxn,
  writeCloseSessionTxn,
} from "../wire/records.js";
import { recordDeleted } from "./delete.js";
import type { TxnKind, WriteOperation } from "./operation.js";
import { parentOf } from "./paths.js";
import { TXN_DIGEST_BYTES, TXN_HEADER_BYTES } from "./txn-record.js";

export const closeSession: WriteOperation<null, CloseSessionTxn | null> = {
  kind: "write",
  type: OpCode.closeSession,
  shortName: "CLOS",
  decode: () => null,

  prepare(context) {
    const { caller, pending, sessions, settings } = context;
    const paths = inHashSetOrder(pending.ephemeralsOf(caller.sessionId));
    for (const path of paths) {
      const node = pending.find(path);
      const parent = pending.find(parentOf(path));
      if (node !== undefined && parent !== undefined) recordDeleted(context, path, node, parent);
    }
    sessions.setClosing(caller.sessionId);
    if (!settings.closeSessionTxnEnabled) {
      return { ok: true, type: OpCode.closeSession, txn: null };
    }
    const fits = recordBytes(paths) <= settings.txnSizeMaxBytes;
    return { ok: true, type: OpCode.closeSession, txn: { paths2Delete: fits ? paths : [] } };
  },

  encode() {},
};

function recordBytes(paths: readonly string[]): number {
  let bytes = TXN_HEADER_BYTES + 4 + TXN_DIGEST_BYTES;
  for (const path of paths) bytes += 4 + utf8Length(path);
  return bytes;
}

export const closeSessionTxn: TxnKind<CloseSessionTxn | null> = {
  type: OpCode.closeSession,

  encodeTxn(out, txn) {
    if (txn !== null) writeCloseSessionTxn(out, txn);
  },

  /** Servers before 3.6, and later ones with closeSessionTxn.enabled=false, write none. */
  decodeTxn(reader) {
    if (reader.remaining === 0 || isDigestAlone(reader)) return null;
    const start = reader.position;
    try {
      return readCloseSessionTxn(reader);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      reader.position = start;
      return null;
    }
  },

  apply(tree, header, txn) {
    const paths = txn?.paths2Delete?.filter((path) => path !== null) ?? null;
    tree.sessions.delete(header.clientId);
    tree.killSession(header.clientId, header.zxid, paths);
    return { error: ErrorCode.ok, type: OpCode.closeSession };
  },
};

/** What is left is a TxnDigest: read as a list, it would be one of two paths, which are empty and so impossible. */
function isDigestAlone(reader: JuteReader): boolean {
  if (reader.remaining !== TXN_DIGEST_BYTES) return false;
  const start = reader.position;
  const version = reader.int();
  reader.position = start;
  return version === DIGEST_VERSION;
}

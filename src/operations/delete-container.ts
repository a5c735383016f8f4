// deleteContainer (20): what the server itself does to empty containers and to TTL nodes whose time has come. Java:
// ContainerManager, OpCode.deleteContainer in PrepRequestProcessor.
//
// Whoever looks for candidates looks at the tree; by the time their deletion is prepared they may have got children or new
// data. So every condition that can have changed is looked at again here, where all that comes before is known.
//
// Java takes this request from clients as well, asks for no permission, and deletes any empty node that is not ephemeral.
// No client sends it; one that does is refused here, and only containers and TTL nodes are ever deleted.

import type { JuteReader } from "../jute/reader.js";
import { NodeKind, ttlMsOf } from "../tree/ephemeral-type.js";
import { ErrorCode } from "../wire/error-codes.js";
import { NO_SESSION } from "../wire/ids.js";
import { OpCode } from "../wire/op-codes.js";
import { type DeleteTxn, readDeleteTxn, writeDeleteTxn } from "../wire/records.js";
import { applyDelete, recordDeleted } from "./delete.js";
import { failed, type TxnKind, type WriteOperation } from "./operation.js";
import { hasParent, isSpecialPath, parentOf } from "./paths.js";
import type { NodeView } from "./pending-tree.js";

/** On the wire: `buffer path`, which is a string's encoding as well. */
export interface DeleteContainerRequest {
  readonly path: string | null;
}

export const deleteContainer: WriteOperation<DeleteContainerRequest, DeleteTxn> = {
  kind: "write",
  type: OpCode.deleteContainer,
  shortName: "DELE",
  decode: (reader: JuteReader) => ({ path: reader.string() }),

  prepare(context, { path }) {
    const { caller, pending, nowMs } = context;
    if (caller.sessionId !== NO_SESSION) return failed(ErrorCode.unimplemented);
    if (path === null) return failed(ErrorCode.marshallingError);
    if (!hasParent(path) || isSpecialPath(path)) return failed(ErrorCode.badArguments);
    const node = pending.find(path);
    if (node === undefined) return failed(ErrorCode.noNode);
    if (node.childCount > 0) return failed(ErrorCode.notEmpty);
    if (!isReapable(node, nowMs)) return failed(ErrorCode.badVersion);
    const parent = pending.find(parentOf(path));
    if (parent === undefined) return failed(ErrorCode.noNode);
    recordDeleted(context, path, node, parent);
    return { ok: true, type: OpCode.deleteContainer, txn: { path } };
  },

  encode() {},
};

/** A container, or a TTL node that has been left alone for longer than its TTL; a TTL of 0 never ends. */
function isReapable(node: NodeView, nowMs: number): boolean {
  if (node.kind === NodeKind.container) return true;
  if (node.kind !== NodeKind.ttl) return false;
  const ttlMs = ttlMsOf(node.ephemeralOwner);
  return ttlMs !== 0 && nowMs - node.mtime > ttlMs;
}

export const deleteContainerTxn: TxnKind<DeleteTxn> = {
  type: OpCode.deleteContainer,
  encodeTxn: writeDeleteTxn,
  decodeTxn: readDeleteTxn,
  apply: (tree, header, txn) => applyDelete(tree, header, OpCode.deleteContainer, txn),
};

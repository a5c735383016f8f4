// delete (2). Java: OpCode.delete in PrepRequestProcessor, DataTree.deleteNode.
//
// The permission to delete a node is its parent's to give, and is looked at before the node itself is: who may not delete
// is not told whether there is anything. The path is not held to the rules for paths: what cannot exist is not found.

import { Perms } from "../auth/access.js";
import type { DataTree } from "../tree/data-tree.js";
import { ErrorCode } from "../wire/error-codes.js";
import { OpCode } from "../wire/op-codes.js";
import {
  type DeleteRequest,
  type DeleteTxn,
  readDeleteRequest,
  readDeleteTxn,
  type TxnHeader,
  writeDeleteTxn,
} from "../wire/records.js";
import { mayDo } from "./access.js";
import {
  type ApplyResult,
  failed,
  type PrepareContext,
  type TxnKind,
  type WriteOperation,
} from "./operation.js";
import { hasParent, isSpecialPath, parentOf } from "./paths.js";
import type { NodeView } from "./pending-tree.js";
import { checkSession } from "./session-check.js";
import { isExpectedVersion } from "./versions.js";

export const deleteNode: WriteOperation<DeleteRequest, DeleteTxn> = {
  kind: "write",
  type: OpCode.delete,
  shortName: "DELE",
  decode: readDeleteRequest,

  prepare(context, { path, version }) {
    const { pending } = context;
    const refused = checkSession(context);
    if (refused !== ErrorCode.ok) return failed(refused);
    if (path === null) return failed(ErrorCode.marshallingError);
    if (!hasParent(path) || isSpecialPath(path)) return failed(ErrorCode.badArguments);
    const parent = pending.find(parentOf(path));
    if (parent === undefined) return failed(ErrorCode.noNode);
    if (!mayDo(context, pending.aclOf(parent), Perms.delete)) {
      return failed(ErrorCode.noAuth);
    }
    const node = pending.find(path);
    if (node === undefined) return failed(ErrorCode.noNode);
    if (!isExpectedVersion(node.version, version)) return failed(ErrorCode.badVersion);
    if (node.childCount > 0) return failed(ErrorCode.notEmpty);
    recordDeleted(context, path, node, parent);
    return { ok: true, type: OpCode.delete, txn: { path } };
  },

  encode() {},
};

/** The node goes, and its parent knows when. */
export function recordDeleted(
  context: PrepareContext,
  path: string,
  node: NodeView,
  parentBefore: NodeView,
): void {
  const { pending, zxid } = context;
  const parent = pending.duplicate(parentOf(path), parentBefore, zxid);
  parent.childCount--;
  if (zxid > parent.pzxid) parent.pzxid = zxid;
  pending.add(parent, parentBefore);
  pending.addDeleted(path, node, zxid);
}

export const deleteTxn: TxnKind<DeleteTxn> = {
  type: OpCode.delete,
  encodeTxn: writeDeleteTxn,
  decodeTxn: readDeleteTxn,
  apply: (tree, header, txn) => applyDelete(tree, header, OpCode.delete, txn),
};

export function applyDelete(
  tree: DataTree,
  header: TxnHeader,
  type: number,
  txn: DeleteTxn,
): ApplyResult {
  const path = txn.path ?? "";
  return { error: tree.deleteNode(path, header.zxid), type, path };
}

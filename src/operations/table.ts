// Every verb of the protocol, by number: what this server carries out is what stands here. Java: Request.isValid, and the
// switch statements of PrepRequestProcessor, FinalRequestProcessor and SerializeUtils.
//
// Not here: ping, auth and sasl, which are the door's; and check, which lives in multi only. Whatever is neither here nor
// theirs is answered with UNIMPLEMENTED, and the connection closed (Java: UnimplementedRequestProcessor).

import { TypeTable } from "../wire/type-table.js";
import { addWatch } from "./add-watch.js";
import { checkWatches } from "./check-watches.js";
import { closeSession, closeSessionTxn } from "./close-session.js";
import {
  create,
  create2,
  create2Txn,
  createContainer,
  createContainerTxn,
  createTTL,
  createTTLTxn,
  createTxn,
} from "./create.js";
import { createSession, createSessionTxn } from "./create-session.js";
import { deleteNode, deleteTxn } from "./delete.js";
import { deleteContainer, deleteContainerTxn } from "./delete-container.js";
import { errorTxn } from "./error.js";
import { exists } from "./exists.js";
import { getACL } from "./get-acl.js";
import { getAllChildrenNumber } from "./get-all-children-number.js";
import { getChildren } from "./get-children.js";
import { getChildren2 } from "./get-children2.js";
import { getData } from "./get-data.js";
import { getEphemerals } from "./get-ephemerals.js";
import { multi, multiTxn } from "./multi.js";
import { multiRead } from "./multi-read.js";
import type { ReadOperation, TxnKind, WriteOperation } from "./operation.js";
import { reconfig, reconfigTxn } from "./reconfig.js";
import { removeWatches } from "./remove-watches.js";
import { setACL, setACLTxn } from "./set-acl.js";
import { setData, setDataTxn } from "./set-data.js";
import { setWatches } from "./set-watches.js";
import { setWatches2 } from "./set-watches2.js";
import { sync } from "./sync.js";
import { whoAmI } from "./who-am-i.js";

export type Operation = ReadOperation | WriteOperation;

const OPERATIONS = byType<Operation>([
  create,
  deleteNode,
  exists,
  getData,
  setData,
  getACL,
  setACL,
  getChildren,
  sync,
  getChildren2,
  multi,
  create2,
  reconfig,
  checkWatches,
  removeWatches,
  createContainer,
  deleteContainer,
  createTTL,
  multiRead,
  setWatches,
  getEphemerals,
  getAllChildrenNumber,
  setWatches2,
  addWatch,
  whoAmI,
  createSession,
  closeSession,
]);

const TXN_KINDS = byType<TxnKind>([
  createTxn,
  deleteTxn,
  setDataTxn,
  setACLTxn,
  multiTxn,
  create2Txn,
  reconfigTxn,
  createContainerTxn,
  deleteContainerTxn,
  createTTLTxn,
  createSessionTxn,
  closeSessionTxn,
  errorTxn,
]);

/** Undefined for what this server does not do. */
export function operationFor(type: number): Operation | undefined {
  return OPERATIONS.get(type);
}

/** Undefined for what no log has. */
export function txnKindFor(type: number): TxnKind | undefined {
  return TXN_KINDS.get(type);
}

/** What an entry's requests or txns look like is its own affair: whoever finds it here decodes with it. */
function byType<Entry extends { readonly type: number }>(
  entries: readonly { readonly type: number }[],
): TypeTable<Entry> {
  return new TypeTable(entries.map((entry) => [entry.type, entry as Entry]));
}

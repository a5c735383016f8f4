// closeSession on the tree: the session's ephemeral nodes go, those the txn lists, in its order, and then those it should have
// listed. Java: DataTree.killSession.

import { ErrorCode } from "../wire/error-codes.js";
import type { SessionId, Zxid } from "../wire/ids.js";
import type { DataTree } from "./data-tree.js";

/**
 * `own`: its nodes, which are nobody's any more. `paths` is null for a txn without a list. Returns the unlisted ones, which deserve
 * a warning when there was a list.
 */
export function killSession(
  tree: DataTree,
  session: SessionId,
  own: Set<string>,
  zxid: Zxid,
  paths: readonly string[] | null,
): readonly string[] {
  for (const path of paths ?? []) {
    own.delete(path);
    deleteEphemeral(tree, session, path, zxid);
  }
  const unlisted = [...own];
  for (const path of unlisted) deleteEphemeral(tree, session, path, zxid);
  return paths === null ? [] : unlisted;
}

function deleteEphemeral(tree: DataTree, session: SessionId, path: string, zxid: Zxid): void {
  const error = tree.deleteNode(path, zxid);
  tree.observer?.ephemeralDeleted(session, path, error === ErrorCode.ok);
}

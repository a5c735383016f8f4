// Whether the tree has room for one more node. Java's ends with an OutOfMemoryError long before.
//
// What a tree cannot hold must not be committed: every member would find out when it applies the txn, and again at each start.
// So creates are refused while there is room for all that may be prepared and not yet applied.

import { OWNED_NODES_MAX, TREE_PAGES_MAX } from "../limits.js";
import type { DataTree } from "../tree/data-tree.js";
import { NodeKind } from "../tree/ephemeral-type.js";
import type { SessionId } from "../wire/ids.js";

export function hasRoom(tree: DataTree, kind: NodeKind, session: SessionId): boolean {
  return tree.nodes.pageCount <= TREE_PAGES_MAX && ownedAs(tree, kind, session) < OWNED_NODES_MAX;
}

function ownedAs(tree: DataTree, kind: NodeKind, session: SessionId): number {
  if (kind === NodeKind.ephemeral) return tree.ephemeralsOf(session).size;
  if (kind === NodeKind.ttl) return tree.ttls.size;
  return kind === NodeKind.container ? tree.containers.size : 0;
}

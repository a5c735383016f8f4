// A node and everything below it, without recursion: paths may be as deep as they are long.

import type { DataTree } from "./data-tree.js";
import { ShownNode } from "./shown-node.js";
import type { Znode } from "./znode.js";
import { nameOf, pathOf } from "./znode-paths.js";
import { FIRST_CHILD, NEXT_SIBLING, NONE } from "./znode-table.js";

/** Nothing when the path has no node. Each is shown until the next comes. The tree must not change meanwhile. */
export function* subtree(tree: DataTree, path: string): IterableIterator<Znode> {
  const { nodes } = tree;
  const shown = new ShownNode(nodes);
  const open = [nodes.find(path)];
  for (let id = open.pop(); id !== undefined && id !== NONE; id = open.pop()) {
    yield shown.show(id);
    for (let at = nodes.get(id, FIRST_CHILD); at !== NONE; at = nodes.get(at, NEXT_SIBLING)) {
      open.push(at);
    }
  }
}

/** The paths of all nodes below, children before their parents. */
export function pathsBelow(tree: DataTree, path: string): string[] {
  const paths = Array.from(subtree(tree, path), ({ id }) => pathOf(tree.nodes, id));
  return paths.reverse().slice(0, -1);
}

/** The paths of all nodes of one name that have no children. The tree must not change meanwhile. */
export function* leavesNamed(tree: DataTree, path: string, name: string): IterableIterator<string> {
  for (const { id, childCount } of subtree(tree, path)) {
    if (childCount === 0 && nameOf(tree.nodes, id) === name) yield pathOf(tree.nodes, id);
  }
}

/** How many nodes are below. The root's own two entries do not count, /zookeeper and what is below it do. */
export function allChildrenNumber(tree: DataTree, path: string): number {
  if (path === "/") return tree.nodeCount - 2;
  let count = -1;
  for (const _ of subtree(tree, path)) count++;
  return Math.max(count, 0);
}

// A node and everything below it, without recursion: paths may be as deep as they are long.

import type { DataTree } from "./data-tree.js";
import type { Znode } from "./znode.js";

/** Nothing when the path has no node. The tree must not change meanwhile. */
export function* subtree(tree: DataTree, path: string): IterableIterator<Znode> {
  const top = tree.get(path);
  const open = top === undefined ? [] : [top];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    yield node;
    for (const child of node.children()) open.push(child);
  }
}

/** How many nodes are below. The root's own two entries do not count, /zookeeper and what is below it do. */
export function allChildrenNumber(tree: DataTree, path: string): number {
  if (path === "/") return tree.nodeCount - 2;
  let count = -1;
  for (const _ of subtree(tree, path)) count++;
  return Math.max(count, 0);
}

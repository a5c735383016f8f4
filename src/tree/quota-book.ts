// Keeps the statistics of quotas: /zookeeper/quota<path>/zookeeper_stats says how many nodes and bytes are at and below a
// path for which /zookeeper/quota<path>/zookeeper_limits exists. Java: the quota parts of DataTree.
//
// The deepest path with a limit counts, no other above it. A create of the stats node counts the subtree afresh; from then
// on every create, delete and setData adds its difference. Only the data of the stats node changes, neither its version nor
// its zxids, and approximateDataSize does not notice: as in Java.

import type { DataTree } from "./data-tree.js";
import { PathTrie } from "./path-trie.js";
import { StatsTrack } from "./stats-track.js";
import { leavesNamed, subtree } from "./subtree.js";
import type { Znode } from "./znode.js";

const QUOTA_ROOT = "/zookeeper/quota";
const PROC_ROOT = "/zookeeper";
export const LIMIT_NODE = "zookeeper_limits";
export const STAT_NODE = "zookeeper_stats";

/** Java: Quotas.limitPath. */
export function limitPath(path: string): string {
  return `${QUOTA_ROOT}${path}/${LIMIT_NODE}`;
}

/** Java: Quotas.statPath. */
export function statPath(path: string): string {
  return `${QUOTA_ROOT}${path}/${STAT_NODE}`;
}

export class QuotaBook {
  readonly #tree: DataTree;
  readonly #put: (path: string, node: Znode, data: Uint8Array) => void;
  readonly #trie = new PathTrie();

  constructor(tree: DataTree, put: (path: string, node: Znode, data: Uint8Array) => void) {
    this.#tree = tree;
    this.#put = put;
  }

  get isEmpty(): boolean {
    return this.#trie.isEmpty;
  }

  prefixOf(path: string): string | undefined {
    return this.#trie.longestPrefix(path);
  }

  created(parentPath: string, path: string, dataLength: number): void {
    // Not QUOTA_ROOT + "/": Java takes everything that begins so, and so must every server that agrees with it.
    if (parentPath.startsWith(QUOTA_ROOT)) {
      const name = path.slice(parentPath.length + 1);
      const limited = parentPath.slice(QUOTA_ROOT.length);
      if (name === LIMIT_NODE) this.#trie.add(limited);
      else if (name === STAT_NODE) this.#count(limited);
    }
    this.#update(path, dataLength, 1);
  }

  deleted(parentPath: string, path: string, dataLength: number): void {
    if (parentPath.startsWith(PROC_ROOT) && path.slice(parentPath.length + 1) === LIMIT_NODE) {
      this.#trie.remove(parentPath.slice(QUOTA_ROOT.length));
    }
    this.#update(path, -dataLength, -1);
  }

  changed(path: string, growthBytes: number): void {
    this.#update(path, growthBytes, 0);
  }

  /** After a load: finds the limits and counts what is below each. Java: setupQuota. */
  rebuild(): void {
    // All of them first: counting changes the tree.
    for (const path of [...leavesNamed(this.#tree, QUOTA_ROOT, LIMIT_NODE)]) {
      const limited = path.slice(QUOTA_ROOT.length, path.indexOf(`/${LIMIT_NODE}`));
      this.#count(limited);
      this.#trie.add(limited);
    }
  }

  #update(path: string, growthBytes: number, growthCount: number): void {
    const limited = this.#trie.longestPrefix(path);
    if (limited === undefined) return;
    const at = statPath(limited);
    const node = this.#tree.get(at);
    // Somebody deleted the statistics but not the limit. Java writes a line and goes on.
    if (node === undefined) return;
    const stats = new StatsTrack(node.dataView());
    stats.count += growthCount;
    stats.bytes += growthBytes;
    this.#put(at, node, stats.toBytes());
  }

  #count(limited: string): void {
    const at = statPath(limited);
    const statNode = this.#tree.get(at);
    if (statNode === undefined) return;
    let count = 0;
    let bytes = 0;
    for (const node of subtree(this.#tree, limited)) {
      count++;
      bytes += node.dataLength;
    }
    const stats = new StatsTrack();
    stats.bytes = bytes;
    stats.count = count;
    this.#put(at, statNode, stats.toBytes());
  }
}

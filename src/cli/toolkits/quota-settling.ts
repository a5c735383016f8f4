// Java counts anew what quotas have used whenever it loads a tree, and its toolkits show the counts in place of what the
// snapshot says. Java: DataTree.setupQuota.

import type { NodeTable } from "./node-table.js";
import type { SubtreeTotals } from "./subtree-totals.js";
import { walk } from "./walk.js";

const QUOTAS = "/zookeeper/quota";
const LIMITS = "/zookeeper_limits";
const STATS = "/zookeeper_stats";

/** Changes the lengths in the table and its totals; returns the new data by znode. */
export function settleQuotas(table: NodeTable, totals: SubtreeTotals): Map<number, Buffer> {
  const replaced = new Map<number, Buffer>();
  const quotas = table.find(QUOTAS);
  if (quotas < 0) return replaced;
  walk(table, quotas, QUOTAS, {
    enter: (node, path) => {
      if (!path.endsWith(LIMITS) || table.hasChildren(node)) return true;
      const limited = path.slice(QUOTAS.length, path.indexOf(LIMITS));
      const stats = table.find(QUOTAS + limited + STATS);
      if (stats < 0) return true;
      const root = table.find(limited);
      const count = root < 0 ? 0 : totals.count(root);
      const bytes = root < 0 ? 0 : totals.bytes(root);
      const text = Buffer.from(`count=${count},bytes=${bytes}`);
      totals.changeDataLength(stats, text.length);
      replaced.set(stats, text);
      return true;
    },
  });
  return replaced;
}

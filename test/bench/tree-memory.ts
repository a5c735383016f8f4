// What a znode weighs and what operations on the tree cost. Run by hand:
//
//     npx tsc -b tsconfig.test.json && node --expose-gc dist/test/bench/tree-memory.js [nodes] [bytes] [children per parent]
//
// Prints one line of JSON per measurement. Not a test: nothing is asserted about time.

import { JuteWriter } from "../../src/jute/writer.js";
import { OPEN_ACL_UNSAFE } from "../../src/tree/acl-table.js";
import { DataTree } from "../../src/tree/data-tree.js";
import type { Watcher } from "../../src/tree/watches.js";
import type { SessionId, Zxid } from "../../src/wire/ids.js";

const nodes = Number(process.argv[2] ?? 1_000_000);
const bytes = Number(process.argv[3] ?? 100);
const perParent = Number(process.argv[4] ?? 1_000_000);

function collect(): void {
  const { gc } = globalThis as { gc?: () => void };
  if (gc === undefined) throw new Error("Run with --expose-gc");
  gc();
  gc();
}

function print(what: string, figures: Record<string, number>): void {
  process.stdout.write(`${JSON.stringify({ what, ...figures })}\n`);
}

/** Of CPU time, the collector's with it: what else the machine does hardly shows. */
function nsPer(count: number, run: (i: number) => void): number {
  const start = process.cpuUsage();
  for (let i = 0; i < count; i++) run(i);
  const { user, system } = process.cpuUsage(start);
  return Math.round(((user + system) * 1000) / count);
}

/** As a request brings it: a string of its own, cut from a longer one's bytes. */
function pathOf(i: number): string {
  const name = `/bench${Math.floor(i / perParent)}/n${String(i).padStart(10, "0")}`;
  return Buffer.from(name).toString("latin1");
}

collect();
const rssBefore = process.memoryUsage.rss();
const tree = new DataTree();
const data = Buffer.alloc(bytes, 7);
let zxid = 0;
for (let p = 0; p * perParent < nodes; p++) {
  tree.createNode(
    `/bench${p}`,
    null,
    OPEN_ACL_UNSAFE,
    0n,
    p + 1,
    ++zxid as Zxid,
    1_700_000_000_000,
  );
}
const createNs = nsPer(nodes, (i) => {
  const path = pathOf(i);
  tree.createNode(path, data, OPEN_ACL_UNSAFE, 0n, -1, ++zxid as Zxid, 1_700_000_000_000 + i);
  tree.txnApplied(zxid as Zxid);
});
collect();
const usage = process.memoryUsage();
print("memory per znode", {
  nodes,
  dataBytes: bytes,
  rss: Math.round((usage.rss - rssBefore) / nodes),
  heap: Math.round(usage.heapUsed / nodes),
  arrayBuffers: Math.round(usage.arrayBuffers / nodes),
});

const paths = Array.from({ length: 10_000 }, (_, i) => pathOf((i * 7919) % nodes));
const out = new JuteWriter(65536);
let sink = 0;
const readNs = nsPer(2_000_000, (i) => {
  if ((i & 127) === 0) out.reset();
  tree.get(paths[i % 10_000]!)!.writeDataAndStat(out);
  sink += out.length;
});
const setNs = nsPer(1_000_000, (i) => {
  tree.setData(paths[i % 10_000]!, data, i, ++zxid as Zxid, 1_700_000_000_000 + i);
  tree.txnApplied(zxid as Zxid);
});
const other = Buffer.alloc(bytes + 40, 1);
const resizeNs = nsPer(1_000_000, (i) => {
  const value = (Math.floor(i / 10_000) & 1) === 0 ? other : data;
  tree.setData(paths[i % 10_000]!, value, i, ++zxid as Zxid, 1_700_000_000_000 + i);
});
print("nanoseconds", { createNs, readNs, setNs, resizeNs });

const snapshot = tree.beginSnapshot();
const file = new JuteWriter(1024 * 1024);
const start = performance.now();
let slices = 0;
let longestMs = 0;
let total = 0;
for (let more = true; more; slices++) {
  const sliceStart = performance.now();
  more = snapshot.writeNodes(file, 256 * 1024);
  longestMs = Math.max(longestMs, performance.now() - sliceStart);
  total += file.length;
  file.reset();
}
snapshot.release();
print("snapshot", {
  ms: Math.round(performance.now() - start),
  slices,
  longestSliceMs: Math.round(longestMs * 100) / 100,
  megabytes: Math.round(total / 1e6),
});

// Churn: everything goes and comes back in another size, again and again.
for (let round = 0; round < 4; round++) {
  const value = Buffer.alloc(bytes + 100 * (round % 2), 1);
  for (let i = 0; i < nodes; i += 2) tree.deleteNode(pathOf(i), ++zxid as Zxid);
  for (let i = 0; i < nodes; i += 2) {
    tree.createNode(pathOf(i), value, OPEN_ACL_UNSAFE, 0n, -1, ++zxid as Zxid, 1_700_000_000_000);
  }
}
// A snapshot tidies up on its way.
const tidying = tree.beginSnapshot();
while (tidying.writeNodes(file, 256 * 1024)) file.reset();
tidying.release();
collect();
const { pageBytes, blockBytes } = tree.nodes.usage();
print("after churn", {
  rss: Math.round((process.memoryUsage.rss() - rssBefore) / nodes),
  pageBytes: Math.round(pageBytes / nodes),
  blockBytes: Math.round(blockBytes / nodes),
});

class Nobody implements Watcher {
  readonly sessionId = 0n as SessionId;
  readonly stale = false;
  told = 0;
  process(): void {
    this.told++;
  }
}
collect();
const beforeWatches = process.memoryUsage();
const watchers = Array.from({ length: 10_000 }, () => new Nobody());
const all = Array.from({ length: nodes }, (_, i) => pathOf(i));
const beforeAdds = process.memoryUsage.rss();
const addNs = nsPer(1_000_000, (i) => {
  tree.watches.addData(all[i % nodes]!, watchers[Math.floor(i / 100)]!);
});
collect();
print("one million watches of 10 000 watchers", {
  addNs,
  rssPerWatch: Math.round((process.memoryUsage.rss() - beforeAdds) / 1e6),
  heapPerWatch: Math.round((process.memoryUsage().heapUsed - beforeWatches.heapUsed) / 1e6),
});
for (const watcher of watchers) tree.watches.addData("/bench0", watcher);
const fireStart = performance.now();
tree.setData("/bench0", null, 1, ++zxid as Zxid, 1);
print("ten thousand told of one znode", {
  ms: Math.round((performance.now() - fireStart) * 10) / 10,
});
if (sink === 0) throw new Error("Nothing was read");

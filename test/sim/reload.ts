// What a server had in memory when it ended in good order is what its disk gives back: tree == replay (1.8).
//
// The real loader reads a copy of what a power cut would leave of the disk, on a machine of a world of its own, while the
// run stands still. Compared are all nodes with their data, stats and ACLs, the sessions and their time-outs, the index of
// ephemeral nodes, the table of ACLs, the digest, and how far the history goes. Not /zookeeper/config, which every member
// writes for itself where it begins to serve; what it must show is for peace.ts to say.

import { loadConfig } from "../../src/config/load.js";
import { loadTree } from "../../src/load-tree.js";
import { Metrics } from "../../src/metrics/metrics.js";
import type { Platform } from "../../src/platform/platform.js";
import { storageSettings } from "../../src/settings.js";
import { Storage } from "../../src/storage/storage.js";
import type { DataTree } from "../../src/tree/data-tree.js";
import { CONFIG_PATH } from "../../src/tree/paths.js";
import { observeTree } from "../../src/tree-watcher.js";
import { hex0x, type Zxid } from "../../src/wire/ids.js";
import { type SimMember, CONFIG_PATH as ZOO_CFG } from "./ensemble.js";
import { SimPlatform } from "./platform/sim-platform.js";
import { must, Violation } from "./violation.js";

/** `normal`: the last transaction of the history that a zxid stands for. */
export async function mustReload(
  { name, node }: SimMember,
  tree: DataTree,
  normal: (zxid: Zxid) => Zxid,
): Promise<void> {
  const world = new SimPlatform({ seed: 0 });
  const machine = world.addNode(name);
  machine.disk.root = node.disk.durableRoot();
  let loading: Promise<DataTree> | undefined;
  machine.start((platform) => {
    loading = load(platform);
  });
  await world.runUntil(() => loading !== undefined);
  let loaded: DataTree;
  try {
    loaded = await world.runUntilSettled(loading as Promise<DataTree>);
  } catch (error) {
    const why = error instanceof Error ? error.stack : String(error);
    throw new Violation(`${name} has ended in good order, and its disk cannot be loaded: ${why}`);
  }
  const [had, has] = [tree, loaded].map(({ lastProcessedZxid: zxid }) =>
    zxid < 0 ? zxid : normal(zxid),
  ) as [Zxid, Zxid];
  must(had === has, () => `${name} ended at ${hex0x(had)}, its disk goes to ${hex0x(has)}`);
  const difference = compare(describe(tree), describe(loaded));
  must(difference === undefined, () => `${name} ended with ${difference}, as its disk has it`);
}

async function load(platform: Platform): Promise<DataTree> {
  const { config } = loadConfig({ disk: platform.disk, path: ZOO_CFG });
  const onFatal = (error: Error): never => {
    throw error;
  };
  const storage = await Storage.open(platform, storageSettings(config), platform.log, { onFatal });
  const metrics = new Metrics();
  const parts = { platform, config, storage, metrics, audit: undefined };
  const { tree } = await loadTree(parts, observeTree(metrics, undefined));
  return tree;
}

type Description = ReadonlyMap<string, string>;

/** The first thing that is not the same. */
function compare(one: Description, other: Description): string | undefined {
  for (const what of new Set([...one.keys(), ...other.keys()])) {
    const [had, has] = [one.get(what), other.get(what)];
    if (had !== has) return `"${what}" ${had ?? "not there"}, and not ${has ?? "not there"}`;
  }
  return undefined;
}

function describe(tree: DataTree): Description {
  const found = new Map<string, string>();
  const visit = (path: string): void => {
    const node = tree.get(path);
    if (node === undefined || path === CONFIG_PATH) return;
    const data = node.data()?.toString("latin1");
    found.set(path, `${Object.values(node.stat())} ${data} ${JSON.stringify(tree.aclOf(node))}`);
    for (const child of node.childPaths()) visit(child);
  };
  visit("");
  const ephemerals = [...tree.ephemeralsBySession()].filter(([, paths]) => paths.size > 0);
  const ownBytes = tree.get(CONFIG_PATH)?.dataLength ?? 0;
  found.set("nodes", `${tree.nodeCount}, ${tree.approximateDataSize - ownBytes} bytes`);
  found.set("digest", hex0x(tree.digest.toBigInt()));
  found.set("sessions", sorted(tree.sessions));
  found.set("ephemerals", sorted(ephemerals.map(([id, paths]) => [id, [...paths].sort()])));
  found.set("ACLs", sorted([...tree.acls.entries()].map(([, acl]) => JSON.stringify(acl))));
  return found;
}

function sorted(items: Iterable<unknown>): string {
  return [...items].map(String).sort().join("; ");
}

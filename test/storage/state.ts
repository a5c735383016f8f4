// The whole state as text, in the words of test/golden/storage/DumpState.java, and how it is loaded.

import { TxnReplay } from "../../src/operations/replay.js";
import type { Storage } from "../../src/storage/storage.js";
import type { DataTree } from "../../src/tree/data-tree.js";
import { TreeLoader } from "../../src/tree/tree-loader.js";
import { DEFAULT_TREE_SETTINGS } from "../../src/tree/tree-settings.js";
import type { Zxid } from "../../src/wire/ids.js";

export interface Loaded {
  readonly tree: DataTree;
  readonly lastZxid: Zxid;
  readonly mismatches: unknown[];
}

export async function load(storage: Storage, digestEnabled = true): Promise<Loaded> {
  const mismatches: unknown[] = [];
  const settings = {
    ...DEFAULT_TREE_SETTINGS,
    extendedTypesEnabled: true,
    digestEnabled,
    onDigestMismatch: (mismatch: unknown) => mismatches.push(mismatch),
  };
  const loader = new TreeLoader(settings, () => {});
  let replay: TxnReplay | undefined;
  const { lastZxid } = await storage.recover(loader, (page, start, end, zxid, known, at) => {
    replay ??= new TxnReplay(loader.tree);
    replay.apply(page, start, end, zxid, known, at);
  });
  replay?.end();
  return { tree: loader.tree, lastZxid, mismatches };
}

export function describe({ tree, lastZxid }: Loaded): string {
  const lines: string[] = [];
  describeNode(tree, "/", lines);
  const sessions = [...tree.sessions].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [id, timeoutMs] of sessions) lines.push(`session ${id} ${timeoutMs}`);
  lines.push(`zxid ${lastZxid}`, `digest ${tree.digest.toBigInt()}`, "");
  return lines.join("\n");
}

function describeNode(tree: DataTree, path: string, lines: string[]): void {
  const node = tree.get(path)!;
  const data = node.data();
  const words: unknown[] = [path, data === null ? "null" : `=${data.toString("base64")}`];
  for (const { perms, id } of tree.aclOf(node)) words.push(`${perms}|${id.scheme}|${id.id}`);
  const stat = node.stat();
  words.push(stat.czxid, stat.mzxid, stat.ctime, stat.mtime, stat.version, stat.cversion);
  words.push(stat.aversion, stat.ephemeralOwner, stat.numChildren, stat.pzxid);
  lines.push(words.join(" "));
  for (const child of [...node.childPaths()].sort()) describeNode(tree, child, lines);
}

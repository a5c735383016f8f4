// Snapshot and log become the tree. Java: ZooKeeperServer.loadData, ZKDatabase.loadDataBase.

import type { Config } from "./config/config.js";
import { ExitCode, FatalError } from "./errors.js";
import { applyTxn, decodeTxnRecord } from "./operations/transactions.js";
import type { Platform } from "./platform/platform.js";
import { treeSettings } from "./settings.js";
import type { Storage } from "./storage/storage.js";
import type { DataTree } from "./tree/data-tree.js";
import { TreeLoader } from "./tree/tree-loader.js";
import { hex0x } from "./wire/ids.js";

export function newLoader(platform: Platform, config: Config): TreeLoader {
  const log = platform.log.child("ZooKeeperServer");
  const settings = {
    ...treeSettings(config),
    onDigestMismatch: () => log.error("Digests are not matching: the tree is not what it must be"),
  };
  return new TreeLoader(settings, (message) => log.warn(message));
}

export async function loadTree(
  platform: Platform,
  config: Config,
  storage: Storage,
): Promise<DataTree> {
  const log = platform.log.child("ZooKeeperServer");
  const startMs = platform.clock.monotonicMs();
  const loader = newLoader(platform, config);
  const state = await storage.recover(loader, (record) => {
    applyTxn(loader.tree, decodeTxnRecord(record));
  });
  const { tree } = loader;
  tree.addConfigNode();
  for (const [session] of [...tree.ephemeralsBySession()]) {
    // Whose session is gone: fuzzy snapshots of Java's can leave such nodes behind.
    if (!tree.sessions.has(session)) tree.killSession(session, tree.lastProcessedZxid, null);
  }
  if (state.needsSnapshot) await takeFirstSnapshot(storage, tree);
  const elapsedMs = Math.floor(platform.clock.monotonicMs() - startMs);
  const zxid = hex0x(tree.lastProcessedZxid);
  log.info(
    `Loaded ${tree.nodeCount} nodes and ${tree.sessions.size} sessions up to zxid ${zxid} in ${elapsedMs} ms`,
  );
  return tree;
}

/** A directory without a snapshot is one that a Java server would refuse: the first one is written before anyone is served. */
function takeFirstSnapshot(storage: Storage, tree: DataTree): Promise<void> {
  return new Promise((resolve, reject) => {
    storage.startSnapshot(tree.beginSnapshot(), (error) => {
      if (error === undefined) resolve();
      else {
        const text = `Cannot write the first snapshot: ${error.message}`;
        reject(new FatalError(ExitCode.txnlogErrorTakingSnapshot, text, { cause: error }));
      }
    });
  });
}

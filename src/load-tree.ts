// Snapshot and log become the tree. Java: ZooKeeperServer.loadData, ZKDatabase.loadDataBase.

import type { Config } from "./config/config.js";
import { ExitCode, FatalError } from "./errors.js";
import type { Metrics } from "./metrics/metrics.js";
import { TxnReplay } from "./operations/replay.js";
import type { Audit } from "./pipeline/audit.js";
import type { Platform } from "./platform/platform.js";
import { CommittedLog } from "./quorum/committed-log.js";
import { databaseOptions, treeSettings } from "./settings.js";
import type { Storage } from "./storage/storage.js";
import { recordsBehind } from "./tree/create-notes.js";
import type { DataTree } from "./tree/data-tree.js";
import { TreeLoader } from "./tree/tree-loader.js";
import type { TreeObserver } from "./tree/tree-observer.js";
import { hex0x } from "./wire/ids.js";

/** What a tree is loaded with. */
export interface LoadParts {
  readonly platform: Platform;
  readonly config: Config;
  readonly storage: Storage;
  readonly metrics: Metrics;
  readonly audit: Audit | undefined;
}

export function newLoader(
  { platform, config, metrics }: Omit<LoadParts, "storage">,
  observer: TreeObserver,
  isServing = false,
): TreeLoader {
  const log = platform.log.child("ZooKeeperServer");
  const settings = {
    ...treeSettings(config),
    hashSeed: platform.random.hashSeed,
    onDigestMismatch() {
      metrics.counters.digest_mismatches_count.add(1);
      log.error("Digests are not matching: the tree is not what it must be");
    },
    observer,
  };
  return new TreeLoader(settings, (message) => log.warn(message), isServing);
}

export interface LoadedTree {
  readonly tree: DataTree;
  /** The newest of what was replayed: who comes back can bring others forward from memory. */
  readonly replayed: CommittedLog;
}

export async function loadTree(parts: LoadParts, observer: TreeObserver): Promise<LoadedTree> {
  const { audit } = parts;
  if (audit !== undefined) audit.isSilent = true;
  try {
    return await load(parts, observer);
  } finally {
    if (audit !== undefined) audit.isSilent = false;
  }
}

async function load(parts: LoadParts, observer: TreeObserver): Promise<LoadedTree> {
  const { platform, storage, metrics } = parts;
  const log = platform.log.child("ZooKeeperServer");
  const startMs = platform.clock.monotonicMs();
  const loader = newLoader(parts, observer);
  const { commitLogCount, commitLogBytes } = databaseOptions(parts.config);
  const replayed = new CommittedLog(commitLogCount, commitLogBytes);
  let replayStartMs: number | undefined;
  let replay: TxnReplay | undefined;
  const state = await storage.recover(loader, (page, start, end, zxid, known, at) => {
    if (replay === undefined) {
      replayStartMs = platform.clock.monotonicMs();
      replay = new TxnReplay(loader.tree);
    }
    replay.apply(page, start, end, zxid, known, at);
    const behind = known === undefined ? 0 : recordsBehind(known, at);
    replayed.replayed(zxid, page, start, end, behind);
  });
  replay?.end();
  replayed.replayedAll(state.lastZxid);
  const loadedMs = platform.clock.monotonicMs();
  const { summaries } = metrics;
  summaries.startup_snap_load_time.add(Math.floor((replayStartMs ?? loadedMs) - startMs));
  summaries.startup_txns_loaded.add(state.replayedTxns);
  summaries.startup_txns_load_time.add(Math.floor(loadedMs - (replayStartMs ?? loadedMs)));
  summaries.dbinittime.add(Math.floor(loadedMs - startMs));
  const { tree } = loader;
  completeTree(tree);
  if (state.lastZxid < 0 && parts.config.distributed) {
    // [R37] Nor may a snapshot say that this emptiness was ever somebody's history: the next start would believe it.
    tree.lastProcessedZxid = state.lastZxid;
  } else if (state.needsSnapshot) await takeFirstSnapshot(storage, tree);
  const elapsedMs = Math.floor(platform.clock.monotonicMs() - startMs);
  const zxid = hex0x(tree.lastProcessedZxid);
  log.info(
    `Loaded ${tree.nodeCount} nodes and ${tree.sessions.size} sessions up to zxid ${zxid} in ${elapsedMs} ms`,
  );
  return { tree, replayed };
}

/** What old and fuzzy snapshots lack, and what they have too much: ephemeral nodes whose session is gone. */
export function completeTree(tree: DataTree): void {
  tree.addConfigNode();
  for (const [session] of [...tree.ephemeralsBySession()]) {
    if (!tree.sessions.has(session)) tree.killSession(session, tree.lastProcessedZxid, null);
  }
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

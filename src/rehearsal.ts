// A server of its own, on a disk that is not there, as soon as a server with a large tree serves.
//
// The engine compiles what has run for a while, for what it has seen; what it has not seen, a branch that was never taken or an
// object of another kind, has it throw that away, and compile it anew. In a process' first snapshot and at its first new logs all of
// that happened at once, on the processors that clients wait for. Here it happens first, and by the same code: all parts are a
// server's own, only the disk and the tree are not. Nothing of it is told or counted. What it is worth is in docs/PERFORMANCE.md.
//
// It has a few requests in each turn of the loop, beside those of whoever is served: nobody waits for it, nor does the start.
//
// The engine also forgets what it has seen of objects of which there are none any more, as of a snapshot's when it is done. So one
// is left undone, and all of this stays for as long as the process does.

import type { AuthSchemes } from "./auth/schemes.js";
import type { Config } from "./config/config.js";
import { JuteReader } from "./jute/reader.js";
import { JuteWriter } from "./jute/writer.js";
import { loadTree } from "./load-tree.js";
import { DecidingServer } from "./member/deciding-server.js";
import { Metrics } from "./metrics/metrics.js";
import type { WriteOperation } from "./operations/operation.js";
import { setData } from "./operations/set-data.js";
import { SoloAgreement } from "./pipeline/agreement.js";
import type { Platform } from "./platform/platform.js";
import { SILENT_LOG } from "./platform/silent-log.js";
import { SessionIds } from "./session/session-ids.js";
import {
  containerOptions,
  logStageOptions,
  operationSettings,
  storageSettings,
} from "./settings.js";
import { NO_OBSERVER } from "./storage/settings.js";
import { Storage } from "./storage/storage.js";
import { OPEN_ACL_UNSAFE } from "./tree/acl-table.js";
import type { DataTree } from "./tree/data-tree.js";
import { observeTree } from "./tree-watcher.js";
import type { SessionId, Sid } from "./wire/ids.js";
import { writeSetDataRequest } from "./wire/records.js";

const NODES = 2000;
/** In all snapshots together so many that what writes one is compiled. */
const SESSIONS = 1000;
const DATA = Buffer.alloc(100);
const TURNS = 1000;
const TURNS_MAX = 2 * TURNS;
/** Of the last snapshot something has been written, and more is on its way. */
const TURNS_INTO_THE_LAST = 10;
const SETS_IN_A_TURN = 4;
/** Now and then so many that a log's file has to be made longer for them. */
const SETS_IN_A_LONG_TURN = 32;
const LONG_TURN_EVERY = 16;
/** So that many snapshots are due, each has many slices, and the log's file becomes longer many times. */
const SNAP_COUNT = 500;
const SLICE_BYTES = 2048;
const PRE_ALLOC_BYTES = 64 * 1024;

const SESSION = 1n as SessionId;
const CALLER = { sessionId: SESSION, identities: [], owner: undefined };

/** What stays. */
const rehearsed: DecidingServer[] = [];

export async function rehearse(
  real: Platform,
  config: Config,
  schemes: AuthSchemes,
  isStopping: () => boolean,
): Promise<void> {
  const { disk, stall } = real.disk.imagined();
  const platform = { ...real, disk, log: SILENT_LOG };
  let taken = 0;
  const storage = await openStorage(platform, config, () => {
    taken++;
  });
  const tree = await plantTree(platform, config, storage);
  const server = new RehearsingServer(platform, config, schemes, storage, tree);
  let turn = 0;
  const goOn = async (until: () => boolean) => {
    for (; turn < TURNS_MAX && !isStopping() && !until(); turn++) {
      server.setSome(turn % LONG_TURN_EVERY === 0 ? SETS_IN_A_LONG_TURN : SETS_IN_A_TURN);
      await new Promise<void>((resume) => platform.clock.atTurnEnd(resume));
    }
  };
  await goOn(() => turn === TURNS);
  const takenThen = taken;
  await goOn(() => taken > takenThen && storage.snapshotting);
  const begun = turn;
  await goOn(() => turn === begun + TURNS_INTO_THE_LAST);
  stall();
  rehearsed.push(server);
}

/** Nobody speaks to it. */
class RehearsingServer extends DecidingServer {
  #set = 0;

  constructor(
    platform: Platform,
    config: Config,
    schemes: AuthSchemes,
    storage: Storage,
    tree: DataTree,
  ) {
    const logging = { ...logStageOptions(config), flushDelayMs: 0 };
    super({
      platform,
      metrics: new Metrics(),
      tree,
      storage,
      operationSettings: operationSettings(config, schemes, platform.host),
      tickTimeMs: config.session.tickTimeMs,
      sessionIds: noSessionIds(),
      configuration: () => ({ values: [] }),
      containers: containerOptions(config),
      audit: undefined,
      serverState: "standalone",
      peerState: undefined,
      agreement: (commit) => new SoloAgreement(storage, platform.clock, logging, commit),
    });
  }

  setSome(count: number): void {
    for (const end = this.#set + count; this.#set < end; this.#set++) {
      const out = new JuteWriter(256);
      writeSetDataRequest(out, { path: pathOf(this.#set % NODES), data: DATA, version: -1 });
      const request = setData.decode(new JuteReader(out.view()));
      this.pipeline.submitInternal(setData as WriteOperation, request, CALLER);
    }
  }
}

function openStorage(
  platform: Platform,
  config: Config,
  snapshotTaken: () => void,
): Promise<Storage> {
  const storage = {
    ...config.storage,
    dataDir: "/imagined",
    dataLogDir: "/imagined",
    datadirAutocreate: true,
    snapshotStore: "file",
    snapCount: SNAP_COUNT,
    preAllocSizeBytes: PRE_ALLOC_BYTES,
  } as const;
  // In the same object as the real ones are: to the engine another one is of another kind.
  const settings = Object.assign(storageSettings({ ...config, distributed: false, storage }), {
    snapshotSliceBytes: SLICE_BYTES,
  });
  const onFatal = (error: Error) => {
    throw error;
  };
  const observer = { ...NO_OBSERVER, snapshotTaken };
  return Storage.open(platform, settings, SILENT_LOG, { observer, onFatal });
}

async function plantTree(platform: Platform, config: Config, storage: Storage): Promise<DataTree> {
  const parts = { platform, storage, metrics: new Metrics(), audit: undefined };
  const alone = { ...config, distributed: false };
  const observer = observeTree(parts.metrics, undefined);
  const { tree } = await loadTree({ ...parts, config: alone }, observer);
  const zxid = tree.lastProcessedZxid;
  for (let i = 0; i < NODES; i++) {
    tree.createNode(pathOf(i), DATA, OPEN_ACL_UNSAFE, 0n, -1, zxid, 0);
  }
  for (let i = 0; i < SESSIONS; i++) {
    tree.sessions.set((SESSION + BigInt(i)) as SessionId, config.session.tickTimeMs);
  }
  return tree;
}

function pathOf(i: number): string {
  return `/rehearsal-${i}`;
}

function noSessionIds(): SessionIds {
  const nothing = () => {};
  return new SessionIds(0 as Sid, SESSION + BigInt(SESSIONS), 0n, nothing, () => 0);
}

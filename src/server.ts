// The composition root: builds every part in order, and stops them in reverse. Java: ZooKeeperServerMain.runFromConfig.
//
// Read it top to bottom: what is on disk → the tree → sessions and pipeline → the door. Nothing serves before everything
// that it stands on is known to be whole.

import { AuthSchemes } from "./auth/schemes.js";
import { ClientDoor } from "./client/door.js";
import type { Config } from "./config/config.js";
import { configurationLines } from "./configuration-lines.js";
import { ContainerManager } from "./container-manager.js";
import { ExitCode, FatalError } from "./errors.js";
import { Metrics } from "./metrics/metrics.js";
import { applyTxn, decodeTxnRecord } from "./operations/transactions.js";
import type { Logger, NetworkError, Platform } from "./platform/platform.js";
import {
  authSettings,
  containerOptions,
  logStageOptions,
  operationSettings,
  storageSettings,
  treeSettings,
} from "./settings.js";
import { StandaloneServer } from "./standalone.js";
import { Storage } from "./storage/storage.js";
import type { DataTree } from "./tree/data-tree.js";
import { TreeLoader } from "./tree/tree-loader.js";
import { hex0x } from "./wire/ids.js";
import { OpCode } from "./wire/op-codes.js";

/** The server cannot go on. The caller ends the process. */
export type OnFatal = (error: unknown) => void;

export class Server {
  readonly #log: Logger;
  readonly #storage: Storage;
  readonly #standalone: StandaloneServer;
  readonly #containers: ContainerManager;
  readonly #door: ClientDoor;

  private constructor(
    platform: Platform,
    config: Config,
    metrics: Metrics,
    schemes: AuthSchemes,
    storage: Storage,
    tree: DataTree,
  ) {
    this.#log = platform.log.child("ZooKeeperServer");
    this.#storage = storage;
    this.#standalone = new StandaloneServer({
      platform,
      metrics,
      tree,
      storage,
      operationSettings: operationSettings(config, schemes),
      logging: logStageOptions(config),
      tickTimeMs: config.session.tickTimeMs,
      configuration: () => configurationLines(config, storage),
    });
    this.#containers = new ContainerManager(
      platform.clock,
      platform.log.child("ContainerManager"),
      tree,
      containerOptions(config),
      (path) => this.#standalone.submitInternal(OpCode.deleteContainer, { path }),
    );
    const { client, limits, session, auth, quorum } = config;
    const settings = { ...client, ...limits, ...session, ...auth, ...quorum };
    this.#door = new ClientDoor({ platform, settings, port: this.#standalone, schemes, metrics });
  }

  /** Rejects with FatalError where the server cannot be started. */
  static async start(platform: Platform, config: Config, onFatal: OnFatal): Promise<Server> {
    const log = platform.log.child("ZooKeeperServer");
    const metrics = new Metrics();
    const schemes = new AuthSchemes(authSettings(config));
    if (config.auth.ensembleAuthName.length > 0) {
      schemes.registerEnsemble(config.auth.ensembleAuthName);
    }

    // 1. What is on disk.
    const storage = await Storage.open(
      platform,
      storageSettings(config),
      platform.log.child("FileTxnSnapLog"),
      {
        observer: {
          synced: (elapsedMs) => metrics.summaries.fsynctime.add(elapsedMs),
          snapshotTaken: (elapsedMs) => metrics.summaries.snapshottime.add(elapsedMs),
        },
        onFatal: (error) => {
          const text = `Severe unrecoverable error, exiting: ${error.message}`;
          onFatal(new FatalError(ExitCode.unexpectedError, text, { cause: error }));
        },
      },
    );
    const tree = await loadTree(platform, config, storage, log);

    // 2. Sessions, pipeline, door.
    const server = new Server(platform, config, metrics, schemes, storage, tree);
    server.#standalone.start();
    await server.#listen(config);
    server.#containers.start();
    return server;
  }

  get clientPort(): number {
    return this.#door.listeningPort;
  }

  /** Answers what was accepted or leaves it unacknowledged, closes the connections, and lets go of the log. */
  async stop(): Promise<void> {
    this.#log.info("Shutting down");
    this.#containers.stop();
    await new Promise<void>((done) => this.#standalone.stop(done));
    await new Promise<void>((done) => this.#door.stop(done));
    await new Promise<void>((done) => this.#storage.close(done));
    this.#log.info("Shut down");
  }

  async #listen({ client }: Config): Promise<void> {
    if (client.clientPort === undefined) {
      this.#log.warn("clientPort is not set: no client can connect");
      return;
    }
    const { clientPort: port, clientPortAddress: host, clientPortListenBacklog: backlog } = client;
    const error = await new Promise<NetworkError | undefined>((ready) =>
      this.#door.listen({ host, port, backlog }, ready),
    );
    if (error === undefined) return;
    const where = `${host ?? "0.0.0.0"}:${port}`;
    const text = `Cannot bind the client port ${where}: ${error.message}`;
    throw new FatalError(ExitCode.unexpectedError, text);
  }
}

/** Snapshot and log become the tree. Java: ZooKeeperServer.loadData. */
async function loadTree(
  platform: Platform,
  config: Config,
  storage: Storage,
  log: Logger,
): Promise<DataTree> {
  const startMs = platform.clock.monotonicMs();
  const settings = {
    ...treeSettings(config),
    onDigestMismatch: () => log.error("Digests are not matching: the tree is not what it must be"),
  };
  const loader = new TreeLoader(settings, (message) => log.warn(message));
  const state = await storage.recover(loader, (record) => {
    applyTxn(loader.tree, decodeTxnRecord(record));
  });
  const { tree } = loader;
  tree.addConfigNode();
  for (const [session] of [...tree.ephemeralsBySession()]) {
    // Whose session is gone: fuzzy snapshots of Java's can leave such nodes behind.
    if (!tree.sessions.has(session)) tree.killSession(session, tree.lastProcessedZxid, null);
  }
  if (state.needsSnapshot) await takeSnapshot(storage, tree);
  const elapsedMs = Math.floor(platform.clock.monotonicMs() - startMs);
  log.info(
    `Loaded ${tree.nodeCount} nodes and ${tree.sessions.size} sessions up to zxid ${hex0x(tree.lastProcessedZxid)} in ${elapsedMs} ms`,
  );
  return tree;
}

/** A directory without a snapshot is one that a Java server would refuse: the first one is written before anyone is served. */
function takeSnapshot(storage: Storage, tree: DataTree): Promise<void> {
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

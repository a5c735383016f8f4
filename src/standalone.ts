// A server that is alone: what is on its disk is decided. Java: ZooKeeperServerMain.runFromConfig.

import { configurationLines } from "./configuration-lines.js";
import { DecidingServer } from "./member/deciding-server.js";
import { SoloAgreement } from "./pipeline/agreement.js";
import { zxidAfter } from "./restore.js";
import type { RestoreProblem, Running, ServerParts } from "./server.js";
import { containerOptions, logStageOptions, operationSettings } from "./settings.js";
import type { DataTree } from "./tree/data-tree.js";
import { ZXID_ZERO, type Zxid } from "./wire/ids.js";

export function startStandalone(parts: ServerParts): Running {
  return new Standalone(parts);
}

class Standalone implements Running {
  readonly #parts: ServerParts;
  #tree: DataTree;
  #server: DecidingServer;

  constructor(parts: ServerParts) {
    this.#parts = parts;
    this.#tree = parts.tree;
    this.#server = this.#serve();
  }

  peerState(): undefined {
    return undefined;
  }

  tree(): DataTree {
    return this.#tree;
  }

  stop(done: () => void): void {
    this.#server.stopServing();
    this.#server.whenIdle(done);
  }

  /**
   * Clients are disconnected and come again: those whose sessions are in the new tree go on, the others are told that theirs
   * have expired. In an empty server the state keeps its own zxid; otherwise it comes after all that clients have seen.
   */
  restore(tree: DataTree, statedZxid: Zxid, done: (problem?: RestoreProblem) => void): void {
    const { door, port, storage, onFatal } = this.#parts;
    const server = this.#server;
    server.stopServing();
    door.closeAll("close_all_connections_forced");
    port.switchTo(undefined);
    server.whenIdle(() => {
      const { appendedZxid: last } = storage;
      tree.lastProcessedZxid =
        last === ZXID_ZERO || statedZxid > last ? statedZxid : zxidAfter(last);
      storage.replace(tree.beginSnapshot()).then((error) => {
        if (error === undefined) this.#tree = tree;
        this.#server = this.#serve();
        done(error === undefined ? undefined : { kind: "failed", text: error.message });
      }, onFatal);
    });
  }

  #serve(): DecidingServer {
    const { platform, config, metrics, schemes, storage, port, audit, sessionIds } = this.#parts;
    const logging = logStageOptions(config);
    const server = new DecidingServer({
      platform,
      metrics,
      tree: this.#tree,
      storage,
      operationSettings: operationSettings(config, schemes, platform.host),
      tickTimeMs: config.session.tickTimeMs,
      sessionIds,
      configuration: () => configurationLines(config, storage, platform.host),
      containers: containerOptions(config),
      audit,
      serverState: "standalone",
      peerState: undefined,
      agreement: (commit) => new SoloAgreement(storage, platform.clock, logging, commit),
    });
    server.start();
    port.switchTo(server);
    return server;
  }
}

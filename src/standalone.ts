// A server that is alone: what is on its disk is decided. Java: ZooKeeperServerMain.runFromConfig.

import { configurationLines } from "./configuration-lines.js";
import { DecidingServer } from "./member/deciding-server.js";
import { SoloAgreement } from "./pipeline/agreement.js";
import type { Running, ServerParts } from "./server.js";
import { containerOptions, logStageOptions, operationSettings } from "./settings.js";
import type { Sid } from "./wire/ids.js";

/** A server without a myid calls itself 0, as Java's does. */
const ALONE = 0 as Sid;

export async function startStandalone(parts: ServerParts): Promise<Running> {
  const { platform, config, metrics, schemes, storage, tree, port } = parts;
  const logging = logStageOptions(config);
  const server = new DecidingServer({
    platform,
    metrics,
    tree,
    storage,
    operationSettings: operationSettings(config, schemes),
    tickTimeMs: config.session.tickTimeMs,
    sid: ALONE,
    configuration: () => configurationLines(config, storage),
    containers: containerOptions(config),
    serverState: "standalone",
    peerState: undefined,
    agreement: (commit) => new SoloAgreement(storage, platform.clock, logging, commit),
  });
  server.start();
  port.switchTo(server);
  return {
    peerState: () => undefined,
    stop(done) {
      server.stopServing();
      server.whenIdle(done);
    },
  };
}

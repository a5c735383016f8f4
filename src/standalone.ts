// A server that is alone: what is on its disk is decided. Java: ZooKeeperServerMain.runFromConfig.

import { configurationLines } from "./configuration-lines.js";
import { DecidingServer } from "./member/deciding-server.js";
import { SoloAgreement } from "./pipeline/agreement.js";
import type { Running, ServerParts } from "./server.js";
import { containerOptions, logStageOptions, operationSettings } from "./settings.js";

export function startStandalone(parts: ServerParts): Running {
  const { platform, config, metrics, schemes, storage, tree, port } = parts;
  const logging = logStageOptions(config);
  const server = new DecidingServer({
    platform,
    metrics,
    tree,
    storage,
    operationSettings: operationSettings(config, schemes),
    tickTimeMs: config.session.tickTimeMs,
    sessionIds: parts.sessionIds,
    configuration: () => configurationLines(config, storage, platform.host),
    containers: containerOptions(config),
    audit: parts.audit,
    serverState: "standalone",
    peerState: undefined,
    agreement: (commit) => new SoloAgreement(storage, platform.clock, logging, commit),
  });
  server.start();
  port.switchTo(server);
  return {
    peerState: () => undefined,
    tree: () => tree,
    stop(done) {
      server.stopServing();
      server.whenIdle(done);
    },
  };
}

// The lines of a start that operators and their tools look for. Java: QuorumPeerMain, ZooKeeperServerMain, Environment,
// ZooKeeperServer's constructor.

import { environment } from "./client/words/about-server.js";
import type { Config } from "./config/config.js";
import type { Platform } from "./platform/platform.js";
import type { DataDirectories } from "./storage/data-directories.js";

export function logEnvironment(platform: Platform, config: Config): void {
  if (!config.distributed) {
    const why = "Either no config or no quorum defined in config, running in standalone mode";
    platform.log.child("QuorumPeerMain").warn(why);
  }
  platform.log
    .child(config.distributed ? "QuorumPeerMain" : "ZooKeeperServerMain")
    .info(config.distributed ? `Starting quorum peer, myid=${config.myid}` : "Starting server");
  const log = platform.log.child("ZooKeeperServer");
  for (const [key, value] of environment(platform)) log.info(`Server environment:${key}=${value}`);
}

export function logSettings(platform: Platform, config: Config, where: DataDirectories): void {
  const log = platform.log.child("ZooKeeperServer");
  const { tickTimeMs, minSessionTimeoutMs, maxSessionTimeoutMs } = config.session;
  const { clientPortListenBacklog } = config.client;
  log.info(`minSessionTimeout set to ${minSessionTimeoutMs} ms`);
  log.info(`maxSessionTimeout set to ${maxSessionTimeoutMs} ms`);
  log.info(
    `Created server with tickTime ${tickTimeMs} ms minSessionTimeout ${minSessionTimeoutMs} ms ` +
      `maxSessionTimeout ${maxSessionTimeoutMs} ms clientPortListenBacklog ${clientPortListenBacklog} ` +
      `dataLogdir ${where.logs} snapdir ${where.snapshots}`,
  );
}

// What `conf` prints, in Java's order. Java: ZooKeeperServer.dumpConf, ZooKeeperServerConf.

import type { ConfigurationLines } from "./client/server-port.js";
import type { Config } from "./config/config.js";
import type { Storage } from "./storage/storage.js";

export function configurationLines(config: Config, storage: Storage): ConfigurationLines {
  const { client, session } = config;
  return {
    values: [
      ["clientPort", client.clientPort ?? -1],
      ["secureClientPort", client.secureClientPort ?? -1],
      ["dataDir", storage.directories.snapshots],
      ["dataDirSize", storage.snapshotDirectoryBytes()],
      ["dataLogDir", storage.directories.logs],
      ["dataLogSize", storage.logDirectoryBytes()],
      ["tickTime", session.tickTimeMs],
      ["maxClientCnxns", client.maxClientCnxns],
      ["minSessionTimeout", session.minSessionTimeoutMs],
      ["maxSessionTimeout", session.maxSessionTimeoutMs],
      ["clientPortListenBacklog", client.clientPortListenBacklog],
      ["serverId", config.distributed ? (config.myid ?? 0) : 0],
    ],
  };
}

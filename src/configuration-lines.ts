// What `conf` prints, in Java's order. Java: ZooKeeperServer.dumpConf, ZooKeeperServerConf.

import type { ConfigurationLines } from "./client/server-port.js";
import type { Config } from "./config/config.js";
import { formatMembership, type Membership } from "./config/membership.js";
import type { HostFacts } from "./platform/platform.js";
import type { Storage } from "./storage/storage.js";

export function configurationLines(
  config: Config,
  storage: Pick<Storage, "directories" | "snapshotDirectoryBytes" | "logDirectoryBytes">,
  host: Pick<HostFacts, "workingDirectory">,
  /** What may have changed since the start. */
  membership: Membership = config.membership,
  clientPort: number = config.client.clientPort ?? -1,
): ConfigurationLines {
  const { client, session, distributed } = config;
  const values: (readonly [string, string | number])[] = [
    ["clientPort", clientPort],
    ["secureClientPort", client.secureClientPort ?? -1],
    ["dataDir", absolute(storage.directories.snapshots, host)],
    ["dataDirSize", storage.snapshotDirectoryBytes()],
    ["dataLogDir", absolute(storage.directories.logs, host)],
    ["dataLogSize", storage.logDirectoryBytes()],
    ["tickTime", session.tickTimeMs],
    ["maxClientCnxns", client.maxClientCnxns],
    ["minSessionTimeout", session.minSessionTimeoutMs],
    ["maxSessionTimeout", session.maxSessionTimeoutMs],
    ["clientPortListenBacklog", client.clientPortListenBacklog],
    ["serverId", distributed ? (config.myid ?? 0) : 0],
  ];
  if (!distributed) return { values };
  return {
    values: [...values, ...quorumLines(config, membership)],
    membership: formatMembership(membership),
  };
}

/** As Java's getAbsolutePath, which takes nothing away: agents look for files where this points. */
function absolute(path: string, { workingDirectory }: Pick<HostFacts, "workingDirectory">): string {
  return /^(?:[A-Za-z]:)?[\\/]/.test(path) ? path : `${workingDirectory}/${path}`;
}

/** Java: QuorumZooKeeperServer.dumpConf. */
function quorumLines(
  { quorum, myid }: Config,
  membership: Membership,
): (readonly [string, string | number])[] {
  const own = membership.servers.find(({ sid }) => sid === myid);
  const addresses = own?.addresses ?? [];
  return [
    ["initLimit", quorum.initLimitTicks],
    ["syncLimit", quorum.syncLimitTicks],
    ["electionAlg", quorum.electionAlg],
    ["electionPort", addresses.map(({ electionPort }) => electionPort).join("|")],
    ["quorumPort", addresses.map(({ quorumPort }) => quorumPort).join("|")],
    ["peerType", own?.role === "observer" ? 1 : 0],
  ];
}

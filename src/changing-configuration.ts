// What a reconfig changes around a member, apart from its roles: the files of its configuration, and where it serves clients.
// Java: QuorumPeer.processReconfig, setQuorumVerifier.

import type { ClientDoor } from "./client/door.js";
import type { Config } from "./config/config.js";
import type { HostPort } from "./config/server-spec.js";
import { ExitCode, FatalError } from "./errors.js";
import { parseConfiguration } from "./member/configuration.js";
import { ConfigurationFiles } from "./member/configuration-files.js";
import type { MemberContext } from "./member/role.js";
import { isWildcard } from "./peer/addresses.js";
import { Configuration } from "./quorum/configuration.js";
import { Quorums } from "./quorum/quorums.js";
import type { ServerParts } from "./server.js";
import type { Sid } from "./wire/ids.js";

/** What the files say. Without reconfigEnabled nothing is to come, whatever a file of earlier days says. */
export function startingQuorums(config: Config, sid: Sid): Quorums {
  const { membership, nextMembership, quorum } = config;
  const committed = new Configuration(membership);
  const next = nextMembership && new Configuration(nextMembership);
  if (committed.serverOf(sid) === undefined) {
    throw new FatalError(ExitCode.unexpectedError, `My id ${sid} not in the peer list`);
  }
  return new Quorums(committed, next, quorum.reconfigEnabled);
}

type Keeping = Pick<MemberContext, "remember" | "activated" | "parseConfiguration">;

/** `changed`: another configuration is in force. */
export async function configurationKeeping(
  { platform, config }: ServerParts,
  sid: Sid,
  quorums: Quorums,
  changed: (configuration: Configuration) => void,
): Promise<Keeping> {
  const log = platform.log.child("QuorumPeer");
  const { configFile, quorum } = config;
  const files = new ConfigurationFiles({
    disk: platform.disk,
    log,
    sid,
    configFile,
    workingDirectory: platform.host.workingDirectory,
  });
  if (quorum.reconfigEnabled && quorum.dynamicConfigFile === undefined) await files.backUp();
  return {
    async remember(configuration) {
      const isToCome = configuration.version > quorums.committed.version;
      await (isToCome ? files.remember(configuration) : files.forget());
      quorums.remembered(configuration);
    },
    activated(configuration) {
      const written = files.activate(configuration, !quorums.isChanging);
      changed(configuration);
      return written;
    },
    parseConfiguration: (text) => parseConfiguration(text, quorum),
  };
}

/** Where clients find us. */
export class ClientAddress {
  readonly #door: ClientDoor;
  readonly #config: Config;
  #address: HostPort | undefined;

  constructor(door: ClientDoor, config: Config) {
    this.#door = door;
    this.#config = config;
    const { clientPort: port, clientPortAddress: host = "0.0.0.0" } = config.client;
    this.#address = port === undefined ? undefined : { host, port };
  }

  get address(): HostPort | undefined {
    return this.#address;
  }

  /** What our line of the configuration says; undefined: nothing, so we stay. */
  follow(address: HostPort | undefined): void {
    const before = this.#address;
    if (address === undefined) return;
    this.#address = address;
    const host = listenHost(address);
    if (before !== undefined && host === listenHost(before) && address.port === before.port) return;
    const { clientPortListenBacklog: backlog, clientPortUnification } = this.#config.client;
    const kind = clientPortUnification ? "both" : "plain";
    this.#door.moveTo({ host, port: address.port, backlog }, kind);
  }
}

/** Undefined: on every interface. */
function listenHost({ host }: HostPort): string | undefined {
  return isWildcard(host) ? undefined : host;
}

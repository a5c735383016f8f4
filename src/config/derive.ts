// What is made of several settings together: checks across them, defaults that depend on others, and which of two places
// that say the same thing wins. Java: the second half of QuorumPeerConfig.parseProperties and setupQuorumPeerConfig.

import type { Sid } from "../wire/ids.js";
import { AUTH_PROVIDERS, schemesOf } from "./auth-providers.js";
import type { AuthProvider, Config } from "./config.js";
import { ConfigError } from "./config-error.js";
import { checkMembership, type Membership, observers, participants } from "./membership.js";
import { checkPort, type HostPort, javaHost, type Role } from "./server-spec.js";
import { InvalidValue } from "./setting.js";
import type { Groups } from "./table.js";

export const SERVER_USAGE =
  "Usage: ZooKeeperServerMain configfile | port datadir [ticktime] [maxcnxns]";

/** Java's EphemeralType.MAX_EXTENDED_SERVER_ID: a larger id's sessions would look like TTL nodes. */
const MAX_EXTENDED_SERVER_ID = 254;

const METRICS_PROVIDERS = [
  "org.apache.zookeeper.metrics.impl.DefaultMetricsProvider",
  "org.apache.zookeeper.metrics.impl.NullMetricsProvider",
  "org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider",
];

/** Java's own choices, all of which mean the one thing that we have. */
const CONNECTION_FACTORIES: readonly string[] = [
  "org.apache.zookeeper.server.NIOServerCnxnFactory",
  "org.apache.zookeeper.server.NettyServerCnxnFactory",
];
const WATCH_MANAGERS: readonly string[] = [
  "org.apache.zookeeper.server.watch.WatchManager",
  "org.apache.zookeeper.server.watch.WatchManagerOptimized",
];

export type Say = (level: "info" | "warn" | "error", line: string) => void;
type ConfigGroups = Pick<Config, keyof Groups>;

/** Everything that does not depend on who the members are. */
export function deriveGroups(
  groups: Groups,
  properties: ReadonlyMap<string, string>,
  say: Say,
): ConfigGroups {
  checkQuorumSasl(groups);
  const storage = deriveStorage(groups, say);
  const auth = deriveAuth(groups, properties);
  for (const { name, className } of auth.authProviders) {
    checkPluggable(`authProvider.${name}`, className, Object.keys(AUTH_PROVIDERS));
  }
  checkClientPorts(groups, auth.authProviders, say);
  checkMetricsProvider(groups, say);
  checkPluggable("serverCnxnFactory", groups.client.serverCnxnFactory, CONNECTION_FACTORIES);
  checkPluggable("watchManagerName", groups.tree.watchManagerName, WATCH_MANAGERS);
  return {
    ...groups,
    client: { ...groups.client, fourLetterWordWhitelist: whitelist(groups) },
    session: deriveSession(groups),
    storage,
    limits: { ...groups.limits, juteMaxBufferExtraSizeBytes: extraSize(groups) },
    auth,
    quorum: deriveQuorum(groups, properties),
  };
}

function deriveStorage(groups: Groups, say: Say): Config["storage"] {
  const { dataDir, dataLogDir, flushDelayMs, maxWriteQueuePollTimeMs } = groups.storage;
  if (dataDir === undefined || dataDir === "") throw new InvalidValue("dataDir is not set", "");
  for (const path of [dataDir, dataLogDir]) {
    if (path !== undefined) warnOfRelativePath(path, say);
  }
  return {
    ...groups.storage,
    dataDir: normalizePath(dataDir),
    dataLogDir: normalizePath(dataLogDir === undefined || dataLogDir === "" ? dataDir : dataLogDir),
    maxWriteQueuePollTimeMs: maxWriteQueuePollTimeMs ?? Math.trunc(flushDelayMs / 3),
  };
}

function deriveSession(groups: Groups): Config["session"] {
  const { tickTimeMs, minSessionTimeoutMs, maxSessionTimeoutMs } = groups.session;
  const minimum = minSessionTimeoutMs === -1 ? tickTimeMs * 2 : minSessionTimeoutMs;
  const maximum = maxSessionTimeoutMs === -1 ? tickTimeMs * 20 : maxSessionTimeoutMs;
  if (minimum > maximum) {
    throw new InvalidValue("minSessionTimeout must not be larger than maxSessionTimeout", "");
  }
  return { ...groups.session, minSessionTimeoutMs: minimum, maxSessionTimeoutMs: maximum };
}

function deriveQuorum(groups: Groups, properties: ReadonlyMap<string, string>): Config["quorum"] {
  const { quorum, session } = groups;
  const initLimitMs = quorum.initLimitTicks * session.tickTimeMs;
  const observerSync = properties.has("zookeeper.observer.syncEnabled");
  return {
    ...quorum,
    syncEnabled: observerSync ? quorum.observerSyncEnabled : quorum.syncEnabled,
    connectToLearnerMasterLimitTicks:
      quorum.connectToLearnerMasterLimitTicks || quorum.initLimitTicks,
    quorumCnxnTimeoutMs:
      quorum.quorumCnxnTimeoutMs === -1
        ? quorum.syncLimitTicks * session.tickTimeMs
        : quorum.quorumCnxnTimeoutMs,
    leaderMaxTimeToWaitForEpochMs:
      quorum.leaderMaxTimeToWaitForEpochMs === -1
        ? initLimitMs
        : quorum.leaderMaxTimeToWaitForEpochMs,
  };
}

function deriveAuth(groups: Groups, properties: ReadonlyMap<string, string>): Config["auth"] {
  const superUsers: string[] = [];
  const authProviders: AuthProvider[] = [];
  for (const [property, value] of properties) {
    if (property === "zookeeper.superUser" || property.startsWith("zookeeper.superUser.")) {
      superUsers.push(value);
    } else if (property.startsWith("zookeeper.authProvider.")) {
      authProviders.push({
        name: property.slice("zookeeper.authProvider.".length),
        className: value,
      });
    }
  }
  return { ...groups.auth, ...deriveEnforcement(groups, authProviders), superUsers, authProviders };
}

/** Java: AuthenticationHelper. */
function deriveEnforcement({ auth, client }: Groups, providers: readonly AuthProvider[]) {
  const isSaslRequired = auth.sessionRequireClientSASLAuth;
  const enforceAuthEnabled = isSaslRequired || auth.enforceAuthEnabled;
  const enforceAuthSchemes = isSaslRequired ? ["sasl"] : auth.enforceAuthSchemes;
  if (!enforceAuthEnabled) return { enforceAuthEnabled, enforceAuthSchemes };
  const refuse = (why: string) => new ConfigError("arguments", why, SERVER_USAGE);
  if (enforceAuthSchemes.length === 0) {
    throw refuse(
      "zookeeper.enforce.auth.enabled is true zookeeper.enforce.auth.schemes must be  configured.",
    );
  }
  const known = ["ip", ...schemesOf(providers)];
  if (auth.digestEnabled) known.push("digest");
  if (client.secureClientPort !== undefined || client.clientPortUnification) known.push("x509");
  for (const scheme of enforceAuthSchemes) {
    if (!known.includes(scheme)) {
      throw refuse(`Authentication scheme ${scheme} is not available.`);
    }
  }
  return { enforceAuthEnabled, enforceAuthSchemes };
}

function checkQuorumSasl({ quorum }: Groups): void {
  const enabled = "quorum.auth.enableSasl";
  const server = "quorum.auth.serverRequireSasl";
  const learner = "quorum.auth.learnerRequireSasl";
  const refuse = (missing: string, wanted: string) => {
    throw new InvalidValue(`${missing} is disabled, so cannot enable ${wanted}`, "");
  };
  if (!quorum.authEnableSasl && quorum.authServerRequireSasl) refuse(enabled, server);
  if (!quorum.authEnableSasl && quorum.authLearnerRequireSasl) refuse(enabled, learner);
  if (!quorum.authLearnerRequireSasl && quorum.authServerRequireSasl) refuse(learner, server);
}

function checkClientPorts(groups: Groups, providers: readonly AuthProvider[], say: Say): void {
  const { clientPort, clientPortAddress, secureClientPort, secureClientPortAddress } =
    groups.client;
  checkListening("clientPort", clientPort, clientPortAddress, say);
  checkListening("secureClientPort", secureClientPort, secureClientPortAddress, say);
  const scheme = groups.auth.sslAuthProvider;
  const known = scheme === "x509" || providers.some(({ name }) => name === scheme);
  if (secureClientPort !== undefined && !known) {
    throw new ConfigError(
      "config",
      `No auth provider configured for the SSL authentication scheme '${scheme}'.`,
    );
  }
  const { observerMasterPort } = groups.quorum;
  if (observerMasterPort <= 0) say("info", "observerMasterPort is not set");
  else say("info", `observerMasterPort is ${observerMasterPort}`);
}

function checkListening(
  name: string,
  port: number | undefined,
  address: string | undefined,
  say: Say,
): void {
  if (port === undefined) {
    say("info", `${name} is not set`);
    if (address !== undefined) {
      throw new InvalidValue(`${name}Address is set but ${name} is not set`, "");
    }
    return;
  }
  checkPort(port);
  say("info", `${name}Address is ${formatAddress({ host: address ?? "0.0.0.0", port })}`);
}

function checkMetricsProvider({ metrics }: Groups, say: Say): void {
  say("info", `metricsProvider.className is ${metrics.className}`);
  if (!METRICS_PROVIDERS.includes(metrics.className)) {
    throw new InvalidValue(
      `metrics provider class was not found (metricsProvider.className must be one of ${METRICS_PROVIDERS.join(", ")}: current value is "${metrics.className}")`,
      "",
    );
  }
}

/** A class of somebody's own: Java would load it or not start. There is none that we could load. */
function checkPluggable(name: string, className: string, known: readonly string[]): void {
  if (known.includes(className)) return;
  throw new ConfigError(
    "unexpected",
    `Couldn't instantiate ${className} (${name} must be one of ${known.join(", ")})`,
  );
}

/** srvr always, because zkServer.sh status asks it; isro for clients that look for a read-only server. */
function whitelist({ client, quorum }: Groups): readonly string[] {
  const words = new Set(client.fourLetterWordWhitelist);
  if (quorum.readonlymodeEnabled) words.add("isro");
  words.add("srvr");
  return [...words];
}

function extraSize({ limits }: Groups): number {
  return Math.max(1024, limits.juteMaxBufferExtraSizeBytes ?? limits.juteMaxBufferBytes);
}

// -------------------------------------------------------------------------------------------------- members and our part

export interface Place {
  readonly client: Config["client"];
  readonly peerType: Role;
  readonly distributed: boolean;
}

/** What the server list says of this server, against what the rest of the file says. */
export function derivePlace(
  groups: ConfigGroups,
  membership: Membership,
  myid: Sid | undefined,
  say: Say,
): Place {
  const { standaloneEnabled } = groups.quorum;
  const distributed = !standaloneEnabled || participants(membership).length > 1;
  const client = clientOf(groups.client, membership, myid);
  const listed: Role = observers(membership).some(({ sid }) => sid === myid)
    ? "observer"
    : "participant";
  const { peerType } = groups.quorum;
  if (listed !== peerType) {
    say(
      "warn",
      `Peer type from servers list (${listed.toUpperCase()}) doesn't match peerType (${peerType.toUpperCase()}). Defaulting to servers list.`,
    );
  }
  if (distributed) checkDistributed(groups, myid);
  return { client, peerType: listed, distributed };
}

export function checkMembers(membership: Membership, groups: ConfigGroups, say: Say): void {
  checkMembership(membership, groups.quorum.standaloneEnabled, say);
}

function checkDistributed({ quorum, tree }: ConfigGroups, myid: Sid | undefined): void {
  if (quorum.initLimitTicks === 0) throw new InvalidValue("initLimit is not set", "");
  if (quorum.syncLimitTicks === 0) throw new InvalidValue("syncLimit is not set", "");
  if (myid === undefined) throw new InvalidValue("myid file is missing", "");
  if (tree.extendedTypesEnabled && myid > MAX_EXTENDED_SERVER_ID) {
    throw new ConfigError(
      "unexpected",
      `extendedTypesEnabled is true but Server ID is too large. Cannot be larger than ${MAX_EXTENDED_SERVER_ID}`,
    );
  }
}

/** A client address in our server.N line wins over clientPort, and must not contradict it. */
function clientOf(
  client: Config["client"],
  membership: Membership,
  myid: Sid | undefined,
): Config["client"] {
  const own = membership.servers.find(({ sid }) => sid === myid);
  if (own === undefined) return client;
  const listed = own.client;
  const { clientPort, clientPortAddress } = client;
  if (listed !== undefined && clientPort !== undefined) {
    const anywhere = isAnyAddress(clientPortAddress);
    const same = anywhere || clientPortAddress?.toLowerCase() === listed.host.toLowerCase();
    if (clientPort !== listed.port || !same) {
      const fixed = { host: clientPortAddress, port: clientPort };
      throw new ConfigError(
        "config",
        `client address for this server (id = ${myid}) in static config file is ${socketAddress(fixed)} is different from client address found in dynamic file: ${socketAddress(listed)}`,
      );
    }
  }
  return {
    ...client,
    ...(listed && { clientPort: listed.port, clientPortAddress: listenHost(listed) }),
    ...(own.secureClient && {
      secureClientPort: own.secureClient.port,
      secureClientPortAddress: listenHost(own.secureClient),
    }),
  };
}

function listenHost({ host }: HostPort): string | undefined {
  return isAnyAddress(host) ? undefined : host;
}

export function isAnyAddress(host: string | undefined): boolean {
  return host === undefined || host === "0.0.0.0" || /^[0:]+$/.test(host);
}

/** As Java's InetSocketAddress.toString has it: name/address:port. */
function socketAddress({
  host,
  port,
}: {
  readonly host: string | undefined;
  readonly port: number;
}): string {
  if (host === undefined) return `0.0.0.0/0.0.0.0:${port}`;
  const isAddress = host.includes(":") || /^[\d.]+$/.test(host);
  return isAddress
    ? `/${formatAddress({ host: javaHost(host), port })}`
    : `${host}/<unresolved>:${port}`;
}

function formatAddress({ host, port }: HostPort): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

// ------------------------------------------------------------------------------------------------------------------ paths

/** Java's VerifyingFileFactory: it cannot know whether a relative path is meant. */
export function warnOfRelativePath(path: string, say: Say): void {
  if (path.startsWith("/") || path.startsWith("./") || /^[A-Za-z]:[\\/]/.test(path)) return;
  if (path !== "") say("warn", `${path} is relative. Prepend ./ to indicate that you're sure!`);
}

/** As java.io.File writes a path: one slash where there are several, none at the end. */
export function normalizePath(path: string): string {
  const collapsed = path.replace(/\/{2,}/g, "/");
  return collapsed.length > 1 && collapsed.endsWith("/") ? collapsed.slice(0, -1) : collapsed;
}

// A member of an ensemble: who the others are, and what all its roles share. Java: QuorumPeerMain.runFromConfig.

import { ClientAddress, configurationKeeping, startingQuorums } from "./changing-configuration.js";
import type { Config } from "./config/config.js";
import { type Membership, participants } from "./config/membership.js";
import type { HostPort } from "./config/server-spec.js";
import { configurationLines } from "./configuration-lines.js";
import { ExitCode, FatalError } from "./errors.js";
import { loadTree, newLoader } from "./load-tree.js";
import { Database } from "./member/database.js";
import { Member } from "./member/member.js";
import { ObserverMasters } from "./member/observer-masters.js";
import type { MemberContext } from "./member/role.js";
import type { Configuration } from "./quorum/configuration.js";
import type { QuorumTimes } from "./quorum/effects.js";
import type { Quorums } from "./quorum/quorums.js";
import { openQuorumSasl } from "./quorum-sasl.js";
import { restoreEnsemble } from "./restore-ensemble.js";
import type { Running, ServerParts } from "./server.js";
import { containerOptions, databaseOptions, operationSettings } from "./settings.js";
import { Epochs } from "./storage/epochs.js";
import { openPeerTls } from "./tls-endpoints.js";
import type { DataTree } from "./tree/data-tree.js";
import { CONFIG_PATH } from "./tree/paths.js";

export async function startMember(parts: ServerParts): Promise<Running> {
  const { platform, config, metrics, storage, tree, replayed, port, door, onFatal } = parts;
  const sid = config.myid;
  if (sid === undefined) {
    throw new FatalError(ExitCode.invalidInvocation, "myid file is missing");
  }
  const quorums = startingQuorums(config, sid);
  const log = platform.log.child("QuorumPeer");
  const database = new Database(storage, tree, replayed, databaseOptions(config));
  const { snapshots } = storage.directories;
  const epochs = await Epochs.load(platform.disk, log, snapshots, tree.lastProcessedZxid);
  const clients = new ClientAddress(door, config);
  const membership = () => quorums.committed.membership;
  const context: MemberContext = {
    platform,
    config,
    metrics,
    sid,
    quorums,
    times: timesOf(config),
    database,
    epochs,
    door,
    tls: openPeerTls(platform, config),
    ...(await configurationKeeping(parts, sid, quorums, (configuration) => {
      clients.follow(configuration.serverOf(sid)?.client);
      member.configurationChanged();
    })),
    authentication: openQuorumSasl(platform, config, () => hostsOf(membership())),
    reloadTree: () => loadTree(parts, parts.observer),
    newLoader: () => newLoader(parts, parts.observer),
    ...observerMasters(parts, quorums),
    servingParts: () => servingParts(parts, database.tree, membership(), clients.address),
    serve(serving) {
      if (serving === undefined) door.closeAll("close_all_connections_forced");
      else showConfiguration(database.tree, quorums.committed, platform.clock.wallMs());
      port.switchTo(serving);
      serving?.start();
    },
    fatal: onFatal,
  };
  metrics.gauge("quorum_size", () => quorums.committed.verifier.votingMembers.size);
  const member = new Member(context);
  member.start();
  return {
    peerState: () => member.peerState,
    tree: () => database.tree,
    ensemble: () => ({
      sid,
      leader: member.leader,
      zabState: member.zabState,
      membership: membership(),
      clientAddress: clients.address,
      learners: () => member.learners(),
    }),
    restore: (...state) => restoreEnsemble({ context, member, storage }, ...state),
    stop: (done) => member.stop(done),
  };
}

function hostsOf({ servers }: Membership): string[] {
  return servers.flatMap(({ addresses }) => addresses.map(({ host }) => host));
}

function timesOf({ session, quorum }: Config): QuorumTimes {
  const { tickTimeMs } = session;
  const { initLimitTicks, syncLimitTicks } = quorum;
  return { tickTimeMs, initLimitTicks, syncLimitTicks };
}

/** Of a server for clients, whatever its role; all of it as it is now. */
function servingParts(
  parts: ServerParts,
  tree: DataTree,
  membership: Membership,
  clientAddress: HostPort | undefined,
): ReturnType<MemberContext["servingParts"]> {
  const { platform, config, metrics, schemes, storage, sessionIds, audit } = parts;
  return {
    platform,
    metrics,
    tree,
    storage,
    operationSettings: operationSettings(config, schemes, platform.host),
    tickTimeMs: config.session.tickTimeMs,
    sessionIds,
    configuration: () =>
      configurationLines(config, storage, platform.host, membership, clientAddress?.port),
    containers: containerOptions(config),
    audit,
  };
}

function observerMasters(
  { platform, config }: ServerParts,
  quorums: Quorums,
): Pick<MemberContext, "nextObserverMaster" | "observerMasterServes"> {
  const { observerMasterPort: port } = config.quorum;
  const masters = new ObserverMasters(platform.random, port);
  return {
    nextObserverMaster: (leader) => {
      const voters = participants(quorums.committed.membership);
      if (port === 0 || voters.some(({ sid }) => sid === config.myid)) return undefined;
      return masters.next(voters, leader);
    },
    observerMasterServes: (sid) => masters.served(sid),
  };
}

/** /zookeeper/config says who the members are; each server writes it for itself. Java: ZKDatabase.initConfigInZKDatabase. */
function showConfiguration(tree: DataTree, { text, version }: Configuration, nowMs: number): void {
  tree.addConfigNode();
  tree.setData(CONFIG_PATH, Buffer.from(text, "utf8"), -1, version, nowMs);
}

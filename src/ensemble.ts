// A member of an ensemble: who the others are, and what all its roles share. Java: QuorumPeerMain.runFromConfig.

import type { Config } from "./config/config.js";
import { formatMembership, type Membership, participants } from "./config/membership.js";
import type { HostPort } from "./config/server-spec.js";
import { configurationLines } from "./configuration-lines.js";
import { ExitCode, FatalError } from "./errors.js";
import { loadTree, newLoader } from "./load-tree.js";
import { verifierOf } from "./member/configuration.js";
import { Database } from "./member/database.js";
import { Member } from "./member/member.js";
import { ObserverMasters } from "./member/observer-masters.js";
import type { MemberContext } from "./member/role.js";
import { restoreEnsemble } from "./restore-ensemble.js";
import type { Running, ServerParts } from "./server.js";
import { containerOptions, databaseOptions, operationSettings } from "./settings.js";
import { Epochs } from "./storage/epochs.js";
import { openPeerTls } from "./tls-endpoints.js";
import { CONFIG_PATH, type DataTree } from "./tree/data-tree.js";

export async function startMember(parts: ServerParts): Promise<Running> {
  const { platform, config, metrics, storage, tree, replayed, port, door, onFatal } = parts;
  const { membership, session, quorum } = config;
  const sid = config.myid;
  if (sid === undefined) {
    throw new FatalError(ExitCode.invalidInvocation, "myid file is missing");
  }
  const log = platform.log.child("QuorumPeer");
  const database = new Database(storage, tree, replayed, databaseOptions(config));
  const { snapshots } = storage.directories;
  const epochs = await Epochs.load(platform.disk, log, snapshots, tree.lastProcessedZxid);
  const context: MemberContext = {
    platform,
    config,
    metrics,
    sid,
    isObserver: !participants(membership).some((server) => server.sid === sid),
    verifier: verifierOf(membership),
    times: {
      tickTimeMs: session.tickTimeMs,
      initLimitTicks: quorum.initLimitTicks,
      syncLimitTicks: quorum.syncLimitTicks,
    },
    database,
    epochs,
    door,
    tls: openPeerTls(platform, config),
    configurationText: formatMembership(membership),
    reloadTree: () => loadTree(parts, parts.observer),
    newLoader: () => newLoader(parts, parts.observer),
    nextObserverMaster: observerMasters(parts),
    serverOf: (of) => membership.servers.find((server) => server.sid === of),
    servingParts: () => servingParts(parts, database.tree),
    serve(serving) {
      if (serving === undefined) door.closeAll("close_all_connections_forced");
      else showMembership(database.tree, membership, platform.clock.wallMs());
      port.switchTo(serving);
      serving?.start();
    },
    fatal: onFatal,
  };
  metrics.gauge("quorum_size", () => context.verifier.votingMembers.size);
  const member = new Member(context);
  member.start();
  return {
    peerState: () => member.peerState,
    tree: () => database.tree,
    ensemble: () => ({
      sid,
      leader: member.leader,
      zabState: member.zabState,
      membership,
      clientAddress: clientAddress(config),
      learners: () => member.learners(),
    }),
    restore: (...state) => restoreEnsemble({ context, member, storage }, ...state),
    stop: (done) => member.stop(done),
  };
}

/** Of a server for clients, whatever its role; `tree` as it is now. */
function servingParts(
  parts: ServerParts,
  tree: DataTree,
): ReturnType<MemberContext["servingParts"]> {
  const { platform, config, metrics, schemes, storage, sessionIds, audit } = parts;
  return {
    platform,
    metrics,
    tree,
    storage,
    operationSettings: operationSettings(config, schemes),
    tickTimeMs: config.session.tickTimeMs,
    sessionIds,
    configuration: () => configurationLines(config, storage, platform.host),
    containers: containerOptions(config),
    audit,
  };
}

function clientAddress({ client }: Config): HostPort | undefined {
  const { clientPort: port, clientPortAddress: host = "0.0.0.0" } = client;
  return port === undefined ? undefined : { host, port };
}

function observerMasters({ platform, config }: ServerParts): MemberContext["nextObserverMaster"] {
  const { observerMasterPort: port } = config.quorum;
  const masters = new ObserverMasters(platform.random, port);
  return (leader) => {
    const voters = participants(config.membership);
    if (port === 0 || voters.some(({ sid }) => sid === config.myid)) return undefined;
    return masters.next(voters, leader);
  };
}

/** /zookeeper/config says who the members are; each server writes it for itself. Java: ZKDatabase.initConfigInZKDatabase. */
function showMembership(tree: DataTree, membership: Membership, nowMs: number): void {
  tree.addConfigNode();
  const text = Buffer.from(formatMembership(membership), "utf8");
  tree.setData(CONFIG_PATH, text, -1, membership.version, nowMs);
}

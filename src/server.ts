// The composition root: builds every part in order, and stops them in reverse. Java: ZooKeeperServerMain, QuorumPeerMain.
//
// Read it top to bottom: what is on disk → the tree → the door → whoever serves behind it (src/standalone.ts alone,
// src/ensemble.ts as a member). Nothing serves before everything that it stands on is known to be whole.

import type { EnsembleStatus } from "./admin/admin-context.js";
import type { AdminServer } from "./admin/admin-server.js";
import { SaslScheme } from "./auth/sasl-scheme.js";
import { AuthSchemes, type AuthSettings } from "./auth/schemes.js";
import { X509Scheme } from "./auth/x509-scheme.js";
import { ClientDoor } from "./client/door.js";
import { javaDate } from "./client/java-date.js";
import type { PortKind } from "./client/tls-gate.js";
import { openClientSasl } from "./client-sasl.js";
import { schemesOf } from "./config/auth-providers.js";
import type { Config } from "./config/config.js";
import { startMember } from "./ensemble.js";
import { ExitCode, FatalError } from "./errors.js";
import { startAdminServer, startMetrics } from "./http-doors.js";
import { loadTree } from "./load-tree.js";
import { SwitchPort } from "./member/switch-port.js";
import type { Metrics } from "./metrics/metrics.js";
import { openSessionIds } from "./open-session-ids.js";
import { Audit } from "./pipeline/audit.js";
import type { Logger, NetworkError, Platform } from "./platform/platform.js";
import type { CommittedLog } from "./quorum/committed-log.js";
import { rehearse } from "./rehearsal.js";
import type { SessionIds } from "./session/session-ids.js";
import { authSettings, hasX509, purgeSettings, storageSettings } from "./settings.js";
import { startStandalone } from "./standalone.js";
import { logEnvironment, logSettings } from "./start-log.js";
import { AutoPurge } from "./storage/purge.js";
import { isLarge } from "./storage/snapshot-writer.js";
import { Storage } from "./storage/storage.js";
import type { TlsEndpoint } from "./tls/endpoint.js";
import { openClientTls } from "./tls-endpoints.js";
import type { DataTree } from "./tree/data-tree.js";
import type { TreeObserver } from "./tree/tree-observer.js";
import { observeTree, registerQuotaGauges } from "./tree-watcher.js";
import type { Sid, Zxid } from "./wire/ids.js";

/** The server's part of session ids: 1 for every server that is alone. Java: createSessionTrackerServerId. */
const ALONE = 1 as Sid;

/** The server cannot go on. The caller ends the process. */
export type OnFatal = (error: unknown) => void;

/** What is built before it is known who serves. */
export interface ServerParts {
  readonly platform: Platform;
  readonly config: Config;
  readonly metrics: Metrics;
  readonly schemes: AuthSchemes;
  readonly storage: Storage;
  /** Undefined: audit.enable is not set. */
  readonly audit: Audit | undefined;
  readonly observer: TreeObserver;
  readonly tree: DataTree;
  /** The end of the log that the tree was made from. */
  readonly replayed: CommittedLog;
  readonly sessionIds: SessionIds;
  readonly port: SwitchPort;
  readonly door: ClientDoor;
  readonly onFatal: OnFatal;
}

/** Why a snapshot was not restored: here it cannot be, or something went wrong. */
export interface RestoreProblem {
  readonly kind: "not here" | "failed";
  readonly text: string;
}

/** What is there before anything is opened. */
type GivenParts = Pick<ServerParts, "platform" | "config" | "schemes" | "audit" | "onFatal">;

/** Whoever serves behind the door. */
export interface Running {
  /** `<quorum state> - <zab state>`; undefined for a server that is alone. */
  peerState(): string | undefined;
  /** What is applied here, as it is now: a member's is replaced when its leader sends it anew. */
  tree(): DataTree;
  /**
   * This tree takes the place of the one there is, durably; `statedZxid` is what its snapshot said. `done` is called once, when it
   * is served, or with why it is not.
   */
  restore(tree: DataTree, statedZxid: Zxid, done: (problem?: RestoreProblem) => void): void;
  /** Its place in an ensemble. */
  ensemble?(): EnsembleStatus;
  /** Takes nothing more, and calls back when everything that was accepted is on disk. */
  stop(done: () => void): void;
}

export class Server {
  readonly #log: Logger;
  readonly #parts: ServerParts;
  readonly #purge: AutoPurge;
  readonly #clientTls: TlsEndpoint | undefined;
  #admin: AdminServer | undefined;
  #stopping: Promise<void> | undefined;
  #stopMetrics: ((done: () => void) => void) | undefined;
  #running: Running | undefined;

  private constructor(parts: Omit<ServerParts, "port" | "door">) {
    const { platform, config, metrics, schemes } = parts;
    this.#log = platform.log.child("ZooKeeperServer");
    const { client, limits, session, auth, quorum } = config;
    const settings = { ...client, ...limits, ...session, ...auth, ...quorum };
    // Only members of an ensemble have any.
    settings.localSessionsEnabled &&= config.distributed;
    schemes.watchEnsemble((verdict) => metrics.counters[`ensemble_auth_${verdict}`].add(1));
    const port = new SwitchPort(() => this.#running?.peerState());
    const tls = openClientTls(platform, config);
    const sasl = openClientSasl(platform, config);
    if (sasl?.user !== undefined) parts.audit?.logInAs(sasl.user);
    const acceptor = sasl?.acceptor;
    const door = new ClientDoor({
      platform,
      settings,
      port,
      schemes,
      metrics,
      tls,
      sasl: acceptor,
    });
    this.#clientTls = tls;
    this.#parts = { ...parts, port, door };
    const { storage } = parts;
    const { directories } = storage;
    this.#purge = new AutoPurge(
      platform.clock,
      platform.log.child("DatadirCleanupManager"),
      {
        disk: platform.disk,
        directories,
        checkpointZxid: () => storage.checkpointZxid,
        formatTime: javaDate,
      },
      purgeSettings(config),
    );
  }

  /** Rejects with FatalError where the server cannot be started. */
  static async start(platform: Platform, config: Config, onFatal: OnFatal): Promise<Server> {
    logEnvironment(platform, config);
    const schemes = makeSchemes(config);
    const audit = openAudit(platform, config, schemes);
    try {
      const server = await Server.#start({ platform, config, schemes, audit, onFatal });
      audit?.serverStarted();
      return server;
    } catch (error) {
      audit?.serverStartFailed();
      throw error;
    }
  }

  static async #start(given: GivenParts): Promise<Server> {
    const { platform, config, audit, onFatal } = given;
    const { metrics, stop: stopMetrics } = await startMetrics(platform, config);
    const slowSyncs = { count: 0 };
    const storage = await openStorage(platform, config, metrics, slowSyncs, onFatal);
    logSettings(platform, config, storage.directories);
    const observer = observeTree(metrics, audit);
    const shared = { ...given, metrics, storage, observer };
    const loaded = await loadTree(shared, observer);
    const sessionIds = await openSessionIds(
      platform,
      storage.directories.snapshots,
      config.distributed ? (config.myid ?? ALONE) : ALONE,
      loaded.tree.sessions.keys(),
      onFatal,
    );
    const server = new Server({ ...shared, ...loaded, sessionIds });
    registerQuotaGauges(metrics, () => server.tree);
    server.#stopMetrics = stopMetrics;
    server.#admin = await startAdminServer(server.#parts, {
      tree: () => server.tree,
      running: () => server.#running,
      ensemble: () => server.#running?.ensemble?.(),
      slowSyncs,
    });
    server.#running = config.distributed
      ? await startMember(server.#parts)
      : startStandalone(server.#parts);
    await server.#listen();
    server.#purge.start();
    void rehearseLarge(given, storage, () => server.#stopping !== undefined);
    return server;
  }

  /** For whoever looks into a running server. */
  get peerState(): string | undefined {
    return this.#running?.peerState();
  }

  get tree(): DataTree {
    return this.#running?.tree() ?? this.#parts.tree;
  }

  get clientPort(): number {
    return this.#parts.door.listeningPort;
  }

  get secureClientPort(): number {
    return this.#parts.door.secureListeningPort;
  }

  /** Answers what was accepted or leaves it unacknowledged, closes the connections, and lets go of the log. Once. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    const { door, storage } = this.#parts;
    this.#log.info("Shutting down");
    this.#purge.shutdown();
    this.#parts.audit?.serverStopped();
    await new Promise<void>((done) => (this.#running ? this.#running.stop(done) : done()));
    await new Promise<void>((done) => door.stop(done));
    this.#clientTls?.close();
    await new Promise<void>((done) => (this.#admin ? this.#admin.stop(done) : done()));
    await new Promise<void>((done) => storage.close(done));
    await new Promise<void>((done) => (this.#stopMetrics ? this.#stopMetrics(done) : done()));
    this.#log.info("Shut down");
  }

  async #listen(): Promise<void> {
    const { client } = this.#parts.config;
    const { clientPort, clientPortAddress, secureClientPort, secureClientPortAddress } = client;
    if (clientPort === undefined && secureClientPort === undefined) {
      this.#log.warn("clientPort is not set: no client can connect");
    }
    const kind = client.clientPortUnification ? "both" : "plain";
    if (clientPort !== undefined) await this.#bind(clientPortAddress, clientPort, kind);
    if (secureClientPort !== undefined) {
      await this.#bind(secureClientPortAddress, secureClientPort, "tls");
    }
  }

  async #bind(host: string | undefined, port: number, kind: PortKind): Promise<void> {
    const { config, door } = this.#parts;
    const backlog = config.client.clientPortListenBacklog;
    const error = await new Promise<NetworkError | undefined>((ready) =>
      door.listen({ host, port, backlog }, ready, kind),
    );
    if (error === undefined) return;
    const where = `${host ?? "0.0.0.0"}:${port}`;
    const text = `Cannot bind the client port ${where}: ${error.message}`;
    // A name that leads nowhere is a wrong configuration, for Java as well.
    const isUnknown = error.code === "ENOTFOUND" || error.code === "EAI_AGAIN";
    throw new FatalError(isUnknown ? ExitCode.invalidInvocation : ExitCode.unexpectedError, text);
  }
}

/** Java: ZKAuditProvider. */
function openAudit(platform: Platform, config: Config, schemes: AuthSchemes): Audit | undefined {
  const isEnabled = config.logging.auditEnable;
  const log = platform.log.child("ZKAuditProvider");
  log.info(`ZooKeeper audit is ${isEnabled ? "enabled" : "disabled"}.`);
  if (!isEnabled) return undefined;
  return new Audit(platform.log.child("audit"), schemes, platform.host.userName);
}

function makeSchemes(config: Config): AuthSchemes {
  const { auth } = config;
  const extra = schemesOf(auth.authProviders);
  const digestEnabled = auth.digestEnabled || extra.includes("digest");
  const schemes = newSchemes({ ...authSettings(config), digestEnabled });
  if (extra.includes("ensemble")) schemes.registerEnsemble(auth.ensembleAuthName);
  if (extra.includes("sasl")) schemes.register(new SaslScheme(auth.letAnySaslUserDoX));
  if (hasX509(config)) schemes.register(new X509Scheme(config.auth.x509SuperUser));
  return schemes;
}

function newSchemes(settings: AuthSettings): AuthSchemes {
  try {
    return new AuthSchemes(settings);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const text = `Cannot use DigestAuthenticationProvider.digestAlg: ${error.message}`;
    throw new FatalError(ExitCode.unexpectedError, text);
  }
}

function openStorage(
  platform: Platform,
  config: Config,
  metrics: Metrics,
  slowSyncs: { count: number },
  onFatal: OnFatal,
): Promise<Storage> {
  const log = platform.log.child("FileTxnSnapLog");
  return Storage.open(platform, storageSettings(config), log, {
    observer: {
      synced(elapsedMs, isSlow) {
        metrics.summaries.fsynctime.add(elapsedMs);
        metrics.durations.logSyncs.add(elapsedMs);
        if (isSlow) slowSyncs.count++;
      },
      snapshotTaken: (elapsedMs) => metrics.summaries.snapshottime.add(elapsedMs),
    },
    onFatal: (error) => {
      const text = `Severe unrecoverable error, exiting: ${error.message}`;
      onFatal(new FatalError(ExitCode.unexpectedError, text, { cause: error }));
    },
  });
}

/** Where the next snapshot will be a large one, whose first time clients would notice. */
async function rehearseLarge(
  { platform, config, schemes }: GivenParts,
  storage: Storage,
  isStopping: () => boolean,
): Promise<void> {
  const file = storage.lastSnapshot?.file;
  if (file === undefined || !isLarge(file)) return;
  const { clock } = platform;
  const startMs = clock.monotonicMs();
  const log = platform.log.child("FileSnap");
  try {
    await rehearse(platform, config, schemes, isStopping);
    log.debug(`Rehearsed snapshots in ${Math.floor(clock.monotonicMs() - startMs)} ms`);
  } catch (error) {
    log.warn("Cannot rehearse snapshots: replies may take longer during the first ones", error);
  }
}

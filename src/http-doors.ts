// What an operator can reach over HTTP: the commands and, where it is asked for, the metrics for Prometheus.
// Java: AdminServerFactory, MetricsProviderBootstrap, and who calls them in ZooKeeperServerMain and QuorumPeer.

import type { AdminContext, EnsembleStatus, TakenSnapshot } from "./admin/admin-context.js";
import { AdminServer } from "./admin/admin-server.js";
import type { HttpTls } from "./admin/http/http-server.js";
import { MetricsServer } from "./admin/metrics-server.js";
import { PauseMonitor } from "./admin/pause-monitor.js";
import { isPermitted } from "./auth/access.js";
import type { Config } from "./config/config.js";
import { ExitCode, FatalError } from "./errors.js";
import { Metrics, type MetricsProvider } from "./metrics/metrics.js";
import { DiskError, type NetworkError, type Platform } from "./platform/platform.js";
import { beginRestoration } from "./restore.js";
import type { Running, ServerParts } from "./server.js";
import type { SnapshotFile } from "./storage/file-names.js";
import { openAdminTls, openMetricsTls } from "./tls-endpoints.js";
import type { DataTree } from "./tree/data-tree.js";

/** The configuration knows no others. */
const PROVIDERS: Readonly<Record<string, MetricsProvider>> = {
  "org.apache.zookeeper.metrics.impl.DefaultMetricsProvider": "default",
  "org.apache.zookeeper.metrics.impl.NullMetricsProvider": "null",
  "org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider": "prometheus",
};

export interface RunningMetrics {
  readonly metrics: Metrics;
  stop(done: () => void): void;
}

/** Rejects with FatalError: Java's server does not start without its metrics provider either. */
export async function startMetrics(platform: Platform, config: Config): Promise<RunningMetrics> {
  const { className } = config.metrics;
  const provider = PROVIDERS[className] ?? "default";
  const metrics = new Metrics(provider);
  const isPrometheus = provider === "prometheus";
  const pauses = new PauseMonitor(platform, config.logging, metrics);
  // Prometheus gets the event loop's lag without being asked: it is the first thing to look at.
  if (config.logging.jvmPauseMonitor || isPrometheus) pauses.start();
  if (!isPrometheus) {
    return {
      metrics,
      stop(done) {
        pauses.stop();
        done();
      },
    };
  }
  const server = new MetricsServer(
    platform,
    config.metrics,
    metrics,
    openMetricsTls(platform, config),
  );
  const error = await new Promise<NetworkError | undefined>((ready) => server.start(ready));
  if (error !== undefined) {
    const text = `Cannot boot MetricsProvider ${className}: ${error.message}`;
    throw new FatalError(ExitCode.unexpectedError, text, { cause: error });
  }
  return {
    metrics,
    stop(done) {
      pauses.stop();
      server.stop(done);
    },
  };
}

/** How often it is looked whether a snapshot that is being taken is done, so that ours can be. */
const SNAPSHOT_RETRY_MS = 50;

export interface OperatorView {
  readonly tree: () => DataTree;
  readonly running: () => Running | undefined;
  readonly ensemble: () => EnsembleStatus | undefined;
  readonly slowSyncs: { count: number };
}

/**
 * Undefined where there is none: not wanted, or, in an ensemble, not to be had. A server that is alone does not start
 * without it. Rejects with FatalError.
 */
export async function startAdminServer(
  parts: ServerParts,
  view: OperatorView,
): Promise<AdminServer | undefined> {
  const { config, platform } = parts;
  if (!config.admin.enableServer) return undefined;
  const log = platform.log.child("AdminServerFactory");
  let tls: HttpTls | undefined;
  try {
    tls = openAdminTls(platform, config);
  } catch (error) {
    // As Java does: without its keys there are no HTTP commands, and the server goes on.
    log.warn("Unable to start JettyAdminServer", error);
    return undefined;
  }
  const server = new AdminServer(adminContext(parts, view), tls);
  const error = await new Promise<Error | undefined>((ready) => server.start(ready));
  if (error === undefined) return server;
  if (!config.distributed) {
    throw new FatalError(ExitCode.errorStartingAdminServer, error.message, { cause: error.cause });
  }
  platform.log
    .child("QuorumPeer")
    .warn(`Problem starting AdminServer: ${error.message}`, error.cause);
  return undefined;
}

function adminContext(parts: ServerParts, view: OperatorView): AdminContext {
  const { config, door, schemes, storage } = parts;
  let isRestoring = false;
  return {
    config,
    door,
    ensemble: view.ensemble,
    slowSyncs: view.slowSyncs,
    lastSnapshot: () => storage.lastSnapshot,
    takeSnapshot: (isStreamed, done) => takeSnapshot(parts, view, isStreamed, done),
    beginRestore() {
      if (isRestoring) return undefined;
      isRestoring = true;
      return beginRestoration(parts, view.running, () => {
        isRestoring = false;
      });
    },
    tree: view.tree,
    logged: storage,
    authenticate(schemeName, proof, caller) {
      const outcome = schemes.authenticate(caller, schemeName, proof);
      return outcome.ok ? outcome.identities : undefined;
    },
    userNameOf: (identity) => schemes.userNameOf(identity),
    isPermitted: (acl, permission, identities) => isPermitted(schemes, acl, permission, identities),
  };
}

function takeSnapshot(
  parts: ServerParts,
  view: OperatorView,
  isStreamed: boolean,
  done: (snapshot: TakenSnapshot | undefined) => void,
): void {
  const { platform, port, storage } = parts;
  // The role may have changed while we waited: between two roles the tree is nobody's to show.
  if (!port.serving) {
    done(undefined);
    return;
  }
  if (storage.snapshotting) {
    platform.clock.setTimer(SNAPSHOT_RETRY_MS, () => takeSnapshot(parts, view, isStreamed, done));
    return;
  }
  const source = view.tree().beginSnapshot();
  const opened = (file: SnapshotFile): TakenSnapshot => {
    return { file, content: platform.disk.openForReading(file.path) };
  };
  const failed = (error: unknown): void => {
    if (!(error instanceof DiskError)) throw error;
    done(undefined);
  };
  if (isStreamed && parts.config.storage.snapshotStore === "lmdb") {
    storage
      .exportSnapshot(source)
      .then(async (file) => {
        const snapshot = opened(file);
        // Who has opened it can read it to its end; where that is not so, the next start removes it.
        await platform.disk.remove(file.path).catch(() => {});
        done(snapshot);
      })
      .catch(failed);
    return;
  }
  storage.startSnapshot(source, (error, file) => {
    if (error !== undefined || file === undefined) {
      done(undefined);
      return;
    }
    try {
      done(opened(file));
    } catch (cause) {
      failed(cause);
    }
  });
}

// What an operator can reach over HTTP: the commands and, where it is asked for, the metrics for Prometheus.
// Java: AdminServerFactory, MetricsProviderBootstrap, and who calls them in ZooKeeperServerMain and QuorumPeer.

import type { AdminContext, EnsembleStatus, TakenSnapshot } from "./admin/admin-context.js";
import { AdminServer } from "./admin/admin-server.js";
import { isPermitted } from "./auth/access.js";
import { ExitCode, FatalError } from "./errors.js";
import { DiskError } from "./platform/platform.js";
import type { ServerParts } from "./server.js";
import type { DataTree } from "./tree/data-tree.js";

/** How often it is looked whether a snapshot that is being taken is done, so that ours can be. */
const SNAPSHOT_RETRY_MS = 50;

export interface OperatorView {
  readonly tree: () => DataTree;
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
  const server = new AdminServer(adminContext(parts, view));
  const error = await new Promise<Error | undefined>((ready) => server.start(ready));
  if (error === undefined) return server;
  if (!config.distributed) {
    throw new FatalError(ExitCode.errorStartingAdminServer, error.message, { cause: error.cause });
  }
  const log = platform.log.child("QuorumPeer");
  log.warn(`Problem starting AdminServer: ${error.message}`, error.cause);
  return undefined;
}

function adminContext(parts: ServerParts, view: OperatorView): AdminContext {
  const { config, door, schemes, storage } = parts;
  return {
    config,
    door,
    ensemble: view.ensemble,
    slowSyncs: view.slowSyncs,
    lastSnapshot: () => storage.lastSnapshot,
    takeSnapshot: (done) => takeSnapshot(parts, view, done),
    rootAcl() {
      const tree = view.tree();
      const root = tree.get("/");
      return root === undefined ? [] : tree.aclOf(root);
    },
    authenticate(schemeName, proof, remoteAddress) {
      const outcome = schemes.authenticate({ remoteAddress }, schemeName, proof);
      return outcome.ok ? outcome.identities : undefined;
    },
    isPermitted: (acl, permission, identities) => isPermitted(schemes, acl, permission, identities),
  };
}

function takeSnapshot(
  parts: ServerParts,
  view: OperatorView,
  done: (snapshot: TakenSnapshot | undefined) => void,
): void {
  const { platform, port, storage } = parts;
  // The role may have changed while we waited: between two roles the tree is nobody's to show.
  if (!port.serving) {
    done(undefined);
    return;
  }
  if (storage.snapshotting) {
    platform.clock.setTimer(SNAPSHOT_RETRY_MS, () => takeSnapshot(parts, view, done));
    return;
  }
  storage.startSnapshot(view.tree().beginSnapshot(), (error, file) => {
    if (error !== undefined || file === undefined) {
      done(undefined);
      return;
    }
    try {
      done({ file, content: platform.disk.openForReading(file.path) });
    } catch (cause) {
      if (!(cause instanceof DiskError)) throw cause;
      done(undefined);
    }
  });
}

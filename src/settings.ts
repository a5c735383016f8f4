// What each part is told of the configuration: `Config` has ZooKeeper's groups and names, the parts have what they need.

import type { AuthSchemes, AuthSettings } from "./auth/schemes.js";
import type { Config } from "./config/config.js";
import { LOG_SYNC_MAX_BYTES, WATCHES_HEAP_SHARE } from "./limits.js";
import type { ContainerManagerOptions } from "./member/container-manager.js";
import type { DatabaseOptions } from "./member/database.js";
import type { OperationSettings } from "./operations/operation.js";
import type { LogStageOptions } from "./pipeline/log.js";
import type { HostFacts } from "./platform/platform.js";
import type { StorageSettings } from "./storage/settings.js";
import type { TreeSettings } from "./tree/tree-settings.js";

const HOUR_MS = 60 * 60 * 1000;

export function storageSettings({ storage, myid, distributed }: Config): StorageSettings {
  return {
    dataDir: storage.dataDir,
    dataLogDir: storage.dataLogDir,
    serverId: distributed ? (myid ?? 0) : 0,
    snapCount: storage.snapCount,
    snapSizeLimitBytes: storage.snapSizeLimitBytes,
    snapshotMinLogPercent: storage.snapshotMinLogPercent,
    txnLogSizeLimitBytes: storage.txnLogSizeLimitBytes,
    txnLogDirectMinBytes: storage.txnLogDirectMinBytes,
    preAllocBytes: storage.preAllocSizeBytes,
    forceSync: storage.forceSync,
    maxBatchSize: storage.maxBatchSize,
    fsyncWarningThresholdMs: storage.fsyncWarningThresholdMs,
    snapshotCompression: storage.snapshotCompressionMethod,
    snapshotSliceBytes: 0,
    snapshotStore: storage.snapshotStore,
    trustEmptySnapshot: storage.snapshotTrustEmpty,
    serializeLastProcessedZxid: storage.serializeLastProcessedZxidEnabled,
    digestEnabled: storage.digestEnabled,
    datadirAutocreate: storage.datadirAutocreate,
    dbAutocreate: storage.dbAutocreate,
  };
}

export function purgeSettings({ storage }: Config) {
  return {
    snapRetainCount: storage.autopurgeSnapRetainCount,
    purgeIntervalHours: storage.autopurgePurgeIntervalMs / HOUR_MS,
  };
}

export function treeSettings(config: Config): Omit<TreeSettings, "onDigestMismatch"> {
  const { client, storage, tree } = config;
  return {
    digestEnabled: storage.digestEnabled,
    childListsKept: Math.max(0, client.maxGetChildrenResponseCacheSize),
    extendedTypesEnabled: tree.extendedTypesEnabled,
    emulate353TtlNodes: tree.emulate353TTLNodes,
  };
}

export function authSettings({ auth }: Config): AuthSettings {
  return {
    digestEnabled: auth.digestEnabled,
    digestAlgorithm: auth.digestAlg,
    superDigest: auth.digestSuperDigest,
  };
}

const X509_PROVIDER = "org.apache.zookeeper.server.auth.X509AuthenticationProvider";

/** Java has the provider where a port takes TLS, or where it is named (authProvider.N). */
export function hasX509({ client, properties }: Config): boolean {
  if (client.secureClientPort !== undefined || client.clientPortUnification) return true;
  for (const [name, value] of properties) {
    if (name.startsWith("zookeeper.authProvider.") && value === X509_PROVIDER) return true;
  }
  return false;
}

export function operationSettings(
  config: Config,
  schemes: AuthSchemes,
  host: HostFacts,
): OperationSettings {
  const { auth, tree, storage, limits, quorum } = config;
  return {
    schemes,
    skipAcl: auth.skipACL,
    extendedTypesEnabled: tree.extendedTypesEnabled,
    emulate353TtlNodes: tree.emulate353TTLNodes,
    enforceQuota: tree.enforceQuota,
    digestEnabled: storage.digestEnabled,
    closeSessionTxnEnabled: storage.closeSessionTxnEnabled,
    reconfigEnabled: quorum.reconfigEnabled,
    txnSizeMaxBytes: limits.juteMaxBufferBytes + limits.juteMaxBufferExtraSizeBytes,
    watchesMaxBytes: host.memory().maxBytes * WATCHES_HEAP_SHARE,
  };
}

export function containerOptions({ tree }: Config): ContainerManagerOptions {
  return {
    checkIntervalMs: tree.znodeContainerCheckIntervalMs,
    maxPerMinute: tree.znodeContainerMaxPerMinute,
    maxNeverUsedIntervalMs: tree.znodeContainerMaxNeverUsedIntervalMs,
  };
}

export function databaseOptions({ storage, limits }: Config): DatabaseOptions {
  const recordMaxBytes = limits.juteMaxBufferBytes + limits.juteMaxBufferExtraSizeBytes;
  return {
    commitLogCount: storage.commitLogCount,
    // So many of the largest records: what a count alone would allow is the machine's memory.
    commitLogBytes: recordMaxBytes * 16,
    forceSnapshotSync: storage.forceSnapshotSync,
    logSyncMaxBytes: storage.snapshotSizeFactor > 0 ? LOG_SYNC_MAX_BYTES : 0,
  };
}

export function logStageOptions({ storage }: Config): LogStageOptions {
  return { flushDelayMs: storage.flushDelayMs, maxBatchSize: storage.maxBatchSize };
}

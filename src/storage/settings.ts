// What storage is told by the configuration: values, already checked, in bytes and milliseconds.

import type { Zxid } from "../wire/ids.js";
import type { Compression } from "./file-names.js";

export type SnapshotStore = "file" | "lmdb";

export interface StorageSettings {
  /** As configured, without version-2. */
  readonly dataDir: string;
  readonly dataLogDir: string;
  /** myid; 0 for a standalone server. Names the thread in Java's line about slow syncs. */
  readonly serverId: number;
  readonly snapCount: number;
  /** 0 or less: off. */
  readonly snapSizeLimitBytes: number;
  /** How much of a large snapshot's size the log must have before the next; 0: nothing. */
  readonly snapshotMinLogPercent: number;
  /** 0 or less: off. */
  readonly txnLogSizeLimitBytes: number;
  /** From so many bytes on a batch goes past the system's cache; negative: none does. */
  readonly txnLogDirectMinBytes: number;
  /** 0 or less: off. */
  readonly preAllocBytes: number;
  readonly forceSync: boolean;
  /** So many txns of a Java server's may wait for one sync. */
  readonly maxBatchSize: number;
  readonly fsyncWarningThresholdMs: number;
  readonly snapshotCompression: Compression;
  /** The least that is made of one in a turn; 0: as limits.ts says. */
  readonly snapshotSliceBytes: number;
  /** file: Java's snapshots. lmdb: one checkpoint that is brought forward. */
  readonly snapshotStore: SnapshotStore;
  readonly trustEmptySnapshot: boolean;
  readonly serializeLastProcessedZxid: boolean;
  readonly digestEnabled: boolean;
  readonly datadirAutocreate: boolean;
  readonly dbAutocreate: boolean;
}

/** Java's defaults, for whoever only knows where the data are. */
export const DEFAULT_STORAGE_SETTINGS: Omit<StorageSettings, "dataDir" | "dataLogDir"> = {
  serverId: 0,
  snapCount: 100_000,
  snapSizeLimitBytes: 4_194_304 * 1024,
  snapshotMinLogPercent: 75,
  txnLogSizeLimitBytes: -1,
  txnLogDirectMinBytes: 40 * 1024,
  preAllocBytes: 65_536 * 1024,
  forceSync: true,
  maxBatchSize: 1000,
  fsyncWarningThresholdMs: 1000,
  snapshotCompression: "",
  snapshotSliceBytes: 0,
  snapshotStore: "file",
  trustEmptySnapshot: false,
  serializeLastProcessedZxid: true,
  digestEnabled: true,
  datadirAutocreate: true,
  dbAutocreate: true,
};

/** Who counts. Every method is called at most once per flush or snapshot. */
export interface StorageObserver {
  synced(elapsedMs: number, slow: boolean): void;
  snapshotTaken(elapsedMs: number, zxid: Zxid): void;
}

export const NO_OBSERVER: StorageObserver = {
  synced() {},
  snapshotTaken() {},
};

// Where and how the data is kept: FileTxnLog, FileSnap, FileTxnSnapLog, SyncRequestProcessor, DatadirCleanupManager.

import {
  choice,
  custom,
  decimal,
  flag,
  InvalidValue,
  int,
  kilobytes,
  long,
  optionalInt,
  optionalLong,
  optionalText,
  word,
} from "../setting.js";

const HOUR_MS = 60 * 60 * 1000;

export const storageSettings = {
  dataDir: optionalText({
    name: "dataDir",
    place: "file",
    about:
      "Directory of snapshots, myid and, unless dataLogDir is set, transaction logs. Everything ZooKeeper knows is here: not on a temporary file system, as /tmp is on many machines. A relative path counts from where the server was started.",
  }),
  dataLogDir: optionalText({
    name: "dataLogDir",
    place: "file",
    about:
      'Directory of transaction logs; dataDir when left out. Best a disk of its own: every write waits for its sync. Directories that were mixed up are refused: "Log directory has snapshot files. Check if dataLogDir and dataDir configuration is correct."',
  }),
  snapCount: int({
    name: "snapCount",
    fallback: 100_000,
    unit: "transactions",
    about:
      "A snapshot is taken and a new log file begun after half to all of this many transactions. Fewer: quicker restarts, more disk traffic.",
    adjust: (value, warn) => {
      if (value >= 2) return value;
      warn("SnapCount should be 2 or more. Now, snapCount is reset to 2");
      return 2;
    },
  }),
  snapSizeLimitBytes: kilobytes({
    name: "snapSizeLimitInKb",
    fallbackKb: 4_194_304,
    about: "The same by the bytes written to the log; 0 or less: not by size.",
  }),
  snapshotMinLogPercent: int({
    name: "snapshot.minLogPercent",
    fallback: 75,
    unit: "%",
    about:
      "After a snapshot of 16 MB or more the next one waits until the log has grown by this part of it, so that a large tree is not written again and again for a few changes. 0: snapCount and snapSizeLimitInKb decide alone, as in Java: quicker restarts, many times the disk traffic.",
    adjust: (value) => Math.max(0, value),
  }),
  txnLogSizeLimitBytes: kilobytes({
    name: "txnLogSizeLimitInKb",
    fallbackKb: -1,
    about: "A new log file is begun at this size, without a snapshot; -1: not by size.",
    adjust: (value) => (value > 0 ? value : -1),
  }),
  txnLogDirectMinBytes: int({
    name: "txnLog.directMinBytes",
    fallback: 40_960,
    unit: "bytes",
    about:
      "What is written to the log at once and is at least so much goes to the disk past the system's cache (O_DIRECT), where the file system can do that. It saves the memory, and the time to fill it. -1: everything goes through the cache, as in Java.",
    adjust: (value) => Math.max(-1, value),
  }),
  preAllocSizeBytes: kilobytes({
    name: "preAllocSize",
    fallbackKb: 65_536,
    about:
      "The log file grows in steps of this size, so that a sync need not write the file's length. 0: it grows with each write. Make it small when snapshots are frequent.",
  }),
  forceSync: word({
    name: "forceSync",
    off: "no",
    shown: "yes",
    about:
      "no: transactions are acknowledged before they are on disk. A power cut then loses acknowledged writes, and can make the members of an ensemble disagree. For tests only.",
  }),
  fsyncWarningThresholdMs: long({
    name: "fsync.warningthresholdms",
    place: "propertyThenBare",
    fallback: 1000,
    unit: "ms",
    about:
      'A sync that takes longer is reported: "fsync-ing the write ahead log in SyncThread:N took ... ms which will adversely effect operation latency". The disk is shared or too slow.',
  }),
  flushDelayMs: long({
    name: "flushDelay",
    fallback: 0,
    unit: "ms",
    about:
      "A write may wait this long for others to share its sync; 0: only those of the same moment share one. More throughput for more delay.",
    adjust: (value) => Math.max(0, value),
  }),
  maxWriteQueuePollTimeMs: optionalLong({
    name: "maxWriteQueuePollTime",
    unit: "ms",
    about:
      "Java's wait for more writes while flushDelay runs; a third of flushDelay when left out.",
  }),
  maxBatchSize: int({
    name: "maxBatchSize",
    fallback: 1000,
    unit: "transactions",
    about: "So many writes share one sync at the most.",
    adjust: (value) => Math.max(0, value),
  }),
  snapshotCompressionMethod: choice({
    name: "snapshot.compression.method",
    fallback: "",
    values: ["", "gz", "snappy"],
    about:
      "How new snapshots are compressed: gz, snappy or not at all. Any kind is read. Servers before 3.6 read none of them.",
  }),
  snapshotStore: choice({
    name: "snapshot.store",
    fallback: "file",
    values: ["file", "lmdb"],
    strict: true,
    about:
      "file: snapshots as Java's, which every server and tool reads. lmdb: one checkpoint.mdb that is brought forward by what has changed, for large trees of which little changes; no Java server starts in such a directory before zkCheckpointToolkit.sh has converted it. Either kind is read, and given up for the other at the next snapshot.",
  }),
  snapshotTrustEmpty: flag({
    name: "snapshot.trust.empty",
    fallback: false,
    about:
      "Start although there are log files and no snapshot. For one start after an upgrade from 3.4, whose young servers had none; otherwise a missing snapshot means lost data.",
  }),
  serializeLastProcessedZxidEnabled: flag({
    name: "serializeLastProcessedZxid.enabled",
    fallback: true,
    about: "Snapshots end with the zxid up to which they hold every change (3.9 and later).",
  }),
  digestEnabled: flag({
    name: "digest.enabled",
    fallback: true,
    about:
      "A digest of the tree is kept with transactions and snapshots and compared on replay. Off saves some work and hides members that disagree.",
  }),
  closeSessionTxnEnabled: flag({
    name: "closeSessionTxn.enabled",
    fallback: true,
    about:
      "Closing a session writes the ephemeral nodes that go with it into the log. Only while servers before 3.6 are in the ensemble must it be off.",
  }),
  datadirAutocreate: flag({
    name: "datadir.autocreate",
    fallback: true,
    about:
      'Make missing data directories at the start. Off, a disk that was not mounted is noticed: "Missing data directory ..., automatic data directory creation is disabled" (exit code 3).',
  }),
  dbAutocreate: flag({
    name: "db.autocreate",
    fallback: true,
    about:
      "A server without any data takes part at once. Off, it waits for the leader's unless dataDir/initialize exists (zkServer-initialize.sh makes it): a member that lost its disk then cannot vote for losing data.",
  }),
  autopurgeSnapRetainCount: int({
    name: "autopurge.snapRetainCount",
    place: "file",
    fallback: 3,
    unit: "snapshots",
    about: "So many snapshots, with the logs they need, are kept by the purge; at least 3.",
    adjust: (value, warn) => {
      if (value >= 3) return value;
      warn(`Invalid autopurge.snapRetainCount: ${value}. Defaulting to 3`);
      return 3;
    },
  }),
  autopurgePurgeIntervalMs: custom<number>({
    name: "autopurge.purgeInterval",
    place: "file",
    fallback: 0,
    shown: "0",
    unit: "hours",
    read: parsePurgeInterval,
    about:
      "How often old snapshots and logs are removed; 0: never, and the disk fills up. A number is hours; 3.10's units ms, s, m, h, d may follow it.",
  }),
  snapshotSizeFactor: decimal({
    name: "snapshotSizeFactor",
    later: true,
    fallback: 0.33,
    about:
      "A follower is brought up to date from the log on disk while that is smaller than this part of the snapshot; below 0: never from disk.",
    adjust: (value, warn) => {
      if (value <= 1) return value;
      warn("The configured zookeeper.snapshotSizeFactor is invalid, going to use the default 0.33");
      return 0.33;
    },
  }),
  commitLogCount: int({
    name: "commitLogCount",
    later: true,
    fallback: 500,
    unit: "transactions",
    about:
      "The last committed transactions kept in memory for followers that return; at least 500. A follower further behind needs the disk or a snapshot.",
    adjust: (value, warn) => {
      if (value >= 500) return value;
      warn(
        "The configured commitLogCount zookeeper.commitLogCount is less than the recommended 500, going to use the recommended one",
      );
      return 500;
    },
  }),
  forceSnapshotSync: flag({
    name: "forceSnapshotSync",
    later: true,
    fallback: false,
    about: "Followers always get a whole snapshot. For tests.",
  }),
  testAllowDiscontinuousProposals: flag({
    name: "test.allowDiscontinuousProposals",
    fallback: false,
    about: "Java's own tests only. Accepted without effect.",
  }),
  testingInitialZxid: optionalInt({
    name: "testingonly.initialZxid",
    about: "Java's own tests only. Accepted without effect.",
  }),
} as const;

/** 3.9: whole hours. 3.10: a number with a unit as well. */
function parsePurgeInterval(value: string): number {
  const match = /^([+-]?\d+)\s*(ms|s|m|h|d|)$/.exec(value);
  const units: Record<string, number> = {
    ms: 1,
    s: 1000,
    m: 60_000,
    h: HOUR_MS,
    d: 24 * HOUR_MS,
    "": HOUR_MS,
  };
  const interval = match === null ? Number.NaN : Number(match[1]) * units[match[2] as string]!;
  if (!Number.isSafeInteger(interval)) {
    throw new InvalidValue(`For input string: "${value}"`, "must be a number of hours");
  }
  return Math.max(0, interval);
}

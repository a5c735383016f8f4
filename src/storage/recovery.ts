// From the files to the state: the newest snapshot that is whole, and every transaction after it. Java:
// FileTxnSnapLog.restore, FileSnap.deserialize, FileTxnLog.FileTxnIterator.
//
// Either everything that was ever acknowledged comes back, or the server does not start and says in one line which file,
// which offset, which zxid, and what to do. Java goes on silently where a file is missing in the middle, where zeros stand
// in the middle of a file, and after a snapshot that could not be read (zab-and-known-bugs R36, R62, R78, H6, H7).
//
// The rules (docs/COMPATIBILITY.md, "Storage", has them for operators):
//  1. Transactions have no gap: (e,n) is followed by (e,n+1), or by (e',1) of a later epoch. Java logs every zxid it gives
//     out, failed requests too, so a gap means a missing file or a hole, never a habit of the writer.
//  2. A log may begin before the snapshot: what the snapshot contains is skipped, and may have gaps (a member that was
//     once synchronized by SNAP has them).
//  3. A record that is there twice is skipped when both are the same, byte for byte (ZOOKEEPER-4712 writes such logs), and
//     so is an error, which changes nothing: Java 3.9 logs what it cannot decode under the last zxid that it gave out.
//  4. Where a file's records end badly and a later file continues without a gap, the end was superseded: a server that
//     was killed while writing, started again, and went on in a new file. Where that file is of a later epoch, any end of
//     the one before would do: then the end must be torn, as in 5.
//  5. The end of the last file may be torn: it is cut off, durably, and kept in a file of its own. Damage is refused.
//  6. A snapshot that is not whole is passed over when the logs have everything up to it, itself included. Where there is none,
//     the checkpoint is the state (checkpoint-directory.ts); one that is not what was written is refused.
//  7. Everything that was read is made durable before it counts: a killed process may have left it in the page cache (H5).
//     The ends of the logs that were written last are written again, with what they have: after a sync that failed, the
//     page cache looks right, is taken for clean, and a sync alone would make nothing of it durable. No more of them than
//     one sync can have been for: whoever writes a log stops when a sync has failed.

import { ExitCode, FatalError } from "../errors.js";
import { reached } from "../marks.js";
import type { Clock, Disk, Logger } from "../platform/platform.js";
import type { Threads } from "../platform/threads.js";
import type { KnownRecords } from "../tree/create-notes.js";
import type { SnapshotSink } from "../tree/snapshot.js";
import { hex, hex0x, ZXID_ZERO, type Zxid } from "../wire/ids.js";
import {
  CHECKPOINT_NAME,
  checkpointPath,
  finishAdoption,
  isCheckpointThere,
  realSnapshots,
  refuseWithoutCheckpoint,
} from "./checkpoint-directory.js";
import type { Checkpoints } from "./checkpoints.js";
import type { DataDirectories } from "./data-directories.js";
import { plainFiles, rewriteFile, syncFile } from "./disk-steps.js";
import { logFiles, type SnapshotFile } from "./file-names.js";
import { LogPassing } from "./log-passing.js";
import { dropHeaderlessLogs, fromSnapshotOn, LogReplay, syncTxnsMax } from "./log-replay.js";
import type { ReadAhead } from "./read-ahead.js";
import type { StorageSettings } from "./settings.js";
import { readSnapshotAhead } from "./snapshot-ahead.js";
import { readSnapshot } from "./snapshot-reader.js";

/** The record is `page[start, end)`, which is valid during the call; what is known of it is in the notes, from `at` on. */
export type Replay = (
  page: Buffer,
  start: number,
  end: number,
  zxid: Zxid,
  known: KnownRecords | undefined,
  at: number,
) => void;

export interface RecoveredState {
  /** -1 where the state may have been lost (db.autocreate=false and no database): such a server must not vote. */
  readonly lastZxid: Zxid;
  /** The snapshot or checkpoint that was loaded; undefined where there was none. */
  readonly snapshot: SnapshotFile | undefined;
  readonly isCheckpoint: boolean;
  readonly replayedTxns: number;
  readonly replayedBytes: number;
  /** The directory has no snapshot, or a checkpoint instead of one: write one before serving. */
  readonly needsSnapshot: boolean;
}

export interface RecoveryContext {
  readonly disk: Disk;
  readonly clock: Clock;
  /** Undefined: there is one processor only. */
  readonly threads: Threads | undefined;
  readonly log: Logger;
  readonly settings: StorageSettings;
  readonly directories: DataDirectories;
  readonly checkpoints: Checkpoints;
}

export async function recover(
  context: RecoveryContext,
  sink: SnapshotSink,
  replay: Replay,
): Promise<RecoveredState> {
  const { disk, directories } = context;
  const initialized = initializeFiles(context).length > 0;
  await finishAdoption(disk, directories);
  const damaged: SnapshotFile[] = [];
  const files = realSnapshots(disk, directories);
  const loaded = await loadNewest(context, files, sink, damaged);
  try {
    return await recoverAfter(context, { sink, replay, initialized, damaged, files, ...loaded });
  } finally {
    loaded.ahead?.stop();
  }
}

interface Loaded {
  readonly file: SnapshotFile | undefined;
  /** Logs may be had from it next. */
  readonly ahead: ReadAhead | undefined;
  readonly passing: LogPassing | undefined;
}

interface Recovering extends Loaded {
  readonly sink: SnapshotSink;
  readonly replay: Replay;
  readonly initialized: boolean;
  readonly files: readonly SnapshotFile[];
  readonly damaged: readonly SnapshotFile[];
}

/** What comes after snapshots. */
async function recoverAfter(
  context: RecoveryContext,
  { sink, replay, initialized, damaged, files, file, ahead, passing }: Recovering,
): Promise<RecoveredState> {
  const { disk, settings, directories } = context;
  const checkpoint = files.length === 0 ? await loadCheckpoint(context, sink) : undefined;
  const snapshot = file ?? checkpoint;
  const isCheckpoint = checkpoint !== undefined;
  const logs = await dropHeaderlessLogs(
    context,
    logFiles(directories.logs, plainFiles(disk, directories.logs)),
  );

  if (snapshot === undefined && logs.length === 0) {
    refuseUnlessCovered(context, damaged, ZXID_ZERO, new Set(damaged.map((file) => file.zxid)));
    const trusted = initialized || settings.dbAutocreate;
    if (!trusted) context.log.warn("Unexpected empty data tree, setting zxid to -1");
    const lastZxid = (trusted ? 0 : -1) as Zxid;
    const replayed = { replayedTxns: 0, replayedBytes: 0 };
    return { lastZxid, snapshot, isCheckpoint, ...replayed, needsSnapshot: true };
  }
  await removeInitializeFiles(context);

  const base = snapshot?.zxid ?? ZXID_ZERO;
  const replaying = new LogReplay(context, base, {
    anyStart: snapshot === undefined && settings.trustEmptySnapshot,
    withoutSnapshot: snapshot === undefined,
    uncovered: new Set(damaged.map((file) => file.zxid)),
  });
  if (snapshot === undefined && settings.trustEmptySnapshot) {
    context.log.warn(
      "No snapshot found, but there are log entries. This should only be allowed during upgrading.",
    );
  }
  await replaying.run(logs, replay, ahead, passing);
  refuseUnlessCovered(context, damaged, base, replaying.uncovered);
  await makeDurable(context, snapshot, replaying);
  return {
    lastZxid: replaying.lastZxid,
    snapshot,
    isCheckpoint,
    replayedTxns: replaying.txns,
    replayedBytes: replaying.bytes,
    needsSnapshot: snapshot === undefined || (isCheckpoint && settings.snapshotStore === "file"),
  };
}

async function loadNewest(
  context: RecoveryContext,
  snapshots: readonly SnapshotFile[],
  sink: SnapshotSink,
  damaged: SnapshotFile[],
): Promise<Loaded> {
  for (const file of snapshots) {
    context.log.info(`Reading snapshot ${file.path}`);
    const passing = passingBefore(context, file);
    const ahead = await readSnapshotAhead(context, file, sink, () => passing?.step() === true);
    passing?.close();
    if (ahead !== undefined) return { file, ahead, passing };
    try {
      readSnapshot(context.disk, file, sink);
      return { file, ahead, passing };
    } catch (error) {
      // Whatever it is: bytes whose checksum has not been seen yet may make anything of a sink.
      if (error instanceof FatalError) throw error;
      context.log.warn(`problem reading snap file ${file.path}: ${(error as Error).message}`);
      reached("recovery: a snapshot is damaged, an older one is used");
      damaged.push(file);
    }
  }
  sink.begin();
  return { file: undefined, ahead: undefined, passing: undefined };
}

/** What the first log behind a snapshot has of it. */
function passingBefore(
  { disk, directories, settings }: RecoveryContext,
  { zxid }: SnapshotFile,
): LogPassing | undefined {
  const logs = logFiles(directories.logs, plainFiles(disk, directories.logs));
  const first = fromSnapshotOn(logs, zxid)[0];
  return first && new LogPassing(disk, first.path, zxid, syncTxnsMax(settings));
}

/** The state where there are no snapshots; in which form it is kept from now on is another question. */
async function loadCheckpoint(
  { disk, directories, checkpoints }: RecoveryContext,
  sink: SnapshotSink,
): Promise<SnapshotFile | undefined> {
  if (!isCheckpointThere(disk, directories)) {
    refuseWithoutCheckpoint(disk, directories);
    return undefined;
  }
  const zxid = await checkpoints.load(sink);
  return { name: CHECKPOINT_NAME, path: checkpointPath(directories), zxid, compression: "" };
}

/** Rule 6. What is missing could be anything: such a snapshot may be all there is of its content. */
function refuseUnlessCovered(
  context: RecoveryContext,
  damaged: readonly SnapshotFile[],
  base: Zxid,
  uncovered: ReadonlySet<Zxid>,
): void {
  for (const file of damaged) {
    if (file.zxid <= base || !uncovered.has(file.zxid)) continue;
    throw new FatalError(
      ExitCode.unexpectedError,
      `Not able to find valid snapshots in ${context.directories.snapshots}: ${file.path} is damaged, and the logs after ` +
        `${base === 0 ? "the beginning" : `snapshot.${hex(base)}`} do not contain zxid ${hex0x(file.zxid)}. ` +
        `Restore the file, or let the ensemble send the data anew to this member alone (mv ${context.directories.snapshots} ${context.directories.snapshots}.damaged)`,
    );
  }
}

/** Java looks in dataLogDir; zkServer-initialize.sh creates it in dataDir. We look in both. */
function initializeFiles({ disk, directories }: InitializeContext): string[] {
  return [...new Set([directories.logs, directories.snapshots])]
    .map((directory) => `${directory.slice(0, directory.lastIndexOf("/"))}/initialize`)
    .filter((path) => disk.stat(path) !== undefined);
}

type InitializeContext = Pick<RecoveryContext, "disk" | "log" | "directories">;

/**
 * Once there is a database, durably: Java removes it first, and servers that are killed in between have neither, may not
 * vote, and never come to a quorum.
 */
export async function removeInitializeFiles(context: InitializeContext): Promise<void> {
  const { disk, log } = context;
  for (const path of initializeFiles(context)) {
    await disk.remove(path);
    await disk.syncDirectory(path.slice(0, path.lastIndexOf("/")));
    log.info("Initialize file found, an empty database will not block voting participation");
  }
}

/** A sync that failed concerned the newest log, or, while a new one was begun, the one before. */
const LOGS_OPEN_AT_ONCE = 2;

const NOTHING = { start: 0, end: 0 };

async function makeDurable(
  { disk, directories }: RecoveryContext,
  snapshot: SnapshotFile | undefined,
  { filesRead, unsure }: LogReplay,
): Promise<void> {
  if (snapshot !== undefined) await syncFile(disk, snapshot.path);
  const rewritten = filesRead.slice(-LOGS_OPEN_AT_ONCE);
  for (const path of filesRead) {
    const { start, end } = unsure.get(path) ?? NOTHING;
    if (rewritten.includes(path)) await rewriteFile(disk, path, start, end);
    else await syncFile(disk, path);
  }
  for (const directory of new Set([directories.logs, directories.snapshots])) {
    await disk.syncDirectory(directory);
  }
}

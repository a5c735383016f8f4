// What is on disk, as the rest of the server sees it. Java: ZKDatabase and FileTxnSnapLog, with SyncRequestProcessor's
// decision when to take a snapshot.
//
//   open → recover → append, flush, append, flush, … → close
//
// Storage knows bytes and zxids. It reads of a record no more than its TxnHeader, and of a tree only what SnapshotSource
// and SnapshotSink say.

import { assert, ExitCode, FatalError } from "../errors.js";
import { reached } from "../marks.js";
import { type Disk, DiskError, type Logger, type Platform } from "../platform/platform.js";
import type { SnapshotSink, SnapshotSource, SnapshotTree } from "../tree/snapshot.js";
import { hex0x, ZXID_ZERO, type Zxid } from "../wire/ids.js";
import { becomeSnapshots, realSnapshots } from "./checkpoint-directory.js";
import { Checkpoints } from "./checkpoints.js";
import {
  type DataDirectories,
  prepareDirectories,
  removeTemporaryFiles,
} from "./data-directories.js";
import type { SnapshotFile } from "./file-names.js";
import { retireOtherHistory, truncateHistory } from "./history.js";
import { iterateLogs } from "./log-iteration.js";
import { type RecoveredState, type Replay, recover, removeInitializeFiles } from "./recovery.js";
import { NO_OBSERVER, type StorageObserver, type StorageSettings } from "./settings.js";
import { isLarge, SnapshotWriter, type WrittenSnapshot } from "./snapshot-writer.js";
import { type Flushed, TxnLog } from "./txn-log.js";

export interface StorageOptions {
  readonly observer?: StorageObserver;
  /** Called once, before anyone who waits for the disk is told: from here on nothing is durable any more. */
  readonly onFatal: (error: DiskError) => void;
}

export type SnapshotDone = (error?: DiskError, file?: SnapshotFile) => void;

export class Storage {
  readonly directories: DataDirectories;
  /** The newest snapshot that is known to be whole: loaded, or written since. */
  lastSnapshot: { readonly file: WrittenSnapshot; readonly takenMs: number } | undefined;

  readonly #platform: Platform;
  readonly #log: Logger;
  readonly #settings: StorageSettings;
  readonly #observer: StorageObserver;
  readonly #txnLog: TxnLog;
  readonly #snapshots: SnapshotWriter;
  readonly #checkpoints: Checkpoints;
  #recovered = false;
  /** The state that replay began with, or that was adopted since: see log-iteration.ts. */
  #wholeFrom = ZXID_ZERO;
  /** The directory is still one of snapshots, and is to become one of a checkpoint. */
  #wantsCheckpoint = false;
  #snapshotting: Promise<void> | undefined;
  /** Servers must not all take their snapshots at once: the limits are between half and all of what is configured. */
  #snapshotAfterTxns = 0;
  #snapshotAfterBytes = 0;
  /** And never before the log has this much. */
  #logMinBytes = 0;

  private constructor(
    platform: Platform,
    log: Logger,
    settings: StorageSettings,
    directories: DataDirectories,
    options: StorageOptions,
  ) {
    this.#platform = platform;
    this.#log = log;
    this.#settings = settings;
    this.#observer = options.observer ?? NO_OBSERVER;
    this.directories = directories;
    const { disk, clock } = platform;
    const context = { disk, clock, log, observer: this.#observer };
    this.#txnLog = new TxnLog(context, directories.logs, settings, options.onFatal);
    this.#snapshots = new SnapshotWriter(context, directories.snapshots, settings, this.#txnLog);
    this.#checkpoints = new Checkpoints({ ...context, stores: platform.stores }, directories);
    this.#chooseSnapshotLimits();
  }

  /** Makes and checks the directories. Rejects with FatalError. */
  static async open(
    platform: Platform,
    settings: StorageSettings,
    log: Logger,
    options: StorageOptions,
  ): Promise<Storage> {
    if (settings.snapshotStore === "lmdb") requireStores(platform);
    const directories = await prepareDirectories(platform.disk, settings);
    await removeTemporaryFiles(platform.disk, log, directories);
    return new Storage(platform, log, settings, directories, options);
  }

  // ------------------------------------------------------------------------------------------------------------ recovery

  /**
   * Fills the sink from the newest snapshot and replays what came after it. Records are valid during the call.
   * Rejects with FatalError where anything could be missing. Afterwards `append` goes on behind the last zxid, in a new file.
   */
  async recover(sink: SnapshotSink, replay: Replay): Promise<RecoveredState> {
    const { disk, clock } = this.#platform;
    const state = await recover(
      {
        disk,
        clock,
        threads: this.#platform.threads,
        log: this.#log,
        settings: this.#settings,
        directories: this.directories,
        checkpoints: this.#checkpoints,
      },
      sink,
      replay,
    );
    if (state.snapshot !== undefined) {
      const { modifiedMs: takenMs = 0, sizeBytes = 0 } = disk.stat(state.snapshot.path) ?? {};
      // What bringing a checkpoint forward will cost is not known from its size.
      this.#noteSnapshot(
        { ...state.snapshot, sizeBytes: state.isCheckpoint ? 0 : sizeBytes },
        takenMs,
      );
    }
    this.#wantsCheckpoint = this.#isLmdb && state.snapshot !== undefined && !state.isCheckpoint;
    this.#wholeFrom = state.snapshot?.zxid ?? ZXID_ZERO;
    this.#txnLog.continueAfter(state.lastZxid);
    // What was replayed counts: otherwise a server that is restarted again and again would never take a snapshot.
    this.#txnLog.totalTxns = state.replayedTxns;
    this.#txnLog.totalBytes = state.replayedBytes;
    this.#recovered = true;
    return state;
  }

  // ----------------------------------------------------------------------------------------------------------------- log

  get appendedZxid(): Zxid {
    return this.#txnLog.appendedZxid;
  }

  /** Everything up to here is on disk. */
  get syncedZxid(): Zxid {
    return this.#txnLog.syncedZxid;
  }

  get lastSyncMs(): number {
    return this.#txnLog.lastSyncMs;
  }

  /** A write or sync has failed: nothing is durable any more. */
  get fenced(): boolean {
    return this.#txnLog.fenced;
  }

  /** Gathers a record (TxnHeader, txn, digest; copied). Its zxid must follow the last one. */
  append(record: Buffer, zxid: Zxid): void {
    assert(this.#recovered, "Cannot append before recovery");
    this.#txnLog.append(record, zxid);
  }

  /**
   * One write and one sync for all that was gathered. `done` is called, never at once, when everything appended before is
   * durable, in the order of the calls; or with an error, and then storage is fenced.
   */
  flush(done: Flushed): void {
    this.#txnLog.flush(done);
  }

  /** The log's records from this zxid on, without a gap; undefined where the logs do not have them all. */
  iterate(fromZxid: Zxid): Generator<{ zxid: Zxid; record: Buffer }> | undefined {
    return iterateLogs(this.#platform.disk, this.directories.logs, fromZxid, this.#wholeFrom);
  }

  // ----------------------------------------------------------------------------------------------------------- snapshots

  get snapshotting(): boolean {
    return this.#snapshotting !== undefined;
  }

  /** What is logged while one is being written counts for the next, which follows as soon as there is enough. */
  shouldSnapshot(): boolean {
    if (this.snapshotting) return false;
    const { totalTxns, totalBytes } = this.#txnLog;
    if (this.#wantsCheckpoint) return true;
    if (this.#checkpoints.isPressing && totalTxns > PRESSING_MIN_TXNS) return true;
    if (totalBytes < this.#logMinBytes) return false;
    return (
      totalTxns > this.#snapshotAfterTxns ||
      (this.#snapshotAfterBytes > 0 && totalBytes > this.#snapshotAfterBytes)
    );
  }

  /**
   * Begins a new log file and a snapshot, a slice a turn. The source must show the state as of what was applied; it is
   * released when the snapshot is done, failed or refused. A failure does not touch the log: the snapshot is simply not there.
   */
  startSnapshot(source: SnapshotSource, done?: SnapshotDone): void {
    assert(this.#recovered, "Cannot take a snapshot before recovery");
    if (this.#snapshotting !== undefined) {
      reached("snapshot: too busy to take one");
      this.#log.warn("Too busy to snap, skipping");
      source.release();
      return;
    }
    this.#chooseSnapshotLimits();
    this.#txnLog.resetTotals();
    this.#txnLog.roll();
    this.#wantsCheckpoint = false;
    const { clock } = this.#platform;
    const startMs = clock.monotonicMs();
    this.#snapshotting = this.#writeSnapshot(source).then(
      (file) => {
        this.#snapshotting = undefined;
        const elapsedMs = Math.floor(clock.monotonicMs() - startMs);
        this.#noteSnapshot(file, clock.wallMs());
        this.#log.info(`Snapshot taken in ${elapsedMs} ms`);
        this.#observer.snapshotTaken(elapsedMs, file.zxid);
        done?.(undefined, file);
      },
      (error: DiskError) => {
        this.#snapshotting = undefined;
        reached("snapshot: it cannot be written");
        this.#log.error(
          `Cannot take snapshot ${hex0x(source.lastZxid)}: ${error.message}. The log has everything; it is tried again later`,
        );
        done?.(error);
      },
    );
  }

  async #writeSnapshot(source: SnapshotSource): Promise<WrittenSnapshot> {
    const file = await this.#write(source);
    if (this.lastSnapshot === undefined) {
      const { directories } = this;
      await removeInitializeFiles({ disk: this.#platform.disk, log: this.#log, directories });
    }
    return file;
  }

  async #write(source: SnapshotSource): Promise<WrittenSnapshot> {
    const tree = this.#treeOf(source);
    if (tree !== undefined) return this.#checkpoints.take(tree);
    const file = await this.#snapshots.write(source);
    await becomeSnapshots(this.#platform.disk, this.directories);
    return file;
  }

  get #isLmdb(): boolean {
    return this.#settings.snapshotStore === "lmdb";
  }

  /** For a checkpoint, which asks the tree itself. Undefined: a snapshot is to be written. */
  #treeOf(source: SnapshotSource): SnapshotTree | undefined {
    if (!this.#isLmdb) return undefined;
    assert(source.tree !== undefined, "Cannot make a checkpoint of what is no tree");
    source.release();
    return source.tree;
  }

  /** A file for an operator, who gets all there is as every ZooKeeper has it; nobody finds it again, and the next start removes it. */
  exportSnapshot(source: SnapshotSource): Promise<SnapshotFile> {
    return this.#snapshots.writeAside(source);
  }

  /** A snapshot costs what the tree is, not what has changed: a large one must be worth it (ADR 4). */
  #noteSnapshot(file: WrittenSnapshot, takenMs: number): void {
    this.lastSnapshot = { file, takenMs };
    const share = this.#settings.snapshotMinLogPercent / 100;
    this.#logMinBytes = isLarge(file) ? file.sizeBytes * share : 0;
  }

  #chooseSnapshotLimits(): void {
    const { random } = this.#platform;
    const halfTxns = Math.max(1, Math.floor(Math.max(2, this.#settings.snapCount) / 2));
    this.#snapshotAfterTxns = halfTxns + random.integer(halfTxns);
    const halfBytes = Math.floor(this.#settings.snapSizeLimitBytes / 2);
    this.#snapshotAfterBytes =
      halfBytes > 0 ? halfBytes + Math.floor((random.integer(2 ** 16) / 2 ** 16) * halfBytes) : 0;
  }

  // ------------------------------------------------------------------------------------------------ what a leader orders

  /**
   * TRUNC: takes back everything after `zxid`, durably. False, with nothing touched, when that state cannot be had from what
   * is on disk. After true only `recover` may follow, and must come to exactly that zxid.
   */
  async truncate(zxid: Zxid): Promise<boolean> {
    await this.#settle();
    const { zxid: checkpointZxid } = this.#checkpoints;
    const { disk } = this.#platform;
    if (!(await truncateHistory(disk, this.directories, zxid, checkpointZxid))) return false;
    this.#recovered = false;
    return true;
  }

  /** SNAP: the leader's state, which is in the source, becomes all there is. The log goes on after it. */
  async adopt(source: SnapshotSource): Promise<void> {
    await this.#settle();
    this.#adopted(await this.#writeAndRetire(source));
  }

  /**
   * An operator's state becomes all there is, as a leader's does. Where it cannot be written, everything is as it was and
   * goes on: the error.
   */
  async replace(source: SnapshotSource): Promise<DiskError | undefined> {
    await this.#settle();
    const { appendedZxid } = this.#txnLog;
    try {
      this.#adopted(await this.#writeAndRetire(source));
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      this.#txnLog.continueAfter(appendedZxid);
      return error;
    }
    return undefined;
  }

  /** Rejects with DiskError where everything is as it was. */
  async #writeAndRetire(source: SnapshotSource): Promise<WrittenSnapshot> {
    const tree = this.#treeOf(source);
    if (tree !== undefined) return this.#checkpoints.adopt(tree);
    const file = await this.#snapshots.write(source);
    try {
      await retireOtherHistory(this.#platform.disk, this.directories, file);
    } catch (error) {
      const text = `Cannot remove what came before ${file.path}: ${(error as Error).message}`;
      throw new FatalError(ExitCode.unexpectedError, text, { cause: error });
    }
    return file;
  }

  #adopted(file: WrittenSnapshot): void {
    this.#noteSnapshot(file, this.#platform.clock.wallMs());
    this.#txnLog.resetTotals();
    this.#wholeFrom = file.zxid;
    this.#txnLog.continueAfter(file.zxid);
    this.#recovered = true;
  }

  /** Nothing is being written any more. */
  async #settle(): Promise<void> {
    if (this.snapshotting) reached("snapshot: one is under way when the leader orders a rebuild");
    await this.#snapshotting;
    await new Promise<void>((resume) => this.#txnLog.close(resume));
  }

  /** Where logs may be purged up to, in a directory of a checkpoint; undefined: snapshots decide. */
  get checkpointZxid(): Zxid | undefined {
    if (realSnapshots(this.#platform.disk, this.directories).length > 0) return undefined;
    return this.#checkpoints.zxid;
  }

  // ----------------------------------------------------------------------------------------------------------- otherwise

  /** Bytes of all files in the snapshots' directory, for `dirs`. */
  snapshotDirectoryBytes(): number {
    return directoryBytes(this.#platform.disk, this.directories.snapshots);
  }

  logDirectoryBytes(): number {
    return directoryBytes(this.#platform.disk, this.directories.logs);
  }

  /** Flushes what was appended and lets go of the file. */
  close(done: () => void): void {
    this.#txnLog.close(done);
  }
}

/** After a failure the next checkpoint that should not wait does so, at least for this many. */
const PRESSING_MIN_TXNS = 1000;

/** Before anything is touched. */
function requireStores({ stores }: Platform): void {
  try {
    stores.load();
  } catch (error) {
    const text = `Cannot keep checkpoints (snapshot.store=lmdb): ${(error as Error).message}`;
    throw new FatalError(ExitCode.invalidInvocation, text, { cause: error });
  }
}

function directoryBytes(disk: Disk, directory: string): number {
  let total = 0;
  for (const name of disk.readDirectory(directory)) {
    total += disk.stat(`${directory}/${name}`)?.sizeBytes ?? 0;
  }
  return total;
}

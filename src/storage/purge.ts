// Removes what recovery does not need any more. Java: PurgeTxnLog, DatadirCleanupManager.
//
// Kept are the newest snapshots that are whole, as many as configured and never fewer than three, and every log from the
// one on that may contain what follows the oldest of them. Java counts a snapshot by its last bytes, and keeps three
// torn ones; here each is read to its end once, and made durable before anything older goes (R44, H10).
//
// In a directory of a checkpoint every log goes that it does not need, but for as many as snapshots would be kept: learners
// that are a little behind are brought forward from the log.

import type { Clock, Disk, DiskError, Logger, Timer } from "../platform/platform.js";
import type { Zxid } from "../wire/ids.js";
import { checkpointPath, isCheckpointThere, realSnapshots } from "./checkpoint-directory.js";
import type { DataDirectories } from "./data-directories.js";
import { plainFiles, syncFile } from "./disk-steps.js";
import { type LogFile, logFiles, type SnapshotFile } from "./file-names.js";
import { fromSnapshotOn } from "./log-replay.js";
import { checkSnapshot } from "./snapshot-check.js";

export const SNAP_RETAIN_COUNT_MIN = 3;
export const COUNT_ERROR = "count should be greater than or equal to 3";

const HOUR_MS = 60 * 60 * 1000;

export interface PurgeContext {
  readonly disk: Disk;
  readonly directories: DataDirectories;
  /** How far the directory's checkpoint goes; asked where it is the state. Undefined: nobody knows now, nothing is removed. */
  readonly checkpointZxid: () => Promise<Zxid | undefined> | Zxid | undefined;
  /** Java's DateFormat.getDateTimeInstance(). */
  readonly formatTime: (wallMs: number) => string;
  /** Standard output, or the log. */
  readonly print: (line: string) => void;
  readonly printError: (line: string) => void;
  /** Lets others run, between two pages of a snapshot that is being checked. */
  readonly pause?: () => Promise<void>;
}

/** Returns how many files were removed. Rejects with DiskError when a snapshot to be kept cannot be made durable. */
export async function purge(context: PurgeContext, retainCount: number): Promise<number> {
  if (retainCount < SNAP_RETAIN_COUNT_MIN) throw new RangeError(COUNT_ERROR);
  const { disk, directories } = context;
  const snapshots = realSnapshots(disk, directories);
  if (snapshots.length === 0 && isCheckpointThere(disk, directories)) {
    return purgeBehindCheckpoint(context, retainCount);
  }
  const kept = await newestWhole(context, snapshots, retainCount);
  const oldest = kept.at(-1);
  if (oldest === undefined) return 0;
  for (const file of kept) await syncFile(disk, file.path);
  await disk.syncDirectory(directories.snapshots);

  const logs = logFiles(directories.logs, plainFiles(disk, directories.logs));
  const needed = new Set(fromSnapshotOn(logs, oldest.zxid));
  const old = (file: LogFile) => file.zxid < oldest.zxid && !needed.has(file);
  let removed = 0;
  for (const file of [...logs.filter(old), ...snapshots.filter(old)]) {
    if (await removeFile(context, file)) removed++;
  }
  return removed;
}

async function purgeBehindCheckpoint(context: PurgeContext, logCount: number): Promise<number> {
  const { disk, directories } = context;
  const zxid = await context.checkpointZxid();
  if (zxid === undefined) return 0;
  await syncFile(disk, checkpointPath(directories));
  await disk.syncDirectory(directories.snapshots);
  const logs = logFiles(directories.logs, plainFiles(disk, directories.logs));
  const kept = new Set([...fromSnapshotOn(logs, zxid), ...logs.slice(-logCount)]);
  let removed = 0;
  for (const file of logs) {
    if (!kept.has(file) && (await removeFile(context, file))) removed++;
  }
  return removed;
}

async function newestWhole(
  { disk, pause }: PurgeContext,
  snapshots: readonly SnapshotFile[],
  count: number,
): Promise<SnapshotFile[]> {
  const whole: SnapshotFile[] = [];
  for (const file of snapshots) {
    if (whole.length === count) break;
    const checking = checkSnapshot(disk, file);
    let step = checking.next();
    while (!step.done) {
      await pause?.();
      step = checking.next();
    }
    if (step.value) whole.push(file);
  }
  return whole;
}

async function removeFile(context: PurgeContext, file: LogFile): Promise<boolean> {
  const modifiedMs = context.disk.stat(file.path)?.modifiedMs;
  if (modifiedMs === undefined) return false;
  context.print(`Removing file: ${context.formatTime(modifiedMs)}\t${file.path}`);
  try {
    await context.disk.remove(file.path);
    return true;
  } catch {
    context.printError(`Failed to remove ${file.path}`);
    return false;
  }
}

/** autopurge.purgeInterval: at start and then every so many hours. */
export class AutoPurge {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #context: PurgeContext;
  readonly #retainCount: number;
  readonly #intervalHours: number;
  #timer: Timer | undefined;
  #started = false;

  constructor(
    clock: Clock,
    log: Logger,
    context: Pick<PurgeContext, "disk" | "directories" | "checkpointZxid" | "formatTime">,
    settings: { readonly snapRetainCount: number; readonly purgeIntervalHours: number },
  ) {
    this.#clock = clock;
    this.#log = log;
    this.#context = {
      ...context,
      print: (line) => log.info(line),
      printError: (line) => log.error(line),
      pause: () => new Promise((resume) => clock.atTurnEnd(resume)),
    };
    this.#retainCount = settings.snapRetainCount;
    this.#intervalHours = settings.purgeIntervalHours;
    log.info(`autopurge.snapRetainCount set to ${settings.snapRetainCount}`);
    log.info(`autopurge.purgeInterval set to ${settings.purgeIntervalHours}`);
  }

  start(): void {
    if (this.#started) {
      this.#log.warn("Purge task is already running.");
      return;
    }
    if (this.#intervalHours <= 0) {
      this.#log.info("Purge task is not scheduled.");
      return;
    }
    this.#started = true;
    this.#schedule(0);
  }

  shutdown(): void {
    if (!this.#started) {
      this.#log.warn("Purge task not started. Ignoring shutdown!");
      return;
    }
    this.#log.info("Shutting down purge task.");
    this.#started = false;
    this.#timer?.cancel();
  }

  #schedule(delayMs: number): void {
    this.#timer = this.#clock.setTimer(delayMs, () => {
      this.#schedule(this.#intervalHours * HOUR_MS);
      void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#log.info("Purge task started.");
    try {
      await purge(this.#context, this.#retainCount);
    } catch (error) {
      this.#log.error("Error occurred while purging.", error as DiskError);
    }
    this.#log.info("Purge task completed.");
  }
}

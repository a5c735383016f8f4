// Changes of the past that a leader orders: TRUNC takes back what was never committed, SNAP replaces everything. Java:
// FileTxnLog.truncate, Learner.syncWithLeader. (For the ensemble; a standalone server never comes here.)
//
// Every step is durable before the next, and after each of them the directory can be recovered, to the old history, the new
// one, or, where the end was taken back, some of the old end that was not committed anyway. Newest first, so that no hole
// is ever in the middle (zab-and-known-bugs 3.1 c and d, R16, R18, H1).

import { reached } from "../marks.js";
import type { Disk } from "../platform/platform.js";
import type { Zxid } from "../wire/ids.js";
import { realSnapshots } from "./checkpoint-directory.js";
import type { DataDirectories } from "./data-directories.js";
import { plainFiles, truncateFile } from "./disk-steps.js";
import { type LogFile, logFiles, type SnapshotFile, snapshotFiles } from "./file-names.js";
import { LogReader } from "./log-reader.js";
import { fromSnapshotOn } from "./log-replay.js";
import { checkSnapshot } from "./snapshot-check.js";

/**
 * Removes everything after `zxid` from the disk. False, and nothing is touched, when the state at exactly that zxid could
 * not be recovered from what is left: then only a whole snapshot of the leader's helps.
 */
export async function truncateHistory(
  disk: Disk,
  directories: DataDirectories,
  zxid: Zxid,
  checkpointZxid: Zxid | undefined,
): Promise<boolean> {
  const snapshots = realSnapshots(disk, directories);
  const logs = logFiles(directories.logs, plainFiles(disk, directories.logs));
  const base = baseFor(disk, snapshots, zxid, checkpointZxid);
  if (base === undefined) return false;
  const holding = fromSnapshotOn(logs, base).findLast((file) => file.zxid <= zxid);
  const end = holding === undefined ? undefined : endOf(disk, holding, zxid);
  if (base !== zxid && end?.found !== true) return false;

  for (const file of snapshots.filter((one) => one.zxid > zxid)) {
    reached("learner: TRUNC across a snapshot");
    await disk.remove(file.path);
    await disk.syncDirectory(directories.snapshots);
  }
  for (const file of logs.filter((one) => one.zxid > zxid).reverse()) {
    reached("learner: TRUNC removes whole logs");
    await disk.remove(file.path);
    await disk.syncDirectory(directories.logs);
  }
  if (holding !== undefined && end !== undefined) {
    await truncateFile(disk, holding.path, end.offset);
    await disk.syncDirectory(directories.logs);
  }
  return true;
}

/** What the state at `zxid` can be had from: where it ends. A checkpoint beside snapshots counts for nothing. */
function baseFor(
  disk: Disk,
  snapshots: readonly SnapshotFile[],
  zxid: Zxid,
  checkpointZxid: Zxid | undefined,
): Zxid | undefined {
  if (snapshots.length > 0) {
    return snapshots.find((file) => file.zxid <= zxid && isWhole(disk, file))?.zxid;
  }
  if (checkpointZxid !== undefined && checkpointZxid <= zxid) return checkpointZxid;
  // [R16] It has what must go, and there is only one.
  reached("checkpoint: TRUNC goes behind it");
  return undefined;
}

/** After a snapshot of the leader's has become durable: nothing older or newer may ever be replayed again. */
export async function retireOtherHistory(
  disk: Disk,
  directories: DataDirectories,
  adopted: SnapshotFile,
): Promise<void> {
  const snapshots = snapshotFiles(directories.snapshots, plainFiles(disk, directories.snapshots));
  for (const file of snapshots.filter((one) => one.path !== adopted.path)) {
    await disk.remove(file.path);
    // Newer ones must be gone for good before logs go: they would be loaded instead.
    await disk.syncDirectory(directories.snapshots);
  }
  for (const file of logFiles(directories.logs, plainFiles(disk, directories.logs)).reverse()) {
    await disk.remove(file.path);
    await disk.syncDirectory(directories.logs);
  }
}

function isWhole(disk: Disk, file: SnapshotFile): boolean {
  const checking = checkSnapshot(disk, file);
  for (;;) {
    const step = checking.next();
    if (step.done) return step.value;
  }
}

/** Where the records up to `zxid` end in the file, and whether the last of them is `zxid` itself. */
function endOf(disk: Disk, file: LogFile, zxid: Zxid): { offset: number; found: boolean } {
  const reader = new LogReader(disk, file.path);
  try {
    let offset = reader.offset;
    let found = false;
    while (reader.next() && reader.zxid <= zxid) {
      offset = reader.offset;
      found = reader.zxid === zxid;
    }
    return { offset, found };
  } finally {
    reader.close();
  }
}

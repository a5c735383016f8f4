// Which of a directory's files are its state: snapshots, or a checkpoint. Here is why switching between the two, and a crash
// in the middle of it, never leaves a directory that anybody misreads.
//
//  1. Where there is a snapshot file, snapshots are the state, for Java and for us, and a checkpoint beside them counts for
//     nothing. To become a directory of a checkpoint is to write it, and then to remove the snapshots, the newest last: until
//     that moment the newest snapshot and the logs are all there. To become one of snapshots is to write one.
//  2. A directory of a checkpoint has a marker, `snapshot.0`, which is none: every Java server takes it for one, cannot read
//     it, and refuses to start ("Not able to find valid snapshots"), where an empty directory would do for it. Its zxid is
//     0, so that Java's PurgeTxnLog finds nothing older than it.
//  3. A state that a leader or an operator sends is written beside what is there (`adopted.checkpoint.mdb`). Its name decides: from
//     then on it is the state, whatever else there is; the rest is removed, and it is given its proper name. A start
//     finishes what a crash left of that.

import { ExitCode, FatalError } from "../errors.js";
import { reached } from "../marks.js";
import type { Disk } from "../platform/platform.js";
import type { DataDirectories } from "./data-directories.js";
import { plainFiles, writeFileAtomically } from "./disk-steps.js";
import { logFiles, type SnapshotFile, snapshotFiles, temporaryName } from "./file-names.js";

export const CHECKPOINT_NAME = "checkpoint.mdb";
export const ADOPTED_NAME = "adopted.checkpoint.mdb";
/** lmdb's own, beside its file. */
const LOCK_SUFFIX = "-lock";

export const MARKER_NAME = "snapshot.0";
const MARKER_START = "Not a snapshot:";
const MARKER = Buffer.concat([
  Buffer.from(
    `${MARKER_START} the state of this directory is in ${CHECKPOINT_NAME} (snapshot.store=lmdb).\n` +
      "Java's ZooKeeper cannot start here before zkCheckpointToolkit.sh to-file has made a snapshot of it.\n",
  ),
  // How snapshots end: Java passes over what does not end so, and starts with nothing.
  Buffer.from([0, 0, 0, 1, 0x2f]),
]);

export function checkpointPath({ snapshots }: DataDirectories): string {
  return `${snapshots}/${CHECKPOINT_NAME}`;
}

export function isCheckpointThere(disk: Disk, directories: DataDirectories): boolean {
  return disk.stat(checkpointPath(directories)) !== undefined;
}

/** The snapshots, newest first, without the marker. */
export function realSnapshots(disk: Disk, { snapshots }: DataDirectories): SnapshotFile[] {
  return snapshotFiles(snapshots, plainFiles(disk, snapshots)).filter(
    (file) => !isMarker(disk, file),
  );
}

export function isMarker(disk: Disk, file: SnapshotFile): boolean {
  return file.name === MARKER_NAME && startsAsMarker(disk, file.path);
}

export function startsAsMarker(disk: Disk, path: string): boolean {
  const file = disk.openForReading(path);
  try {
    const start = Buffer.alloc(MARKER_START.length);
    return file.read(0, start) === start.length && start.toString("latin1") === MARKER_START;
  } finally {
    file.close();
  }
}

/** Where the checkpoint is the state, and nothing else can be. */
export function hasMarker(disk: Disk, { snapshots }: DataDirectories): boolean {
  const path = `${snapshots}/${MARKER_NAME}`;
  return disk.stat(path)?.kind === "file" && startsAsMarker(disk, path);
}

/**
 * A checkpoint is there, whole and durable, and becomes the state when the newest snapshot goes. The marker is there before:
 * without either, Java would start with nothing.
 */
export async function becomeCheckpoints(disk: Disk, directories: DataDirectories): Promise<void> {
  const { snapshots } = directories;
  const [newest, ...older] = realSnapshots(disk, directories);
  for (const file of older.reverse()) await removeDurably(disk, snapshots, file.name);
  if (!hasMarker(disk, directories)) {
    // Where the newest has this very name, this is its end.
    const temporary = temporaryName(MARKER_NAME);
    await writeFileAtomically(disk, snapshots, MARKER_NAME, temporary, MARKER);
  }
  if (newest !== undefined && newest.name !== MARKER_NAME) {
    await removeDurably(disk, snapshots, newest.name);
  }
}

/** A snapshot is there, whole and durable: it is the state already. The checkpoint goes, and then the marker. */
export async function becomeSnapshots(disk: Disk, directories: DataDirectories): Promise<void> {
  const { snapshots } = directories;
  for (const name of [CHECKPOINT_NAME, `${CHECKPOINT_NAME}${LOCK_SUFFIX}`]) {
    if (disk.stat(`${snapshots}/${name}`) !== undefined) {
      await removeDurably(disk, snapshots, name);
    }
  }
  if (hasMarker(disk, directories)) await removeDurably(disk, snapshots, MARKER_NAME);
}

/** Rule 3. What a crash has left of an adoption; nothing where there was none. */
export async function finishAdoption(disk: Disk, directories: DataDirectories): Promise<void> {
  const { snapshots, logs } = directories;
  const adopted = `${snapshots}/${ADOPTED_NAME}`;
  if (disk.stat(adopted) === undefined) return;
  reached("recovery: an adoption is finished");
  // The marker before the logs go: a Java server must not find snapshots without what came after them.
  await becomeCheckpoints(disk, directories);
  for (const file of logFiles(logs, plainFiles(disk, logs)).reverse()) {
    await removeDurably(disk, logs, file.name);
  }
  await disk.rename(adopted, checkpointPath(directories));
  await disk.syncDirectory(snapshots);
}

/** The file may have been open under this name. */
export async function removeLock(disk: Disk, path: string): Promise<void> {
  const lock = `${path}${LOCK_SUFFIX}`;
  if (disk.stat(lock) !== undefined) await disk.remove(lock);
}

/** The marker says that there is a state, and it is not there: an empty one must not take its place. */
export function refuseWithoutCheckpoint(disk: Disk, directories: DataDirectories): void {
  if (!hasMarker(disk, directories)) return;
  reached("recovery: the checkpoint is gone");
  const { snapshots, logs } = directories;
  throw new FatalError(
    ExitCode.unexpectedError,
    `Cannot find ${checkpointPath(directories)}, where the state of this directory was (snapshot.store=lmdb). Restore the file; or let ` +
      `the ensemble send the data anew to this member alone (mv ${snapshots} ${snapshots}.damaged${logs === snapshots ? "" : `; mv ${logs} ${logs}.damaged`})`,
  );
}

async function removeDurably(disk: Disk, directory: string, name: string): Promise<void> {
  await disk.remove(`${directory}/${name}`);
  await disk.syncDirectory(directory);
}

// Durable steps on files, in the order that makes them durable. Each returns when it is, or rejects with DiskError.

import type { Disk, WritableFile } from "../platform/platform.js";

/** What writing files takes. */
export type WritingDisk = Pick<
  Disk,
  "alignedBuffer" | "openForWriting" | "remove" | "rename" | "stat" | "syncDirectory"
>;

/** Names of a directory that are files: a directory called snapshot.5 is nobody's snapshot. */
export function plainFiles(disk: Disk, directory: string): string[] {
  const isFile = (name: string) => disk.stat(`${directory}/${name}`)?.kind === "file";
  return disk.readDirectory(directory).filter(isFile);
}

/** Makes durable what was written earlier, perhaps by a process that has died since. */
export async function syncFile(disk: Disk, path: string): Promise<void> {
  const file = await disk.openForWriting(path, "open");
  try {
    await step((done) => file.sync(done));
  } finally {
    await closed(file);
  }
}

/** Large enough to be quick, small enough to be had at once. */
const REWRITE_BYTES = 1024 * 1024;

/**
 * Writes the file's bytes [start, end) over themselves, and makes all of it durable: them also where a sync has failed, after
 * which Linux takes the pages for clean that it could not write.
 */
export async function rewriteFile(
  disk: Disk,
  path: string,
  start: number,
  end: number,
): Promise<void> {
  const reading = disk.openForReading(path);
  try {
    const file = await disk.openForWriting(path, "open");
    try {
      for (let position = start; position < end; ) {
        const bytes = Buffer.allocUnsafe(Math.min(REWRITE_BYTES, end - position));
        const found = reading.read(position, bytes);
        if (found === 0) break;
        const at = position;
        await step((done) => file.write(at, bytes.subarray(0, found), done));
        position += found;
      }
      await step((done) => file.sync(done));
    } finally {
      await closed(file);
    }
  } finally {
    reading.close();
  }
}

export async function truncateFile(disk: Disk, path: string, sizeBytes: number): Promise<void> {
  const file = await disk.openForWriting(path, "open");
  try {
    await step((done) => file.truncate(sizeBytes, done));
    await step((done) => file.sync(done));
  } finally {
    await closed(file);
  }
}

/** The file appears with this content, or is replaced by it, at once. */
export async function writeFileAtomically(
  disk: Disk,
  directory: string,
  name: string,
  temporaryName: string,
  content: Uint8Array,
): Promise<void> {
  const temporaryPath = `${directory}/${temporaryName}`;
  if (disk.stat(temporaryPath) !== undefined) await disk.remove(temporaryPath);
  const file = await disk.openForWriting(temporaryPath, "create");
  try {
    if (content.length > 0) await step((done) => file.write(0, content, done));
    await step((done) => file.sync(done));
  } finally {
    await closed(file);
  }
  await disk.rename(temporaryPath, `${directory}/${name}`);
  await disk.syncDirectory(directory);
}

export function step(start: (done: (error?: Error) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    start((error) => (error === undefined ? resolve() : reject(error)));
  });
}

/** Away with what nobody takes for more than it is. */
export async function discardTemporary(
  disk: Pick<Disk, "remove">,
  file: WritableFile,
): Promise<void> {
  await closed(file);
  await disk.remove(file.path).catch(() => {
    // The next start removes it.
  });
}

/** Also where the system says that it could not be. */
export function closed(file: WritableFile): Promise<void> {
  return new Promise((resume) => file.close(() => resume()));
}

// Where logs and snapshots are, and whether they may be there. Java: the constructor of FileTxnSnapLog.
//
// Both live in version-2 below dataLogDir and dataDir. Missing directories are made where datadir.autocreate allows it.
// With two different directories, a log among the snapshots or a snapshot among the logs means that the two settings were
// swapped or changed, and that part of the state would not be found: refused (ZOOKEEPER-2967), with Java's words.

import { ExitCode, FatalError } from "../errors.js";
import type { Disk, DiskError, Logger } from "../platform/platform.js";
import { closed } from "./disk-steps.js";
import { isTemporaryName, startsAsLog, startsAsSnapshot } from "./file-names.js";
import type { StorageSettings } from "./settings.js";

export interface DataDirectories {
  /** dataLogDir/version-2. */
  readonly logs: string;
  /** dataDir/version-2. */
  readonly snapshots: string;
}

/** A file that only shows that the directory can be written to. Neither we nor Java take it for anything. */
const PROBE_NAME = "tmp.probe";

export function dataDirectories(
  settings: Pick<StorageSettings, "dataDir" | "dataLogDir">,
): DataDirectories {
  return { logs: below(settings.dataLogDir), snapshots: below(settings.dataDir) };
}

function below(directory: string): string {
  return `${directory.replace(/(?<=[^/])\/+$/, "")}/version-2`;
}

/** Makes and checks both. FatalError with Java's exit code for data directories. Harmless beside a server that runs. */
export async function prepareDirectories(
  disk: Disk,
  settings: Pick<StorageSettings, "dataDir" | "dataLogDir" | "datadirAutocreate">,
): Promise<DataDirectories> {
  const directories = dataDirectories(settings);
  const { logs, snapshots } = directories;
  const disabled =
    "automatic data directory creation is disabled (zookeeper.datadir.autocreate is false).";
  await makeOne(disk, logs, settings.datadirAutocreate, "data", `${disabled} `);
  await makeOne(disk, snapshots, settings.datadirAutocreate, "snap", disabled);
  if (logs !== snapshots) {
    if (disk.readDirectory(logs).some(startsAsSnapshot)) {
      refuse(
        "Log directory has snapshot files. Check if dataLogDir and dataDir configuration is correct.",
      );
    }
    if (disk.readDirectory(snapshots).some(startsAsLog)) {
      refuse(
        "Snapshot directory has log files. Check if dataLogDir and dataDir configuration is correct.",
      );
    }
  }
  return directories;
}

async function makeOne(
  disk: Disk,
  path: string,
  autocreate: boolean,
  what: "data" | "snap",
  disabled: string,
): Promise<void> {
  const refused = `Unable to create ${what} directory ${path}`;
  if (!isThere(disk, path, refused)) {
    if (!autocreate) {
      refuse(
        `Missing ${what} directory ${path}, ${disabled}Please create this directory manually.`,
      );
    }
    try {
      await makeDurably(disk, path);
    } catch (error) {
      refuse(`${refused}: ${(error as DiskError).message}`);
    }
  }
  if (disk.stat(path)?.kind !== "directory") {
    refuse(`${refused}: there is a file of that name`);
  }
  try {
    await probe(disk, `${path}/${PROBE_NAME}`);
    await makeNameDurable(disk, path);
  } catch (error) {
    refuse(`Cannot write to ${what} directory ${path}: ${(error as DiskError).message}`);
  }
}

/** Where nobody may look, nothing can be kept either. */
function isThere(disk: Disk, path: string, refused: string): boolean {
  try {
    return disk.stat(path) !== undefined;
  } catch (error) {
    refuse(`${refused}: ${(error as DiskError).message}`);
  }
}

/** Whoever made it may have been killed before its name was durable: all that is in it would go with a power cut. */
async function makeNameDurable(disk: Disk, path: string): Promise<void> {
  try {
    await disk.syncDirectory(parentOf(path));
  } catch (error) {
    // Not ours to read, so not made by us.
    if ((error as DiskError).code !== "EACCES") throw error;
  }
}

/**
 * A directory is only as durable as its name in the one above, and so on up to the one that was there. From the top: each
 * name is durable before there is anything below it.
 */
async function makeDurably(disk: Disk, path: string): Promise<void> {
  const missing: string[] = [];
  for (let at = path; disk.stat(at) === undefined; at = parentOf(at)) missing.push(at);
  for (const directory of missing.reverse()) {
    await disk.makeDirectories(directory);
    await disk.syncDirectory(parentOf(directory));
  }
}

function parentOf(path: string): string {
  const slash = path.lastIndexOf("/");
  if (slash < 0) return ".";
  return slash === 0 ? "/" : path.slice(0, slash);
}

async function probe(disk: Disk, path: string): Promise<void> {
  try {
    const file = await disk.openForWriting(path, "create");
    await closed(file);
  } catch (error) {
    // Another program tries the same, or did until it was killed.
    if ((error as DiskError).code !== "EEXIST") throw error;
  }
  try {
    await disk.remove(path);
  } catch (error) {
    if ((error as DiskError).code !== "ENOENT") throw error;
  }
}

/** What a crash left half written. Nothing in it was ever acknowledged: that needs the final name. */
export async function removeTemporaryFiles(
  disk: Disk,
  log: Logger,
  { logs, snapshots }: DataDirectories,
): Promise<void> {
  for (const directory of new Set([logs, snapshots])) await removeFrom(disk, log, directory);
}

async function removeFrom(disk: Disk, log: Logger, directory: string): Promise<void> {
  for (const name of disk.readDirectory(directory).filter(isTemporaryName)) {
    log.info(`Removing unfinished file: ${directory}/${name}`);
    try {
      await disk.remove(`${directory}/${name}`);
    } catch (error) {
      refuse(`Cannot remove unfinished file ${directory}/${name}: ${(error as DiskError).message}`);
    }
  }
}

function refuse(message: string): never {
  throw new FatalError(ExitCode.unableToAccessDatadir, message);
}

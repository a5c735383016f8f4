// Where logs and snapshots are, and whether they may be there. Java: the constructor of FileTxnSnapLog.
//
// Both live in version-2 below dataLogDir and dataDir. Missing directories are made where datadir.autocreate allows it.
// With two different directories, a log among the snapshots or a snapshot among the logs means that the two settings were
// swapped or changed, and that part of the state would not be found: refused (ZOOKEEPER-2967), with Java's words.

import { ExitCode, FatalError } from "../errors.js";
import type { Disk, DiskError, Logger } from "../platform/platform.js";
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

/** Makes and checks both. FatalError with Java's exit code for data directories. */
export async function prepareDirectories(
  disk: Disk,
  log: Logger,
  settings: StorageSettings,
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
  for (const directory of new Set([logs, snapshots]))
    await removeTemporaryFiles(disk, log, directory);
  return directories;
}

async function makeOne(
  disk: Disk,
  path: string,
  autocreate: boolean,
  what: "data" | "snap",
  disabled: string,
): Promise<void> {
  if (disk.stat(path) === undefined) {
    if (!autocreate) {
      refuse(
        `Missing ${what} directory ${path}, ${disabled}Please create this directory manually.`,
      );
    }
    try {
      await disk.makeDirectories(path);
      await disk.syncDirectory(path.slice(0, path.lastIndexOf("/")));
    } catch (error) {
      refuse(`Unable to create ${what} directory ${path}: ${(error as DiskError).message}`);
    }
  }
  if (disk.stat(path)?.kind !== "directory") {
    refuse(`Unable to create ${what} directory ${path}: there is a file of that name`);
  }
  const probe = `${path}/${PROBE_NAME}`;
  try {
    if (disk.stat(probe) !== undefined) await disk.remove(probe);
    const file = await disk.openForWriting(probe, "create");
    await new Promise<void>((resume) => file.close(() => resume()));
    await disk.remove(probe);
  } catch (error) {
    refuse(`Cannot write to ${what} directory ${path}: ${(error as DiskError).message}`);
  }
}

/** What a crash left half written. Nothing in it was ever acknowledged: that needs the final name. */
async function removeTemporaryFiles(disk: Disk, log: Logger, directory: string): Promise<void> {
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

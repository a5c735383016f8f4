// zkCheckpointToolkit: from checkpoints to snapshots and back, and how far a checkpoint goes. Java has no checkpoints.
//
//   zkCheckpointToolkit.sh to-file dataDir [dataLogDir]
//   zkCheckpointToolkit.sh to-lmdb dataDir [dataLogDir]
//   zkCheckpointToolkit.sh info dataDir
//
// It does what a server does that is started with the other snapshot.store: loads the state, replays the log, and writes the
// state as of the log's end. The server of that directory must be stopped.

import { ExitCode, FatalError } from "../../errors.js";
import { applyTxn, decodeTxnRecord } from "../../operations/transactions.js";
import { createNodePlatform } from "../../platform/node/platform.js";
import { DiskError, type Logger, type Platform } from "../../platform/platform.js";
import { SILENT_LOG } from "../../platform/silent-log.js";
import { hasMarker, isCheckpointThere, realSnapshots } from "../../storage/checkpoint-directory.js";
import { checkpointHead } from "../../storage/checkpoints.js";
import { type DataDirectories, dataDirectories } from "../../storage/data-directories.js";
import {
  DEFAULT_STORAGE_SETTINGS,
  type SnapshotStore,
  type StorageSettings,
} from "../../storage/settings.js";
import { Storage } from "../../storage/storage.js";
import type { DataTree } from "../../tree/data-tree.js";
import { TreeLoader } from "../../tree/tree-loader.js";
import { hex0x } from "../../wire/ids.js";
import { openFileIn } from "./open-files.js";

const USAGE = [
  "usage: zkCheckpointToolkit.sh to-file dataDir [dataLogDir]   from checkpoint.mdb to a snapshot, for Java's servers",
  "       zkCheckpointToolkit.sh to-lmdb dataDir [dataLogDir]   from snapshots to checkpoint.mdb",
  "       zkCheckpointToolkit.sh info dataDir                   how far checkpoint.mdb goes",
  "The server of the directory must be stopped.",
];

const COMMANDS: readonly string[] = ["to-file", "to-lmdb", "info"];

const print = (line: string) => void process.stdout.write(`${line}\n`);
const complain = (line: string) => void process.stderr.write(`${line}\n`);

async function main(args: readonly string[]): Promise<ExitCode> {
  const [command = "", dataDir, dataLogDir = dataDir] = args;
  if (dataDir === undefined || dataLogDir === undefined || args.length > 3) return usage();
  if (!COMMANDS.includes(command)) return usage();
  const platform = createNodePlatform({ log: { level: "OFF" } });
  const directories = dataDirectories({ dataDir, dataLogDir });
  if (platform.disk.stat(directories.snapshots)?.kind !== "directory") {
    complain(`Cannot use "${dataDir}": there is no directory ${directories.snapshots}`);
    return ExitCode.unexpectedError;
  }
  if (command === "info") return info(platform, directories);
  // The next start removes what is under way in a directory, and so would we.
  const open = openFileIn([directories.snapshots, directories.logs]);
  if (open !== undefined) {
    complain(
      `Cannot convert "${dataDir}": process ${open.pid} has ${open.path} open. Stop it first`,
    );
    return ExitCode.unexpectedError;
  }
  return convert(platform, dataDir, dataLogDir, command === "to-file" ? "file" : "lmdb");
}

function usage(): ExitCode {
  for (const line of USAGE) complain(line);
  return ExitCode.invalidInvocation;
}

async function info({ disk, stores }: Platform, directories: DataDirectories): Promise<ExitCode> {
  if (!isCheckpointThere(disk, directories) && !hasMarker(disk, directories)) {
    const newest = realSnapshots(disk, directories)[0];
    const where = newest === undefined ? "no snapshot either" : `its state is in ${newest.name}`;
    complain(`There is no checkpoint in ${directories.snapshots}: ${where}`);
    return ExitCode.unexpectedError;
  }
  const head = await checkpointHead(stores, directories);
  print(`zxid = ${hex0x(head.zxid)}`);
  print(`nodes = ${head.nodeCount}`);
  print(`acls = ${head.aclCount}`);
  print(`sessions = ${head.sessionCount}`);
  return ExitCode.finished;
}

async function convert(
  platform: Platform,
  dataDir: string,
  dataLogDir: string,
  snapshotStore: SnapshotStore,
): Promise<ExitCode> {
  const settings: StorageSettings = {
    ...DEFAULT_STORAGE_SETTINGS,
    dataDir,
    dataLogDir,
    snapshotStore,
    datadirAutocreate: false,
  };
  const storage = await Storage.open(platform, settings, WARNINGS, {
    onFatal(error) {
      throw error;
    },
  });
  const tree = { ...TREE_SETTINGS, onDigestMismatch: () => complain("Digests are not matching") };
  const loader = new TreeLoader(tree, complain);
  const { snapshot, isCheckpoint, lastZxid, replayedTxns } = await storage.recover(
    loader,
    (page, start, end) => {
      applyTxn(loader.tree, decodeTxnRecord(page.subarray(start, end)));
    },
  );
  const path = storage.directories.snapshots;
  if (snapshot === undefined && replayedTxns === 0) {
    complain(`Cannot convert ${path}: there is no state in it`);
    return ExitCode.unexpectedError;
  }
  if (isCheckpoint === (snapshotStore === "lmdb") && replayedTxns === 0) {
    print(`Nothing to do: the state of ${path}, zxid ${hex0x(lastZxid)}, is in ${snapshot?.name}`);
    return ExitCode.finished;
  }
  print(`The state of ${path}, zxid ${hex0x(lastZxid)}, is in ${await take(storage, loader.tree)}`);
  return ExitCode.finished;
}

function take(storage: Storage, tree: DataTree): Promise<string> {
  return new Promise((resolve, reject) => {
    storage.startSnapshot(tree.beginSnapshot(), (error, file) => {
      if (file === undefined) reject(error);
      else storage.close(() => resolve(file.name));
    });
  });
}

/** A node is kept as it is, whatever the server that it is for makes of it. */
const TREE_SETTINGS = {
  digestEnabled: true,
  extendedTypesEnabled: true,
  emulate353TtlNodes: false,
};

const WARNINGS: Logger = {
  ...SILENT_LOG,
  child: () => WARNINGS,
  warn: complain,
  error: complain,
};

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof FatalError || error instanceof DiskError) complain(error.message);
  else complain(String((error as Error).stack));
  process.exitCode = error instanceof FatalError ? error.exitCode : ExitCode.unexpectedError;
}

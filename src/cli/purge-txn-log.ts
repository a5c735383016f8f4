// zkCleanup: removes old snapshots and logs of a data directory. Java: org.apache.zookeeper.server.PurgeTxnLog.
//
//   purge-txn-log dataLogDir [snapDir] -n count
//
// May run beside a server: what is removed is older than what the server needs, and new files are never touched.

import { resolve } from "node:path";
import { ExitCode, FatalError } from "../errors.js";
import { NodeDisk } from "../platform/node/disk.js";
import { NodeStores } from "../platform/node/stores.js";
import { checkpointHead } from "../storage/checkpoints.js";
import { prepareDirectories } from "../storage/data-directories.js";
import { COUNT_ERROR, purge, SNAP_RETAIN_COUNT_MIN } from "../storage/purge.js";
import { DEFAULT_STORAGE_SETTINGS } from "../storage/settings.js";

const USAGE = [
  "Usage:",
  "PurgeTxnLog dataLogDir [snapDir] -n count",
  "\tdataLogDir -- path to the txn log directory",
  "\tsnapDir -- path to the snapshot directory",
  "\tcount -- the number of old snaps/logs you want to keep, value should be greater than or equal to 3",
];

const print = (line: string) => void process.stdout.write(`${line}\n`);
const printError = (line: string) => void process.stderr.write(`${line}\n`);

class UsageError extends Error {}

async function main(args: readonly string[]): Promise<void> {
  if (args.length < 3 || args.length > 4) throw new UsageError();
  const disk = new NodeDisk();
  const dataLogDir = existing(disk, args[0]!);
  const dataDir = args.length === 4 ? existing(disk, args[1]!) : dataLogDir;
  const count = countFrom(args.at(-1)!);
  if (args.at(-2) !== "-n") throw new UsageError();
  const settings = { ...DEFAULT_STORAGE_SETTINGS, dataDir, dataLogDir };
  const directories = await prepareDirectories(disk, settings);
  const checkpoint = () => checkpointHead(new NodeStores(), directories).then(({ zxid }) => zxid);
  const context = { disk, directories, checkpointZxid: checkpoint, formatTime, print, printError };
  await purge(context, count);
}

function existing(disk: NodeDisk, path: string): string {
  if (disk.stat(path) !== undefined) return path;
  printError(`Path '${resolve(path)}' does not exist. `);
  throw new UsageError();
}

function countFrom(text: string): number {
  const count = Number(text);
  if (!/^[+-]?\d{1,10}$/.test(text) || (count | 0) !== count) {
    printError(`'${text}' can not be parsed to integer.`);
    throw new UsageError();
  }
  if (count < SNAP_RETAIN_COUNT_MIN) {
    printError(COUNT_ERROR);
    throw new UsageError();
  }
  return count;
}

/** Java's DateFormat.getDateTimeInstance() for the English locale: Nov 21, 2026, 9:12:21 AM. */
export function formatTime(wallMs: number): string {
  return new Intl.DateTimeFormat("en-US", { dateStyle: "medium", timeStyle: "medium" })
    .format(wallMs)
    .replace(/\u202f/g, " ");
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof UsageError) {
    for (const line of USAGE) print(line);
  } else {
    printError(error instanceof FatalError ? error.message : String((error as Error).stack));
  }
  process.exitCode = ExitCode.unexpectedError;
}

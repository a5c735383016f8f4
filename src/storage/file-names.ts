// What the files of a data directory are called. Java: Util, SnapStream.
//
// Java takes any name whose first part is "log" or "snapshot" and whose second part is hexadecimal, whatever follows:
// `log.5.bak` is a log to it, `snapshot.5.tmp` a snapshot. We take only the exact names, and give what is not (or no
// longer) part of the state names that neither we nor Java take for it: the kind of thing comes first, as in `tmp.log.5`.

import { ExitCode, FatalError } from "../errors.js";
import { hex, type Zxid } from "../wire/ids.js";

export type Compression = "" | "gz" | "snappy";

export interface LogFile {
  readonly name: string;
  readonly path: string;
  /** The zxid of its first record, as its name says. */
  readonly zxid: Zxid;
}

export interface SnapshotFile extends LogFile {
  readonly compression: Compression;
}

const LOG_NAME = /^log\.([0-9a-fA-F]{1,16})$/;
const SNAPSHOT_NAME = /^snapshot\.([0-9a-fA-F]{1,16})(?:\.(gz|snappy))?$/;
/** Written, never finished, never acknowledged: removed at the next start. */
const TEMPORARY_NAME = /^tmp\.(log|snapshot|checkpoint)\./;

export function logName(zxid: Zxid): string {
  return `log.${hex(zxid)}`;
}

export function snapshotName(zxid: Zxid, compression: Compression): string {
  return `snapshot.${hex(zxid)}${compression === "" ? "" : `.${compression}`}`;
}

export function temporaryName(name: string): string {
  return `tmp.${name}`;
}

export function isTemporaryName(name: string): boolean {
  return TEMPORARY_NAME.test(name);
}

/** As Java's check of mixed up directories sees it. */
export function startsAsLog(name: string): boolean {
  return name.startsWith("log.");
}

export function startsAsSnapshot(name: string): boolean {
  return name.startsWith("snapshot.");
}

/** The logs among these names, oldest first. */
export function logFiles(directory: string, names: readonly string[]): LogFile[] {
  const files: LogFile[] = [];
  for (const name of names) {
    const digits = LOG_NAME.exec(name)?.[1];
    const zxid = digits === undefined ? undefined : parseZxid(directory, name, digits);
    if (zxid !== undefined) files.push({ name, path: `${directory}/${name}`, zxid });
  }
  return files.sort((a, b) => a.zxid - b.zxid);
}

/** The snapshots among these names, newest first. */
export function snapshotFiles(directory: string, names: readonly string[]): SnapshotFile[] {
  const files: SnapshotFile[] = [];
  for (const name of names) {
    const match = SNAPSHOT_NAME.exec(name);
    const zxid = match === null ? undefined : parseZxid(directory, name, match[1]!);
    if (zxid === undefined) continue;
    const compression = (match?.[2] ?? "") as Compression;
    files.push({ name, path: `${directory}/${name}`, zxid, compression });
  }
  return files.sort((a, b) => b.zxid - a.zxid);
}

function parseZxid(directory: string, name: string, digits: string): Zxid | undefined {
  const value = Number.parseInt(digits, 16);
  if (Number.isSafeInteger(value)) return value as Zxid;
  // Above Long.MAX_VALUE Java does not count the file either (snapshot.ffffffffffffffff: the tree of a server that must
  // not vote yet).
  if (value >= 2 ** 63) return undefined;
  throw new FatalError(
    ExitCode.unexpectedError,
    `Cannot use "${directory}/${name}": its epoch is ${Math.floor(value / 2 ** 32)}, want at most ${2 ** 21 - 1}`,
  );
}

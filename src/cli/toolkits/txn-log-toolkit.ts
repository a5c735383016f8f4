// zkTxnLogToolkit: prints a transaction log, mends its checksums, or cuts it off. Java: TxnLogToolkit.
//
//   zkTxnLogToolkit.sh [-dhrvy] txn_log_file_name
//   zkTxnLogToolkit.sh -c -z zxid txn_log_file_name
//
// The log is never changed: what is mended goes to a file of its own, `.fixed` or `.chopped<zxid>`, beside it.

import { accessSync, constants, existsSync } from "node:fs";
import { basename } from "node:path";
import { ExitCode } from "../../errors.js";
import {
  flag,
  OptionError,
  type OptionTable,
  optionLines,
  parseOptions,
  valued,
} from "../shell/option-parser.js";
import { Answers } from "./answers.js";
import { javaLengthLimit } from "./java-reader.js";
import { LogFileWriter } from "./log-file-writer.js";
import { type Invocation, runProgram } from "./program.js";
import { RawLog } from "./raw-log.js";
import { ToolkitError, toolkitErrorOf, UncaughtToolkitError, uncaught } from "./toolkit-error.js";
import { chopLog } from "./txn-log-chop.js";
import { dumpLog } from "./txn-log-dump.js";

const OPTIONS: OptionTable = {
  options: [
    { ...flag("h", "Print help message"), long: "help" },
    { ...flag("r", "Recovery mode. Re-calculate CRC for broken entries."), long: "recover" },
    {
      ...flag("v", "Be verbose in recovery mode: print all entries, not just fixed ones."),
      long: "verbose",
    },
    {
      ...flag(
        "d",
        "Dump mode. Dump all entries of the log file with printing the content of a nodepath (default)",
      ),
      long: "dump",
    },
    {
      ...flag("y", "Non-interactive mode: repair all CRC errors without asking"),
      long: "yes",
    },
    { ...flag("c", "Chop mode. Chop txn file to a zxid."), long: "chop" },
    { ...valued("z", "Used with chop. Zxid to which to chop."), long: "zxid" },
  ],
};
const USAGE = "usage: TxnLogToolkit [-dhrvc] <txn_log_file_name> (-z <zxid>)";
const PRE_ALLOC_KB = 65536;

function main(invocation: Invocation): number {
  const { args, out, complain } = invocation;
  try {
    const options = parseOptions(OPTIONS, args);
    const [name] = options.args;
    if (options.has("h")) return help(invocation, ExitCode.finished);
    if (name === undefined) return help(invocation, ExitCode.unexpectedError);
    const zxid = options.value("z");
    if (options.has("c") && zxid !== undefined) return chop(invocation, name, zxid);
    return dump(invocation, name, options.has);
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    out.flush();
    complain(`${error.text}\n`);
    return help(invocation, ExitCode.unexpectedError);
  }
}

function help({ out }: Invocation, exitCode: number): number {
  out.line(USAGE);
  for (const line of optionLines(OPTIONS)) out.line(line);
  return exitCode;
}

function dump(
  { out, properties }: Invocation,
  name: string,
  has: (flag: string) => boolean,
): number {
  const path = existing(name);
  const recoveryPath = has("r") ? `${path}.fixed` : undefined;
  if (recoveryPath !== undefined && existsSync(recoveryPath)) {
    throw new ToolkitError(
      ExitCode.unexpectedError,
      `Recovery file ${recoveryPath} already exists or not writable`,
    );
  }
  out.goesOnUnread = recoveryPath !== undefined;
  const settings = {
    path,
    recoveryPath,
    isVerbose: has("v"),
    isForced: has("y"),
    lengthLimit: javaLengthLimit(properties),
    preAllocBytes: preAllocBytes(properties),
  };
  const mended = dumpLog(settings, out, new Answers(0));
  if (recoveryPath !== undefined) {
    out.line(`Recovery file ${recoveryPath} has been written with ${mended} fixed CRC error(s)`);
  }
  return ExitCode.finished;
}

function chop({ out, properties, complain }: Invocation, name: string, zxidText: string): number {
  const path = existing(name);
  const zxid = decodeLong(zxidText);
  // Java takes this for dump mode, in which it has not opened the file.
  if (zxid < 0n)
    throw uncaught("java.lang.NullPointerException", `The zxid is ${zxid}, want 0 or more`);
  out.goesOnUnread = true;
  const lengthLimit = javaLengthLimit(properties);
  try {
    const log = new RawLog(path, lengthLimit);
    const target = new LogFileWriter(`${path}.chopped${zxid}`, 0);
    try {
      log.readHeader();
      if (!log.isLog) {
        complain("Invalid magic number in txn log file");
        throw failedToChop(path);
      }
      if (!chopLog({ log, target, zxid, lengthLimit, out })) throw failedToChop(path);
    } finally {
      target.close();
      log.close();
    }
  } catch (error) {
    const known = toolkitErrorOf(error);
    if (known === undefined) throw error;
    const message = known instanceof UncaughtToolkitError ? known.javaMessage : known.message;
    out.line(`Got exception: ${message}`);
  }
  return ExitCode.finished;
}

function failedToChop(path: string): ToolkitError {
  return new ToolkitError(ExitCode.invalidInvocation, `Failed to chop ${basename(path)}`);
}

/** As Java's File shortens it. */
function existing(name: string): string {
  const path = name.replace(/\/+/g, "/").replace(/(?<=.)\/$/, "");
  try {
    accessSync(path, constants.R_OK);
    return path;
  } catch {
    throw new ToolkitError(ExitCode.unexpectedError, `File doesn't exist or not readable: ${path}`);
  }
}

/** Java: Long.decode. */
function decodeLong(text: string): bigint {
  const match = /^([+-]?)(0[xX]|#|0(?=.))?([\da-fA-F]+)$/.exec(text);
  const prefix = match?.[2]?.toLowerCase();
  const isHex = prefix === "0x" || prefix === "#";
  const digits = match?.[3] ?? "";
  const pattern = isHex ? /./ : prefix === "0" ? /^[0-7]+$/ : /^\d+$/;
  if (match !== null && pattern.test(digits)) {
    const value = BigInt((isHex ? "0x" : prefix === "0" ? "0o" : "") + digits);
    const signed = match[1] === "-" ? -value : value;
    if (BigInt.asIntN(64, signed) === signed) return signed;
  }
  throw uncaught("java.lang.NumberFormatException", `For input string: "${text}"`);
}

function preAllocBytes(properties: ReadonlyMap<string, string>): number {
  const text = properties.get("zookeeper.preAllocSize") ?? "";
  return (/^[+-]?\d{1,12}$/.test(text) ? Number(text) : PRE_ALLOC_KB) * 1024;
}

runProgram(main);

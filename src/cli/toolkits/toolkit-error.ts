// How a toolkit ends when it cannot go on: a line on standard error and an exit code. What Java's toolkits do not catch
// themselves ends them with a stack trace and code 1; here the first line of it stands for the whole.

import { ExitCode } from "../../errors.js";
import { DiskError } from "../../platform/platform.js";
import { StorageDamage } from "../../storage/storage-damage.js";
import { CliError } from "../shell/cli-error.js";

export class ToolkitError extends Error {
  override readonly name = "ToolkitError";
  readonly exitCode: number;
  constructor(exitCode: number, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}

export class UncaughtToolkitError extends ToolkitError {
  /** What Java's getMessage says. */
  readonly javaMessage: string | null;
  constructor(javaClass: string, javaMessage: string | null) {
    const text = javaMessage === null ? javaClass : `${javaClass}: ${javaMessage}`;
    super(ExitCode.unexpectedError, `Exception in thread "main" ${text}`);
    this.javaMessage = javaMessage;
  }
}

export function uncaught(javaClass: string, message: string | null = null): ToolkitError {
  return new UncaughtToolkitError(javaClass, message);
}

/** The bytes end within a value. */
export class UncaughtEnd extends UncaughtToolkitError {
  constructor(javaMessage: string | null = null) {
    super("java.io.EOFException", javaMessage);
  }
}

const NOT_OPENED: Readonly<Record<string, string>> = {
  ENOENT: "No such file or directory",
  EISDIR: "Is a directory",
  EACCES: "Permission denied",
  ENOTDIR: "Not a directory",
};

/** What is said of an error that nobody has dealt with; undefined for a fault of ours. */
export function toolkitErrorOf(error: unknown): ToolkitError | undefined {
  if (error instanceof ToolkitError) return error;
  if (error instanceof CliError) return new ToolkitError(error.exitCode, error.message);
  if (error instanceof StorageDamage) {
    return error.message === "It ends early"
      ? new UncaughtEnd()
      : uncaught("java.io.IOException", error.message);
  }
  if (!(error instanceof DiskError)) return undefined;
  const reason = NOT_OPENED[error.code];
  return reason === undefined
    ? uncaught("java.io.IOException", error.message)
    : uncaught("java.io.FileNotFoundException", `${error.path} (${reason})`);
}

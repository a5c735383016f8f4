// What is said of a command that failed. Java: CliException and its kinds.

import { ErrorCode } from "../../wire/error-codes.js";
import { InvalidArgumentError, ZooKeeperError } from "../client/zookeeper-error.js";

/** A line for the person at the keyboard, and the exit code that a single command ends with. */
export class CliError extends Error {
  override readonly name = "CliError";
  readonly exitCode: number;
  constructor(message: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/**
 * What ends Java's zkCli with a stack trace: a version that is no number, for one. Here it ends the command; a single
 * command says it as Java does.
 */
export class UncaughtError extends CliError {
  constructor(javaClass: string, message: string) {
    super(`Exception in thread "main" ${javaClass}: ${message}`);
  }
}

/** Of arguments that Java's client does not take, where its zkCli does not expect that. */
export function uncaughtOf(error: InvalidArgumentError): UncaughtError {
  const isNumber = error.message.startsWith("For input string");
  const javaClass = isNumber ? "NumberFormatException" : "IllegalArgumentException";
  return new UncaughtError(`java.lang.${javaClass}`, error.message);
}

const TEXTS = new Map<number, string>([
  [ErrorCode.noNode, "Node does not exist: "],
  [ErrorCode.noChildrenForEphemerals, "Ephemerals cannot have children: "],
  [ErrorCode.nodeExists, "Node already exists: "],
  [ErrorCode.notEmpty, "Node not empty: "],
  [ErrorCode.notReadOnly, "Not a read-only call: "],
  [ErrorCode.invalidACL, "Acl is not valid : "],
  [ErrorCode.noAuth, "Insufficient permission : "],
  [ErrorCode.badArguments, "Arguments are not valid : "],
  [ErrorCode.badVersion, "version No is not valid : "],
  [ErrorCode.quotaExceeded, "Quota has exceeded : "],
]);

/** Java: CliWrapperException and MalformedPathException. Anything else is a fault of ours and stays what it is. */
export function cliErrorOf(error: unknown): unknown {
  if (error instanceof InvalidArgumentError) return new CliError(error.message);
  if (!(error instanceof ZooKeeperError)) return error;
  if (error.code === ErrorCode.reconfigInProgress) {
    return new CliError(
      "Another reconfiguration is in progress -- concurrent reconfigs not supported (yet)",
    );
  }
  if (error.code === ErrorCode.newConfigNoQuorum) {
    return new CliError(
      "No quorum of new config is connected and up-to-date with the leader of last commmitted config - " +
        "try invoking reconfiguration after new servers are connected and synced",
    );
  }
  const text = TEXTS.get(error.code);
  return new CliError(text === undefined ? error.message : text + error.path);
}

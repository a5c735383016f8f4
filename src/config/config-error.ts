// A configuration that cannot be run, in Java's words and with Java's exit code.

import { ExitCode, FatalError } from "../errors.js";

/** Which of Java's four ends of a start it is: what goes to standard error, and the exit code. */
const KINDS = {
  /** QuorumPeerConfig.ConfigException */
  config: { exitCode: ExitCode.invalidInvocation, line: "Invalid config, exiting abnormally" },
  /** IllegalArgumentException: arguments on the command line; the usage goes to standard error. */
  arguments: {
    exitCode: ExitCode.invalidInvocation,
    line: "Invalid arguments, exiting abnormally",
  },
  /** What Java finds out only when it builds the server. */
  unexpected: {
    exitCode: ExitCode.unexpectedError,
    line: "Unexpected exception, exiting abnormally",
  },
} as const;

export type ConfigErrorKind = keyof typeof KINDS;

export class ConfigError extends FatalError {
  readonly kind: ConfigErrorKind;
  /** The line that Java writes before the cause: "Invalid config, exiting abnormally". */
  readonly line: string;
  /** For `arguments`: the usage, which goes to the log and to standard error instead of `line`. */
  readonly usage: string | undefined;

  constructor(kind: ConfigErrorKind, message: string, usage?: string) {
    super(KINDS[kind].exitCode, message);
    this.kind = kind;
    this.line = KINDS[kind].line;
    this.usage = usage;
  }

  /** What belongs on standard error, as Java has it there. */
  get standardError(): string {
    return this.usage ?? this.line;
  }
}

// What all toolkits have in common: the properties before their arguments, their output, and how they end.

import { constants } from "node:os";
import { ExitCode } from "../../errors.js";
import { Output, ReaderGone } from "./output.js";
import { toolkitErrorOf } from "./toolkit-error.js";

export interface Invocation {
  readonly args: readonly string[];
  /** -Dname=value, which the scripts hand on from JVMFLAGS. Other flags of a JVM have no meaning here. */
  readonly properties: ReadonlyMap<string, string>;
  readonly out: Output;
  complain(line: string): void;
}

/** `main` returns the exit code, or throws. */
export function runProgram(main: (invocation: Invocation) => number): void {
  const out = new Output(1);
  const errors = new Output(2);
  errors.goesOnUnread = true;
  const complain = (line: string): void => {
    errors.line(line);
    errors.flush();
  };
  try {
    process.exitCode = main({ ...splitProperties(process.argv.slice(2)), out, complain });
    out.flush();
  } catch (error) {
    process.exitCode = sayWhy(error, out, complain);
  }
}

function sayWhy(error: unknown, out: Output, complain: (line: string) => void): number {
  if (error instanceof ReaderGone) return 128 + constants.signals.SIGPIPE;
  const known = toolkitErrorOf(error);
  out.goesOnUnread = true;
  out.flush();
  complain(known?.message ?? String((error as Error).stack));
  return known?.exitCode ?? ExitCode.unexpectedError;
}

function splitProperties(argv: readonly string[]): Pick<Invocation, "args" | "properties"> {
  const properties = new Map<string, string>();
  let at = 0;
  for (; /^-[DX]/.test(argv[at] ?? ""); at++) {
    const [name, ...value] = argv[at]!.slice(2).split("=");
    if (argv[at]!.startsWith("-D")) properties.set(name!, value.join("="));
  }
  return { args: argv.slice(at), properties };
}

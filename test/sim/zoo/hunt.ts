// Runs seeds, one after the other, until one fails: the program that zoo.ts builds once for each bug.
//
// What it finds goes to standard output as one line of JSON; between, a line for each seed that found nothing.

import { parseArgs } from "node:util";
import { optionsOf, type Profile } from "../options.js";
import { Run, RunFailure } from "../run.js";

export interface Found {
  readonly seed: number;
  /** The check that failed, as the method that made it. */
  readonly checker: string;
  readonly message: string;
}

const { values } = parseArgs({
  options: {
    from: { type: "string" },
    to: { type: "string" },
    ticks: { type: "string" },
    profile: { type: "string", default: "swarm" },
  },
});

/** Who said that something is wrong: file and function of the frame that called `must`, or threw. */
function checkerOf(error: unknown): string {
  if (!(error instanceof Error)) return "a process of the simulation";
  const stack = error.stack ?? "";
  // What a server ended with is told with a stack of its own.
  const frames = stack.slice(stack.indexOf(error.message) + error.message.length);
  for (const [, name, file] of frames.matchAll(/^ +at (?:async )?(\S+) .*?([\w-]+)\.[jt]s:/gm)) {
    if (name !== "must") return `${file}: ${name?.startsWith("<") ? "a closure" : name}`;
  }
  return "a process of the simulation";
}

const profile = values.profile as Profile;

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

for (let seed = Number(values.from); seed <= Number(values.to); seed++) {
  try {
    const { epochs } = await new Run(
      optionsOf(seed, { ticks: Number(values.ticks), profile }),
    ).run();
    say({ seed, epochs });
  } catch (error) {
    const cause = error instanceof RunFailure ? error.cause : error;
    const message = cause instanceof Error ? cause.message : String(cause);
    say({ seed, checker: checkerOf(cause), message } satisfies Found);
    break;
  }
}

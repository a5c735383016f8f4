// Runs seeds, one after the other, until one fails: the program that zoo.ts builds once for each bug.
//
// What it finds goes to standard output as one line of JSON; between, a line for each seed that found nothing.

import { parseArgs } from "node:util";
import { optionsOf } from "../options.js";
import { Run, RunFailure } from "../run.js";

export interface Found {
  readonly seed: number;
  /** The check that failed, as the method that made it. */
  readonly checker: string;
  readonly message: string;
}

const { values } = parseArgs({
  options: { from: { type: "string" }, to: { type: "string" }, ticks: { type: "string" } },
});

/** The first frame of our checkers in the stack: CommittedHistory.serves, say. */
function checkerOf(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  for (const [, frame] of stack.matchAll(/^ +at (?:async )?(?:new )?([\w#.$]+) /gm)) {
    if (frame !== "must" && frame !== undefined) return frame.replace(/^_(?=[A-Z])/, "");
  }
  return "a process of the simulation";
}

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

for (let seed = Number(values.from); seed <= Number(values.to); seed++) {
  try {
    await new Run(optionsOf(seed, { ticks: Number(values.ticks) })).run();
    say({ seed });
  } catch (error) {
    const cause = error instanceof RunFailure ? error.cause : error;
    const message = cause instanceof Error ? cause.message : String(cause);
    say({ seed, checker: checkerOf(cause), message } satisfies Found);
    break;
  }
}

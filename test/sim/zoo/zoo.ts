// npm run sim:zoo [-- --seeds N | --ticks T | --jobs J | --minutes M | --profile P | --tests | name …]
//
// Puts each known bug back, one at a time, and counts the seeds that the random simulator needs to find it. A seed that
// finds a bug is run without it as well: it must pass, or it has found something else. Prints the table of docs/TESTING.md.
// --tests runs no seeds, but the tests that docs/ZOO.md or the bug itself names (shown.ts): at least one must fail with it.

import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { BUGS } from "./all-bugs.js";
import type { Bug } from "./bug.js";
import { buildControl, buildHunt } from "./build.js";
import type { Found } from "./hunt.js";
import { Copy } from "./shown.js";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: "string", default: "1000" },
    ticks: { type: "string", default: "100" },
    jobs: { type: "string", default: String(availableParallelism()) },
    minutes: { type: "string", default: "60" },
    /** Instead of the bug's own. */
    profile: { type: "string" },
    tests: { type: "boolean" },
  },
});

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

interface Outcome {
  readonly found: Found | undefined;
  /** The last seed that was looked at. */
  readonly seeds: number;
  readonly why: string;
}

/** Runs a hunt until it has found something, has had its seeds, or its time. */
function hunt(
  program: string,
  bug: Bug,
  from: number,
  to: number,
  options: readonly string[] = [],
): Promise<Outcome> {
  return new Promise((resolve) => {
    const args = [
      ...options,
      "--max-semi-space-size=32",
      program,
      "--from",
      `${from}`,
      "--to",
      `${to}`,
      "--ticks",
      values.ticks,
      "--profile",
      profileOf(bug),
    ];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
    const timer = setTimeout(() => child.kill("SIGKILL"), Number(values.minutes) * 60_000);
    let text = "";
    let errors = "";
    child.stdout.on("data", (chunk: Buffer) => {
      text += chunk.toString("utf8");
    });
    child.stderr.on("data", (chunk: Buffer) => {
      errors += chunk.toString("utf8");
    });
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      const lines = text.split("\n").filter((line) => line !== "");
      const last = lines.length === 0 ? undefined : (JSON.parse(lines.at(-1) as string) as Found);
      const seeds = last?.seed ?? from - 1;
      if (signal !== null) resolve({ found: undefined, seeds, why: "time is up" });
      else if (code !== 0) resolve({ found: ended(seeds + 1, errors), seeds, why: "" });
      else resolve({ found: last?.checker === undefined ? undefined : last, seeds, why: "" });
    });
  });
}

function profileOf({ profile = "swarm" }: Bug): string {
  return values.profile ?? profile;
}

/** An error in a promise that nobody waits for ends the process, of a server and of the simulation. */
function ended(seed: number, errors: string): Found {
  const message = errors.split("\n").find((line) => /^\w*Error\b/.test(line)) ?? errors.slice(-500);
  return { seed, checker: "an assertion of the server", message };
}

async function row(bug: Bug): Promise<string> {
  const { name, known } = bug;
  const told = profileOf(bug);
  const profile = told === "swarm" ? "" : ` (${told})`;
  const says = (seed: string, by: string) => `| ${name} | ${known} | ${seed}${profile} | ${by} |`;
  const program = await buildHunt(bug);
  const control = await buildControl(bug);
  const last = Number(values.seeds);
  for (let from = 1; ; ) {
    const { found, seeds, why } = await hunt(program, bug, from, last);
    if (found === undefined) return says(`not within ${seeds}`, why);
    say(`${name}, seed ${found.seed}: ${found.message.split("\n")[0]}`);
    const without = await hunt(control, bug, found.seed, found.seed);
    if (without.found === undefined) {
      // Who found it, by the names of the sources: with maps every stack trace is slow.
      const again = await hunt(program, bug, found.seed, found.seed, ["--enable-source-maps"]);
      return says(`${found.seed}`, again.found?.checker ?? found.checker);
    }
    say(`Seed ${found.seed} fails without ${name}, too: ${without.found.message.split("\n")[0]}`);
    from = found.seed + 1;
  }
}

const unknown = positionals.filter((name) => !BUGS.some((bug) => bug.name === name));
if (unknown.length > 0) throw new Error(`No such bug: ${unknown.join(", ")}`);
const wanted = BUGS.filter(({ name }) => positionals.length === 0 || positionals.includes(name));

/** A seed for each, and how it was found. */
async function hunts(): Promise<void> {
  const rows = new Map<Bug, string>();
  const waiting = [...wanted];
  const worker = async (): Promise<void> => {
    for (let bug = waiting.shift(); bug !== undefined; bug = waiting.shift()) {
      const text = await row(bug);
      rows.set(bug, text);
      say(text);
    }
  };
  await Promise.all(Array.from({ length: Number(values.jobs) }, worker));
  say(`\n| bug | known as | seed | found by |\n|---|---|---|---|`);
  for (const bug of wanted) say(rows.get(bug) ?? "");
}

/** Which tests fail with the bug that they are said to show. */
function tests(): void {
  const copy = new Copy();
  try {
    for (const bug of wanted) {
      const verdicts: string[] = [];
      copy.show(bug, ({ test, verdict }) => {
        verdicts.push(verdict);
        say(`${bug.name}: ${test.file} "${test.name}" ${verdict}`);
      });
      // What is hunted in a world of its own has its own test.
      if (bug.given === undefined && !verdicts.includes("fails")) {
        process.exitCode = 1;
        say(`${bug.name}: NO TEST SHOWS IT`);
      }
    }
  } finally {
    copy.remove();
  }
}

if (values.tests === true) tests();
else await hunts();

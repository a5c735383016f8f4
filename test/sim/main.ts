// npm run sim [-- --seed N | --seeds A..B | --members N | --minutes M | --ticks T | --profile P | --twice | --log]
//
// Runs seeds one after the other and stops at the first that fails, with the command that repeats it. Without a seed one is
// drawn, and drawn again, for ever.

import { parseArgs } from "node:util";
import { MARKS, type Mark } from "../../src/marks.js";
import { optionsOf, PROFILES, type Profile } from "./options.js";
import { formatLine } from "./platform/log.js";
import { Run, RunFailure, type RunResult } from "./run.js";

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    seeds: { type: "string" },
    members: { type: "string" },
    minutes: { type: "string" },
    ticks: { type: "string" },
    profile: { type: "string" },
    twice: { type: "boolean" },
    log: { type: "boolean" },
    quiet: { type: "boolean" },
    marks: { type: "boolean" },
    "keep-going": { type: "boolean" },
  },
});

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function* seeds(): Generator<number> {
  if (values.seed !== undefined) {
    yield Number(values.seed);
  } else if (values.seeds !== undefined) {
    const [, from, to, step] = /^(\d+)\.\.(\d+)(?:\/(\d+))?$/.exec(values.seeds) ?? [];
    if (to === undefined)
      throw new Error(`--seeds must be A..B or A..B/STEP: got "${values.seeds}"`);
    for (let seed = Number(from); seed <= Number(to); seed += Number(step ?? 1)) yield seed;
  } else {
    for (;;) yield Math.floor(Math.random() * 2 ** 32);
  }
}

// Only where somebody reads: maps and many frames make every stack trace slow, and a run has thousands of errors that were drawn.
if (values.log === true) process.setSourceMapsEnabled(true);
else Error.stackTraceLimit = 3;

const profile = values.profile as Profile | undefined;
if (profile !== undefined && !PROFILES.includes(profile)) {
  throw new Error(`Unknown profile "${profile}": ${PROFILES.join(", ")}`);
}
const overrides = {
  members: values.members === undefined ? undefined : Number(values.members),
  minutes: values.minutes === undefined ? undefined : Number(values.minutes),
  ticks: values.ticks === undefined ? undefined : Number(values.ticks),
  profile,
};

function commandOf(seed: number): string {
  const words = [`npm run sim -- --seed ${seed}`];
  if (values.members !== undefined) words.push(`--members ${values.members}`);
  if (values.minutes !== undefined) words.push(`--minutes ${values.minutes}`);
  if (values.ticks !== undefined) words.push(`--ticks ${values.ticks}`);
  if (profile !== undefined) words.push(`--profile ${profile}`);
  return words.join(" ");
}

async function runSeed(seed: number): Promise<RunResult> {
  const options = optionsOf(seed, overrides);
  if (values.quiet !== true) say(JSON.stringify(options));
  const run = new Run(options);
  if (values.log === true) run.ensemble.world.logBook.onLine = (line) => say(formatLine(line));
  return await run.run();
}

const totals = { seeds: 0, virtualMs: 0, steps: 0, committed: 0, operations: 0, failures: 0 };
const faults = new Map<string, number>();
const counts = new Map<string, number>();
const marks = new Map<Mark, number>(MARKS.map((mark) => [mark, 0]));
const startedMs = performance.now();
const startedCpu = process.cpuUsage();

for (const seed of seeds()) {
  try {
    const beganMs = performance.now();
    const result = await runSeed(seed);
    const wallMs = performance.now() - beganMs;
    if (values.twice === true) {
      const again = await runSeed(seed);
      if (again.hash !== result.hash) {
        throw new Error(`Seed ${seed} ran twice, to ${result.hash} and ${again.hash}`);
      }
    }
    totals.seeds++;
    totals.virtualMs += result.virtualMs;
    totals.steps += result.steps;
    totals.committed += result.committed;
    totals.operations += result.operations;
    for (const [what, count] of Object.entries(result.counts)) {
      counts.set(what, (counts.get(what) ?? 0) + count);
    }
    for (const [what, count] of Object.entries(result.faults)) {
      faults.set(what, (faults.get(what) ?? 0) + count);
    }
    for (const [mark, count] of result.marks) marks.set(mark, (marks.get(mark) ?? 0) + count);
    const speed = Math.round(result.virtualMs / wallMs);
    if (values.quiet !== true) say(`seed ${seed}: ${JSON.stringify(result)} (${speed} s/s)`);
    else
      say(
        `seed ${seed}: ${result.hash} ${Math.round(result.virtualMs / 1000)} s, ${result.committed} txns, ${result.answered}/${result.operations} ops, ${result.epochs} epochs, ${Math.round(wallMs)} ms (${speed} s/s)`,
      );
  } catch (error) {
    totals.failures++;
    const cause = error instanceof RunFailure ? error.cause : error;
    if (error instanceof RunFailure && values.log !== true) {
      const { world } = error.run.ensemble;
      const tail = world.logBook.lines.slice(-40).map(formatLine);
      say(`${tail.join("\n")}\nat ${world.nowMs.toFixed(3)} ms`);
    }
    say(`seed ${seed} FAILED: ${cause instanceof Error ? cause.stack : String(cause)}`);
    say(`Repeat it: ${commandOf(seed)} --log`);
    process.exitCode = 1;
    if (values["keep-going"] !== true) break;
  }
}

const wallS = (performance.now() - startedMs) / 1000;
const { user, system } = process.cpuUsage(startedCpu);
const cpuS = (user + system) / 1e6;
say(
  `${totals.seeds} seeds, ${totals.failures} failures, ${Math.round(totals.virtualMs / 1000)} virtual s in ${wallS.toFixed(1)} s (${cpuS.toFixed(1)} s of CPU: ${Math.round(totals.virtualMs / 1000 / cpuS)} virtual s for one), ${totals.steps} events, ${totals.committed} txns, ${totals.operations} operations`,
);
say(`faults: ${[...faults].map(([what, count]) => `${what}: ${count}`).join(", ")}`);
say([...counts].map(([what, count]) => `${what}: ${count}`).join(", "));

// Marks: what happens seldom, and how often it did. What no seed reaches, nobody has tested.
const reached = [...marks].filter(([, count]) => count > 0);
const never = [...marks].filter(([, count]) => count === 0).map(([mark]) => mark);
say(`${reached.length} of ${MARKS.length} marks reached`);
if (values.marks === true) for (const [mark, count] of reached) say(`  ${count}\t${mark}`);
if (never.length > 0) say(`never: ${never.join("; ")}`);

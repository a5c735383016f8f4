// A long campaign over all ports: cut into slices, each a process with servers and a seed of its own, as many at a time as there
// are cores. Slices are numbered and always the same for a seed: whoever stops (SIGINT, SIGTERM) is told where to go on.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { FRONTS } from "./fronts.js";

export interface Slices {
  readonly inputs: number;
  /** Slice n is fuzzed by seed + n. */
  readonly seed: number;
  /** The first slice: those before have been done. */
  readonly from: number;
  readonly jobs: number | undefined;
  /** Each job takes PORTS_PER_JOB from here on. */
  readonly firstPort: number;
  readonly say: (line: string) => void;
}

const SLICE_INPUTS = 100_000;
const PORTS_PER_JOB = 30;
const ENSEMBLE_PORTS = 9;
const PROGRAM = fileURLToPath(new URL("fuzz.js", import.meta.url));

/** Names as often as their shares say, well mixed. */
function order(): string[] {
  const names = Object.keys(FRONTS);
  const due = new Map(names.map((name) => [name, 0]));
  const out: string[] = [];
  const all = names.reduce((sum, name) => sum + FRONTS[name]!.share, 0);
  for (let i = 0; i < all; i++) {
    for (const name of names) due.set(name, due.get(name)! + FRONTS[name]!.share);
    const next = names.reduce((best, name) => (due.get(name)! > due.get(best)! ? name : best));
    due.set(next, due.get(next)! - all);
    out.push(next);
  }
  return out;
}

/** Answers the exit code. */
export async function fuzzAll(slices: Slices): Promise<number> {
  const { inputs, seed, from, firstPort, say } = slices;
  const count = Math.ceil(inputs / SLICE_INPUTS);
  const jobs = slices.jobs ?? availableParallelism();
  const names = order();
  const children = new Set<ChildProcess>();
  const unfinished = new Set<number>();
  let next = from;
  let isStopped = false;
  let hasFailed = false;
  let done = 0;
  const stop = (): void => {
    isStopped = true;
    for (const child of children) child.kill("SIGTERM");
  };
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);

  const job = async (slot: number): Promise<void> => {
    while (next < count && !isStopped) {
      const slice = next++;
      unfinished.add(slice);
      const frames = Math.min(SLICE_INPUTS, inputs - slice * SLICE_INPUTS);
      const name = names[slice % names.length]!;
      const args = ["--port", name, "--frames", `${frames}`, "--seed", `${seed + slice}`];
      const startedMs = Date.now();
      const { code, output } = await run(args, firstPort + slot * PORTS_PER_JOB, children);
      if (isStopped && code !== 0) continue;
      if (code !== 0) {
        hasFailed = true;
        say(`slice ${slice} failed; again: node ${PROGRAM} ${args.join(" ")}\n${output}`);
        stop();
        continue;
      }
      unfinished.delete(slice);
      done += frames;
      const seconds = ((Date.now() - startedMs) / 1000).toFixed(1);
      say(
        `slice ${slice} of ${count}: ${name}, seed ${seed + slice}: ${frames} inputs in ${seconds} s; ${done} done`,
      );
    }
  };
  await Promise.all(Array.from({ length: jobs }, (_, slot) => job(slot)));
  const goOn = Math.min(next, ...unfinished);
  if (goOn < count)
    say(`stopped: go on with --port all --frames ${inputs} --seed ${seed} --from ${goOn}`);
  else say(`${done} inputs: all served to the end`);
  return hasFailed ? 1 : 0;
}

function run(
  args: readonly string[],
  firstPort: number,
  children: Set<ChildProcess>,
): Promise<{ code: number | null; output: string }> {
  const free = `${firstPort + ENSEMBLE_PORTS}-${firstPort + PORTS_PER_JOB - 1}`;
  // What a slice that is stopped leaves behind goes with this.
  const directory = mkdtempSync(join(tmpdir(), "zooid-slice-"));
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      TMPDIR: directory,
      ZOOID_FUZZ_PORTS: `${firstPort}`,
      ZOOID_TEST_PORTS: free,
    },
  });
  children.add(child);
  let output = "";
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-20_000);
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  return new Promise((resolve) => {
    child.once("close", (code) => {
      children.delete(child);
      rmSync(directory, { recursive: true, force: true });
      resolve({ code, output });
    });
  });
}

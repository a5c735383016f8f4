// 200 fixed seeds on every change, a process for each core; `npm run sim` and campaign.sh run as many as there is time for.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { optionsOf, type Profile } from "./options.js";
import { Run } from "./run.js";

/** Short: what needs long is for the campaigns. */
const TICKS = "40";

/** What the seed draws, mostly: each kind of trouble alone goes deeper into it. */
const SEEDS: Readonly<Record<Profile, readonly [first: number, last: number]>> = {
  swarm: [1, 80],
  none: [81, 95],
  crash: [96, 135],
  network: [136, 160],
  disk: [166, 180],
  stories: [181, 190],
  reconfig: [191, 200],
  rare: [161, 165],
};

/** Seeds for one process: the first twenty cost 6.5 s of CPU and the next twenty 4, because by then the code is compiled. */
const SHARE = 40;

const PROGRAM = fileURLToPath(new URL("main.js", import.meta.url));

function runSeeds(profile: Profile, first: number, last: number): Promise<void> {
  const args = ["--max-semi-space-size=32", PROGRAM, "--seeds", `${first}..${last}`, "--quiet"];
  const child = spawn(process.execPath, [...args, "--profile", profile, "--ticks", TICKS]);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      // The seed that failed, why, and the command that repeats it.
      const from = Math.max(0, output.search(/^seed \d+ FAILED/m));
      if (code === 0) resolve();
      else reject(new Error(`The simulator ends with ${code}:\n${output.slice(from)}`));
    });
  });
}

describe("An ensemble keeps every promise under faults", {
  concurrency: availableParallelism(),
}, () => {
  for (const [profile, [first, last]] of Object.entries(SEEDS)) {
    for (let from = first; from <= last; from += SHARE) {
      const to = Math.min(last, from + SHARE - 1);
      test(`${profile}, seeds ${from} to ${to}`, () => runSeeds(profile as Profile, from, to));
    }
  }
});

test("The same seed twice gives the same history", async () => {
  for (const seed of [3, 5]) {
    const options = { ...optionsOf(seed), faultsMs: 5000 };
    const [first, second] = [await new Run(options).run(), await new Run(options).run()];
    assert.equal(first.hash, second.hash);
    assert.deepEqual(first, second);
  }
});

// R42: nobody can wait for four thousand million transactions. In a build whose epochs have 32 counters they run out all the
// time, under whole servers and their clients, and the simulator judges what becomes of that.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { BUGS } from "./all-bugs.js";
import type { Bug } from "./bug.js";
import { buildControl } from "./build.js";

const RUNS_OUT = BUGS.find(({ name }) => name === "counter-runs-into-epoch") as Bug;

test("[R42] An ensemble whose counter runs out again and again goes on in the next epoch, and loses nothing", async () => {
  const program = await buildControl(RUNS_OUT);
  // Without any fault: every election has the counter to thank.
  const seeds = ["--from", "1", "--to", "4", "--ticks", "60", "--profile", "none"];
  const { stdout, stderr, status } = spawnSync(process.execPath, [program, ...seeds], {
    encoding: "utf8",
  });
  assert.equal(status, 0, stderr);
  const told = stdout.trim().split("\n");
  assert.equal(told.length, 4, stdout);
  const epochs = told.map((line) => (JSON.parse(line) as { epochs: number }).epochs);
  assert.ok(epochs.reduce((sum, one) => sum + one) > 12, `few counters have run out: ${stdout}`);
});

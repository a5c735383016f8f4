// A fixed set of seeds on every change; `npm run sim` runs as many as there is time for.

import assert from "node:assert/strict";
import { test } from "node:test";
import { optionsOf, PROFILES } from "./options.js";
import { Run } from "./run.js";

/** Short: what needs long is for the campaigns. */
const TICKS = 40;
const SEEDS = 12;

for (const profile of PROFILES) {
  test(`An ensemble keeps every promise under faults: ${profile}`, async () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      try {
        await new Run(optionsOf(seed, { profile, ticks: TICKS })).run();
      } catch (error) {
        const command = `npm run sim -- --seed ${seed} --profile ${profile} --ticks ${TICKS}`;
        throw new Error(`${(error as Error).message}\nRepeat it: ${command}`, { cause: error });
      }
    }
  });
}

test("The same seed twice gives the same history", async () => {
  for (const seed of [3, 5]) {
    const options = { ...optionsOf(seed), faultsMs: 5000 };
    const [first, second] = [await new Run(options).run(), await new Run(options).run()];
    assert.equal(first.hash, second.hash);
    assert.deepEqual(first, second);
  }
});

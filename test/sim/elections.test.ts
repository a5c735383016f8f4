// Found by a bench: servers that started within a few milliseconds of one another settled on two leaders of one round, and those
// who had followed or led the wrong one did so for a second, or until initLimit was over. In virtual time that can be seen.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Ensemble } from "./ensemble.js";
import { SeededRandom } from "./platform/random.js";

const SEEDS = 100;
/** Twice finalizeWait, and what a start takes. */
const ENOUGH_MS = 500;

for (const members of [3, 5]) {
  for (const spreadMs of [1, 3, 10]) {
    test(`${members} servers that start within ${spreadMs} ms of one another soon have one leader`, async () => {
      for (let seed = 1; seed <= SEEDS; seed++) await startWithin(spreadMs, members, seed);
    });
  }
}

async function startWithin(spreadMs: number, members: number, seed: number): Promise<void> {
  const ensemble = new Ensemble({ seed, members });
  const { world } = ensemble;
  const random = new SeededRandom(seed);
  const left = [...ensemble.members];
  while (left.length > 0) {
    const [member] = left.splice(random.integer(left.length), 1);
    member?.start();
    await world.runFor(random.fraction() * spreadMs);
  }
  const startedMs = world.nowMs;
  await ensemble.untilServing(members);
  const tookMs = world.nowMs - startedMs;
  assert.ok(tookMs < ENOUGH_MS, `seed ${seed}: ${tookMs} ms`);
}

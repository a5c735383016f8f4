// The simulated platform keeps the same contract, under several seeds.

import { SimPlatform } from "../sim/platform/sim-platform.js";
import { type Subject, testContract } from "./contract.js";

const DIRECTORY = "/data";

async function withSimSubject(seed: number, run: (subject: Subject) => Promise<void>) {
  const world = new SimPlatform({ seed });
  const platform = world.addNode("only").start();
  await world.runUntilSettled(platform.disk.makeDirectories(DIRECTORY));
  await run({
    platform,
    directory: DIRECTORY,
    wait: (promise) => world.runUntilSettled(promise),
  });
}

for (const seed of [1, 2, 3]) {
  testContract(`sim, seed ${seed}`, (run) => withSimSubject(seed, run));
}

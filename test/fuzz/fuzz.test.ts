// The short campaigns for every run: 200 000 inputs in all with CI=true, a fifth of that otherwise, FRAMES=n whatever one likes;
// the long ones are fuzz.ts.

import { peerTest } from "../compat/peers.js";
import { seedOfRun } from "../faults/random.js";
import { fuzz } from "./campaign.js";
import { fuzzHttp, fuzzMembers } from "./ports.js";

const FRAMES = Number(process.env.FRAMES ?? (process.env.CI === "true" ? 200_000 : 40_000));

peerTest("Zooid serves on after frames that are none, on the client port", ["zooid"], async (t) => {
  const seed = seedOfRun();
  t.diagnostic(`seed ${seed}`);
  await fuzz({ kind: "zooid", frames: FRAMES * 0.5, seed });
});

peerTest("Members serve on after what no member would send them", ["zooid"], async (t) => {
  const seed = seedOfRun();
  t.diagnostic(`seed ${seed}`);
  await fuzzMembers({ inputs: FRAMES * 0.25, seed });
});

peerTest("Commands and metrics answer on after requests that are none", ["zooid"], async (t) => {
  const seed = seedOfRun();
  t.diagnostic(`seed ${seed}`);
  await fuzzHttp({ inputs: FRAMES * 0.25, seed });
});

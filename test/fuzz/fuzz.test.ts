// The short campaigns for every run: 200 000 inputs in all with CI=true, a fifth of that otherwise, FRAMES=n whatever one likes;
// the long ones are fuzz.ts.

import { peerTest } from "../compat/peers.js";
import { seedOfRun } from "../faults/random.js";
import { fuzz } from "./campaign.js";
import { FRONTS } from "./fronts.js";

const FRAMES = Number(process.env.FRAMES ?? (process.env.CI === "true" ? 200_000 : 40_000));

for (const { holds, share, open, needs } of Object.values(FRONTS)) {
  peerTest(holds, ["zooid", ...(needs ?? [])], async (t) => {
    const seed = seedOfRun();
    t.diagnostic(`seed ${seed}`);
    await fuzz(open, { inputs: (FRAMES * share) / 100, seed });
  });
}

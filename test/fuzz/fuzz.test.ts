// The short campaign for every run; the long one is fuzz.ts.

import { peerTest } from "../compat/peers.js";
import { seedOfRun } from "../faults/random.js";
import { fuzz } from "./campaign.js";

const FRAMES = Number(process.env.FRAMES ?? 20_000);

peerTest(`Zooid serves on after ${FRAMES} frames that are none`, ["zooid"], async (t) => {
  const seed = seedOfRun();
  t.diagnostic(`seed ${seed}`);
  await fuzz({ kind: "zooid", frames: FRAMES, seed });
});

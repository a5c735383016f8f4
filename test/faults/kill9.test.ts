// The short campaign for every run; the long one is kill9.ts.

import { peerTest } from "../compat/peers.js";
import { killAgainAndAgain } from "./kill9-campaign.js";
import { seedOfRun } from "./random.js";

const ROUNDS = Number(process.env.ROUNDS ?? 20);

peerTest(`Zooid keeps its promises over ${ROUNDS} kills`, ["zooid"], async (t) => {
  const seed = seedOfRun();
  t.diagnostic(`seed ${seed}`);
  const count = await killAgainAndAgain({ kind: "zooid", rounds: ROUNDS, seed, store: "either" });
  t.diagnostic(`${count} operations acknowledged`);
});

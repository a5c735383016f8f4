// The long campaign: `node dist/test/faults/kill9.js --rounds 200 [--seed N] [--server zooid|java39] [--clients N]
// [--store file|lmdb|either]`.

import { parseArgs } from "node:util";
import type { ServerKind } from "../compat/peers.js";
import { killAgainAndAgain } from "./kill9-campaign.js";
import { seedOfRun } from "./random.js";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "200" },
    seed: { type: "string" },
    server: { type: "string", default: "zooid" },
    clients: { type: "string", default: "5" },
    store: { type: "string", default: "file" },
  },
});
const say = (line: string) => process.stdout.write(`${line}\n`);
const seed = Number(values.seed ?? seedOfRun());
say(`seed ${seed}`);
const count = await killAgainAndAgain({
  kind: values.server as ServerKind,
  rounds: Number(values.rounds),
  clients: Number(values.clients),
  store: values.store as "file" | "lmdb" | "either",
  seed,
  say,
});
say(`${count} operations acknowledged, none lost`);

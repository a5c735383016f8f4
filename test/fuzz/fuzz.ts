// The long campaign: `node dist/test/fuzz/fuzz.js --frames 1000000 [--seed N] [--server zooid|java39]`.

import { parseArgs } from "node:util";
import { seedOfRun } from "../faults/random.js";
import { fuzz } from "./campaign.js";

const { values } = parseArgs({
  options: {
    frames: { type: "string", default: "1000000" },
    seed: { type: "string" },
    server: { type: "string", default: "zooid" },
  },
});
const say = (line: string) => process.stdout.write(`${line}\n`);
const seed = Number(values.seed ?? seedOfRun());
say(`seed ${seed}`);
await fuzz({ kind: values.server as "zooid", frames: Number(values.frames), seed, say });
say("served to the end");

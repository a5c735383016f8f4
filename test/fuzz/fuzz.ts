// The long campaigns: `node dist/test/fuzz/fuzz.js [--port client|members|http] [--frames 1000000] [--seed N] [--server zooid|java39]`.

import { parseArgs } from "node:util";
import { seedOfRun } from "../faults/random.js";
import { fuzz } from "./campaign.js";
import { fuzzHttp, fuzzMembers } from "./ports.js";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "client" },
    frames: { type: "string", default: "1000000" },
    seed: { type: "string" },
    server: { type: "string", default: "zooid" },
  },
});
const say = (line: string) => process.stdout.write(`${line}\n`);
const seed = Number(values.seed ?? seedOfRun());
say(`seed ${seed}`);
const inputs = Number(values.frames);
if (values.port === "members") await fuzzMembers({ inputs, seed, say });
else if (values.port === "http") await fuzzHttp({ inputs, seed, say });
else await fuzz({ kind: values.server as "zooid", frames: inputs, seed, say });
say("served to the end");

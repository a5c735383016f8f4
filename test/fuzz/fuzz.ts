// The long campaigns: `node dist/test/fuzz/fuzz.js [--port NAME] [--frames 1000000] [--seed N] [--server zooid|java39]`, and
// `--port all --frames 10000000` for all ports in slices on all cores (slices.ts).

import { parseArgs } from "node:util";
import type { ServerKind } from "../compat/peers.js";
import { seedOfRun } from "../faults/random.js";
import { fuzz } from "./campaign.js";
import { FRONTS } from "./fronts.js";
import { clientFront } from "./ports.js";
import { fuzzAll } from "./slices.js";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "client" },
    frames: { type: "string", default: "1000000" },
    seed: { type: "string" },
    server: { type: "string", default: "zooid" },
    from: { type: "string", default: "0" },
    jobs: { type: "string" },
    ports: { type: "string", default: "22510" },
  },
});
const say = (line: string) => process.stdout.write(`${line}\n`);
const seed = Number(values.seed ?? seedOfRun());
say(`seed ${seed}`);
const inputs = Number(values.frames);
if (values.port === "all") {
  const jobs = values.jobs === undefined ? undefined : Number(values.jobs);
  const firstPort = Number(values.ports);
  process.exitCode = await fuzzAll({
    inputs,
    seed,
    from: Number(values.from),
    jobs,
    firstPort,
    say,
  });
} else {
  const front = FRONTS[values.port];
  if (front === undefined) {
    throw new Error(`--port is "${values.port}": want all, ${Object.keys(FRONTS).join(", ")}`);
  }
  // The servers go with this process, not after it.
  process.once("SIGTERM", () => process.exit(143));
  const kind = values.server as ServerKind;
  const open = kind === "zooid" ? front.open : () => clientFront(kind);
  await fuzz(open, { inputs, seed, say });
  say("served to the end");
}

// The figure: `node dist/test/faults/flood.js [--requests 5000] [--seed N] [--server zooid|java39] [--times 10]`: a client's
// latencies alone and beside a crowd that means no good. Exit code 1: its p99 was more than so many times what it is alone.

import { parseArgs } from "node:util";
import type { ServerKind } from "../compat/peers.js";
import { flood } from "./flood-campaign.js";
import { seedOfRun } from "./random.js";

const { values } = parseArgs({
  options: {
    requests: { type: "string", default: "5000" },
    seed: { type: "string" },
    server: { type: "string", default: "zooid" },
    times: { type: "string", default: "10" },
  },
});
const seed = Number(values.seed ?? seedOfRun());
const say = (line: string) => process.stdout.write(`${line}\n`);
say(`seed ${seed}`);
const result = await flood({
  kind: values.server as ServerKind,
  seed,
  requests: Number(values.requests),
});
const quantile = (times: readonly number[], share: number): number =>
  [...times].sort((a, b) => a - b)[Math.floor(times.length * share)] ?? 0;
const shown = (times: readonly number[]): string =>
  `p50 ${quantile(times, 0.5).toFixed(2)} ms, p99 ${quantile(times, 0.99).toFixed(2)} ms, max ${quantile(times, 1 - 1e-9).toFixed(1)} ms`;
const ratio = quantile(result.floodedMs, 0.99) / quantile(result.idleMs, 0.99);
say(`alone:   ${shown(result.idleMs)}`);
say(`flooded: ${shown(result.floodedMs)}: p99 ${ratio.toFixed(1)} times as long`);
const allowed = Number(values.times);
say(ratio <= allowed ? `within ${allowed} times` : `more than ${allowed} times`);
if (!(ratio <= allowed)) process.exitCode = 1;
say(
  `grown by ${Math.round(result.grownBytes / 1e6)} MB; the crowd: ${JSON.stringify(result.crowd)}`,
);

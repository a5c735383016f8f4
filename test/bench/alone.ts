// Zooid alone, driven by our own client from this process:
//
//     npm run bench -- [--seconds 3] [--connections 50] [--turns 3]
//
// The client shares the machine and costs as much as the server, so look at the server's CPU time per operation, and
// compare runs of two versions only when they were made in turn.

import { parseArgs } from "node:util";
import { CreateMode } from "../../src/cli/client/create-mode.js";
import { ZooKeeperClient } from "../../src/cli/client/zookeeper-client.js";
import { platform } from "./big-tree.js";
import { machineFacts, median } from "./figures.js";
import { countOf, optionsOf, secondsOf } from "./options.js";
import { BenchServer } from "./server.js";

const USAGE = "npm run bench -- [--seconds 3] [--connections 50] [--turns 3]";

const { values: options } = optionsOf(USAGE, () =>
  parseArgs({
    options: {
      seconds: { type: "string", default: "3" },
      connections: { type: "string", default: "50" },
      turns: { type: "string", default: "3" },
    },
  }),
);
const seconds = secondsOf("seconds", options.seconds);
const connections = countOf("connections", options.connections);
const turnCount = countOf("turns", options.turns);

type Request = (zk: ZooKeeperClient, i: number) => Promise<unknown>;

const KEYS = 1000;
const DATA = Buffer.alloc(100, "x");
const key = (i: number) => `/bench/key${i % KEYS}`;
const OPERATIONS: Readonly<Record<string, Request>> = {
  get: (zk, i) => zk.getData(key(i)),
  exists: (zk, i) => zk.exists(key(i)),
  set: (zk, i) => zk.setData(key(i), DATA),
  "create and delete": async (zk, i) => {
    const mode = CreateMode.persistentSequential;
    await zk.delete(await zk.create(`${key(i)}/n`, DATA, { mode }));
  },
};

/** Keeps so many requests in flight on each connection until the time is over. Returns latencies in ms. */
async function drive(clients: readonly ZooKeeperClient[], request: Request, depth: number) {
  const latenciesMs: number[] = [];
  const endMs = performance.now() + seconds * 1000;
  let next = 0;
  const keepBusy = async (zk: ZooKeeperClient) => {
    for (let nowMs = performance.now(); nowMs < endMs; ) {
      await request(zk, next++);
      const doneMs = performance.now();
      latenciesMs.push(doneMs - nowMs);
      nowMs = doneMs;
    }
  };
  await Promise.all(clients.flatMap((zk) => Array.from({ length: depth }, () => keepBusy(zk))));
  return latenciesMs;
}

async function main(): Promise<void> {
  const server = await BenchServer.create("zooid");
  const servingMs = await server.start();
  process.stdout.write(
    `start to serving: ${servingMs.toFixed(0)} ms, ${server.cpuMs()} ms of CPU\n`,
  );
  const clients = Array.from({ length: connections }, () =>
    ZooKeeperClient.connect(platform, `127.0.0.1:${server.port}`),
  );
  await clients[0]!.create("/bench");
  for (let i = 0; i < KEYS; i++) await clients[0]!.create(key(i), DATA);
  process.stdout.write(
    "| | ops/s | µs of server CPU per op | p50 ms | p99 ms |\n|---|---:|---:|---:|---:|\n",
  );
  for (const [name, request] of Object.entries(OPERATIONS)) {
    for (const depth of [1, 20]) {
      const turns: number[][] = [];
      for (let turn = 0; turn < turnCount; turn++) {
        const cpuBefore = server.cpuMs();
        const latenciesMs = (await drive(clients, request, depth)).sort((a, b) => a - b);
        const count = latenciesMs.length;
        const cpuUs = ((server.cpuMs() - cpuBefore) * 1000) / count;
        const at = (part: number) => latenciesMs[Math.floor(count * part)] ?? Number.NaN;
        turns.push([count / seconds, cpuUs, at(0.5), at(0.99)]);
      }
      const [rate, ...rest] = turns[0]!.map((_, column) =>
        median(turns.map((turn) => turn[column]!)),
      );
      const cells = [rate!.toFixed(0), ...rest.map((value) => value.toFixed(2))];
      process.stdout.write(`| ${name}, d=${depth} | ${cells.join(" | ")} |\n`);
    }
  }
  for (const zk of clients) await zk.close();
  await server.discard();
  process.stdout.write(`\n${machineFacts()}\n`);
}

await main();
process.exit(0);

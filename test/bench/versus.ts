// Zooid beside a Java ZooKeeper on one machine, in turn, one server each:
//
//     npm run bench:versus -- --zkload PATH [--java java38|java39] [--turns 5] [--seconds 4] [--nodes 1000000] [--out FILE]
//
// PATH is the load generator zkload, or its C source, which is compiled. Java is warmed up by 15 s of load; then each row is
// measured at Java and at Zooid right after one another, turn by turn, so that whatever else the machine does hits both.
// What is told is medians and their ratios: rates on a busy machine say little, CPU time per operation more. With
// --nodes 0 the rows with a large tree are left out. The last rows run with the load generator as the only client.

import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { whatIsMissing } from "../compat/peers.js";
import { fill } from "./big-tree.js";
import { Figures, machineFacts } from "./figures.js";
import { BenchServer } from "./server.js";

const WARM_UP_SECONDS = 15;
const CONNECTIONS = 50;
const VALUE_BYTES = 100;
const ROWS = [
  { name: "get, d=1", depth: 1, reads: 100 },
  { name: "get, d=20", depth: 20, reads: 100 },
  { name: "set, d=1", depth: 1, reads: 0 },
  { name: "set, d=20", depth: 20, reads: 0 },
  { name: "90 % get, 10 % set, d=20", depth: 20, reads: 90 },
];

const { values: options } = parseArgs({
  options: {
    zkload: { type: "string" },
    java: { type: "string", default: "java38" },
    turns: { type: "string", default: "5" },
    seconds: { type: "string", default: "4" },
    nodes: { type: "string", default: "1000000" },
    out: { type: "string" },
  },
});

interface Load {
  readonly ops_per_s: number;
  readonly p99_us: number;
  readonly max_us: number;
  readonly errors: number;
}

interface Who {
  readonly name: "java" | "zooid";
  readonly server: BenchServer;
}

const figures = new Figures();

function say(text: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`);
}

function compiled(path: string): string {
  if (!path.endsWith(".c")) return path;
  const program = join(tmpdir(), `zooid-bench-zkload-${process.pid}`);
  execFileSync("cc", ["-O2", "-o", program, path]);
  return program;
}

function load(zkload: string, { server }: Who, seconds: number, flags: readonly string[]): Load {
  const at = ["-s", `127.0.0.1:${server.port}`, "-z", String(VALUE_BYTES)];
  const args = [...at, "-t", String(seconds), ...flags];
  return JSON.parse(execFileSync(zkload, args).toString()) as Load;
}

async function measureRates(zkload: string, both: readonly Who[], turns: number): Promise<void> {
  const seconds = Number(options.seconds);
  for (const { server } of both) await server.startAfresh();
  for (const who of both) {
    say(`warming up ${who.server.kind}`);
    for (const reads of [100, 0, 90]) {
      const flags = ["-c", String(CONNECTIONS), "-d", "20", "-r", String(reads), "-w", "0"];
      load(zkload, who, WARM_UP_SECONDS / 3, flags);
    }
  }
  for (let turn = 0; turn < turns; turn++) {
    say(`turn ${turn + 1} of ${turns}`);
    for (const { name, depth, reads } of ROWS) {
      for (const who of turn % 2 === 0 ? both : [...both].reverse()) {
        const flags = ["-c", String(CONNECTIONS), "-d", String(depth), "-r", String(reads)];
        const cpuBefore = who.server.cpuMs();
        // No second of warm-up of zkload's own: all that the server does is counted.
        const { ops_per_s, p99_us, errors } = load(zkload, who, seconds, [...flags, "-w", "0"]);
        const cpuMs = who.server.cpuMs() - cpuBefore;
        if (errors > 0) throw new Error(`${who.server.kind}: ${errors} errors in ${name}`);
        figures.add(name, "ops/s", who.name, ops_per_s);
        figures.add(name, "µs of CPU per op", who.name, (cpuMs * 1000) / (ops_per_s * seconds));
        figures.add(name, "p99 in ms", who.name, p99_us / 1000);
      }
    }
  }
}

async function measureStarts(both: readonly Who[], turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn++) {
    for (const { name, server } of both) {
      figures.add("start to serving, new directory", "ms", name, await server.startAfresh());
      figures.add("start to serving, new directory", "ms of CPU", name, server.cpuMs());
      figures.add("idle", "RSS in MB", name, server.rssBytes() / 2 ** 20);
      await server.kill();
    }
  }
}

async function measureLargeTree(zkload: string, both: readonly Who[], turns: number) {
  const nodes = Number(options.nodes);
  const what = `${nodes} znodes of ${VALUE_BYTES} B`;
  for (const { name, server } of both) {
    await server.startAfresh();
    say(`${server.kind}: making ${what}`);
    await fill(server.port, nodes, VALUE_BYTES);
    figures.add(what, "RSS in MB after making them", name, server.rssBytes() / 2 ** 20);
    await server.kill();
  }
  for (let turn = 0; turn < turns; turn++) {
    for (const { name, server } of both) {
      say(`${server.kind}: restart ${turn + 1} of ${turns}`);
      const servingMs = await server.start();
      figures.add(`restart with ${what}`, "s", name, servingMs / 1000);
      figures.add(`restart with ${what}`, "s of CPU", name, server.cpuMs() / 1000);
      figures.add(`restart with ${what}`, "RSS in MB", name, server.rssBytes() / 2 ** 20);
      await server.kill();
    }
  }
  for (let turn = 0; turn < turns; turn++) {
    for (const who of both) {
      say(`${who.server.kind}: sets while snapshots are taken, ${turn + 1} of ${turns}`);
      await who.server.start();
      // By default a snapshot is due after 50 000 to 100 000 transactions: several are taken.
      const flags = ["-c", String(CONNECTIONS), "-d", "4", "-r", "0", "-w", "2"];
      const { max_us, ops_per_s } = load(zkload, who, WARM_UP_SECONDS, flags);
      figures.add("sets during snapshots, d=4", "longest reply in ms", who.name, max_us / 1000);
      figures.add("sets during snapshots, d=4", "ops/s", who.name, ops_per_s);
      await who.server.kill();
    }
  }
}

async function main(): Promise<void> {
  const kind = options.java as "java38" | "java39";
  const missing = whatIsMissing([kind, "zooid"]);
  if (options.zkload === undefined || missing !== undefined) {
    throw new Error(missing ?? "--zkload is not given: the path of the load generator");
  }
  const zkload = compiled(options.zkload);
  const turns = Number(options.turns);
  const both: Who[] = [
    { name: "java", server: await BenchServer.create(kind) },
    { name: "zooid", server: await BenchServer.create("zooid") },
  ];
  try {
    say("starts");
    await measureStarts(both, turns);
    await measureRates(zkload, both, turns);
    for (const { server } of both) await server.kill();
    if (Number(options.nodes) > 0) await measureLargeTree(zkload, both, Math.min(turns, 3));
  } finally {
    for (const { server } of both) await server.discard();
  }
  const text = `${machineFacts(kind)}\n\n${figures.table()}\n`;
  process.stdout.write(text);
  if (options.out !== undefined) writeFileSync(options.out, text);
}

await main();
process.exit(0);

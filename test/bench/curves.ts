// Does an operation cost the same when tree, sessions, watches, members and values grow? Pictures and figures for docs/PERFORMANCE.md:
//
//     npm run bench:curves -- --zkload PATH [--only tree,sessions,watches,members,values] [--seconds 3] [--turns 3] [--out docs/curves]
//                             [--nodes-max 5000000] [--sessions-max 20000] [--watches-max 1000000]
//
// What is told is the servers' CPU time per operation, which other work on the machine disturbs least, as the median of turns.

import { execFile, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs, promisify } from "node:util";
import { REPOSITORY } from "../compat/peers.js";
import { compiled, say } from "./contest.js";
import { measureWatches } from "./curve-watches.js";
import { type BenchEnsemble, LONG_SESSIONS, withEnsemble } from "./ensemble.js";
import { machineFacts, median } from "./figures.js";
import { countOf, generatorOf, oneOf, optionsOf, secondsOf } from "./options.js";
import { type Chart, svgOf } from "./svg-chart.js";

const USAGE = `npm run bench:curves -- --zkload PATH [--only tree,sessions,watches,members,values] [--seconds 3] [--turns 3]
    [--out docs/curves] [--nodes-max 5000000] [--sessions-max 20000] [--watches-max 1000000]`;

const { values: options } = optionsOf(USAGE, () =>
  parseArgs({
    options: {
      zkload: { type: "string" },
      only: { type: "string", default: "tree,sessions,watches,members,values" },
      seconds: { type: "string", default: "3" },
      turns: { type: "string", default: "3" },
      out: { type: "string", default: "docs/curves" },
      "nodes-max": { type: "string", default: "5000000" },
      "sessions-max": { type: "string", default: "20000" },
      "watches-max": { type: "string", default: "1000000" },
    },
  }),
);

const NODES = [100, 1000, 10_000, 100_000, 1_000_000, 5_000_000];
const SESSIONS = [10, 100, 1000, 5000, 10_000, 20_000];
const MEMBERS = [1, 3, 5, 7];
const VALUES = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000];
/** Servers among which the sessions are dealt: a process may have 20 000 files open here, and keeps some for itself. */
const SERVERS_OF_SESSIONS = 3;
/** Few processes: the last to have all its sessions begins them while the others already ask, and gives up after 2 s without. */
const CONNECTIONS_OF_A_PROCESS = 10_000;
const ATTEMPTS = 3;
/** As much as may be in flight of large values: a connection's requests are limited by their bytes. */
const IN_FLIGHT_MAX_BYTES = 1_000_000;

const seconds = secondsOf("seconds", options.seconds);
const turns = countOf("turns", options.turns);
const nodesMax = countOf("nodes-max", options["nodes-max"]);
const sessionsMax = countOf("sessions-max", options["sessions-max"]);
const watchesMax = countOf("watches-max", options["watches-max"]);

interface Run {
  readonly cpuMs: number;
  readonly operations: number;
}

/** What zkload is told, and how many connections that is: more than one process may have are those of several. */
interface LoadFlags {
  readonly flags: readonly string[];
  readonly connections: number;
  /** Before each run the servers begin anew: the sessions of one would otherwise expire during the next. */
  readonly afresh?: boolean;
}

/** Undefined where zkload could not carry it out. */
async function runLoad(
  zkload: string,
  ensemble: BenchEnsemble,
  load: LoadFlags,
  runSeconds: number,
): Promise<Run | undefined> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await runOnce(zkload, ensemble, load, runSeconds);
    } catch (error) {
      // On a busy machine thousands of sessions may not all begin.
      if (attempt < ATTEMPTS) continue;
      say(`not measured: ${(error as Error).message}`);
      return undefined;
    }
  }
}

async function runOnce(
  zkload: string,
  ensemble: BenchEnsemble,
  { flags, connections, afresh }: LoadFlags,
  runSeconds: number,
): Promise<Run> {
  if (afresh) {
    await ensemble.startAfresh();
    await load(zkload, ensemble, [...flags, "-c", "10"], seconds);
  }
  const before = ensemble.cpuMs();
  const processes = Math.ceil(connections / CONNECTIONS_OF_A_PROCESS);
  const each = [...flags, "-c", String(Math.round(connections / processes))];
  const started = Array.from({ length: processes }, () => load(zkload, ensemble, each, runSeconds));
  // All of them: what one that goes on does must not be another run's.
  const ended = await Promise.allSettled(started);
  let operations = 0;
  for (const one of ended) {
    if (one.status === "rejected") throw one.reason;
    operations += one.value;
  }
  return { cpuMs: ensemble.cpuMs() - before, operations };
}

/** Returns how many operations were carried out. */
async function load(
  zkload: string,
  ensemble: BenchEnsemble,
  flags: readonly string[],
  runSeconds: number,
): Promise<number> {
  const servers = ensemble.ports.map((port) => `127.0.0.1:${port}`).join(",");
  const args = ["-s", servers, "-t", String(runSeconds), "-w", "0", ...flags];
  const { stdout } = await promisify(execFile)(zkload, args);
  return (JSON.parse(stdout) as { ops_per_s: number }).ops_per_s * runSeconds;
}

/**
 * Microseconds of CPU of all servers for an operation: what a long run takes more than a short one, so that beginning and
 * ending the sessions does not count. NaN where it could not be measured.
 */
async function cost(zkload: string, ensemble: BenchEnsemble, flags: LoadFlags): Promise<number> {
  const taken: number[] = [];
  // The first makes the keys, and warms up.
  if (!flags.afresh) await runLoad(zkload, ensemble, flags, seconds);
  for (let turn = 0; turn < turns; turn++) {
    const short = await runLoad(zkload, ensemble, flags, seconds / 4);
    const long = await runLoad(zkload, ensemble, flags, seconds * 2);
    if (short === undefined || long === undefined) return Number.NaN;
    const operations = long.operations - short.operations;
    taken.push(((long.cpuMs - short.cpuMs) * 1000) / operations);
  }
  return median(taken);
}

/** `of` for each x, one after the other. */
async function inOrder(
  x: readonly number[],
  of: (value: number) => Promise<number>,
): Promise<number[]> {
  const y: number[] = [];
  for (const value of x) y.push(await of(value));
  return y;
}

/** The tree alone, in a process of its own: tree-memory.js prints what it measures line by line. */
async function treeOf(nodes: number): Promise<Record<string, number>> {
  const program = join(REPOSITORY, "dist/test/bench/tree-memory.js");
  const args = ["--expose-gc", "--max-old-space-size=12000", program, String(nodes), "100", "1000"];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const found: Record<string, number> = {};
  for await (const line of createInterface({ input: child.stdout })) {
    Object.assign(found, JSON.parse(line));
    if (line.includes('"nanoseconds"')) break;
  }
  child.kill();
  return found;
}

async function measureTree(): Promise<Chart[]> {
  const x = NODES.filter((nodes) => nodes <= nodesMax);
  const measured: Record<string, number>[] = [];
  for (const nodes of x) {
    say(`${nodes} znodes`);
    measured.push(await treeOf(nodes));
  }
  const all = (field: string) => measured.map((one) => one[field] ?? Number.NaN);
  const xLabel = "znodes of 100 B, 1000 to a parent";
  // Below, what the process itself needs outweighs the znodes.
  const large = x.filter((nodes) => nodes >= 10_000);
  return [
    {
      title: "Reading and setting in the tree",
      xLabel,
      yLabel: "ns per operation",
      x,
      lines: [
        { name: "read", y: all("readNs") },
        { name: "set", y: all("setNs") },
      ],
    },
    {
      title: "Memory of the tree",
      xLabel,
      yLabel: "bytes of RSS per znode",
      x: large,
      lines: [{ name: "RSS", y: all("rss").slice(x.length - large.length) }],
    },
  ];
}

function measureSessions(zkload: string): Promise<Chart[]> {
  const x = SESSIONS.filter((sessions) => sessions <= sessionsMax);
  return withEnsemble(SERVERS_OF_SESSIONS, LONG_SESSIONS, async (ensemble) => {
    const of = (reads: number) =>
      inOrder(x, (sessions) => {
        say(`${sessions} sessions, ${reads} % reads`);
        const flags = ["-d", "1", "-r", String(reads)];
        return cost(zkload, ensemble, { flags, connections: sessions, afresh: true });
      });
    const lines = [
      { name: "get", y: await of(100) },
      { name: "set", y: await of(0) },
    ];
    const title = "One request in flight in each session, three servers";
    return [{ title, xLabel: "sessions", yLabel: "µs of CPU per operation", x, lines }];
  });
}

async function measureMembers(zkload: string): Promise<Chart[]> {
  const sets: number[] = [];
  const gets: number[] = [];
  for (const members of MEMBERS) {
    say(`${members} members`);
    await withEnsemble(members, "", async (ensemble) => {
      const of = (reads: number) =>
        cost(zkload, ensemble, { flags: ["-d", "20", "-r", String(reads)], connections: 50 });
      sets.push((await of(0)) / members);
      gets.push(await of(100));
    });
  }
  const lines = [
    { name: "set, each member", y: sets },
    { name: "get, all together", y: gets },
  ];
  const yLabel = "µs of CPU per operation";
  return [{ title: "Members, 50 connections, d=20", xLabel: "members", yLabel, x: MEMBERS, lines }];
}

function measureValues(zkload: string): Promise<Chart[]> {
  return withEnsemble(1, "", async (ensemble) => {
    const of = (reads: number) =>
      inOrder(VALUES, (bytes) => {
        say(`values of ${bytes} B, ${reads} % reads`);
        const depth = Math.max(1, Math.min(20, Math.floor(IN_FLIGHT_MAX_BYTES / bytes / 10)));
        const flags = ["-d", String(depth), "-z", String(bytes), "-k", "100", "-R", `/z${bytes}`];
        flags.push("-r", String(reads));
        return cost(zkload, ensemble, { flags, connections: 10 });
      });
    const lines = [
      { name: "set", y: await of(0) },
      { name: "get", y: await of(100) },
    ];
    const title = "Values of 1 B to 1 MB";
    const perKb = {
      title: "Values of 1 B to 1 MB, per KB",
      xLabel: "bytes",
      yLabel: "µs of CPU per KB",
      x: VALUES.slice(3),
      lines: lines.map(({ name, y }) => ({
        name,
        y: y.slice(3).map((micros, i) => (micros * 1000) / VALUES[i + 3]!),
      })),
    };
    const yLabel = "µs of CPU per operation";
    return [{ title, xLabel: "bytes", yLabel, x: VALUES, lines }, perKb];
  });
}

function table({ xLabel, yLabel, x, lines }: Chart): string {
  const head = `| ${yLabel}: ${xLabel} | ${x.join(" | ")} |\n|---|${"---:|".repeat(x.length)}\n`;
  const rows = lines.map(({ name, y }) => {
    const cells = y.map((value) => (Number.isFinite(value) ? Number(value.toPrecision(3)) : "–"));
    return `| ${name} | ${cells.join(" | ")} |\n`;
  });
  return head + rows.join("");
}

async function main(): Promise<boolean> {
  const groups: Readonly<Record<string, (zkload: string) => Promise<Chart[]>>> = {
    tree: measureTree,
    sessions: measureSessions,
    watches: () => measureWatches({ watchesMax, sessionsMax, turns }),
    members: measureMembers,
    values: measureValues,
  };
  const names = options.only.split(",").map((name) => oneOf("only", name, Object.keys(groups)));
  const zkload = compiled(generatorOf(options.zkload));
  mkdirSync(options.out, { recursive: true });
  let isWhole = true;
  for (const name of names) {
    const charts = (await groups[name]?.(zkload)) ?? [];
    charts.forEach((chart, i) => {
      const file = join(options.out, `${name}${i === 0 ? "" : `-${i + 1}`}.svg`);
      const isDrawn = hasAllPoints(chart);
      if (isDrawn) writeFileSync(file, svgOf(chart));
      else isWhole = false;
      const where = isDrawn ? file : "not drawn: points are missing";
      process.stdout.write(`${chart.title} (${where})\n\n${table(chart)}\n`);
    });
  }
  process.stdout.write(`${machineFacts()}\n`);
  return isWhole;
}

/** Instead of a picture that stands, none with holes is put. */
function hasAllPoints({ x, lines }: Chart): boolean {
  return x.length > 0 && lines.every(({ y }) => y.length === x.length && y.every(Number.isFinite));
}

process.exit((await main()) ? 0 : 1);

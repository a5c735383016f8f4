// Zooid beside a Java ZooKeeper on one machine, in turn: the table of docs/PERFORMANCE.md.
//
//     npm run bench:versus -- --zkload PATH [--quick] [--rows rates,sessions,starts,tree] [--java java38|java39] [--servers 3]
//                             [--turns 5] [--seconds 4] [--nodes 1000000] [--sessions 10000] [--store file|lmdb] [--out FILE]
//
// PATH is the load generator zkload, or its C source, which is compiled. Java is warmed up by 15 s of load; then each row is
// measured at Java and at Zooid right after one another, turn by turn, so that whatever else the machine does hits both.
// What is told is medians and their ratios: rates on a busy machine say little, CPU time per operation more. `--quick` shows
// in a few minutes that everything works; its figures say little. What follows `--quick` still counts.

import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { type ServerKind, whatIsMissing } from "../compat/peers.js";
import { type Contest, compiled, VALUE_BYTES, withBoth } from "./contest.js";
import { Figures, machineFacts, type Target } from "./figures.js";
import { countOf, generatorOf, oneOf, optionsOf, refuse, secondsOf } from "./options.js";
import { measureRates } from "./versus-rates.js";
import { measureSessions } from "./versus-sessions.js";
import { measureStarts } from "./versus-starts.js";
import { measureLargeTree } from "./versus-tree.js";

const USAGE = `npm run bench:versus -- --zkload PATH [--quick] [--rows starts,rates,sessions,tree] [--java java38|java39]
    [--servers 3] [--turns 5] [--seconds 4] [--nodes 1000000] [--sessions 10000] [--store file|lmdb] [--out FILE]`;

const { values: options } = optionsOf(USAGE, () =>
  parseArgs({
    options: {
      zkload: { type: "string" },
      quick: { type: "boolean", default: false },
      rows: { type: "string", default: "starts,rates,sessions,tree" },
      java: { type: "string", default: "java38" },
      servers: { type: "string", default: "3" },
      turns: { type: "string" },
      seconds: { type: "string" },
      nodes: { type: "string" },
      sessions: { type: "string" },
      store: { type: "string", default: "file" },
      out: { type: "string" },
    },
  }),
);

const FULL = { turns: 5, seconds: 4, warmUpSeconds: 15, nodes: 1_000_000, sessions: 10_000 };
const QUICK = { turns: 1, seconds: 1, warmUpSeconds: 3, nodes: 20_000, sessions: 500 };

const GROUPS: Readonly<Record<string, (contest: Contest) => Promise<void>>> = {
  starts: measureStarts,
  rates: (contest) => withBoth(contest, contest.servers, (both) => measureRates(contest, both)),
  sessions: measureSessions,
  tree: measureLargeTree,
};

/** The rows that the project has set itself; the numbers of znodes and sessions are in their names. */
function targets(nodes: number, sessions: number): Readonly<Record<string, Target>> {
  const tree = `${nodes} znodes of ${VALUE_BYTES} B`;
  const snapshots = `sets during snapshots of ${nodes} znodes, d=4`;
  const most = { atLeast: 2, aim: 4 };
  const start = { atLeast: 0.4, aim: 0.25 };
  const written = { atLeast: 0.4, aim: 0.2 };
  const crowd = { atLeast: 0.7, aim: 0.3 };
  return {
    "get, d=1, ops/s": { atLeast: 1.6, aim: 2 },
    "get, d=20, ops/s": { atLeast: 4, aim: 8 },
    "set, d=1, ops/s": { atLeast: 1.4, aim: 2 },
    "set, d=20, ops/s": { atLeast: 3, aim: 5 },
    "90 % get, 10 % set, d=1, ops/s": { atLeast: 1.8, aim: 2.5 },
    "90 % get, 10 % set, d=20, ops/s": { atLeast: 6, aim: 10 },
    "create, d=20, ops/s": most,
    "create and delete in turn, d=20, ops/s": most,
    "multi of 3 sets, d=20, ops/s": most,
    "getChildren of 1000, d=5, ops/s": most,
    "sets at half of Java's saturation, p99 in ms": { atLeast: 1, aim: 0.5 },
    "a single client's set, median ms": { atLeast: 0.8, aim: 0.5 },
    "time to serve, one server, ms": start,
    "time to serve, 3 servers, ms": start,
    [`${tree}, RSS in MB after making them`]: { atLeast: 0.4, aim: 0.25 },
    [`${tree}, bytes written per byte of data, creates`]: written,
    [`restart with ${tree}, s`]: { atLeast: 0.4, aim: 0.2 },
    [`${snapshots}, bytes written per byte of data`]: written,
    [`${snapshots}, longest reply in ms`]: { atLeast: 0.3, aim: 0.1 },
    [`${sessions} idle sessions, MB of RSS for them`]: crowd,
    [`${sessions} idle sessions, ms of CPU a second`]: crowd,
    [`one znode watched by ${sessions}, ms until all are told`]: crowd,
    [`one znode watched by ${sessions}, ms of CPU`]: crowd,
  };
}

async function main(): Promise<void> {
  const java = options.java as ServerKind;
  const rows = options.rows.split(",").map((name) => oneOf("rows", name, Object.keys(GROUPS)));
  const zkload = generatorOf(options.zkload);
  const missing = whatIsMissing([java, "zooid"]);
  if (missing !== undefined) refuse(missing);
  const defaults = options.quick ? QUICK : FULL;
  const { warmUpSeconds } = defaults;
  const count = (name: "turns" | "nodes" | "sessions") =>
    countOf(name, options[name] ?? String(defaults[name]));
  const nodes = count("nodes");
  const sessions = count("sessions");
  const figures = new Figures(targets(nodes, sessions));
  const contest: Contest = {
    figures,
    java,
    servers: countOf("servers", options.servers),
    turns: count("turns"),
    seconds: secondsOf("seconds", options.seconds ?? String(defaults.seconds)),
    warmUpSeconds,
    nodes,
    sessions,
    store: oneOf("store", options.store, ["file", "lmdb"]),
    zkload: compiled(zkload),
  };
  for (const name of rows) await GROUPS[name]?.(contest);
  const what = `${contest.servers} servers, ${contest.turns} turns of ${contest.seconds} s, Zooid's state in ${contest.store === "file" ? "snapshots" : contest.store}`;
  const text = `${machineFacts(java)}\n${what}\n\n${figures.table()}\n`;
  process.stdout.write(text);
  if (options.out !== undefined) writeFileSync(options.out, text);
}

await main();
process.exit(0);

// Rates, CPU per operation and latencies under load, of servers that run for all these rows and are warmed up first.

import { CONNECTIONS, type Contest, inTurn, load, type Side, say } from "./contest.js";
import { pacedSets } from "./paced.js";

interface RateRow {
  readonly name: string;
  /** Nodes are made and deleted where they are in nobody's way: zkload leaves some, and does not expect them. */
  readonly isApart?: boolean;
  readonly flags: readonly string[];
}

const SATURATION = "set, d=20";
const ROWS: readonly RateRow[] = [
  { name: "get, d=1", flags: ["-d", "1", "-r", "100"] },
  { name: "get, d=20", flags: ["-d", "20", "-r", "100"] },
  { name: "set, d=1", flags: ["-d", "1", "-r", "0"] },
  { name: SATURATION, flags: ["-d", "20", "-r", "0"] },
  { name: "90 % get, 10 % set, d=1", flags: ["-d", "1", "-r", "90"] },
  { name: "90 % get, 10 % set, d=20", flags: ["-d", "20", "-r", "90"] },
  { name: "create, d=20", flags: ["-d", "20", "-o", "create"], isApart: true },
  {
    name: "create and delete in turn, d=20",
    flags: ["-d", "20", "-o", "delete-create"],
    isApart: true,
  },
  { name: "multi of 3 sets, d=20", flags: ["-d", "20", "-o", "multi"] },
  { name: "getChildren of 1000, d=5", flags: ["-d", "5", "-o", "children", "-k", "1000"] },
];

export async function measureRates(contest: Contest, both: readonly Side[]): Promise<void> {
  const { turns, warmUpSeconds } = contest;
  for (const { ensemble } of both) await ensemble.startAfresh();
  for (const side of both) {
    say(`warming up ${side.ensemble.kind}`);
    for (const reads of [100, 0, 90]) {
      const flags = ["-c", String(CONNECTIONS), "-d", "20", "-r", String(reads), "-w", "0"];
      load(contest, side, warmUpSeconds / 3, flags);
    }
  }
  for (let turn = 0; turn < turns; turn++) {
    say(`rates, turn ${turn + 1} of ${turns}`);
    for (const row of ROWS) {
      for (const side of inTurn(both, turn)) measureRow(contest, side, row, turn);
    }
    for (const side of inTurn(both, turn)) {
      const flags = ["-c", "1", "-d", "1", "-r", "0", "-w", "0"];
      const { p50_us } = load(contest, side, contest.seconds, flags);
      contest.figures.add("a single client's set", "median ms", side.name, p50_us / 1000);
    }
  }
  await measurePaced(contest, both);
  for (const { ensemble } of both) await ensemble.kill();
}

function measureRow(contest: Contest, side: Side, row: RateRow, turn: number): void {
  const { name, flags, isApart } = row;
  const { figures, seconds } = contest;
  const { ensemble } = side;
  const cpuBefore = ensemble.cpuMs();
  // No second of warm-up of zkload's own: all that the servers do is counted.
  const all = ["-c", String(CONNECTIONS), ...flags, "-w", "0"];
  if (isApart) all.push("-R", `/zkload-${ROWS.indexOf(row)}-${turn}`);
  const { ops_per_s, p99_us, errors } = load(contest, side, seconds, all);
  const cpuMs = ensemble.cpuMs() - cpuBefore;
  if (errors > 0) throw new Error(`${ensemble.kind}: ${errors} errors in ${name}`);
  figures.add(name, "ops/s", side.name, ops_per_s);
  figures.add(name, "µs of CPU per op", side.name, (cpuMs * 1000) / (ops_per_s * seconds));
  figures.add(name, "p99 in ms", side.name, p99_us / 1000);
}

async function measurePaced(contest: Contest, both: readonly Side[]): Promise<void> {
  const { figures, turns, seconds } = contest;
  const rate = figures.median(SATURATION, "ops/s", "java") / 2;
  for (let turn = 0; turn < turns; turn++) {
    say(`${Math.round(rate)} sets a second, turn ${turn + 1} of ${turns}`);
    for (const side of inTurn(both, turn)) {
      const { p99Ms, done } = await pacedSets(side.ensemble.ports, rate, seconds);
      const name = "sets at half of Java's saturation";
      figures.add(name, "p99 in ms", side.name, p99Ms);
      figures.add(name, "part of the pace that was kept", side.name, done / (rate * seconds));
    }
  }
}

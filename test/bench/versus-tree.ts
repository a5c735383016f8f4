// One server with a large tree: memory, bytes written, restarts, and sets while snapshots are taken.

import { fill } from "./big-tree.js";
import {
  CONNECTIONS,
  type Contest,
  load,
  type Side,
  say,
  VALUE_BYTES,
  withBoth,
} from "./contest.js";
import type { BenchEnsemble } from "./ensemble.js";

const MB = 2 ** 20;

export async function measureLargeTree(contest: Contest): Promise<void> {
  const { nodes, turns } = contest;
  const what = `${nodes} znodes of ${VALUE_BYTES} B`;
  await withBoth(contest, 1, async (both) => {
    const inTurn = async (
      measure: (contest: Contest, side: Side, what: string) => Promise<void>,
    ) => {
      for (let turn = 0; turn < turns; turn++) {
        for (const side of both) await measure(contest, side, what);
      }
    };
    await inTurn(make);
    await inTurn(restart);
    await inTurn(setDuringSnapshots);
  });
}

function diskWrittenBytes(ensemble: BenchEnsemble): number {
  return ensemble.servers[0]!.diskWrittenBytes();
}

async function make({ figures, nodes }: Contest, { name, ensemble }: Side, what: string) {
  await ensemble.startAfresh();
  say(`${ensemble.kind}: making ${what}`);
  const before = diskWrittenBytes(ensemble);
  await fill(ensemble.ports[0]!, nodes, VALUE_BYTES);
  const written = diskWrittenBytes(ensemble) - before;
  figures.add(what, "RSS in MB after making them", name, ensemble.rssBytes() / MB);
  const change = nodes * VALUE_BYTES;
  figures.add(what, "bytes written per byte of data, creates", name, written / change);
  await ensemble.kill();
}

async function restart({ figures }: Contest, { name, ensemble }: Side, nodes: string) {
  const what = `restart with ${nodes}`;
  say(`${ensemble.kind}: ${what}`);
  const servingMs = await ensemble.start();
  figures.add(what, "s", name, servingMs / 1000);
  figures.add(what, "s of CPU", name, ensemble.cpuMs() / 1000);
  figures.add(what, "RSS in MB", name, ensemble.rssBytes() / MB);
  await ensemble.kill();
}

/** By default a snapshot is due after 50 000 to 100 000 transactions: several are taken. */
async function setDuringSnapshots(contest: Contest, side: Side) {
  const { figures, seconds, nodes } = contest;
  const { name, ensemble } = side;
  say(`${ensemble.kind}: sets while snapshots are taken`);
  await ensemble.start();
  const flags = ["-c", String(CONNECTIONS), "-d", "4", "-r", "0"];
  load(contest, side, 2, flags);
  const before = diskWrittenBytes(ensemble);
  const measured = seconds * 4;
  const { max_us, ops_per_s } = load(contest, side, measured, [...flags, "-w", "0"]);
  say(`longest reply ${max_us / 1000} ms`);
  const written = diskWrittenBytes(ensemble) - before;
  const what = `sets during snapshots of ${nodes} znodes, d=4`;
  figures.add(what, "longest reply in ms", name, max_us / 1000);
  figures.add(what, "ops/s", name, ops_per_s);
  const change = ops_per_s * measured * VALUE_BYTES;
  figures.add(what, "bytes written per byte of data", name, written / change);
  await ensemble.kill();
}

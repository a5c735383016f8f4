// What watches cost: where many stand, and where many are fired by one change.

import type { RawConnection } from "../compat/raw/connection.js";
import { create, getData, type Request, setData, sync } from "../compat/raw/requests.js";
import { say, VALUE_BYTES } from "./contest.js";
import { answered, openUpTo } from "./crowd.js";
import { type BenchEnsemble, LONG_SESSION_MS, LONG_SESSIONS, withEnsemble } from "./ensemble.js";
import { median } from "./figures.js";
import type { Chart } from "./svg-chart.js";

const STANDING = [10, 100, 1000, 10_000, 100_000, 1_000_000];
/** This process has a socket for each. */
const WATCHERS = [10, 100, 1000, 10_000];
/** Among these sessions the standing watches are dealt, each on a znode of its own for each session. */
const STANDING_SESSIONS = 10;
/** The tree is the same for any number of watches. */
const ZNODES = 100_000;
const CHILDREN = 1000;
/** Znodes beside them whose watches are set and fired. */
const PROBES = 50_000;
const IN_FLIGHT = 500;
/** Watches that are set and fired until the CPU time says something: it ticks a hundred times a second. */
const FIRED = 100_000;
const SERVERS = 3;

const VALUE = Buffer.alloc(VALUE_BYTES, "x");

interface Limits {
  readonly watchesMax: number;
  readonly sessionsMax: number;
  readonly turns: number;
}

export async function measureWatches({ watchesMax, sessionsMax, turns }: Limits): Promise<Chart[]> {
  const standing = STANDING.filter((watches) => watches <= watchesMax);
  const watchers = WATCHERS.filter((sessions) => sessions <= sessionsMax);
  return [
    await withEnsemble(1, LONG_SESSIONS, (one) => measureStanding(one, standing, turns)),
    await withEnsemble(SERVERS, LONG_SESSIONS, (three) => measureFired(three, watchers, turns)),
  ];
}

const znode = (i: number) => `/watched/${Math.floor(i / CHILDREN)}/${i}`;
const probe = (i: number) => `/probes/${Math.floor(i / CHILDREN)}/${i}`;

/** The same few things are done while more and more watches stand on other znodes. */
async function measureStanding(
  server: BenchEnsemble,
  x: readonly number[],
  turns: number,
): Promise<Chart> {
  const crowd: RawConnection[] = [];
  await openUpTo(crowd, STANDING_SESSIONS, server.ports, LONG_SESSION_MS);
  const [watcher, writer] = crowd as [RawConnection, RawConnection];
  await makeZnodes(writer);
  const set = (i: number) => setData(probe(i), VALUE);
  const operations: Readonly<Record<string, () => Promise<void>>> = {
    "get that sets one": () => inFlight(watcher, 0, PROBES, (i) => getData(probe(i), true)),
    "set that fires one": async () => {
      const told = answered([watcher], () => {}, PROBES);
      await inFlight(writer, 0, PROBES, set);
      await told;
    },
    "set that nobody watches": () => inFlight(writer, 0, PROBES, set),
  };
  const lines = Object.keys(operations).map((name) => ({ name, y: [] as number[] }));
  // What is measured first would otherwise pay for the engine's compiler.
  for (const run of Object.values(operations)) await run();
  let standing = 0;
  for (const watches of x) {
    const each = Math.ceil(watches / STANDING_SESSIONS);
    for (const connection of crowd) {
      await inFlight(connection, standing, each, (i) => getData(znode(i), true));
    }
    standing = each;
    say(`${watches} watches stand, ${Math.round(server.rssBytes() / 2 ** 20)} MB of RSS`);
    const taken = lines.map((): number[] => []);
    for (let turn = 0; turn < turns; turn++) {
      for (const [i, run] of Object.values(operations).entries()) {
        const before = server.cpuMs();
        await run();
        taken[i]!.push(((server.cpuMs() - before) * 1000) / PROBES);
      }
    }
    for (const [i, { y }] of lines.entries()) y.push(median(taken[i]!));
  }
  await Promise.all(crowd.map((connection) => connection.destroy()));
  return {
    title: `Watches that stand elsewhere, ${ZNODES} znodes`,
    xLabel: "standing watches",
    yLabel: "µs of CPU per operation",
    x,
    lines,
  };
}

async function makeZnodes(writer: RawConnection): Promise<void> {
  for (const [path, count] of [
    [znode, ZNODES],
    [probe, PROBES],
  ] as const) {
    const parents = Math.ceil(count / CHILDREN);
    const parent = (i: number) => path(i * CHILDREN).replace(/\/\d+$/, "");
    const top = parent(0).replace(/\/\d+$/, "");
    await inFlight(writer, 0, 1, () => create(top));
    await inFlight(writer, 0, parents, (i) => create(parent(i)));
    await inFlight(writer, 0, count, (i) => create(path(i), VALUE));
  }
}

/** One request for each number from `from` to `to`, so many at a time. */
async function inFlight(
  connection: RawConnection,
  from: number,
  to: number,
  request: (i: number) => Request,
): Promise<void> {
  for (let next = from; next < to; ) {
    const count = Math.min(IN_FLIGHT, to - next);
    const first = next;
    next += count;
    const send = () => {
      for (let i = first; i < next; i++) connection.request(request(i));
    };
    await answered([connection], send, count);
  }
}

const WATCHED = "/bench-watched";

/** One znode, watched by more and more sessions: all set their watch, one change fires them. */
async function measureFired(
  ensemble: BenchEnsemble,
  x: readonly number[],
  turns: number,
): Promise<Chart> {
  const crowd: RawConnection[] = [];
  const y: number[] = [];
  for (const sessions of x) {
    await openUpTo(crowd, sessions, ensemble.ports, LONG_SESSION_MS);
    const writer = crowd[0]!;
    if (y.length === 0) {
      await answered([writer], () => writer.request(create(WATCHED)));
      // Another server than the writer's may have it later.
      await answered(crowd, (connection) => connection.request(sync(WATCHED)));
    }
    say(`${sessions} watch one znode`);
    const rounds = Math.ceil(FIRED / sessions);
    const taken: number[] = [];
    for (let turn = 0; turn < turns; turn++) {
      const before = ensemble.cpuMs();
      for (let round = 0; round < rounds; round++) await setAndFire(crowd, writer);
      taken.push(((ensemble.cpuMs() - before) * 1000) / (rounds * sessions));
    }
    y.push(median(taken));
  }
  await Promise.all(crowd.map((connection) => connection.destroy()));
  return {
    title: "One znode watched by many, three servers",
    xLabel: "sessions that watch it",
    yLabel: "µs of CPU for each watch set and fired",
    x,
    lines: [{ name: "all together", y }],
  };
}

async function setAndFire(crowd: readonly RawConnection[], writer: RawConnection): Promise<void> {
  await answered(crowd, (connection) => connection.request(getData(WATCHED, true)));
  // The writer's second frame is the answer to its set.
  await answered(crowd, (connection) => {
    if (connection === writer) connection.request(setData(WATCHED, "x"));
  });
  await answered([writer], () => {}, 1);
}

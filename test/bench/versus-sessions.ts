// Many sessions that do nothing but live, and one znode that all of them watch.

import { setTimeout as wait } from "node:timers/promises";
import type { RawConnection } from "../compat/raw/connection.js";
import { create, getData, ping, setData } from "../compat/raw/requests.js";
import { type Contest, inTurn, type Side, say, withBoth } from "./contest.js";
import { answered, openUpTo } from "./crowd.js";
import { median } from "./figures.js";

const SESSION_TIMEOUT_MS = 30_000;
/** As Java's client: a third of the time-out. */
const PING_EVERY_MS = SESSION_TIMEOUT_MS / 3;
const WATCHED = "/bench-watched";
const CHANGES = 5;

export async function measureSessions(contest: Contest): Promise<void> {
  const { servers, turns } = contest;
  for (let turn = 0; turn < Math.min(turns, 3); turn++) {
    await withBoth(contest, servers, async (both) => {
      for (const side of inTurn(both, turn)) {
        say(`${side.ensemble.kind}: ${contest.sessions} sessions, turn ${turn + 1}`);
        await side.ensemble.startAfresh();
        await measureSide(contest, side);
        await side.ensemble.kill();
      }
    });
  }
}

async function measureSide(contest: Contest, side: Side): Promise<void> {
  const { figures, sessions } = contest;
  const { ensemble, name } = side;
  const rssBefore = ensemble.rssBytes();
  const crowd: RawConnection[] = [];
  await openUpTo(crowd, sessions, ensemble.ports, SESSION_TIMEOUT_MS);
  // Long before anybody looks: another server than the writer's may have it later.
  await answered([crowd[0]!], () => crowd[0]!.request(create(WATCHED)));
  const what = `${sessions} idle sessions`;
  figures.add(what, "MB of RSS for them", name, (ensemble.rssBytes() - rssBefore) / 2 ** 20);
  const seconds = Math.max(contest.seconds, PING_EVERY_MS / 1000);
  const cpuBefore = ensemble.cpuMs();
  await stayAlive(crowd, seconds);
  figures.add(what, "ms of CPU a second", name, (ensemble.cpuMs() - cpuBefore) / seconds);
  await measureWatched(contest, side, crowd);
  await Promise.all(crowd.map((connection) => connection.destroy()));
}

/** Each pings as often as a client would, spread evenly. */
async function stayAlive(crowd: readonly RawConnection[], seconds: number): Promise<void> {
  const startMs = performance.now();
  let sent = 0;
  for (let passedMs = 0; passedMs < seconds * 1000; passedMs = performance.now() - startMs) {
    const due = (passedMs / PING_EVERY_MS) * crowd.length;
    for (; sent < due; sent++) crowd[sent % crowd.length]!.request(ping());
    await wait(5);
  }
  const isLost = crowd.some(({ isClosed }) => isClosed);
  if (isLost) throw new Error("A server closed connections of idle sessions");
  // The answer to the last ping must not be taken for another one.
  await Promise.all(
    crowd.map(async ({ frames }, i) => {
      const pings = Math.ceil((sent - i) / crowd.length);
      await answered([crowd[i]!], () => {}, Math.max(0, pings));
      frames.length = 0;
    }),
  );
}

async function measureWatched(contest: Contest, side: Side, crowd: readonly RawConnection[]) {
  const { ensemble, name } = side;
  const writer = crowd[0]!;
  const tookMs: number[] = [];
  const cpuMs: number[] = [];
  for (let change = 0; change < CHANGES; change++) {
    await answered(crowd, (connection) => connection.request(getData(WATCHED, true)));
    const cpuBefore = ensemble.cpuMs();
    const startMs = performance.now();
    // The writer's second frame is the answer to its set: everybody has one notification.
    await answered(crowd, (connection) => {
      if (connection === writer) connection.request(setData(WATCHED, "x"));
    });
    tookMs.push(performance.now() - startMs);
    await answered([writer], () => {}, 1);
    cpuMs.push(ensemble.cpuMs() - cpuBefore);
  }
  const what = `one znode watched by ${crowd.length}`;
  contest.figures.add(what, "ms until all are told", name, median(tookMs));
  contest.figures.add(what, "ms of CPU", name, median(cpuMs));
}

// Sets at a given pace, whatever the answers do: latencies are counted from when a request was due, so that a server that
// stalls pays for all that came due meanwhile.

import { setTimeout as wait } from "node:timers/promises";
import { RawConnection } from "../compat/raw/connection.js";
import { create, setData } from "../compat/raw/requests.js";
import { CONNECTIONS, VALUE_BYTES } from "./contest.js";

const KEYS = 1000;
/** Answers that are still missing this long after the last request are taken for lost. */
const PATIENCE_MS = 10_000;
const ROOT = "/bench-paced";

interface Paced {
  readonly p99Ms: number;
  /** How many were answered before the time was over. */
  readonly done: number;
}

class Lane {
  readonly connection: RawConnection;
  /** When each request that has no answer yet was due. */
  readonly dueMs: number[] = [];
  readonly #latencies: number[];

  constructor(connection: RawConnection, latencies: number[]) {
    this.connection = connection;
    this.#latencies = latencies;
    // The condition is asked with every frame that comes.
    void connection.waitFor(() => this.#take(), 2 ** 31 - 1);
  }

  #take(): boolean {
    const nowMs = performance.now();
    const { frames } = this.connection;
    for (const _ of frames) this.#latencies.push(nowMs - this.dueMs.shift()!);
    frames.length = 0;
    return false;
  }
}

export async function pacedSets(
  ports: readonly number[],
  perSecond: number,
  seconds: number,
): Promise<Paced> {
  const latencies: number[] = [];
  const lanes: Lane[] = [];
  for (let i = 0; i < CONNECTIONS; i++) {
    const connection = await RawConnection.open(ports[i % ports.length]!);
    await connection.establish({ timeoutMs: 30_000 });
    if (i === 0) await makeKeys(connection);
    lanes.push(new Lane(connection, latencies));
  }
  const data = Buffer.alloc(VALUE_BYTES, "x");
  const startMs = performance.now();
  const total = Math.round(perSecond * seconds);
  for (let sent = 0; sent < total; ) {
    const due = Math.min(total, Math.floor(((performance.now() - startMs) / 1000) * perSecond));
    for (; sent < due; sent++) {
      const lane = lanes[sent % lanes.length]!;
      lane.dueMs.push(startMs + (sent * 1000) / perSecond);
      lane.connection.request(setData(`${ROOT}/${(sent * 7919) % KEYS}`, data, -1));
    }
    await wait(1);
  }
  const done = latencies.length;
  const endMs = performance.now() + PATIENCE_MS;
  while (latencies.length < total && performance.now() < endMs) await wait(5);
  const missing = total - latencies.length;
  if (missing > 0) throw new Error(`${missing} of ${total} sets were not answered`);
  for (const { connection } of lanes) await connection.destroy();
  latencies.sort((a, b) => a - b);
  return { p99Ms: latencies[Math.floor(total * 0.99)]!, done };
}

async function makeKeys(connection: RawConnection): Promise<void> {
  connection.request(create(ROOT, null));
  for (let i = 0; i < KEYS; i++) connection.request(create(`${ROOT}/${i}`, null));
  await connection.waitFor(() => connection.frames.length === KEYS + 1, PATIENCE_MS);
  connection.frames.length = 0;
}

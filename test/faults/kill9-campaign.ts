// kill -9 at random moments under mixed load, again and again, on one data directory.
//
// A round: clients work, the server is killed in the middle of it, started again, every client takes its session up again,
// and the account that load.ts keeps is compared with what is there. Snapshots and new log files are frequent, so that
// kills fall into them too.

import { rmSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import type { ServerKind } from "../compat/peers.js";
import { closeSession, create } from "../compat/raw/requests.js";
import { freePort, newDirectory, startServer } from "../compat/server-process.js";
import { Client, expect, Gone } from "./load.js";
import { Random } from "./random.js";
import { verify, verifyEphemerals } from "./verify.js";

export interface Campaign {
  readonly kind: ServerKind;
  readonly rounds: number;
  readonly seed: number;
  readonly clients?: number;
  /** How the state is kept; "either": drawn at every start. */
  readonly store?: "file" | "lmdb" | "either";
  readonly say?: (line: string) => void;
}

const CFG = { tickTime: 1000, snapCount: 150, preAllocSize: 64, "autopurge.purgeInterval": 0 };
const SESSION_TIMEOUT_MS = 20_000;

/** Throws at the first broken promise; returns how many operations were acknowledged. */
export async function killAgainAndAgain(campaign: Campaign): Promise<number> {
  const random = new Random(campaign.seed);
  const directory = newDirectory(campaign.kind);
  const port = await freePort();
  const { store = "file" } = campaign;
  const start = () => {
    const drawn = store === "either" ? random.pick(["file", "lmdb"]) : store;
    // Each batch past the system's cache, or none of these small ones.
    const common = { ...CFG, "txnLog.directMinBytes": random.pick([0, 40_960]) };
    const cfg = drawn === "file" ? common : { ...common, "snapshot.store": drawn };
    return startServer(campaign.kind, { cfg, directory, port });
  };
  let server = await start();
  const clients: Client[] = [];
  for (let i = 0; i < (campaign.clients ?? 5); i++) {
    clients.push(new Client(`c${i}`, new Random(campaign.seed + i + 1)));
  }
  const count = () => clients.reduce((sum, client) => sum + client.acknowledgedCount, 0);
  try {
    for (const client of clients) await begin(client, port);
    for (let round = 1; round <= campaign.rounds; round++) {
      const before = count();
      const work = clients.map((client) => client.work());
      await wait(20 + random.below(400));
      const closed = random.below(4) === 0 ? random.pick(clients) : undefined;
      if (closed !== undefined) await closeAndForget(closed, work[clients.indexOf(closed)]!);
      await server.kill9();
      await Promise.all(work);
      server = await start();
      await comeBack(clients, port);
      campaign.say?.(`round ${round}: ${count() - before} operations acknowledged`);
    }
    await server.stop();
    // Kept only when a promise was broken.
    rmSync(directory, { recursive: true, force: true });
    return count();
  } catch (error) {
    const where = `seed ${campaign.seed}, data in ${directory}`;
    throw new Error(`${(error as Error).message} (${where})`, { cause: error });
  } finally {
    for (const client of clients) await client.disconnect();
    await server.kill9();
  }
}

async function begin(client: Client, port: number): Promise<void> {
  await client.connect(port, SESSION_TIMEOUT_MS);
  for (const path of ["", "/value", "/value2", "/q"]) {
    const { error } = await client.ask(create(`${client.root}${path}`, "0"));
    expect(error === 0, `create ${client.root}${path} failed with ${error}`);
  }
}

/** The session is closed and the close acknowledged: after the kill it must stay closed. */
async function closeAndForget(client: Client, work: Promise<void>): Promise<void> {
  client.isStopped = true;
  await work;
  try {
    const { error } = await client.ask(closeSession());
    expect(error === 0, `closeSession failed with ${error}`);
    client.isSessionClosed = true;
  } catch (error) {
    if (!(error instanceof Gone)) throw error;
  }
}

async function comeBack(clients: readonly Client[], port: number): Promise<void> {
  for (const client of clients) {
    await client.disconnect();
    const isBack = await client.connect(port, SESSION_TIMEOUT_MS);
    expect(isBack !== client.isSessionClosed, `${client.name}: session taken up again: ${isBack}`);
    if (!isBack) {
      await client.disconnect();
      client.forgetSession();
      await client.connect(port, SESSION_TIMEOUT_MS);
    }
    await verify(client);
    await verifyEphemerals(client, client, isBack);
  }
}

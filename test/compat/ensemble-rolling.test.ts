// A running ensemble of three is replaced server by server, Java to Zooid and back, in place on the same data directories,
// while clients write, hold ephemerals and watch. No acknowledged write is lost, no session expires, no watch is missed.

import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import { EventType } from "../../src/cli/client/watch-event.js";
import type { ZooKeeperClient } from "../../src/cli/client/zookeeper-client.js";
import { ZooKeeperError } from "../../src/cli/client/zookeeper-error.js";
import { assertEqualTrees, assertNoMismatch } from "./ensemble-check.js";
import { Ensemble, PORTS, until } from "./ensemble-world.js";
import { connectClient, Writer } from "./ensemble-writer.js";
import { peerTest, type ServerKind } from "./peers.js";

const SIDS = [1, 2, 3];
const WRITERS = 3;
const WATCHERS = 3;
const NODES = ["a", "b", "c", "d"];
const TOP = "/watched";

/** Changes data and children below TOP, until told to stop; whatever is unknown is tried again. */
class Changer {
  readonly client: ZooKeeperClient;
  changes = 0;
  #isStopped = false;
  #running: Promise<void> = Promise.resolve();

  constructor(connectString: string) {
    this.client = connectClient(connectString);
  }

  async begin(): Promise<void> {
    await this.client.create(TOP);
    for (const name of NODES) await this.client.create(`${TOP}/${name}`, Buffer.from("0"));
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    for (let i = 1; !this.#isStopped; i++) {
      const path = `${TOP}/${NODES[i % NODES.length]}`;
      await this.#again(() => this.client.setData(path, Buffer.from(`${i}`)));
      await this.#again(() => this.client.create(`${path}/${i}`));
      if (i > 40) await this.#again(() => this.client.delete(`${path}/${i - 40}`));
      this.changes = i;
      await wait(10);
    }
  }

  async #again(change: () => Promise<unknown>): Promise<void> {
    for (;;) {
      try {
        await change();
        return;
      } catch (error) {
        if (!(error instanceof ZooKeeperError)) throw error;
        // Done already, the time that nobody knew of it.
        if (/NodeExists|NoNode/.test(error.message)) return;
        if (!error.isUncertain) throw error;
        await wait(50);
      }
    }
  }
}

/** Knows the tree below TOP from one-shot watches only: it reads when it is told, and never without. */
class Mirror {
  readonly client: ZooKeeperClient;
  readonly data = new Map<string, string>();
  readonly children = new Map<string, string>();
  hasExpired = false;
  events = 0;
  readonly problems: string[] = [];

  constructor(connectString: string) {
    const onExpired = () => {
      this.hasExpired = true;
    };
    this.client = connectClient(connectString, { onExpired });
  }

  async begin(): Promise<void> {
    for (const name of NODES) {
      await this.#watchData(`${TOP}/${name}`);
      await this.#watchChildren(`${TOP}/${name}`);
    }
  }

  async #watchData(path: string): Promise<void> {
    const { data } = await this.#read(() =>
      this.client.getData(path, ({ type }) => this.#told(type, () => this.#watchData(path))),
    );
    const before = Number(this.data.get(path) ?? -1);
    if (Number(data) < before) this.problems.push(`${path}: ${data} after ${before}`);
    this.data.set(path, String(data));
  }

  async #watchChildren(path: string): Promise<void> {
    const names = await this.#read(() =>
      this.client.getChildren(path, ({ type }) =>
        this.#told(type, () => this.#watchChildren(path)),
      ),
    );
    this.children.set(path, names.sort().join(" "));
  }

  /** A watcher is also told of the session's states, and stays set. */
  #told(type: EventType, readAnew: () => Promise<void>): void {
    if (type === EventType.none) return;
    this.events++;
    readAnew().catch((error: unknown) => this.problems.push(String(error)));
  }

  /** A read that failed has set no watch. */
  async #read<T>(read: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await read();
      } catch (error) {
        if (!(error instanceof ZooKeeperError && error.isUncertain)) throw error;
        await wait(20);
      }
    }
  }

  /** What was last read under a watch is how it is now. */
  async agreesWith(reader: ZooKeeperClient): Promise<boolean> {
    for (const name of NODES) {
      const path = `${TOP}/${name}`;
      const { data } = await reader.getData(path);
      const names = await reader.getChildren(path);
      if (this.data.get(path) !== String(data)) return false;
      if (this.children.get(path) !== names.sort().join(" ")) return false;
    }
    return true;
  }
}

async function roll(java: "java38" | "java39"): Promise<void> {
  const members = SIDS.map(() => ({ kind: java }));
  const ensemble = new Ensemble({ basePort: PORTS.rolling, members });
  const { connectString } = ensemble;
  const writers = Array.from({ length: WRITERS }, (_, i) => new Writer(`w${i}`, connectString));
  const changer = new Changer(connectString);
  const mirrors = Array.from({ length: WATCHERS }, () => new Mirror(connectString));
  const clients = [...writers, changer, ...mirrors].map(({ client }) => client);
  try {
    await ensemble.start(...SIDS);
    await Promise.all(writers.map((writer) => writer.begin()));
    await changer.begin();
    await Promise.all(mirrors.map((mirror) => mirror.begin()));
    const sessions = clients.map(({ sessionId }) => sessionId);

    await replaceAll(ensemble, writers, "zooid");
    await replaceAll(ensemble, writers, java);

    await changer.stop();
    await Promise.all(writers.map((writer) => writer.stop()));
    await assertMirrors(mirrors, changer);
    await assertEqualTrees(ensemble);
    for (const writer of writers) await writer.verify(changer.client);
    const ended = clients.map(({ sessionId }) => sessionId);
    assert.deepEqual(ended, sessions, "the sessions of all clients");
  } finally {
    await Promise.all(clients.map((client) => client.close().catch(() => {})));
    await ensemble.discard();
  }
}

/** The followers first and the leader last, as operators do it. */
async function replaceAll(
  ensemble: Ensemble,
  writers: readonly Writer[],
  kind: ServerKind,
): Promise<void> {
  const leader = await ensemble.leader();
  for (const sid of [...SIDS.filter((one) => one !== leader), leader]) {
    await Promise.all(writers.map((writer) => writer.goesOn(20)));
    await assertNoMismatch(ensemble.member(sid), ensemble.members);
    await ensemble.stop(sid);
    await ensemble.launch(sid, kind);
    await ensemble.untilServing(sid);
    await assertNoMismatch(ensemble.member(sid), ensemble.members);
  }
  await Promise.all(writers.map((writer) => writer.goesOn(20)));
}

async function assertMirrors(mirrors: readonly Mirror[], changer: Changer): Promise<void> {
  assert.ok(changer.changes > 50, `Only ${changer.changes} changes`);
  for (const [i, mirror] of mirrors.entries()) {
    await until(
      `mirror ${i} has heard of the last change`,
      () => mirror.agreesWith(changer.client),
      60_000,
      () => [...mirror.data, ...mirror.problems].join("\n"),
    );
    assert.deepEqual(mirror.problems, []);
    assert.equal(mirror.hasExpired, false);
    assert.ok(mirror.events > 50, `Only ${mirror.events} events`);
  }
}

for (const java of ["java39", "java38"] as const) {
  peerTest(
    `An ensemble is replaced under load, server by server and in place: ${java} to Zooid and back`,
    [java, "zooid"],
    () => roll(java),
  );
}

// A client that writes all the time, remembers what it was told, and can be asked afterwards whether all of that is true.
//
// Of every write it knows: acknowledged, refused, or unknown (the connection was lost). What must hold at the end, on every
// server (zab-and-known-bugs 4, G1, G2, G6, G10, G11): acknowledged writes are there; of those that were sent together and
// are unknown a prefix is there; nothing is there twice; numbers of sequential nodes go up in the order of sending.

import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import { CreateMode } from "../../src/cli/client/create-mode.js";
import { EventType, KeeperState } from "../../src/cli/client/watch-event.js";
import { ZooKeeperClient } from "../../src/cli/client/zookeeper-client.js";
import { ZooKeeperError } from "../../src/cli/client/zookeeper-error.js";
import { createNodePlatform } from "../../src/platform/node/platform.js";
import { type Member, until } from "./ensemble-world.js";

/** Sent at once, before any answer. */
const BATCH = 4;
const PAUSE_MS = 20;
const EVERY = 5;

const platform = createNodePlatform({ log: { level: "OFF" } });

export interface ClientOptions {
  readonly sessionTimeoutMs?: number;
  readonly onExpired?: () => void;
}

/** Comes back to the ensemble as fast as it can. */
export function connectClient(connectString: string, options: ClientOptions = {}): ZooKeeperClient {
  return ZooKeeperClient.connect(platform, connectString, {
    sessionTimeoutMs: options.sessionTimeoutMs ?? 20_000,
    reconnectPauseMaxMs: 20,
    roundPauseMs: 100,
    watcher: ({ type, state }) => {
      if (type === EventType.none && state === KeeperState.expired) options.onExpired?.();
    },
  });
}

type Fate = "acknowledged" | "unknown";

interface Sent {
  readonly number: number;
  readonly batch: number;
  readonly fate: Fate;
  /** What the server called it. */
  readonly path: string | undefined;
}

export class Writer {
  readonly name: string;
  readonly client: ZooKeeperClient;
  acknowledged = 0;
  hasExpired = false;
  readonly #sent: Sent[] = [];
  #next = 0;
  #batch = 0;
  #lastSet = -1;
  #lastMulti = -1;
  #isStopped = false;
  #running: Promise<void> = Promise.resolve();
  #failure: unknown;

  constructor(name: string, connectString: string, options: ClientOptions = {}) {
    this.name = name;
    const onExpired = () => {
      this.hasExpired = true;
    };
    this.client = connectClient(connectString, { ...options, onExpired });
  }

  get #home(): string {
    return `/work/${this.name}`;
  }

  /** Its nodes, and one ephemeral that it holds all the time. */
  async begin(): Promise<void> {
    await this.client.untilConnected();
    await this.client.create("/work").catch(unlessThere);
    await this.client.create(this.#home);
    for (const name of ["set", "multi-a", "multi-b"]) {
      await this.client.create(`${this.#home}/${name}`, Buffer.from("-1"));
    }
    const mode = CreateMode.ephemeral;
    await this.client.create(`${this.#home}/alive`, Buffer.from(this.name), { mode });
    this.#running = this.#run().catch((error: unknown) => {
      this.#failure = error;
    });
  }

  /** Ends between two batches. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running;
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Until it has been told `count` times more that something was written. */
  async goesOn(count: number, timeoutMs = 60_000): Promise<void> {
    const wanted = this.acknowledged + count;
    const deadline = Date.now() + timeoutMs;
    while (this.acknowledged < wanted) {
      if (this.#failure !== undefined) throw this.#failure;
      if (Date.now() > deadline) {
        throw new Error(
          `Writer ${this.name} has written ${this.acknowledged} of ${wanted} after ${timeoutMs} ms`,
        );
      }
      await wait(20);
    }
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      const batch = this.#batch++;
      const all = Array.from({ length: BATCH }, () => this.#create(batch));
      if (batch % EVERY === 0) all.push(this.#set(batch), this.#multi(batch), this.#comeAndGo());
      const fates = await Promise.all(all);
      const lost = fates.includes("unknown");
      await wait(lost ? PAUSE_MS * 5 : PAUSE_MS);
    }
  }

  async #create(batch: number): Promise<Fate> {
    const number = this.#next++;
    const mode = CreateMode.persistentSequential;
    const created = this.client.create(`${this.#home}/n-`, Buffer.from(`${number}`), { mode });
    let path: string | undefined;
    const fate = await this.#fateOf(
      created.then((name) => {
        path = name;
      }),
    );
    this.#sent.push({ number, batch, fate, path });
    return fate;
  }

  async #set(batch: number): Promise<Fate> {
    const done = this.client.setData(`${this.#home}/set`, Buffer.from(`${batch}`));
    const fate = await this.#fateOf(done);
    if (fate === "acknowledged") this.#lastSet = batch;
    return fate;
  }

  async #multi(batch: number): Promise<Fate> {
    const data = Buffer.from(`${batch}`);
    const part = (name: string) =>
      ({ kind: "setData", path: `${this.#home}/${name}`, data, version: -1 }) as const;
    const fate = await this.#fateOf(this.client.multi([part("multi-a"), part("multi-b")]));
    if (fate === "acknowledged") this.#lastMulti = batch;
    return fate;
  }

  /** An ephemeral sequential node that is deleted again, if it is known. */
  async #comeAndGo(): Promise<Fate> {
    const mode = CreateMode.ephemeralSequential;
    const made = this.client.create(`${this.#home}/e-`, null, { mode });
    return this.#fateOf(made.then((path) => this.client.delete(path)));
  }

  async #fateOf(done: Promise<unknown>): Promise<Fate> {
    try {
      await done;
      this.acknowledged++;
      return "acknowledged";
    } catch (error) {
      if (error instanceof ZooKeeperError && error.isUncertain) return "unknown";
      throw error;
    }
  }

  /** Asks `reader`, which must be up to date, for everything. */
  async verify(reader: ZooKeeperClient): Promise<void> {
    assert.equal(this.hasExpired, false, `The session of ${this.name} has expired`);
    const names = (await reader.getChildren(this.#home)).filter((name) => name.startsWith("n-"));
    const found = new Map<number, string>();
    let before = -1;
    for (const name of names.sort()) {
      const number = Number((await reader.getData(`${this.#home}/${name}`)).data);
      assert.ok(number > before, `${name} of ${this.name} is ${number}, after ${before}`);
      before = number;
      found.set(number, `${this.#home}/${name}`);
    }
    const missingOf = new Map<number, number>();
    for (const { number, batch, fate, path } of this.#sent.sort((a, b) => a.number - b.number)) {
      const there = found.get(number);
      found.delete(number);
      if (fate === "acknowledged") assert.equal(there, path, `${this.name} wrote ${number}`);
      if (there === undefined) missingOf.set(batch, number);
      else assert.equal(missingOf.get(batch), undefined, `${number} is there, not one before it`);
    }
    assert.deepEqual([...found], [], `${this.name} never sent these`);
    await this.#verifyRegisters(reader);
  }

  async #verifyRegisters(reader: ZooKeeperClient): Promise<void> {
    const [set, a, b] = await Promise.all(
      ["set", "multi-a", "multi-b"].map(async (name) =>
        Number((await reader.getData(`${this.#home}/${name}`)).data),
      ),
    );
    assert.ok(set! >= this.#lastSet, `${this.name} had set ${this.#lastSet}, ${set} is there`);
    assert.ok(a! >= this.#lastMulti, `${this.name}: multi ${this.#lastMulti}, ${a} is there`);
    assert.equal(a, b, `Half a multi of ${this.name}`);
    const alive = await reader.exists(`${this.#home}/alive`);
    assert.equal(alive?.ephemeralOwner, this.client.sessionId, `The ephemeral of ${this.name}`);
  }
}

function unlessThere(error: unknown): void {
  if (!(error instanceof ZooKeeperError && error.message.includes("NodeExists"))) throw error;
}

/** What the writers were told is so on each of these, and what they held is gone with them. */
export async function verifyEverywhere(
  members: readonly Pick<Member, "host" | "port" | "sid">[],
  writers: readonly Writer[],
): Promise<void> {
  for (const { host, port } of members) {
    const reader = connectClient(`${host}:${port}`);
    try {
      await reader.sync("/");
      for (const writer of writers) await writer.verify(reader);
    } finally {
      await reader.close();
    }
  }
  // With their sessions go their ephemerals, everywhere.
  await Promise.all(writers.map((writer) => writer.client.close()));
  for (const { host, port, sid } of members) {
    const reader = connectClient(`${host}:${port}`);
    try {
      await until(`no ephemeral is left at member ${sid}`, async () => {
        const names = await Promise.all(
          writers.map(({ name }) => reader.getChildren(`/work/${name}`)),
        );
        return names.flat().every((name) => name !== "alive" && !name.startsWith("e-"));
      });
    } finally {
      await reader.close();
    }
  }
}

// Whole servers that change their roles all the time, while they are killed and lose their power and clients write: what was
// acknowledged is there at the end, on every member, and all go by one configuration.
//
// ZOOID_RECONFIG_SEEDS: how many lives (3). ZOOID_RECONFIG_SEED: the first one.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { ZooKeeperClient } from "../../src/cli/client/zookeeper-client.js";
import { CLIENT_PORT, ELECTION_PORT, Ensemble, QUORUM_PORT } from "./ensemble.js";

const SEEDS = Number(process.env.ZOOID_RECONFIG_SEEDS ?? 3);
const FIRST = Number(process.env.ZOOID_RECONFIG_SEED ?? 1);
const MEMBERS = 5;
const ACTIONS = 25;
const CONFIG = { tickTime: 500, reconfigEnabled: "true", skipACL: "yes" };

class Life {
  readonly ensemble: Ensemble;
  readonly acknowledged: string[] = [];
  committed = 0;
  #isOver = false;

  constructor(seed: number) {
    this.ensemble = new Ensemble({ seed, members: MEMBERS, config: CONFIG });
  }

  async run(): Promise<void> {
    const { ensemble } = this;
    const { world } = ensemble;
    ensemble.startAll();
    await ensemble.untilServing(3);
    const writers = [1, 2].map((number) => this.#write(`w${number}`));
    for (let i = 0; i < ACTIONS; i++) {
      await world.runFor(world.random.between([50, 2000]));
      this.#act();
    }
    this.#isOver = true;
    await this.#heal();
    for (const writer of writers) await ensemble.settle(writer);
    await ensemble.untilEven(120_000);
    this.#verify();
  }

  #act(): void {
    const { members, world } = this.ensemble;
    const { random } = world;
    const member = random.pick(members);
    if (random.chance(0.6)) this.#reconfigure();
    else if (random.chance(0.1))
      for (const each of members) this.#down(() => each.powerOff(), each);
    else if (member.isRunning) {
      this.#down(() => (random.chance(0.5) ? member.kill() : member.powerOff("random")), member);
    }
  }

  #down(how: () => void, member: { isRunning: boolean; start(): void }): void {
    const { world } = this.ensemble;
    if (!member.isRunning) return;
    how();
    world.scheduler.after(world.random.between([100, 4000]), "restart", 0, () => {
      if (!member.isRunning) member.start();
    });
  }

  /** Any roles, with two voters at least; through any member, and whatever comes of it. */
  #reconfigure(): void {
    const { world, members } = this.ensemble;
    const voters = new Set<number>();
    while (voters.size < world.random.pick([2, 3, 3, 4, 5]))
      voters.add(world.random.pick(members).sid);
    const list = members.map(({ sid, name }) => {
      const role = voters.has(sid) ? "participant" : "observer";
      return `server.${sid}=${name}:${QUORUM_PORT}:${ELECTION_PORT}:${role};${CLIENT_PORT}`;
    });
    const client = this.ensemble.client(`admin${this.#admins++}`);
    client
      .reconfigure(null, null, list.join(","), -1n)
      .then(
        () => this.committed++,
        () => {},
      )
      .finally(() => client.close().catch(() => {}));
  }
  #admins = 0;

  async #write(name: string): Promise<void> {
    const client: ZooKeeperClient = this.ensemble.client(name, { sessionTimeoutMs: 10_000 });
    for (let i = 0; !this.#isOver; i++) {
      const path = `/${name}-${i}`;
      await client.create(path).then(
        () => this.acknowledged.push(path),
        () => {},
      );
    }
    await client.close().catch(() => {});
  }

  async #heal(): Promise<void> {
    const { members, world } = this.ensemble;
    await world.runFor(5000);
    for (const member of members) if (!member.isRunning) member.start();
    await world.runUntil(() => members.every((member) => member.isServing), 120_000);
  }

  #verify(): void {
    const { members } = this.ensemble;
    const configurations = new Set<string>();
    for (const { name, tree, exits } of members) {
      assert.deepEqual(exits, [], `${name} has ended itself`);
      for (const path of this.acknowledged) assert.ok(tree!.get(path), `${name} has lost ${path}`);
      configurations.add(tree!.get("/zookeeper/config")!.data()!.toString());
    }
    assert.equal(configurations.size, 1, [...configurations].join("\n\n"));
  }
}

test(`Members that change roles, die and come back lose nothing (${SEEDS} seeds)`, async () => {
  let committed = 0;
  let acknowledged = 0;
  for (let seed = FIRST; seed < FIRST + SEEDS; seed++) {
    const life = new Life(seed);
    try {
      await life.run();
    } catch (error) {
      throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error });
    }
    committed += life.committed;
    acknowledged += life.acknowledged.length;
  }
  assert.ok(committed > SEEDS, `${committed} reconfigurations were answered`);
  assert.ok(acknowledged > SEEDS * 20, `${acknowledged} writes were acknowledged`);
});

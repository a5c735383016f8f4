// Observers that connect to followers (observerMasterPort): Java's behind followers of Zooid, and Zooid's behind Java's.
//
// The port is the same on every server, so that each has an address of its own.

import assert from "node:assert/strict";
import { CreateMode } from "../../src/cli/client/create-mode.js";
import type { ZooKeeperClient } from "../../src/cli/client/zookeeper-client.js";
import { assertEqualTrees } from "./ensemble-check.js";
import { Ensemble, type Member, PORTS, until } from "./ensemble-world.js";
import { connectClient } from "./ensemble-writer.js";
import { fourLetterWord } from "./four-letter-word.js";
import { peerTest, type ServerKind } from "./peers.js";

const MASTER_PORT = PORTS.observerMaster + 50;
const OBSERVER = 4;
/** The test waits for longer; a busy machine must not miss it. */
const SHORT_TIMEOUT_MS = 8000;

async function syncedObservers({ host, port }: Member): Promise<number | undefined> {
  const text = await fourLetterWord(port, "mntr", 2000, host).catch(() => "");
  const found = /^zk_synced_observers\s+(\d+)/m.exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
}

/** The follower that the observer is behind. */
async function masterOf(ensemble: Ensemble, among: readonly number[]): Promise<number> {
  let master: number | undefined;
  await until(
    "a follower has the observer",
    async () => {
      const counts = await Promise.all(among.map((sid) => syncedObservers(ensemble.member(sid))));
      master = among.find((_, i) => counts[i] === 1);
      return master !== undefined;
    },
    60_000,
    () => ensemble.logs(),
  );
  return master!;
}

const addressOf = ({ host, port }: Member) => `${host}:${port}`;

async function writeThrough(client: ZooKeeperClient, name: string): Promise<void> {
  await client.create(name, Buffer.from(name));
  await client.sync("/");
  assert.ok(await client.exists(name), `${name} is not there after a sync`);
}

async function behind(followers: ServerKind, others: ServerKind): Promise<void> {
  const ensemble = new Ensemble({
    basePort: PORTS.observerMaster,
    members: [
      { kind: followers },
      { kind: followers },
      { kind: others },
      { kind: others, isObserver: true },
    ],
    cfg: { observerMasterPort: MASTER_PORT, maxSessionTimeout: 60_000 },
    hostOf: (sid) => `127.0.0.${sid + 1}`,
  });
  const clients: ZooKeeperClient[] = [];
  const connect = (member: Member, options = {}) => {
    const client = connectClient(addressOf(member), options);
    clients.push(client);
    return client;
  };
  try {
    await ensemble.startLedBy(3);
    const observer = ensemble.member(OBSERVER);
    const master = await masterOf(ensemble, [1, 2]);
    const leaderHas = async () => syncedObservers(ensemble.member(3));
    await until("the leader has no observer", async () => (await leaderHas()) === 0);

    // Longer than the time-out: the touches go by way of the follower.
    let hasExpired = false;
    const onExpired = () => {
      hasExpired = true;
    };
    const client = connect(observer, { sessionTimeoutMs: SHORT_TIMEOUT_MS, onExpired });
    await client.untilConnected();
    const mode = CreateMode.ephemeral;
    await client.create("/alive", Buffer.from("e"), { mode });
    await writeThrough(client, "/behind");
    const byLeader = connect(ensemble.member(3));
    for (let i = 0; i < 20; i++) {
      await writeThrough(byLeader, `/by-leader-${i}`);
      await client.sync("/");
      assert.ok(await client.exists(`/by-leader-${i}`), "sync was answered before its INFORMs");
    }
    const start = Date.now();
    await until("the time-out has passed", () => Date.now() - start > 1.25 * SHORT_TIMEOUT_MS);
    assert.ok(await byLeader.exists("/alive"), "The session behind the observer expired");
    await client.close();

    const stays = connect(observer, { sessionTimeoutMs: 60_000, onExpired });
    await stays.untilConnected();
    await stays.create("/stays", Buffer.from("e"), { mode });
    await ensemble.kill9(master);
    const other = await masterOf(ensemble, [3 - master]);
    await until("the observer takes clients", async () => (await observer.mode()) === "observer");
    await stays.untilConnected();
    await writeThrough(stays, `/behind-${other}`);
    assert.equal((await byLeader.exists("/stays"))?.ephemeralOwner, stays.sessionId);
    assert.equal(hasExpired, false, "A session expired");
    await ensemble.start(master);
    await assertEqualTrees(ensemble);
  } finally {
    for (const client of clients) await client.close().catch(() => {});
    await ensemble.discard();
  }
}

for (const [followers, others] of [
  ["zooid", "java39"],
  ["java39", "zooid"],
] as const) {
  peerTest(
    `An observer of ${others} behind followers of ${followers} serves, and finds another when one dies`,
    [followers, others],
    () => behind(followers, others),
  );
}

// Observers that connect to followers (observerMasterPort), in whole simulated ensembles.

import assert from "node:assert/strict";
import { test } from "node:test";
import { CreateMode } from "../../src/cli/client/create-mode.js";
import { Ensemble, type SimMember } from "./ensemble.js";

const CONFIG = { observerMasterPort: 2191 };

function masterOf(ensemble: Ensemble, observer: SimMember): number {
  const lines = ensemble.world.logBook.matching(/^Observing new leader sid=/, observer.name);
  return Number(lines.at(-1)?.message.split("=")[1]);
}

test("An observer behind a follower sees, writes, syncs and keeps its sessions, and finds another when that one goes", async () => {
  const ensemble = new Ensemble({ seed: 21, observers: 2, config: CONFIG });
  ensemble.startAll();
  await ensemble.untilServing(5);
  const leader = ensemble.leader!;
  const [observer, other] = ensemble.members.filter(({ isObserver }) => isObserver);
  for (const one of [observer!, other!]) assert.notEqual(masterOf(ensemble, one), leader.sid);

  const client = ensemble.client("behind", { sid: observer!.sid, sessionTimeoutMs: 8000 });
  const writer = ensemble.client("writer", { sid: leader.sid });
  await ensemble.settle(writer.create("/by-the-leader"));
  await ensemble.settle(client.sync("/"));
  assert.ok(await ensemble.settle(client.exists("/by-the-leader")), "sync was answered too early");
  const mode = CreateMode.ephemeral;
  await ensemble.settle(client.create("/alive", Buffer.alloc(0), { mode }));
  // Longer than the session's time-out: its touches must reach the leader.
  await ensemble.world.runFor(20_000);
  assert.ok(
    await ensemble.settle(writer.exists("/alive")),
    "The session behind the observer expired",
  );

  const master = ensemble.member(masterOf(ensemble, observer!));
  master.kill();
  await ensemble.settle(writer.create("/while-it-was-away"));
  await ensemble.world.runUntil(
    () => observer!.isServing && masterOf(ensemble, observer!) !== master.sid,
  );
  await ensemble.settle(client.sync("/"));
  assert.ok(await ensemble.settle(client.exists("/while-it-was-away")));
  assert.ok(await ensemble.settle(writer.exists("/alive")), "The session was not revalidated");
  master.start();
  await ensemble.untilServing(5);
  await ensemble.settle(writer.create("/for-all"));
  await ensemble.untilEven();
  const digests = new Set(ensemble.members.map((member) => member.tree!.digest.toBigInt()));
  assert.equal(digests.size, 1);
});

test("An observer that a snapshot brings to a follower's tree goes on from there", async () => {
  const config = { ...CONFIG, forceSnapshotSync: "true" };
  const ensemble = new Ensemble({ seed: 23, observers: 1, config: { ...CONFIG, ...config } });
  const observer = ensemble.member(4);
  for (const member of ensemble.members) if (member !== observer) member.start();
  await ensemble.untilServing(3);
  const writer = ensemble.client("writer", { sid: ensemble.leader!.sid });
  await ensemble.settle(
    Promise.all(
      Array.from({ length: 50 }, (_, i) => writer.create(`/n${i}`, Buffer.alloc(10_000))),
    ),
  );
  observer.start();
  const more = Array.from({ length: 50 }, (_, i) => writer.create(`/during-${i}`));
  await ensemble.settle(Promise.all(more));
  await ensemble.untilServing(4);
  await ensemble.settle(writer.create("/after"));
  await ensemble.untilEven();
  assert.equal(
    ensemble.world.logBook.matching(/^Getting a snapshot from leader/, observer.name).length,
    1,
  );
  assert.equal(observer.tree!.digest.toBigInt(), ensemble.leader!.tree!.digest.toBigInt());
});

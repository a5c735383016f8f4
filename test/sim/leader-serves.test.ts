import assert from "node:assert/strict";
import { test } from "node:test";
import { CreateMode } from "../../src/cli/client/create-mode.js";
import { Ensemble } from "./ensemble.js";

test("A leader that takes no clients (leaderServes=no) leads all the same, and expires sessions", async () => {
  const ensemble = new Ensemble({ seed: 11, config: { leaderServes: "no" } });
  ensemble.startAll();
  await ensemble.untilServing(3);
  const leader = ensemble.leader!;
  const [here, there] = ensemble.followers;
  const doomed = ensemble.client("doomed", { sid: here!.sid, sessionTimeoutMs: 4000 });
  const mode = CreateMode.ephemeral;
  await ensemble.settle(doomed.create("/of-the-doomed", Buffer.alloc(0), { mode }));
  const turnedAway = ensemble.client("turned-away", { sid: leader.sid });
  let isConnected = false;
  turnedAway.untilConnected().then(
    () => {
      isConnected = true;
    },
    () => {},
  );
  ensemble.clientMachine("doomed").node.powerOff();
  await ensemble.world.runFor(20_000);
  assert.equal(isConnected, false, "The leader has taken a client");
  const witness = ensemble.client("witness", { sid: there!.sid });
  assert.equal(await ensemble.settle(witness.exists("/of-the-doomed")), null);
  assert.equal(ensemble.leader, leader);
});

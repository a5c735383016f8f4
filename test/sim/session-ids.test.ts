// Found by seed 1016: a machine's wall clock went back while its server was down, and the server gave out an id again.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Ensemble } from "./ensemble.js";

test("A session id is given out once, however far a machine's wall clock goes back", async () => {
  const ensemble = new Ensemble({ seed: 1016 });
  ensemble.startAll();
  await ensemble.untilServing(3);
  const member = ensemble.member(2);
  let last = 0n;
  for (const backMs of [1, 1000, 3_600_000, 2 ** 40]) {
    const client = ensemble.client(`c${backMs}`, { sid: member.sid });
    await ensemble.settle(client.sync("/"));
    const id = client.sessionId;
    assert.ok(id > last, `${id} after ${last}`);
    last = id;
    // A closed session is in no tree: nothing but the server's own memory knows of its id.
    await ensemble.settle(client.close());
    member.powerOff("lost");
    member.node.time.stepWall(-backMs);
    member.start();
    await ensemble.untilServing(3);
  }
});

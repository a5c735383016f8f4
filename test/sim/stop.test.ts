// Found by seed 2011: a leader that was stopped applied what it had logged and not committed, while clients were connected.

import assert from "node:assert/strict";
import { ELECTION_PORT, QUORUM_PORT } from "./ensemble.js";
import { scenario } from "./scenarios/stage.js";

for (const role of ["leader", "follower"] as const) {
  scenario(`A ${role} that is stopped shows nobody what is not committed`, {}, async (stage) => {
    const { ensemble } = stage;
    ensemble.startAll();
    await ensemble.untilServing(3);
    const leader = ensemble.leader!;
    const [member, other] = ensemble.followers;
    const stopped = role === "leader" ? leader : member!;
    const watching = ensemble.client("watching", { sid: stopped.sid });
    const writing = ensemble.client("writing", { sid: leader.sid });
    const told: string[] = [];
    await ensemble.settle(watching.exists("/x", (event) => void told.push(String(event.path))));
    await ensemble.settle(writing.sync("/"));
    // Proposals go out, and no acknowledgement comes back: logged on all sides, committed on none.
    const followers = [member!.name, other!.name];
    for (const port of [QUORUM_PORT, ELECTION_PORT]) {
      ensemble.world.network.addRule({ from: followers, to: leader.name, port }, { block: true });
    }
    void writing.create("/x").catch(() => undefined);
    await ensemble.world.runFor(100);
    const stop = stopped.stop();
    await ensemble.settle(stop);
    await ensemble.world.runFor(1000);
    assert.deepEqual(
      told.filter((path) => path === "/x"),
      [],
    );
    ensemble.world.network.healAll();
  });
}

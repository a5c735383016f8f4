// How a learner finds its leader, and a leader its learners; on the simulated network.

import assert from "node:assert/strict";
import { each, LearnerWorld, packet } from "./learner-world.js";

each("A learner finds a leader that begins to listen between its tries", async (seed) => {
  const world = new LearnerWorld(seed);
  world.leader.start();
  const call = world.connect("leader");
  await world.sim.runFor(250);
  assert.equal(call.done, false);
  world.leader.kill();
  world.listen("leader");
  await world.until(() => call.side !== undefined);
  const early =
    /^Not listening yet, tries=0, remaining init limit=\d+, connecting to leader\/10\.0\.0\.1:2888$/;
  assert.equal(world.lines(early, "learner"), 1);
  assert.equal(
    world.lines(
      /^Successfully connected to leader, using address: leader\/10\.0\.0\.1:2888$/,
      "learner",
    ),
    1,
  );
});

each(
  "A learner tries at once again, then ten times a second, and gives up after a second",
  async (seed) => {
    const world = new LearnerWorld(seed);
    world.leader.start();
    const call = world.connect("leader");
    const startMs = world.sim.nowMs;
    await world.until(() => call.done);
    const tookMs = world.sim.nowMs - startMs;
    assert.ok(tookMs >= 1000 && tookMs < 1200, `It took ${tookMs} ms`);
    assert.equal(call.error?.message, "Failed connect to leader/10.0.0.1:2888");
    assert.equal(world.lines(/^Not listening yet, tries=/, "learner"), 5);
    assert.equal(world.lines(/^Unexpected exception, tries=/, "learner"), 9);
    assert.equal(world.lines(/^Unexpected exception, retries exceeded\. tries=14,/, "learner"), 1);
  },
);

each("A learner gives up when its time is up", async (seed) => {
  const world = new LearnerWorld(seed);
  world.leader.start();
  world.sim.network.addRule({ to: "leader" }, { ignoreAttempts: true });
  const call = world.connect("leader");
  const startMs = world.sim.nowMs;
  await world.until(() => call.done);
  assert.ok(world.sim.nowMs - startMs < 20_500);
  assert.equal(
    world.lines(/^Unexpected exception, connectToLeader exceeded\. tries=0,/, "learner"),
    1,
  );
});

each("A learner takes the leader's address that answers, and only one", async (seed) => {
  const world = new LearnerWorld(seed);
  world.listen("leader");
  await world.until(() => world.isReady);
  const call = world.connect("10.0.0.77", "nowhere", "leader");
  await world.until(() => call.side !== undefined, 2000);
  await world.sim.runFor(30_000);
  assert.equal(world.accepted.length, 1);
});

each("A call that is cancelled is never answered", async (seed) => {
  const world = new LearnerWorld(seed);
  world.listen("leader");
  await world.until(() => world.isReady);
  const call = world.connect("leader");
  await world.until(() => call.cancel !== undefined);
  call.cancel?.();
  await world.sim.runFor(30_000);
  assert.equal(call.done, false);
});

each("A leader that can bind none of its addresses says so; one is enough", async (seed) => {
  const none = new LearnerWorld(seed);
  none.listen("10.0.0.42");
  await none.until(() => none.failure !== undefined);
  assert.equal(
    none.failure?.message,
    "Leader failed to initialize any of the following sockets: [/10.0.0.42:2888]",
  );
  assert.equal(none.lines(/^Couldn't bind to \/10\.0\.0\.42:2888$/, "leader"), 1);
  const one = new LearnerWorld(seed);
  one.listen("10.0.0.42", "leader");
  await one.until(() => one.isReady);
});

each("A door that is closed keeps its links and takes no more", async (seed) => {
  const world = new LearnerWorld(seed);
  const [learner, leader] = await world.pair();
  learner.link.send(packet(11));
  await world.until(() => leader.packets.length === 1);
  let isClosed = false;
  world.door.close(() => {
    isClosed = true;
  });
  await world.until(() => isClosed);
  const late = world.connect("leader");
  learner.link.send(packet(3));
  await world.until(() => leader.packets.length === 2 && late.done);
  assert.ok(late.error !== undefined);
});

each("A door that is closed while it opens leaves its port to the next", async (seed) => {
  const world = new LearnerWorld(seed);
  world.listen("leader");
  let isClosed = false;
  await world.until(() => world.door !== undefined);
  world.door.close(() => {
    isClosed = true;
  });
  assert.equal(isClosed, false, "not during the call");
  await world.until(() => isClosed);
  assert.equal(world.isReady, false);
  world.listen("leader");
  await world.until(() => world.isReady);
});

// Election links on the simulated network: who keeps which connection, and what is sent on it.

import assert from "node:assert/strict";
import type { Connection } from "../../src/platform/platform.js";
import { Caller, ElectionWorld, each, framed, introductionOf, spec } from "./election-world.js";

each("A message reaches a larger and a smaller id", async (seed) => {
  const world = ElectionWorld.of(seed, 1, 2);
  await world.startAll();
  world.get(1).say(2, "up");
  await world.until(() => world.get(2).heard("1: up"));
  world.get(2).say(1, "down");
  await world.until(() => world.get(1).heard("2: down"));
});

each("Five servers that all call each other end with one connection a pair", async (seed) => {
  const world = ElectionWorld.of(seed, 1, 2, 3, 4, 5);
  await world.startAll();
  const servers = [...world.servers.values()];
  const others = (sid: number) => servers.filter((one) => one.sid !== sid);
  for (const from of servers) for (const to of others(from.sid)) from.say(to.sid, "vote");
  const hasAll = () =>
    servers.every((one) => others(one.sid).every(({ sid }) => one.heard(`${sid}: vote`)));
  await world.until(hasAll);
  await world.sim.runFor(1000);
  // The larger id's call stays: whoever is connected to the election port of another has the larger id.
  for (const one of servers) {
    for (const { sid } of others(one.sid))
      assert.ok(one.isConnectedTo(sid), `${one.sid} to ${sid}`);
    assert.ok(one.links.delivered);
    one.received = [];
    for (const { sid } of others(one.sid)) one.say(sid, "again");
  }
  await world.until(() => servers.every((one) => one.received.length === others(one.sid).length));
});

each("The smaller id hangs up and is called back", async (seed) => {
  const world = ElectionWorld.of(seed, 1, 2);
  await world.startAll();
  world.get(1).say(2, "up");
  await world.until(() => world.get(2).heard("1: up"));
  assert.equal(
    world.lines(
      /^Have smaller server identifier, so dropping the connection: \(myId:1 --> sid:2\)$/,
      1,
    ),
    1,
  );
  assert.equal(world.lines(/^Received connection request from \/10\.0\.0\.1:/, 2), 1);
  assert.equal(world.lines(/^Received connection request from \/10\.0\.0\.2:/, 1), 1);
});

each("Only the latest message waits for a server that is away", async (seed) => {
  const world = ElectionWorld.of(seed, 1, 2);
  world.get(2).start();
  await world.until(() => world.get(2).isListening);
  for (const text of ["old", "older", "latest"]) world.get(2).say(1, text);
  assert.equal(world.get(2).links.delivered, false);
  await world.until(() => world.lines(/^Cannot open channel to 1 at election address /, 2) > 0);
  world.get(1).start();
  await world.until(() => world.get(1).isListening);
  world.get(2).links.connectAll();
  await world.until(() => world.get(1).received.length > 0);
  await world.sim.runFor(1000);
  assert.deepEqual(world.get(1).received, ["2: latest"]);
  assert.equal(world.get(2).links.delivered, true);
});

each("What was sent last is sent again on a new connection", async (seed) => {
  const world = ElectionWorld.of(seed, 1, 2);
  await world.startAll();
  world.get(2).say(1, "vote");
  await world.until(() => world.get(1).heard("2: vote"));
  world.get(1).node.kill();
  world.get(1).start();
  await world.until(() => world.get(1).isListening);
  world.get(1).say(2, "I am back");
  await world.until(() => world.get(1).heard("2: vote") && world.get(2).heard("1: I am back"));
});

each("A connection request with our own id is refused", async (seed) => {
  const world = ElectionWorld.of(seed, 1, 2);
  await world.startAll();
  const caller = new Caller(world.sim.addNode("stranger").start(), "zoo2", introductionOf(2));
  await world.until(() => caller.isClosed);
  assert.equal(world.lines(/^We got a connection request from a server with our own ID/, 2), 1);
});

each(
  "A server that is not in the configuration is heard, and called back where it says it is",
  async (seed) => {
    const world = ElectionWorld.of(seed, 2, 3);
    const newer = [1, 2, 3, 4].map((sid) => spec(sid, `zoo${sid}`));
    const larger = world.add(4);
    const smaller = world.add(1);
    for (const server of [larger, smaller]) server.ownSpecs = newer;
    await world.startAll();
    larger.say(3, "I am new");
    smaller.say(3, "so am I");
    await world.until(() => world.get(3).heard("4: I am new") && world.get(3).heard("1: so am I"));
    world.get(3).say(4, "welcome");
    world.get(3).say(1, "welcome");
    await world.until(() => larger.heard("3: welcome") && smaller.heard("3: welcome"));

    const other = world.sim.addNode("zoo0");
    let answer = "";
    const platform = other.start((own) => {
      const accept = (connection: Connection) =>
        connection.start({
          onData: (chunk) => {
            answer += chunk.toString("latin1");
          },
          onDrain: () => {},
          onEnd: () => {},
          onClose: () => {},
        });
      own.network.listen({ host: undefined, port: 4000, backlog: -1 }, accept, () => {});
    });
    await world.sim.runFor(10);
    const caller = new Caller(platform, "zoo3", introductionOf(0, 4000));
    await world.until(() => caller.isClosed);
    await world.until(() => answer.includes("zoo3:3888"));
    world.get(3).say(0, "hello, zero");
    await world.until(() => answer.includes("hello, zero"));
  },
);

each("Messages that follow the introduction of 3.4 in the same piece are read", async (seed) => {
  const world = ElectionWorld.of(seed, 1, 5);
  world.get(1).start();
  await world.until(() => world.get(1).isListening);
  const sid = Buffer.alloc(8);
  sid.writeBigInt64BE(5n, 0);
  new Caller(
    world.sim.addNode("old").start(),
    "zoo1",
    Buffer.concat([sid, framed("a"), framed("b")]),
  );
  await world.until(() => world.get(1).heard("5: b"));
  assert.deepEqual(world.get(1).received, ["5: a", "5: b"]);
});

each("Links that are closed call nobody, hear nobody and leave the port", async (seed) => {
  const world = ElectionWorld.of(seed, 1, 2);
  await world.startAll();
  world.get(1).say(2, "vote");
  await world.until(() => world.get(2).heard("1: vote"));
  let isClosed = false;
  world.get(2).links.close(() => {
    isClosed = true;
  });
  await world.until(() => isClosed && !world.get(1).isConnectedTo(2));
  world.get(2).say(1, "from the other side");
  world.get(1).say(2, "are you there?");
  await world.until(() => world.lines(/^Cannot open channel to 2/, 1) > 0);
  assert.deepEqual(world.get(1).received, []);
});

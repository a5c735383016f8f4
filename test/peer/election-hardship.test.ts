// Election links where something is wrong: with a peer, with a name, with what is sent, with our own port.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ExitCode, FatalError } from "../../src/errors.js";
import { UNIDENTIFIED_CONNECTIONS_MAX } from "../../src/limits.js";
import {
  Caller,
  ELECTION_PORT,
  ElectionWorld,
  each,
  framed,
  introductionOf,
  MALFORMED,
  spec,
} from "./election-world.js";

each(
  "A server that was switched off without a word is connected again when it is back",
  async (seed) => {
    for (const gone of [1, 2]) {
      const world = ElectionWorld.of(seed, 1, 2);
      await world.startAll();
      const stays = world.get(gone === 1 ? 2 : 1);
      stays.say(gone, "vote");
      await world.until(() => world.get(gone).received.length === 1);
      world.get(gone).node.powerOff();
      world.get(gone).start();
      await world.until(() => world.get(gone).isListening);
      world.get(gone).say(stays.sid, "new life");
      await world.until(() => stays.heard(`${gone}: new life`));
      stays.say(gone, "heard you");
      await world.until(() => world.get(gone).heard(`${stays.sid}: heard you`));
    }
  },
);

each("[R95] Rolling restarts in descending order leave every pair connected", async (seed) => {
  const world = ElectionWorld.of(seed, 1, 2, 3);
  await world.startAll();
  const pairs = [1, 2, 3].flatMap((a) =>
    [1, 2, 3].filter((b) => b !== a).map((b) => [a, b] as const),
  );
  for (const [a, b] of pairs) world.get(a).say(b, "first");
  for (const sid of [3, 2, 1]) {
    world.get(sid).node.kill();
    world.get(sid).start();
    await world.until(() => world.get(sid).isListening);
    for (const other of [1, 2, 3]) if (other !== sid) world.get(sid).say(other, "restarted");
    await world.until(() => pairs.every(([a, b]) => world.get(a).isConnectedTo(b)));
  }
});

each(
  "[R95] A peer that does not answer and one that cannot be resolved delay nobody",
  async (seed) => {
    const world = ElectionWorld.of(seed, 1, 2, 3, 4, 5);
    world.specs = world.specs.map((one) => (one.sid === 4 ? spec(4, "nowhere") : one));
    world.sim.network.addRule({ to: "zoo5" }, { ignoreAttempts: true });
    for (const sid of [1, 2, 3]) world.get(sid).start();
    await world.until(() => [1, 2, 3].every((sid) => world.get(sid).isListening));
    const startedMs = world.sim.nowMs;
    for (const to of [5, 4, 3, 2]) world.get(1).say(to, "vote");
    await world.until(() => world.get(2).heard("1: vote") && world.get(3).heard("1: vote"));
    assert.ok(world.sim.nowMs - startedMs < 100, "nothing waited for a time-out");
    assert.equal(world.get(1).links.delivered, true, "somebody's queue is empty");
    await world.until(
      () =>
        world.lines(/^Cannot open channel to 5 at election address zoo5\/10\.0\.0\.5:3888$/, 1) > 0,
    );
    assert.equal(
      world.lines(/^Cannot open channel to 4 at election address nowhere\/<unresolved>:3888$/, 1),
      1,
    );
    world.sim.network.healAll();
  },
);

each(
  "[R95] A server that comes back is reached at once, though a call to its old life still waits",
  async (seed) => {
    const world = ElectionWorld.of(seed, 1, 2);
    world.get(2).start();
    await world.until(() => world.get(2).isListening);
    const silence = world.sim.network.addRule({ to: "zoo1" }, { ignoreAttempts: true });
    world.get(2).say(1, "vote");
    await world.sim.runFor(500);
    silence.heal();
    world.get(1).start();
    await world.until(() => world.get(1).isListening);
    const backMs = world.sim.nowMs;
    world.get(1).say(2, "hello");
    await world.until(() => world.get(2).heard("1: hello"));
    assert.ok(world.sim.nowMs - backMs < 300);
    await world.sim.runFor(10_000);
    assert.equal(world.lines(/^Received connection request from /, 1), 1, "the old call is over");
    assert.equal(world.lines(/^Cannot open channel/, 2), 0);
  },
);

each(
  "A name is asked for again at each attempt; while it cannot be resolved its last address counts",
  async (seed) => {
    const world = ElectionWorld.of(seed, 1, 2);
    world.specs = [spec(1, "first"), spec(2, "zoo2")];
    world.sim.network.setName("first", ["10.0.0.99"]);
    world.get(2).start();
    await world.until(() => world.get(2).isListening);
    world.get(2).say(1, "vote");
    await world.until(
      () => world.lines(/^Cannot open channel to 1 at election address first\/10\.0\.0\.99/, 2) > 0,
    );
    world.sim.network.setName("first", ["10.0.0.1"]);
    world.get(1).start();
    await world.until(() => world.get(1).isListening);
    world.get(2).links.connectAll();
    await world.until(() => world.get(1).heard("2: vote"));
    world.sim.network.setName("first", []);
    world.get(1).node.kill();
    await world.until(() => !world.get(2).isConnectedTo(1));
    world.specs = [spec(1, "zoo1"), spec(2, "zoo2")];
    world.get(1).start();
    await world.until(() => world.get(1).isListening);
    world.specs = [spec(1, "first"), spec(2, "zoo2")];
    world.get(2).say(1, "again");
    await world.until(() => world.get(1).heard("2: again"));
  },
);

each("The second address of a server is tried when the first is silent", async (seed) => {
  const world = ElectionWorld.of(seed, 1, 2);
  world.specs = [spec(1, "zoo1"), spec(2, "zoo2")];
  await world.startAll();
  world.specs = [spec(1, "10.0.0.77", "zoo1"), spec(2, "zoo2")];
  world.get(2).say(1, "vote");
  await world.until(() => world.get(1).heard("2: vote"), 4000);
});

each("[R95] Nonsense costs its own connection, and nothing else", async (seed) => {
  const world = ElectionWorld.of(seed, 1, 2);
  await world.startAll();
  world.get(2).say(1, "vote");
  await world.until(() => world.get(1).heard("2: vote"));
  const stranger = world.sim.addNode("stranger").start();
  const hello = introductionOf(9);
  const nonsense = [
    Buffer.from("GET / HTTP/1.1\r\n\r\n"),
    Buffer.alloc(100, 0xff),
    Buffer.concat([hello, Buffer.alloc(4)]),
    Buffer.concat([hello, Buffer.from("7fffffff", "hex")]),
    Buffer.concat([hello, Buffer.from("ffffffff", "hex")]),
    Buffer.concat([hello, framed(MALFORMED), framed("not read any more")]),
  ];
  for (const bytes of nonsense) {
    const caller = new Caller(stranger, "zoo1", bytes);
    await world.until(() => caller.isClosed);
  }
  assert.equal(
    world.lines(/^Closing connection to .*: Received packet with invalid packet: 2147483647$/, 1),
    1,
  );
  assert.deepEqual(world.get(1).received, ["2: vote"]);
  world.get(2).say(1, "still here");
  await world.until(() => world.get(1).heard("2: still here"));
  assert.equal(
    world.lines(/^Received connection request from \/10\.0\.0\.2:/, 1),
    1,
    "the first connection",
  );
});

each("A caller that does not say who it is has its time", async (seed) => {
  const world = ElectionWorld.of(seed, 1);
  world.get(1).start();
  await world.until(() => world.get(1).isListening);
  const caller = new Caller(world.sim.addNode("silent").start(), "zoo1", Buffer.alloc(3));
  await world.until(() => caller.isClosed, 11_000);
  assert.equal(world.lines(/has not said who it is in 10000 ms$/, 1), 1);
});

test("Callers that do not say who they are are limited in number, and keep no server out", async () => {
  const world = ElectionWorld.of(1, 1, 2);
  world.get(1).start();
  await world.until(() => world.get(1).isListening);
  const stranger = world.sim.addNode("crowd").start();
  const crowd = Array.from(
    { length: UNIDENTIFIED_CONNECTIONS_MAX + 10 },
    () => new Caller(stranger, "zoo1", Buffer.alloc(0)),
  );
  const closed = () => crowd.filter(({ isClosed }) => isClosed).length;
  await world.until(() => closed() === 10);
  // Another one of them has to go for it.
  world.get(2).start();
  await world.until(() => world.get(2).isListening);
  world.get(2).say(1, "vote");
  await world.until(() => world.get(1).heard("2: vote"), 2000);
  await world.until(() => closed() === 11);
  await world.until(() => crowd.every(({ isClosed }) => isClosed), 12_000);
});

each(
  "An election port that is taken is tried again, and given up after electionPortBindRetry times",
  async (seed) => {
    const world = ElectionWorld.of(seed, 1);
    const server = world.get(1);
    world.specs = [spec(1, "10.0.0.42")]; // not an address of this machine
    server.start();
    await world.until(() => server.failure !== undefined);
    assert.ok(server.failure instanceof FatalError);
    assert.equal(server.failure.exitCode, ExitCode.unableToBindQuorumPort);
    assert.equal(world.lines(/^Exception while listening to address \/10\.0\.0\.42:3888$/, 1), 3);
    assert.equal(
      world.lines(
        /^Leaving listener thread for address 10\.0\.0\.42:3888 after 3 errors\. Use zookeeper\.electionPortBindRetry property to increase retry count\.$/,
        1,
      ),
      1,
    );
  },
);

each("With electionPortBindRetry 0 a name may appear long after the start", async (seed) => {
  const world = ElectionWorld.of(seed, 1);
  world.specs = [spec(1, "later")];
  world.get(1).start({ electionPortBindRetry: 0 });
  await world.sim.runFor(20_000);
  assert.equal(world.get(1).isListening, false);
  world.sim.network.setName("later", ["10.0.0.1"]);
  await world.until(() => world.get(1).isListening, 2000);
});

each("One address of several that cannot be bound does not matter", async (seed) => {
  const world = ElectionWorld.of(seed, 1, 2);
  world.specs = [spec(1, "10.0.0.42", "zoo1"), spec(2, "zoo2")];
  await world.startAll();
  assert.equal(world.get(1).failure, undefined);
  world.get(2).say(1, "vote");
  await world.until(() => world.get(1).heard("2: vote"), 10_000);
});

each(
  "A smaller id that calls is not believed to be connected while it cannot be called back",
  async (seed) => {
    const world = ElectionWorld.of(seed, 1, 2);
    await world.startAll();
    world.get(2).say(1, "vote");
    await world.until(() => world.get(1).heard("2: vote"));
    world.get(1).node.powerOff();
    world.get(1).start();
    await world.until(() => world.get(1).isListening);
    const silence = world.sim.network.addRule(
      { to: "zoo1", port: ELECTION_PORT },
      { refuse: true },
    );
    world.get(1).say(2, "hello");
    await world.until(() => world.lines(/^Cannot open channel to 1/, 2) > 0);
    assert.equal(world.get(2).isConnectedTo(1), false);
    silence.heal();
    world.get(2).links.connectAll();
    await world.until(() => world.get(2).heard("1: hello") && world.get(1).heard("2: vote"));
  },
);

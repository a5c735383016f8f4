// Election links on the simulated network: who keeps which connection, and who waits for whom.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ExitCode, FatalError } from "../../src/errors.js";
import { UNIDENTIFIED_CONNECTIONS_MAX } from "../../src/limits.js";
import { encodeIntroduction } from "../../src/peer/election-handshake.js";
import type { Connection, Platform } from "../../src/platform/platform.js";
import type { Sid } from "../../src/wire/ids.js";
import { ELECTION_PORT, ElectionWorld, MALFORMED, spec } from "./election-world.js";

const SEEDS = [1, 2, 3];

function each(name: string, run: (seed: number) => Promise<void>): void {
  for (const seed of SEEDS) test(`${name} (seed ${seed})`, () => run(seed));
}

/** A caller that says and hears bytes. */
class Caller {
  connection: Connection | undefined;
  received = Buffer.alloc(0);
  isClosed = false;

  constructor(platform: Platform, host: string, bytes: Buffer) {
    platform.network.connect(
      { host, port: ELECTION_PORT },
      { timeoutMs: 1000 },
      (_e, connection) => {
        this.connection = connection;
        connection?.start({
          onData: (chunk) => {
            this.received = Buffer.concat([this.received, chunk]);
          },
          onDrain: () => {},
          onEnd: () => connection.end(),
          onClose: () => {
            this.isClosed = true;
          },
        });
        connection?.write(bytes);
      },
    );
  }
}

function framed(text: string): Buffer {
  const bytes = Buffer.alloc(4 + text.length);
  bytes.writeInt32BE(text.length, 0);
  bytes.write(text, 4);
  return bytes;
}

function introductionOf(sid: number, port = ELECTION_PORT): Buffer {
  return encodeIntroduction(sid as Sid, [{ host: `zoo${sid}`, port }], false);
}

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

test("Callers that do not say who they are are limited in number, and keep no server out once their time is up", async () => {
  const world = ElectionWorld.of(1, 1, 2);
  await world.startAll();
  const stranger = world.sim.addNode("crowd").start();
  const crowd = Array.from(
    { length: UNIDENTIFIED_CONNECTIONS_MAX + 10 },
    () => new Caller(stranger, "zoo1", Buffer.alloc(0)),
  );
  await world.until(() => crowd.filter(({ isClosed }) => isClosed).length === 10);
  await world.until(() => crowd.every(({ isClosed }) => isClosed), 12_000);
  world.get(2).say(1, "vote");
  await world.until(() => world.get(1).heard("2: vote"));
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

// What the simulated network can do to a connection.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { NetworkError } from "../../../src/platform/platform.js";
import { Peer } from "../../platform/peer.js";
import type { Rule } from "./fabric.js";
import type { SimNode } from "./node.js";
import { SimPlatform } from "./sim-platform.js";

const PORT = 2888;

interface Scene {
  readonly world: SimPlatform;
  readonly a: SimNode;
  readonly b: SimNode;
  /** On a, which connected. */
  readonly client: Peer;
  /** On b, which listens. */
  readonly server: Peer;
}

function listenOn(node: SimNode, accepted: (peer: Peer) => void): void {
  node.platform.network.listen(
    { host: undefined, port: PORT, backlog: -1 },
    (connection) => accepted(new Peer(connection)),
    (error) => assert.equal(error, undefined),
  );
}

function connectFrom(
  node: SimNode,
  host: string,
  timeoutMs: number,
): Promise<Peer | NetworkError | undefined> {
  return new Promise((resolve) => {
    node.platform.network.connect({ host, port: PORT }, { timeoutMs }, (error, connection) => {
      resolve(connection === undefined ? error : new Peer(connection));
    });
  });
}

async function openScene(seed = 1): Promise<Scene> {
  const world = new SimPlatform({ seed });
  const [a, b] = [world.addNode("a"), world.addNode("b")];
  a.start();
  b.start();
  const accepting = new Promise<Peer>((resolve) => listenOn(b, resolve));
  const client = await world.runUntilSettled(connectFrom(a, "b", 1000));
  assert.ok(client instanceof Peer);
  return { world, a, b, client, server: await world.runUntilSettled(accepting) };
}

function text(peer: Peer): string {
  return peer.received.toString();
}

test("a partition holds bytes back, and healing lets them through in order", async () => {
  const { world, client, server } = await openScene();
  const rule = world.network.partition(["a"], ["b"]);
  client.connection.write(Buffer.from("one "));
  await world.runFor(5000);
  client.connection.write(Buffer.from("two"));
  await world.runFor(5000);
  assert.equal(text(server), "");
  assert.equal(client.count("close") + server.count("close"), 0);
  rule.heal();
  await world.runUntil(() => text(server) === "one two");
});

test("a partition that lasts ends the connection of whoever sends, and nobody else's", async () => {
  const { world, client, server } = await openScene();
  world.network.partition(["a"], ["b"]);
  client.connection.write(Buffer.from("anybody there?"));
  await world.runUntil(() => client.count("close") > 0, 200_000);
  assert.equal(client.closeError?.code, "ETIMEDOUT");
  assert.equal(server.count("close"), 0, "half open: the silent side believes in it still");
  world.network.healAll();
  server.connection.write(Buffer.from("still there?"));
  await world.runUntil(() => server.count("close") > 0);
  assert.equal(server.closeError?.code, "ECONNRESET");
});

test("a one-way partition lets the other direction through", async () => {
  const { world, client, server } = await openScene();
  world.network.addRule({ from: "a", to: "b" }, { block: true });
  server.connection.write(Buffer.from("downhill"));
  client.connection.write(Buffer.from("uphill"));
  await world.runUntil(() => text(client) === "downhill");
  await world.runFor(1000);
  assert.equal(text(server), "");
});

test("a blocked way back makes the sender wait when the kernels are full", async () => {
  const { world, client, server } = await openScene();
  const rule = world.network.addRule({ from: "b", to: "a" }, { block: true });
  const flood = Buffer.alloc(300_000, "x");
  client.connection.write(flood);
  await world.runFor(5000);
  assert.equal(server.received.length, 128 * 1024);
  assert.equal(client.connection.unsentBytes, flood.length - 128 * 1024);
  rule.heal();
  await world.runUntil(() => server.received.length === flood.length);
  await world.runUntil(() => client.count("drain") === 1);
});

test("a rule for one port leaves the others alone", async () => {
  const { world, client, server } = await openScene();
  world.network.partition(["a"], ["b"], 3888);
  client.connection.write(Buffer.from("through"));
  await world.runUntil(() => text(server) === "through");
});

test("delayMs slows one direction", async () => {
  const { world, client, server } = await openScene();
  world.network.addRule({ from: "a", to: "b" }, { delayMs: [500, 500] });
  const sentMs = world.nowMs;
  client.connection.write(Buffer.from("slow"));
  await world.runUntil(() => text(server) === "slow");
  assert.ok(world.nowMs - sentMs >= 500);
});

const ATTEMPTS: readonly [what: string, code: string, set: (world: SimPlatform) => Rule][] = [
  [
    "refuse",
    "ECONNREFUSED",
    (world) => world.network.addRule({ to: "b", port: PORT }, { refuse: true }),
  ],
  [
    "ignoreAttempts (a full accept queue)",
    "ETIMEDOUT",
    (world) => world.network.addRule({ to: "b" }, { ignoreAttempts: true }),
  ],
  ["a partition", "ETIMEDOUT", (world) => world.network.partition(["a"], ["b"])],
];

for (const [what, code, set] of ATTEMPTS) {
  test(`${what} ends an attempt with ${code}, and leaves what is connected`, async () => {
    const { world, a, client, server } = await openScene();
    const rule = set(world);
    const attempt = await world.runUntilSettled(connectFrom(a, "b", 2000));
    assert.equal((attempt as NetworkError).code, code);
    rule.heal();
    client.connection.write(Buffer.from("fine"));
    await world.runUntil(() => text(server) === "fine");
  });
}

test("a killed process closes its connections, and its port refuses", async () => {
  const { world, a, b, client } = await openScene();
  b.kill();
  await world.runUntil(() => client.count("end") > 0);
  const attempt = await world.runUntilSettled(connectFrom(a, "b", 2000));
  assert.equal((attempt as NetworkError).code, "ECONNREFUSED");
});

test("a machine without power is silent; switched on again it resets what it does not know", async () => {
  const { world, a, b, client } = await openScene();
  b.powerOff();
  client.connection.write(Buffer.from("into the dark"));
  const attempt = await world.runUntilSettled(connectFrom(a, "b", 3000));
  assert.equal((attempt as NetworkError).code, "ETIMEDOUT");
  assert.equal(client.count("close"), 0);
  b.start();
  await world.runUntil(() => client.count("close") > 0);
  assert.equal(client.closeError?.code, "ECONNRESET");
});

test("a process that stands still takes no more than its kernel does", async () => {
  const { world, b, client, server } = await openScene();
  b.pause(10_000);
  client.connection.write(Buffer.alloc(300_000));
  await world.runFor(5000);
  assert.equal(server.received.length, 0);
  assert.ok(client.connection.unsentBytes > 0);
  await world.runUntil(() => server.received.length === 300_000);
});

test("bytes come cut and joined otherwise than they were written", async () => {
  const sizes = new Set<number>();
  for (let seed = 1; seed <= 10; seed++) {
    const { world, client, server } = await openScene(seed);
    server.whenData = (chunk) => sizes.add(chunk.length);
    for (let i = 0; i < 10; i++) client.connection.write(Buffer.alloc(100));
    await world.runUntil(() => server.received.length === 1000);
  }
  assert.ok([...sizes].some((size) => size < 100));
  assert.ok([...sizes].some((size) => size > 100));
});

test("a chunk that is kept without copying is spoilt", async () => {
  const { world, client, server } = await openScene();
  let kept: Buffer = Buffer.alloc(0);
  server.whenData = (chunk) => {
    kept = chunk;
  };
  client.connection.write(Buffer.from("x"));
  await world.runUntil(() => text(server) === "x");
  assert.notEqual(kept.toString(), "x");
});

test("setName() changes what a name leads to, and takes it away", async () => {
  const { world, a } = await openScene();
  const resolve = (): Promise<string[]> =>
    new Promise((done) => {
      a.platform.network.resolve("zoo", (error, addresses) =>
        done(error === undefined ? addresses : [error.code]),
      );
    });
  world.network.setName("zoo", ["10.0.0.2", "10.0.0.9"]);
  assert.deepEqual(await world.runUntilSettled(resolve()), ["10.0.0.2", "10.0.0.9"]);
  world.network.setName("zoo", []);
  assert.deepEqual(await world.runUntilSettled(resolve()), ["ENOTFOUND"]);
});

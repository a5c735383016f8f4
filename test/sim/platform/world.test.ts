// The simulated world as a whole: one seed, one history; processes, clocks and turns.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Platform } from "../../../src/platform/platform.js";
import { SimPlatform } from "./sim-platform.js";

/** Traffic of every kind between three machines, with faults: what happens is in the hash. */
async function busyRun(seed: number): Promise<{ hash: string; steps: number; log: string }> {
  const world = new SimPlatform({ seed });
  const nodes = ["a", "b", "c"].map((name) => world.addNode(name));
  const serve = (platform: Platform): void => {
    platform.network.listen(
      { host: undefined, port: 2888, backlog: -1 },
      (connection) =>
        connection.start({
          onData: (chunk) => connection.write(Buffer.from(chunk)),
          onDrain() {},
          onEnd: () => connection.end(),
          onClose: (error) => platform.log.info(`lost ${connection.remoteAddress} ${error?.code}`),
        }),
      () => {},
    );
  };
  const write = async (platform: Platform): Promise<void> => {
    await platform.disk.makeDirectories("/data");
    const file = await platform.disk.openForWriting(
      `/data/${platform.random.integer(1e9)}`,
      "create",
    );
    for (let i = 0; i < 20; i++) {
      file.write(i * 100, Buffer.alloc(100, i), () => {});
      file.sync((error) => platform.log.info(`synced ${i} ${error?.code}`));
    }
  };
  const talk = (platform: Platform, host: string): void => {
    platform.network.connect({ host, port: 2888 }, { timeoutMs: 500 }, (error, connection) => {
      platform.log.info(`connected to ${host}: ${error?.code}`);
      connection?.start({
        onData: (chunk) => platform.log.info(`got ${chunk.length}`),
        onDrain() {},
        onEnd() {},
        onClose: (lost) => platform.log.info(`closed ${lost?.code}`),
      });
      for (let i = 0; i < 20; i++) connection?.write(Buffer.alloc(1000, i));
    });
  };
  for (const node of nodes) {
    node.start((platform) => {
      serve(platform);
      void write(platform);
      for (const other of nodes) platform.clock.setTimer(10, () => talk(platform, other.name));
    });
  }
  await world.runFor(15);
  world.network.partition(["a"], ["b", "c"]);
  nodes[1]?.pause(20);
  await world.runFor(50);
  nodes[2]?.powerOff();
  world.network.healAll();
  await world.runFor(1000);
  return { hash: world.hash, steps: world.scheduler.steps, log: world.logBook.text() };
}

test("a run gives the same history for the same seed, to the last event", async () => {
  const [first, second] = [await busyRun(42), await busyRun(42)];
  assert.ok(first.steps > 200, `${first.steps} events`);
  assert.ok(first.log.split("\n").length > 80);
  assert.equal(first.log, second.log);
  assert.deepEqual(first, second);
});

test("a run gives another history for another seed", async () => {
  assert.notEqual((await busyRun(1)).hash, (await busyRun(2)).hash);
});

test("what arrives while a process is busy is handled in one turn", async () => {
  const world = new SimPlatform({ seed: 1 });
  const platform = world.addNode("a").start();
  await world.runFor(1);
  const order: string[] = [];
  for (const delayMs of [1, 2, 3]) {
    platform.clock.setTimer(delayMs, () => {
      order.push("event");
      platform.clock.atTurnEnd(() => order.push("end"));
    });
  }
  world.nodes[0]?.pause(50);
  await world.runFor(40);
  assert.deepEqual(order, []);
  await world.runFor(40);
  assert.deepEqual(order, ["event", "event", "event", "end", "end", "end"]);
});

test("a killed process does nothing more, and its promises stay open", async () => {
  const world = new SimPlatform({ seed: 1 });
  const node = world.addNode("a");
  const platform = node.start();
  let isOver = false;
  platform.clock.setTimer(5, () => {
    isOver = true;
  });
  void platform.disk.makeDirectories("/data").then(() => {
    isOver = true;
  });
  node.kill();
  platform.clock.setTimer(1, () => {
    isOver = true;
  });
  await world.runFor(100);
  assert.equal(isOver, false);
  assert.throws(() => node.platform, /no process runs/);
  let isStarted = false;
  node.start(() => {
    isStarted = true;
  });
  await world.runUntil(() => isStarted);
});

test("an exception in a callback ends its process and fails the run", async () => {
  const world = new SimPlatform({ seed: 1 });
  const node = world.addNode("a");
  node.start(() => {
    throw new Error("a bug");
  });
  await assert.rejects(world.runFor(10), /a bug/);
  assert.equal(node.isRunning, false);
});

test("runUntil() tells seed, time and the last lines when it waits in vain", async () => {
  const world = new SimPlatform({ seed: 77 });
  world.addNode("a").start((platform) => platform.log.info("the last thing that happened"));
  const waiting = world.runUntil(() => false, 50);
  await assert.rejects(waiting, /seed 77.*\n.*the last thing that happened/);
});

test("stepWall() moves the wall clock only, setRate() both clocks", async () => {
  const world = new SimPlatform({ seed: 1, timerLatenessMs: [0, 0] });
  const node = world.addNode("a");
  const { clock } = node.start();
  const before = { wall: clock.wallMs(), monotonic: clock.monotonicMs() };
  node.time.stepWall(-3_600_000);
  assert.equal(clock.wallMs(), before.wall - 3_600_000);
  assert.equal(clock.monotonicMs(), before.monotonic);
  node.time.setRate(2);
  await world.runFor(100);
  assert.equal(clock.monotonicMs(), before.monotonic + 200);
  assert.equal(clock.wallMs(), before.wall - 3_600_000 + 200);
  let firedMs = 0;
  clock.setTimer(100, () => {
    firedMs = world.nowMs;
  });
  const setMs = world.nowMs;
  await world.runUntil(() => firedMs > 0);
  assert.ok(firedMs - setMs < 60, "100 ms of a clock that runs twice as fast");
});

test("a machine's randomness does not depend on what others draw", () => {
  const draw = (before: number): number => {
    const world = new SimPlatform({ seed: 5 });
    const [a, b] = [world.addNode("a").start(), world.addNode("b").start()];
    for (let i = 0; i < before; i++) a.random.integer(100);
    return b.random.integer(2 ** 32);
  };
  assert.equal(draw(0), draw(10));
});

// What waits for all learners of a server together.

import assert from "node:assert/strict";
import { test } from "node:test";
import { SharedQueues } from "../../src/strangers/shared-queues.js";
import { LearnerWorld, packet } from "./learner-world.js";

class Queue {
  readonly told: string[] = [];
  giveUp(why: string): void {
    this.told.push(why);
  }
}

test("When too much waits for all learners, the one with the longest queue is given up", () => {
  const queues = new SharedQueues(1000);
  const [one, two, three] = [new Queue(), new Queue(), new Queue()];
  queues.report(one, 400);
  queues.report(two, 500);
  queues.report(three, 100);
  assert.deepEqual([...one.told, ...two.told, ...three.told], []);
  queues.report(three, 101);
  assert.deepEqual(two.told, ["500 bytes wait to be sent, most of 1001 to all: at most 1000 may"]);
  queues.report(two, 0);
  queues.report(one, 899);
  queues.report(one, 300);
  queues.report(three, 700);
  assert.deepEqual([...one.told, ...three.told], []);
});

test("A leader's links share what may wait: who takes nothing goes, and the others are served", async () => {
  const world = new LearnerWorld(1, { queues: new SharedQueues(4.5 * 1024 * 1024) });
  const [, first] = await world.pair();
  const call = world.connect("leader");
  await world.until(() => call.side !== undefined);
  call.side!.link.send(packet(11));
  await world.until(() => world.accepted[1]?.packets.length === 1);
  const second = world.accepted[1]!;
  const large = packet(2, Buffer.alloc(1024 * 1024));
  // Packets behind a snapshot wait until it has been sent.
  first.link.beginRaw();
  second.link.beginRaw();
  for (let i = 0; i < 3; i++) first.link.send(large);
  second.link.send(large);
  await world.sim.runFor(1);
  assert.deepEqual([first.why, second.why], [undefined, undefined]);
  second.link.send(large);
  await world.until(() => first.why !== undefined);
  assert.match(first.why!, /most of 5\d* to all:/);
  // What waited there waits no longer.
  second.link.send(large);
  await world.sim.runFor(1);
  assert.equal(second.why, undefined);
});

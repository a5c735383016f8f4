// What crosses a link between leader and learner, and what closes it; on the simulated network.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ProtocolError } from "../../src/errors.js";
import { LINK_QUEUE_MAX_BYTES, LINK_WRITE_MAX_BYTES } from "../../src/limits.js";
import {
  each,
  encoded,
  FIRST_PACKET_MS,
  LearnerWorld,
  PORT,
  packet,
  type Side,
  STALL_MS,
} from "./learner-world.js";

each("Packets cross in both directions, in order", async (seed) => {
  const world = new LearnerWorld(seed);
  const [learner, leader] = await world.pair();
  learner.link.send(packet(11, "info"));
  await world.until(() => leader.packets.length === 1);
  for (let type = 0; type < 300; type++) {
    if (type % 3 === 0) leader.link.sendEncoded(encoded(packet(type, "x".repeat(type * 10))));
    else leader.link.send(packet(type, "x".repeat(type * 10)));
    learner.link.send(packet(type));
  }
  await world.until(() => leader.packets.length === 301 && learner.packets.length === 300);
  const expected = Array.from({ length: 300 }, (_, type) => type);
  assert.deepEqual(learner.types, expected);
  assert.deepEqual(leader.types, [11, ...expected]);
  assert.equal(learner.packets[299]?.data?.toString(), "x".repeat(2990));
  assert.match(leader.link.remoteAddress, /^\/10\.0\.0\.2:\d+$/);
});

each(
  "The end of a chunk is told after its packets, also when one of them closes the link",
  async (seed) => {
    const world = new LearnerWorld(seed);
    const [learner, leader] = await world.pair();
    learner.link.send(packet(11, "info"));
    await world.until(() => leader.packets.length === 1);
    leader.whenReceived = ({ type }) => {
      const seen = leader.chunkEnds.at(-1)!;
      assert.ok(seen < leader.packets.length, "its own chunk has not ended");
      if (type === 7) throw new ProtocolError("no such packet");
    };
    for (const type of [5, 6, 7, 8]) learner.link.send(packet(type));
    await world.until(() => leader.why !== undefined);
    assert.equal(leader.why, "no such packet");
    assert.deepEqual(leader.types, [11, 5, 6, 7]);
    assert.equal(leader.chunkEnds.at(-1), 4);
  },
);

/** Feeds slices as the leader's snapshot sender does: no faster than they are taken. */
function stream(side: Side, slices: readonly Buffer[], maxBytes: number): void {
  let next = 0;
  let mostUnsent = 0;
  side.link.beginRaw();
  const goOn = () => {
    while (next < slices.length && side.link.unsentBytes < maxBytes) {
      side.link.sendRaw(Buffer.from(slices[next++]!));
      mostUnsent = Math.max(mostUnsent, side.link.unsentBytes);
    }
    if (next < slices.length) return;
    side.whenDrained = undefined;
    assert.ok(mostUnsent < maxBytes + 200_000);
    side.link.endRaw();
  };
  side.whenDrained = goOn;
  goOn();
}

each(
  "A raw stream comes between the packets before it and after it, and those sent meanwhile wait",
  async (seed) => {
    const world = new LearnerWorld(seed);
    const [learner, leader] = await world.pair();
    learner.link.send(packet(11));
    await world.until(() => leader.packets.length === 1);
    const slices = Array.from({ length: 40 }, (_, i) => Buffer.alloc(100_000 + i, i));
    const whole = Buffer.concat(slices);
    const received: Buffer[] = [];
    let left = whole.length;
    learner.whenReceived = (one) => {
      if (one.type !== 15) return;
      learner.link.readRaw((chunk) => {
        const taken = Math.min(left, chunk.length);
        received.push(Buffer.from(chunk.subarray(0, taken)));
        left -= taken;
        return left > 0 ? -1 : taken;
      });
    };
    leader.link.send(packet(15));
    stream(leader, slices, 500_000);
    leader.link.send(packet(2, "proposed meanwhile"));
    await world.until(() => left < whole.length / 2);
    leader.link.send(packet(4));
    assert.deepEqual(learner.types, [15]);
    await world.until(() => learner.packets.length === 3);
    leader.link.send(packet(10));
    await world.until(() => learner.packets.length === 4);
    assert.deepEqual(learner.types, [15, 2, 4, 10]);
    assert.ok(Buffer.concat(received).equals(whole));
    assert.ok(leader.drains > 5, "it was paced");
  },
);

each("A link that is paused hands nothing on, and everything later", async (seed) => {
  const world = new LearnerWorld(seed);
  const [learner, leader] = await world.pair();
  learner.whenReceived = ({ type }) => {
    if (type === 3) learner.link.pause();
  };
  for (let type = 0; type < 2000; type++) leader.link.send(packet(type, "x".repeat(100)));
  await world.until(() => learner.packets.length === 4);
  await world.sim.runFor(1000);
  assert.deepEqual(learner.types, [0, 1, 2, 3]);
  learner.link.resume();
  assert.equal(learner.packets.length, 4, "not during the call");
  await world.until(() => learner.packets.length === 2000);
  assert.deepEqual(
    learner.types,
    Array.from({ length: 2000 }, (_, type) => type),
  );
});

each("A raw stream can be paused too, at its beginning and within", async (seed) => {
  const world = new LearnerWorld(seed);
  const [learner, leader] = await world.pair();
  const whole = Buffer.alloc(500_000, 7);
  const received: Buffer[] = [];
  let left = whole.length;
  learner.whenReceived = ({ type }) => {
    if (type !== 15) return;
    learner.link.readRaw((chunk) => {
      const taken = Math.min(left, chunk.length);
      received.push(Buffer.from(chunk.subarray(0, taken)));
      left -= taken;
      learner.link.pause();
      return left > 0 ? -1 : taken;
    });
    learner.link.pause();
    learner.link.resume();
  };
  leader.link.send(packet(15));
  leader.link.beginRaw();
  leader.link.sendRaw(Buffer.from(whole));
  leader.link.endRaw();
  leader.link.send(packet(10));
  while (left > 0) {
    const before = left;
    await world.until(() => left < before);
    await world.sim.runFor(10);
    learner.link.resume();
  }
  await world.until(() => learner.packets.length === 2);
  assert.deepEqual(learner.types, [15, 10]);
  assert.ok(Buffer.concat(received).equals(whole));
});

each("Nonsense closes the link that it came on, and no other", async (seed) => {
  const world = new LearnerWorld(seed);
  const [learner, leader] = await world.pair();
  const stranger = world.sim.addNode("stranger").start();
  stranger.network.connect(
    { host: "leader", port: PORT },
    { timeoutMs: 1000 },
    (_e, connection) => {
      connection?.start({ onData() {}, onDrain() {}, onEnd() {}, onClose() {} });
      connection?.write(Buffer.alloc(100, 0x7f));
    },
  );
  await world.until(() => world.accepted[1]?.why !== undefined);
  assert.match(world.accepted[1]!.why!, /^Unreasonable length = 2139062143$/);
  learner.link.send(packet(3));
  await world.until(() => leader.packets.length === 1);
});

each(
  "A learner that does not say who it is has its time; one that has is left alone",
  async (seed) => {
    const world = new LearnerWorld(seed);
    const [learner, leader] = await world.pair();
    const silent = world.connect("leader");
    learner.link.send(packet(11));
    await world.until(() => world.accepted[1]?.why !== undefined, FIRST_PACKET_MS + 1000);
    assert.equal(world.accepted[1]!.why, `It has not said who it is in ${FIRST_PACKET_MS} ms`);
    await world.until(() => silent.side?.why !== undefined);
    assert.equal(leader.why, undefined);
  },
);

each(
  "[R150] A link whose other side takes nothing for stallMs is closed, whatever waits",
  async (seed) => {
    const world = new LearnerWorld(seed);
    const [learner, leader] = await world.pair();
    learner.link.pause();
    const startMs = world.sim.nowMs;
    for (let i = 0; i < 20; i++) leader.link.send(packet(2, Buffer.alloc(100_000)));
    await world.until(() => leader.why !== undefined, STALL_MS * 2 + 1000);
    assert.match(leader.why!, /^The other side has taken nothing for 10000 ms: \d+ bytes wait$/);
    assert.ok(world.sim.nowMs - startMs >= STALL_MS);
  },
);

each("[R150] A link whose other side is slow and takes something is kept", async (seed) => {
  const world = new LearnerWorld(seed);
  const [learner, leader] = await world.pair();
  world.sim.network.addRule({ from: "leader" }, { delayMs: [2000, 3000] });
  for (let i = 0; i < 20; i++) leader.link.send(packet(2, Buffer.alloc(LINK_WRITE_MAX_BYTES)));
  await world.until(() => learner.packets.length === 20, 10 * 60_000);
  assert.equal(leader.why, undefined);
  assert.ok(world.sim.nowMs > 2 * STALL_MS, "it took longer than a stall may");
});

each("A link with nothing to send is never taken for stalled", async (seed) => {
  const world = new LearnerWorld(seed);
  const [learner, leader] = await world.pair();
  world.sim.network.partition(["leader"], ["learner"]);
  await world.sim.runFor(STALL_MS * 5);
  assert.deepEqual([leader.why, learner.why], [undefined, undefined]);
});

test("A link for which more waits than LINK_QUEUE_MAX_BYTES is closed", async () => {
  const world = new LearnerWorld(1);
  const [, leader] = await world.pair();
  leader.link.beginRaw();
  const large = packet(2, Buffer.alloc(16 * 1024 * 1024));
  for (let bytes = 0; bytes <= LINK_QUEUE_MAX_BYTES; bytes += 16 * 1024 * 1024) {
    leader.link.send(large);
    await world.sim.runFor(1);
  }
  await world.until(() => leader.why !== undefined);
  assert.match(leader.why!, /bytes wait to be sent: at most 536870912 may/);
});

each("A side that closes is told, and so is the other", async (seed) => {
  const world = new LearnerWorld(seed);
  const [learner, leader] = await world.pair();
  learner.link.send(packet(11));
  await world.until(() => leader.packets.length === 1);
  leader.link.close("resigned");
  assert.equal(leader.why, undefined, "not during the call");
  leader.link.send(packet(1));
  assert.equal(leader.link.unsentBytes, Number.POSITIVE_INFINITY, "nothing is taken any more");
  await world.until(() => leader.why !== undefined && learner.why !== undefined);
  assert.equal(leader.why, "resigned");
});

each("A side that ends is heard out", async (seed) => {
  const world = new LearnerWorld(seed);
  const [learner, leader] = await world.pair();
  for (let type = 0; type < 50; type++) leader.link.send(packet(type, Buffer.alloc(10_000)));
  leader.link.end("refused");
  await world.until(() => learner.why !== undefined);
  assert.equal(learner.packets.length, 50);
});

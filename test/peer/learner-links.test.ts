// Links between leader and learner on the simulated network.

import assert from "node:assert/strict";
import { test } from "node:test";
import { LINK_QUEUE_MAX_BYTES, LINK_WRITE_MAX_BYTES } from "../../src/limits.js";
import {
  connectToLeader,
  type LearnerDoor,
  listenForLearners,
} from "../../src/peer/learner-links.js";
import { encodePacket, type PacketLink } from "../../src/peer/packet-link.js";
import type { Platform } from "../../src/platform/platform.js";
import type { Zxid } from "../../src/wire/ids.js";
import type { QuorumPacket } from "../../src/wire/records.js";
import type { SimNode } from "../sim/platform/node.js";
import { SimPlatform } from "../sim/platform/sim-platform.js";

const PORT = 2888;
const STALL_MS = 10_000;
const LINK = { stallMs: STALL_MS, packetMaxBytes: 2 * 1024 * 1024 };
const FIRST_PACKET_MS = 20_000;
const SEEDS = [1, 2, 3];

function each(name: string, run: (seed: number) => Promise<void>): void {
  for (const seed of SEEDS) test(`${name} (seed ${seed})`, () => run(seed));
}

function packet(type: number, data: string | Buffer | null = null): QuorumPacket {
  const bytes = typeof data === "string" ? Buffer.from(data) : data;
  return { type, zxid: type as Zxid, data: bytes, authinfo: null };
}

/** One side of a link, and what it was told. */
class Side {
  readonly link: PacketLink;
  readonly packets: QuorumPacket[] = [];
  why: string | undefined;
  drains = 0;
  whenReceived: ((packet: QuorumPacket) => void) | undefined;

  constructor(link: PacketLink) {
    this.link = link;
    link.start({
      received: (one) => {
        this.packets.push(one);
        this.whenReceived?.(one);
      },
      drained: () => {
        this.drains++;
        this.whenDrained?.();
      },
      closed: (why) => {
        assert.equal(this.why, undefined, "told once");
        this.why = why;
      },
    });
  }

  whenDrained: (() => void) | undefined;

  get types(): number[] {
    return this.packets.map(({ type }) => type);
  }
}

class World {
  readonly sim: SimPlatform;
  readonly leader: SimNode;
  readonly learner: SimNode;
  door!: LearnerDoor;
  accepted: Side[] = [];
  isReady = false;
  failure: Error | undefined;

  constructor(seed: number) {
    this.sim = new SimPlatform({ seed });
    this.leader = this.sim.addNode("leader");
    this.learner = this.sim.addNode("learner");
  }

  listen(...hosts: string[]): void {
    this.leader.start((platform) => {
      this.door = listenForLearners({
        platform,
        addresses: hosts.map((host) => ({ host, port: PORT })),
        quorumListenOnAllIPs: false,
        link: LINK,
        firstPacketMs: FIRST_PACKET_MS,
        accept: (link) => this.accepted.push(new Side(link)),
        ready: (error) => {
          this.isReady = error === undefined;
          this.failure = error;
        },
      });
    });
  }

  connect(...hosts: string[]): {
    done: boolean;
    side: Side | undefined;
    error: Error | undefined;
    cancel?: () => void;
  } {
    const call: ReturnType<World["connect"]> = { done: false, side: undefined, error: undefined };
    const begin = (platform: Platform) => {
      const attempt = connectToLeader({
        platform,
        addresses: hosts.map((host) => ({ host, port: PORT })),
        link: LINK,
        timeoutMs: 20_000,
        retryDelayMs: 100,
        done: (error, link) => {
          call.done = true;
          call.error = error;
          if (link !== undefined) call.side = new Side(link);
        },
      });
      call.cancel = () => attempt.cancel();
    };
    if (this.learner.isRunning) begin(this.learner.platform);
    else this.learner.start(begin);
    return call;
  }

  /** The learner's side and the leader's; the learner has said who it is. */
  async pair(): Promise<[Side, Side]> {
    this.listen("leader");
    await this.until(() => this.isReady);
    const call = this.connect("leader");
    await this.until(() => call.side !== undefined && this.accepted.length === 1);
    const [learner, leader] = [call.side!, this.accepted[0]!];
    learner.link.send(packet(11));
    await this.until(() => leader.packets.length === 1);
    leader.packets.length = 0;
    return [learner, leader];
  }

  until(isDone: () => boolean, limitMs?: number): Promise<void> {
    return this.sim.runUntil(isDone, limitMs);
  }

  lines(pattern: RegExp, node: string): number {
    return this.sim.logBook.matching(pattern, node).length;
  }
}

each("Packets cross in both directions, in order", async (seed) => {
  const world = new World(seed);
  const [learner, leader] = await world.pair();
  learner.link.send(packet(11, "info"));
  await world.until(() => leader.packets.length === 1);
  for (let type = 0; type < 300; type++) {
    if (type % 3 === 0) leader.link.sendEncoded(encodePacket(packet(type, "x".repeat(type * 10))));
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
    const world = new World(seed);
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
  const world = new World(seed);
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

each("Nonsense closes the link that it came on, and no other", async (seed) => {
  const world = new World(seed);
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
    const world = new World(seed);
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
    const world = new World(seed);
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
  const world = new World(seed);
  const [learner, leader] = await world.pair();
  world.sim.network.addRule({ from: "leader" }, { delayMs: [2000, 3000] });
  for (let i = 0; i < 20; i++) leader.link.send(packet(2, Buffer.alloc(LINK_WRITE_MAX_BYTES)));
  await world.until(() => learner.packets.length === 20, 10 * 60_000);
  assert.equal(leader.why, undefined);
  assert.ok(world.sim.nowMs > 2 * STALL_MS, "it took longer than a stall may");
});

each("A link with nothing to send is never taken for stalled", async (seed) => {
  const world = new World(seed);
  const [learner, leader] = await world.pair();
  world.sim.network.partition(["leader"], ["learner"]);
  await world.sim.runFor(STALL_MS * 5);
  assert.deepEqual([leader.why, learner.why], [undefined, undefined]);
});

test("A link for which more waits than LINK_QUEUE_MAX_BYTES is closed", async () => {
  const world = new World(1);
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
  const world = new World(seed);
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
  const world = new World(seed);
  const [learner, leader] = await world.pair();
  for (let type = 0; type < 50; type++) leader.link.send(packet(type, Buffer.alloc(10_000)));
  leader.link.end("refused");
  await world.until(() => learner.why !== undefined);
  assert.equal(learner.packets.length, 50);
});

each("A learner finds a leader that begins to listen between its tries", async (seed) => {
  const world = new World(seed);
  world.leader.start();
  const call = world.connect("leader");
  await world.sim.runFor(250);
  assert.equal(call.done, false);
  world.leader.kill();
  world.listen("leader");
  await world.until(() => call.side !== undefined);
  const line =
    /^Unexpected exception, tries=0, remaining init limit=\d+, connecting to leader\/10\.0\.0\.1:2888$/;
  assert.equal(world.lines(line, "learner"), 1);
  assert.equal(
    world.lines(
      /^Successfully connected to leader, using address: leader\/10\.0\.0\.1:2888$/,
      "learner",
    ),
    1,
  );
});

each("A learner gives up after five tries", async (seed) => {
  const world = new World(seed);
  world.leader.start();
  const call = world.connect("leader");
  await world.until(() => call.done);
  assert.equal(call.error?.message, "Failed connect to leader/10.0.0.1:2888");
  assert.equal(world.lines(/^Unexpected exception, tries=/, "learner"), 4);
  assert.equal(world.lines(/^Unexpected exception, retries exceeded\. tries=4,/, "learner"), 1);
});

each("A learner gives up when its time is up", async (seed) => {
  const world = new World(seed);
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
  const world = new World(seed);
  world.listen("leader");
  await world.until(() => world.isReady);
  const call = world.connect("10.0.0.77", "nowhere", "leader");
  await world.until(() => call.side !== undefined, 2000);
  await world.sim.runFor(30_000);
  assert.equal(world.accepted.length, 1);
});

each("A call that is cancelled is never answered", async (seed) => {
  const world = new World(seed);
  world.listen("leader");
  await world.until(() => world.isReady);
  const call = world.connect("leader");
  await world.until(() => call.cancel !== undefined);
  call.cancel?.();
  await world.sim.runFor(30_000);
  assert.equal(call.done, false);
});

each("A leader that can bind none of its addresses says so; one is enough", async (seed) => {
  const none = new World(seed);
  none.listen("10.0.0.42");
  await none.until(() => none.failure !== undefined);
  assert.equal(
    none.failure?.message,
    "Leader failed to initialize any of the following sockets: [/10.0.0.42:2888]",
  );
  assert.equal(none.lines(/^Couldn't bind to \/10\.0\.0\.42:2888$/, "leader"), 1);
  const one = new World(seed);
  one.listen("10.0.0.42", "leader");
  await one.until(() => one.isReady);
});

each("A door that is closed keeps its links and takes no more", async (seed) => {
  const world = new World(seed);
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

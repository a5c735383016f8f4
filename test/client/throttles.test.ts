import assert from "node:assert/strict";
import { test } from "node:test";
import { BlueThrottle } from "../../src/client/blue-throttle.js";
import { CONNECTION_TURN_FRAMES, TURN_FRAMES } from "../../src/limits.js";
import { OpCode } from "../../src/wire/op-codes.js";
import { answer, connectFrame, PING, requestFrame, SETTINGS, TestDoor } from "./helper.js";

const CREATE = (xid: number) => requestFrame(xid, OpCode.create, Buffer.from([xid]));

test("BlueThrottle lets everybody in without tokens", () => {
  const throttle = new BlueThrottle(SETTINGS, 0);
  for (let count = 0; count < 1000; count++) assert.equal(throttle.admit("global", 0, 0), true);
});

test("BlueThrottle takes a token for each and gives them back with time", () => {
  const settings = {
    ...SETTINGS,
    connectionThrottleTokens: 2,
    connectionThrottleFillTimeMs: 10,
    connectionThrottleFillCount: 1,
  };
  const throttle = new BlueThrottle(settings, 0);
  const admits = (nowMs: number) => throttle.admit("global", nowMs, 0);
  assert.deepEqual([admits(0), admits(0), admits(0)], [true, true, false]);
  assert.equal(throttle.deficit, 2);
  assert.equal(admits(10), false, "the fill time must have passed, not just come");
  assert.equal(admits(11), true);
  assert.equal(admits(11), false);
  assert.deepEqual([admits(1e12), admits(1e12), admits(1e12)], [true, true, false], "long idle");
});

test("BlueThrottle weighs sessions, and tokens are meant for global ones", () => {
  const settings = {
    ...SETTINGS,
    connectionThrottleTokens: 2,
    connectionThrottleWeightEnabled: true,
  };
  const throttle = new BlueThrottle(settings, 0);
  assert.equal(throttle.admit("global", 0, 0), true);
  assert.equal(throttle.deficit, 3);
  assert.equal(throttle.admit("renew", 0, 0), true);
  assert.equal(throttle.admit("renew", 0, 0), false, "one token is left");
  assert.equal(throttle.admit("local", 0, 0), true);
  assert.equal(throttle.admit("local", 0, 0), false);
});

test("BlueThrottle mends weights as Java does", () => {
  const settings = {
    ...SETTINGS,
    connectionThrottleTokens: 1,
    connectionThrottleWeightEnabled: true,
    connectionThrottleGlobalSessionWeight: 1,
    connectionThrottleLocalSessionWeight: 5,
    connectionThrottleRenewSessionWeight: 0,
  };
  const throttle = new BlueThrottle(settings, 0);
  assert.equal(throttle.admit("global", 0, 0), true);
  assert.equal(throttle.deficit, 5, "global is at least local");
});

test("BlueThrottle raises its drop chance while the bucket is empty, and lowers it when it is full", () => {
  const settings = {
    ...SETTINGS,
    connectionThrottleTokens: 1,
    connectionThrottleFillTimeMs: 1_000_000,
    connectionThrottleFreezeTimeMs: 10,
    connectionThrottleDropIncrease: 0.5,
    connectionThrottleDropDecrease: 0.25,
  };
  const throttle = new BlueThrottle(settings, 0);
  assert.equal(throttle.admit("global", 0, 0), true);
  for (const [nowMs, chance] of [
    [10, 0],
    [11, 0.5],
    [20, 0.5],
    [22, 1],
    [33, 1],
  ] as const) {
    throttle.admit("global", nowMs, 0.999);
    assert.equal(throttle.dropChance, chance, `at ${nowMs}`);
  }
  assert.equal(
    throttle.admit("global", 2_000_000, 0.9),
    true,
    "full again: 0.75, and 0.9 is above",
  );
  assert.equal(throttle.dropChance, 0.75);
});

test("A handshake that the throttle refuses is closed without a word", async () => {
  const door = new TestDoor({ connectionThrottleTokens: 1, connectionThrottleFillTimeMs: 60_000 });
  await door.openSession();
  const client = door.connect();
  await client.send(connectFrame());
  assert.equal(client.connection.ending, "destroyed");
  assert.equal(client.received().length, 0);
  assert.equal(door.metrics.counters.connection_rejected.value, 1);
  assert.equal(door.metrics.counters.connection_request_count.value, 1);
});

const THROTTLED = { requestThrottleMaxRequests: 2 };

test("With request_throttle_max_requests, further requests wait in order of arrival", async () => {
  const door = new TestDoor(THROTTLED);
  const [first, second] = [await door.openSession(), await door.openSession()];
  await first.send(CREATE(1), CREATE(2), CREATE(3));
  await second.send(CREATE(4));
  await first.send(CREATE(5));
  const order = () => door.port.submitted.map(({ xid, body }) => `${xid}:${body[0]}`);
  assert.deepEqual(order(), ["1:1", "2:2"]);
  answer(door.port.submitted[0]!);
  door.clock.settle();
  assert.deepEqual(order(), ["1:1", "2:2", "3:3"]);
  for (const request of door.port.submitted.slice(1)) answer(request);
  door.clock.settle();
  assert.deepEqual(order(), ["1:1", "2:2", "3:3", "4:4", "5:5"]);
  assert.ok(door.metrics.counters.request_throttle_wait_count.value > 0);
});

test("A waiting request of a connection that is gone is dropped; the end of its session is not", async () => {
  const door = new TestDoor(THROTTLED);
  const [busy, gone] = [await door.openSession(), await door.openSession()];
  await busy.send(CREATE(1), CREATE(2));
  await gone.send(CREATE(3), requestFrame(4, OpCode.closeSession));
  gone.end();
  for (const request of door.port.submitted.slice()) answer(request);
  door.clock.settle();
  assert.deepEqual(
    door.port.submitted.map(({ xid }) => xid),
    [1, 2, 4],
  );
  assert.equal(door.metrics.counters.stale_requests_dropped.value, 1);
  assert.equal(door.door.inProcess, 0);
});

test("With request_stale_latency_check, a client that must have given up is dropped", async () => {
  const door = new TestDoor({ ...THROTTLED, requestStaleLatencyCheck: true });
  const [busy, slow] = [await door.openSession(), await door.openSession()];
  await busy.send(CREATE(1), CREATE(2));
  await slow.send(CREATE(3));
  door.clock.advance(9000);
  assert.equal(slow.isClosed, false);
  door.clock.advance(1200);
  assert.equal(slow.connection.ending, "ended", "the time-out is 10 s");
  assert.equal(door.port.submitted.length, 2);
});

test("A request that waited longer than throttled_op_wait_time is not carried out; a ping is", async () => {
  const door = new TestDoor({ ...THROTTLED, throttledOpWaitTimeMs: 500 });
  const client = await door.openSession();
  await client.send(CREATE(1), CREATE(2), CREATE(3), PING);
  door.clock.advance(501);
  for (const request of door.port.submitted.slice()) answer(request);
  door.clock.settle();
  assert.deepEqual(
    door.port.submitted.map(({ xid, isThrottled }) => [xid, isThrottled]),
    [
      [1, false],
      [2, false],
      [3, true],
      [-2, false],
    ],
  );
  assert.equal(door.metrics.counters.throttled_ops.value, 1);
});

test("A client with one request is answered in its turn, whatever others have sent", async () => {
  const door = new TestDoor();
  const greedy = await door.openSession();
  const another = await door.openSession();
  const modest = await door.openSession();
  const many = Buffer.concat(Array<Buffer>(4 * TURN_FRAMES).fill(PING));
  greedy.sendNow(many);
  another.sendNow(many);
  modest.sendNow(PING);
  door.clock.endTurn();
  door.clock.endTurn();
  assert.equal(modest.replies().length, 1);
  const first = greedy.replies().length;
  const second = another.replies().length;
  assert.ok(first >= TURN_FRAMES && first < 4 * TURN_FRAMES, `${first} of the first`);
  assert.ok(second >= CONNECTION_TURN_FRAMES && second < 4 * TURN_FRAMES, `${second} of the next`);
  // In each turn a newcomer is served, and nobody is forgotten.
  await modest.send(PING);
  assert.equal(modest.replies().length, 1);
  assert.equal(first + greedy.replies().length, 4 * TURN_FRAMES);
  assert.equal(second + another.replies().length, 4 * TURN_FRAMES);
});

/** A server whose answers take a second each, and which counts what it has answered. */
function slowDoor() {
  const door = new TestDoor();
  let count = 0;
  door.port.onSubmit = (request) => {
    door.clock.pass(1000);
    count++;
    answer(request, { nowMs: request.receivedMs });
  };
  return { door, answered: () => count };
}

test("Of requests that take long a connection gets one a turn, and each of the others one of its own", async () => {
  const { door, answered } = slowDoor();
  const clients = [await door.openSession(), await door.openSession(), await door.openSession()];
  const modest = await door.openSession();
  const many = Buffer.concat(Array<Buffer>(5).fill(requestFrame(1, OpCode.getEphemerals)));
  for (const client of clients) client.sendNow(many);
  assert.equal(answered(), 3, "one of each that was read");
  for (let turn = 1; turn <= 12; turn++) {
    modest.sendNow(PING);
    assert.equal(answered(), 3 + turn - 1);
    door.clock.endTurn();
    assert.equal(modest.replies().length, 1, "who asks for little is served in each turn");
  }
  door.clock.settle();
  assert.deepEqual(
    clients.map((client) => client.replies().length),
    [5, 5, 5],
  );
});

test("Requests that cost little are not looked at that closely", async () => {
  const { door, answered } = slowDoor();
  const client = await door.openSession();
  client.sendNow(Buffer.concat(Array<Buffer>(5).fill(requestFrame(1, OpCode.getData))));
  assert.equal(answered(), 5);
});

test("A connection that is put off by the server answers no more before its next turn", async () => {
  const door = new TestDoor();
  const client = await door.openSession();
  await client.send(requestFrame(1, OpCode.create));
  const { connection } = door.port.submitted[0]!;
  const drains = door.port.drains;
  connection.putOff();
  connection.putOff();
  assert.equal(connection.isBacklogged, true);
  door.clock.endTurn();
  assert.equal(connection.isBacklogged, false);
  assert.equal(door.port.drains, drains + 1);
});

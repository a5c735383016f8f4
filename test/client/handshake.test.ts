import assert from "node:assert/strict";
import { test } from "node:test";
import { passwordOf } from "../../src/session/session-id.js";
import type { SessionId } from "../../src/wire/ids.js";
import { connectFrame, readConnect, SETTINGS, TestDoor } from "./helper.js";

const ID = 0x100000000000001n as SessionId;

test("A new session is answered with its id, its password and the negotiated time-out", async () => {
  const door = new TestDoor();
  const client = door.connect();
  await client.send(connectFrame({ readOnly: false, timeoutMs: 10_000 }));
  const [bytes] = client.frames();
  assert.equal(bytes!.length, 37);
  assert.deepEqual(readConnect(bytes!), {
    protocolVersion: 0,
    timeOut: 10_000,
    sessionId: ID,
    passwd: passwordOf(ID),
    readOnly: false,
  });
  assert.equal(client.isClosed, false);
});

test("A client before 3.4 sends 44 bytes and is answered without readOnly", async () => {
  const door = new TestDoor();
  const client = door.connect();
  const request = connectFrame({ readOnly: undefined });
  assert.equal(request.length, 4 + 44);
  await client.send(request);
  const [bytes] = client.frames();
  assert.equal(bytes!.length, 36);
  assert.deepEqual(door.lines("warn"), [
    "Connection request from old client /127.0.0.1:50000; will be dropped if server is in r-o mode",
  ]);
});

for (const [asked, granted] of [
  [0, 4000],
  [-5, 4000],
  [4000, 4000],
  [12_345, 12_345],
  [2 ** 31 - 1, 40_000],
] as const) {
  test(`A time-out of ${asked} is negotiated to ${granted}`, async () => {
    const door = new TestDoor();
    const client = door.connect();
    await client.send(connectFrame({ readOnly: false, timeoutMs: asked }));
    assert.equal(readConnect(client.frames()[0]!).timeOut, granted);
  });
}

test("A renewal with the right password gets its session back, and its old connection is closed", async () => {
  const door = new TestDoor();
  const old = await door.openSession();
  const client = door.connect();
  await client.send(connectFrame({ readOnly: false, sessionId: ID }));
  assert.equal(readConnect(client.frames()[0]!).sessionId, ID);
  assert.equal(old.connection.ending, "destroyed");
  assert.deepEqual(
    door.port.closings.map(({ reason }) => reason),
    ["client_reconnect"],
  );
  assert.equal(door.door.connectionOf(ID)?.remotePort, client.connection.remotePort);
  assert.equal(door.metrics.counters.connection_revalidate_count.value, 1);
});

for (const [name, password] of [
  ["a wrong", Buffer.alloc(16)],
  ["a short", passwordOf(ID).subarray(0, 15)],
  ["an empty", Buffer.alloc(0)],
  ["no", null],
] as const) {
  test(`A renewal with ${name} password is told that it has expired, and as in Java its owner is let go`, async () => {
    const door = new TestDoor();
    const owner = await door.openSession();
    const client = door.connect();
    await client.send(connectFrame({ readOnly: false, sessionId: ID, password }));
    assert.deepEqual(readConnect(client.frames()[0]!), {
      protocolVersion: 0,
      timeOut: 0,
      sessionId: 0n,
      passwd: Buffer.alloc(16),
      readOnly: false,
    });
    assert.equal(client.connection.ending, "ended");
    assert.equal(owner.connection.ending, "destroyed");
    assert.equal(door.door.connectionOf(ID), undefined);
    assert.match(
      door.lines("warn").join(),
      /Incorrect password from \/127.0.0.1:50001 for session/,
    );
  });
}

test("A renewal of a session that has expired is told so, then closed", async () => {
  const door = new TestDoor();
  door.port.opening = "refused";
  const client = door.connect();
  await client.send(connectFrame({ readOnly: false, sessionId: ID }));
  const response = readConnect(client.frames()[0]!);
  assert.deepEqual([response.timeOut, response.sessionId], [0, 0n]);
  assert.equal(client.connection.ending, "ended");
  assert.deepEqual(door.lines("info").slice(-1), [
    "Invalid session 0x100000000000001 for client /127.0.0.1:50000, probably expired",
  ]);
});

test("A client that has seen a later zxid is closed without a word", async () => {
  const door = new TestDoor();
  door.port.zxid = 0x10;
  for (const [lastZxid, isRefused] of [
    [0x10n, false],
    [0x11n, true],
    [2n ** 63n - 1n, true],
    [-1n, false],
  ] as const) {
    const client = door.connect();
    await client.send(connectFrame({ readOnly: false, lastZxid }));
    assert.equal(client.isClosed, isRefused);
    assert.equal(client.received().length > 0, !isRefused);
  }
  assert.ok(
    door
      .lines("info")
      .includes(
        "Refusing session(0x0) request for client /127.0.0.1:50001 as it has seen zxid 0x11 our last zxid is 0x10 client must try another server",
      ),
  );
});

test("A read-only server takes only clients that are content with that, and says that it is one", async () => {
  const door = new TestDoor();
  door.port.readOnly = true;
  const writer = door.connect();
  await writer.send(connectFrame({ readOnly: false }));
  assert.equal(writer.connection.ending, "destroyed");
  const old = door.connect();
  await old.send(connectFrame({ readOnly: undefined }));
  assert.equal(old.connection.ending, "destroyed");
  const reader = door.connect();
  await reader.send(connectFrame({ readOnly: true }));
  assert.equal(readConnect(reader.frames()[0]!).readOnly, true);
});

test("A server that does not serve closes the connection at the first frame", async () => {
  const door = new TestDoor();
  door.port.takesClients = false;
  const client = door.connect();
  await client.send(connectFrame());
  assert.equal(client.connection.ending, "destroyed");
  assert.deepEqual(door.lines("warn"), ["Close of session 0x0: ZooKeeperServer not running"]);
});

test("A handshake is understood however it is cut", async () => {
  const bytes = connectFrame({ readOnly: true, timeoutMs: 9999 });
  for (let cut = 1; cut < bytes.length; cut++) {
    const door = new TestDoor();
    const client = door.connect();
    await client.send(bytes.subarray(0, cut), bytes.subarray(cut));
    assert.equal(readConnect(client.frames()[0]!).timeOut, 9999, `cut at ${cut}`);
  }
  const door = new TestDoor();
  const client = door.connect();
  await client.send(...Array.from(bytes, (byte) => Buffer.from([byte])));
  assert.equal(readConnect(client.frames()[0]!).timeOut, 9999, "byte by byte");
});

test("A handshake that is too short costs the connection", async () => {
  const whole = connectFrame({ readOnly: undefined });
  for (let length = 0; length < 44; length++) {
    const door = new TestDoor();
    const client = door.connect();
    const bytes = Buffer.from(whole.subarray(0, 4 + length));
    bytes.writeInt32BE(length, 0);
    await client.send(bytes);
    assert.equal(client.connection.ending, "destroyed", `length ${length}`);
    assert.equal(client.received().length, 0);
  }
});

test("A length above jute.maxbuffer or below zero costs the connection, with Java's line", async () => {
  for (const length of [SETTINGS.juteMaxBufferBytes + 1, -1, -(2 ** 31), 2 ** 31 - 1]) {
    const door = new TestDoor();
    const client = door.connect();
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(length, 0);
    await client.send(bytes);
    assert.equal(client.connection.ending, "destroyed");
    assert.deepEqual(door.lines("warn"), [
      `Close of session 0x0: Len error. A message from /127.0.0.1:50000 with advertised length of ${length} is either a malformed message or too large to process (length is greater than jute.maxbuffer=1048575)`,
    ]);
  }
});

test("Requests behind a handshake in the same chunk wait until the session is open", async () => {
  const door = new TestDoor();
  door.port.opening = "by hand";
  const client = door.connect();
  const { PING } = await import("./helper.js");
  await client.send(Buffer.concat([connectFrame(), PING, PING]));
  assert.equal(client.connection.isReading, false);
  assert.equal(client.received().length, 0);
  door.door.connectionOf(ID)!.sessionOpened();
  door.clock.settle();
  assert.equal(client.frames().length, 3);
  assert.equal(client.connection.isReading, true);
});

test("A connection without a session is closed after nio.sessionlessCnxnTimeout", async () => {
  const door = new TestDoor();
  const silent = door.connect();
  const slow = door.connect();
  door.clock.advance(10_500);
  await slow.send(Buffer.from([0]));
  assert.equal(door.door.connectionCount, 2);
  door.clock.advance(10_000);
  assert.equal(silent.isClosed, true);
  assert.equal(slow.isClosed, false, "it was heard of");
  door.clock.advance(20_000);
  assert.equal(slow.isClosed, true);
  assert.equal(door.metrics.counters.sessionless_connections_expired.value, 2);
});

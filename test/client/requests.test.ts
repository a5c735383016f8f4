import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { AuthSchemes } from "../../src/auth/schemes.js";
import {
  CLIENT_BACKLOG_MAX_BYTES,
  CLIENT_BACKLOG_PAUSE_BYTES,
  CLIENT_BACKLOGS_MAX_BYTES,
} from "../../src/limits.js";
import { EventType, WatchEvent } from "../../src/tree/watches.js";
import { ErrorCode } from "../../src/wire/error-codes.js";
import type { Zxid } from "../../src/wire/ids.js";
import { OpCode } from "../../src/wire/op-codes.js";
import {
  answer,
  authFrame,
  connectFrame,
  getDataFrame,
  PING,
  requestFrame,
  SETTINGS,
  type Submitted,
  TestDoor,
} from "./helper.js";

const CLOSE = requestFrame(9, OpCode.closeSession);

test("A ping is answered at once with its xid and the last zxid, and touches the session", async () => {
  const door = new TestDoor();
  const client = await door.openSession();
  door.port.zxid = 0x500000007;
  await client.send(PING);
  const [reply] = client.replies();
  assert.deepEqual(reply!.header, { xid: -2, zxid: 0x500000007, err: 0 });
  assert.equal(reply!.body.length, 0);
  assert.equal(door.port.touches, 1);
  assert.equal(door.port.submitted.length, 0);
});

test("A ping is answered with xid -2, whatever xid it has", async () => {
  const door = new TestDoor();
  const client = await door.openSession();
  await client.send(requestFrame(5, OpCode.ping), requestFrame(1, OpCode.create));
  await client.send(requestFrame(6, OpCode.ping));
  for (const request of door.port.submitted) answer(request);
  door.clock.settle();
  assert.deepEqual(
    client.replies().map(({ header }) => header.xid),
    [-2, 1, -2],
  );
});

test("A ping behind an unanswered request goes to the server, to be answered in its turn", async () => {
  const door = new TestDoor();
  const client = await door.openSession();
  await client.send(requestFrame(1, OpCode.create), PING);
  assert.deepEqual(
    door.port.submitted.map(({ type }) => type),
    [OpCode.create, OpCode.ping],
  );
  assert.equal(client.received().length, 0);
  for (const request of door.port.submitted) answer(request);
  door.clock.settle();
  assert.deepEqual(
    client.replies().map(({ header }) => header.xid),
    [1, -2],
  );
});

test("Requests reach the server in order with their bodies, however the stream is cut", async () => {
  const paths = ["/a", `/${"long".repeat(50)}`, "/", "/z"];
  const stream = Buffer.concat(paths.map((path, at) => getDataFrame(at + 1, path)));
  const seen = (door: TestDoor) =>
    door.port.submitted.map(({ xid, body }) => [xid, body.subarray(4, -1).toString()]);
  const whole = new TestDoor();
  await (await whole.openSession()).send(stream);
  const expected = seen(whole);
  assert.deepEqual(
    expected,
    paths.map((path, at) => [at + 1, path]),
  );
  for (let cut = 1; cut < stream.length; cut++) {
    const door = new TestDoor();
    await (await door.openSession()).send(stream.subarray(0, cut), stream.subarray(cut));
    assert.deepEqual(seen(door), expected, `cut at ${cut}`);
  }
  const door = new TestDoor();
  const bytes = Array.from(stream, (byte) => Buffer.from([byte]));
  await (await door.openSession()).send(...bytes);
  assert.deepEqual(seen(door), expected, "byte by byte");
});

test("All replies of a turn leave in one write", async () => {
  const door = new TestDoor();
  door.port.onSubmit = (request) => answer(request, { body: Buffer.from("body") });
  const client = await door.openSession();
  await client.send(Buffer.concat([1, 2, 3].map((xid) => getDataFrame(xid, "/a"))));
  assert.equal(client.connection.writes, 1);
  assert.deepEqual(
    client.replies().map(({ header, body }) => [header.xid, body.toString()]),
    [
      [1, "body"],
      [2, "body"],
      [3, "body"],
    ],
  );
});

test("A reply with an error has no body", async () => {
  const door = new TestDoor();
  door.port.onSubmit = (request) =>
    answer(request, { body: Buffer.from("half written"), error: ErrorCode.noNode, zxid: 7 });
  const client = await door.openSession();
  await client.send(getDataFrame(1, "/a"));
  const [reply] = client.replies();
  assert.deepEqual(reply!.header, { xid: 1, zxid: 7, err: -101 });
  assert.equal(reply!.body.length, 0);
});

test("The end of a session is answered, then the connection is closed", async () => {
  const door = new TestDoor();
  door.port.onSubmit = (request) => answer(request);
  const client = await door.openSession();
  await client.send(Buffer.concat([getDataFrame(8, "/a"), CLOSE, getDataFrame(10, "/a")]));
  assert.deepEqual(
    client.replies().map(({ header }) => header.xid),
    [8, 9],
  );
  assert.equal(client.connection.ending, "ended");
  assert.deepEqual(
    door.port.closings.map(({ reason }) => reason),
    ["client_closed_session"],
  );
  assert.equal(door.door.connectionCount, 0);
});

test("A request of an unknown type is answered with UNIMPLEMENTED, then the connection is closed", async () => {
  for (const type of [0, 10, OpCode.check, 23, 99, 108, -1, -12, 2 ** 31 - 1]) {
    const door = new TestDoor();
    const client = await door.openSession();
    await client.send(requestFrame(5, type));
    assert.deepEqual(
      client.replies().map(({ header }) => header),
      [{ xid: 5, zxid: -1, err: -6 }],
      `type ${type}`,
    );
    assert.equal(client.connection.ending, "ended");
    assert.equal(door.port.submitted.length, 0);
  }
});

test("A request that only servers make is answered in its turn with MARSHALLINGERROR", async () => {
  for (const type of [OpCode.createSession, OpCode.deleteContainer]) {
    const door = new TestDoor();
    const client = await door.openSession();
    await client.send(requestFrame(5, type, Buffer.from("/c")));
    assert.deepEqual(
      door.port.submitted.map(({ xid, error }) => [xid, error]),
      [[5, ErrorCode.marshallingError]],
    );
    assert.equal(client.isClosed, false);
  }
});

test("Requests of a session that is unknown or closing are dropped without an answer", async () => {
  const door = new TestDoor();
  const client = await door.openSession();
  door.port.isTouchable = false;
  await client.send(PING, getDataFrame(1, "/a"));
  assert.equal(client.received().length, 0);
  assert.equal(client.isClosed, false);
  assert.equal(door.port.submitted.length, 0);
});

test("A request that is shorter than its header costs the connection", async () => {
  for (let length = 0; length < 8; length++) {
    const door = new TestDoor();
    const client = await door.openSession();
    const bytes = Buffer.alloc(4 + length);
    bytes.writeInt32BE(length, 0);
    await client.send(bytes);
    assert.equal(client.connection.ending, "destroyed");
  }
});

// ------------------------------------------------------------------------------------------------------------- auth, sasl

test("An auth packet adds identities and is answered with zxid 0", async () => {
  const door = new TestDoor();
  const client = await door.openSession("10.1.2.3");
  const connection = door.door.connectionOf(0x100000000000001n as never)!;
  const before = connection.identities;
  assert.deepEqual(before, [{ scheme: "ip", id: "10.1.2.3" }]);
  door.port.zxid = 77;
  await client.send(authFrame("digest", Buffer.from("bob:secret")));
  await client.send(authFrame("digest", Buffer.from("bob:secret")));
  assert.deepEqual(
    client.replies().map(({ header }) => header),
    [
      { xid: -4, zxid: 0, err: 0 },
      { xid: -4, zxid: 0, err: 0 },
    ],
  );
  assert.equal(connection.identities.length, 2, "the same identity is not added twice");
  assert.deepEqual(connection.identities.map(({ scheme }) => scheme).sort(), ["digest", "ip"]);
  assert.equal(before.length, 1, "what a request has kept does not change");
  assert.equal(door.port.touches, 0, "auth does not touch the session, as in Java");
});

test("An auth packet of an unknown scheme is answered with AUTHFAILED, then the connection is closed", async () => {
  const door = new TestDoor();
  const client = await door.openSession();
  await client.send(authFrame("kerberos", Buffer.from("x")));
  assert.deepEqual(
    client.replies().map(({ header }) => header),
    [{ xid: -4, zxid: 0, err: -115 }],
  );
  assert.equal(client.connection.ending, "ended");
  assert.match(door.lines("warn").join(), /No authentication provider for scheme: kerberos has /);
});

test("The wrong ensemble's client is closed without an answer", async () => {
  const schemes = new AuthSchemes();
  schemes.registerEnsemble(["ours"]);
  const door = new TestDoor({}, schemes);
  const right = await door.openSession();
  await right.send(authFrame("ensemble", Buffer.from("ours")));
  assert.equal(right.replies()[0]!.header.err, 0);
  const wrong = await door.openSession();
  await wrong.send(authFrame("ensemble", Buffer.from("theirs")));
  assert.equal(wrong.received().length, 0);
  assert.equal(wrong.connection.ending, "destroyed");
});

test("A SASL token is answered with a null token, as by a Java server without SASL", async () => {
  const door = new TestDoor();
  const client = await door.openSession();
  await client.send(requestFrame(3, OpCode.sasl, Buffer.from("0000000161", "hex")));
  const [reply] = client.replies();
  assert.deepEqual(reply!.header, { xid: 3, zxid: 0, err: 0 });
  assert.equal(reply!.body.toString("hex"), "ffffffff");
  await client.send(requestFrame(4, OpCode.sasl, Buffer.from("ffffffff", "hex")));
  assert.equal(client.connection.ending, "destroyed", "a null token costs the connection");
});

test("With enforced authentication, a request before it gets -124 and the end", async () => {
  const door = new TestDoor({ enforceAuthEnabled: true, enforceAuthSchemes: ["digest"] });
  const known = await door.openSession();
  await known.send(authFrame("digest", Buffer.from("bob:secret")), PING);
  assert.deepEqual(
    known.replies().map(({ header }) => header.err),
    [0, 0],
  );
  const unknown = await door.openSession();
  await unknown.send(PING);
  assert.deepEqual(
    unknown.replies().map(({ header }) => header),
    [{ xid: -2, zxid: 0, err: -124 }],
  );
  assert.equal(unknown.connection.ending, "ended");
});

// ---------------------------------------------------------------------------------------------------------------- watches

test("A watch event is sent as a notification with the change's zxid, in order with the replies", async () => {
  const door = new TestDoor();
  const client = await door.openSession();
  const event = new WatchEvent(EventType.nodeDataChanged, "/a", 0x200000001 as Zxid);
  door.port.onSubmit = (request) => {
    request.connection.process(event, null);
    answer(request);
  };
  await client.send(requestFrame(1, OpCode.setData));
  const [first, second] = client.replies();
  assert.deepEqual(first!.header, { xid: -1, zxid: 0x200000001, err: 0 });
  assert.equal(first!.body.toString("hex"), "0000000300000003000000022f61");
  assert.equal(second!.header.xid, 1);
});

test("A watch event is serialized once for all who are told", async () => {
  const door = new TestDoor();
  const clients = [await door.openSession(), await door.openSession()];
  const event = new WatchEvent(EventType.nodeDeleted, "/a", 5 as Zxid);
  for (const connection of door.door.connections()) connection.process(event, null);
  door.clock.settle();
  const bytes = clients.map((client) => client.received());
  assert.deepEqual(bytes[0], bytes[1]);
  assert.equal(door.metrics.counters.watch_bytes.value, 2 * (event.encoded!.length - 4));
});

test("An event that fires while a reply is written goes before it", async () => {
  const door = new TestDoor();
  const client = await door.openSession();
  door.port.onSubmit = ({ connection, xid, type }: Submitted) => {
    const out = connection.startReply(xid, 9 as Zxid);
    out.int(1);
    connection.process(new WatchEvent(EventType.nodeCreated, "/a", -1 as Zxid), null);
    out.int(2);
    connection.finishReply(type, ErrorCode.ok, 0, 0);
  };
  await client.send(requestFrame(-8, OpCode.setWatches));
  const [event, reply] = client.replies();
  assert.deepEqual(event!.header, { xid: -1, zxid: -1, err: 0 });
  assert.equal(reply!.header.xid, -8);
  assert.equal(reply!.body.toString("hex"), "0000000100000002");
});

test("A client is not told of a znode that it may not read", async () => {
  const event = () => new WatchEvent(EventType.nodeDataChanged, "/a", 5 as Zxid);
  const readableBy = (id: string) => [{ perms: 1, id: { scheme: "ip", id } }];
  for (const [skipACL, acl, isTold] of [
    [false, readableBy("127.0.0.1"), true],
    [false, readableBy("10.0.0.1"), false],
    [false, [{ perms: 2, id: { scheme: "world", id: "anyone" } }], false],
    [false, null, true],
    [true, readableBy("10.0.0.1"), true],
  ] as const) {
    const door = new TestDoor({ skipACL });
    const client = await door.openSession();
    for (const connection of door.door.connections()) connection.process(event(), acl);
    door.clock.settle();
    assert.equal(client.received().length > 0, isTold);
  }
});

// ----------------------------------------------------------------------------------------------------------------- limits

test("Above globalOutstandingLimit a connection is read again only when there is room", async () => {
  const door = new TestDoor({ globalOutstandingLimit: 2 });
  const client = await door.openSession();
  const frames = [1, 2, 3, 4, 5, 6].map((xid) => requestFrame(xid, OpCode.create));
  await client.send(Buffer.concat(frames));
  // Java looks at what is in process before the request at hand: four get in, and the fourth stops reading.
  assert.deepEqual(
    door.port.submitted.map(({ xid }) => xid),
    [1, 2, 3, 4],
  );
  assert.equal(client.connection.isReading, false);
  answer(door.port.submitted[0]!);
  door.clock.settle();
  assert.equal(door.port.submitted.length, 4, "three are still in process");
  answer(door.port.submitted[1]!);
  door.clock.settle();
  assert.deepEqual(
    door.port.submitted.map(({ xid }) => xid),
    [1, 2, 3, 4, 5, 6],
  );
  for (const request of door.port.submitted.slice(2)) answer(request);
  door.clock.settle();
  assert.equal(client.connection.isReading, true);
  assert.deepEqual(
    client.replies().map(({ header }) => header.xid),
    [1, 2, 3, 4, 5, 6],
  );
  assert.equal(door.door.inProcess, 0);
});

test("What a closed connection had in process is given back", async () => {
  const door = new TestDoor();
  const client = await door.openSession();
  await client.send(requestFrame(1, OpCode.create), requestFrame(2, OpCode.create));
  assert.equal(door.door.inProcess, 2);
  client.end();
  assert.equal(door.door.inProcess, 0);
  assert.equal(door.metrics.counters.connection_drop_count.value, 1);
  for (const request of door.port.submitted) answer(request);
  assert.equal(door.door.inProcess, 0, "late answers change nothing");
  assert.equal(door.metrics.counters.stale_replies.value, 2);
});

test("A client that does not read its replies is not read either, until it does", async () => {
  const door = new TestDoor();
  door.port.onSubmit = (request) => answer(request, { body: Buffer.alloc(300_000) });
  const client = await door.openSession();
  client.connection.isStuck = true;
  await client.send(Buffer.concat([1, 2, 3, 4, 5, 6, 7].map((xid) => getDataFrame(xid, "/a"))));
  const answered = door.port.submitted.length;
  assert.equal(answered, Math.ceil(CLIENT_BACKLOG_PAUSE_BYTES / 300_000));
  assert.equal(client.connection.isReading, false);
  await client.send(getDataFrame(8, "/a"));
  assert.equal(door.port.submitted.length, answered);
  client.connection.drain();
  // Once when the client has read, and once more because what was answered then was too much again until it was taken.
  assert.equal(door.port.drains, 2);
  assert.equal(door.port.submitted.length, 8);
  assert.deepEqual(
    client.replies().map(({ header }) => header.xid),
    [1, 2, 3, 4, 5, 6, 7, 8],
  );
});

test("A client that is told more than it will ever read is closed", async () => {
  const door = new TestDoor();
  const client = await door.openSession();
  client.connection.isStuck = true;
  const [connection] = door.door.connections();
  const event = new WatchEvent(EventType.nodeDataChanged, `/${"x".repeat(1_000_000)}`, 1 as Zxid);
  let told = 0;
  for (; connection!.isOpen; told++) {
    assert.ok(told < 1000, "it is never closed");
    connection!.process(event, null);
    door.clock.settle();
  }
  assert.equal(told, Math.ceil(CLIENT_BACKLOG_MAX_BYTES / 1_000_034) + 1);
  assert.equal(client.connection.ending, "destroyed");
  assert.deepEqual(
    door.port.closings.map(({ reason }) => reason),
    ["client_does_not_read"],
  );
});

test("When too much waits for all clients, the one for whom most waits is closed", async () => {
  const door = new TestDoor();
  const clients = [await door.openSession(), await door.openSession(), await door.openSession()];
  // As much as may wait, without having it.
  const waits = [0.4, 0.5, 0.05].map((share) => Math.floor(share * CLIENT_BACKLOGS_MAX_BYTES));
  for (const [at, client] of clients.entries()) {
    client.connection.isStuck = true;
    client.connection.unsentBytes = waits[at]!;
    await client.send(PING);
  }
  assert.deepEqual(
    clients.map(({ isClosed }) => isClosed),
    [false, false, false],
  );
  clients[2]!.connection.unsentBytes = CLIENT_BACKLOGS_MAX_BYTES / 4;
  clients[2]!.connection.handler!.onDrain();
  door.clock.settle();
  assert.deepEqual(
    clients.map(({ isClosed }) => isClosed),
    [false, true, false],
  );
  assert.match(door.log.at(-1)!.message, /most of \d+ to all: at most 1073741824 may$/);
});

test("A client that is busy reading a very long reply may be told of a change meanwhile", async () => {
  const door = new TestDoor();
  const body = Buffer.alloc(CLIENT_BACKLOG_MAX_BYTES + 1);
  door.port.onSubmit = (request) => answer(request, { body });
  const client = await door.openSession();
  client.connection.isStuck = true;
  await client.send(getDataFrame(1, "/a"));
  const [connection] = door.door.connections();
  connection!.process(new WatchEvent(EventType.nodeDataChanged, "/a", 1 as Zxid), null);
  door.clock.settle();
  assert.equal(client.isClosed, false);
  client.connection.drain();
  assert.deepEqual(
    client.replies().map(({ header }) => header.xid),
    [1, -1],
  );
});

test("Large requests are counted until they are answered, and refused above the limit", async () => {
  const door = new TestDoor({ largeRequestThresholdBytes: 100, largeRequestMaxBytes: 1000 });
  const large = (xid: number) => requestFrame(xid, OpCode.create, Buffer.alloc(600));
  const small = requestFrame(7, OpCode.create, Buffer.alloc(100));
  const first = await door.openSession();
  await first.send(small, large(1), small);
  assert.equal(door.door.largeRequestBytes, 600);
  const second = await door.openSession();
  await second.send(large(2));
  assert.equal(second.connection.ending, "destroyed");
  assert.equal(door.metrics.counters.large_requests_rejected.value, 1);
  for (const request of door.port.submitted) answer(request);
  assert.equal(door.door.largeRequestBytes, 0);
  const third = await door.openSession();
  await third.send(large(3));
  assert.equal(door.door.largeRequestBytes, 600);
  third.end();
  assert.equal(door.door.largeRequestBytes, 0);
});

test("maxClientCnxns and maxCnxns refuse further connections, with Java's lines", async () => {
  const door = new TestDoor({ maxClientCnxns: 2, maxCnxns: 3 });
  const clients = ["10.0.0.1", "10.0.0.1", "10.0.0.1", "::1", "10.0.0.2"].map((address) => {
    door.clock.advance(1000);
    return door.connect(address);
  });
  assert.deepEqual(
    clients.map((client) => client.isClosed),
    [false, false, true, false, true],
  );
  assert.deepEqual(door.lines("warn"), [
    "Error accepting new connection: Too many connections from /10.0.0.1 - max is 2",
    "Error accepting new connection: Too many connections max allowed is 3",
  ]);
  assert.equal(door.metrics.counters.connection_rejected.value, 2);
  clients[0]!.end();
  assert.equal(door.connect("10.0.0.1").isClosed, false, "there is room again");
});

// -------------------------------------------------------------------------------------------------------------- the ends

test("A client that closes its side is closed, after what was written is sent", async () => {
  const door = new TestDoor();
  door.port.onSubmit = (request) => answer(request);
  const client = await door.openSession();
  client.sendNow(getDataFrame(1, "/a"));
  client.end();
  assert.equal(client.replies().length, 1);
  assert.equal(client.connection.ending, "ended");
});

test("A connection that is reset is forgotten, and the server is told once", async () => {
  const door = new TestDoor();
  const client = await door.openSession();
  client.connection.handler!.onClose(undefined);
  door.clock.settle();
  assert.equal(door.port.closings.length, 1);
  assert.equal(door.door.connectionCount, 0);
  assert.equal(door.door.connectionOf(0x100000000000001n as never), undefined);
});

test("A closing client that does not read is closed for good after a while", async () => {
  const door = new TestDoor();
  const client = await door.openSession();
  client.connection.isStuck = true;
  door.port.onSubmit = (request) => answer(request);
  await client.send(CLOSE);
  assert.equal(client.connection.ending, "ended");
  door.clock.advance(30_000);
  assert.equal(client.connection.ending, "destroyed");
});

test("What was sent while the process stood still counts before a client is taken for silent", async () => {
  const door = new TestDoor();
  const client = await door.openSession();
  door.clock.advance(15_000);
  assert.equal(client.isClosed, false);
  door.clock.standStill(6000, () => client.sendNow(PING));
  assert.equal(client.isClosed, false);
  door.clock.advance(60_000);
  assert.equal(client.isClosed, true);
});

test("The door stops when the last connection has been sent what was written", async () => {
  const door = new TestDoor();
  const client = await door.openSession();
  let isDone = false;
  client.sendNow(PING);
  door.door.stop(() => {
    isDone = true;
  });
  assert.equal(isDone, false);
  door.clock.settle();
  assert.equal(client.replies().length, 1);
  assert.equal(client.connection.ending, "ended");
  assert.equal(isDone, true);
});

test("Random bytes never get past the door as an exception, and the next client is served", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 8 }),
      fc.boolean(),
      async (chunks, hasSession) => {
        const door = new TestDoor({ juteMaxBufferBytes: 200 });
        door.port.onSubmit = (request) => answer(request);
        const client = hasSession ? await door.openSession() : door.connect();
        for (const chunk of chunks) await client.send(Buffer.from(chunk));
        client.end();
        const next = await door.openSession();
        await next.send(PING);
        assert.equal(next.replies().length, 1);
      },
    ),
    { numRuns: 500 },
  );
});

test("Damaged requests never get past the door as an exception", async () => {
  const good = Buffer.concat([
    connectFrame(),
    authFrame("digest", Buffer.from("a:b")),
    PING,
    getDataFrame(1, "/a"),
    requestFrame(2, OpCode.sasl, Buffer.from("00000000", "hex")),
  ]);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }),
      fc.nat(good.length),
      async (damages, cut) => {
        const bytes = Buffer.from(good);
        for (const [at, value] of damages) bytes[at] = value;
        const door = new TestDoor({ juteMaxBufferBytes: SETTINGS.juteMaxBufferBytes });
        door.port.onSubmit = (request) => answer(request);
        await door.connect().send(bytes.subarray(0, cut), bytes.subarray(cut));
        const next = await door.openSession();
        await next.send(PING);
        assert.equal(next.replies().length, 1);
      },
    ),
    { numRuns: 1000 },
  );
});

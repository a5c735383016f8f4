import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { SaslExchange } from "../../src/auth/sasl/sasl.js";
import { ErrorCode } from "../../src/wire/error-codes.js";
import { OpCode } from "../../src/wire/op-codes.js";
import { readAuthPacket, readGetDataRequest, readGetSASLRequest } from "../../src/wire/records.js";
import { codeOf, connected, type FakeServer, FakeWorld } from "./fake-world.js";

const STATE = "WatchedEvent state:";

describe("A client's session", () => {
  it("asks for a new session with the time-out that was wanted, and takes the one that is agreed", async () => {
    const world = new FakeWorld();
    const server = world.server("a:1");
    server.onConnect = (connection) => connection.accept({ timeOut: 4000 });
    const zk = world.client("a:1", { sessionTimeoutMs: 9000 });
    await world.settle();
    assert.equal(zk.state, "CONNECTED");
    const request = server.connection.connectRequest!;
    assert.equal(request.timeOut, 9000);
    assert.equal(request.sessionId, 0n);
    assert.equal(request.lastZxidSeen, 0n);
    assert.equal(request.readOnly, false);
    assert.equal(zk.session.sessionTimeoutMs, 4000);
    assert.equal(zk.sessionId, 0x1234n);
    assert.deepEqual(world.events, [`${STATE}SyncConnected type:None path:null zxid: -1`]);
  });

  it("goes on with its id, password and last zxid at another server", async () => {
    const world = new FakeWorld();
    const servers = [world.server("a:1"), world.server("b:1")];
    const zk = world.client("a:1,b:1");
    await world.settle();
    const first = servers.find((server) => server.connections.length > 0)!;
    const other = servers.find((server) => server !== first)!;
    const reply = zk.sync("/");
    await world.settle();
    first.connection.reply(first.connection.take().xid, 77, 0, (out) => out.string("/"));
    await reply;
    first.isUp = false;
    first.connection.breakOff();
    await world.advance(2500);
    assert.equal(zk.state, "CONNECTED");
    const request = other.connection.connectRequest!;
    assert.equal(request.sessionId, 0x1234n);
    assert.deepEqual(request.passwd, Buffer.alloc(16, 7));
    assert.equal(request.lastZxidSeen, 77n);
    assert.deepEqual(
      world.events.map((event) => event.slice(STATE.length).split(" ")[0]),
      ["SyncConnected", "Disconnected", "SyncConnected"],
    );
  });

  it("sends what was asked before there was a connection, after the server has accepted", async () => {
    const world = new FakeWorld();
    const server = world.server("a:1");
    server.onConnect = () => {};
    const zk = world.client("a:1");
    const data = codeOf(zk.getData("/x"));
    await world.settle();
    assert.equal(server.connection.requests.length, 0);
    server.connection.accept();
    await world.settle();
    const request = server.connection.take();
    assert.equal(request.type, OpCode.getData);
    assert.equal(readGetDataRequest(request.body).path, "/x");
    server.connection.reply(request.xid, 1, ErrorCode.noNode);
    assert.equal(await data, ErrorCode.noNode);
  });

  it("sends a turn's requests with one write, and matches replies in order", async () => {
    const { world, server, zk } = await connected();
    const { connection } = server;
    const before = connection.writes;
    const replies = [1, 2, 3, 4, 5].map((n) => zk.getAllChildrenNumber(`/${n}`));
    await world.settle();
    assert.equal(connection.writes, before + 1);
    assert.equal(zk.session.requestsInFlight, 5);
    for (const n of [10, 20, 30, 40, 50]) {
      connection.reply(connection.take().xid, 1, 0, (out) => out.int(n));
    }
    assert.deepEqual(await Promise.all(replies), [10, 20, 30, 40, 50]);
  });

  it("fails everything in flight with ConnectionLoss when the connection breaks", async () => {
    const { world, server, zk } = await connected();
    const codes = [codeOf(zk.delete("/a")), codeOf(zk.delete("/b")), codeOf(zk.sync("/"))];
    await world.settle();
    server.connection.breakOff();
    assert.deepEqual(await Promise.all(codes), Array(3).fill(ErrorCode.connectionLoss));
    assert.equal(zk.state, "CONNECTING");
  });

  it("takes a reply out of order for a broken connection", async () => {
    const { world, server, zk } = await connected();
    const codes = [codeOf(zk.delete("/a")), codeOf(zk.delete("/b"))];
    await world.settle();
    const { connection } = server;
    connection.take();
    connection.reply(connection.take().xid, 1);
    assert.deepEqual(await Promise.all(codes), Array(2).fill(ErrorCode.connectionLoss));
    assert.equal(connection.isClosed, true);
  });

  it("takes a reply that cannot be read for a broken connection", async () => {
    const { world, server, zk } = await connected();
    const codes = [codeOf(zk.getData("/a")), codeOf(zk.getData("/b"))];
    await world.settle();
    const { connection } = server;
    connection.reply(connection.take().xid, 1, 0, (out) => out.int(1000));
    assert.deepEqual(await Promise.all(codes), [
      ErrorCode.marshallingError,
      ErrorCode.connectionLoss,
    ]);
    assert.equal(connection.isClosed, true);
  });

  it("ends with Expired when the server does not know the session any more", async () => {
    const { world, server, zk } = await connected();
    server.onConnect = (connection) => connection.accept({ timeOut: 0, sessionId: 0n as never });
    server.connection.breakOff();
    const late = codeOf(zk.sync("/"));
    await world.advance(2500);
    assert.equal(zk.state, "CLOSED");
    assert.equal(await late, ErrorCode.sessionExpired);
    assert.equal(await codeOf(zk.sync("/")), ErrorCode.sessionExpired);
    assert.match(world.events.at(-1)!, /state:Expired/);
    await world.advance(60_000);
    assert.equal(server.connections.length, 2);
  });

  it("gives itself up when no server was heard of for four thirds of its time-out", async () => {
    const { world, server, zk } = await connected({ sessionTimeoutMs: 6000 });
    server.isUp = false;
    server.connection.breakOff();
    await world.advance(7000);
    assert.equal(zk.state, "CONNECTING");
    await world.advance(3500);
    assert.equal(zk.state, "CLOSED");
    assert.match(world.events.at(-1)!, /state:Expired/);
  });

  it("pings when it has nothing to say, and leaves a server that is silent for two thirds of its time-out", async () => {
    const { world, server, zk } = await connected({ sessionTimeoutMs: 9000 });
    const { connection } = server;
    await world.advance(1999);
    assert.deepEqual(connection.requests, []);
    await world.advance(2);
    assert.equal(connection.take().type, OpCode.ping);
    connection.reply(-2, 0);
    await world.advance(5990);
    assert.equal(connection.isClosed, false);
    await world.advance(20);
    assert.equal(connection.isClosed, true);
    assert.equal(zk.state, "CONNECTING");
  });

  it("tells the server that it ends, and is closed when that has answered", async () => {
    const { world, server, zk } = await connected();
    let isClosed = false;
    const closing = zk.close().then(() => {
      isClosed = true;
    });
    await world.settle();
    assert.equal(isClosed, false);
    const request = server.connection.take();
    assert.equal(request.type, OpCode.closeSession);
    server.connection.reply(request.xid, 5);
    await closing;
    await world.settle();
    assert.equal(zk.state, "CLOSED");
    assert.match(world.events.at(-1)!, /state:Closed/);
  });

  it("can be closed while no server is there", async () => {
    const world = new FakeWorld();
    const zk = world.client("a:1");
    await world.settle();
    await zk.close();
    assert.equal(zk.state, "CLOSED");
    const attempts = world.attempts.length;
    await world.advance(60_000);
    assert.equal(world.attempts.length, attempts);
  });

  it("authenticates again on every connection, before anything else", async () => {
    const { world, server, zk } = await connected();
    zk.addAuth("digest", "u:p");
    await world.settle();
    assert.equal(server.connection.take().type, OpCode.auth);
    server.connection.breakOff();
    await world.advance(2500);
    const request = server.connection.take();
    assert.equal(request.xid, -4);
    const packet = readAuthPacket(request.body);
    assert.deepEqual([packet.scheme, packet.auth?.toString()], ["digest", "u:p"]);
  });

  it("ends when the server refuses what it authenticates with", async () => {
    const { world, server, zk } = await connected();
    zk.addAuth("nope", "x");
    const lost = codeOf(zk.sync("/"));
    await world.settle();
    server.connection.reply(-4, 0, ErrorCode.authFailed);
    assert.equal(await lost, ErrorCode.authFailed);
    assert.equal(zk.state, "AUTH_FAILED");
    await world.settle();
    assert.match(world.events.at(-1)!, /state:AuthFailed/);
  });

  it("gives up a request that is not answered in time, and the connection with it", async () => {
    const { world, zk, server } = await connected({ requestTimeoutMs: 500 });
    const codes = [codeOf(zk.sync("/")), codeOf(zk.sync("/"))];
    await world.advance(499);
    assert.equal(server.connection.isClosed, false);
    await world.advance(2);
    assert.deepEqual(await Promise.all(codes), [
      ErrorCode.requestTimeout,
      ErrorCode.connectionLoss,
    ]);
  });

  it("pauses before it goes round its servers again", async () => {
    const world = new FakeWorld();
    world.client("a:1,b:1,c:1", { reconnectPauseMaxMs: 0 });
    await world.settle();
    assert.deepEqual([...world.attempts].sort(), ["a:1", "b:1", "c:1"]);
    await world.advance(1100);
    assert.equal(world.attempts.length, 6);
    assert.deepEqual(world.attempts.slice(3), world.attempts.slice(0, 3));
  });

  it("may be served by a read-only server, and leaves it when it finds another that is not", async () => {
    const world = new FakeWorld();
    const server = world.server("a:1");
    server.onConnect = (connection) => connection.accept({ readOnly: true });
    const zk = world.client("a:1", { readOnly: true });
    await world.settle();
    assert.equal(zk.state, "CONNECTEDREADONLY");
    assert.equal(server.connection.connectRequest!.readOnly, true);
    await world.advance(100);
    const search = server.connections[1]!;
    assert.equal(search.writes, 1);
    server.onConnect = (connection) => connection.accept();
    search.sendBytes(Buffer.from("rw\n"));
    search.breakOff();
    await world.advance(1000);
    assert.equal(zk.state, "CONNECTED");
    // Nobody in the ensemble knows the session that the read-only server gave.
    assert.equal(server.connection.connectRequest!.sessionId, 0n);
  });

  it("authenticates by SASL before it sends anything else, on every connection anew", async () => {
    let made = 0;
    const newExchange = (): SaslExchange => {
      made++;
      return {
        evaluate(token, done) {
          if (token.length === 0) done({ kind: "challenge", token: Buffer.from("response") });
          else done({ kind: "complete", token: null, authorizationId: "bob" });
        },
        dispose() {},
      };
    };
    const { world, server, zk } = await connected({ sasl: { newExchange } });
    const data = codeOf(zk.getData("/x"));
    zk.addAuth("digest", Buffer.from("u:p"));
    await world.settle();
    for (const [answer, sent] of [
      ["", ""],
      ["proof", "response"],
    ] as const) {
      const request = server.connection.take();
      assert.equal(request.type, OpCode.sasl);
      assert.equal(readGetSASLRequest(request.body).token!.toString(), sent);
      assert.equal(server.connection.requests.length, 0, "and nothing else");
      server.connection.reply(request.xid, 0, 0, (out) => out.buffer(Buffer.from(answer)));
      await world.settle();
    }
    assert.equal(server.connection.take().type, OpCode.auth);
    const request = server.connection.take();
    assert.equal(request.type, OpCode.getData);
    server.connection.reply(request.xid, 9, ErrorCode.noNode);
    assert.equal(await data, ErrorCode.noNode);
    assert.match(world.events.at(-1)!, /SaslAuthenticated/);
    server.connection.breakOff();
    await world.advance(2500);
    assert.equal(server.connection.take().type, OpCode.sasl);
    assert.equal(made, 2);
  });

  it("ends when the server does not believe it, or it does not believe the server", async () => {
    const endings = [
      (server: FakeServer, xid: number) => server.connection.reply(xid, 0, ErrorCode.authFailed),
      (server: FakeServer, xid: number) =>
        server.connection.reply(xid, 0, 0, (out) => out.buffer(null)),
      (server: FakeServer, xid: number) =>
        server.connection.reply(xid, 0, 0, (out) => out.buffer(Buffer.from("rspauth=0"))),
    ];
    for (const answer of endings) {
      const newExchange = (): SaslExchange => ({
        evaluate: (_token, done) => done({ kind: "failed", reason: "no", isFaulty: false }),
        dispose() {},
      });
      const { world, server, zk } = await connected({ sasl: { newExchange } });
      const data = codeOf(zk.getData("/x"));
      answer(server, server.connection.take().xid);
      assert.equal(await data, ErrorCode.authFailed);
      await world.settle();
      assert.equal(zk.state, "AUTH_FAILED");
      assert.match(world.events.at(-1)!, /AuthFailed/);
    }
  });

  it("goes on without SASL where nobody could log in, and says so", async () => {
    const { world, zk } = await connected({ sasl: { loginError: "no such section" } });
    assert.equal(zk.state, "CONNECTED");
    assert.deepEqual(
      world.events.map((event) => event.slice(STATE.length).split(" ")[0]),
      ["AuthFailed", "SyncConnected"],
    );
  });

  it("ends where it cannot say who it is", async () => {
    const { zk } = await connected({ sasl: { newExchange: () => "FIPS mode is enabled" } });
    assert.equal(zk.state, "AUTH_FAILED");
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { AddWatchMode, EventType, WatcherType } from "../../src/cli/client/watch-event.js";
import { ErrorCode } from "../../src/wire/error-codes.js";
import { OpCode } from "../../src/wire/op-codes.js";
import { readSetWatches, readSetWatches2, type Stat, writeStat } from "../../src/wire/records.js";
import { FakeWorld, type ServerEnd } from "./fake-world.js";

const stat = {
  ...{ czxid: 1, mzxid: 1, ctime: 1, mtime: 1, version: 0, cversion: 0, aversion: 0 },
  ...{ ephemeralOwner: 0n, dataLength: 0, numChildren: 0, pzxid: 1 },
} as Stat;

function answerData(connection: ServerEnd, error = 0): void {
  connection.reply(connection.take().xid, 5, error, (out) => {
    if (error !== 0) return;
    out.buffer(Buffer.alloc(0));
    writeStat(out, stat);
  });
}

async function connected(chroot = "") {
  const world = new FakeWorld();
  const server = world.server("a:1");
  const zk = world.client(`a:1${chroot}`);
  await world.settle();
  const told: string[] = [];
  const watcher = (event: { type: number; path: string | null; zxid: number }): void => {
    if (event.path !== null) told.push(`${event.type} ${event.path} ${event.zxid}`);
  };
  /** A data watch on that path. */
  const watchData = async (path: string): Promise<void> => {
    const data = zk.getData(path, watcher);
    await world.settle();
    answerData(server.connection);
    await data;
  };
  return { world, server, zk, told, watcher, watchData };
}

describe("A client's watches", () => {
  it("are told once, where they are one-shot", async () => {
    const { world, server, told, watchData } = await connected();
    await watchData("/a");
    server.connection.event(EventType.nodeDataChanged, "/a", 9);
    server.connection.event(EventType.nodeDataChanged, "/a", 10);
    await world.settle();
    assert.deepEqual(told, ["3 /a 9"]);
  });

  it("do not count as set when the request failed, but for exists, which waits for the node", async () => {
    const { world, server, zk, told, watcher } = await connected();
    const data = zk.getData("/a", watcher).catch(() => {});
    const exists = zk.exists("/b", watcher);
    await world.settle();
    answerData(server.connection, ErrorCode.noNode);
    answerData(server.connection, ErrorCode.noNode);
    await data;
    assert.equal(await exists, null);
    server.connection.event(EventType.nodeCreated, "/a", 9);
    server.connection.event(EventType.nodeCreated, "/b", 10);
    await world.settle();
    assert.deepEqual(told, ["1 /b 10"]);
  });

  it("come after the replies that came before them, and before those that came after", async () => {
    const { world, server, zk } = await connected();
    const order: string[] = [];
    const ask = async (name: string): Promise<void> => {
      await zk.getData("/a", () => order.push("event"));
      order.push(name);
    };
    const both = [ask("first"), ask("second")];
    await world.settle();
    answerData(server.connection);
    server.connection.event(EventType.nodeDataChanged, "/a", 9);
    answerData(server.connection);
    await Promise.all(both);
    assert.deepEqual(order, ["first", "event", "second"]);
  });

  it("come in the same order where the reply is that there is no such node", async () => {
    const { world, server, zk } = await connected();
    const order: string[] = [];
    const ask = async (): Promise<void> => {
      const stat = await zk.exists("/a", () => order.push("event"));
      order.push(stat === null ? "absent" : "there");
    };
    const both = [ask(), ask()];
    await world.settle();
    answerData(server.connection, ErrorCode.noNode);
    server.connection.event(EventType.nodeCreated, "/a", 9);
    server.connection.reply(server.connection.take().xid, 9, 0, (out) => writeStat(out, stat));
    await Promise.all(both);
    assert.deepEqual(order, ["absent", "event", "there"]);
  });

  it("are set again on a new connection, by the old request as long as none is persistent", async () => {
    const { world, server, zk, watcher } = await connected("/app");
    const asked = [
      zk.getData("/d", watcher),
      zk.exists("/e", watcher),
      zk.getChildren("/", watcher),
    ];
    await world.settle();
    answerData(server.connection);
    answerData(server.connection, ErrorCode.noNode);
    server.connection.reply(server.connection.take().xid, 5, 0, (out) => out.int(0));
    await Promise.all(asked);
    server.connection.breakOff();
    await world.advance(2500);
    const request = server.connection.take();
    assert.equal(request.xid, -8);
    assert.equal(request.type, OpCode.setWatches);
    assert.deepEqual(readSetWatches(request.body), {
      relativeZxid: 5n,
      dataWatches: ["/app/d"],
      existWatches: ["/app/e"],
      childWatches: ["/app"],
    });
  });

  it("are set again with SetWatches2 where some are persistent, and those are told again and again", async () => {
    const { world, server, zk, watcher, told } = await connected();
    const asked = [
      zk.addWatch("/p", AddWatchMode.persistent, watcher),
      zk.addWatch("/r", AddWatchMode.persistentRecursive, watcher),
    ];
    await world.settle();
    for (const _ of asked) {
      server.connection.reply(server.connection.take().xid, 5, 0, (out) => out.int(0));
    }
    await Promise.all(asked);
    server.connection.breakOff();
    await world.advance(2500);
    const request = server.connection.take();
    assert.equal(request.type, OpCode.setWatches2);
    const record = readSetWatches2(request.body);
    assert.deepEqual(record.persistentWatches, ["/p"]);
    assert.deepEqual(record.persistentRecursiveWatches, ["/r"]);
    server.connection.event(EventType.nodeDataChanged, "/r/x/y", 9);
    server.connection.event(EventType.nodeChildrenChanged, "/r/x", 9);
    server.connection.event(EventType.nodeDataChanged, "/p", 10);
    server.connection.event(EventType.nodeDataChanged, "/p", 11);
    await world.settle();
    assert.deepEqual(told, ["3 /r/x/y 9", "3 /p 10", "3 /p 11"]);
  });

  it("are set again in requests of about 128 KB", async () => {
    const { world, server, zk, watcher } = await connected();
    const long = "x".repeat(50_000);
    const asked = [1, 2, 3, 4, 5, 6, 7].map((n) => zk.exists(`/${n}${long}`, watcher));
    await world.settle();
    for (const _ of asked) answerData(server.connection, ErrorCode.noNode);
    await Promise.all(asked);
    server.connection.breakOff();
    await world.advance(2500);
    const sizes = server.connection.requests.map(
      (request) => readSetWatches(request.body).existWatches!.length,
    );
    assert.deepEqual(sizes, [3, 3, 1]);
  });

  it("have the client's paths, under its chroot", async () => {
    const { world, server, told, watchData } = await connected("/app");
    await watchData("/");
    server.connection.event(EventType.nodeDataChanged, "/app", 9);
    await world.settle();
    assert.deepEqual(told, ["3 / 9"]);
  });

  it("can be removed, and are told of that", async () => {
    const { world, server, zk, told, watchData } = await connected();
    await watchData("/a");
    const removed = zk.removeAllWatches("/a", WatcherType.data);
    await world.settle();
    const request = server.connection.take();
    assert.equal(request.type, OpCode.removeWatches);
    server.connection.reply(request.xid, 6);
    await removed;
    await world.settle();
    assert.deepEqual(told, [`${EventType.dataWatchRemoved} /a -1`]);
    const again = zk.removeAllWatches("/a", WatcherType.data);
    await world.settle();
    server.connection.reply(server.connection.take().xid, 6);
    await assert.rejects(again, { code: ErrorCode.noWatcher });
  });

  it("can be removed here when the server cannot be told, if that is wanted", async () => {
    const { world, server, zk, told, watchData } = await connected();
    await watchData("/a");
    const refused = zk.removeAllWatches("/a");
    const removed = zk.removeAllWatches("/a", WatcherType.any, true);
    await world.settle();
    server.connection.breakOff();
    await assert.rejects(refused, { code: ErrorCode.connectionLoss });
    await removed;
    await world.settle();
    assert.deepEqual(told, [`${EventType.dataWatchRemoved} /a -1`]);
  });
});

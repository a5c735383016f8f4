import assert from "node:assert/strict";
import { test } from "node:test";
import { DataTree } from "../../src/tree/data-tree.js";
import { AddWatchMode, TreeWatches, WatcherType } from "../../src/tree/tree-watches.js";
import {
  EventType,
  NO_ZXID,
  SYNC_CONNECTED,
  type WatchEvent,
  type Watcher,
  WatcherMode,
  WatchTable,
} from "../../src/tree/watches.js";
import type { SessionId } from "../../src/wire/ids.js";
import type { ACL } from "../../src/wire/records.js";
import { ANYONE, zxid } from "./support.js";

class Told implements Watcher {
  readonly sessionId = 1n as SessionId;
  stale = false;
  readonly events: WatchEvent[] = [];
  readonly acls: (readonly ACL[] | null)[] = [];
  onEvent: () => void = () => {};

  process(event: WatchEvent, acl: readonly ACL[] | null): void {
    this.events.push(event);
    this.acls.push(acl);
    this.onEvent();
  }

  /** What was told since the last time. */
  take(): string[] {
    const names = new Map<number, string>(
      Object.entries(EventType).map(([name, type]) => [type, name]),
    );
    return this.events.splice(0).map(({ type, path }) => `${names.get(type)} ${path}`);
  }
}

function tree(...paths: string[]): DataTree {
  const made = new DataTree();
  for (const path of paths) create(made, path);
  return made;
}

function create(on: DataTree, path: string): void {
  on.createNode(path, null, ANYONE, 0n, -1, zxid(on.lastProcessedZxid + 1), 1);
  on.txnApplied(zxid(on.lastProcessedZxid + 1));
}

function setData(on: DataTree, path: string): void {
  on.setData(path, null, 1, zxid(on.lastProcessedZxid + 1), 1);
  on.txnApplied(zxid(on.lastProcessedZxid + 1));
}

function remove(on: DataTree, path: string): void {
  on.deleteNode(path, zxid(on.lastProcessedZxid + 1));
  on.txnApplied(zxid(on.lastProcessedZxid + 1));
}

test("a standard watch tells once", () => {
  const on = tree("/a");
  const told = new Told();
  on.watches.addData("/a", told);
  setData(on, "/a");
  setData(on, "/a");
  assert.deepEqual(told.take(), ["nodeDataChanged /a"]);
  assert.equal(on.watches.count, 0);
});

test("a watch left on a path without a node tells of its creation", () => {
  const on = tree();
  const told = new Told();
  on.watches.addData("/a", told);
  create(on, "/a");
  assert.deepEqual(told.take(), ["nodeCreated /a"]);
});

test("an event has the zxid of its txn, the state, and the ACL that says who may know", () => {
  const on = tree("/a");
  const told = new Told();
  on.watches.addData("/a", told);
  setData(on, "/a");
  assert.equal(told.events[0]?.zxid, 2);
  assert.equal(told.events[0]?.state, SYNC_CONNECTED);
  assert.deepEqual(told.acls[0], ANYONE);
});

test("an event is one object for all who are told, so that it need be serialized only once", () => {
  const on = tree("/a");
  const all = [new Told(), new Told(), new Told()];
  for (const told of all) on.watches.addData("/a", told);
  setData(on, "/a");
  assert.equal(new Set(all.map((told) => told.events[0])).size, 1);
});

test("a delete tells data watches, then child watches, then the parent's, and nobody twice of the node", () => {
  const on = tree("/a", "/a/b");
  const told = new Told();
  const order: string[] = [];
  const child = new Told();
  const parent = new Told();
  told.onEvent = () => order.push("data");
  child.onEvent = () => order.push("child");
  parent.onEvent = () => order.push("parent");
  on.watches.addChild("/a", parent);
  on.watches.addChild("/a/b", child);
  on.watches.addChild("/a/b", told);
  on.watches.addData("/a/b", told);
  remove(on, "/a/b");
  assert.deepEqual(order, ["data", "child", "parent"]);
  assert.deepEqual(told.take(), ["nodeDeleted /a/b"]);
  assert.deepEqual(child.take(), ["nodeDeleted /a/b"]);
  assert.deepEqual(parent.take(), ["nodeChildrenChanged /a"]);
  assert.equal(on.watches.count, 0);
});

test("a persistent watch tells every time, of the node and of its children", () => {
  const on = tree("/a");
  const told = new Told();
  on.watches.addPersistent("/a", told, AddWatchMode.persistent);
  setData(on, "/a");
  create(on, "/a/b");
  setData(on, "/a/b");
  remove(on, "/a/b");
  remove(on, "/a");
  create(on, "/a");
  assert.deepEqual(told.take(), [
    "nodeDataChanged /a",
    "nodeChildrenChanged /a",
    "nodeChildrenChanged /a",
    "nodeDeleted /a",
    "nodeCreated /a",
  ]);
});

test("a recursive watch tells of everything below once, and never of changed children", () => {
  const on = tree("/a", "/ab");
  const told = new Told();
  on.watches.addPersistent("/a", told, AddWatchMode.persistentRecursive);
  on.watches.addPersistent("/", told, AddWatchMode.persistentRecursive);
  create(on, "/a/b");
  create(on, "/a/b/c");
  setData(on, "/a/b/c");
  remove(on, "/a/b/c");
  setData(on, "/ab");
  setData(on, "/");
  assert.deepEqual(told.take(), [
    "nodeCreated /a/b",
    "nodeCreated /a/b/c",
    "nodeDataChanged /a/b/c",
    "nodeDeleted /a/b/c",
    "nodeDataChanged /ab",
    "nodeDataChanged /",
  ]);
});

test("a recursive watch above does not use up a standard watch above", () => {
  const on = tree("/a", "/a/b");
  const told = new Told();
  const once = new Told();
  on.watches.addPersistent("/a", told, AddWatchMode.persistentRecursive);
  on.watches.addData("/a", once);
  setData(on, "/a/b");
  assert.deepEqual(told.take(), ["nodeDataChanged /a/b"]);
  assert.deepEqual(once.take(), []);
  setData(on, "/a");
  assert.deepEqual(once.take(), ["nodeDataChanged /a"]);
});

test("the modes on one path are independent: a removal takes only its own (ZOOKEEPER-4466, -4471)", () => {
  const watches = new TreeWatches();
  const told = new Told();
  watches.addData("/a", told);
  watches.addChild("/a", told);
  watches.addPersistent("/a", told, AddWatchMode.persistent);
  watches.addPersistent("/a", told, AddWatchMode.persistentRecursive);
  assert.equal(watches.count, 2);
  const types = [
    WatcherType.data,
    WatcherType.children,
    WatcherType.persistent,
    WatcherType.persistentRecursive,
  ];
  for (const type of types) {
    assert.ok(watches.contains("/a", type, told));
    assert.ok(watches.contains("/a", WatcherType.any, told));
    assert.ok(watches.remove("/a", type, told));
    assert.ok(!watches.contains("/a", type, told));
    assert.ok(!watches.remove("/a", type, told));
  }
  assert.equal(watches.count, 0);
  assert.ok(!watches.contains("/a", WatcherType.any, told));
});

test("removing any takes all modes of both tables", () => {
  const watches = new TreeWatches();
  const told = new Told();
  watches.addChild("/a", told);
  watches.addPersistent("/a", told, AddWatchMode.persistentRecursive);
  assert.ok(watches.remove("/a", WatcherType.any, told));
  assert.equal(watches.count, 0);
  watches.data.trigger("/a/b", EventType.nodeCreated, zxid(1), null);
  assert.deepEqual(told.take(), []);
});

test("a watcher that has gone hears nothing more and leaves nothing behind", () => {
  const watches = new TreeWatches();
  const [gone, stays] = [new Told(), new Told()];
  for (const told of [gone, stays]) {
    for (let i = 0; i < 100; i++) watches.addData(`/${i}`, told);
    watches.addPersistent("/", told, AddWatchMode.persistentRecursive);
  }
  watches.removeWatcher(gone);
  assert.equal(watches.count, 101);
  watches.data.trigger("/7", EventType.nodeCreated, zxid(1), null);
  assert.deepEqual(gone.take(), []);
  assert.deepEqual(stays.take(), ["nodeCreated /7"]);
  watches.removeWatcher(stays);
  assert.deepEqual(watches.data.summary(), { connections: 0, paths: 0, watches: 0 });
});

test("a watcher that is stale already cannot leave a watch", () => {
  const watches = new TreeWatches();
  const told = new Told();
  told.stale = true;
  watches.addData("/a", told);
  assert.equal(watches.count, 0);
});

test("a watcher may watch again, or go, while it is being told", () => {
  const table = new WatchTable();
  const [again, goes] = [new Told(), new Told()];
  again.onEvent = () => table.add("/a", again, WatcherMode.standard);
  goes.onEvent = () => table.removeWatcher(again);
  for (const told of [again, goes]) table.add("/a", told, WatcherMode.standard);
  table.trigger("/a", EventType.nodeDataChanged, zxid(1), null);
  assert.deepEqual([again.take().length, goes.take().length], [1, 1]);
  assert.equal(table.size, 0);
});

test("summaries count as wchs prints: a connection without watches stays until it removes one or closes", () => {
  const table = new WatchTable();
  const [one, other] = [new Told(), new Told()];
  table.add("/a", one, WatcherMode.standard);
  table.add("/a", other, WatcherMode.standard);
  table.add("/b", other, WatcherMode.persistent);
  assert.deepEqual(table.summary(), { connections: 2, paths: 2, watches: 3 });
  assert.deepEqual(
    [...table.byPath()].map(([path, watchers]) => [path, [...watchers].length]),
    [
      ["/a", 2],
      ["/b", 1],
    ],
  );
  table.trigger("/a", EventType.nodeDeleted, zxid(1), null);
  assert.deepEqual(table.summary(), { connections: 2, paths: 1, watches: 1 });
  assert.deepEqual(
    [...table.byWatcher()].map(([, paths]) => [...paths]),
    [[], ["/b"]],
  );
  table.remove("/b", other, WatcherMode.persistent);
  table.removeWatcher(one);
  assert.equal(table.summary().connections, 0);
});

const catchUps: readonly [string, "data" | "exist" | "child", string, number | bigint, string[]][] =
  [
    ["data, nothing changed", "data", "/a", 10, []],
    ["data, changed since", "data", "/a", 1, ["nodeDataChanged /a"]],
    ["data, deleted", "data", "/gone", 10, ["nodeDeleted /gone"]],
    ["exist, created", "exist", "/a", 10, ["nodeCreated /a"]],
    ["exist, still missing", "exist", "/gone", 10, []],
    ["child, nothing changed", "child", "/a", 10, []],
    ["child, changed since", "child", "/a", 2, ["nodeChildrenChanged /a"]],
    ["child, deleted", "child", "/gone", 10, ["nodeDeleted /gone"]],
    ["a client that has seen nothing", "data", "/a", -1n, ["nodeDataChanged /a"]],
    ["a client that claims to have seen everything", "data", "/a", 2n ** 63n - 1n, []],
  ];

for (const [name, kind, path, seen, events] of catchUps) {
  test(`setWatches catches up or sets again: ${name}`, () => {
    const on = tree("/a");
    setData(on, "/a");
    create(on, "/a/b");
    const told = new Told();
    const none: string[] = [];
    const watches = {
      data: none,
      exist: none,
      child: none,
      persistent: none,
      persistentRecursive: none,
      [kind]: [path],
    };
    on.watches.set(typeof seen === "bigint" ? seen : zxid(seen), watches, told, (of) => on.get(of));
    for (const { zxid: at } of told.events) assert.equal(at, NO_ZXID);
    for (const acl of told.acls) assert.equal(acl, null);
    assert.deepEqual(told.take(), events);
    assert.equal(on.watches.count, events.length === 0 ? 1 : 0);
    assert.equal(
      on.watches.contains(path, kind === "child" ? WatcherType.children : WatcherType.data, told),
      events.length === 0,
    );
  });
}

test("setWatches sets persistent watches again and tells nothing of what they missed", () => {
  const on = tree("/a");
  setData(on, "/a");
  const told = new Told();
  const none: string[] = [];
  on.watches.set(
    zxid(0),
    { data: none, exist: none, child: none, persistent: ["/a"], persistentRecursive: ["/b"] },
    told,
    (of) => on.get(of),
  );
  assert.deepEqual(told.take(), []);
  assert.ok(on.watches.contains("/a", WatcherType.persistent, told));
  assert.ok(on.watches.contains("/b", WatcherType.persistentRecursive, told));
});

test("Watches are accounted for until they are gone, however they go", () => {
  const made = tree("/a", "/a/b");
  const { watches } = made;
  const [one, other] = [new Told(), new Told()];
  watches.addData("/a", one);
  const single = watches.bytes;
  watches.addPersistent("/a", one, AddWatchMode.persistent);
  assert.equal(watches.bytes, 2 * single, "a mode more costs nothing, a table more does");
  watches.addChild("/a/b", other);
  watches.addData("/none", other);
  watches.addPersistent("/a", other, AddWatchMode.persistentRecursive);
  assert.equal(watches.heaviest()?.watcher, other);
  assert.equal(watches.heaviest()?.bytes, watches.bytes - 2 * single);
  watches.remove("/a", WatcherType.persistentRecursive, other);
  remove(made, "/a/b");
  watches.remove("/none", WatcherType.any, other);
  assert.equal(watches.bytes, 2 * single);
  assert.equal(watches.heaviest()?.watcher, one);
  watches.removeWatcher(one);
  assert.equal(watches.bytes, 0);
  assert.equal(watches.count, 0);
});

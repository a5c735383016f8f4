// A txn that is applied where it lies, beside the same with path and data at hand.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { DataTree } from "../../src/tree/data-tree.js";
import { ttlOwner } from "../../src/tree/ephemeral-type.js";
import { DEFAULT_TREE_SETTINGS } from "../../src/tree/tree-settings.js";
import { EventType, type WatchEvent, WatcherMode } from "../../src/tree/watches.js";
import { ErrorCode } from "../../src/wire/error-codes.js";
import { ANYONE, imageOf, session, writeSnapshot, zxid } from "./support.js";

const PLAIN = ["/a", "/a/b", "/a/b/ephemeral", "/ab", "/ttl"];
const OTHERS = ["/", "/ä", "/ä/b", "/zookeeper/quota", "/zookeeper/quota/a/zookeeper_stats"];
const MISSING = ["/a/", "/a/c", "/missing", "//a", "a"];

class World {
  readonly written = new Map<string, number>();
  readonly events: WatchEvent[] = [];
  readonly tree: DataTree;

  constructor(digestEnabled: boolean) {
    const observer = {
      read() {},
      written: (path: string, bytes: number) => {
        const namespace = path.split("/")[1]!;
        const units = path.length + bytes;
        this.written.set(namespace, (this.written.get(namespace) ?? 0) + units);
      },
      told() {},
      ephemeralDeleted() {},
    };
    this.tree = new DataTree({
      ...DEFAULT_TREE_SETTINGS,
      extendedTypesEnabled: true,
      digestEnabled,
      observer,
    });
    let at = 1;
    for (const path of [...PLAIN, "/ä", "/ä/b"]) this.#create(path, at++);
  }

  addQuota(): void {
    for (const [at, name] of ["", "/zookeeper_limits", "/zookeeper_stats"].entries()) {
      this.#create(`/zookeeper/quota/a${name}`, at + 20);
    }
  }

  #create(path: string, at: number): void {
    const owners: Record<string, bigint> = { "/a/b/ephemeral": 7n, "/ttl": ttlOwner(1000n)! };
    const data = Buffer.from("count=1,bytes=1");
    const error = this.tree.createNode(path, data, ANYONE, owners[path] ?? 0n, -1, zxid(at), at);
    assert.equal(error, ErrorCode.ok, path);
  }

  watch(path: string, mode: WatcherMode): void {
    const process = (event: WatchEvent) => this.events.push(event);
    this.tree.watches.data.add(path, { sessionId: session(1n), stale: false, process }, mode);
  }
}

interface Txn {
  readonly path: string;
  readonly data: Buffer | null;
  readonly version: number;
}

/** In a page with something before, between and behind. */
function lying({ path, data, version }: Txn) {
  const own = Buffer.from(path);
  const page = Buffer.concat([
    Buffer.alloc(3, 0xff),
    own,
    Buffer.alloc(2),
    data ?? Buffer.alloc(0),
  ]);
  const dataStart = own.length + 5;
  const dataLength = data === null ? -1 : data.length;
  const pathEnd = own.length + 3;
  return {
    page: Buffer.concat([page, Buffer.alloc(1, 0x2f)]),
    pathStart: 3,
    pathEnd,
    dataStart,
    dataLength,
    version,
  };
}

const txn = fc.record({
  path: fc.constantFrom(...PLAIN, ...PLAIN, ...OTHERS, ...MISSING),
  data: fc.option(
    fc.integer({ min: 0, max: 400 }).map((bytes) => Buffer.alloc(bytes, bytes & 0xff)),
  ),
  version: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
});
const begun = fc.record({
  quota: fc.boolean(),
  tracker: fc.boolean(),
  snapshots: fc.nat({ max: 2 }),
  watched: fc.option(fc.constantFrom("/a", "/a/b")),
  digestEnabled: fc.boolean(),
});

test("a node that is set where the txn lies is as one that is set by path and data", () => {
  fc.assert(
    fc.property(fc.array(txn, { maxLength: 12 }), begun, (txns, with_) => {
      const worlds = [new World(with_.digestEnabled), new World(with_.digestEnabled)];
      const [inPlace, byPath] = worlds as [World, World];
      const begin = worlds.map((world) => {
        const { tree } = world;
        if (with_.quota) world.addQuota();
        if (with_.watched !== null) world.watch(with_.watched, WatcherMode.persistent);
        const tracker = with_.tracker ? tree.trackChanges(100) : undefined;
        const snapshots = [...Array(with_.snapshots)].map(() => tree.beginSnapshot());
        return { tracker, snapshots };
      });
      for (const [at, one] of txns.entries()) {
        const { path, data, version } = one;
        const isDone = inPlace.tree.setter.setInPlace(lying(one), zxid(100 + at), 1000 + at);
        const isPlain = !with_.quota && !with_.tracker && with_.watched === null;
        const isDirect = isPlain && (PLAIN.includes(path) || path === "/zookeeper/quota");
        assert.equal(isDone, isDirect, path);
        if (!isDone) inPlace.tree.setData(path, data, version, zxid(100 + at), 1000 + at);
        byPath.tree.setData(path, data, version, zxid(100 + at), 1000 + at);
        const stats = worlds.map(({ tree }) => tree.setter.last?.stat());
        assert.deepEqual(stats[0], stats[1]);
      }
      assert.deepEqual(imageOf(inPlace.tree), imageOf(byPath.tree));
      assert.equal(inPlace.tree.approximateDataSize, byPath.tree.approximateDataSize);
      assert.deepEqual(inPlace.written, byPath.written);
      assert.deepEqual(inPlace.events, byPath.events);
      const images = begin.map(({ snapshots }) => snapshots.map((one) => writeSnapshot(one)));
      assert.deepEqual(images[0], images[1]);
    }),
    { numRuns: 500 },
  );
});

test("a path that is watched is told of, and is not set in place", () => {
  const world = new World(true);
  world.watch("/a/b", WatcherMode.standard);
  const one = { path: "/a/b", data: Buffer.from("x"), version: 1 };
  assert.equal(world.tree.setter.setInPlace(lying(one), zxid(100), 1), false);
  assert.equal(world.tree.setData("/a/b", one.data, 1, zxid(100), 1), ErrorCode.ok);
  assert.deepEqual(
    world.events.map(({ type, path }) => [type, path]),
    [[EventType.nodeDataChanged, "/a/b"]],
  );
  // It was a standard one: nobody has to be told any more.
  assert.equal(world.tree.setter.setInPlace(lying(one), zxid(101), 1), true);
});

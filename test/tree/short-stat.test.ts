// A znode that nothing has happened to yet takes less memory, and nobody can tell otherwise: neither who reads it, nor what happens to
// it afterwards, nor the digest.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { JuteReader } from "../../src/jute/reader.js";
import { JuteWriter } from "../../src/jute/writer.js";
import { DataTree } from "../../src/tree/data-tree.js";
import { ttlOwner } from "../../src/tree/ephemeral-type.js";
import { DEFAULT_TREE_SETTINGS } from "../../src/tree/tree-settings.js";
import { ErrorCode } from "../../src/wire/error-codes.js";
import { readStat, type Stat } from "../../src/wire/records.js";
import { ANYONE, imageOf, loadSnapshot, session, writeSnapshot, zxid } from "./support.js";

const SETTINGS = { ...DEFAULT_TREE_SETTINGS, extendedTypesEnabled: true };
const CREATED_AT = 1_700_000_000_123;
const CREATED_IN = 0x5_0000_0007;
const DATA = Buffer.from("as it was created");
const PATH = "/a";

function treeWithOne(data: Buffer | null = DATA): DataTree {
  const tree = new DataTree(SETTINGS);
  const made = tree.createNode(PATH, data, ANYONE, 0n, -1, zxid(CREATED_IN), CREATED_AT);
  assert.equal(made, ErrorCode.ok);
  return tree;
}

function asCreated(dataLength = DATA.length): Stat {
  return {
    czxid: zxid(CREATED_IN),
    mzxid: zxid(CREATED_IN),
    ctime: CREATED_AT,
    mtime: CREATED_AT,
    version: 0,
    cversion: 0,
    aversion: 0,
    ephemeralOwner: session(0n),
    dataLength,
    numChildren: 0,
    pzxid: zxid(CREATED_IN),
  };
}

function reloaded(tree: DataTree): DataTree {
  return loadSnapshot(writeSnapshot(tree.beginSnapshot()), tree.lastProcessedZxid, SETTINGS);
}

/** Its digests are computed anew where it is loaded. */
function assertAsLoaded(tree: DataTree): void {
  assert.deepEqual(imageOf(tree), imageOf(reloaded(tree)));
}

test("a znode as it was created takes 28 bytes beside its data, and 56 more when something has happened to it", () => {
  const tree = new DataTree(SETTINGS);
  const count = 100;
  const before = tree.nodes.blocks.usage().blockBytes;
  for (let i = 0; i < count; i++) {
    tree.createNode(`/${i}`, Buffer.alloc(100), ANYONE, 0n, -1, zxid(i + 1), CREATED_AT);
  }
  const created = tree.nodes.blocks.usage().blockBytes - before;
  assert.equal(created, count * 128);
  for (let i = 0; i < count; i++) {
    tree.setData(`/${i}`, Buffer.alloc(100), 1, zxid(i + 200), CREATED_AT + 1);
  }
  assert.equal(tree.nodes.blocks.usage().blockBytes - before, count * 184);
  const container = tree.nodes.blocks.usage().blockBytes;
  tree.createNode("/container", Buffer.alloc(100), ANYONE, -(2n ** 63n), -1, zxid(500), CREATED_AT);
  assert.equal(tree.nodes.blocks.usage().blockBytes - container, 128);
  const again = reloaded(tree);
  assert.equal(again.nodes.blocks.usage().blockBytes, tree.nodes.blocks.usage().blockBytes);
});

for (const [name, data] of [
  ["data", DATA],
  ["no bytes", Buffer.alloc(0)],
  ["null", null],
] as const) {
  test(`a reply has the whole stat of a znode as it was created: ${name}`, () => {
    for (const tree of [treeWithOne(data), reloaded(treeWithOne(data))]) {
      const node = tree.get(PATH)!;
      const out = new JuteWriter();
      node.writeDataAndStat(out);
      node.writeStat(out);
      node.statImage().writeTo(out);
      const reader = new JuteReader(out.take());
      assert.deepEqual(reader.buffer(), data);
      const expected = asCreated(data?.length ?? 0);
      for (let i = 0; i < 3; i++) assert.deepEqual(readStat(reader), expected);
      reader.end();
      assert.deepEqual(node.stat(), expected);
      assert.deepEqual(node.data(), data);
    }
  });
}

const LATER = zxid(CREATED_IN + 1);
const LATER_AT = CREATED_AT + 1;
const longer = Buffer.alloc(1000, 1);
const set = { version: 1, mzxid: LATER, mtime: LATER_AT };

for (const [name, change, changes] of [
  [
    "data as long as before",
    (tree) => tree.setData(PATH, Buffer.alloc(DATA.length, 1), 1, LATER, LATER_AT),
    set,
  ],
  [
    "longer data",
    (tree) => tree.setData(PATH, longer, 1, LATER, LATER_AT),
    { ...set, dataLength: longer.length },
  ],
  ["null", (tree) => tree.setData(PATH, null, 1, LATER, LATER_AT), { ...set, dataLength: 0 }],
  ["an ACL", (tree) => tree.setAcl(PATH, ANYONE.slice(1), 1), { aversion: 1 }],
  [
    "a child",
    (tree) => tree.createNode(`${PATH}/child`, DATA, ANYONE, 0n, -1, LATER, LATER_AT),
    { cversion: 1, numChildren: 1, pzxid: LATER },
  ],
  [
    "a child that had come before",
    (tree) => tree.setCversionPzxid(PATH, 5, LATER),
    { cversion: 10, pzxid: LATER },
  ],
] as const satisfies readonly (readonly [string, (tree: DataTree) => ErrorCode, Partial<Stat>])[]) {
  test(`a znode as it was created gets ${name}: the rest stays, and so does the digest's truth`, () => {
    for (const tree of [treeWithOne(), reloaded(treeWithOne())]) {
      assert.equal(change(tree), ErrorCode.ok);
      assert.deepEqual(tree.get(PATH)!.stat(), { ...asCreated(), ...changes });
      assertAsLoaded(tree);
    }
  });
}

test("a znode with an owner has it as it has had", () => {
  const tree = new DataTree(SETTINGS);
  const owners = [7n, ttlOwner(1000n)!, -(2n ** 63n)];
  for (const [at, owner] of owners.entries()) {
    tree.createNode(`/${at}`, DATA, ANYONE, owner, -1, zxid(at + 1), CREATED_AT);
  }
  for (const [at, owner] of owners.entries()) {
    assert.equal(tree.get(`/${at}`)!.ephemeralOwner, owner);
    assert.equal(reloaded(tree).get(`/${at}`)!.ephemeralOwner, owner);
  }
  assertAsLoaded(tree);
});

const PATHS = ["/a", "/b", "/a/c", "/a/d", "/a/c/e"];
const txn = fc.record({
  kind: fc.constantFrom("create", "create", "delete", "set", "acl", "reload"),
  path: fc.constantFrom(...PATHS),
  data: fc.option(fc.uint8Array({ maxLength: 300 }), { freq: 5 }),
  owner: fc.constantFrom(0n, 0n, 0n, 7n, ttlOwner(5n)!, -(2n ** 63n)),
});

test("a tree that is loaded again and again stays the one that never was", () => {
  fc.assert(
    fc.property(fc.array(txn, { maxLength: 40 }), fc.boolean(), (txns, digestEnabled) => {
      const settings = { ...SETTINGS, digestEnabled };
      const kept = new DataTree(settings);
      let loaded = new DataTree(settings);
      for (const [i, { kind, path, data, owner }] of txns.entries()) {
        const at = zxid(i + 1);
        if (kind === "reload") {
          const bytes = writeSnapshot(loaded.beginSnapshot());
          loaded = loadSnapshot(bytes, loaded.lastProcessedZxid, settings);
          continue;
        }
        const of = (tree: DataTree) => {
          if (kind === "create") return tree.createNode(path, data, ANYONE, owner, -1, at, 100 + i);
          if (kind === "delete") return tree.deleteNode(path, at);
          if (kind === "set") return tree.setData(path, data, i, at, 100 + i);
          return tree.setAcl(path, i % 2 === 0 ? ANYONE : null, i);
        };
        assert.equal(of(loaded), of(kept));
        assert.deepEqual(imageOf(loaded), imageOf(kept));
      }
    }),
  );
});

test("a view that shows one node after the other shows each as a view of its own would", () => {
  const tree = treeWithOne();
  const sets: readonly (readonly [string, bigint])[] = [
    ["/whole", 0n],
    ["/a/child", 0n],
    ["/owned", 7n],
    ["/ttl", ttlOwner(1000n)!],
    ["/container", -(2n ** 63n)],
    ["/null", 0n],
  ];
  for (const [at, [path, owner]] of sets.entries()) {
    const data = path === "/null" ? null : Buffer.alloc(at * 50, at);
    tree.createNode(path, data, ANYONE, owner, -1, zxid(CREATED_IN + 1 + at), CREATED_AT + at);
  }
  tree.setData("/whole", longer, 3, LATER, LATER_AT);
  tree.setAcl("/null", null, 9);
  const paths = ["", PATH, ...sets.map(([path]) => path)];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...paths)), (looks) => {
      for (const path of looks) {
        const shown = tree.look(path)!;
        const own = tree.get(path)!;
        assert.deepEqual(shown.stat(), own.stat(), path);
        assert.deepEqual(shown.statPersisted(), own.statPersisted(), path);
        assert.deepEqual(shown.data(), own.data(), path);
        assert.equal(shown.digest, own.digest, path);
        assert.equal(shown.contentDigest, own.contentDigest, path);
      }
    }),
  );
});

test("deleting a node takes what is below along, and tells the same as ever", () => {
  const tree = treeWithOne();
  for (const [at, path] of ["/a/b", "/a/b/c", "/a/d"].entries()) {
    tree.createNode(path, DATA, ANYONE, 0n, -1, zxid(CREATED_IN + 1 + at), CREATED_AT);
  }
  const empty = new DataTree(SETTINGS);
  assert.equal(tree.deleteNode("/a", zxid(CREATED_IN + 9)), ErrorCode.ok);
  assert.equal(tree.nodeCount, empty.nodeCount);
  assert.equal(tree.approximateDataSize, empty.approximateDataSize);
  assertAsLoaded(tree);
});

// What holds for the tree beyond what the goldens show: replay, sessions, digests, odd values.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { crc32Range, crc32View } from "../../src/crc32.js";
import { JuteWriter } from "../../src/jute/writer.js";
import { crc32 } from "../../src/platform/pure-node.js";
import { DataTree } from "../../src/tree/data-tree.js";
import { AdHash, contentDigest, DIGEST_VERSION, pathDigest } from "../../src/tree/digest.js";
import type { DigestMismatch } from "../../src/tree/digest-log.js";
import { DigestedStat } from "../../src/tree/digested-stat.js";
import {
  CONTAINER_OWNER,
  NodeKind,
  nodeKindOf,
  TTL_MAX_MS,
  ttlMsOf,
  ttlOwner,
} from "../../src/tree/ephemeral-type.js";
import { allChildrenNumber } from "../../src/tree/subtree.js";
import { TreeLoader } from "../../src/tree/tree-loader.js";
import { DEFAULT_TREE_SETTINGS } from "../../src/tree/tree-settings.js";
import { ErrorCode } from "../../src/wire/error-codes.js";
import { writeStat } from "../../src/wire/records.js";
import { ANYONE, session, zxid } from "./support.js";

const me = session(0x1000n);

test("replaying a create raises the parent's cversion and pzxid and never lowers them (ZOOKEEPER-3249)", () => {
  const tree = new DataTree();
  tree.createNode("/a", null, ANYONE, 0n, 1, zxid(1), 1);
  tree.createNode("/a/new", null, ANYONE, 0n, 7, zxid(9), 1);
  // From an older txn, whose node had gone again when the snapshot was taken.
  tree.createNode("/a/old", null, ANYONE, 0n, 3, zxid(4), 1);
  const parent = tree.get("/a");
  assert.deepEqual([parent?.cversion, parent?.pzxid, parent?.childCount], [7, 9, 2]);
  assert.equal(tree.setCversionPzxid("/a", 5, zxid(20)), ErrorCode.ok);
  assert.deepEqual([parent?.cversion, parent?.pzxid], [7, 9]);
  assert.equal(tree.setCversionPzxid("/a", 8, zxid(20)), ErrorCode.ok);
  assert.deepEqual([parent?.cversion, parent?.pzxid], [8, 20]);
  assert.equal(tree.setCversionPzxid("/a", -1, zxid(21)), ErrorCode.ok);
  assert.deepEqual([parent?.cversion, parent?.pzxid], [9, 21]);
  assert.equal(tree.setCversionPzxid("/none", 1, zxid(1)), ErrorCode.noNode);
});

test("replaying a delete of a node that is gone still raises the parent's pzxid (ZOOKEEPER-3125)", () => {
  const tree = new DataTree();
  tree.createNode("/a", null, ANYONE, 0n, 1, zxid(1), 1);
  assert.equal(tree.deleteNode("/a/b", zxid(5)), ErrorCode.noNode);
  assert.equal(tree.get("/a")?.pzxid, 5);
  assert.equal(tree.deleteNode("/a/b", zxid(3)), ErrorCode.noNode);
  assert.equal(tree.get("/a")?.pzxid, 5);
});

test("replaying a create of a node that is there gives it the txn's ACL and keeps the rest", () => {
  const tree = new DataTree();
  tree.createNode("/a", Buffer.from("x"), null, 0n, 1, zxid(1), 1);
  assert.equal(tree.createNode("/a", null, ANYONE, 0n, 1, zxid(1), 1), ErrorCode.nodeExists);
  const node = tree.get("/a");
  assert.ok(node !== undefined);
  assert.deepEqual(tree.aclOf(node), ANYONE);
  assert.equal(node.data()?.toString(), "x");
  // The list of /zookeeper/config and this one.
  assert.equal(tree.acls.size, 2);
});

test("a create without a parent changes nothing", () => {
  const tree = new DataTree();
  const before = tree.digest.toBigInt();
  assert.equal(tree.createNode("/a/b", null, ANYONE, 0n, 1, zxid(1), 1), ErrorCode.noNode);
  assert.deepEqual([tree.nodeCount, tree.acls.size, tree.digest.toBigInt()], [5, 1, before]);
});

test("children are counted all the way down, and none where there is no node", () => {
  const tree = new DataTree();
  for (const path of ["/a", "/a/b", "/a/b/c", "/ab"])
    tree.createNode(path, null, ANYONE, 0n, -1, zxid(1), 1);
  const counts = ["/", "/a", "/a/b", "/a/b/c", "/none"].map((path) =>
    allChildrenNumber(tree, path),
  );
  assert.deepEqual(counts, [7, 2, 1, 0, 0]);
});

test("the special nodes cannot be created again or lost as the root", () => {
  const tree = new DataTree();
  for (const path of ["", "/"]) {
    assert.equal(tree.deleteNode(path, zxid(1)), ErrorCode.noNode);
    assert.equal(tree.createNode(path, null, ANYONE, 0n, 1, zxid(1), 1), ErrorCode.nodeExists);
  }
  assert.equal(tree.get("")?.id, tree.get("/")?.id);
});

test("a node that is deleted takes what is below along, as a damaged log may ask", () => {
  const tree = new DataTree();
  for (const path of ["/a", "/a/b", "/a/b/c"])
    tree.createNode(path, null, ANYONE, 0n, -1, zxid(1), 1);
  assert.equal(tree.deleteNode("/a", zxid(2)), ErrorCode.ok);
  assert.deepEqual([tree.nodeCount, tree.digest.toBigInt()], [5, digestAfter("/a", zxid(2))]);
});

/** Of a fresh tree in which one child came and went. */
function digestAfter(path: string, at: number): bigint {
  const tree = new DataTree();
  tree.createNode(path, null, ANYONE, 0n, -1, zxid(1), 1);
  tree.deleteNode(path, zxid(at));
  return tree.digest.toBigInt();
}

test("closing a session deletes what its txn lists and tells what it does not", () => {
  const tree = new DataTree();
  for (const path of ["/a", "/b", "/c"]) tree.createNode(path, null, ANYONE, me, -1, zxid(1), 1);
  assert.deepEqual([...tree.ephemeralsOf(me)], ["/a", "/b", "/c"]);
  assert.deepEqual(tree.killSession(me, zxid(2), ["/c", "/a", "/gone"]), ["/b"]);
  assert.deepEqual([tree.nodeCount, tree.ephemeralCount], [5, 0]);
  assert.equal(tree.ephemeralsOf(me).size, 0);
  assert.equal(tree.get("/")?.pzxid, 2);
  assert.deepEqual(tree.killSession(me, zxid(3), null), []);
});

test("lastProcessedZxid never goes back", () => {
  const tree = new DataTree();
  tree.txnApplied(zxid(7));
  tree.txnApplied(zxid(5));
  assert.equal(tree.lastProcessedZxid, 7);
});

test("the digest log has one of every 128 txns and the last 1024 of them", () => {
  const tree = new DataTree();
  for (let at = 1; at <= 128 * 1030; at++) tree.txnApplied(zxid(at));
  const { entries } = tree.digestLog;
  assert.equal(entries.length, 1024);
  assert.deepEqual([entries[0]?.zxid, entries.at(-1)?.zxid], [128 * 7, 128 * 1030]);
  assert.deepEqual([entries[0]?.digest, entries[0]?.version], [1371985504n, DIGEST_VERSION]);
});

test("a digest that a txn carries and the tree does not have is counted and told", () => {
  const told: DigestMismatch[] = [];
  const tree = new DataTree({ ...DEFAULT_TREE_SETTINGS, onDigestMismatch: (it) => told.push(it) });
  assert.ok(tree.compareDigest(zxid(1), DIGEST_VERSION, 1371985504n));
  assert.ok(tree.compareDigest(zxid(1), DIGEST_VERSION + 1, 5n));
  assert.ok(!tree.compareDigest(zxid(2), DIGEST_VERSION, 5n));
  assert.ok(!tree.compareDigest(zxid(3), DIGEST_VERSION, 6n));
  assert.equal(tree.digestLog.mismatchCount, 2);
  assert.deepEqual(told, [
    { zxid: 2, expected: 5n, actual: 1371985504n, first: true },
    { zxid: 3, expected: 6n, actual: 1371985504n, first: false },
  ]);
});

test("digests wait until replay has come out of a fuzzy snapshot", () => {
  const told: DigestMismatch[] = [];
  const settings = {
    ...DEFAULT_TREE_SETTINGS,
    onDigestMismatch: (it: DigestMismatch) => told.push(it),
  };
  const load = (promised: number, digest: bigint): DataTree => {
    const loader = new TreeLoader(settings, () => {});
    loader.begin();
    loader.node(Buffer.alloc(0), 0, 0, Buffer.alloc(60), 0, 0, -1, 0);
    loader.finish(zxid(100), { zxid: zxid(promised), version: DIGEST_VERSION, digest });
    return loader.tree;
  };
  const content = load(0, 0n).digest.toBigInt();
  const fuzzy = load(128, 77n);
  assert.ok(fuzzy.compareDigest(zxid(101), DIGEST_VERSION, 1n));
  fuzzy.txnApplied(zxid(101));
  assert.deepEqual(told, []);
  fuzzy.txnApplied(zxid(128));
  assert.deepEqual(told.splice(0), [{ zxid: 128, expected: 77n, actual: content, first: true }]);
  assert.ok(!fuzzy.compareDigest(zxid(129), DIGEST_VERSION, 1n));
  // Its txn is missing from the log: from the first one beyond, digests count again.
  const missing = load(120, 77n);
  told.length = 0;
  missing.txnApplied(zxid(128));
  assert.deepEqual([told.length, missing.digestLog.entries.length], [0, 1]);
  // Exact ones are checked at once; those from before the snapshot's zxid say nothing.
  load(100, content);
  load(50, 77n);
  assert.deepEqual(told, []);
  load(100, 77n);
  assert.equal(told.length, 1);
});

test("a tree that may hold later changes already neither compares nor records digests", () => {
  const told: DigestMismatch[] = [];
  const tree = new DataTree({
    ...DEFAULT_TREE_SETTINGS,
    onDigestMismatch: (one) => told.push(one),
  });
  const appliedAt = (at: number) => {
    tree.txnApplied(zxid(at));
    return tree.compareDigest(zxid(at), DIGEST_VERSION, 1n);
  };
  tree.digestLog.isUncertain = true;
  assert.ok(appliedAt(128));
  tree.digestLog.isUncertain = false;
  assert.ok(!appliedAt(256));
  const zxids = [told, tree.digestLog.entries].map((all) => all.map((one) => one.zxid));
  assert.deepEqual(zxids, [[256], [256]]);
});

test("the digest of a tree is the sum of its nodes' digests, whatever was done to it", () => {
  const tree = new DataTree({ ...DEFAULT_TREE_SETTINGS, extendedTypesEnabled: true });
  const owners = [
    0n,
    5n,
    -(2n ** 62n),
    CONTAINER_OWNER,
    ttlOwner(77n) ?? 0n,
    -(2n ** 56n) | (3n << 40n),
  ];
  for (const [i, owner] of owners.entries()) {
    tree.createNode(`/n${i}`, Buffer.alloc(i * 100), ANYONE, owner, -1, zxid(i + 1), 1);
  }
  tree.setData("/n1", Buffer.alloc(5000), 3, zxid(9), 2);
  tree.setData("/", Buffer.from("root"), 3, zxid(10), 2);
  tree.setAcl("/n2", null, 4);
  const sum = new AdHash();
  for (const path of ["", "/zookeeper", ...owners.map((_, i) => `/n${i}`)]) {
    const node = tree.get(path);
    assert.ok(node !== undefined);
    const stat = Object.assign(new DigestedStat(), node.statPersisted());
    sum.add(stat.digestWith(contentDigest(pathDigest(path), node.data())));
  }
  assert.equal(sum.toBigInt(), tree.digest.toBigInt());
});

test("a sum of digests wraps at 64 bits as Java's long does", () => {
  const digest = fc.integer({ min: 0, max: 2 ** 32 - 1 });
  fc.assert(
    fc.property(fc.array(fc.tuple(digest, fc.boolean())), (all) => {
      const hash = new AdHash();
      let sum = 0n;
      for (const [value, plus] of all) {
        if (plus) hash.add(value);
        else hash.subtract(value);
        sum += plus ? BigInt(value) : -BigInt(value);
      }
      assert.equal(hash.toBigInt(), BigInt.asIntN(64, sum));
      const halves = (BigInt(hash.high) << 32n) | BigInt.asUintN(32, BigInt(hash.low));
      assert.equal(halves, hash.toBigInt());
    }),
  );
});

test("crc32 over a range is that of the bytes, in as many pieces as one likes", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 1000 }),
      fc.nat(1000),
      fc.nat(1000),
      (bytes, one, other) => {
        const cut = Math.min(one, bytes.length);
        const end = Math.min(Math.max(cut, other), bytes.length);
        const whole = crc32(bytes.subarray(0, end));
        assert.equal(crc32Range(bytes, cut, end, crc32Range(bytes, 0, cut, 0)), whole);
        const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
        assert.equal(crc32View(view, cut, end, crc32View(view, 0, cut, 0)), whole);
      },
    ),
  );
});

test("replies are written as their records are", () => {
  const tree = new DataTree({ ...DEFAULT_TREE_SETTINGS, extendedTypesEnabled: true });
  const values = [null, Buffer.alloc(0), Buffer.from("abc"), Buffer.alloc(40_000, 7)];
  const owners = [0n, -(2n ** 62n), CONTAINER_OWNER, ttlOwner(9n) ?? 0n];
  for (const [i, value] of values.entries()) {
    for (const [j, owner] of owners.entries()) {
      const path = `/n${i}${j}`;
      tree.createNode(path, value, ANYONE, owner, -1, zxid(2 ** 40 + i), 1_700_000_000_000);
      const node = tree.get(path);
      assert.ok(node !== undefined);
      const [ours, record] = [new JuteWriter(), new JuteWriter()];
      node.writeDataAndStat(ours);
      node.writeStat(ours);
      record.buffer(value);
      writeStat(record, node.stat());
      writeStat(record, node.stat());
      assert.deepEqual(ours.take(), record.take());
      assert.deepEqual(node.data(), value);
      assert.equal(node.ephemeralOwner, owner);
      assert.equal(node.stat().ephemeralOwner, j === 1 ? owner : 0n);
    }
  }
});

test("negative and largest times and zxids survive", () => {
  const tree = new DataTree();
  for (const time of [0, -1, -(2 ** 32), -(2 ** 40) - 5, 2 ** 53 - 1, -(2 ** 53) + 1]) {
    tree.setData("/", null, -1, zxid(2 ** 53 - 1), time);
    assert.equal(tree.get("/")?.mtime, time);
    assert.equal(tree.get("/")?.mzxid, 2 ** 53 - 1);
    assert.equal(tree.get("/")?.version, -1);
  }
});

test("a cversion that has wrapped is kept, and shown in Java's arithmetic", () => {
  const tree = new DataTree();
  tree.setCversionPzxid("/", 2 ** 31 - 1, zxid(1));
  assert.equal(tree.get("/")?.stat().cversion, (((2 ** 31 - 1) * 2) | 0) - 1);
  tree.createNode("/a", null, ANYONE, 0n, -1, zxid(2), 1);
  // One more is negative, which is not larger: as in Java it stays.
  assert.equal(tree.get("/")?.cversion, 2 ** 31 - 1);
});

test("children are told by their names, one, two or many", () => {
  const tree = new DataTree();
  const names: string[] = [];
  tree.createNode("/a", null, ANYONE, 0n, -1, zxid(1), 1);
  for (let i = 0; i < 50; i++) {
    names.push(`child${i}`);
    tree.createNode(`/a/child${i}`, null, ANYONE, 0n, -1, zxid(1), 1);
    assert.deepEqual(tree.get("/a")?.childNames(), names);
  }
  for (let i = 0; i < 50; i++) {
    tree.deleteNode(`/a/child${i}`, zxid(1));
    names.shift();
    assert.deepEqual(tree.get("/a")?.childNames(), names);
  }
  assert.equal(tree.get("/a")?.childCount, 0);
});

test("paths outside Latin-1 are kept", () => {
  const tree = new DataTree();
  for (const path of ["/äöü", "/中文", `/${"x".repeat(3000)}`]) {
    tree.createNode(path, null, ANYONE, 0n, -1, zxid(1), 1);
    assert.equal(tree.get(path)?.czxid, 1);
  }
  assert.deepEqual(tree.get("/")?.childNames().slice(1, 3), ["äöü", "中文"]);
});

const kinds: readonly [string, bigint, boolean, boolean, NodeKind][] = [
  ["nobody", 0n, true, true, NodeKind.persistent],
  ["a session", 5n, true, true, NodeKind.ephemeral],
  ["a session of server 192", -(2n ** 62n) + 3n, true, false, NodeKind.ephemeral],
  ["a container, whatever is enabled", CONTAINER_OWNER, true, true, NodeKind.container],
  ["a container without extended types", CONTAINER_OWNER, false, false, NodeKind.container],
  ["a TTL", -(2n ** 56n) | 5n, true, false, NodeKind.ttl],
  ["a TTL without extended types", -(2n ** 56n) | 5n, false, true, NodeKind.ephemeral],
  ["a TTL of 3.5.3", CONTAINER_OWNER | 5n, true, true, NodeKind.ttl],
  ["a TTL of 3.5.3 elsewhere", CONTAINER_OWNER | 5n, true, false, NodeKind.ephemeral],
  ["a feature of the future", -(2n ** 56n) | (1n << 40n), true, false, NodeKind.unknown],
];

for (const [name, owner, extendedTypesEnabled, emulate353TtlNodes, kind] of kinds) {
  test(`an ephemeralOwner is read as in Java: ${name}`, () => {
    assert.equal(nodeKindOf(owner, { extendedTypesEnabled, emulate353TtlNodes }), kind);
  });
}

test("a TTL goes into an ephemeralOwner and out of it again, within its limits", () => {
  assert.equal(ttlOwner(0n), undefined);
  assert.equal(ttlOwner(-1n), undefined);
  assert.equal(ttlOwner(BigInt(TTL_MAX_MS) + 1n), undefined);
  assert.equal(ttlOwner(1n), BigInt.asIntN(64, 0xff00000000000001n));
  assert.equal(ttlMsOf(ttlOwner(BigInt(TTL_MAX_MS)) ?? 0n), TTL_MAX_MS);
});

test("a log that deletes a node with others below it, however deep, leaves none of them", () => {
  const tree = new DataTree();
  const before = tree.nodeCount;
  let path = "";
  for (let at = 1; at <= 9000; at++) {
    path += "/a";
    tree.createNode(path, null, ANYONE, 0n, 1, zxid(at), 1);
  }
  tree.createNode("/a/b", null, ANYONE, 0n, 1, zxid(9001), 1);
  assert.equal(tree.deleteNode("/a", zxid(9002)), ErrorCode.ok);
  assert.equal(tree.nodeCount, before);
  assert.equal(tree.get("/a/b"), undefined);
});

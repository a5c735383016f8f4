import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { DataTree } from "../../src/tree/data-tree.js";
import { PathTrie } from "../../src/tree/path-trie.js";
import { quotaTotals } from "../../src/tree/quota-totals.js";
import { StatsTrack } from "../../src/tree/stats-track.js";
import { DEFAULT_TREE_SETTINGS } from "../../src/tree/tree-settings.js";
import { ErrorCode } from "../../src/wire/error-codes.js";
import { ANYONE, loadSnapshot, writeSnapshot, zxid } from "./support.js";

interface Line {
  readonly stats?: string;
  readonly text: string;
  readonly hard: [number, number];
}

test("quota texts are read and written as in Java", () => {
  const lines = readFileSync("test/golden/tree/auth.jsonl", "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Line)
    .filter((line) => line.stats !== undefined);
  assert.ok(lines.length > 5);
  for (const { stats, text, hard } of lines) {
    const track = new StatsTrack(stats ?? "");
    assert.equal(track.toString(), text, stats);
    assert.deepEqual([track.countHardLimit, track.byteHardLimit], hard, stats);
  }
});

test("quota texts that make no sense are as if they were not there", () => {
  for (const text of ["count", "=", "count=x", "count=1.5", "count=9223372036854775808", ",;=,"]) {
    assert.equal(new StatsTrack(text).toString().split("=;")[0], "count=-1,bytes=-1", text);
  }
  assert.equal(new StatsTrack("bytes=5,junk,count=3").toString(), "count=3,bytes=5");
});

const trie: readonly [string, string[], string[], string, string | undefined][] = [
  ["nothing is marked", [], [], "/a", undefined],
  ["the path itself", ["/a"], [], "/a", "/a"],
  ["a path below", ["/a"], [], "/a/b/c", "/a"],
  ["the deepest one", ["/a", "/a/b"], [], "/a/b/c", "/a/b"],
  ["not a longer name", ["/a"], [], "/ab", undefined],
  ["unmarked", ["/a"], ["/a"], "/a", undefined],
  ["unmarked above a marked one", ["/a", "/a/b"], ["/a"], "/a/b/c", "/a/b"],
  ["unmarked below a marked one", ["/a", "/a/b"], ["/a/b"], "/a/b/c", "/a"],
  ["never marked", ["/a"], ["/a/b", "/b", "/"], "/a", "/a"],
  ["blank elements do not count", ["/a"], [], "/ /a/\t/b", "/a"],
  ["the root cannot be marked", ["/", ""], [], "/a", undefined],
];

for (const [name, added, removed, path, prefix] of trie) {
  test(`the longest path with a quota: ${name}`, () => {
    const paths = new PathTrie();
    for (const one of added) paths.add(one);
    for (const one of removed) paths.remove(one);
    assert.equal(paths.longestPrefix(path), prefix);
  });
}

test("quota nodes in odd places, of which Java's server dies, do no harm", () => {
  const tree = new DataTree();
  let at = 0;
  const create = (path: string): number =>
    tree.createNode(path, Buffer.from("x"), ANYONE, 0n, -1, zxid(++at), 1);
  for (const path of [
    "/zookeeper/quota/zookeeper_limits",
    "/zookeeper/quota/zookeeper_stats",
    "/zookeeper/zookeeper_limits",
    "/zookeeper/zookeeper_stats",
    "/a",
  ]) {
    assert.equal(create(path), ErrorCode.ok, path);
  }
  for (const path of ["/zookeeper/quota/zookeeper_limits", "/zookeeper/zookeeper_limits", "/a"]) {
    assert.equal(tree.deleteNode(path, zxid(++at)), ErrorCode.ok, path);
  }
});

test("quota statistics are left alone when their node is gone", () => {
  const tree = new DataTree();
  let at = 0;
  const create = (path: string): void => {
    assert.equal(tree.createNode(path, null, ANYONE, 0n, -1, zxid(++at), 1), ErrorCode.ok);
  };
  for (const path of ["/zookeeper/quota/a", "/zookeeper/quota/a/zookeeper_limits", "/a", "/a/b"]) {
    create(path);
  }
  assert.equal(tree.quotaPrefix("/a/b"), "/a");
  create("/zookeeper/quota/a/zookeeper_stats");
  const stats = tree.get("/zookeeper/quota/a/zookeeper_stats");
  assert.equal(stats?.data()?.toString(), "count=2,bytes=0");
  const before = stats?.statPersisted();
  tree.setData("/a/b", Buffer.from("123"), 1, zxid(++at), 1);
  assert.equal(stats?.data()?.toString(), "count=2,bytes=3");
  assert.deepEqual(stats?.statPersisted(), before);
});

test("who sets a quota's own statistics is shown what they are counted to at once", () => {
  const tree = new DataTree();
  const quota = "/zookeeper/quota/zookeeper";
  for (const [at, path] of [
    quota,
    `${quota}/zookeeper_limits`,
    `${quota}/zookeeper_stats`,
  ].entries()) {
    assert.equal(tree.createNode(path, null, ANYONE, 0n, -1, zxid(at + 1), 1), ErrorCode.ok);
  }
  assert.equal(tree.quotaPrefix(`${quota}/zookeeper_stats`), "/zookeeper");
  for (const bytes of [5000, 0, 300]) {
    tree.setData(`${quota}/zookeeper_stats`, Buffer.alloc(bytes), 1, zxid(9), 1);
    assert.deepEqual(tree.setter.last?.stat(), tree.get(`${quota}/zookeeper_stats`)?.stat());
  }
});

test("limits are found among more nodes than a call has room for", () => {
  const tree = new DataTree();
  let at = 0;
  const create = (path: string): void => {
    assert.equal(tree.createNode(path, null, ANYONE, 0n, -1, zxid(++at), 1), ErrorCode.ok);
  };
  for (const path of ["/zookeeper/quota/a", "/zookeeper/quota/a/zookeeper_limits", "/a"])
    create(path);
  for (let i = 0; i < 150_000; i++) create(`/zookeeper/quota/a/${i}`);
  tree.setData(
    "/zookeeper/quota/a/zookeeper_limits",
    Buffer.from("count=7,bytes=-1"),
    1,
    zxid(++at),
    1,
  );
  assert.deepEqual([...quotaTotals(tree, "countLimit")], [["a", 7]]);
  tree.txnApplied(zxid(at));
  const loaded = loadSnapshot(writeSnapshot(tree.beginSnapshot()), at, DEFAULT_TREE_SETTINGS);
  assert.equal(loaded.quotaPrefix("/a/b"), "/a");
});

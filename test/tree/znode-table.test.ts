// The table of znodes beside the plainest thing that could be one: a Map of paths.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { NodeKind } from "../../src/tree/ephemeral-type.js";
import { NONE } from "../../src/tree/none.js";
import { mixed } from "../../src/tree/path-key.js";
import { ZnodeIndex } from "../../src/tree/znode-index.js";
import { pathOf } from "../../src/tree/znode-paths.js";
import { NEXT, ZnodeTable } from "../../src/tree/znode-table.js";
import { SeededRandom } from "../sim/platform/random.js";

/** Short names often, and now and then what may be in a path: other scripts, halves of characters, long ones. */
const name = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom("a", "b", "ab", "c0") },
  { weight: 1, arbitrary: fc.constantFrom("ä", "中文", "\ud83d\ude00", "\ud83d", "\ufffd", " ") },
  { weight: 1, arbitrary: fc.integer({ min: 900, max: 2500 }).map((n) => "x".repeat(n)) },
);
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => `/${names.join("/")}`);

function parentOf(child: string): string {
  return child.slice(0, child.lastIndexOf("/"));
}

function pathsOf(table: ZnodeTable): string[] {
  const paths: string[] = [];
  for (let id = table.first; id !== NONE; id = table.get(id, NEXT)) paths.push(pathOf(table, id));
  return paths;
}

test("a table of znodes is a map of paths in the order of adding", () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.array(fc.tuple(path, fc.boolean()), { minLength: 10, maxLength: 80, size: "max" }),
      (seed, steps) => {
        const table = new ZnodeTable(seed);
        const model = new Map<string, number>([["", table.addRoot(NodeKind.persistent)]]);
        for (const [at, adds] of steps) {
          const parent = table.findParent(at);
          assert.equal(parent, model.get(parentOf(at)) ?? NONE);
          const found = parent === NONE ? NONE : table.findChild(parent, at);
          assert.equal(found, model.get(at) ?? NONE);
          assert.equal(table.find(at), model.get(at) ?? NONE);
          const hasChildren = [...model.keys()].some((other) => other.startsWith(`${at}/`));
          if (adds && parent !== NONE && found === NONE) {
            model.set(at, table.addChild(parent, NodeKind.persistent));
          } else if (!adds && found !== NONE && !hasChildren) {
            table.remove(found);
            model.delete(at);
          }
          assert.equal(table.size, model.size);
          assert.deepEqual(pathsOf(table), [...model.keys()]);
        }
      },
    ),
  );
});

test("nodes move together when most of their neighbours are gone, and stay where they were", () => {
  const table = new ZnodeTable(1);
  table.addRoot(NodeKind.persistent);
  const kept: string[] = ["", "/a", "/b"];
  const add = (at: string) => table.addChild(table.findParent(at), NodeKind.persistent);
  for (const parent of ["/a", "/b"]) add(parent);
  const children = Array.from({ length: 20_000 }, (_, i) => `/${i % 3 ? "a" : "b"}/${1e7 + i}`);
  for (const child of children) add(child);
  for (const [i, child] of children.entries()) {
    if (i % 10 === 0) kept.push(child);
    else table.remove(table.find(child));
  }
  const pagesInUse = () => new Set(order.map((one) => table.find(one) >>> 15)).size;
  const order = pathsOf(table);
  assert.deepEqual([...order].sort(), kept.sort());
  const pagesBefore = pagesInUse();
  for (let id = table.first; id !== NONE; ) {
    const next = table.get(id, NEXT);
    table.settle(id);
    id = next;
  }
  assert.deepEqual(pathsOf(table), order);
  for (const one of order) assert.equal(pathOf(table, table.find(one)), one);
  // A tenth of the nodes: in one page, and the root and its children, which do not move, in theirs.
  assert.ok(pagesBefore >= 6 && pagesInUse() <= 3, `${pagesBefore} pages, then ${pagesInUse()}`);
});

test("an index of hashes finds what is in it, while it grows and shrinks", () => {
  const index = new ZnodeIndex();
  const has = (hash: number, id: number): boolean => {
    for (let at = index.first(hash); at !== NONE; at = index.next()) if (at === id) return true;
    return false;
  };
  // Every fifth hash is one that many share.
  const hashOf = (id: number) => mixed(id % 5 === 0 ? id % 500 : id);
  const count = 40_000;
  for (let id = 1; id <= count; id++) {
    assert.equal(has(hashOf(id), id), false);
    index.add(hashOf(id), id);
  }
  assert.equal(index.size, count);
  assert.ok(index.segmentCount > 8);
  for (let id = 1; id <= count; id++) assert.ok(has(hashOf(id), id));
  for (let id = 1; id <= count; id += 2) index.delete(hashOf(id), id);
  for (let id = 1; id <= count; id++) assert.equal(has(hashOf(id), id), id % 2 === 0);
  for (let id = 2; id <= count; id += 2) {
    index.replace(hashOf(id), id, count + id);
    assert.ok(has(hashOf(id), count + id));
    index.delete(hashOf(id), count + id);
  }
  assert.equal(index.size, 0);
  assert.equal(index.segmentCount, 1);
});

test("an index says what is in it, in any order of looking, adding, removing and renumbering (50 orders)", () => {
  for (let seed = 0; seed < 50; seed++) {
    const random = new SeededRandom(seed);
    const index = new ZnodeIndex();
    const model = new Map<number, Set<number>>();
    // The last twelve bits say where what was found last is remembered: some share them, and some all.
    const hashes = Array.from(
      { length: 300 },
      (_, i) => mixed(i % 200) & (i % 3 === 0 ? ~4095 : -1),
    );
    const idsOf = (hash: number): Set<number> => {
      const ids = model.get(hash) ?? new Set();
      model.set(hash, ids);
      return ids;
    };
    let lastId = 0;
    let hash = 0;
    for (let step = 0; step < 3000; step++) {
      if (random.chance(0.5)) hash = random.pick(hashes);
      const ids = idsOf(hash);
      const some = random.pick([...ids, NONE]);
      switch (random.integer(6)) {
        case 0:
          // Whoever finds what it wants looks no further.
          for (let id = index.first(hash); id !== some; id = index.next()) assert.ok(ids.has(id));
          break;
        case 1:
          assert.deepEqual(new Set(allOf(index, hash)), ids);
          break;
        case 2:
        case 3:
          index.add(hash, ++lastId);
          ids.add(lastId);
          break;
        case 4:
          if (ids.delete(some)) index.delete(hash, some);
          break;
        default:
          if (!ids.delete(some)) break;
          index.replace(hash, some, ++lastId);
          ids.add(lastId);
      }
    }
    for (const [hash, ids] of model) assert.deepEqual(new Set(allOf(index, hash)), ids);
    assert.equal(
      index.size,
      [...model.values()].reduce((sum, ids) => sum + ids.size, 0),
    );
  }
});

function allOf(index: ZnodeIndex, hash: number): number[] {
  const found: number[] = [];
  for (let id = index.first(hash); id !== NONE; id = index.next()) found.push(id);
  return found;
}

test("the hash of a path depends on the seed, and on every byte of it", () => {
  const collisions = (seed: number): number => {
    const table = new ZnodeTable(seed);
    const seen = new Set<number>();
    for (let i = 0; i < 20_000; i++) {
      table.key.set(`/parent${i % 7}/node${String(i).padStart(10, "0")}`);
      seen.add(mixed(table.key.hash));
    }
    return 20_000 - seen.size;
  };
  // Of 32 random bits one in twenty would have a collision at all.
  for (const seed of [0, 1, -7, 123_456_789]) assert.ok(collisions(seed) < 5);
  const hashOf = (seed: number) => {
    const table = new ZnodeTable(seed);
    table.key.set("/some/path");
    return table.key.hash;
  };
  assert.notEqual(hashOf(1), hashOf(2));
});

test("an index finds what came many at a time, and tells what came twice", () => {
  const index = new ZnodeIndex();
  const has = (hash: number, id: number): boolean => {
    for (let at = index.first(hash); at !== NONE; at = index.next()) if (at === id) return true;
    return false;
  };
  const hashOf = (id: number) => mixed(id % 5 === 0 ? id % 500 : id);
  const areSame = (id: number, other: number) => id % 100_000 === other % 100_000;
  let end = 0;
  // Into segments that are there, and into more than there are; one by one between them.
  for (const count of [1, 0, 3000, 50, 40_000, 20_000]) {
    const pairs = new Int32Array(2 * count);
    for (let i = 0; i < count; i++) {
      pairs[2 * i] = hashOf(++end);
      pairs[2 * i + 1] = end;
    }
    assert.equal(index.addMany(pairs, areSame), NONE);
    index.add(hashOf(++end), end);
  }
  assert.equal(index.size, end);
  for (let id = 1; id <= end; id++) assert.ok(has(hashOf(id), id), `${id} of ${end}`);
  assert.ok(!has(hashOf(end + 1), end + 1));
  const twin = 100_000 + 7;
  assert.equal(index.addMany(Int32Array.of(hashOf(7), twin), areSame), twin);
  for (let id = 1; id <= end; id++) index.delete(hashOf(id), id);
  index.delete(hashOf(7), twin);
  assert.equal(index.size, 0);
  assert.equal(index.segmentCount, 1);
});

test("nodes that are loaded are found while they wait to be indexed, however many there are", () => {
  const table = new ZnodeTable(5);
  table.addRoot(NodeKind.persistent);
  table.backlog.beginLoading(false);
  const add = (path: string): number => {
    const parent = table.findParent(path);
    assert.ok(parent !== NONE, `${path} has a parent`);
    return table.addChild(parent, NodeKind.persistent);
  };
  const paths: string[] = [];
  const parents = 300;
  for (let i = 0; i < parents; i++) paths.push(`/${i}`);
  // Parents that came long ago, and right before.
  for (let i = 0; i < parents; i++) for (let j = 0; j < 900; j++) paths.push(`/${i}/${j}`);
  for (let i = 0; i < 50; i++) paths.push(`/0/0/${i}`, `/0/0/${i}/a`, `/0/0/${i}/a/b`);
  const ids = new Map<string, number>();
  for (const path of paths) ids.set(path, add(path));
  assert.ok(table.backlog.size > 0, "some still wait");
  assert.equal(table.size, paths.length + 1);
  assert.equal(table.backlog.endLoading(), NONE);
  for (const path of paths) assert.equal(table.find(path), ids.get(path));
  assert.equal(table.find("/0/900"), NONE);
  assert.deepEqual(pathsOf(table), ["", ...paths]);
});

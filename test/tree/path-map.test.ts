import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { PathMap } from "../../src/tree/path-map.js";
import type { Znode } from "../../src/tree/znode.js";

/** The map only carries them. */
function node(name: string): Znode {
  return name as unknown as Znode;
}

test("a path map is a Map, however many it is made of", () => {
  const key = fc.integer({ min: 0, max: 12 }).map((i) => `/${i}`);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(key, fc.boolean()), { minLength: 10, maxLength: 100, size: "max" }),
      (all) => {
        const ours = new PathMap(3);
        const model = new Map<string, Znode>();
        for (const [path, adds] of all) {
          if (adds && !model.has(path)) {
            assert.equal(ours.add(path, node(path)), true);
            model.set(path, node(path));
          } else if (!adds) {
            ours.delete(path);
            model.delete(path);
          }
          assert.equal(ours.size, model.size);
          assert.equal(ours.get(path), model.get(path));
          assert.deepEqual([...ours.entries()], [...model]);
        }
      },
    ),
  );
});

test("a path that is there already is told of, whichever map has it", () => {
  for (const path of ["/0", "/1", "/2"]) {
    const ours = new PathMap(2);
    for (let i = 0; i < 3; i++) assert.equal(ours.add(`/${i}`, node(`/${i}`)), true);
    assert.equal(ours.add(path, node("twice")), false);
  }
});

test("a walk through a path map sees what comes and not what goes", () => {
  const ours = new PathMap(2);
  for (let i = 0; i < 5; i++) ours.add(`/${i}`, node(`/${i}`));
  const seen: string[] = [];
  for (const [path] of ours.entries()) {
    seen.push(path);
    if (path === "/1") ours.delete("/3");
    if (path === "/4") for (let i = 5; i < 10; i++) ours.add(`/${i}`, node(`/${i}`));
  }
  assert.deepEqual(seen, ["/0", "/1", "/2", "/4", "/5", "/6", "/7", "/8", "/9"]);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  type Children,
  countOf,
  pathsOf,
  withChild,
  withoutChild,
} from "../../src/tree/children.js";

/** Adds so many children, or takes away the one at that place, or the lot. */
const step = fc.oneof(
  fc.record({ add: fc.integer({ min: 1, max: 30 }) }),
  fc.record({ remove: fc.nat(60) }),
  fc.record({ removeAll: fc.constant(true) }),
);

test("children are a set in the order of adding, whatever they are kept in", () => {
  const property = fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
    let children: Children = null;
    const model = new Set<string>();
    let name = 0;
    const remove = (path: string) => {
      model.delete(path);
      children = withoutChild(children, path);
    };
    for (const { add = 0, remove: place = -1, removeAll = false } of steps as {
      add?: number;
      remove?: number;
      removeAll?: boolean;
    }[]) {
      for (let i = 0; i < add; i++) {
        const path = `/${name++}`;
        model.add(path);
        children = withChild(children, path);
      }
      if (place >= 0) remove([...model][place] ?? "/nobody");
      if (removeAll) for (const path of [...model]) remove(path);
      assert.equal(countOf(children), model.size);
      assert.deepEqual([...pathsOf(children)], [...model]);
    }
  });
  fc.assert(property);
});

test("a child that leaves thousands does not search for itself in a list", () => {
  let children: Children = null;
  for (let i = 0; i < 5000; i++) children = withChild(children, `/${i}`);
  assert.ok(children instanceof Set);
  children = withoutChild(children, "/7");
  assert.equal(countOf(children), 4999);
});

// What a tree cannot hold is refused before it is committed: every member would end where it applies it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { OWNED_NODES_MAX, TREE_PAGES_MAX } from "../../src/limits.js";
import { ErrorCode } from "../../src/wire/error-codes.js";
import { OpCode } from "../../src/wire/op-codes.js";
import * as ask from "./requests.js";
import { World } from "./world.js";

const CONTAINER = { type: OpCode.createContainer, flags: 4 };
const TTL = { type: OpCode.createTTL, flags: 5, ttl: 1000n };

function asked(world: World, request: ask.Ask): ErrorCode {
  return world.write(request.type, request.body).error;
}

/** As if so many were there. */
function pretend(owner: object, name: string, count: number): void {
  Object.defineProperty(owner, name, { value: count });
}

test("a tree whose rows have taken so many pages gets no more nodes, and may lose some", () => {
  const world = new World();
  assert.equal(asked(world, ask.create("/a")), ErrorCode.ok);
  pretend(world.tree.nodes, "pageCount", TREE_PAGES_MAX + 1);
  for (const request of [ask.create("/b"), ask.create("/c", CONTAINER), ask.create("/d", TTL)]) {
    assert.equal(asked(world, request), ErrorCode.systemError);
  }
  assert.equal(asked(world, ask.set("/a", "x")), ErrorCode.ok);
  assert.equal(asked(world, ask.remove("/a")), ErrorCode.ok);
});

test("names that fill a page each are counted as pages", () => {
  const { tree } = new World();
  const before = tree.nodes.pageCount;
  const world = new World();
  const name = "n".repeat(33_000);
  for (const digit of "123")
    assert.equal(asked(world, ask.create(`/${name}${digit}`)), ErrorCode.ok);
  assert.equal(world.tree.nodes.pageCount, before + 3);
  for (const digit of "123")
    assert.equal(asked(world, ask.remove(`/${name}${digit}`)), ErrorCode.ok);
  assert.equal(world.tree.nodes.pageCount, before);
});

for (const [what, owned, more] of [
  ["containers", (world: World) => world.tree.containers, ask.create("/c/x", CONTAINER)],
  ["TTL nodes", (world: World) => world.tree.ttls, ask.create("/c/x", TTL)],
  [
    "ephemerals of a session",
    (world: World) => world.tree.ephemeralsOf(world.context().caller.sessionId),
    ask.create("/c/x", { flags: 1 }),
  ],
] as const) {
  test(`there are only so many ${what}`, () => {
    const world = new World();
    for (const request of [
      ask.create("/c"),
      ask.create("/c/container", CONTAINER),
      ask.create("/c/ttl", TTL),
      ask.create("/c/ephemeral", { flags: 1 }),
    ]) {
      assert.equal(asked(world, request), ErrorCode.ok);
    }
    pretend(owned(world), "size", OWNED_NODES_MAX);
    assert.equal(asked(world, more), ErrorCode.systemError);
    assert.equal(asked(world, ask.create("/c/plain")), ErrorCode.ok);
  });
}

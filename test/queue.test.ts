import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { Queue } from "../src/queue.js";

const action = fc.oneof(
  {
    arbitrary: fc.integer({ min: 1, max: 40 }).map((count) => ["push", count] as const),
    weight: 2,
  },
  {
    arbitrary: fc.integer({ min: 1, max: 40 }).map((count) => ["take", count] as const),
    weight: 2,
  },
  {
    arbitrary: fc.integer({ min: 1, max: 9 }).map((count) => ["takeLast", count] as const),
    weight: 1,
  },
  { arbitrary: fc.constant(["clear", 1] as const), weight: 1 },
);

type Verb = "push" | "take" | "takeLast" | "clear";

/** The same to a queue and to an array, which is what it must be like. */
function act(verb: Verb, item: number, queue: Queue<number>, model: number[]): void {
  if (verb === "push") {
    model.push(item);
    queue.push(item);
  } else if (verb === "clear") {
    model.length = 0;
    queue.clear();
  } else if (verb === "take") {
    assert.equal(queue.take(), model.shift());
  } else {
    assert.equal(queue.takeLast(), model.pop());
  }
}

describe("Queue", () => {
  it("gives what an array gives, whatever is done to it", () => {
    const property = fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
      const queue = new Queue<number>();
      const model: number[] = [];
      let item = 0;
      for (const [verb, count] of actions) {
        for (let i = 0; i < count; i++) act(verb, item++, queue, model);
        assert.equal(queue.length, model.length);
        assert.equal(queue.first, model[0]);
        assert.equal(queue.last, model.at(-1));
        assert.deepEqual(queue.toArray(), model);
      }
    });
    fc.assert(property);
  });

  it("keeps nothing that was taken, even when it is never empty", async () => {
    setFlagsFromString("--expose-gc");
    const collectGarbage = runInNewContext("gc") as () => void;
    const queue = new Queue<object>();
    const passed = passThrough(queue);
    // A WeakRef holds until the turn in which it was made is over.
    await new Promise(setImmediate);
    collectGarbage();
    assert.equal(queue.length, 1);
    assert.equal(passed.filter((item) => item.deref() !== undefined).length, 1);
  });
});

function passThrough(queue: Queue<object>): WeakRef<object>[] {
  const passed: WeakRef<object>[] = [];
  for (let i = 0; i < 100; i++) {
    const item = { i };
    passed.push(new WeakRef(item));
    queue.push(item);
    if (i > 0) queue.take();
  }
  return passed;
}

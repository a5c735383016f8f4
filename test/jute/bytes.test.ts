import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { copyBytes, getInt32, putInt32 } from "../../src/jute/bytes.js";

test("Ints and runs of bytes are as Buffer's own methods have them, and touch nothing beside", () => {
  const int = fc.integer({ min: -(2 ** 31), max: 2 ** 32 - 1 });
  fc.assert(
    fc.property(int, fc.nat(12), fc.uint8Array({ maxLength: 12 }), (value, at, run) => {
      const expected = Buffer.alloc(24, 0xdd);
      const actual = Buffer.from(expected);
      expected.writeInt32BE(value | 0, at);
      putInt32(actual, at, value);
      assert.deepEqual(actual, expected);
      assert.equal(getInt32(actual, at), expected.readInt32BE(at));

      expected.set(run, at);
      copyBytes(run, actual, at);
      assert.deepEqual(actual, expected);
    }),
  );
});

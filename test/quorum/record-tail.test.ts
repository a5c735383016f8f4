import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { RecordTail } from "../../src/quorum/record-tail.js";
import type { Zxid } from "../../src/wire/ids.js";

test("the tail of many records is the newest ones that fit, whatever their sizes", () => {
  const size = fc.oneof(fc.nat(30), fc.integer({ min: 0, max: 90_000 }));
  fc.assert(
    fc.property(fc.array(size, { maxLength: 40 }), fc.integer({ min: 1, max: 6 }), (sizes, max) => {
      const maxBytes = 120_000;
      const tail = new RecordTail(max, maxBytes);
      const record = Buffer.allocUnsafe(90_000);
      for (const [i, bytes] of sizes.entries()) {
        record.fill(i, 0, bytes);
        tail.add((i + 1) as Zxid, record.subarray(0, bytes));
      }
      let left = maxBytes;
      const expected: [number, Buffer][] = [];
      for (let i = sizes.length - 1; i >= 0 && expected.length < max; i--) {
        left -= sizes[i]!;
        if (left < 0) break;
        expected.unshift([i + 1, Buffer.alloc(sizes[i]!, i)]);
      }
      const kept = tail.toCommittedLog().all();
      assert.deepEqual(
        kept.map(({ zxid, bytes }) => [zxid, bytes]),
        expected,
      );
    }),
  );
});

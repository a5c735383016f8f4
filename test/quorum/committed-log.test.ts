import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CommittedLog } from "../../src/quorum/committed-log.js";
import { makeZxid, type Zxid } from "../../src/wire/ids.js";

test("A committed log keeps the newest transactions that fit, whatever their sizes", () => {
  const size = fc.oneof(fc.nat(30), fc.integer({ min: 0, max: 90_000 }));
  fc.assert(
    fc.property(fc.array(size, { maxLength: 40 }), fc.integer({ min: 1, max: 6 }), (sizes, max) => {
      const maxBytes = 120_000;
      const log = new CommittedLog(max, maxBytes);
      const record = Buffer.allocUnsafe(90_000);
      for (const [i, bytes] of sizes.entries()) {
        record.fill(i, 0, bytes);
        log.add((i + 1) as Zxid, record.subarray(0, bytes));
      }
      let left = maxBytes;
      const expected: [number, Buffer][] = [];
      for (let i = sizes.length - 1; i >= 0 && expected.length < max; i--) {
        left -= sizes[i]!;
        if (left < 0) break;
        expected.unshift([i + 1, Buffer.alloc(sizes[i]!, i)]);
      }
      assert.deepEqual(
        log.all().map(({ zxid, bytes }) => [zxid, bytes]),
        expected,
      );
      assert.equal(log.first, expected[0]?.[0]);
      assert.equal(log.last, expected.at(-1)?.[0]);
    }),
  );
});

test("What a committed log has given stays as it is, whatever comes", () => {
  const log = new CommittedLog(2, 1000);
  for (const zxid of [1, 2]) log.add(zxid as Zxid, Buffer.from(`txn ${zxid}`));
  const given = log.all();
  for (const zxid of [3, 4, 5, 6, 7]) log.add(zxid as Zxid, Buffer.from(`txn ${zxid}`));
  assert.deepEqual(
    given.map(({ bytes }) => bytes.toString()),
    ["txn 1", "txn 2"],
  );
});

test("A committed log refuses what is not the next transaction", () => {
  const log = new CommittedLog(10, 1000);
  log.add(makeZxid(1, 7), Buffer.alloc(1));
  log.add(makeZxid(3, 1), Buffer.alloc(1));
  for (const zxid of [makeZxid(3, 1), makeZxid(3, 3), makeZxid(4, 0), makeZxid(4, 2)]) {
    assert.throws(() => log.add(zxid, Buffer.alloc(1)), /does not follow 0x300000001/);
  }
});

test("A committed log that was replayed over an error of (e,0) begins there", () => {
  const log = new CommittedLog(10, 1000);
  for (const zxid of [makeZxid(1, 7), makeZxid(2, 0), makeZxid(2, 1)]) {
    log.replayed(zxid, Buffer.from([0, zxid & 0xff]), 1, 2);
  }
  assert.deepEqual(
    log.all().map(({ zxid, bytes }) => [zxid, bytes[0]]),
    [
      [makeZxid(2, 0), 0],
      [makeZxid(2, 1), 1],
    ],
  );
});

test("Of pages that are replayed the newest are kept, the same ones whether the others were passed over or not", () => {
  for (const pages of [[3, 40, 2], [40], [9, 1, 1], [10, 11, 12, 3], [1, 2]]) {
    const all = new CommittedLog(10, 1000);
    const newest = new CommittedLog(10, 1000);
    let zxid = makeZxid(1, 0);
    for (const count of pages) {
      for (let behind = count - 1; behind >= 0; behind--) {
        zxid = (zxid + 1) as Zxid;
        const page = Buffer.from(`record ${zxid}`);
        all.replayed(zxid, page, 0, page.length);
        newest.replayed(zxid, page, 0, page.length, behind);
      }
    }
    for (const log of [all, newest]) log.replayedAll(zxid);
    assert.deepEqual(newest.all(), all.all());
    assert.equal(newest.last, zxid);
  }
});

test("A committed log that did not keep the last that was replayed keeps nothing", () => {
  const log = new CommittedLog(2, 1000);
  log.replayed(makeZxid(1, 1), Buffer.from("1"), 0, 1);
  // Behind this one there were others of before, a second time.
  log.replayed(makeZxid(1, 2), Buffer.from("2"), 0, 1, 2);
  log.replayedAll(makeZxid(1, 2));
  assert.deepEqual(log.all(), []);
  log.add(makeZxid(1, 3), Buffer.from("3"));
  assert.equal(log.first, makeZxid(1, 3));
});

// Digests from what is new in a stat are those of the whole stat.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { DigestedStat } from "../../src/tree/digested-stat.js";
import { createdDigest, withChildren } from "../../src/tree/stat-digest.js";
import type { Zxid } from "../../src/wire/ids.js";

const safeLong = fc.maxSafeNat();
const crc = fc.nat(2 ** 32 - 1);
const int = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });

function halves(long: number): DataView {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigInt64(0, BigInt(long));
  return view;
}

test("a created node's digest is that of its stat", () => {
  fc.assert(
    fc.property(crc, safeLong, safeLong, fc.nat(9), (content, zxid, timeMs, at) => {
      const page = new DataView(new ArrayBuffer(at + 16));
      page.setBigInt64(at, BigInt(zxid));
      page.setBigInt64(at + 8, BigInt(timeMs));
      const stat = new DigestedStat();
      stat.czxid = zxid as Zxid;
      stat.mzxid = zxid as Zxid;
      stat.pzxid = zxid as Zxid;
      stat.ctime = timeMs;
      stat.mtime = timeMs;
      assert.equal(createdDigest(content, page, at, at + 8), stat.digestWith(content));
    }),
  );
});

test("a parent's digest changes by what a child changes of its stat, whatever else is in it", () => {
  const stats = fc.record({
    czxid: safeLong,
    mzxid: safeLong,
    ctime: safeLong,
    mtime: safeLong,
    version: int,
    aversion: int,
    owner: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  });
  const children = fc.record({ pzxid: safeLong, cversion: int });
  fc.assert(
    fc.property(crc, stats, children, children, (content, rest, before, after) => {
      const stat = new DigestedStat();
      Object.assign(stat, { ...rest, owner: undefined, ephemeralOwner: rest.owner, ...before });
      const old = stat.digestWith(content);
      Object.assign(stat, after);
      const [oldPzxid, pzxid] = [halves(before.pzxid), halves(after.pzxid)];
      const changed = withChildren(
        old,
        oldPzxid.getInt32(0) ^ pzxid.getInt32(0),
        oldPzxid.getInt32(4) ^ pzxid.getInt32(4),
        before.cversion ^ after.cversion,
      );
      assert.equal(changed, stat.digestWith(content));
    }),
  );
});

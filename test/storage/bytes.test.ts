// The small pure parts: checksum, padding, snappy, names.

import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateSync } from "node:zlib";
import fc from "fast-check";
import { adler32, oneByteAltered } from "../../src/storage/adler32.js";
import { logFiles, snapshotFiles } from "../../src/storage/file-names.js";
import { paddedSize } from "../../src/storage/log-format.js";
import {
  SnappyCompressor,
  snappyContentBytes,
  snappyMaxCompressedBytes,
  snappyUncompress,
} from "../../src/storage/snappy.js";
import { StorageDamage } from "../../src/storage/storage-damage.js";

/** zlib ends its streams with the Adler-32 of their content. */
function adlerByZlib(bytes: Buffer): number {
  const stream = deflateSync(bytes, { level: 0 });
  return stream.readUInt32BE(stream.length - 4);
}

const someBytes = fc
  .uint8Array({ maxLength: 20_000, size: "max" })
  .map((bytes) => Buffer.from(bytes));

test("the checksum is zlib's, whole or in pieces", () => {
  fc.assert(
    fc.property(someBytes, fc.nat(20_000), (bytes, cut) => {
      const at = Math.min(cut, bytes.length);
      const whole = adler32(bytes, 0, bytes.length);
      assert.equal(whole, adlerByZlib(bytes));
      assert.equal(adler32(bytes, at, bytes.length, adler32(bytes, 0, at)), whole);
    }),
  );
});

test("the checksum of the largest sums does not overflow", () => {
  const bytes = Buffer.alloc(1_000_003, 0xff);
  assert.equal(adler32(bytes, 0, bytes.length), adlerByZlib(bytes));
});

test("one altered byte is recognized wherever it is", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 3000 }),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      (bytes, at, change) => {
        const expected = adler32(bytes, 0, bytes.length);
        bytes[at % bytes.length]! ^= change;
        assert.equal(oneByteAltered(bytes, 0, bytes.length, expected), true);
      },
    ),
  );
});

test("a missing sector is rarely taken for one altered byte", () => {
  const content = fc.sample(fc.uint8Array({ minLength: 2000, maxLength: 2000 }), {
    numRuns: 300,
    seed: 7,
  });
  let mistaken = 0;
  for (const bytes of content) {
    const expected = adler32(bytes, 0, bytes.length);
    bytes.fill(0, 512, 1024);
    if (oneByteAltered(bytes, 0, bytes.length, expected)) mistaken++;
  }
  assert.ok(mistaken <= 9, `${mistaken} of 300`);
});

test("a log grows by Java's rule", () => {
  const kb = 1024;
  const rows: [position: number, size: number, step: number, expected: number][] = [
    [16, 16, 64 * kb, 64 * kb + 16],
    [1000, 64 * kb, 64 * kb, 64 * kb],
    [60 * kb - 1, 64 * kb, 64 * kb, 64 * kb],
    [60 * kb, 64 * kb, 64 * kb, 128 * kb],
    [70 * kb, 64 * kb, 64 * kb, 128 * kb],
    [200 * kb, 64 * kb, 64 * kb, 256 * kb],
    [5000, 100, 0, 100],
  ];
  for (const [position, size, step, expected] of rows) {
    assert.equal(paddedSize(position, size, step), expected);
  }
});

test("snappy gives back what it was given", () => {
  const compressor = new SnappyCompressor();
  const repeating = fc
    .tuple(fc.uint8Array({ minLength: 1, maxLength: 60 }), fc.integer({ min: 1, max: 500 }))
    .map(([part, times]) => Buffer.concat(Array.from({ length: times }, () => part)));
  fc.assert(
    fc.property(fc.oneof(someBytes, repeating), (content) => {
      const out = Buffer.alloc(snappyMaxCompressedBytes(content.length));
      const block = out.subarray(0, compressor.compress(content, 0, content.length, out, 0));
      assert.equal(snappyContentBytes(block), content.length);
      const again = Buffer.alloc(content.length);
      snappyUncompress(block, again);
      assert.ok(again.equals(content));
    }),
  );
});

test("snappy never reads or writes outside of a block, whatever is in it", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const block = Buffer.from(bytes);
      try {
        const length = snappyContentBytes(block);
        if (length > 100_000) return;
        snappyUncompress(block, Buffer.alloc(length));
      } catch (error) {
        assert.ok(error instanceof StorageDamage, String(error));
      }
    }),
    { numRuns: 2000 },
  );
});

test("only Java's exact names count, in the order of their zxids", () => {
  const names = [
    "log.10",
    "log.9",
    "log.A",
    "log.5.bak",
    "log.",
    "log.xyz",
    "tmp.log.1",
    "snapshot.1",
  ];
  assert.deepEqual(
    logFiles("/d", names).map((file) => file.name),
    ["log.9", "log.A", "log.10"],
  );
  const snapshots = [
    "snapshot.1",
    "snapshot.a.gz",
    "snapshot.2.snappy",
    "snapshot.3.tmp",
    "snapshot.ffffffffffffffff",
  ];
  assert.deepEqual(
    snapshotFiles("/d", snapshots).map((file) => `${file.name} ${file.compression}`),
    ["snapshot.a.gz gz", "snapshot.2.snappy snappy", "snapshot.1 "],
  );
  assert.throws(
    () => logFiles("/d", ["log.20000000000001"]),
    /Cannot use "\/d\/log\.20000000000001": its epoch is/,
  );
});

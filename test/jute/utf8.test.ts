// Strings as Java writes and reads them, malformed ones included (test/golden/records/utf8.txt, from Java).

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { decodeUtf8, encodeUtf8, utf8Length } from "../../src/jute/utf8.js";

function encode(text: string): Buffer {
  const target = Buffer.alloc(text.length * 3 + 2, 0xaa);
  const end = encodeUtf8(target, 1, text);
  assert.equal(end - 1, utf8Length(text));
  assert.ok(target[0] === 0xaa && target[end] === 0xaa, "Nothing around it is written");
  return target.subarray(1, end);
}

function decode(hex: string): string {
  const bytes = Buffer.from(hex, "hex");
  return decodeUtf8(bytes, 0, bytes.length);
}

/** One byte of each kind that a decoder tells apart; the same list as in Capture.java. */
const KINDS = [
  0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec,
  0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xf7, 0xf8, 0xff,
];

function fnv(hash: number, value: number): number {
  return Math.imul(hash ^ value, 0x01000193) >>> 0;
}

/** Decodes every sequence of up to four bytes that begins with these, and sums up what they give. */
function sumUp(bytes: number[], sum: { count: number; hash: number }): void {
  const text = decodeUtf8(Buffer.from(bytes), 0, bytes.length);
  sum.count += 1;
  sum.hash = fnv(sum.hash === 0 ? 0x811c9dc5 : sum.hash, text.length);
  for (let i = 0; i < text.length; i++) sum.hash = fnv(sum.hash, text.charCodeAt(i));
  if (bytes.length === 4) return;
  for (const kind of KINDS) sumUp([...bytes, kind], sum);
}

test("Every malformed sequence is replaced as Java replaces it", () => {
  const golden = path.join(import.meta.dirname, "../../../test/golden/records/utf8.txt");
  for (const line of readFileSync(golden, "utf8").trimEnd().split("\n")) {
    const [first, count, hash] = line.split(" ");
    const sum = { count: 0, hash: 0 };
    sumUp([Number.parseInt(first!, 16)], sum);
    assert.deepEqual(`${sum.count} ${sum.hash.toString(16)}`, `${count} ${hash}`, `from ${first}`);
  }
});

test("An encoded surrogate is one replacement character, whole or cut", () => {
  assert.equal(decode("eda080"), "\ufffd");
  assert.equal(decode("eda0"), "\ufffd");
  assert.equal(decode("eda041"), "\ufffdA");
  assert.equal(decode("41eda0bdedb88042"), "A\ufffd\ufffdB");
  assert.equal(decode("ed"), "\ufffd");
  assert.equal(decode("ed9fbf"), "\ud7ff");
  assert.equal(decode("efbfbd"), "\ufffd");
});

test("A character outside the basic plane is read from four bytes and written as six", () => {
  assert.equal(decode("f09f9880"), "\u{1f600}");
  assert.equal(encode("\u{1f600}").toString("hex"), "eda0bdedb880");
  const long = "x".repeat(100);
  assert.equal(encode(`${long}\u{1f600}`).toString("hex"), `${"78".repeat(100)}eda0bdedb880`);
});

test("A byte order mark is a character like another", () => {
  assert.equal(decode("efbbbf41"), "\ufeffA");
  assert.equal(encode("\ufeffA").toString("hex"), "efbbbf41");
});

test("Any string is encoded unit by unit, however long", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 120 }), (units) => {
      const expected = units.flatMap((unit) => {
        if (unit < 0x80) return [unit];
        if (unit < 0x800) return [0xc0 | (unit >> 6), 0x80 | (unit & 0x3f)];
        return [0xe0 | (unit >> 12), 0x80 | ((unit >> 6) & 0x3f), 0x80 | (unit & 0x3f)];
      });
      assert.deepEqual([...encode(String.fromCharCode(...units))], expected);
    }),
  );
});

test("Any string without surrogates comes back", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 120 }), (text) => {
      const whole = text.replaceAll(/[\ud800-\udfff]/g, "");
      const bytes = encode(whole);
      assert.equal(decodeUtf8(bytes, 0, bytes.length), whole);
    }),
  );
});

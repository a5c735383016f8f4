import assert from "node:assert/strict";
import { test } from "node:test";
import { ProtocolError } from "../../src/errors.js";
import { JuteReader } from "../../src/jute/reader.js";

function reading(hex: string): JuteReader {
  return new JuteReader(Buffer.from(hex, "hex"));
}

test("Numbers are read as Java reads them", () => {
  assert.equal(reading("fe").byte(), -2);
  assert.equal(reading("7f").byte(), 127);
  assert.equal(reading("00").bool(), false);
  assert.equal(reading("02").bool(), true);
  assert.equal(reading("80000000").int(), -2147483648);
  assert.equal(reading("ffffffffffffffff").long(), -1);
  assert.equal(reading("ffffffff00000000").long(), -(2 ** 32));
  assert.equal(reading("3fc00000").float(), 1.5);
  assert.equal(reading("c004000000000000").double(), -2.5);
  assert.equal(reading("8000000000000000").bigLong(), -(2n ** 63n));
});

test("A long is read up to 53 bits and refused beyond", () => {
  assert.equal(reading("001fffffffffffff").long(), Number.MAX_SAFE_INTEGER);
  assert.equal(reading("ffe0000000000001").long(), Number.MIN_SAFE_INTEGER);
  for (const hex of [
    "0020000000000000",
    "0020000000000001",
    "ffe0000000000000",
    "8000000000000000",
  ]) {
    assert.throws(() => reading(hex).long(), ProtocolError, hex);
  }
});

test("A length that is negative or more than is left is unreasonable, in Java's words", () => {
  for (const read of ["string", "buffer"] as const) {
    assert.equal(reading("ffffffff")[read](), null);
    for (const [hex, length] of [
      ["fffffffe", -2],
      ["80000000", -2147483648],
      ["7fffffff", 2147483647],
      ["0000000261", 2],
    ] as const) {
      assert.throws(() => reading(hex)[read](), {
        name: "ProtocolError",
        message: `Unreasonable length = ${length}`,
      });
    }
  }
});

test("A vector's length is held against the least that its items take", () => {
  assert.equal(reading("ffffffff").vectorLength(4), -1);
  assert.equal(reading("00000000").vectorLength(4), 0);
  assert.equal(reading("000000020000000000000000").vectorLength(4), 2);
  assert.throws(() => reading("0000000200000000000000").vectorLength(4), {
    message: "Unreasonable length = 2",
  });
  assert.throws(() => reading("7fffffff00000000").vectorLength(12), ProtocolError);
});

test("A vector's length below -1 is an empty vector, as in Java", () => {
  assert.equal(reading("fffffffe").vectorLength(4), 0);
  assert.equal(reading("80000000").vectorLength(4), 0);
});

test("A buffer is a view of what is read", () => {
  const bytes = Buffer.from("0000000361626364", "hex");
  const view = new JuteReader(bytes).buffer()!;
  assert.equal(view.toString(), "abc");
  assert.equal(view.buffer, bytes.buffer);
  assert.equal(reading("00000000").buffer()!.length, 0);
});

test("Nothing outside the range is read", () => {
  const bytes = Buffer.from("aabb00000001ccdd", "hex");
  const reader = new JuteReader(bytes, 2, 6);
  assert.equal(reader.remaining, 4);
  assert.equal(reader.int(), 1);
  assert.equal(reader.remaining, 0);
  assert.throws(() => reader.byte(), ProtocolError);
  const short = new JuteReader(bytes, 2, 5);
  assert.throws(() => short.int(), { message: "Record is cut short: want 4 bytes, have 3" });
  assert.equal(short.position, 2, "A failed read takes nothing");
  assert.throws(() => new JuteReader(bytes, 2, 6).string(), { message: "Unreasonable length = 1" });
});

test("A range outside the buffer is the caller's mistake", () => {
  const bytes = Buffer.alloc(4);
  assert.throws(() => new JuteReader(bytes, 0, 5), RangeError);
  assert.throws(() => new JuteReader(bytes, -1, 4), RangeError);
  assert.throws(() => new JuteReader(bytes, 3, 2), RangeError);
});

test("The end of a record with bytes left is refused", () => {
  const reader = reading("000102");
  reader.byte();
  assert.throws(() => reader.end(), {
    name: "ProtocolError",
    message: "Record ends 2 bytes early",
  });
  reader.byte();
  reader.byte();
  reader.end();
});

test("A record within a buffer ends where that does, and what follows is read from behind it", () => {
  const reader = reading("000000030102030000000405000000ffffffff06");
  const outer = reader.enter();
  assert.equal(reader.remaining, 3);
  assert.deepEqual(reader.rest(), Buffer.from([1, 2, 3]));
  assert.equal(reader.byte(), 1);
  assert.throws(() => reader.int(), ProtocolError);
  reader.leave(outer!);
  const second = reader.enter();
  assert.equal(reader.byte(), 5);
  assert.throws(() => reader.int(), ProtocolError);
  reader.leave(second!);
  assert.equal(reader.enter(), undefined);
  assert.equal(reader.byte(), 6);
  assert.throws(() => reading("00000004010203").enter(), ProtocolError);
  assert.throws(() => reading("fffffffe010203").enter(), ProtocolError);
});

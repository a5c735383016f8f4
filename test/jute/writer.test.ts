import assert from "node:assert/strict";
import { test } from "node:test";
import { JuteReader } from "../../src/jute/reader.js";
import { JuteWriter } from "../../src/jute/writer.js";

function written(write: (out: JuteWriter) => void): string {
  const out = new JuteWriter(1);
  write(out);
  return out.take().toString("hex");
}

test("Numbers are big-endian two's complement", () => {
  assert.equal(
    written((out) => out.byte(-2)),
    "fe",
  );
  assert.equal(
    written((out) => out.bool(true)),
    "01",
  );
  assert.equal(
    written((out) => out.int(-2)),
    "fffffffe",
  );
  assert.equal(
    written((out) => out.int(0x01020304)),
    "01020304",
  );
  assert.equal(
    written((out) => out.float(1.5)),
    "3fc00000",
  );
  assert.equal(
    written((out) => out.double(-2.5)),
    "c004000000000000",
  );
  assert.equal(
    written((out) => out.bigLong(-(2n ** 63n))),
    "8000000000000000",
  );
});

test("A long number is written exactly, at every boundary of its halves", () => {
  const edges = [0, 1, 2 ** 31, 2 ** 32, 2 ** 33, 2 ** 52, Number.MAX_SAFE_INTEGER];
  for (const edge of edges) {
    for (const value of [edge - 1, edge, edge + 1, -edge - 1, -edge, -edge + 1]) {
      if (!Number.isSafeInteger(value)) continue;
      const bytes = Buffer.alloc(8);
      bytes.writeBigInt64BE(BigInt(value));
      assert.equal(
        written((out) => out.long(value)),
        bytes.toString("hex"),
        `${value}`,
      );
    }
  }
});

test("A long that does not fit is not written", () => {
  for (const value of [2 ** 53, -(2 ** 53), 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => new JuteWriter().long(value), /not a safe integer/);
  }
  for (const value of [2n ** 63n, -(2n ** 63n) - 1n]) {
    assert.throws(() => new JuteWriter().bigLong(value), /more than 64 bits/);
  }
});

test("Null and empty are written differently", () => {
  assert.equal(
    written((out) => out.buffer(null)),
    "ffffffff",
  );
  assert.equal(
    written((out) => out.buffer(Buffer.alloc(0))),
    "00000000",
  );
  assert.equal(
    written((out) => out.string(null)),
    "ffffffff",
  );
  assert.equal(
    written((out) => out.string("")),
    "00000000",
  );
});

test("The buffer grows under every kind of value, and keeps what was written", () => {
  for (let size = 0; size < 100; size++) {
    const out = new JuteWriter(3);
    const text = "é".repeat(size);
    const bytes = Buffer.alloc(size, size);
    for (let round = 0; round < 3; round++) {
      out.string(text);
      out.raw(bytes);
      out.buffer(bytes);
      out.long(size);
      out.bool(true);
    }
    const reader = new JuteReader(out.take());
    for (let round = 0; round < 3; round++) {
      assert.equal(reader.string(), text);
      for (let i = 0; i < size; i++) assert.equal(reader.byte(), size);
      assert.deepEqual(reader.buffer(), bytes);
      assert.equal(reader.long(), size);
      assert.equal(reader.bool(), true);
    }
    reader.end();
  }
});

test("A reserved gap is zeros until it is patched", () => {
  const out = new JuteWriter(4);
  out.string("before");
  const gap = out.reserve(12);
  out.string("after");
  assert.equal(
    out
      .view()
      .subarray(gap, gap + 12)
      .toString("hex"),
    "00".repeat(12),
  );
  out.patchInt(gap, -3);
  out.patchLong(gap + 4, 2 ** 40);
  assert.equal(
    out
      .view()
      .subarray(gap, gap + 12)
      .toString("hex"),
    "fffffffd0000010000000000",
  );
  assert.throws(() => out.patchInt(out.length - 3, 0), /not written/);
  assert.throws(() => out.patchLong(-1, 0), /not written/);
});

test("Truncating forgets what came after", () => {
  const out = new JuteWriter();
  out.int(1);
  const length = out.length;
  out.string("forgotten");
  out.truncate(length);
  out.byte(2);
  assert.equal(out.take().toString("hex"), "0000000102");
  assert.throws(() => out.truncate(1), /more than was written/);
});

test("What was taken stays as it is; what was viewed does not after a reset", () => {
  const out = new JuteWriter();
  out.int(1);
  const taken = out.take();
  assert.equal(out.length, 0);
  assert.equal(out.take().length, 0);
  out.int(2);
  assert.equal(taken.toString("hex"), "00000001");
  const view = out.view();
  out.reset();
  out.int(3);
  assert.equal(view.toString("hex"), "00000003");
});

test("What is sliced off stays as it is while the writer goes on behind it", () => {
  const writer = new JuteWriter(64);
  const slices: { readonly slice: Buffer; readonly bytes: Buffer }[] = [];
  for (let i = 0; i < 200; i++) {
    const data = Buffer.alloc((i * 37) % 150, i);
    const alone = new JuteWriter();
    for (const out of [writer, alone]) {
      out.reset();
      out.int(i);
      const at = out.reserve(8);
      out.string(`/a${"ä".repeat(i % 7)}`);
      out.buffer(data);
      out.long(i * 2 ** 33);
      out.patchInt(0, -i);
      out.patchLong(at, i);
      out.byte(1);
      out.truncate(out.length - 1);
    }
    assert.equal(writer.length, alone.length);
    assert.deepEqual(writer.view(), alone.view());
    slices.push({ slice: writer.slice(), bytes: alone.take() });
    assert.equal(writer.length, 0);
  }
  for (const { slice, bytes } of slices) assert.deepEqual(slice, bytes);
});

// Every record against what Java writes and reads; fed whole, cut everywhere, and damaged.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ProtocolError } from "../../src/errors.js";
import { emitTypeScript } from "../../src/jute/emit.js";
import type { JuteField, JuteType } from "../../src/jute/parse.js";
import { JuteReader } from "../../src/jute/reader.js";
import { JuteWriter } from "../../src/jute/writer.js";
import type { Golden } from "./golden.js";
import {
  codecFor,
  description,
  fromJson,
  hasUnsafeLong,
  isBig,
  loadGoldens,
  readProjectFile,
} from "./golden.js";

const goldens39 = loadGoldens("records-3.9.txt");
const goldens38 = loadGoldens("records-3.8.txt");
const goldens = [...goldens39, ...goldens38];
const readable = goldens.filter((golden) => !hasUnsafeLong(golden.record, golden.value));
const unreadable = goldens.filter((golden) => hasUnsafeLong(golden.record, golden.value));

function encode(record: string, value: unknown): Buffer {
  const out = new JuteWriter(16);
  codecFor(record).write(out, value);
  return out.take();
}

function decode(record: string, bytes: Buffer): unknown {
  const reader = new JuteReader(bytes);
  const value = codecFor(record).read(reader);
  reader.end();
  return value;
}

function title(golden: Golden): string {
  return `${golden.record}, ${golden.set}`;
}

test("records.ts is what the compiler makes of zookeeper.jute", () => {
  const current = emitTypeScript(description, {
    sourceName: "zookeeper.jute",
    runtime: "../jute",
  });
  assert.equal(readProjectFile("src/wire/records.ts"), current, "Run `npm run jute`");
});

test("Every record has goldens, and every golden a record", () => {
  const captured = [...new Set(goldens39.map((golden) => golden.record))].sort();
  assert.deepEqual(captured, [...description.records.keys()].sort());
  for (const record of captured) {
    assert.ok(
      readable.some((golden) => golden.record === record),
      `All goldens of ${record} are beyond 53 bits`,
    );
  }
});

test("Records that 3.8 writes otherwise are the two that gained a trailing field", () => {
  const records = [...new Set(goldens38.map((golden) => golden.record))];
  assert.deepEqual(records, ["ConnectRequest", "ConnectResponse"]);
  const value = decode("ConnectRequest", goldens38[0]!.bytes) as { readOnly?: boolean };
  assert.equal(value.readOnly, undefined);
});

test("Every record is written as Java writes it", () => {
  for (const golden of readable) {
    const bytes = encode(golden.record, fromJson(golden.record, golden.value));
    assert.equal(bytes.toString("hex"), golden.bytes.toString("hex"), title(golden));
  }
});

test("Every record is read as Java reads it, and written again as Java does", () => {
  for (const golden of readable) {
    const value = decode(golden.record, golden.bytes);
    assert.deepEqual(value, fromJson(golden.record, golden.reads), title(golden));
    const again = encode(golden.record, value);
    assert.equal(again.toString("hex"), golden.again.toString("hex"), title(golden));
  }
});

test("Longs that a number cannot hold are refused, where they are not bigint", () => {
  assert.ok(unreadable.length > 0);
  for (const golden of unreadable) {
    assert.throws(() => decode(golden.record, golden.bytes), ProtocolError, title(golden));
  }
});

test("Every record cut at every length is refused", () => {
  for (const golden of readable) {
    const fields = description.records.get(golden.record)!.fields;
    // A record without its trailing field is whole. (3.8's goldens have no such field to cut.)
    const trailing = fields.at(-1)!;
    const isThere = (golden.value as Record<string, unknown>)[trailing.name] !== undefined;
    const trailingBytes =
      trailing.type.kind === "primitive" && trailing.type.name === "long" ? 8 : 1;
    const whole = trailing.trailing && isThere ? golden.bytes.length - trailingBytes : -1;
    for (let length = 0; length < golden.bytes.length; length++) {
      if (length === whole) continue;
      // The rest of the buffer is there, but out of the range that may be looked at.
      const reader = new JuteReader(golden.bytes, 0, length);
      assert.throws(
        () => codecFor(golden.record).read(reader),
        ProtocolError,
        `${title(golden)}, cut at ${length}`,
      );
      assert.ok(reader.position <= length);
    }
  }
});

/** What became of reading: never anything but a value and how far it went, or a ProtocolError. */
function outcome(record: string, bytes: Buffer, start: number, end: number): unknown {
  const reader = new JuteReader(bytes, start, end);
  try {
    const value = codecFor(record).read(reader);
    assert.ok(reader.position <= end);
    return { value, read: reader.position - start };
  } catch (error) {
    assert.ok(error instanceof ProtocolError, `${record}: ${error}`);
    return error.message;
  }
}

test("Damaged records are read or refused, and nothing around them matters", () => {
  const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(fc.constantFrom(...readable), damage, fc.nat(8), (golden, bytesAt, cut) => {
      const damaged = Buffer.from(golden.bytes);
      for (const [at, byte] of bytesAt) damaged[at % damaged.length] = byte;
      const record = damaged.subarray(0, Math.max(0, damaged.length - cut));
      const alone = outcome(golden.record, record, 0, record.length);
      for (const around of [0x00, 0xff]) {
        const noise = Buffer.alloc(64, around);
        const surrounded = Buffer.concat([noise, record, noise]);
        const end = 64 + record.length;
        assert.deepEqual(outcome(golden.record, surrounded, 64, end), alone);
      }
    }),
    { numRuns: 20_000 },
  );
});

test("Random bytes are read or refused as any record", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...description.records.keys()),
      fc.uint8Array({ maxLength: 80 }),
      (record, bytes) => {
        outcome(record, Buffer.from(bytes), 0, bytes.length);
      },
    ),
    { numRuns: 10_000 },
  );
});

test("Every record with any values comes back from its bytes", () => {
  for (const record of description.records.keys()) {
    fc.assert(
      fc.property(recordValues(record), (value) => {
        const bytes = encode(record, value);
        assert.deepEqual(decode(record, bytes), value);
      }),
      { numRuns: 60 },
    );
  }
});

function recordValues(record: string): fc.Arbitrary<unknown> {
  const fields = description.records.get(record)!.fields;
  const arbitraries = fields.map((field) => [field.name, fieldValues(field)]);
  return fc.record(Object.fromEntries(arbitraries), { noNullPrototype: true });
}

function fieldValues(field: JuteField): fc.Arbitrary<unknown> {
  const values = isBig(field)
    ? fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
    : typeValues(field.type);
  return field.trailing ? fc.option(values, { nil: undefined }) : values;
}

function typeValues(type: JuteType): fc.Arbitrary<unknown> {
  if (type.kind === "record") return recordValues(type.name);
  if (type.kind === "vector") return fc.option(fc.array(typeValues(type.item), { maxLength: 5 }));
  if (type.kind === "map") throw new Error("No record has a map");
  switch (type.name) {
    case "boolean":
      return fc.boolean();
    case "int":
      return fc.integer();
    case "long":
      return fc.maxSafeInteger();
    case "buffer":
      return fc.option(fc.uint8Array().map((bytes) => Buffer.from(bytes)));
    case "ustring":
      return fc.option(basicPlaneStrings());
    default:
      throw new Error(`No record has a ${type.name}`);
  }
}

/** Strings that survive Java's encoding: without surrogates. */
function basicPlaneStrings(): fc.Arbitrary<string> {
  const unit = fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 0, max: 0x7f }) },
    fc.integer({ min: 0x80, max: 0xd7ff }),
    fc.integer({ min: 0xe000, max: 0xffff }),
  );
  return fc.array(unit, { maxLength: 80 }).map((units) => String.fromCharCode(...units));
}

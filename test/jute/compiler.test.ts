// The language: what is taken, what is refused, and what becomes of what ZooKeeper's own records do not use.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { ProtocolError } from "../../src/errors.js";
import { emitTypeScript } from "../../src/jute/emit.js";
import { JuteSyntaxError, parseJute } from "../../src/jute/parse.js";
import { JuteReader } from "../../src/jute/reader.js";
import { JuteWriter } from "../../src/jute/writer.js";
import type { Everything } from "../golden/records/sample.js";
import { readEverything, writeEverything } from "../golden/records/sample.js";
import type { Handle } from "../golden/records/sample-brands.js";

const samples = path.join(import.meta.dirname, "../../../test/golden/records");

function inClass(fields: string): string {
  return `module m { class A { ${fields} } }`;
}

function refuses(source: string, message: RegExp): void {
  assert.throws(
    () => parseJute(source),
    (error) => error instanceof JuteSyntaxError && message.test(error.message),
    source,
  );
}

test("The sample is what the compiler makes of it", () => {
  const file = parseJute(readFileSync(path.join(samples, "sample.jute"), "utf8"));
  const emitted = emitTypeScript(file, { sourceName: "sample.jute", runtime: "../../../src/jute" });
  const remedy =
    "Run node dist/src/jute/compile-cli.js on sample.jute and sample.ts with ../../../src/jute";
  assert.equal(readFileSync(path.join(samples, "sample.ts"), "utf8"), emitted, remedy);
});

const everything: fc.Arbitrary<Everything> = fc.record(
  {
    tiny: fc.integer({ min: -128, max: 127 }),
    yes: fc.boolean(),
    low: fc.float(),
    high: fc.double(),
    counts: fc
      .array(fc.tuple(fc.option(fc.string()), fc.integer()), { maxLength: 4 })
      .map((entries) => new Map(entries)),
    names: fc
      .array(fc.tuple(fc.integer(), fc.option(fc.array(fc.option(fc.string())))), { maxLength: 3 })
      .map((entries) => new Map(entries)),
    nested: fc.option(
      fc.array(fc.option(fc.array(fc.option(fc.uint8Array().map((bytes) => Buffer.from(bytes))))), {
        maxLength: 4,
      }),
    ),
    bits: fc.option(fc.array(fc.boolean())),
    longs: fc.option(fc.array(fc.maxSafeInteger())),
    handle: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value) => value as Handle),
    raw: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    nothing: fc.constant({}),
    last: fc.option(fc.option(fc.string()), { nil: undefined }),
  },
  { noNullPrototype: true },
);

test("Every type of the language comes back from its bytes, and is refused when cut", () => {
  fc.assert(
    fc.property(everything, fc.nat(), (value, cut) => {
      const out = new JuteWriter();
      writeEverything(out, value);
      const bytes = out.take();
      const reader = new JuteReader(bytes);
      assert.deepEqual(readEverything(reader), value);
      reader.end();

      const withoutLast = new JuteWriter();
      writeEverything(withoutLast, { ...value, last: undefined });
      const length = cut % bytes.length;
      if (length === withoutLast.length) return;
      assert.throws(() => readEverything(new JuteReader(bytes, 0, length)), ProtocolError);
    }),
  );
});

test("Comments, annotations and qualified names are understood", () => {
  const file = parseJute(`
    /* licence
       @brand is not one here: a brand begins its comment */
    // @brand Big bigint ./big.js
    module a.b {
      // what it is,
      // in two lines
      class Outer {
        long one; // @Big the first
        // about nothing
        vector<a.b.Inner>many;long two;
        Inner inner; }
      class Inner { int x; }
    }
    module c { class Last { buffer b; // @trailing may be missing
    } }`);
  assert.deepEqual([...file.records.keys()], ["Outer", "Inner", "Last"]);
  const outer = file.records.get("Outer")!;
  assert.equal(outer.module, "a.b");
  assert.equal(outer.comment, "what it is, in two lines");
  assert.deepEqual(
    outer.fields.map((field) => [field.name, field.holding, field.comment]),
    [
      ["one", "Big", "the first"],
      ["many", undefined, ""],
      ["two", undefined, ""],
      ["inner", undefined, ""],
    ],
  );
  assert.equal(file.records.get("Last")!.fields[0]!.trailing, true);
});

test("What is not the language is refused with its line", () => {
  refuses("module m {\n class A {\n int x }", /^Line 3 at "}": want ";"$/);
  refuses("module m { class A { int x; }", /^End of file: want "class"$/);
  refuses("module m { class A { int 5x; } }", /^Line 1: unexpected "5"$/);
  refuses("module m { klass A { } }", /^Line 1 at "klass": want "class"$/);
  refuses("class A { }", /want "module"/);
  refuses("module m { class A { } class A { } }", /class "A" is there already/);
  refuses("// @brand Zxid string ./ids.js\n", /want "@brand name number\|bigint module"/);
});

test("Records that could not be read safely are refused", () => {
  refuses(inClass("B b;"), /^Field "A.b": no class "B"$/);
  refuses(inClass("vector<B> b;"), /no class "B"/);
  refuses(inClass("A a;"), /Class "A" contains itself/);
  refuses("module m { class A { B b; } class B { A a; } }", /contains itself/);
  refuses(inClass("int x; vector<A> parts;"), /contains itself/);
  refuses(inClass("map<int,vector<A>> parts;"), /contains itself/);
  refuses("module m { class A { vector<B> b; } class B { } }", /take no bytes/);
  refuses(inClass("long x; // @Unknown\n"), /"Unknown" is neither bigint nor a brand/);
  refuses(inClass("int x; // @bigint\n"), /only a long can be held as "bigint"/);
  refuses(inClass("int x; // @trailing\n int y;"), /only the last field can be trailing/);
  refuses(
    "module m { class A { B b; } class B { int x; // @trailing\n } }",
    /"B" has a trailing field, so nothing can contain it/,
  );
});

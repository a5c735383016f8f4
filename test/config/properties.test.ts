// The properties format against the real java.util.Properties: test/golden/config/properties.txt was written by it
// (CaptureProperties.java beside it).

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import fc from "fast-check";
import {
  MalformedProperties,
  parseProperties,
  parsePropertiesBytes,
  propertiesMap,
} from "../../src/config/properties.js";

const GOLDEN = "test/golden/config/properties.txt";

function unescaped(text: string): string {
  return text.replace(/\\x(..)|\\u(....)/g, (_, two: string, four: string) =>
    String.fromCharCode(Number.parseInt(two ?? four, 16)),
  );
}

/** Keys and values sorted by key, the last of equal keys, as the golden file has them. */
function ours(text: string): string[] {
  try {
    const entries = parsePropertiesBytes(Buffer.from(text, "latin1"));
    const map = new Map(entries.map(({ key, value }) => [key, value]));
    return [...map].sort(([a], [b]) => (a < b ? -1 : 1)).flat();
  } catch (error) {
    assert(error instanceof MalformedProperties);
    return ["error", error.message];
  }
}

describe("properties", () => {
  test("give what Java gives for every captured text", () => {
    const lines = readFileSync(GOLDEN, "utf8").trimEnd().split("\n");
    assert(lines.length > 2000);
    for (const line of lines) {
      const isError = line.includes('" error "');
      const [text, ...rest] = [...line.matchAll(/"([^"]*)"/g)].map((match) => unescaped(match[1]!));
      assert.deepEqual(ours(text!), isError ? ["error", ...rest] : rest, line);
    }
  });

  test("keep a server line with its client port whole", () => {
    const [entry] = parseProperties("server.1=host:2888:3888;2181\n");
    assert.deepEqual(entry, { key: "server.1", value: "host:2888:3888;2181", line: 1 });
  });

  test("tell the line on which a key begins", () => {
    const entries = parseProperties("# one\n\na=1\\\n  2\r\n\r\nb=3\rc=4");
    assert.deepEqual(
      entries.map(({ key, line }) => [key, line]),
      [
        ["a", 3],
        ["b", 6],
        ["c", 7],
      ],
    );
  });

  test("tell the line of a malformed escape", () => {
    assert.throws(() => parseProperties("a=b\nc=\\u12"), {
      name: "MalformedProperties",
      message: "Malformed \\uxxxx encoding.",
      line: 2,
    });
  });

  test("read bytes as ISO-8859-1, as Java reads zoo.cfg", () => {
    const [entry] = parsePropertiesBytes(Buffer.from("dataDir=/é", "utf8"));
    assert.equal(entry?.value, "/Ã©");
  });

  test("trim keys and values as Java does and let the last of equal keys win", () => {
    const map = propertiesMap(parseProperties("a=1  \nb=\\ 2\u00a0\na = 3\nc=\\u0000 4\\t\n"));
    assert.equal(map.get("a")?.value, "3");
    assert.equal(map.get("b")?.value, "2\u00a0");
    assert.equal(map.get("c")?.value, "4");
  });

  test("give back whatever was escaped into them", () => {
    const escaped = (text: string) =>
      [...text].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");
    const unit = fc.string({
      unit: fc.integer({ min: 0, max: 0xffff }).map((n) => String.fromCharCode(n)),
    });
    fc.assert(
      fc.property(unit, unit, (key, value) => {
        const units = (text: string) => text.split("").map(escaped).join("");
        const [entry] = parseProperties(`k${units(key)}=${units(value)}`);
        assert.equal(entry?.key, `k${key}`);
        assert.equal(entry?.value, value);
      }),
    );
  });
});

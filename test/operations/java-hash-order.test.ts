// The order of Java's hash sets, against what a Java 17 listed (test/golden/operations/java-hash-order.jsonl).

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { inHashSetOrder, inIdentityOrder } from "../../src/auth/java-hash-order.js";
import type { Id } from "../../src/wire/records.js";

interface Sample {
  readonly kind: "paths" | "identities";
  readonly oldestFirst: readonly string[];
  readonly listed: readonly string[];
}

const samples = readFileSync(
  new URL("../../../test/golden/operations/java-hash-order.jsonl", import.meta.url),
  "utf8",
)
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Sample);

function id(text: string): Id {
  const colon = text.indexOf(":");
  return { scheme: text.slice(0, colon), id: text.slice(colon + 1) };
}

for (const { kind, oldestFirst, listed } of samples) {
  if (kind === "paths") {
    test(`inHashSetOrder lists ${listed.length} paths as Java does`, () => {
      assert.deepEqual(inHashSetOrder(oldestFirst), listed);
    });
  } else {
    test(`inIdentityOrder lists ${listed.length} identities as Java does`, () => {
      assert.deepEqual(inIdentityOrder(oldestFirst.map(id)), listed.map(id));
    });
  }
}

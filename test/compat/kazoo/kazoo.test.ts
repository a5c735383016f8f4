// kazoo's own test-suite has the same result against Zooid as against Java 3.9.5.
//
// Java's result is kept in kazoo-baseline-java39.txt, one line a test; KAZOO_BASELINE=1 records it anew.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { peerTest, REPOSITORY } from "../peers.js";
import { type Outcomes, runSuite } from "./suite.js";

const BASELINE = join(REPOSITORY, "test/compat/kazoo/kazoo-baseline-java39.txt");

const asLines = (outcomes: Outcomes) =>
  [...outcomes].map(([id, outcome]) => `${outcome} ${id}`).sort();

if (process.env.KAZOO_BASELINE === "1") {
  peerTest("kazoo's test-suite against Java gives a baseline", ["kazoo", "java39"], async () => {
    const lines = asLines(await runSuite("java39"));
    assert.ok(lines.length > 100, `Only ${lines.length} tests ran`);
    writeFileSync(BASELINE, `${lines.join("\n")}\n`);
  });
} else {
  peerTest(
    "kazoo's test-suite has the same result against Zooid as against Java",
    ["kazoo", "zooid"],
    async () => {
      const baseline = readFileSync(BASELINE, "utf8").trimEnd().split("\n");
      assert.deepEqual(asLines(await runSuite("zooid")), baseline);
    },
  );
}

// kazoo's own test-suite has the same result against Zooid as against Java 3.9.5: one server, and an ensemble of three
// (read-only mode included).
//
// Java's results are kept in kazoo-baseline-java39*.txt, one line a test; KAZOO_BASELINE=1 records them anew.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PORTS } from "../ensemble-world.js";
import { peerTest, REPOSITORY } from "../peers.js";
import { type Outcomes, runSuite, type SuiteOptions } from "./suite.js";

type Shape = Omit<SuiteOptions, "kind"> & { readonly baseline: string };

const SHAPES: Readonly<Record<string, Shape>> = {
  "a single server": {
    servers: 1,
    portOffsets: [PORTS.kazooAlone, PORTS.kazooAlone + 40],
    baseline: "kazoo-baseline-java39.txt",
  },
  "an ensemble of three": {
    servers: 3,
    portOffsets: [PORTS.kazooThree, PORTS.kazooThree + 50],
    baseline: "kazoo-baseline-java39-three.txt",
  },
};

const asLines = (outcomes: Outcomes) =>
  [...outcomes].map(([id, outcome]) => `${outcome} ${id}`).sort();

for (const [what, shape] of Object.entries(SHAPES)) {
  const path = join(REPOSITORY, "test/compat/kazoo", shape.baseline);
  if (process.env.KAZOO_BASELINE === "1") {
    peerTest(
      `kazoo's test-suite against Java, ${what}, gives a baseline`,
      ["kazoo", "java39"],
      async () => {
        const lines = asLines(await runSuite({ ...shape, kind: "java39" }));
        assert.ok(lines.length > 100, `Only ${lines.length} tests ran`);
        writeFileSync(path, `${lines.join("\n")}\n`);
      },
    );
  } else {
    peerTest(
      `kazoo's test-suite has the same result against Zooid as against Java: ${what}`,
      ["kazoo", "zooid"],
      async () => {
        const baseline = readFileSync(path, "utf8").trimEnd().split("\n");
        assert.deepEqual(asLines(await runSuite({ ...shape, kind: "zooid" })), baseline);
      },
    );
  }
}

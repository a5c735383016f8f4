// The toolkits say what Java's said of the same files, and leave the same files behind.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { CASES, nameOf } from "./cases.js";
import { readGoldens } from "./goldens.js";
import { Bench, ourToolkit } from "./run-case.js";

const goldens = readGoldens();
const bench = new Bench(ourToolkit);
after(() => bench.remove());

for (const asked of CASES) {
  const name = nameOf(asked);
  test(`A toolkit answers as Java's: ${name}`, () => {
    assert.equal(bench.run(asked), goldens.get(name));
  });
}

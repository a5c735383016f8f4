// Every bug of the zoo can still be put back; whether the simulator finds it is for `npm run sim:zoo`, which takes hours.

import assert from "node:assert/strict";
import { test } from "node:test";
import { BUGS } from "./all-bugs.js";
import { sourcesWith } from "./build.js";

test("Each bug of the zoo has a name of its own", () => {
  assert.equal(new Set(BUGS.map(({ name }) => name)).size, BUGS.length);
});

for (const bug of BUGS) {
  test(`The zoo can put back ${bug.name}: its snippets are in src, each once`, () => {
    for (const [file, source] of sourcesWith(bug)) assert.notEqual(source, "", file);
  });
}

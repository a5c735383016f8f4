// The rules of the house, checked against the house. Each message says how to mend what it found. The rules themselves are
// in test/tidy, and are tested on small bad samples in test/tidy/rules.test.ts.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { checkCalls, checkExit } from "./tidy/calls.js";
import {
  checkCycles,
  checkDeadFiles,
  checkDirection,
  checkPackages,
  checkTargets,
} from "./tidy/imports.js";
import { checkFileLength, checkFunctionLength } from "./tidy/size.js";
import { readTree, type Tree } from "./tidy/source.js";
import { checkLeftovers, checkLinks, checkPromises, checkTitles } from "./tidy/texts.js";

/** From dist/test, or from wherever this runs: the folder above that has the project's package.json and src. */
function projectRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json"))) folder = dirname(folder);
  return folder;
}

const root = projectRoot();
const tree = readTree(root);

const RULES: Readonly<Record<string, (tree: Tree) => string[]>> = {
  "imports point down the layers": checkDirection,
  "nothing is imported in a circle": checkCycles,
  "there are no barrels": checkTargets,
  "packages and node's modules are imported where they belong": checkPackages,
  "pure and driven code calls nothing that a simulated run could not repeat": checkCalls,
  "only programs end the process": checkExit,
  "every file is used": checkDeadFiles,
  "no file is longer than 400 lines": checkFileLength,
  "no function is longer than 70 lines": checkFunctionLength,
  "nothing is left over": checkLeftovers,
  "every page has one title": checkTitles,
  "every relative link leads somewhere": (checked) =>
    checkLinks(checked, (path) => existsSync(join(root, path))),
  "promised pages are still to be written": checkPromises,
};

for (const [name, check] of Object.entries(RULES)) {
  test(name, () => {
    const problems = check(tree);
    assert.equal(problems.length, 0, `\n${problems.join("\n")}\n`);
  });
}

// docs/ZOO.md has every known bug, and every test that it names exists.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { BUGS } from "./all-bugs.js";
import { PROJECT } from "./build.js";
import { type ShowingTest, zooRows } from "./inventory.js";
import { testsOf } from "./shown.js";

/** First and last number of each part of the list. */
const PARTS: readonly (readonly [letter: string, first: number, last: number])[] = [
  ["R", 1, 44],
  ["R", 50, 62],
  ["R", 70, 80],
  ["R", 90, 100],
  ["R", 110, 119],
  ["R", 130, 138],
  ["R", 150, 156],
  ["R", 170, 176],
  ["H", 1, 10],
];

const rows = zooRows();

test("The zoo has every known bug once", () => {
  const told = rows.flatMap(({ numbers }) => numbers).sort();
  const known = PARTS.flatMap(([letter, first, last]) =>
    Array.from({ length: last - first + 1 }, (_, i) => `${letter}${first + i}`),
  );
  assert.deepEqual(told, known.sort());
});

test("Every test that the zoo names exists", () => {
  for (const { numbers, shownBy, tests } of rows) {
    if (/^not ours: /.test(shownBy)) continue;
    assert.ok(tests.length > 0, `${numbers}: "${shownBy}" names no test`);
    for (const test of tests) exists(`${numbers}`, test);
  }
});

test("Every bug that can be put back has tests that show it, and they exist", () => {
  for (const bug of BUGS) {
    if (bug.given !== undefined) continue;
    assert.ok(testsOf(bug).length > 0, `${bug.name} names no test`);
    for (const test of bug.shownBy ?? []) exists(bug.name, test);
  }
});

function exists(whose: string, { file, name }: ShowingTest): void {
  const path = join(PROJECT, "test", file);
  assert.ok(existsSync(path), `${whose}: there is no ${path}`);
  assert.ok(readFileSync(path, "utf8").includes(name), `${whose}: ${file} has no "${name}"`);
}

// docs/ZOO.md has every known bug, and every test that it names exists.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { PROJECT } from "./build.js";

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

const rows = readFileSync(join(PROJECT, "docs/ZOO.md"), "utf8")
  .split("\n")
  .filter((line) => /^\| [RH]\d/.test(line))
  .map((line) => line.split("|").map((cell) => cell.trim()))
  .map((cells) => ({ numbers: (cells[1] as string).split(", "), shownBy: cells[5] as string }));

test("The zoo has every known bug once", () => {
  const told = rows.flatMap(({ numbers }) => numbers).sort();
  const known = PARTS.flatMap(([letter, first, last]) =>
    Array.from({ length: last - first + 1 }, (_, i) => `${letter}${first + i}`),
  );
  assert.deepEqual(told, known.sort());
});

test("Every test that the zoo names exists", () => {
  for (const { numbers, shownBy } of rows) {
    if (/^(pending|not ours): /.test(shownBy)) continue;
    const named = [...shownBy.matchAll(/`([^`]+)` "([^"]+)"/g)];
    assert.ok(named.length > 0, `${numbers}: "${shownBy}" names no test`);
    for (const [, file, name] of named) {
      const path = join(PROJECT, "test", file as string);
      assert.ok(existsSync(path), `${numbers}: there is no ${path}`);
      assert.ok(
        readFileSync(path, "utf8").includes(name as string),
        `${numbers}: ${file} has no "${name}"`,
      );
    }
  }
});

// The rows of docs/ZOO.md: which numbers, and which tests are said to show them.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PROJECT } from "./build.js";

export interface ShowingTest {
  /** Below test: a program, or a notebook in test/transcripts. */
  readonly file: string;
  /** The test's name, the beginning of it, or what the notebook says in the place. */
  readonly name: string;
}

export interface ZooRow {
  /** R1, H3 … */
  readonly numbers: readonly string[];
  /** The last column, as it stands. */
  readonly shownBy: string;
  readonly tests: readonly ShowingTest[];
}

export function zooRows(): ZooRow[] {
  return readFileSync(join(PROJECT, "docs/ZOO.md"), "utf8")
    .split("\n")
    .filter((line) => /^\| [RH]\d/.test(line))
    .map((line) => line.split("|").map((cell) => cell.trim()))
    .map((cells) => {
      const shownBy = cells[5] as string;
      const named = [...shownBy.matchAll(/`([^`]+)` "([^"]+)"/g)];
      const tests = named.map(([, file, name]) => ({ file, name }) as ShowingTest);
      return { numbers: (cells[1] as string).split(", "), shownBy, tests };
    });
}

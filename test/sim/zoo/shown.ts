// npm run sim:zoo -- --tests [name …]
//
// A test that does not fail with the bug does not show it. Here every test that docs/ZOO.md names for a bug that can be put
// back is run with it, in a copy of what is compiled in which the bug's files are replaced, and once without it.

import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { transformSync } from "esbuild";
import type { Bug } from "./bug.js";
import { PROJECT, sourcesWith } from "./build.js";
import { type ShowingTest, zooRows } from "./inventory.js";

/** A bug may make a test wait for ever. */
const TEST_MAX_MS = 240_000;

export type Verdict = "fails" | "passes" | "runs nothing";

export interface Shown {
  readonly test: ShowingTest;
  /** With the bug. */
  readonly verdict: Verdict;
}

export function testsOf({ known, given, shownBy = [] }: Bug): ShowingTest[] {
  // Its test makes a build of its own.
  if (given !== undefined) return [];
  const numbers: readonly string[] = known.match(/\b[RH]\d+/g) ?? [];
  const rows = zooRows().filter((row) => row.numbers.some((number) => numbers.includes(number)));
  const tests = new Map<string, ShowingTest>();
  const named = [...shownBy, ...rows.flatMap((row) => row.tests)];
  for (const test of named) tests.set(`${test.file} ${test.name}`, test);
  // What needs a peer program is for the compatibility suite.
  return [...tests.values()].filter(({ file }) => !file.startsWith("compat/"));
}

/** The project as it is compiled, for changes that nobody else sees. */
export class Copy {
  readonly #root = mkdtempSync(join(tmpdir(), "zooid-shown-"));
  readonly #passes = new Map<string, Verdict>();

  constructor() {
    cpSync(join(PROJECT, "dist"), join(this.#root, "dist"), { recursive: true });
    for (const name of ["node_modules", "src", "test", "docs", "package.json"]) {
      symlinkSync(join(PROJECT, name), join(this.#root, name));
    }
  }

  remove(): void {
    rmSync(this.#root, { recursive: true });
  }

  /** Runs the bug's tests, with it and, where that has not been done yet, without. */
  show(bug: Bug, done: (shown: Shown) => void): void {
    for (const test of testsOf(bug)) {
      const key = `${test.file} ${test.name}`;
      const without = this.#passes.get(key) ?? this.#run(test);
      this.#passes.set(key, without);
      if (without !== "passes") {
        throw new Error(`${test.file} "${test.name}" ${without} without a bug in the copy`);
      }
      done({ test, verdict: this.#with(bug, () => this.#run(test)) });
    }
  }

  #with<T>(bug: Bug, run: () => T): T {
    const before = new Map<string, string>();
    for (const [file, source] of sourcesWith(bug)) {
      const path = join(this.#root, "dist", file.replace(/\.ts$/, ".js"));
      before.set(path, readFileSync(path, "utf8"));
      const { code } = transformSync(source, { loader: "ts", format: "esm", target: "node20" });
      writeFileSync(path, code);
    }
    try {
      return run();
    } finally {
      for (const [path, code] of before) writeFileSync(path, code);
    }
  }

  #run({ file, name }: ShowingTest): Verdict {
    // A notebook is one test of the program that plays all of its folder.
    const isNotebook = file.startsWith("transcripts/");
    const program = isNotebook
      ? join(dirname(file).replace("transcripts/", ""), "transcripts.test.js")
      : file.replace(/\.ts$/, ".js");
    const pattern = (isNotebook ? basename(file) : name).replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
    const { status, stdout } = spawnSync(
      process.execPath,
      ["--test-reporter=tap", "--test-name-pattern", pattern, join("dist/test", program)],
      { cwd: this.#root, encoding: "utf8", timeout: TEST_MAX_MS, killSignal: "SIGKILL" },
    );
    if (status !== 0) return "fails";
    return /^ *ok \d+ - (?!.*# SKIP)/m.test(stdout ?? "") ? "passes" : "runs nothing";
  }
}

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

/** Its status, and all that it says. */
function run(bench: string, ...options: string[]): { status: number | null; text: string } {
  const program = fileURLToPath(new URL(`./${bench}.js`, import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...options], {
    encoding: "utf8",
  });
  return { status, text: stdout + stderr };
}

const GENERATOR = ["--zkload", process.execPath];

for (const [bench, options, says] of [
  ["versus", ["--colour"], /^Unknown option '--colour'.*\nnpm run bench:versus -- --zkload PATH/],
  ["versus", [], /^--zkload is not given/],
  [
    "versus",
    ["--zkload", "/nonexistent"],
    /^--zkload is "\/nonexistent", which cannot be used: ENOENT/,
  ],
  ["versus", ["--zkload", tmpdir()], /^--zkload is ".*", which is no file/],
  ["versus", [...GENERATOR, "--rows", "gets"], /^--rows has "gets": want one of starts, rates/],
  ["curves", [...GENERATOR, "--nodes-max", "abc"], /^--nodes-max is "abc": want 1 or more/],
  ["curves", [...GENERATOR, "--watches-max", "0"], /^--watches-max is "0": want 1 or more/],
  ["curves", [...GENERATOR, "--only", "tre"], /^--only has "tre": want one of tree, sessions/],
  ["alone", ["--seconds", "x"], /^--seconds is "x": want a number of seconds above 0/],
  ["alone", ["--turns", "0"], /^--turns is "0": want 1 or more/],
] as const) {
  test(`bench ${bench} ${options.join(" ")} is refused in a line, before anything is measured`, () => {
    const { status, text } = run(bench, ...options);
    assert.equal(status, 1);
    assert.match(text, says);
    assert.doesNotMatch(text, /\n {4}at /);
  });
}

test("--help says how a bench is used", () => {
  const { status, text } = run("curves", "--help");
  assert.deepEqual([status, text.startsWith("npm run bench:curves -- ")], [0, true]);
});

test("Of curves with points missing no picture is drawn", () => {
  const directory = mkdtempSync(join(tmpdir(), "zooid-curves-"));
  try {
    const generator = join(directory, "generator");
    writeFileSync(generator, "#!/bin/sh\nexit 1\n", { mode: 0o755 });
    const out = join(directory, "out");
    const few = ["--only", "tree", "--nodes-max", "1", "--seconds", "0.1", "--turns", "1"];
    const { status, text } = run("curves", "--zkload", generator, "--out", out, ...few);
    assert.equal(status, 1, text);
    assert.match(text, /not drawn: points are missing/);
    assert.deepEqual(readdirSync(out), []);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

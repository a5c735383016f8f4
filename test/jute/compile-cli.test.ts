import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";

const root = path.join(import.meta.dirname, "../../..");
const cli = path.join(root, "dist/src/jute/compile-cli.js");

test("The command line compiles a file as `npm run jute` does", () => {
  const directory = mkdtempSync(path.join(tmpdir(), "jute-"));
  try {
    const target = path.join(directory, "records.ts");
    const source = path.join(root, "src/wire/zookeeper.jute");
    const run = spawnSync(process.execPath, [cli, source, target], { encoding: "utf8" });
    assert.equal(run.stderr, "");
    assert.equal(run.status, 0);
    const current = readFileSync(path.join(root, "src/wire/records.ts"), "utf8");
    assert.equal(readFileSync(target, "utf8"), current);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("The command line without a target tells its usage", () => {
  const run = spawnSync(process.execPath, [cli, "x.jute"], { encoding: "utf8" });
  assert.equal(run.status, 2);
  assert.match(run.stderr, /^Usage: compile-cli/);
});

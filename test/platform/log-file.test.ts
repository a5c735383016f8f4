// The log of a process whose standard output is a file, as zkServer.sh makes it.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

const PLATFORM = new URL("../../src/platform/node/platform.js", import.meta.url).href;

/** Runs `body`, with `log` at hand, in a process that writes to `path`; its exit code. */
async function logging(path: string, body: string, before = ""): Promise<number | null> {
  const script = `
    const { createNodePlatform } = await import(${JSON.stringify(PLATFORM)});
    const { log } = createNodePlatform();
    ${body}`;
  const fd = openSync(path, "a");
  const command = `${before}exec "$0" "$@"`;
  const args = ["-c", command, process.execPath, "--input-type=module", "-e", script];
  const child = spawn("sh", args, { stdio: ["ignore", fd, "inherit"] });
  closeSync(fd);
  return new Promise((resolve) => child.once("close", resolve));
}

test("process.exit() loses no line of a file, and swaps none", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "zooid-log-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const path = join(directory, "out");
  const exitCode = await logging(
    path,
    `for (let i = 0; i < 5000; i++) log.info("line " + i);
    setTimeout(() => {
      for (let i = 5000; i < 10000; i++) log.info("line " + i);
      process.exit(3);
    }, 20);`,
  );
  assert.equal(exitCode, 3);
  const lines = readFileSync(path, "utf8").trimEnd().split("\n");
  assert.equal(lines.length, 10_000);
  for (const [at, line] of lines.entries()) assert.ok(line.endsWith(` - line ${at}`), line);
});

test("a file that takes no more, as on a full disk, does not keep the process alive", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "zooid-log-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const path = join(directory, "out");
  const exitCode = await logging(
    path,
    `for (let i = 0; i < 1000; i++) log.info("line " + i);
    setTimeout(() => {
      log.error("the last words");
      process.exit(7);
    }, 20);`,
    "ulimit -f 1; ",
  );
  assert.equal(exitCode, 7);
  assert.ok(readFileSync(path, "utf8").includes(" - line 0\n"));
});

test("the last words come after the line that was under way", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "zooid-log-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const path = join(directory, "out");
  await logging(
    path,
    `const { pbkdf2 } = await import("node:crypto");
    // Every thread of the pool has something else to do.
    for (let i = 0; i < 4; i++) pbkdf2("a", "b", 20_000, 64, "sha512", () => {});
    log.info("first");
    setImmediate(() => setImmediate(() => {
      log.info("second");
      process.exit(0);
    }));`,
  );
  const words = readFileSync(path, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => line.split(" ").at(-1));
  assert.deepEqual(words, ["first", "second"]);
});

// The bundle and the compiled code beside it: dist/zooid.js, made anew in a folder of its own.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { REPOSITORY } from "../compat/peers.js";

const BUNDLE = join(REPOSITORY, "src/bundle");
const dist = mkdtempSync(join(tmpdir(), "zooid-bundle-test-"));
const bundle = join(dist, "server.cjs");
const code = join(dist, "server.code");

let isReady: () => boolean;

before(async () => {
  execFileSync(process.execPath, [join(BUNDLE, "bundle.mjs"), dist]);
  const { compile } = await import(pathToFileURL(join(BUNDLE, "compile.mjs")).href);
  isReady = () => compile(bundle, code).isReady;
});

after(() => rmSync(dist, { recursive: true, force: true }));

/** What it says of a configuration without dataDir, and how it ends. */
function assertStarts(): void {
  const zooCfg = join(dist, "zoo.cfg");
  writeFileSync(zooCfg, "clientPort=2181\n");
  const program = [join(dist, "zooid.js"), zooCfg];
  const { status, stdout, stderr } = spawnSync(process.execPath, program, { encoding: "utf8" });
  assert.match(stdout + stderr, /dataDir is not set/);
  assert.equal(status, 2);
}

test("a bundle starts with the code that was made for it", async () => {
  assert.ok(isReady());
  assertStarts();
});

test("code that is damaged, or of another bundle, or missing, is not used, and the bundle starts", async () => {
  const good = readFileSync(code);
  const bad = Buffer.from(good);
  bad[bad.length >> 1]! ^= 1;
  writeFileSync(code, bad);
  assert.ok(!isReady());
  assertStarts();
  writeFileSync(code, good.subarray(0, 5));
  assert.ok(!isReady());
  writeFileSync(code, good);
  assert.ok(isReady());
  const text = readFileSync(bundle);
  // As long as it was: V8 itself would take the code for this source's.
  writeFileSync(bundle, text.toString("latin1").replace("// dist/", "//  ist/"), "latin1");
  assert.equal(readFileSync(bundle).length, text.length);
  assert.ok(!isReady());
  writeFileSync(bundle, text);
  appendFileSync(bundle, "\n");
  assert.ok(!isReady());
  assertStarts();
  rmSync(code);
  assert.ok(!isReady());
  assertStarts();
});

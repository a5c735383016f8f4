import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { NodeDisk } from "../../src/platform/node/disk.js";
import { plainFiles } from "../../src/storage/disk-steps.js";

test("plainFiles() passes over directories, whatever they are called: Java does not take them for state", () => {
  const directory = mkdtempSync(join(tmpdir(), "zooid-plain-"));
  try {
    mkdirSync(join(directory, "snapshot.ffff"));
    mkdirSync(join(directory, "log.5"));
    writeFileSync(join(directory, "snapshot.0"), "");
    assert.deepEqual(plainFiles(new NodeDisk(), directory), ["snapshot.0"]);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

// Files that are larger than what a toolkit may take of memory, and readers that go away.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { JuteWriter } from "../../../src/jute/writer.js";
import { OpCode } from "../../../src/wire/op-codes.js";
import type { ToolkitName } from "./cases.js";
import { logOf, node } from "./odd-logs.js";
import { snapshotOf } from "./odd-snapshots.js";
import { ourToolkit } from "./run-case.js";

const MB = 1024 * 1024;
const PIECES = 320;
const DATA = Buffer.alloc(MB - 1000, "data");
const HEADER_BYTES = 16;
const SEAL_BYTES = 13;
const ROOT_END = 5;

describe("Large files", () => {
  const folder = mkdtempSync(join(tmpdir(), "zooid-large-"));
  const log = join(folder, "log.1");
  const snapshot = join(folder, "snapshot.1");

  before(() => {
    const body = (out: JuteWriter): void => {
      node(out, "/large", DATA, null);
      out.bool(false);
      out.int(1);
    };
    const one = logOf([{ type: OpCode.create, body }]);
    writePieces(log, one.subarray(0, HEADER_BYTES), () => one.subarray(HEADER_BYTES));
    const start = snapshotOf([], [{ path: "" }]).subarray(0, -SEAL_BYTES - ROOT_END);
    // Its seal is missing: that is complained of, and changes nothing.
    writePieces(snapshot, start, (i) => {
      const all = snapshotOf([], [{ path: "" }, { path: `/node${i}`, data: DATA }]);
      const end = i === PIECES - 1 ? all.length : all.length - SEAL_BYTES - ROOT_END;
      return all.subarray(start.length, end);
    });
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const [tool, ...words] of [
    ["txn-log-toolkit", log],
    ["txn-log-toolkit", "-r", "-v", log],
    ["snapshot-formatter", "-d", snapshot],
    ["snapshot-recursive-summary", snapshot, "/", "0"],
    ["snapshot-comparer", "-l", snapshot, "-r", snapshot, "-b", "0", "-n", "0"],
  ] as [ToolkitName, ...string[]][]) {
    const flags = words.filter((word) => word.startsWith("-")).join(" ");
    test(`A file of 320 MB goes through ${tool} ${flags}`.trimEnd(), () => {
      const peak = peakMemory(tool, words);
      const size = statSync(log).size;
      assert(size > PIECES * DATA.length);
      assert(peak < size * 0.75, `${peak / MB} MB for a file of ${size / MB} MB`);
    });
  }

  test("A reader that goes away ends a toolkit that only prints", async () => {
    const [program, ...args] = ourToolkit("txn-log-toolkit");
    const child = spawn(program!, [...args, log], { stdio: ["ignore", "pipe", "pipe"] });
    let errors = "";
    child.stderr.on("data", (chunk) => {
      errors += chunk;
    });
    child.stdout.once("data", () => child.stdout.destroy());
    const code = await new Promise((resolve) => child.on("close", resolve));
    assert.equal(code, 141);
    assert.equal(errors, "");
  });
});

function writePieces(path: string, start: Buffer, piece: (i: number) => Buffer): void {
  const fd = openSync(path, "w");
  writeSync(fd, start);
  for (let i = 0; i < PIECES; i++) writeSync(fd, piece(i));
  closeSync(fd);
}

const TELL_PEAK =
  "process.on('exit', () => process.stderr.write('PEAK ' + process.resourceUsage().maxRSS + '\\n'))";

/** Bytes that were in memory at once. */
function peakMemory(tool: ToolkitName, words: readonly string[]): number {
  const [node, program] = ourToolkit(tool);
  const tell = ["--import", `data:text/javascript,${encodeURIComponent(TELL_PEAK)}`];
  const { status, stderr } = spawnSync(node!, [...tell, program!, ...words], {
    stdio: ["ignore", "ignore", "pipe"],
    encoding: "utf8",
  });
  assert.equal(status, 0, stderr);
  return Number(/^PEAK (\d+)$/m.exec(stderr)![1]) * 1024;
}

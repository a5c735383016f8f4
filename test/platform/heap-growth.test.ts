import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { growingPercent } from "../../src/platform/node/heap-growth.js";

const MB = 1024 * 1024;
const MODULE = new URL("../../src/platform/node/heap-growth.js", import.meta.url).href;

test("A heap grows by a factor that is the smaller the more is in it", () => {
  assert.equal(growingPercent(0), 500);
  assert.equal(growingPercent(8 * MB), 500);
  assert.equal(growingPercent(32 * MB), 200);
  assert.equal(growingPercent(64 * MB), 100);
});

test("How a large heap grows is the engine's choice", () => {
  assert.equal(growingPercent(65 * MB), 0);
  assert.equal(growingPercent(1024 * MB), 0);
});

test("The engine knows the flag, and nothing waits for the next look", () => {
  const program = `(await import("${MODULE}")).letHeapGrow();`;
  const flags = ["--input-type=module", "--eval", program];
  // Of a flag that it does not know the engine complains there.
  const options = { encoding: "utf8", timeout: 60_000 } as const;
  const { status, stderr } = spawnSync(process.execPath, flags, options);
  assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
});

for (const [slabBytes, collects] of [
  [0, false],
  [65 * MB, true],
] as const) {
  test(`With ${slabBytes} bytes in slabs the heap is ${collects ? "" : "not "}looked through at once`, () => {
    const program = `
      const slab = new ArrayBuffer(${slabBytes});
      const { letHeapGrow } = await import("${MODULE}");
      console.log("before");
      letHeapGrow();
      console.log("after", slab.byteLength, typeof globalThis.gc);
    `;
    const flags = ["--trace-gc", "--input-type=module", "--eval", program];
    const { stdout } = spawnSync(process.execPath, flags, { encoding: "utf8", timeout: 60_000 });
    const meanwhile = /before\n(.*)after \d+ undefined\n/s.exec(stdout)?.[1] ?? "no output";
    assert.equal(/Mark-Compact/.test(meanwhile), collects, stdout);
  });
}

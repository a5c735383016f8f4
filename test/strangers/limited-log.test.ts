import assert from "node:assert/strict";
import { test } from "node:test";
import { STRANGERS_LINES_PER_SECOND } from "../../src/limits.js";
import type { Clock, Logger } from "../../src/platform/platform.js";
import { LimitedLog } from "../../src/strangers/limited-log.js";

test("A LimitedLog writes so many lines a second, and then how many there were beyond them", () => {
  const lines: string[] = [];
  const write = (line: string): void => void lines.push(line);
  let nowMs = 0;
  const clock = { monotonicMs: () => nowMs } as Clock;
  const log = new LimitedLog(
    { info: write, warn: write, error: write } as unknown as Logger,
    clock,
  );
  for (let i = 0; i < STRANGERS_LINES_PER_SECOND + 7; i++)
    log[i % 2 === 0 ? "info" : "warn"](`${i}`);
  assert.equal(lines.length, STRANGERS_LINES_PER_SECOND);
  nowMs = 1000;
  log.error("next");
  assert.deepEqual(lines.slice(-2), ["7 more lines like those before were left out", "next"]);
});

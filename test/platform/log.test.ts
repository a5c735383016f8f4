// Log lines of the real platform: layout, levels, errors, JSON, and what happens when nobody takes them.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type LogOptions, NodeLog } from "../../src/platform/node/log.js";
import { timestamp } from "../../src/platform/node/timestamp.js";
import { DiskError, NetworkError } from "../../src/platform/platform.js";

function logged(options: Partial<LogOptions>, write: (log: NodeLog) => void): string {
  const directory = mkdtempSync(join(tmpdir(), "zooid-log-"));
  const file = join(directory, "zookeeper.log");
  try {
    const log = NodeLog.open({ format: "zookeeper", level: "INFO", destination: file, ...options });
    write(log);
    log.flush();
    return readFileSync(file, "utf8");
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const TIME = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} /;

test("a line has ZooKeeper's layout", () => {
  const text = logged({ level: "TRACE" }, (log) => {
    log.info("before the configuration is known");
    log.setMyid("1");
    const child = log.child("QuorumPeer");
    child.info("100% of %s and %d");
    child.warn("hm");
    child.error("no");
    child.debug("details");
    child.trace("more details");
  });
  const lines = text.trimEnd().split("\n");
  for (const line of lines) assert.match(line, TIME);
  assert.deepEqual(
    lines.map((line) => line.slice(24)),
    [
      "[myid:] - INFO  [main] - before the configuration is known",
      "[myid:1] - INFO  [QuorumPeer] - 100% of %s and %d",
      "[myid:1] - WARN  [QuorumPeer] - hm",
      "[myid:1] - ERROR [QuorumPeer] - no",
      "[myid:1] - DEBUG [QuorumPeer] - details",
      "[myid:1] - TRACE [QuorumPeer] - more details",
    ],
  );
});

test("an error's stack stands below its line, with its causes", () => {
  const text = logged({}, (log) => {
    log.child("Learner").error("Exception", new TypeError("outer", { cause: new Error("inner") }));
    log.warn("Odd", "just a text");
  });
  assert.match(
    text,
    /\[Learner\] - Exception\nTypeError: outer\n {4}at .*\nCaused by: Error: inner\n/s,
  );
  assert.match(text, /\[main\] - Odd\njust a text\n$/);
});

test("what the network or the disk refuses is a line, without the event loop's stack", () => {
  const text = logged({}, (log) => {
    log.warn("Cannot open channel", new NetworkError("ECONNREFUSED", "connection refused"));
    log.warn("Cannot write", new DiskError("ENOSPC", "/data/log.1", "disk full"));
  });
  assert.match(
    text,
    /channel\nNetworkError: connection refused\n[^\n]* Cannot write\nDiskError: disk full\n$/,
  );
});

const LEVELS: readonly [setting: string, lines: string][] = [
  ["DEBUG", "debug info warn error"],
  ["info", "info warn error"],
  ["WARN, CONSOLE", "warn error"],
  ["ERROR", "error"],
  ["OFF", ""],
  ["nonsense", "info warn error"],
];

for (const [level, expected] of LEVELS) {
  test(`level "${level}" lets through: ${expected === "" ? "nothing" : expected}`, () => {
    const text = logged({ level }, (log) => {
      assert.equal(log.isDebugEnabled(), expected.startsWith("debug"));
      for (const name of ["debug", "info", "warn", "error"] as const) log[name](name);
    });
    assert.equal(text.match(/(?<= - )\w+$/gm)?.join(" ") ?? "", expected);
  });
}

test("format json writes one object a line", () => {
  const text = logged({ format: "json" }, (log) => {
    log.setMyid("2");
    log.child("Leader").warn('a "quoted" message', new Error("why"));
  });
  const line = JSON.parse(text) as Record<string, unknown>;
  assert.equal(line.level, "WARN");
  assert.equal(line.myid, "2");
  assert.equal(line.component, "Leader");
  assert.equal(line.msg, 'a "quoted" message');
  assert.match(String(line.time), /^\d{4}-\d\d-\d\dT.*Z$/);
  assert.equal((line.err as { message: string }).message, "why");
});

test("lines beyond what may wait are dropped, and the log says how many", () => {
  const line = "x".repeat(1000);
  const text = logged({}, (log) => {
    for (let i = 0; i < 30_000; i++) log.info(line);
  });
  const dropped = Number(/(\d+) lines of this log were dropped/.exec(text)?.[1]);
  const written = text.match(/x{1000}$/gm)?.length ?? 0;
  // What was under way when the rest was flushed may not be in the file yet: the first piece, 64 KB.
  assert.ok(dropped > 10_000);
  assert.ok(written + dropped <= 30_000);
  assert.ok(written + dropped > 29_900);
});

test("timestamp() is local time to the millisecond, across seconds and back", () => {
  const at = new Date(2026, 10, 21, 7, 0, 0, 5).getTime();
  assert.equal(timestamp(at), "2026-11-21 07:00:00,005");
  assert.equal(timestamp(at + 999), "2026-11-21 07:00:01,004");
  assert.equal(timestamp(at), "2026-11-21 07:00:00,005");
});

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Counter, javaDouble, PercentileSummary, Summary } from "../../src/metrics/instruments.js";
import { Metrics } from "../../src/metrics/metrics.js";
import { GAUGES } from "../../src/metrics/names.js";
import { NamespaceTraffic } from "../../src/metrics/namespace-traffic.js";

/** Tests run from the root of the project. */
const LIVE_MNTR = readFileSync("test/metrics/golden/mntr-java-3.9.5.txt", "utf8");

/** Those of a server that is alone. */
const LONE_GAUGES = GAUGES.filter((name) => LIVE_MNTR.includes(`zk_${name}\t`));

function printed(print: (sink: (name: string, value: string) => void) => void): string[] {
  const lines: string[] = [];
  print((name, value) => lines.push(`${name}\t${value}`));
  return lines;
}

test("Metrics print the names of a live Java 3.9.5 in its order", () => {
  const metrics = new Metrics();
  for (const name of LONE_GAUGES) metrics.gauge(name, () => 0);
  const ours = printed((sink) => metrics.print(sink)).map((line) => line.split("\t")[0]);
  const javas = LIVE_MNTR.split("\n")
    .filter((line) => line.startsWith("zk_"))
    .map((line) => line.slice(3).split("\t")[0])
    // Not metrics: MonitorCommand prints them first.
    .filter((name) => name !== "version" && name !== "server_state");
  assert.equal(ours.length, 492);
  assert.deepEqual(ours, javas);
});

test("Metrics print doubles where a live Java 3.9.5 does, and integers elsewhere", () => {
  const metrics = new Metrics();
  for (const name of LONE_GAUGES) metrics.gauge(name, () => 0);
  const javas = new Map(
    LIVE_MNTR.split("\n").map((line) => line.slice(3).split("\t") as [string, string]),
  );
  for (const line of printed((sink) => metrics.print(sink))) {
    const [name, value] = line.split("\t") as [string, string];
    assert.equal(value.includes("."), javas.get(name)!.includes("."), name);
  }
});

test("Metrics leave out a gauge that has no value, and print sets by key", () => {
  const metrics = new Metrics();
  metrics.gauge("open_file_descriptor_count", () => undefined);
  metrics.gaugeSet("quota_count_limit_per_namespace", () => [["app", 5]]);
  metrics.counterSets.quota_exceeded_error_per_namespace.add("app", 2);
  metrics.summarySets.read_per_namespace.add("app", 7);
  const lines = printed((sink) => metrics.print(sink));
  assert.ok(!lines.some((line) => line.startsWith("open_file_descriptor_count")));
  assert.equal(lines[0], "app_quota_count_limit_per_namespace\t5");
  assert.ok(lines.includes("app_quota_exceeded_error_per_namespace\t2"));
  assert.ok(lines.includes("sum_app_read_per_namespace\t7"));
});

test("Metrics forget everything but gauges when reset", () => {
  const metrics = new Metrics();
  metrics.gauge("znode_count", () => 5);
  metrics.counters.commit_count.add(3);
  metrics.summaries.fsynctime.add(9);
  metrics.percentiles.readlatency.add(9);
  metrics.summarySets.read_per_namespace.add("app", 7);
  metrics.reset();
  for (const line of printed((sink) => metrics.print(sink))) {
    if (line !== "znode_count\t5") assert.match(line, /\t0(\.0)?$/);
  }
});

test("Summary keeps count, sum, minimum, maximum and a rounded average", () => {
  const summary = new Summary("x");
  for (const value of [1, 1, 3]) summary.add(value);
  assert.deepEqual(
    printed((sink) => summary.print(sink)),
    ["avg_x\t1.6667", "min_x\t1", "max_x\t3", "cnt_x\t3", "sum_x\t5"],
  );
});

test("PercentileSummary takes percentiles between the two nearest values", () => {
  const summary = new PercentileSummary("x");
  for (let value = 1; value <= 100; value++) summary.add(value);
  // What Dropwizard's UniformSnapshot gives for 1..100: 50.5, 95.95, 99.99, 100, rounded.
  assert.deepEqual(printed((sink) => summary.print(sink)).slice(5), [
    "p50_x\t51",
    "p95_x\t96",
    "p99_x\t100",
    "p999_x\t100",
  ]);
});

test("PercentileSummary samples evenly past its size", () => {
  const summary = new PercentileSummary("x");
  for (let value = 0; value < 100_000; value++) summary.add(value);
  const median = Number(printed((sink) => summary.print(sink))[5]!.split("\t")[1]);
  assert.ok(median > 45_000 && median < 55_000, `median ${median}`);
});

test("Counter counts and can be reset", () => {
  const counter = new Counter("x");
  counter.add(2);
  counter.add(3);
  assert.deepEqual(
    printed((sink) => counter.print(sink)),
    ["x\t5"],
  );
  counter.reset();
  assert.equal(counter.value, 0);
});

test("javaDouble prints as java.lang.Double.toString does", () => {
  for (const [value, text] of [
    [0, "0.0"],
    [0.0001, "1.0E-4"],
    [0.00012, "1.2E-4"],
    [0.3333, "0.3333"],
    [1, "1.0"],
    [1234567.1234, "1234567.1234"],
    [0.001, "0.001"],
    [12345678.9, "1.23456789E7"],
    [1e7, "1.0E7"],
    [100, "100.0"],
  ] as const) {
    assert.equal(javaDouble(value), text);
  }
});

test("NamespaceTraffic counts by the first part of the path, as Java does", () => {
  const metrics = new Metrics();
  const reads = new NamespaceTraffic(metrics.summarySets.read_per_namespace, "read");
  const writes = new NamespaceTraffic(metrics.summarySets.write_per_namespace, "write");
  for (const path of ["/app", "/app/x", "/apple", "/app/y/z", "/", "/app"]) {
    reads.add(path, 10);
    writes.add(path, 10);
  }
  const lines = printed((sink) => metrics.print(sink)).filter((line) => /^(cnt|sum)_/.test(line));
  assert.deepEqual(
    lines.filter((line) => line.includes("namespace")),
    [
      `cnt_app_read_per_namespace\t4`,
      `sum_app_read_per_namespace\t${4 + 6 + 8 + 4 + 4 * (10 + 68)}`,
      `cnt_apple_read_per_namespace\t1`,
      `sum_apple_read_per_namespace\t${6 + 10 + 68}`,
      `cnt_app_write_per_namespace\t4`,
      `sum_app_write_per_namespace\t${4 + 6 + 8 + 4 + 4 * 10}`,
      `cnt_apple_write_per_namespace\t1`,
      `sum_apple_write_per_namespace\t${6 + 10}`,
    ],
  );
});

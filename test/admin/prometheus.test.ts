// /metrics, against what a live ZooKeeper 3.9.5 with its PrometheusMetricsProvider told (golden/prometheus-java-3.9.5.txt, taken
// from a server alone with one session's traffic), and against the grammar of the format.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { exposition } from "../../src/metrics/exposition.js";
import { Metrics } from "../../src/metrics/metrics.js";
import { RecentSample } from "../../src/metrics/recent-sample.js";
import { AdminWorld, bodyOf, dechunked, statusOf } from "./world.js";

const PORT = 7000;
const GOLDEN = readFileSync(
  join(import.meta.dirname, "../../../test/admin/golden/prometheus-java-3.9.5.txt"),
  "utf8",
);
const PROVIDER = "org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider";

/** What answers to nothing here: threads, classes, and what V8 does not tell of its spaces. */
const JVM_ONLY =
  /^jvm_(threads_|classes_|buffer_pool_used_buffers|memory_bytes_init|memory_pool_(bytes_init|bytes_max|allocated))/;
/** The simulated machine does not tell. */
const UNTOLD = new Set(["process_virtual_memory_bytes"]);

interface Parsed {
  readonly types: Map<string, string>;
  /** Names with labels, without values. */
  readonly samples: Map<string, number>;
}

/** Prometheus' text format 0.0.4, strictly: each sample belongs to the family announced before it. */
function parse(text: string): Parsed {
  const types = new Map<string, string>();
  const samples = new Map<string, number>();
  assert.ok(text.endsWith("\n"));
  let family = "";
  for (const line of text.slice(0, -1).split("\n")) {
    const help = /^# HELP ([a-zA-Z_:][\w:]*) (.*)$/.exec(line);
    const type = /^# TYPE ([a-zA-Z_:][\w:]*) (counter|gauge|summary)$/.exec(line);
    if (help !== null) family = help[1]!;
    else if (type !== null) {
      assert.equal(type[1], family);
      assert.ok(!types.has(family), `${family} is announced twice`);
      types.set(family, type[2]!);
    } else {
      const sample =
        /^([a-zA-Z_:][\w:]*)((?:\{(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\["\\n])*",)+\})?) (\S+)$/.exec(
          line,
        );
      assert.ok(sample !== null, line);
      const [, name, labels, value] = sample;
      assert.ok([family, `${family}_count`, `${family}_sum`].includes(name!), line);
      assert.ok(/^(NaN|[+-]Inf|-?\d+\.\d+(E-?\d+)?)$/.test(value!), line);
      assert.ok(!samples.has(name! + labels!), `${line} comes twice`);
      samples.set(name! + labels!, Number(value!.replace("Inf", "Infinity")));
    }
  }
  return { types, samples };
}

async function prometheusWorld(): Promise<AdminWorld> {
  const world = new AdminWorld({ config: { "metricsProvider.className": PROVIDER } });
  await world.untilListening("zk1", PORT);
  await world.untilListening("zk1", 2181);
  return world;
}

test("Prometheus is told every metric of a live Java 3.9.5, with its type, labels and quantiles", async () => {
  const world = await prometheusWorld();
  const answer = await world.ask("GET /metrics", { port: PORT });
  assert.match(answer, /^Content-Type: text\/plain; version=0\.0\.4; charset=utf-8\r$/m);
  const ours = parse(dechunked(answer));
  const javas = parse(GOLDEN);
  for (const [name, type] of javas.types) {
    if (JVM_ONLY.test(name) || UNTOLD.has(name)) continue;
    assert.equal(ours.types.get(name), type, name);
  }
  for (const name of javas.samples.keys()) {
    const isOwn = JVM_ONLY.test(name) || UNTOLD.has(name) || /^jvm_|_per_namespace/.test(name);
    if (!isOwn) assert.ok(ours.samples.has(name), name);
  }
  const known = new Set([...javas.types.keys()]);
  for (const name of ours.types.keys()) assert.ok(known.has(name), `Java has no ${name}`);
});

test("Prometheus' own filter by name leaves out the rest", async () => {
  const world = await prometheusWorld();
  const wanted = "name[]=uptime&name[]=readlatency&name%5B%5D=fsynctime_count";
  const answer = await world.ask(`GET /metrics?${wanted}`, { port: PORT });
  const { types, samples } = parse(dechunked(answer));
  assert.deepEqual([...types.keys()], ["uptime", "fsynctime", "readlatency"]);
  assert.deepEqual(
    [...samples.keys()].sort(),
    [
      "fsynctime_count",
      'readlatency{quantile="0.5",}',
      'readlatency{quantile="0.9",}',
      'readlatency{quantile="0.99",}',
      "uptime",
    ].sort(),
  );
});

test("Everything else on Prometheus' port is not found", async () => {
  const world = await prometheusWorld();
  assert.equal(statusOf(await world.ask("GET /", { port: PORT })), 404);
  assert.equal(statusOf(await world.ask("GET /commands/ruok", { port: PORT })), 404);
  assert.equal(statusOf(await world.ask("TRACE /metrics", { port: PORT })), 403);
});

test("With Prometheus the commands tell metrics under Prometheus' names, and stat_reset forgets none", async () => {
  const world = await prometheusWorld();
  const client = await world.client();
  await world.settle(client.create("/a"));
  const monitor = async () => JSON.parse(bodyOf(await world.ask("GET /commands/monitor")));
  const before = await monitor();
  assert.equal(before.znode_count, 6);
  assert.equal(before.dbinittime_count >= 0, true);
  assert.equal(before['propagation_latency{quantile="0.5"}'] !== undefined, true);
  assert.ok(!("cnt_readlatency" in before));
  await world.ask("GET /commands/srst");
  const after = await monitor();
  assert.ok(after.fsynctime_count >= before.fsynctime_count);
  assert.ok(before.fsynctime_count > 0);
});

test("The event loop's lag is measured where Java measures pauses", async () => {
  const world = await prometheusWorld();
  await world.sleep(5000);
  const { samples } = parse(dechunked(await world.ask("GET /metrics", { port: PORT })));
  assert.ok(samples.get("jvm_pause_time_ms_count")! >= 5);
});

test("A server whose metrics cannot be listened for does not start", async () => {
  const world = new AdminWorld({
    config: { "metricsProvider.className": PROVIDER, "metricsProvider.httpHost": "10.9.9.9" },
  });
  const [member] = world.ensemble.members;
  await world.ensemble.world.runUntil(() => member!.exits.length > 0, 60_000);
  assert.match(
    String(member!.exits[0]!.error),
    /Cannot boot MetricsProvider org\.apache.*"10\.9\.9\.9:7000"/,
  );
});

test("Quantiles are of the last two intervals, and nearest ranks", () => {
  const sample = new RecentSample();
  const quantiles = () => sample.quantiles([0.5, 0.9, 0.99]);
  assert.deepEqual(quantiles(), [Number.NaN, Number.NaN, Number.NaN]);
  for (let value = 100; value >= 1; value--) sample.add(value);
  assert.deepEqual(quantiles(), [50, 90, 99]);
  sample.rotate();
  assert.deepEqual(quantiles(), [50, 90, 99]);
  sample.rotate();
  sample.add(7);
  assert.deepEqual(quantiles(), [7, 7, 7]);
  for (let count = 0; count < 10_000; count++) sample.add(count % 10);
  const [median] = quantiles();
  assert.ok(median! >= 3 && median! <= 6, `median ${median}`);
});

test("Labels are escaped, and sets have one sample per key", () => {
  const metrics = new Metrics("prometheus");
  metrics.summarySets.read_per_namespace.add('a"b\\c\nd', 5);
  metrics.counterSets.quota_exceeded_error_per_namespace.add("app", 2);
  metrics.gaugeSet("quota_count_limit_per_namespace", () => [["app", 5]]);
  const { samples } = parse([...exposition(metrics.families(), undefined)].join(""));
  assert.equal(samples.get('read_per_namespace{key="a\\"b\\\\c\\nd",quantile="0.5",}'), 5);
  assert.equal(samples.get('read_per_namespace_count{key="a\\"b\\\\c\\nd",}'), 1);
  assert.equal(samples.get('quota_exceeded_error_per_namespace{key="app",}'), 2);
  assert.equal(samples.get('quota_count_limit_per_namespace{key="app",}'), 5);
});

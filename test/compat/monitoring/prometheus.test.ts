// Prometheus itself, of Debian: it reads what a live ensemble tells, and evaluates our alerts and the community's on it.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { Ensemble, PORTS, until } from "../ensemble-world.js";
import { connectClient } from "../ensemble-writer.js";
import { peerTest, REPOSITORY } from "../peers.js";
import { newDirectory } from "../server-process.js";

const ALERTS = join(REPOSITORY, "conf/prometheus-alerts.yml");
const metricsPort = (sid: number) => PORTS.prometheus + 9 + sid;
const PROMETHEUS = `127.0.0.1:${PORTS.prometheus + 13}`;

/** What the example in ZooKeeper's own manual (zookeeperMonitor) looks at, and widespread dashboards with it. */
const COMMUNITY = [
  "up == 0",
  "znode_count > 1000000",
  "num_alive_connections > 50",
  "approximate_data_size / 1024 / 1024 > 1024",
  "watch_count > 10000",
  "increase(election_time_count[5m]) > 0",
  "open_file_descriptor_count > 300",
  "rate(fsynctime_sum[1m]) > 100",
  "rate(snapshottime_sum[5m]) > 100",
  "avg_latency > 100",
  'jvm_memory_bytes_used / jvm_memory_bytes_max{area="heap"} > 0.8',
] as const;

/** That there was an election, and that the disk or the machine is slow, is so here now and then. */
const ABOUT_THE_DAY = /^(c5|c7|c9|ZooKeeper(ReadsSlow|WritesSlow|LogSyncSlow|Pauses))$/;

function promtool(...args: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync("promtool", args, { encoding: "utf8" });
  assert.equal(status, 0, `promtool ${args.join(" ")}\n${stdout}${stderr}`);
}

peerTest(
  "The alerts that we ship are right and fire when they should",
  ["prometheus"],
  async () => {
    const folder = newDirectory("alerts");
    copyFileSync(ALERTS, join(folder, "prometheus-alerts.yml"));
    const tests = join(folder, "alerts-test.yml");
    copyFileSync(join(REPOSITORY, "test/compat/monitoring/alerts-test.yml"), tests);
    promtool("check", "rules", ALERTS);
    promtool("test", "rules", tests);
    rmSync(folder, { recursive: true });
  },
);

async function threeServers(context: TestContext): Promise<Ensemble> {
  const ensemble = new Ensemble({
    basePort: PORTS.prometheus,
    members: [{ kind: "zooid" }, { kind: "zooid" }, { kind: "zooid" }],
    cfgOf: (sid) => ({
      "metricsProvider.className":
        "org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider",
      "metricsProvider.httpHost": "127.0.0.1",
      "metricsProvider.httpPort": metricsPort(sid),
    }),
  });
  context.after(() => ensemble.discard());
  await ensemble.start(1, 2, 3);
  const client = connectClient(ensemble.connectString);
  await client.untilConnected();
  client.addAuth("digest", "a:b");
  await client.create('/quo"te\\d', Buffer.from("1"));
  await client.getData('/quo"te\\d', true);
  await client.close();
  return ensemble;
}

function startPrometheus(context: TestContext): void {
  const folder = newDirectory("prometheus");
  const targets = [1, 2, 3].map((sid) => `"127.0.0.1:${metricsPort(sid)}"`).join(", ");
  const config = join(folder, "prometheus.yml");
  const community = COMMUNITY.map((expr, i) => `- {alert: c${i}, expr: ${JSON.stringify(expr)}}`);
  writeFileSync(
    join(folder, "community.yml"),
    `groups:\n- name: community\n  rules:\n  ${community.join("\n  ")}\n`,
  );
  writeFileSync(
    config,
    [
      "global: {scrape_interval: 1s, evaluation_interval: 1s}",
      `rule_files: [${JSON.stringify(ALERTS)}, community.yml]`,
      `scrape_configs: [{job_name: zk, static_configs: [{targets: [${targets}]}]}]`,
      "",
    ].join("\n"),
  );
  const args = [`--config.file=${config}`, `--storage.tsdb.path=${join(folder, "data")}`];
  const child = spawn("prometheus", [...args, `--web.listen-address=${PROMETHEUS}`], {
    stdio: "ignore",
  });
  const ended = new Promise((resolve) => child.once("close", resolve));
  context.after(async () => {
    child.kill("SIGKILL");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });
}

async function api<T>(path: string): Promise<T | undefined> {
  const answer = await fetch(`http://${PROMETHEUS}/api/v1/${path}`).catch(() => undefined);
  if (answer === undefined || !answer.ok) return undefined;
  return ((await answer.json()) as { data: T }).data;
}

interface Rules {
  readonly groups: readonly {
    readonly rules: readonly {
      readonly name: string;
      readonly query: string;
      readonly health: string;
      readonly lastError?: string;
      readonly state: string;
    }[];
  }[];
}

const rules = async () => ((await api<Rules>("rules"))?.groups ?? []).flatMap((one) => one.rules);

/** The names of metrics in an expression. */
function namesIn(expr: string): string[] {
  const words = expr
    .replace(/\{[^}]*\}|\[[^\]]*\]|\((job|instance)\)/g, " ")
    .match(/\b[a-z_][a-z_0-9]*\b/g);
  const language = /^(rate|increase|max|by|unless|on|or|and|job)$/;
  return [...new Set((words ?? []).filter((word) => !language.test(word)))];
}

async function watched(context: TestContext): Promise<void> {
  const ensemble = await threeServers(context);
  for (const sid of [1, 2, 3]) {
    const text = await (await fetch(`http://127.0.0.1:${metricsPort(sid)}/metrics`)).text();
    const { status, stderr } = spawnSync("promtool", ["check", "metrics"], {
      input: text,
      encoding: "utf8",
    });
    // Java's names are not those that Prometheus' authors would give: 3 says so, and nothing else.
    assert.ok(status === 0 || status === 3, stderr);
    assert.doesNotMatch(stderr, /parsing error/);
  }
  startPrometheus(context);
  type Targets = { activeTargets: { health: string; lastError: string }[] };
  await until("Prometheus has read all three", async () => {
    const targets = (await api<Targets>("targets"))?.activeTargets ?? [];
    return targets.length === 3 && targets.every(({ health }) => health === "up");
  });
  await until("all rules have been evaluated", async () => {
    const all = await rules();
    return all.length > COMMUNITY.length && all.every(({ health }) => health === "ok");
  });
  const expressions = [...COMMUNITY, ...(await rules()).map(({ query }) => query)];
  assert.ok(readFileSync(ALERTS, "utf8").includes("ZooKeeperServerDown"));
  for (const name of new Set(expressions.flatMap(namesIn))) {
    await until(`${name} is told by somebody`, async () => {
      const found = await api<{ result: unknown[] }>(`query?query=count(${name})`);
      return found?.result.length === 1;
    });
  }
  // Rules may have been evaluated before each server had been read once.
  await until("nothing is said to be wrong", async () =>
    (await rules()).every(({ state, name }) => state === "inactive" || ABOUT_THE_DAY.test(name)),
  );
  await ensemble.kill9((await ensemble.leader())!);
  await until("the loss is noticed", async () => {
    const noticed = (await rules()).filter(({ state }) => state !== "inactive");
    return noticed.some(({ name }) => name === "ZooKeeperServerDown");
  });
}

peerTest(
  "Prometheus reads a live ensemble, and evaluates our alerts and the community's on it",
  ["zooid", "prometheus"],
  watched,
);

// What Prometheus is told by Java 3.9 and by Zooid, in the same roles of one ensemble: every name, its type and its labels.

import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { Ensemble, PORTS } from "../ensemble-world.js";
import { connectClient } from "../ensemble-writer.js";
import { peerTest, type ServerKind } from "../peers.js";

const metricsPort = (sid: number) => PORTS.metricNames + 12 + sid;

/** A JVM's own, which answer to nothing here; V8 has others (docs/OPERATING.md). */
const JVM = /^jvm_/;

async function ledByThird(context: TestContext, kinds: readonly ServerKind[]): Promise<Ensemble> {
  const ensemble = new Ensemble({
    basePort: PORTS.metricNames,
    members: kinds.map((kind) => ({ kind })),
    cfgOf: (sid) => ({
      "metricsProvider.className":
        "org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider",
      "metricsProvider.httpHost": "127.0.0.1",
      "metricsProvider.httpPort": metricsPort(sid),
    }),
  });
  context.after(() => ensemble.discard());
  await ensemble.startLedBy(3);
  for (const { port } of ensemble.members) {
    const client = connectClient(`127.0.0.1:${port}`);
    await client.untilConnected();
    client.addAuth("digest", "a:b");
    await client
      .create(`/a/b${port}`, Buffer.from("1"))
      .catch(() => client.create("/a", Buffer.from("1")));
    await client.getData("/a", true);
    await client.setData("/a", Buffer.from("2"));
    await client.getChildren("/");
    await client.close();
  }
  return ensemble;
}

type Asked = () => Promise<ReadonlySet<string>>;

/** `name type` of each family and the names of its samples with their labels, without values. */
async function toldBy(sid: number): Promise<Set<string>> {
  const answer = await fetch(`http://127.0.0.1:${metricsPort(sid)}/metrics`);
  const told = new Set<string>();
  for (const line of (await answer.text()).split("\n")) {
    const type = /^# TYPE (\S+) (\S+)$/.exec(line);
    if (type !== null) told.add(`${type[1]} ${type[2]}`);
    else if (line !== "" && !line.startsWith("#")) told.add(line.slice(0, line.lastIndexOf(" ")));
  }
  return new Set([...told].filter((name) => !JVM.test(name)));
}

/** Java counts what it has done a moment later, in another thread; and what is told once is told for ever. */
async function assertEqualNames(ours: Asked, javas: Asked): Promise<void> {
  const differs = async () => {
    const [our, java] = [await ours(), await javas()];
    return our.size !== java.size || [...our].some((name) => !java.has(name));
  };
  const deadline = Date.now() + 30_000;
  while ((await differs()) && Date.now() < deadline) await wait(500);
  compareNames(await ours(), await javas());
}

function compareNames(ours: ReadonlySet<string>, javas: ReadonlySet<string>): void {
  assert.ok(javas.size > 300, `Java tells ${javas.size} only`);
  assert.deepEqual(
    {
      missing: [...javas].filter((name) => !ours.has(name)).sort(),
      more: [...ours].filter((name) => !javas.has(name)).sort(),
    },
    { missing: [], more: [] },
  );
}

/** What the third tells, when it has told the same three times. */
async function settled(): Promise<ReadonlySet<string>> {
  let told = await toldBy(3);
  for (let same = 0; same < 3; ) {
    await wait(500);
    const now = await toldBy(3);
    same = now.size === told.size ? same + 1 : 0;
    told = now;
  }
  return told;
}

const PEERS = ["java39", "java39-prometheus", "zooid"] as const;

peerTest(
  "Prometheus is told the same names by a follower of Zooid as by one of Java 3.9",
  PEERS,
  async (context) => {
    await ledByThird(context, ["zooid", "java39", "zooid"]);
    await assertEqualNames(
      () => toldBy(1),
      () => toldBy(2),
    );
  },
);

peerTest(
  "Prometheus is told the same names by a leader of Zooid as by one of Java 3.9",
  PEERS,
  async (context) => {
    const java = await ledByThird(context, ["zooid", "zooid", "java39"]);
    const javas = await settled();
    await java.discard();
    await ledByThird(context, ["java39", "zooid", "zooid"]);
    await assertEqualNames(
      () => toldBy(3),
      async () => javas,
    );
  },
);

// `restore` while things go wrong: an operator sends a snapshot to the leader, and within moments a process, a power supply, a
// connection or a disk fails. Drawn by seed, with writes under way, watched by the monitors of the random runs.
//
// Not a fault of the random runs: there the histories of clients are judged by one history, and here the operator makes
// another one follow it. What must hold all the same: the ensemble has the one state or the other, on all members and for good; the
// restored one, where the operator was told so; and no zxid comes twice.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { ZooKeeperClient } from "../../src/cli/client/zookeeper-client.js";
import { ADMIN_PORT, bodyOf, statusOf } from "../admin/world.js";
import { drawDiskError } from "./disk-errors.js";
import type { SimMember } from "./ensemble.js";
import type { PowerLossFate } from "./platform/file-system.js";
import { SeededRandom } from "./platform/random.js";
import { play, type Stage } from "./scenarios/stage.js";

const HEADERS = ["Host: zookeeper", "Connection: close", "Authorization: ip"];
const FATES: readonly PowerLossFate[] = ["random", "lost", "applied"];

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Undefined: there was none, or not a whole one. */
function ask(
  stage: Stage,
  member: SimMember,
  line: string,
  body = "",
): Promise<Answer | undefined> {
  const { platform } = stage.ensemble.clientMachine("operator");
  const length = body === "" ? [] : [`Content-Length: ${body.length}`];
  const head = [`${line} HTTP/1.1`, ...HEADERS, ...length].join("\r\n");
  return new Promise((resolve) => {
    const target = { host: member.name, port: ADMIN_PORT };
    platform.network.connect(target, { timeoutMs: 5000 }, (_error, connection) => {
      if (connection === undefined) {
        resolve(undefined);
        return;
      }
      const chunks: Buffer[] = [];
      // Whoever has lost its power says no more.
      const timer = platform.clock.setTimer(60_000, () => connection.destroy());
      connection.start({
        onData: (chunk) => void chunks.push(Buffer.from(chunk)),
        onDrain() {},
        onEnd: () => connection.end(),
        onClose() {
          timer.cancel();
          const text = Buffer.concat(chunks).toString("latin1");
          const isAnswer = text.includes("\r\n\r\n");
          resolve(isAnswer ? { status: statusOf(text), body: bodyOf(text) } : undefined);
        },
      });
      connection.write(Buffer.from(`${head}\r\n\r\n${body}`, "latin1"));
    });
  });
}

type Trouble = (stage: Stage, random: SeededRandom, leader: SimMember) => void;

const fell = (random: SeededRandom, member: SimMember): void => {
  if (!member.isRunning) return;
  if (random.chance(0.5)) member.kill();
  else member.powerOff(random.pick(FATES));
};

const TROUBLES: Readonly<Record<string, Trouble>> = {
  "all goes well": () => {},
  "the leader falls": (_, random, leader) => fell(random, leader),
  "a follower falls": ({ ensemble }, random, leader) =>
    fell(random, random.pick(ensemble.members.filter((one) => one !== leader))),
  "all lose their power": ({ ensemble }, random) => {
    for (const member of ensemble.members) member.powerOff(random.pick(FATES));
  },
  "the leader is cut off": (stage, random, leader) => {
    const rest = stage.ensemble.members.filter((one) => one !== leader);
    const rule = stage.cut([leader], rest);
    stage.ensemble.world.scheduler.after(random.between([0, 6000]), "heal", 0, () => rule.heal());
  },
  "the leader's disk fails": (stage, random, leader) => {
    stage.mayExit.add(leader);
    leader.onExit = () => {
      stage.ensemble.world.scheduler.after(500, "restart", 0, () => {
        if (!leader.isRunning) leader.start();
      });
    };
    leader.node.disk.inject({ ...drawDiskError(random), path: /^\/data\// });
  },
};

/** Told whether the restored state is the one that all have. */
async function restoring(stage: Stage, random: SeededRandom, trouble: Trouble): Promise<boolean> {
  const { ensemble } = stage;
  await stage.up();
  const client = stage.client("writer");
  await stage.create(client, "/kept", "/deleted-since");
  await stage.settled();
  const from = random.pick(ensemble.members);
  const taken = await stage.settle(ask(stage, from, "GET /commands/snapshot"));
  assert.equal(taken?.status, 200);
  await stage.create(client, "/since");
  await stage.settle(client.delete("/deleted-since").catch(() => {}));
  await stage.settled();
  assert.ok(!isThere(stage, "/deleted-since"));
  const { leader } = stage;
  const seen = Math.max(...ensemble.members.map(({ tree }) => tree?.lastProcessedZxid ?? 0));
  write(client, random);
  let hasStruck = false;
  ensemble.world.scheduler.after(drawnMs(random), "trouble", 0, () => {
    hasStruck = true;
    trouble(stage, random, leader);
  });
  const answered = await stage.settle(ask(stage, leader, "POST /commands/restore", taken.body));
  await stage.until(() => hasStruck);
  await stage.run(random.between([0, 3000]));
  ensemble.world.network.healAll();
  for (const { node } of ensemble.members) node.disk.clearFaults();
  await stage.up();
  const isRestored = isThere(stage, "/deleted-since");
  assertWhole(stage, isRestored);
  if (answered?.status === 200) assert.ok(isRestored, "it was said to be restored, and is not");
  // What all have agreed on stays.
  await stage.create(stage.client("after"), "/after");
  await stage.settled();
  for (const member of ensemble.members) member.powerOff("lost");
  await stage.up();
  assert.equal(isThere(stage, "/deleted-since"), isRestored);
  assertWhole(stage, isRestored);
  stage.assertEqual({ there: ["/after"] });
  for (const { tree } of ensemble.members)
    assert.ok((tree?.get("/after")?.stat().czxid ?? 0) > seen);
  return isRestored;
}

/** Each order of magnitude as likely as the other. */
function drawnMs(random: SeededRandom): number {
  return Math.exp(random.between([0, Math.log(3000)]));
}

function write(client: ZooKeeperClient, random: SeededRandom): void {
  for (let i = random.integer(20); i > 0; i--) client.create(`/w${i}`).catch(() => {});
}

function isThere(stage: Stage, path: string): boolean {
  return stage.leader.tree?.get(path) !== undefined;
}

function assertWhole(stage: Stage, isRestored: boolean): void {
  const [there, gone] = [["/deleted-since"], ["/since"]];
  if (isRestored) stage.assertEqual({ there: ["/kept", ...there], gone });
  else stage.assertEqual({ there: ["/kept", ...gone], gone: there });
}

for (const [name, trouble] of Object.entries(TROUBLES)) {
  test(`An ensemble in which a snapshot is restored has the one state or the other where ${name}`, async () => {
    for (let seed = 1; seed <= 8; seed++) {
      const random = new SeededRandom(seed).split(name);
      const config = {
        "admin.enableServer": "true",
        "admin.rateLimiterIntervalInMS": "0",
        snapCount: random.pick([5, 20, 1000]),
        "snapshot.store": random.pick(["file", "lmdb"]),
        forceSnapshotSync: random.pick(["true", "false"]),
      };
      const members = random.pick([3, 3, 5]);
      try {
        await play({ seed, members, config }, async (stage) => {
          const isRestored = await restoring(stage, random, trouble);
          if (name === "all goes well") assert.ok(isRestored);
        });
      } catch (error) {
        throw new Error(`Seed ${seed}: ${(error as Error).message}`, { cause: error });
      }
    }
  });
}

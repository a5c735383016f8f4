// Each way to synchronize a learner, provoked on purpose, from Java to Zooid and from Zooid to Java: an empty DIFF, DIFF from
// memory and from the log, SNAP of a large tree, TRUNC of what was never committed, and SNAP where TRUNC would cross an epoch.
//
// Members 1 and 2 are of one kind and lead; member 3 is of the other kind and is behind, or ahead. The learner's log says
// which way it was synchronized, in the same words for both.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ZooKeeperClient } from "../../src/cli/client/zookeeper-client.js";
import { createNodePlatform } from "../../src/platform/node/platform.js";
import { plainFiles } from "../../src/storage/disk-steps.js";
import { logFiles } from "../../src/storage/file-names.js";
import { LogReader } from "../../src/storage/log-reader.js";
import { assertEqualTrees } from "./ensemble-check.js";
import { Ensemble, type Member, PORTS, tail, until } from "./ensemble-world.js";
import { connectClient } from "./ensemble-writer.js";
import { fourLetterWord } from "./four-letter-word.js";
import { peerTest, type ServerKind } from "./peers.js";
import { RawConnection } from "./raw/connection.js";
import { create } from "./raw/requests.js";

const WAYS = {
  diff: "Getting a diff from the leader",
  snap: "Getting a snapshot from leader",
  trunc: "Truncating log to get in sync with the leader",
} as const;
type Way = keyof typeof WAYS;

const platform = createNodePlatform({ log: { level: "OFF" } });
const LEARNER = 3;
const DOOMED = 20;
/** The end of a session would be the first transaction of an epoch, and decide for SNAP. */
const NEVER_MS = 600_000;

/** Larger than what is missed, so that DIFF from the log is worth it (Java: snapshotSizeFactor). */
const TREE = { nodes: 300, bytes: 20_000 };
/** Above commitLogCount (500): not in the leader's memory any more. */
const FROM_LOG = 700;

async function writeMany(client: ZooKeeperClient, top: string, count: number, bytes = 10) {
  await client.create(top);
  const made = Array.from({ length: count }, (_, i) =>
    client.create(`${top}/${i}`, Buffer.alloc(bytes, i)),
  );
  await Promise.all(made);
}

async function whileLearnerIsDown(
  ensemble: Ensemble,
  way: Way,
  meanwhile: () => Promise<unknown>,
): Promise<void> {
  await ensemble.stop(LEARNER);
  await meanwhile();
  await startLearner(ensemble, way);
}

async function startLearner(ensemble: Ensemble, way: Way): Promise<void> {
  const logged = ensemble.member(LEARNER).log().length;
  await ensemble.start(LEARNER);
  const log = () => ensemble.member(LEARNER).log().slice(logged);
  const taken = () => (Object.keys(WAYS) as Way[]).filter((one) => log().includes(WAYS[one]));
  await until("the learner's log says how it was synchronized", () => taken().length > 0);
  assert.deepEqual(taken(), [way], tail(log()));
}

/** The last zxid in its newest log. */
function lastLogged({ directory }: Member): number {
  const { disk } = platform;
  const versioned = join(directory, "data/version-2");
  const files = [...logFiles(versioned, plainFiles(disk, versioned))];
  const newest = files.sort((a, b) => a.zxid - b.zxid).at(-1);
  if (newest === undefined) return 0;
  const reader = new LogReader(disk, newest.path);
  try {
    while (reader.next());
    return reader.zxid;
  } finally {
    reader.close();
  }
}

/** A thread that runs just then goes on for a moment: until the last of them has stopped. */
async function standStill(pid: number): Promise<void> {
  process.kill(pid, "SIGSTOP");
  await until(`process ${pid} stands still`, () => {
    return readdirSync(`/proc/${pid}/task`).every((thread) => isStopped(`${pid}/task/${thread}`));
  });
}

function isStopped(thread: string): boolean {
  try {
    return /^State:\s*T/m.test(readFileSync(`/proc/${thread}/status`, "utf8"));
  } catch {
    // It has ended since.
    return false;
  }
}

/** The last that it has applied. */
async function lastApplied({ port, host }: Member): Promise<number> {
  const text = await fourLetterWord(port, "srvr", undefined, host);
  return Number(/^Zxid: (\S+)$/m.exec(text)?.[1]);
}

/** What a majority has acknowledged, the last session's end mostly, may be on its way to the third. */
async function untilLevel({ members }: Ensemble): Promise<void> {
  await until("all have the same last transaction", async () => {
    const [first, ...others] = await Promise.all(members.map(lastApplied));
    return others.every((zxid) => zxid === first);
  });
}

/** Member 3 leads, logs what nobody else hears of, and dies. */
async function leaveUncommitted(ensemble: Ensemble, name: string): Promise<void> {
  await untilLevel(ensemble);
  await ensemble.stop(1, 2, LEARNER);
  await ensemble.startLedBy(LEARNER);
  const { port, host } = ensemble.member(LEARNER);
  const client = await RawConnection.open(port, host);
  try {
    await client.establish({ timeoutMs: NEVER_MS });
    // Not what it has logged: the others may have been quicker.
    const zxid = await lastApplied(ensemble.member(LEARNER));
    // They stand still, and so it leads on: one that has lost them may have noticed before it logs anything.
    await Promise.all([1, 2].map((sid) => standStill(ensemble.member(sid).server!.pid)));
    for (let i = 0; i < DOOMED; i++) client.request(create(`/${name}-${i}`, "never committed"));
    await until("member 3 has logged them", () => {
      return lastLogged(ensemble.member(LEARNER)) >= zxid + DOOMED;
    });
    await ensemble.kill9(LEARNER);
    await client.waitFor(() => false);
    assert.equal(client.frames.length, 0, "A leader alone has acknowledged something");
  } finally {
    await Promise.all(ensemble.members.map(({ sid }) => ensemble.kill9(sid)));
    await client.destroy();
  }
  await ensemble.start(1, 2);
}

async function assertNoneOf(ensemble: Ensemble, name: string): Promise<void> {
  const client = connectClient(ensemble.connectString);
  try {
    await client.untilConnected();
    const names = await client.getChildren("/");
    assert.deepEqual(
      names.filter((one) => one.startsWith(name)),
      [],
    );
  } finally {
    await client.close();
  }
}

async function allWays(leaders: ServerKind, learner: ServerKind): Promise<void> {
  const members = [{ kind: leaders }, { kind: leaders }, { kind: learner }];
  const cfg = { maxSessionTimeout: NEVER_MS };
  const ensemble = new Ensemble({ basePort: PORTS.sync, members, cfg });
  let client: ZooKeeperClient | undefined;
  try {
    await ensemble.start(1, 2);
    await ensemble.start(LEARNER);
    const [one, two] = ensemble.members;
    client = connectClient(`127.0.0.1:${one!.port},127.0.0.1:${two!.port}`);
    const writer = client;
    await writer.untilConnected();
    await writeMany(writer, "/tree", TREE.nodes, TREE.bytes);
    // The leader has a snapshot of the large tree from here on.
    await ensemble.stop(1, 2, LEARNER);
    await ensemble.start(1, 2);
    await startLearner(ensemble, "diff");
    await writer.untilConnected();
    await whileLearnerIsDown(ensemble, "diff", () => writeMany(writer, "/few", 50));
    await whileLearnerIsDown(ensemble, "diff", () => writeMany(writer, "/many", FROM_LOG));
    await whileLearnerIsDown(ensemble, "snap", () => {
      ensemble.wipe(LEARNER);
      return writeMany(writer, "/more", 50);
    });
    await assertEqualTrees(ensemble);
    await writer.close();

    await leaveUncommitted(ensemble, "doomed");
    await startLearner(ensemble, "trunc");
    await assertEqualTrees(ensemble);
    await assertNoneOf(ensemble, "doomed");

    await leaveUncommitted(ensemble, "lost");
    await assertNoneOf(ensemble, "lost");
    await startLearner(ensemble, "snap");
    await assertEqualTrees(ensemble);
    await assertNoneOf(ensemble, "lost");
  } finally {
    await client?.close().catch(() => {});
    await ensemble.discard();
  }
}

const PAIRS: readonly (readonly [ServerKind, ServerKind])[] = [
  ["java39", "zooid"],
  ["zooid", "java39"],
  ["java38", "zooid"],
  ["zooid", "java38"],
];

for (const [leaders, learner] of PAIRS) {
  peerTest(
    `DIFF, SNAP and TRUNC bring a learner to the leader's history: ${leaders} to ${learner}`,
    [leaders, learner],
    () => allWays(leaders, learner),
  );
}

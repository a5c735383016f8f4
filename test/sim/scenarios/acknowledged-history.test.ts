// What NEWLEADER acknowledges, and what a life leaves to the next: the bugs R1 to R12 and R14 to R16 of docs/ZOO.md, played
// with whole servers. Each test says what Java did or does.

import assert from "node:assert/strict";
import { CreateMode } from "../../../src/cli/client/create-mode.js";
import { QuorumPacketType as Type } from "../../../src/wire/op-codes.js";
import { QUORUM_PORT, type SimMember } from "../ensemble.js";
import { Stage, scenario } from "./stage.js";

// Java (ZOOKEEPER-3911, -4646): a follower acknowledges NEWLEADER when it has the leader's history in memory. Two that die
// then have helped to establish what neither has: the leader shows /x, and everybody forgets it.
scenario(
  "[R1, R2] What a leader shows on the word of followers that lose their power at UPTODATE is not forgotten",
  {},
  async (stage) => {
    await stage.up();
    const { leader, followers } = stage;
    await stage.create(stage.client("c"), "/before");
    await stage.dieWith("/x");
    await stage.run(100);
    for (const follower of followers) {
      stage.when(leader, Type.upToDate, follower, () => follower.powerOff("lost"));
    }
    for (const member of stage.ensemble.members) member.start();
    await stage.until(() => followers.some(({ isRunning }) => !isRunning));
    const isShown = leader.tree?.get("/x") !== undefined && leader.isServing;
    leader.powerOff("lost");
    await stage.run(2000);
    for (const follower of followers) if (follower.isRunning) follower.powerOff("lost");
    await stage.up(...followers);
    if (isShown) stage.assertEqual({ there: ["/before", "/x"] });
    await stage.up();
    stage.assertEqual({ there: ["/before"] });
  },
);

// Java (ZOOKEEPER-4646): a follower's log is written by another thread, and what it acknowledges is not on its disk yet.
scenario(
  "[R2] What was answered on a follower's word is there when that follower loses its power at once",
  {},
  async (stage) => {
    await stage.up();
    const { leader, followers } = stage;
    const [one, other] = followers;
    const client = await stage.connected("c", leader);
    other.kill();
    one.node.disk.inject({ operation: "write", path: /log\./, delayMs: 200, times: 9 });
    const write = stage.attempt(client.create("/x"));
    await stage.until(() => write.isDone);
    for (const member of [one, leader]) member.powerOff("lost");
    await stage.up(one, other);
    stage.assertEqual({ there: ["/x"] });
    await stage.up();
    stage.assertEqual({ there: ["/x"] });
  },
);

// Java (ZOOKEEPER-4643, -4785): currentEpoch is written before the history that it stands for. A follower that stops in between
// wins the next election with the later epoch and the shorter history, and cuts off what was committed.
scenario(
  "[R3, R4, R38, R39] A follower that stops at any write of its synchronization loses nothing for the others, and comes back",
  {},
  async () => {
    for (let skip = 0; ; skip++) {
      const stage = new Stage({ seed: skip + 1 });
      try {
        if (!(await stopsWhileItIsSynchronized(stage, skip))) {
          assert.ok(skip > 8, `only ${skip} calls`);
          return;
        }
        stage.check();
      } finally {
        stage.end();
      }
    }
  },
);

async function stopsWhileItIsSynchronized(stage: Stage, skip: number): Promise<boolean> {
  await stage.up();
  const first = stage.leader;
  const [behind, other] = stage.followers;
  await stage.create(stage.client("c", first), "/a");
  behind.kill();
  await stage.create(stage.client("c", first), "/b", "/c");
  // A new epoch, of which the other one hears nothing.
  for (const member of [first, other]) member.kill();
  first.start();
  behind.start();
  await stage.until(() => behind.server !== undefined);
  const hang = stage.hangAtCall(behind, skip);
  await stage.until(() => hang.isReached || behind.isServing);
  // What does not wait for that call is there when the power goes.
  await stage.run(30);
  const { isReached } = hang;
  hang.remove();
  behind.powerOff("lost");
  first.powerOff("lost");
  await stage.up(behind, other);
  await stage.create(stage.client("c2", behind), "/d");
  await stage.settled(behind, other);
  stage.assertEqual({ there: ["/a", "/b", "/c", "/d"] });
  await stage.up();
  stage.assertEqual({ there: ["/a", "/b", "/c", "/d"] });
  return isReached;
}

// Java (ZOOKEEPER-4925): what a synchronization brings is not kept in memory for those whom this server will synchronize.
scenario(
  "[R9] A follower that was synchronized itself synchronizes another, as leader, without a hole",
  { members: 5 },
  async (stage) => {
    await stage.up();
    const { leader } = stage;
    const [two, , , one] = stage.ensemble.members as [SimMember, SimMember, SimMember, SimMember];
    const client = stage.client("c", leader);
    await stage.create(client, "/before");
    await stage.settled();
    two.kill();
    const foo = Array.from({ length: 10 }, (_, i) => `/foo${i}`);
    const bar = Array.from({ length: 10 }, (_, i) => `/bar${i}`);
    await stage.create(client, ...foo);
    one.kill();
    await stage.create(client, ...bar);
    await stage.up(one);
    leader.kill();
    await stage.settled();
    assert.equal(stage.leader, one);
    await stage.up(two);
    stage.assertEqual({ there: [...foo, ...bar] });
  },
);

// Java (ZOOKEEPER-2845): a leader without a quorum keeps its tree, without what it has logged, says the tree's zxid in the
// election, gets an empty DIFF, and finds what nobody else has in its log when it starts again.
scenario(
  "[R10, H8] What a leader logged alone is cut off when it follows another, and stays off after a restart",
  {},
  async (stage) => {
    await stage.up();
    const { leader, followers } = stage;
    await stage.create(stage.client("c"), "/before");
    const client = await stage.connected("c1", leader);
    for (const follower of followers) follower.kill();
    const logged = leader.server?.tree.lastProcessedZxid ?? 0;
    const write = stage.attempt(client.create("/x"));
    await stage.until(() => leader.state === "looking - election");
    assert.ok((leader.tree?.lastProcessedZxid ?? 0) > logged, "it says what it has logged");
    const rule = stage.cut([leader], followers);
    await stage.up(...followers);
    await stage.create(stage.client("c2", followers[0]), "/y");
    rule.heal();
    await stage.settled();
    assert.equal(write.isDone, false);
    stage.assertEqual({ there: ["/before", "/y"], gone: ["/x"] });
    leader.powerOff("lost");
    await stage.up();
    stage.assertEqual({ there: ["/before", "/y"], gone: ["/x"] });
  },
);

// Java (ZOOKEEPER-3642): the tree is replaced in memory by a SNAP of which nothing is on disk yet. The leader dies, the next one
// sends DIFF from there, and a restart finds the old snapshot and logs that begin too late.
scenario(
  "[R11] A follower whose leader dies while it sends the snapshot has what it had before, or all of it",
  { config: { forceSnapshotSync: "true" } },
  async (stage) => {
    await stage.up();
    const { leader, followers } = stage;
    const [behind, other] = followers;
    const client = stage.client("c", leader);
    await stage.create(client, "/a");
    behind.kill();
    await stage.create(client, "/b", "/c");
    stage.when(leader, Type.newLeader, behind, () => leader.powerOff("lost"));
    stage.when(leader, Type.snap, behind, () => leader.powerOff("lost"));
    behind.start();
    await stage.until(() => !leader.isRunning);
    await stage.up(behind, other);
    await stage.create(stage.client("c2", other), "/d");
    behind.powerOff("lost");
    await stage.up(behind, other);
    stage.assertEqual({ there: ["/a", "/b", "/c", "/d"] });
    await stage.up();
    stage.assertEqual({ there: ["/a", "/b", "/c", "/d"] });
  },
);

// Java (ZOOKEEPER-5094, open): the same for TRUNC. What comes between TRUNC and NEWLEADER is applied to the tree and is in no
// log; the next leader goes on from there.
scenario(
  "[R12, H2] A follower whose leader dies between TRUNC and NEWLEADER keeps a log without a gap",
  { members: 5 },
  async (stage) => {
    await stage.up();
    const { leader, followers } = stage;
    await stage.create(stage.client("c"), "/a");
    await stage.dieWith("/x");
    await stage.up(...followers);
    const second = stage.leader;
    stage.when(second, Type.trunc, leader, () => second.powerOff("lost"));
    leader.start();
    await stage.until(() => !second.isRunning);
    await stage.up(...followers.filter((one) => one !== second), leader);
    await stage.create(stage.client("c3", leader), "/d");
    leader.powerOff("lost");
    await stage.up();
    stage.assertEqual({ there: ["/a", "/d"], gone: ["/x"] });
  },
);

// Java (ZOOKEEPER-2872): a snapshot that came from the leader is not synced before it is acknowledged, the log after it is.
scenario(
  "[R14] A follower that loses its power after its snapshot was acknowledged comes back with all of it",
  { config: { forceSnapshotSync: "true" } },
  async (stage) => {
    await stage.up();
    const { leader, followers } = stage;
    const [behind] = followers;
    const client = stage.client("c", leader);
    await stage.create(client, "/a");
    behind.kill();
    await stage.create(client, "/b", "/c");
    // Slow: what does not wait for it is there first.
    const slow = { operation: ["write", "sync", "rename"], delayMs: 100, times: 9 } as const;
    behind.node.disk.inject({ ...slow, path: /snapshot/ });
    stage.when(behind, Type.ack, leader, () => behind.powerOff("lost"));
    behind.start();
    await stage.until(() => behind.server !== undefined && !behind.isRunning).catch(() => {});
    await stage.until(() => !behind.isRunning);
    behind.node.start((platform) => platform.log.info("switched on"));
    behind.node.kill();
    behind.start();
    await stage.until(() => behind.server !== undefined);
    assert.ok(behind.tree?.get("/c") !== undefined, "what was acknowledged is on disk");
    await stage.settled();
    stage.assertEqual({ there: ["/a", "/b", "/c"] });
  },
);

// Java (ZOOKEEPER-2355): lastProcessedZxid is raised by the DIFF header. The connection breaks before the closeSession came, the
// follower claims to have it, and keeps the session's ephemeral for good.
scenario(
  "[R15, R31] An ephemeral whose session ended while a follower was away is gone there too, though the DIFF broke off",
  {},
  async (stage) => {
    await stage.up();
    const { leader, followers } = stage;
    const [behind] = followers;
    const owner = stage.client("owner", leader);
    await stage.settle(owner.create("/eph", null, { mode: CreateMode.ephemeral }));
    await stage.settled();
    behind.kill();
    // More than the kernels take between them: what breaks off has arrived in part.
    for (let i = 0; i < 10; i++) {
      await stage.settle(stage.client("large", leader).create(`/n${i}`, Buffer.alloc(40_000)));
    }
    await stage.settle(owner.close());
    stage.when(leader, Type.diff, behind, () => {
      const { scheduler, network } = stage.ensemble.world;
      const isOfBehind = ({ machine }: { machine: unknown }) => machine === behind.node;
      scheduler.after(2, "story", 0, () => network.reset((a, b) => isOfBehind(a) || isOfBehind(b)));
    });
    behind.start();
    await stage.settled();
    stage.assertEqual({ gone: ["/eph"] });
    await stage.create(stage.client("c", behind), "/eph");
    await stage.settled();
    stage.assertEqual({ there: ["/eph"] });
  },
);

// Java (ZOOKEEPER-1549, -4837, open): the snapshot that a new leader takes at its start has a txn that nobody else has. After TRUNC
// the tree is loaded from it all the same, and called by the zxid of the cut.
scenario(
  "[R16, H10] A snapshot with what was never committed does not survive TRUNC",
  { config: { snapCount: 2 } },
  async (stage) => {
    await stage.up();
    const { leader, followers } = stage;
    await stage.create(stage.client("c"), "/a", "/b", "/c", "/d");
    await stage.dieWith("/x");
    // It wins, with a snapshot if it takes any, and dies before anybody has followed; and again.
    const [one] = followers;
    const rule = stage.cut([leader], [one], QUORUM_PORT);
    for (let i = 0; i < 2; i++) {
      for (const member of [leader, one]) member.start();
      await stage.until(() => leader.state === "leading - discovery");
      await stage.run(100);
      for (const member of [leader, one]) member.kill();
    }
    rule.heal();
    await stage.up(...followers);
    leader.start();
    await stage.settled();
    stage.assertEqual({ there: ["/a", "/b", "/c", "/d"], gone: ["/x"] });
    leader.powerOff("lost");
    await stage.up();
    stage.assertEqual({ gone: ["/x"] });
  },
);

// Java (ZOOKEEPER-1090): a snapshot that is taken while transactions are on their way has the zxid of one that is not in it, and a
// restart from it passes that one over.
scenario(
  "[R50] A snapshot that is taken while proposals are on their way is called by what is in it",
  { config: { snapCount: 4 } },
  async (stage) => {
    await stage.up();
    const { leader, followers } = stage;
    const client = await stage.connected("c", leader);
    const paths = Array.from({ length: 60 }, (_, i) => `/n${i}`);
    for (const { node } of followers) {
      node.disk.inject({ operation: "sync", path: /log\./, delayMs: 20, times: 100 });
    }
    const writes: { readonly isDone: boolean }[] = [];
    for (const path of paths) {
      writes.push(stage.attempt(client.create(path)));
      await stage.run(3);
    }
    await stage.until(() => writes.every(({ isDone }) => isDone));
    const snapshots = leader.node.disk.list(`${leader.dataDir}/version-2`);
    assert.ok(snapshots.filter((name) => name.startsWith("snapshot.")).length > 2, `${snapshots}`);
    // Each finds what it has when it starts, before anybody brings it anything.
    for (const member of stage.ensemble.members) {
      member.kill();
      member.start();
      await stage.until(() => member.server !== undefined);
      stage.check();
      assert.ok(member.tree?.get("/n0") !== undefined);
    }
    await stage.settled();
    stage.assertEqual({ there: paths });
  },
);

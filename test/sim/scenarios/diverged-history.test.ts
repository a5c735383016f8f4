// Histories that have parted, and learners that were away: R17 to R23, R30 and R37 of docs/ZOO.md, with whole servers. Each test
// says what Java did or does.

import assert from "node:assert/strict";
import { CreateMode } from "../../../src/cli/client/create-mode.js";
import { SessionState } from "../../../src/cli/client/session-state.js";
import { ZooKeeperClient } from "../../../src/cli/client/zookeeper-client.js";
import { QuorumPacketType as Type } from "../../../src/wire/op-codes.js";
import { CLIENT_PORT, type SimMember } from "../ensemble.js";
import { type Stage, scenario } from "./stage.js";

/** `member`, which leads, logs what nobody else hears of, and is gone. */
async function logAlone(stage: Stage, member: SimMember, path: string): Promise<void> {
  const client = await stage.connected(`alone${path.replace("/", "-")}`, member);
  for (const other of stage.running()) if (other !== member) other.kill();
  const logged = member.server?.tree.lastProcessedZxid;
  stage.attempt(client.create(path));
  await stage.until(() => member.tree !== undefined && member.tree.lastProcessedZxid !== logged);
  member.kill();
}

// Java (ZOOKEEPER-1154, -1156): a member that has logged more than anybody else joins an ensemble whose zxids have gone past
// its own in another epoch, and gets DIFF only: it keeps what was never committed.
scenario(
  "[R17] Who has logged alone joins late, when others have gone on in a new epoch, and keeps nothing of it",
  {},
  async (stage) => {
    await stage.up();
    const { leader, followers } = stage;
    await stage.create(stage.client("c"), "/before");
    await logAlone(stage, leader, "/x");
    await stage.up(...followers);
    await stage.create(stage.client("c2", followers[0]), "/y");
    await stage.up();
    stage.assertEqual({ there: ["/before", "/y"], gone: ["/x"] });
    leader.powerOff("lost");
    await stage.up();
    stage.assertEqual({ there: ["/before", "/y"], gone: ["/x"] });
  },
);

// Java (ZOOKEEPER-2832): {A,B} and then {A,C} lead epochs without a committed transaction; B has logged one in the first. SNAP of
// a leader with a lower zxid replaces B's tree and leaves its log, from which a restart brings the transaction back.
for (const how of ["TRUNC", "SNAP"]) {
  scenario(
    `[R18] What one has logged in an epoch that came to nothing does not come back with a restart, after ${how}`,
    { config: { forceSnapshotSync: String(how === "SNAP") } },
    async (stage) => {
      await stage.up();
      await stage.create(stage.client("c"), "/before");
      await stage.settled();
      const [a, b, c] = stage.ensemble.members as [SimMember, SimMember, SimMember];
      c.kill();
      for (const member of [a, b]) member.kill();
      await stage.up(a, b);
      await logAlone(stage, stage.leader, "/x");
      const alone = b.tree === undefined ? b : a;
      for (const member of [a, b]) if (member.isRunning) member.kill();
      const other = alone === b ? a : b;
      await stage.up(other, c);
      for (const member of [other, c]) member.kill();
      await stage.up(alone, c);
      await stage.create(stage.client("c2", c), "/y");
      await stage.settled(alone, c);
      for (let round = 0; round < 2; round++) {
        stage.assertEqual({ there: ["/before", "/y"], gone: ["/x"] });
        alone.powerOff("lost");
        await stage.up(alone, c);
      }
      await stage.up();
      stage.assertEqual({ there: ["/before", "/y"], gone: ["/x"] });
    },
  );
}

// Java (ZOOKEEPER-3104): forwarding begins, then a fuzzy snapshot is written under a later zxid. NEWLEADER comes before what the
// snapshot says it has; a restart believes it.
scenario(
  "[R13] A snapshot that is sent while proposals are on their way is called by what it shows",
  { config: { forceSnapshotSync: "true" } },
  async (stage) => {
    await stage.up();
    const { leader, followers } = stage;
    const [behind, other] = followers;
    const client = stage.client("c", leader);
    await stage.create(client, "/a");
    behind.kill();
    for (const { node } of [leader, other]) {
      node.disk.inject({ operation: "sync", path: /log\./, delayMs: 150, times: 20 });
    }
    const paths = Array.from({ length: 20 }, (_, i) => `/n${i}`);
    behind.start();
    for (const path of paths) {
      stage.attempt(client.create(path));
      await stage.run(15);
    }
    await stage.until(() => behind.isServing);
    behind.powerOff("lost");
    await stage.until(() => leader.tree?.get("/n19") !== undefined);
    await stage.up();
    stage.assertEqual({ there: ["/a", ...paths] });
    behind.powerOff("lost");
    await stage.up();
    stage.assertEqual({ there: ["/a", ...paths] });
  },
);

// Java (ZOOKEEPER-2846, -2099, open): a member that once was synchronized by SNAP has logs with a gap, or with what was never
// committed, before it. As leader it makes a DIFF of them.
scenario(
  "[R19, R20, R21, H7] Who was synchronized by SNAP never brings others forward from logs that are older than that",
  { members: 5, config: { forceSnapshotSync: "true" } },
  async (stage) => {
    await stage.up();
    const { leader, followers } = stage;
    const [one, two] = followers;
    await stage.create(stage.client("c", leader), "/a");
    two.kill();
    await stage.settled();
    await logAlone(stage, leader, "/x");
    await stage.up(...followers.filter((member) => member !== two));
    await stage.create(stage.client("c2", stage.leader), "/b", "/c", "/d");
    // The old leader takes the snapshot of the new one, then leads itself.
    await stage.up(leader);
    stage.assertEqual({ there: ["/a", "/b", "/c", "/d"], gone: ["/x"] });
    await stage.create(stage.client("c3", leader), "/e");
    for (const member of stage.running()) member.kill();
    const config = leader.node.disk.file("/etc/zoo.cfg")?.toString() ?? "";
    leader.node.disk.putFile(
      "/etc/zoo.cfg",
      Buffer.from(config.replace("forceSnapshotSync=true\n", "")),
    );
    const third = followers.find((member) => member !== one && member !== two) as SimMember;
    await stage.up(leader, one, third);
    await stage.up(two);
    stage.assertEqual({ there: ["/a", "/b", "/c", "/d", "/e"], gone: ["/x"] });
  },
);

// Java (ZOOKEEPER-3526, open): a server without a quorum that serves readers gives its sessions zxids that begin at 0. They get into
// what it keeps for learners; when it leads later, everybody is cut back to next to nothing.
scenario(
  "[R22, R118] Sessions of a read-only server leave nothing behind when it has a quorum again",
  { config: { "readonlymode.enabled": "true" } },
  async (stage) => {
    await stage.up();
    const { leader, followers } = stage;
    await stage.create(stage.client("c"), "/a", "/b");
    await stage.settled();
    for (const follower of followers) follower.kill();
    const { platform } = stage.ensemble.clientMachine("reader");
    const servers = `${leader.name}:${CLIENT_PORT}`;
    const reader = ZooKeeperClient.connect(platform, servers, {
      readOnly: true,
      sessionTimeoutMs: 400,
    });
    await stage.until(() => reader.state === SessionState.connectedReadOnly);
    const zxid = leader.tree?.lastProcessedZxid;
    assert.equal((await stage.settle(reader.getData("/a"))).stat.numChildren, 0);
    await assert.rejects(stage.settle(reader.create("/x")), /NotReadOnly|Not a read-only/i);
    await stage.settle(reader.close());
    await stage.run(5000);
    assert.equal(leader.tree?.lastProcessedZxid, zxid);
    await stage.up();
    assert.equal(stage.leader, leader);
    await stage.create(stage.client("c2"), "/c");
    await stage.settled();
    stage.assertEqual({ there: ["/a", "/b", "/c"], gone: ["/x"] });
  },
);

// Java (ZOOKEEPER-4352, open): a leader whose memory begins with the first transactions it saw itself sends a DIFF of those to an
// empty member, although there was history before.
scenario(
  "[R23] An empty member gets all of the history, also from a leader that has only its end in memory",
  {},
  async (stage) => {
    const [one, two, three] = stage.ensemble.members as [SimMember, SimMember, SimMember];
    await stage.up(one, two);
    await stage.create(stage.client("c"), "/a", "/b");
    await stage.settled(one, two);
    for (const member of [one, two]) member.kill();
    await stage.up(one, two);
    await stage.create(stage.client("c2"), "/c");
    await stage.up(three);
    stage.assertEqual({ there: ["/a", "/b", "/c"] });
    three.powerOff("lost");
    await stage.up(three);
    stage.assertEqual({ there: ["/a", "/b", "/c"] });
  },
);

// Java (ZOOKEEPER-790, -1081): who is elected says (e,0) at once. If nobody follows, it has said that it has an epoch's history that
// does not exist, and the next election believes it.
scenario(
  "[R24] A leader that nobody came to follow has and says what it has logged, and no zxid of its epoch",
  {},
  async (stage) => {
    await stage.up();
    await stage.create(stage.client("c"), "/a");
    await stage.settled();
    const [first, ...others] = [stage.leader, ...stage.followers];
    const last = first.tree?.lastProcessedZxid;
    for (const other of others) {
      // It is elected, and left alone before anybody has its history.
      stage.when(first, Type.leaderInfo, other, () => {
        for (const each of others) each.kill();
      });
    }
    for (const member of stage.running()) member.kill();
    for (const member of stage.ensemble.members) member.start();
    await stage.until(() => others.every(({ isRunning }) => !isRunning));
    assert.equal(first.state, "leading - discovery");
    assert.equal(first.tree?.lastProcessedZxid, last);
    await stage.until(() => first.state === "looking - election");
    assert.equal(first.tree?.lastProcessedZxid, last);
    const rule = stage.cut([first], others);
    await stage.up(...others);
    await stage.create(stage.client("c2", others[0]), "/b");
    rule.heal();
    await stage.settled();
    stage.assertEqual({ there: ["/a", "/b"] });
  },
);

// Java (ZOOKEEPER-4882, open): a sync of a follower's log hangs, then fails. What the others have committed meanwhile is in
// its tree, and not in its log; it keeps the tree, gets nothing of it again, and a restart has a hole.
scenario(
  "[R30, H8] A follower whose sync hangs and then fails has everything when it comes back, also as leader",
  {},
  async (stage) => {
    await stage.up();
    const { leader, followers } = stage;
    const [bad, good] = followers;
    const client = stage.client("c", leader);
    await stage.create(client, "/a");
    stage.mayExit.add(bad);
    bad.node.disk.inject({
      operation: "sync",
      path: /log\./,
      code: "EIO",
      effect: "pages dropped",
      delayMs: 300,
    });
    await stage.create(client, ...Array.from({ length: 10 }, (_, i) => `/foo${i}`));
    await stage.until(() => !bad.isRunning);
    assert.equal(bad.exits.length, 1);
    await stage.up(bad);
    await stage.create(client, "/bar");
    bad.powerOff("lost");
    leader.kill();
    await stage.up(bad, good);
    const foo = Array.from({ length: 10 }, (_, i) => `/foo${i}`);
    stage.assertEqual({ there: ["/a", ...foo, "/bar"] });
    await stage.up();
    stage.assertEqual({ there: ["/a", ...foo, "/bar"] });
  },
);

// Java (ZOOKEEPER-261, since 3.6 with db.autocreate=false): a member that has lost its disk votes for an empty history. With one that
// lags it is a quorum that has forgotten what was committed.
scenario(
  "[R37] A member that has lost its disk and one that lags behind do not decide together",
  { config: { "db.autocreate": "false" } },
  async (stage) => {
    for (const { node, dataDir } of stage.ensemble.members) {
      node.disk.putFile(`${dataDir}/initialize`, Buffer.alloc(0));
    }
    await stage.up();
    const { leader, followers } = stage;
    const [behind, wiped] = followers;
    await stage.create(stage.client("c", leader), "/a");
    behind.kill();
    await stage.create(stage.client("c", leader), "/b");
    for (const member of [leader, wiped]) member.kill();
    stage.wipe(wiped);
    for (const member of [behind, wiped]) member.start();
    await stage.run(10_000);
    assert.equal(stage.ensemble.leader?.name, undefined);
    // Nor after one more start.
    wiped.kill();
    wiped.start();
    await stage.run(10_000);
    assert.equal(stage.ensemble.leader?.name, undefined);
    await stage.up();
    stage.assertEqual({ there: ["/a", "/b"] });
    // From here on it counts again.
    leader.kill();
    await stage.up(behind, wiped);
    stage.assertEqual({ there: ["/a", "/b"] });
  },
);

// Java (ZOOKEEPER-1367, -1496): a session that a follower learned of by its synchronization is not in its tracker: when it leads, the
// session never expires, and its ephemerals stay.
scenario(
  "[R111] A session that a member learned of by its synchronization expires when that member leads",
  {},
  async (stage) => {
    await stage.up();
    const { leader, followers } = stage;
    const [behind, other] = followers;
    behind.kill();
    const owner = stage.client("owner", leader, 2000);
    await stage.settle(owner.create("/eph", null, { mode: CreateMode.ephemeral }));
    await stage.up(behind);
    stage.ensemble.clientMachine("owner").node.kill();
    other.kill();
    leader.kill();
    other.start();
    stage.when(other, Type.followerInfo, behind, () => {});
    await stage.settled(behind, other);
    stage.assertEqual({ there: ["/eph"] });
    await stage.run(6000);
    stage.assertEqual({ gone: ["/eph"] });
  },
);

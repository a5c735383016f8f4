// Members that go and come while there is load: R8, R92, R95, R96, R113 and R116 of docs/ZOO.md, with whole servers. Each test says what
// Java did or does.

import assert from "node:assert/strict";
import { CreateMode } from "../../../src/cli/client/create-mode.js";
import { Op } from "../../../src/cli/client/multi.js";
import type { SimMember } from "../ensemble.js";
import { type Stage, scenario } from "./stage.js";

// Java (ZOOKEEPER-4541, -4712, -3598, -4409): when a role ends, its threads still write to the log and apply, while the next role
// compares log and tree with its leader's: transactions twice or not at all, an ephemeral that one member alone still has.
scenario(
  "[R8, R33, R80] Members with slow disks that lose their leader in the middle of a load agree with the next one",
  { members: 3 },
  async (stage) => {
    await stage.up();
    for (let round = 0; round < 6; round++) {
      const { leader, followers } = stage;
      const client = stage.client(`c${round}`, followers[0], 1000);
      await stage.create(client, `/r${round}`);
      for (const follower of followers) {
        follower.node.disk.inject({
          operation: ["write", "sync"],
          path: /log\./,
          delayMs: 60,
          times: 4,
        });
      }
      for (let i = 0; i < 30; i++) {
        const mode = i % 3 === 0 ? CreateMode.ephemeral : CreateMode.persistent;
        stage.attempt(client.create(`/r${round}/${i}`, null, { mode }));
      }
      stage.attempt(client.close());
      await stage.run(5 + round * 25);
      if (round % 2 === 0) leader.kill();
      else
        stage.ensemble.world.network.reset(
          (a, b) => a.machine === leader.node || b.machine === leader.node,
        );
      await stage.settled(...followers);
      for (const member of stage.ensemble.members) member.node.disk.clearFaults();
      await stage.up();
      await stage.until(() => stage.ensemble.leader?.tree?.ephemeralCount === 0);
      await stage.settled();
      stage.assertEqual();
    }
    // And what is on the disks is what was in memory.
    for (const member of stage.ensemble.members) member.powerOff("lost");
    await stage.up();
    stage.assertEqual({ there: ["/r0", "/r5"] });
  },
);

async function everyoneWrites(stage: Stage, path: string): Promise<void> {
  for (const member of stage.ensemble.members) {
    await stage.create(
      stage.client(`w${path.slice(1)}-${member.sid}`, member),
      `${path}-${member.sid}`,
    );
  }
}

// Java (ZOOKEEPER-2164, -3756, -1514): stale election connections after restarts in descending order, or of the leader again and
// again; a leader with another round than its followers, whom nobody can join.
scenario(
  "[R92, R95] Restarts in descending order, and of the leader three times, leave an ensemble that everybody joins and writes to",
  { members: 5 },
  async (stage) => {
    await stage.up();
    for (const member of [...stage.ensemble.members].reverse()) {
      member.kill();
      await stage.settled();
      await stage.up();
    }
    await everyoneWrites(stage, "/descending");
    for (let i = 0; i < 3; i++) {
      stage.leader.kill();
      await stage.settled();
      await stage.up();
      await everyoneWrites(stage, `/leader${i}`);
    }
    await stage.settled();
    stage.assertEqual({ there: ["/descending-1", "/leader2-5"] });
  },
);

// Java (ZOOKEEPER-1521, -1697, -1865): a snapshot that takes longer than syncLimit to cross ends in a time-out, and in an election.
scenario(
  "[R96] A snapshot that takes several syncLimits to cross arrives, and nobody is elected anew meanwhile",
  { config: { forceSnapshotSync: "true" } },
  async (stage) => {
    await stage.up();
    const { leader, followers } = stage;
    const [behind] = followers;
    const client = stage.client("c", leader);
    for (let i = 0; i < 16; i++)
      await stage.settle(client.create(`/n${i}`, Buffer.alloc(100_000, i)));
    behind.kill();
    await stage.create(client, "/x");
    stage.ensemble.world.network.addRule(
      { from: leader.name, to: behind.name },
      { delayMs: [180, 180] },
    );
    const began = stage.ensemble.world.nowMs;
    behind.start();
    await stage.until(() => behind.isServing);
    assert.ok(stage.ensemble.world.nowMs - began > 2000, "two syncLimits at least");
    assert.equal(stage.leader, leader);
    assert.equal(stage.history.epochs.size, 1);
    await stage.settled();
    stage.assertEqual({ there: ["/n0", "/n15", "/x"] });
  },
);

// Java (ZOOKEEPER-4306, open): a closeSession that lists more paths than a record may be long cannot be read by the followers, nor from
// the leader's own log after a restart: the ensemble is down, and stays down.
scenario(
  "[R113] A session with more ephemerals than a record can list ends, and the ensemble goes on and restarts",
  { config: { "jute.maxbuffer": 4000, "jute.maxbuffer.extrasize": 1024 } },
  async (stage) => {
    await stage.up();
    const owner = stage.client("owner", stage.followers[0], 1000);
    const paths = Array.from({ length: 30 }, (_, i) => `/${"long".repeat(60)}-${i}`);
    for (const path of paths)
      await stage.settle(owner.create(path, null, { mode: CreateMode.ephemeral }));
    stage.ensemble.clientMachine("owner").node.kill();
    await stage.until(() => stage.ensemble.leader?.tree?.ephemeralCount === 0);
    await stage.settled();
    stage.assertEqual({ gone: paths });
    for (const member of stage.ensemble.members) member.kill();
    await stage.up();
    stage.assertEqual({ gone: paths });
    await stage.create(stage.client("c"), "/a");
  },
);

// Java (ZOOKEEPER-710, -907, -2886): a session that has moved, or that survives a change of leader, gets SESSIONMOVED for good, above all
// when it sends nothing but multis.
scenario(
  "[R116] A session that moves from member to member, and outlives its leader, can always write, multis alone too",
  {},
  async (stage) => {
    await stage.up();
    const client = stage.client("c", undefined, 20_000);
    await stage.create(client, "/a");
    const id = client.sessionId;
    for (let i = 0; i < 6; i++) {
      const { ensemble } = stage;
      const { node } = ensemble.clientMachine("c");
      if (i % 3 === 2) {
        const { leader } = stage;
        leader.kill();
        await stage.settled(...stage.running());
        await stage.up(leader);
      } else {
        ensemble.world.network.reset((a, b) => a.machine === node || b.machine === node);
        await stage.run(100);
      }
      for (let tries = 0; ; tries++) {
        assert.ok(tries < 20, "it can write again");
        const multi = stage.attempt(client.multi([Op.setData("/a", Buffer.from(String(i)), -1)]));
        await stage.until(() => multi.isDone || multi.error !== undefined);
        if (multi.isDone) break;
        await stage.run(200);
      }
      assert.equal(client.sessionId, id);
    }
  },
);

// Java (ZOOKEEPER-5010, open): an ephemeral whose creation was on its way when the leader died stays on some of five, and never heals.
scenario(
  "[R31] An ephemeral that was being created when the leader died is on all of five members, or on none",
  { members: 5 },
  async (stage) => {
    await stage.up();
    for (let round = 0; round < 4; round++) {
      const { leader, followers } = stage;
      const owner = stage.client(`owner${round}`, followers[round % 4] as SimMember, 1000);
      await stage.create(owner, `/p${round}`);
      stage.attempt(owner.create(`/eph${round}`, null, { mode: CreateMode.ephemeral }));
      await stage.run(0.5 + round * 0.4);
      leader.powerOff("lost");
      await stage.settled(...followers);
      await stage.up();
      stage.assertEqual();
      stage.ensemble.clientMachine(`owner${round}`).node.kill();
      await stage.run(4000);
      await stage.settled();
      stage.assertEqual({ gone: [`/eph${round}`] });
    }
  },
);

// Java: a server that looks puts any configuration in force that is later than its file's, also one that its own history has long
// left behind, and its quorums may elect (simulator, seed 105458).
scenario(
  "A server that a change left out elects nobody with a member that missed the change",
  {
    members: 3,
    spares: { count: 1, role: "participant", isInitialized: true },
    config: { reconfigEnabled: "true", skipACL: "yes" },
  },
  async (stage) => {
    await stage.up();
    const [leftOut, late, third, fourth] = stage.ensemble.members as [
      SimMember,
      SimMember,
      SimMember,
      SimMember,
    ];
    late.kill();
    await stage.settled(leftOut, third, fourth);
    const client = await stage.connected("operator", third);
    const joining = "server.4=zk4:2888:3888:participant;2181";
    await stage.settle(client.reconfigure(joining, "1", null));
    await stage.until(() => stage.history.rule?.voters.join() === "2,3,4");
    await stage.create(client, "/after");
    await stage.until(() => leftOut.tree?.get("/after") !== undefined);
    for (const member of [leftOut, third, fourth]) member.kill();

    stage.ensemble.configure(leftOut, stage.history.rule?.text ?? "");
    leftOut.start();
    late.start();
    // It has heard of the configuration of the two, and is not one of those who decide.
    await stage.run(10_000);
    assert.equal(stage.ensemble.leader, undefined);
    assert.deepEqual([leftOut.isRunning, late.isRunning], [true, true]);
    await stage.up();
    assert.ok([3, 4].includes(stage.leader.sid));
    stage.assertEqual({ there: ["/after"] });
  },
);

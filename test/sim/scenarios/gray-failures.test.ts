// Members that are neither well nor dead: R30, R41, R43, R73, R100, R150 to R156 of docs/ZOO.md, and what happens when several
// things end at once. Each test says what Java did or does.

import assert from "node:assert/strict";
import { CreateMode } from "../../../src/cli/client/create-mode.js";
import { ELECTION_PORT, QUORUM_PORT, type SimMember } from "../ensemble.js";
import { scenario } from "./stage.js";

// Java (ZOOKEEPER-1675, open): a leader that has been cut off answers sync until its time-outs tell it; what is read after it
// is not what was acknowledged elsewhere.
scenario(
  "[R43] A leader that is cut off answers no sync, and nobody reads behind one what is no longer true",
  {},
  async (stage) => {
    await stage.up();
    const { leader, followers } = stage;
    const reader = stage.client("reader", leader);
    await stage.create(reader, "/a");
    stage.cut([leader], followers);
    const sync = stage.attempt(reader.sync("/"));
    await stage.up(...followers);
    await stage.create(stage.client("writer", followers[0]), "/b");
    await stage.run(10_000);
    assert.equal(sync.isDone, false);
    assert.ok(sync.error !== undefined, "the connection was closed when the leader gave up");
  },
);

// Java (ZOOKEEPER-2247, before 3.4.9): a leader whose log fails goes on sending PINGs, and nothing is written any more.
scenario(
  "[R73] A leader whose log cannot be written is gone at once, and the others go on",
  {},
  async (stage) => {
    await stage.up();
    const { leader, followers } = stage;
    await stage.create(stage.client("c", leader), "/a");
    stage.mayExit.add(leader);
    leader.node.disk.inject({ operation: "write", path: /log\./, code: "EIO" });
    stage.attempt(stage.client("c", leader).create("/b"));
    await stage.until(() => !leader.isRunning);
    await stage.up(...followers);
    await stage.create(stage.client("c2", followers[0]), "/c");
    await stage.up();
    stage.assertEqual({ there: ["/a", "/c"] });
  },
);

// Java (ZOOKEEPER-3082, -3701): a full disk loops over empty snapshots; a TRUNC that fails leaves an empty tree, which votes.
scenario(
  "[R72, R74] A member whose disk is full when it is cut back stays away, and comes back with everything",
  {},
  async (stage) => {
    await stage.up();
    const { leader, followers } = stage;
    await stage.create(stage.client("c"), "/a");
    await stage.dieWith("/x");
    await stage.up(...followers);
    stage.mayExit.add(leader);
    leader.node.disk.inject({
      operation: ["truncate", "remove"],
      path: /version-2/,
      code: "ENOSPC",
      times: 3,
    });
    leader.start();
    for (let i = 0; i < 5; i++) {
      await stage.until(() => !leader.isRunning || leader.isServing);
      if (!leader.isRunning) leader.start();
    }
    await stage.settled();
    stage.assertEqual({ there: ["/a"], gone: ["/x"] });
  },
);

// Java (ZOOKEEPER-4203, open): the leader's port cannot be bound; the error is overwritten, it serves PINGs and nobody can join.
scenario(
  "[R41] A leader that cannot listen for learners gives up, and leads as soon as it can",
  {},
  async (stage) => {
    const [one, two, three] = stage.ensemble.members as [SimMember, SimMember, SimMember];
    for (const member of [one, two, three]) member.start();
    await stage.until(() => three.server !== undefined);
    const taken = three.node.platform.network.listen(
      { host: undefined, port: QUORUM_PORT, backlog: 10 },
      (connection) => connection.destroy(),
      () => {},
    );
    await stage.run(5000);
    assert.equal(three.isServing, false);
    taken.close();
    await stage.settled();
    await stage.create(stage.client("c", one), "/a");
  },
);

// Java (ZOOKEEPER-4074, open): a follower whose leader stands still blocks in a write, without a time-out, and keeps its clients.
scenario(
  "[R150] Followers whose leader stands still leave it within syncLimit, clients and all",
  {},
  async (stage) => {
    await stage.up();
    const { leader, followers } = stage;
    const client = stage.client("c", followers[0]);
    await stage.create(client, "/a");
    leader.node.pause(60_000);
    // More than the kernels take between them.
    const large = Buffer.alloc(400_000);
    stage.attempt(client.setData("/a", large));
    await stage.until(
      () => stage.ensemble.leader !== leader && stage.ensemble.leader !== undefined,
      10_000,
    );
    await stage.settled(...followers);
    await stage.create(client, "/b");
    await stage.until(() => leader.isServing);
    await stage.settled();
    stage.assertEqual({ there: ["/a", "/b"] });
  },
);

// Java: R156 is what its time-outs are for; each direction on its own, on each port on its own.
for (const [what, from, to] of [
  ["hears nobody", "others", "leader"],
  ["is heard by nobody", "leader", "others"],
] as const) {
  scenario(
    `[R156] A leader that ${what} is replaced, and takes its place when it is well again`,
    {},
    async (stage) => {
      await stage.up();
      const { leader, followers } = stage;
      await stage.create(stage.client("c"), "/a");
      const names = { leader: [leader.name], others: followers.map(({ name }) => name) };
      const rules = [QUORUM_PORT, ELECTION_PORT].map((port) =>
        stage.ensemble.world.network.addRule(
          { from: names[from], to: names[to], port },
          { block: true },
        ),
      );
      await stage.until(() => followers.some(({ isLeading }) => isLeading));
      await stage.create(stage.client("c2", followers[0]), "/b");
      for (const rule of rules) rule.heal();
      await stage.settled();
      stage.assertEqual({ there: ["/a", "/b"] });
    },
  );
}

// Java (ZOOKEEPER-1049): expiring many sessions at once keeps the PINGs of the living waiting until they expire as well.
// One machine may have 60 connections otherwise, and which of the hundred those are is the network's to draw.
const CROWD = { config: { maxClientCnxns: 0 } };

scenario("[R155] Many sessions that expire at once take nobody with them", CROWD, async (stage) => {
  await stage.up();
  const { leader, followers } = stage;
  const living = stage.client("living", followers[0], 1000);
  await stage.settle(living.create("/alive", null, { mode: CreateMode.ephemeral }));
  for (let i = 0; i < 100; i++) {
    const dying = stage.client("dying", leader, 1000);
    stage.attempt(dying.create(`/dead${i}`, null, { mode: CreateMode.ephemeral }));
  }
  await stage.until(() => leader.tree?.get("/dead99") !== undefined);
  stage.ensemble.clientMachine("dying").node.kill();
  await stage.until(() => leader.tree?.ephemeralCount === 1);
  await stage.run(3000);
  await stage.settled();
  stage.assertEqual({ there: ["/alive"], gone: ["/dead0", "/dead99"] });
});

// Java (ZOOKEEPER-3829): without dynamic reconfiguration, members whose files differ while they are changed one by one compute a
// designated leader; the ensemble looks well and every write hangs.
scenario(
  "[R100] Files are changed member by member, from three to four, and each member takes writes after each restart",
  { members: 4 },
  async (stage) => {
    const { members } = stage.ensemble;
    const [one, two, three, four] = members as [SimMember, SimMember, SimMember, SimMember];
    stage.history.rule = undefined;
    const path = "/etc/zoo.cfg";
    const files = new Map(
      members.map((member) => [member, member.node.disk.file(path)?.toString() ?? ""]),
    );
    for (const member of [one, two, three]) {
      member.node.disk.putFile(
        path,
        Buffer.from((files.get(member) as string).replace(/^server\.4=.*\n/m, "")),
      );
    }
    await stage.up(one, two, three);
    await stage.create(stage.client("c"), "/a");
    await stage.up(four);
    for (const [i, member] of [one, two, three].entries()) {
      member.kill();
      member.node.disk.putFile(path, Buffer.from(files.get(member) as string));
      await stage.up(one, two, three);
      for (const each of [one, two, three]) {
        await stage.create(stage.client(`c-${i}-${each.sid}`, each), `/b-${i}-${each.sid}`);
      }
    }
    await stage.settled();
    stage.assertEqual({ there: ["/a", "/b-0-1", "/b-2-3"] });
  },
);

// Java (ZOOKEEPER-2380, -2687): the leader's shutdown waits for a thread that waits for it. Found here by seed 194: a leader
// that was told to stop a second time, while it waited for its disk, ended its role twice and itself with an assertion.
scenario(
  "[R153] A leader with proposals on their way stops while its disk is slow, however often it is told to",
  {},
  async (stage) => {
    await stage.up();
    const { leader, followers } = stage;
    await stage.create(stage.client("c", leader), "/a");
    stage.cut([leader], followers);
    stage.attempt(stage.client("c", leader).create("/b"));
    await stage.run(50);
    leader.node.disk.inject({ operation: "close", path: /log\./, delayMs: 1000 });
    const { server } = leader;
    const first = server?.stop();
    await stage.run(200);
    await stage.settle(Promise.all([first, server?.stop()]));
    assert.deepEqual(leader.exits, []);
  },
);

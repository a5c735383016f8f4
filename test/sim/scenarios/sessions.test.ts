// Sessions whose client, or whose member, is out of reach for a while: R111, R116, R133 and R134 of docs/ZOO.md, with whole servers.
// Each test says what Java did, or what goes wrong without the rule.

import assert from "node:assert/strict";
import { CreateMode } from "../../../src/cli/client/create-mode.js";
import { SessionState } from "../../../src/cli/client/session-state.js";
import { EventType, type Watcher } from "../../../src/cli/client/watch-event.js";
import type { ZooKeeperClient } from "../../../src/cli/client/zookeeper-client.js";
import { QuorumPacketType as Type } from "../../../src/wire/op-codes.js";
import type { SimMember } from "../ensemble.js";
import { type Stage, scenario } from "./stage.js";

/** Nothing passes between the client and these members, until healed. */
function cutOff(stage: Stage, client: string, members: readonly SimMember[]): { heal(): void } {
  const names = members.map(({ name }) => name);
  return stage.ensemble.world.network.partition([client], names);
}

/** Tries until it is done. */
async function write(stage: Stage, client: ZooKeeperClient, value: string): Promise<void> {
  for (let isDone = false; !isDone; ) {
    const tried = stage.attempt(client.setData("/a", Buffer.from(value)));
    await stage.until(() => tried.isDone || tried.error !== undefined);
    isDone = tried.isDone;
  }
}

// Java (ZOOKEEPER-1496): a session whose closing is proposed and not committed yet is touched, or renewed, and is alive again for
// its client: what that creates then outlives it.
scenario(
  "[R111] A session whose closing is on its way is not renewed, and creates nothing any more",
  { config: { tickTime: 2000 } },
  async (stage) => {
    await stage.up();
    const { leader, followers } = stage;
    const owner = stage.client("owner", leader, 16_000);
    const mode = CreateMode.ephemeral;
    await stage.settle(owner.create("/eph", null, { mode }));
    await stage.settled();
    const rule = cutOff(stage, "owner", [leader]);
    // Nobody's disk takes the closing for so long.
    for (const { node } of stage.ensemble.members) {
      node.disk.inject({ operation: "sync", path: /log\./, delayMs: 7000 });
    }
    await stage.untilSent(leader, Type.proposal, followers[0]);
    const late = stage.attempt(owner.create("/late", null, { mode }));
    rule.heal();
    assert.ok(leader.tree?.get("/eph") !== undefined, "its closing is not committed yet");
    await stage.until(() => owner.state === SessionState.closed);
    await stage.until(() => late.isDone || late.error !== undefined);
    await stage.run(20_000);
    await stage.settled();
    assert.equal(late.isDone, false);
    stage.assertEqual({ gone: ["/eph", "/late"] });
  },
);

// What SESSIONMOVED is for: a member stands still with a write in its socket, the client gives up and goes on elsewhere, and the write
// is carried out behind those that came after it.
scenario(
  "[R116] What a member was sent before it stood still is not carried out when its session has gone on elsewhere",
  { config: { tickTime: 2000 } },
  async (stage) => {
    await stage.up();
    const [still] = stage.followers;
    const others = stage.ensemble.members.filter((member) => member !== still);
    await stage.create(stage.client("w"), "/a");
    const rule = cutOff(stage, "c", others);
    const client = stage.client("c", undefined, 8000);
    await write(stage, client, "before");
    rule.heal();
    const { sessionId } = client;
    const stoodStill = stage.ensemble.world.nowMs;
    still.node.pause(9000);
    const old = stage.attempt(client.setData("/a", Buffer.from("old")));
    await stage.until(() => old.error !== undefined);
    await write(stage, client, "new");
    assert.equal(client.sessionId, sessionId);
    assert.ok(stage.ensemble.world.nowMs < stoodStill + 9000, "it has gone on meanwhile");
    await stage.run(10_000);
    assert.ok(still.isServing);
    await stage.settle(client.sync("/a"));
    assert.equal(String((await stage.settle(client.getData("/a"))).data), "new");
    await stage.settled();
  },
);

// Java (ZOOKEEPER-1412, -3145): what a client's watches missed while it had no connection is not told, or a child watch is not
// told of a child that goes.
scenario(
  "[R133, R134] A client is told what its watches see, and when it comes back what they missed",
  { config: { tickTime: 2000 } },
  async (stage) => {
    await stage.up();
    const writer = await stage.connected("w");
    await stage.create(writer, "/data", "/gone", "/parent", "/parent/1", "/parent/2");
    const client = stage.client("c", undefined, 30_000);
    const told: string[] = [];
    const names = new Map<number, string>(
      Object.entries(EventType).map(([name, of]) => [of, name]),
    );
    const watcher: Watcher = ({ type, path }) => {
      if (path !== null) told.push(`${names.get(type)} ${path}`);
    };
    await stage.settle(client.getChildren("/parent", watcher));
    await stage.settle(writer.delete("/parent/1"));
    await stage.until(() => told.length > 0);
    assert.deepEqual(told.splice(0), ["nodeChildrenChanged /parent"]);

    await stage.settle(client.getChildren("/parent", watcher));
    await stage.settle(client.getData("/data", watcher));
    await stage.settle(client.getData("/gone", watcher));
    await stage.settle(client.exists("/new", watcher));
    const rule = cutOff(stage, "c", stage.ensemble.members);
    await stage.until(() => client.state !== SessionState.connected);
    await stage.settle(writer.delete("/parent/2"));
    await stage.settle(writer.setData("/data", Buffer.from("x")));
    await stage.settle(writer.delete("/gone"));
    await stage.create(writer, "/new");
    rule.heal();
    await stage.until(() => told.length === 4);
    assert.deepEqual(told.sort(), [
      "nodeChildrenChanged /parent",
      "nodeCreated /new",
      "nodeDataChanged /data",
      "nodeDeleted /gone",
    ]);
  },
);

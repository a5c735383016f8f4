// The audit log, against what a live ZooKeeper 3.9.5 wrote of the same requests (golden/audit-java-3.9.5.txt; session ids and
// the server's own user are masked).

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { CreateMode, OPEN_ACL_UNSAFE } from "../../src/cli/client/create-mode.js";
import type { Op } from "../../src/cli/client/multi.js";
import type { ZooKeeperClient } from "../../src/cli/client/zookeeper-client.js";
import { AdminWorld } from "./world.js";

const GOLDEN = readFileSync(
  join(import.meta.dirname, "../../../test/admin/golden/audit-java-3.9.5.txt"),
  "utf8",
);

function auditLines(world: AdminWorld, node: string): string[] {
  return world.ensemble.world.logBook.lines
    .filter((line) => line.component === "audit" && line.node === node)
    .map(({ level, message }) =>
      `${level} ${message}`
        .replace(/session=0x[0-9a-f]+/, "session=ID")
        .replace(/user=zooid\t/, "user=OWNER\t")
        .replace(/\b10\.\d+\.\d+\.\d+/g, "127.0.0.1"),
    );
}

function created(path: string): Op & { readonly kind: "create" } {
  const [acl, mode] = [OPEN_ACL_UNSAFE, CreateMode.persistent];
  return { kind: "create", path, data: Buffer.from("1"), acl, mode, ttlMs: -1, withStat: false };
}

async function traffic(world: AdminWorld, client: ZooKeeperClient): Promise<void> {
  const does = (promise: Promise<unknown>) => world.settle(promise);
  const fails = (promise: Promise<unknown>) => assert.rejects(world.settle(promise));
  const bytes = (text: string) => Buffer.from(text);
  await does(client.create("/a", bytes("hello")));
  await does(client.create("/a/b", bytes("x"), { mode: CreateMode.ephemeral }));
  await does(client.setData("/a", bytes("world")));
  await fails(client.create("/a"));
  await does(
    client.multi([
      created("/m1"),
      { kind: "setData", path: "/a", data: bytes("q"), version: -1 },
      { kind: "check", path: "/a", version: 2 },
      { kind: "delete", path: "/m1", version: -1 },
    ]),
  );
  await fails(client.multi([created("/m2"), { kind: "delete", path: "/nonode", version: -1 }]));
  await does(client.multi([{ ...created("/m-"), mode: CreateMode.persistentSequential }]));
  await does(client.create("/acl"));
  client.addAuth("digest", "u:p");
  const digest = { scheme: "digest", id: "u:Jq7wMyA/w2Vd5WIDAKdu4OIIFEQ=" };
  const all = { perms: 31, id: digest };
  await does(client.setACL("/acl", [all, { perms: 9, id: { scheme: "ip", id: "127.0.0.1" } }]));
  await does(client.create("/s-", null, { mode: CreateMode.ephemeralSequential }));
  await does(client.create("/del"));
  await does(client.delete("/del"));
  await fails(client.delete("/a"));
  await fails(client.setData("/nope", null));
  await fails(client.setACL("/nope", [all]));
  await does(client.getData("/a"));
  await does(client.getChildren("/"));
  await does(client.sync("/"));
  await does(client.close());
}

test("The audit log has the lines of a live Java 3.9.5", async () => {
  const world = new AdminWorld({ config: { "audit.enable": "true" } });
  const client = await world.client();
  await traffic(world, client);
  const server = world.ensemble.member(1).server!;
  await world.settle(server.stop());
  assert.deepEqual(auditLines(world, "zk1"), GOLDEN.trimEnd().split("\n"));
});

test("A member writes what its own clients ask for, and every member what became of ephemerals", async () => {
  const world = new AdminWorld({ members: 3, config: { "audit.enable": "true" } });
  await world.ensemble.untilServing(3);
  const follower = world.ensemble.followers[0]!;
  const client = world.ensemble.client("client", { sid: follower.sid });
  await world.settle(client.untilConnected());
  await world.settle(client.create("/e", null, { mode: CreateMode.ephemeral }));
  await assert.rejects(world.settle(client.create("/e")));
  await world.settle(client.close());
  await world.ensemble.untilEven();
  const deleted =
    "INFO session=ID\tuser=OWNER\toperation=ephemeralZNodeDeletionOnSessionCloseOrExpire\tznode=/e\tresult=success";
  const start = "INFO user=OWNER\toperation=serverStart\tresult=success";
  for (const { name } of world.ensemble.members) {
    const lines = auditLines(world, name);
    const own =
      name === follower.name
        ? [
            "INFO session=ID\tuser=127.0.0.1\tip=127.0.0.1\toperation=create\tznode=/e\tznode_type=ephemeral\tresult=success",
            "ERROR session=ID\tuser=127.0.0.1\tip=127.0.0.1\toperation=create\tznode=/e\tznode_type=persistent\tresult=failure",
          ]
        : [];
    assert.deepEqual(lines, [start, ...own, deleted]);
  }
});

test("What is replayed at a start is not written again", async () => {
  const world = new AdminWorld({ config: { "audit.enable": "true" } });
  const client = await world.client();
  await world.settle(client.create("/e", null, { mode: CreateMode.ephemeral }));
  await world.settle(client.close());
  const member = world.ensemble.member(1);
  const before = auditLines(world, "zk1").length;
  member.kill();
  member.start();
  await world.ensemble.world.runUntil(() => member.server !== undefined, 60_000);
  assert.deepEqual(auditLines(world, "zk1").slice(before), [
    "INFO user=OWNER\toperation=serverStart\tresult=success",
  ]);
});

test("A start that fails is written too, and nothing where the log is not wanted", async () => {
  const config = { "admin.serverAddress": "10.9.9.9" };
  const world = new AdminWorld({ config: { ...config, "audit.enable": "true" } });
  const [member] = world.ensemble.members;
  await world.ensemble.world.runUntil(() => member!.exits.length > 0, 60_000);
  assert.deepEqual(auditLines(world, "zk1"), [
    "ERROR user=OWNER\toperation=serverStart\tresult=failure",
  ]);
  const silent = new AdminWorld();
  const client = await silent.client();
  await silent.settle(client.create("/a"));
  assert.deepEqual(auditLines(silent, "zk1"), []);
});

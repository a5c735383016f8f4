// Metrics that are fed: after known requests they have the values that Java's had (golden/prometheus-java-3.9.5.txt was taken
// after the same ones), or say what happened.

import assert from "node:assert/strict";
import { test } from "node:test";
import { CreateMode } from "../../src/cli/client/create-mode.js";
import { AdminWorld, bodyOf } from "./world.js";

async function monitorOf(world: AdminWorld, name = "zk1"): Promise<Record<string, number>> {
  return JSON.parse(bodyOf(await world.ask("GET /commands/monitor", { name })));
}

test("Traffic by namespace, fired watches and propagation are counted as Java counts them", async () => {
  const world = new AdminWorld();
  await world.untilListening();
  const client = await world.client();
  const does = <T>(promise: Promise<T>) => world.settle(promise);
  await does(client.create("/a", Buffer.from("hello")));
  await does(client.create("/a/b", Buffer.from("x"), { mode: CreateMode.ephemeral }));
  await does(client.setData("/a", Buffer.from("world")));
  await does(client.getData("/a", true));
  await does(client.getData("/a/b", true));
  await does(client.exists("/nope", true));
  await does(client.getChildren("/a", true));
  await does(client.setData("/a", Buffer.from("q")));
  await does(client.delete("/a/b"));
  await does(client.create("/nope"));
  const found = await monitorOf(world);
  const expected = {
    // /a and 5 bytes; /a/b and 1; the name of a child: each with the path and 68 for the Stat.
    cnt_a_read_per_namespace: 3,
    sum_a_read_per_namespace: 75 + 73 + 71,
    cnt_a_write_per_namespace: 5,
    sum_a_write_per_namespace: 7 + 5 + 7 + 3 + 4,
    cnt_nope_write_per_namespace: 1,
    cnt_node_changed_watch_count: 1,
    cnt_node_deleted_watch_count: 1,
    cnt_node_children_watch_count: 1,
    sum_node_created_watch_count: 1,
    // The session, and six writes.
    cnt_propagation_latency: 7,
    cnt_dbinittime: 1,
    cnt_startup_snap_load_time: 1,
    cnt_startup_txns_loaded: 1,
    sum_startup_txns_loaded: 0,
    cnt_snapshottime: 1,
  };
  for (const [name, value] of Object.entries(expected)) assert.equal(found[name], value, name);
  assert.ok(found.cnt_fsynctime! > 0);
  assert.ok(!("cnt_nope_read_per_namespace" in found), "a read that failed is none");
});

test("What was replayed at a start is told", async () => {
  const world = new AdminWorld();
  await world.untilListening();
  const client = await world.client();
  for (let index = 0; index < 5; index++) await world.settle(client.create(`/n${index}`));
  const member = world.ensemble.member(1);
  member.kill();
  member.start();
  await world.ensemble.world.runUntil(() => member.server !== undefined, 60_000);
  const found = await monitorOf(world);
  assert.equal(found.sum_startup_txns_loaded, 6);
});

test("Quotas are told by namespace, the hard limit first", async () => {
  const world = new AdminWorld();
  await world.untilListening();
  const client = await world.client();
  const does = <T>(promise: Promise<T>) => world.settle(promise);
  await does(client.create("/app", Buffer.from("1234")));
  const quota = "/zookeeper/quota/app";
  await does(client.create(quota));
  const limits = "count=5,bytes=100=;byteHardLimit=-1;countHardLimit=9";
  await does(client.create(`${quota}/zookeeper_limits`, Buffer.from(limits)));
  await does(client.create(`${quota}/zookeeper_stats`, Buffer.from("count=0,bytes=0")));
  await does(client.create("/app/x", Buffer.from("56")));
  const found = await monitorOf(world);
  assert.equal(found.app_quota_count_limit_per_namespace, 9);
  assert.equal(found.app_quota_bytes_limit_per_namespace, 100);
  assert.equal(found.app_quota_count_usage_per_namespace, 2);
  assert.equal(found.app_quota_bytes_usage_per_namespace, 6);
});

test("A leader counts proposals, commits and whom it has synchronized; followers what they are sent", async () => {
  const world = new AdminWorld({ members: 3 });
  await world.ensemble.untilServing(3);
  const client = world.ensemble.client("client");
  await world.settle(client.untilConnected());
  for (let index = 0; index < 5; index++) await world.settle(client.create(`/n${index}`));
  await world.ensemble.untilEven();
  for (const { name, isLeading } of world.ensemble.members) {
    const found = await monitorOf(world, name);
    assert.ok(found.looking_count! >= 1);
    const [sent, received] = isLeading ? [6, 0] : [0, 6];
    assert.equal(found.proposal_count, sent);
    assert.equal(found.commit_count, sent);
    assert.equal(found.learner_proposal_received_count, received);
    assert.equal(found.learner_commit_received_count, received);
    assert.equal(found.diff_count! + found.snap_count!, isLeading ? 2 : 0);
    assert.equal(found.cnt_propagation_latency, 6);
  }
});

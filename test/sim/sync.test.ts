// How learners get their leader's history where that is not plain: after a restart, and where what they have cannot be cut
// back to what they should have.

import assert from "node:assert/strict";
import { test } from "node:test";
import { loadConfig } from "../../src/config/load.js";
import { loadTree } from "../../src/load-tree.js";
import { Metrics } from "../../src/metrics/metrics.js";
import type { Platform } from "../../src/platform/platform.js";
import { storageSettings } from "../../src/settings.js";
import { Storage } from "../../src/storage/storage.js";
import { observeTree } from "../../src/tree-watcher.js";
import { Ensemble, type SimMember } from "./ensemble.js";

const IMPOSSIBLE = /^Cannot truncate the log/;
const SNAPSHOT = /^Getting a snapshot from leader/;
const DIFF = /^Getting a diff from the leader/;

async function write(ensemble: Ensemble, names: readonly string[]): Promise<void> {
  const client = ensemble.client("writer", { sid: ensemble.leader!.sid });
  await ensemble.settle(Promise.all(names.map((name) => client.create(name))));
  await ensemble.settle(client.close());
}

test("A leader that was started anew brings a learner forward from memory", async () => {
  // Without DIFF from the log there is nothing but memory or a snapshot.
  const config = { snapshotSizeFactor: "-1" };
  const ensemble = new Ensemble({ seed: 3, config });
  ensemble.startAll();
  await ensemble.untilServing(3);
  await write(ensemble, ["/before"]);
  await ensemble.untilEven();
  const behind = ensemble.followers[0]!;
  behind.kill();
  await write(ensemble, ["/a", "/b", "/c"]);
  for (const member of ensemble.members) member.kill();
  const { logBook } = ensemble.world;
  const at = logBook.lines.length;
  ensemble.startAll();
  await ensemble.untilServing(3);
  const taken = logBook.lines.slice(at).filter(({ node }) => node === behind.name);
  assert.equal(taken.filter(({ message }) => SNAPSHOT.test(message)).length, 0);
  assert.ok(taken.some(({ message }) => DIFF.test(message)));
  assert.ok(behind.tree!.get("/c"));
});

/** As Java's leaders do when they begin: a snapshot of all that is logged, committed or not; and then a purge (R16). */
async function leaveOneSnapshot(ensemble: Ensemble, member: SimMember): Promise<void> {
  let done: Promise<void> | undefined;
  member.node.start((platform) => {
    done = replaceHistory(platform);
  });
  await ensemble.world.runUntil(() => done !== undefined);
  await ensemble.settle(done!);
  member.node.kill();
}

async function replaceHistory(platform: Platform): Promise<void> {
  const { config } = loadConfig({ disk: platform.disk, path: "/etc/zoo.cfg" });
  const onFatal = (error: Error) => assert.fail(error);
  const storage = await Storage.open(platform, storageSettings(config), platform.log, { onFatal });
  const metrics = new Metrics();
  const parts = { platform, config, storage, metrics, audit: undefined };
  const { tree } = await loadTree(parts, observeTree(metrics, undefined));
  const { disk } = platform;
  const { snapshots, logs } = storage.directories;
  const old = disk.readDirectory(snapshots).filter((name) => /^(snapshot|log)\./.test(name));
  await new Promise<void>((taken, failed) => {
    storage.startSnapshot(tree.beginSnapshot(), (error) => (error ? failed(error) : taken()));
  });
  for (const name of old) await disk.remove(`${snapshots}/${name}`);
  await disk.syncDirectory(logs);
}

test("A member that cannot cut its history back gets everything, and no other server is needed for it", async () => {
  const ensemble = new Ensemble({ seed: 5, config: { maxSessionTimeout: 600_000 } });
  ensemble.startAll();
  await ensemble.untilServing(3);
  await write(ensemble, ["/kept"]);
  await ensemble.untilEven();
  const ahead = ensemble.leader!;
  const [one, two] = ensemble.followers as [SimMember, SimMember];
  const client = ensemble.client("ahead", { sid: ahead.sid, sessionTimeoutMs: 600_000 });
  await ensemble.settle(client.untilConnected());
  one.kill();
  two.kill();
  client.create("/never-committed").catch(() => {});
  await ensemble.world.runUntil(() => !ahead.isServing);
  ahead.kill();
  await leaveOneSnapshot(ensemble, ahead);
  one.start();
  two.start();
  await ensemble.untilServing(2);
  const stays = ensemble.leader!;
  (stays === one ? two : one).kill();
  ahead.start();
  await ensemble.untilServing(2);
  assert.equal(ensemble.leader, stays);
  const { logBook } = ensemble.world;
  assert.equal(logBook.matching(IMPOSSIBLE, ahead.name).length, 1);
  assert.equal(logBook.matching(SNAPSHOT, ahead.name).length, 1);
  assert.equal(ahead.tree!.get("/never-committed"), undefined);
  assert.ok(ahead.tree!.get("/kept"));
  assert.deepEqual(
    ensemble.members.flatMap(({ exits }) => exits),
    [],
  );
});

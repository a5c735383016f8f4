import assert from "node:assert/strict";
import { test } from "node:test";
import { FaultDisk } from "./fault-disk.js";
import { append, DIRECTORY, flush, open, snapshot, write } from "./fixture.js";

test("an empty directory gives an empty history that needs a snapshot", async () => {
  const { recovered } = await open(new FaultDisk());
  assert.equal(recovered.lastZxid, 0);
  assert.equal(recovered.needsSnapshot, true);
});

test("what was flushed comes back after a restart", async () => {
  const disk = new FaultDisk();
  const first = await open(disk);
  await snapshot(first);
  await write(first, 1, 20);
  const second = await open(disk.afterPowerLoss(() => 0));
  assert.deepEqual(second.model.applied, first.model.applied);
  assert.equal(second.recovered.lastZxid, 20);
  assert.equal(second.recovered.replayedTxns, 20);
});

test("a snapshot and the log after it come back together, with sessions, ACLs and digest", async () => {
  const disk = new FaultDisk();
  const first = await open(disk);
  first.model.sessions.set(-77n as never, 4000);
  first.model.acls.set(1, [{ perms: 31, id: { scheme: "world", id: "anyone" } }]);
  await write(first, 1, 5);
  await snapshot(first);
  await write(first, 6, 9);
  const second = await open(disk);
  assert.deepEqual(second.model.applied, first.model.applied);
  assert.deepEqual(second.model.sessions, first.model.sessions);
  assert.deepEqual(second.model.acls, first.model.acls);
  assert.deepEqual(second.model.digest, { zxid: 5, version: 2, digest: -5n });
  assert.equal(second.recovered.snapshot?.zxid, 5);
  assert.equal(second.recovered.replayedTxns, 4);
  assert.deepEqual(disk.paths(), [
    `${DIRECTORY}/log.1`,
    `${DIRECTORY}/log.6`,
    `${DIRECTORY}/snapshot.5`,
  ]);
});

test("one flush is one write and one sync, for all that was gathered", async () => {
  const disk = new FaultDisk();
  const opened = await open(disk, { preAllocBytes: 0 });
  await write(opened, 1, 1);
  const before = disk.calls;
  for (let zxid = 2; zxid <= 50; zxid++) append(opened, zxid);
  await flush(opened.storage);
  assert.equal(disk.calls - before, 2);
  assert.equal(opened.storage.syncedZxid, 50);
});

test("what is appended during a sync goes with the next, and is told in order", async () => {
  const disk = new FaultDisk();
  const opened = await open(disk, { preAllocBytes: 0 });
  await write(opened, 1, 1);
  const before = disk.calls;
  const told: string[] = [];
  const done = (name: string) => () => void told.push(`${name} ${opened.storage.syncedZxid}`);
  append(opened, 2);
  opened.storage.flush(done("a"));
  append(opened, 3);
  opened.storage.flush(done("b"));
  append(opened, 4);
  opened.storage.flush(done("c"));
  assert.deepEqual(told, []);
  await flush(opened.storage);
  assert.deepEqual(told, ["a 2", "b 4", "c 4"]);
  assert.equal(disk.calls - before, 4);
});

test("a record larger than the gather buffer and the preallocation is written whole", async () => {
  const disk = new FaultDisk();
  const first = await open(disk);
  append(first, 1, 10);
  append(first, 2, 3_000_000);
  append(first, 3, 10);
  append(first, 4, 1_000_000);
  await flush(first.storage);
  await write(first, 5, 6);
  const second = await open(disk.afterPowerLoss(() => 0));
  assert.deepEqual(second.model.applied, first.model.applied);
});

test("a zxid that does not follow is not logged", async () => {
  const opened = await open(new FaultDisk());
  append(opened, 1);
  assert.throws(() => append(opened, 3), /Cannot log zxid 0x3 after 0x1/);
  assert.throws(() => append(opened, 1), /Cannot log zxid 0x1 after 0x1/);
  append(opened, 2 ** 32 + 1);
});

test("a slow sync is told in Java's words", async () => {
  const opened = await open(new FaultDisk(), { fsyncWarningThresholdMs: -1, serverId: 3 });
  await write(opened, 1, 2);
  assert.deepEqual(
    opened.log.lines.filter((line) => line.startsWith("WARN")),
    [
      "WARN fsync-ing the write ahead log in SyncThread:3 took 0ms which will adversely effect operation latency." +
        "File size is 65552 bytes. See the ZooKeeper troubleshooting guide",
    ],
  );
});

test("without forceSync nothing is synced but a new file", async () => {
  const disk = new FaultDisk();
  const opened = await open(disk, { forceSync: false, preAllocBytes: 0 });
  await write(opened, 1, 1);
  const before = disk.calls;
  await write(opened, 2, 3);
  assert.equal(disk.calls - before, 2);
});

test("a snapshot is due between half and all of snapCount, or of the log's size", async () => {
  const byCount = await open(new FaultDisk(), { snapCount: 20 });
  await write(byCount, 1, 19);
  assert.equal(byCount.storage.shouldSnapshot(), false);
  await write(byCount, 20, 20);
  assert.equal(byCount.storage.shouldSnapshot(), true);
  await snapshot(byCount);
  assert.equal(byCount.storage.shouldSnapshot(), false);
  const bySize = await open(new FaultDisk(), { snapSizeLimitBytes: 1000 });
  await write(bySize, 1, 20);
  assert.equal(bySize.storage.shouldSnapshot(), true);
});

test("after a large snapshot the next is due when the log has its part of that, also after a restart", async () => {
  const disk = new FaultDisk();
  const settings = { snapCount: 4, snapshotMinLogPercent: 10 };
  const first = await open(disk, settings);
  const megabyte = "x".repeat(2 ** 20);
  for (let id = 1; id <= 17; id++) {
    first.model.acls.set(id, [{ perms: 31, id: { scheme: "digest", id: megabyte } }]);
  }
  await write(first, 1, 5);
  assert.equal(first.storage.shouldSnapshot(), true);
  await snapshot(first);
  const log = async (opened: typeof first, zxid: number) => {
    append(opened, zxid, 300_000);
    await flush(opened.storage);
  };
  for (let zxid = 6; zxid <= 10; zxid++) await log(first, zxid);
  assert.equal(first.storage.shouldSnapshot(), false);
  // By snapCount alone it would be: a tenth of 17 MB has not been logged yet.
  const again = await open(disk.afterKill(), settings);
  assert.equal(again.recovered.replayedTxns, 5);
  assert.equal(again.storage.shouldSnapshot(), false);
  await log(again, 11);
  assert.equal(again.storage.shouldSnapshot(), true);
  const asJava = await open(disk.afterKill(), { ...settings, snapshotMinLogPercent: 0 });
  assert.equal(asJava.storage.shouldSnapshot(), true);
});

test("requests are answered between two slices of a snapshot", async () => {
  const opened = await open(new FaultDisk());
  for (let zxid = 1; zxid <= 8000; zxid++) append(opened, zxid, 1);
  await flush(opened.storage);
  let answered = 0;
  let taking = true;
  const taken = snapshot(opened).then(() => {
    taking = false;
  });
  for (let zxid = 8001; taking; zxid++) {
    append(opened, zxid);
    await flush(opened.storage);
    answered++;
  }
  await taken;
  assert.ok(answered > 5, `${answered}`);
});

test("a second snapshot while one is being taken is skipped, with Java's words", async () => {
  const opened = await open(new FaultDisk());
  await write(opened, 1, 3);
  const first = snapshot(opened);
  let released = false;
  const source = opened.model.source({
    release: () => {
      released = true;
    },
  });
  opened.storage.startSnapshot(source);
  assert.equal(released, true);
  assert.ok(opened.log.lines.includes("WARN Too busy to snap, skipping"));
  await first;
});

test("what is logged while a snapshot is taken counts for the next, which is due when the first is there", async () => {
  const opened = await open(new FaultDisk(), { snapCount: 20 });
  await write(opened, 1, 20);
  const first = snapshot(opened);
  assert.equal(opened.storage.shouldSnapshot(), false);
  await write(opened, 21, 40);
  opened.storage.startSnapshot(opened.model.source());
  await first;
  assert.equal(opened.storage.shouldSnapshot(), true);
  await snapshot(opened);
  assert.equal(opened.storage.shouldSnapshot(), false);
});

test("close makes durable what was appended", async () => {
  const disk = new FaultDisk();
  const opened = await open(disk);
  append(opened, 1);
  await new Promise<void>((resume) => opened.storage.close(resume));
  assert.equal((await open(disk.afterPowerLoss(() => 0))).recovered.lastZxid, 1);
});

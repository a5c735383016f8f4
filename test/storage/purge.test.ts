import assert from "node:assert/strict";
import { test } from "node:test";
import type { Clock, Timer } from "../../src/platform/platform.js";
import { AutoPurge, type PurgeContext, purge } from "../../src/storage/purge.js";
import { ModelStores } from "../sim/platform/model-stores.js";
import { chooser, Life, newAccount } from "./checkpoint-world.js";
import { FaultDisk } from "./fault-disk.js";
import { DIRECTORY, Lines, open, platformOn, snapshot, write } from "./fixture.js";

/** Snapshots at 0, 10, 20, 30, 40, 50, each followed by its log. */
async function sixSnapshots(): Promise<FaultDisk> {
  const disk = new FaultDisk();
  const opened = await open(disk, { preAllocBytes: 0 });
  for (let zxid = 0; zxid <= 50; zxid += 10) {
    await snapshot(opened);
    await write(opened, zxid + 1, zxid + 10);
  }
  return disk;
}

function contextOn(disk: FaultDisk, lines: string[] = []): PurgeContext {
  return {
    disk,
    directories: { logs: DIRECTORY, snapshots: DIRECTORY },
    checkpointZxid: () => undefined,
    formatTime: () => "Nov 21, 2026, 9:12:21 AM",
    print: (line) => lines.push(line),
    printError: (line) => lines.push(`! ${line}`),
  };
}

function names(disk: FaultDisk): string[] {
  return disk.paths().map((path) => path.slice(DIRECTORY.length + 1));
}

test("a purge keeps the newest snapshots and the logs they need, and prints Java's lines", async () => {
  const disk = await sixSnapshots();
  const lines: string[] = [];
  assert.equal(await purge(contextOn(disk, lines), 3), 5);
  // log.15 begins before snapshot.1e: Java keeps it, too.
  assert.deepEqual(names(disk), [
    "log.15",
    "log.1f",
    "log.29",
    "log.33",
    "snapshot.1e",
    "snapshot.28",
    "snapshot.32",
  ]);
  assert.equal(lines[0], `Removing file: Nov 21, 2026, 9:12:21 AM\t${DIRECTORY}/log.1`);
  assert.equal((await open(disk)).recovered.lastZxid, 60);
});

test("a purge refuses to keep fewer than three snapshots", async () => {
  await assert.rejects(
    purge(contextOn(await sixSnapshots()), 2),
    /^RangeError: count should be greater than or equal to 3$/,
  );
});

test("a purge counts only snapshots that are whole", async () => {
  const disk = await sixSnapshots();
  disk.damage(`${DIRECTORY}/snapshot.32`, (content) => {
    content[100]! ^= 1;
    return content;
  });
  disk.damage(`${DIRECTORY}/snapshot.28`, (content) => content.subarray(0, 200));
  await purge(contextOn(disk), 3);
  assert.ok(names(disk).includes("snapshot.a"));
  assert.equal((await open(disk)).recovered.lastZxid, 60);
});

test("a purge counts gz and snappy snapshots", async () => {
  const disk = new FaultDisk();
  for (const [i, snapshotCompression] of (["gz", "snappy", "", "gz"] as const).entries()) {
    const opened = await open(disk, { snapshotCompression });
    await snapshot(opened);
    await write(opened, i + 1, i + 1);
  }
  await purge(contextOn(disk), 3);
  assert.deepEqual(
    names(disk).filter((name) => name.startsWith("snapshot")),
    ["snapshot.1.snappy", "snapshot.2", "snapshot.3.gz"],
  );
});

test("a purge without a snapshot that is whole removes nothing", async () => {
  const disk = new FaultDisk();
  disk.put(`${DIRECTORY}/snapshot.5`, Buffer.alloc(100));
  disk.put(`${DIRECTORY}/log.1`, Buffer.alloc(100));
  assert.equal(await purge(contextOn(disk), 3), 0);
});

test("a purge that fails anywhere leaves what can be recovered, and says which file it could not remove", async () => {
  for (let n = 1; ; n++) {
    const disk = await sixSnapshots();
    disk.fault = "fail";
    disk.sticky = false;
    disk.faultAt = disk.calls + n;
    const lines: string[] = [];
    await purge(contextOn(disk, lines), 3).catch(() => {});
    const reached = disk.calls >= disk.faultAt;
    const next = disk.afterKill();
    assert.equal((await open(next)).recovered.lastZxid, 60);
    if (lines.length > 0 && reached)
      assert.ok(lines.some((line) => line.startsWith("! Failed to remove")));
    if (!reached) return;
  }
});

test("a power cut at any call of a purge leaves what can be recovered", async () => {
  for (let n = 1; ; n++) {
    const disk = await sixSnapshots();
    disk.fault = "stop";
    disk.faultAt = disk.calls + n;
    let done = false;
    void purge(contextOn(disk), 3).then(() => {
      done = true;
    });
    while (!done && !disk.stopped) await new Promise(setImmediate);
    for (const choice of [0, 1]) {
      const next = disk.afterPowerLoss((bound) => Math.min(choice, bound - 1));
      assert.equal((await open(next)).recovered.lastZxid, 60, `call ${n}`);
    }
    if (done) return;
  }
});

test("autopurge runs at start and at each interval, with Java's lines", async () => {
  const disk = await sixSnapshots();
  const log = new Lines();
  const timers: { delayMs: number; fire: () => void }[] = [];
  const clock = {
    setTimer: (delayMs: number, fire: () => void): Timer => {
      timers.push({ delayMs, fire });
      return { cancel() {} };
    },
    atTurnEnd: (run: () => void) => queueMicrotask(run),
  } as unknown as Clock;
  const purging = new AutoPurge(clock, log, contextOn(disk), {
    snapRetainCount: 3,
    purgeIntervalHours: 2,
  });
  purging.start();
  purging.start();
  timers[0]!.fire();
  while (!log.lines.includes("INFO Purge task completed.")) await new Promise(setImmediate);
  purging.shutdown();
  purging.shutdown();
  assert.deepEqual(
    timers.map((timer) => timer.delayMs),
    [0, 7_200_000],
  );
  assert.deepEqual(
    log.lines.filter((line) => !line.includes("Removing file")),
    [
      "INFO autopurge.snapRetainCount set to 3",
      "INFO autopurge.purgeInterval set to 2",
      "WARN Purge task is already running.",
      "INFO Purge task started.",
      "INFO Purge task completed.",
      "INFO Shutting down purge task.",
      "WARN Purge task not started. Ignoring shutdown!",
    ],
  );
  assert.equal(names(disk).length, 7);
});

test("autopurge with an interval of 0 is not scheduled", () => {
  const log = new Lines();
  const settings = { snapRetainCount: 3, purgeIntervalHours: 0 };
  new AutoPurge({} as Clock, log, contextOn(new FaultDisk()), settings).start();
  assert.equal(log.lines.at(-1), "INFO Purge task is not scheduled.");
});

test("behind a checkpoint the logs go that it does not need, but for as many as are asked for", async () => {
  const disk = new FaultDisk();
  const platform = { ...platformOn(disk), stores: new ModelStores(disk) };
  const life = await Life.begin(platform, newAccount(), chooser(1), { preAllocBytes: 0 });
  for (let round = 0; round < 6; round++) {
    life.change(10);
    await life.flush();
    await life.snapshot();
  }
  life.change(10);
  await life.flush();
  const logs = () => names(disk).filter((name) => name.startsWith("log."));
  assert.deepEqual(logs(), ["log.1", "log.15", "log.1f", "log.29", "log.33", "log.3d", "log.b"]);
  const { storage } = life;
  const context = contextOn(disk);
  // Nobody knows how far it goes, as while it is being written: nothing goes.
  assert.equal(await purge(context, 3), 0);
  assert.equal(await purge({ ...context, checkpointZxid: () => storage.checkpointZxid }, 3), 4);
  assert.deepEqual(logs(), ["log.29", "log.33", "log.3d"]);
  assert.ok(names(disk).includes("snapshot.0") && names(disk).includes("checkpoint.mdb"));
  const again = await Life.begin(platform, newAccount(), chooser(1));
  assert.equal(again.state(), life.state());
});

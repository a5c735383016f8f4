// Everything that can break, at every call: the disk fails, the process is killed, the power goes, at the first call, the
// second, the third, until a run gets through. Afterwards a new process must find all that was acknowledged, and nothing
// that was not appended; and it must be able to go on.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { StorageSettings } from "../../src/storage/settings.js";
import { type Fault, FaultDisk } from "./fault-disk.js";
import { append, flush, Model, type Opened, open, snapshot, write } from "./fixture.js";

interface Run {
  appended: number;
  acknowledged: number;
  finished: boolean;
}

/** Log, rolls, snapshots, groups of records, and two restarts. */
async function life(disk: FaultDisk, run: Run, settings: Partial<StorageSettings>): Promise<void> {
  await session(disk, run, settings, 1);
  await session(disk, run, settings, 9);
  run.finished = true;
}

async function session(
  disk: FaultDisk,
  run: Run,
  settings: Partial<StorageSettings>,
  from: number,
): Promise<void> {
  const opened = await open(disk, settings);
  if (opened.recovered.needsSnapshot) await snapshot(opened);
  for (let zxid = from; zxid < from + 3; zxid++) await one(opened, run, zxid, 1);
  // Writes go on while the snapshot is being taken.
  const taken = snapshot(opened);
  taken.catch(() => {});
  await one(opened, run, from + 3, 2);
  await taken;
  await one(opened, run, from + 5, 3);
  await new Promise<void>((resume) => opened.storage.close(resume));
}

/** Several records, of 700 bytes so that they lie across sectors, with one flush. */
async function one(opened: Opened, run: Run, zxid: number, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    append(opened, zxid + i, 700);
    run.appended = zxid + i;
  }
  await flush(opened.storage);
  run.acknowledged = zxid + count - 1;
}

/** Runs until it is done, refused by the disk, or nothing answers any more. */
async function untilEnd(
  disk: FaultDisk,
  run: Run,
  settings: Partial<StorageSettings>,
): Promise<void> {
  await endOf(life(disk, run, settings), disk);
}

/** Resolves with true when it went through, false when it was refused or the disk has stopped. */
async function endOf(running: Promise<unknown>, disk: FaultDisk): Promise<boolean> {
  let ended: boolean | undefined;
  running.then(
    () => {
      ended = true;
    },
    () => {
      ended = false;
    },
  );
  while (ended === undefined && !disk.stopped) await new Promise(setImmediate);
  await new Promise(setImmediate);
  return ended ?? false;
}

async function check(
  disk: FaultDisk,
  run: Run,
  settings: Partial<StorageSettings>,
  what: string,
): Promise<void> {
  const opened = await open(disk, settings).catch((error: Error) => {
    throw new Error(`${what}: ${error.message}\n${disk.paths().join("\n")}`);
  });
  const last = opened.recovered.lastZxid;
  assert.ok(
    last >= run.acknowledged,
    `${what}: acknowledged ${run.acknowledged}, recovered ${last}`,
  );
  assert.ok(last <= run.appended, `${what}: appended ${run.appended}, recovered ${last}`);
  assert.deepEqual(
    opened.model.zxids(),
    Array.from({ length: last }, (_, i) => i + 1),
    what,
  );
  await write(opened, last + 1, last + 2);
  const again = await open(
    disk.afterPowerLoss(() => 0),
    settings,
  );
  assert.deepEqual(again.model.applied, opened.model.applied, `${what}: after going on`);
}

/** A small generator of numbers, so that a run can be had again. */
function chooser(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

async function everyCall(
  fault: Fault,
  settings: Partial<StorageSettings>,
  after: (disk: FaultDisk, seed: number) => FaultDisk[],
): Promise<void> {
  for (let n = 1; ; n++) {
    const disk = new FaultDisk();
    disk.fault = fault;
    disk.faultAt = n;
    const run: Run = { appended: 0, acknowledged: 0, finished: false };
    await untilEnd(disk, run, settings);
    for (let seed = 0; seed < 6; seed++) {
      for (const next of after(disk, seed)) {
        await check(next, run, settings, `${fault} at call ${n}, seed ${seed}`);
      }
    }
    if (run.finished) return;
  }
}

const modes: [string, Partial<StorageSettings>][] = [
  ["preallocated", { preAllocBytes: 16 * 1024 }],
  ["not preallocated", { preAllocBytes: 0 }],
  ["with log files of limited size", { preAllocBytes: 0, txnLogSizeLimitBytes: 1500 }],
  ["past the cache", { preAllocBytes: 16 * 1024, txnLogDirectMinBytes: 0 }],
  ["large batches past the cache", { preAllocBytes: 16 * 1024, txnLogDirectMinBytes: 1000 }],
  ["with gz snapshots", { snapshotCompression: "gz" }],
];

for (const [name, settings] of modes) {
  test(`a kill at any call loses nothing that was acknowledged, ${name}`, async () => {
    await everyCall("stop", settings, (disk) => [disk.afterKill()]);
  });

  test(`a power cut at any call loses nothing that was acknowledged, ${name}`, async () => {
    await everyCall("stop", settings, (disk, seed) => [
      disk.afterPowerLoss(seed === 0 ? () => 0 : chooser(seed)),
    ]);
  });

  test(`a kill, a restart and then a power cut lose nothing that was acknowledged, ${name}`, async () => {
    await everyCall("stop", settings, (disk, seed) => [
      disk.afterKill().afterPowerLoss(chooser(seed)),
    ]);
  });

  test(`what a start has found after a kill at any call is there after a power cut, ${name}`, async () => {
    for (let n = 1; ; n++) {
      const disk = new FaultDisk();
      disk.fault = "stop";
      disk.faultAt = n;
      const run: Run = { appended: 0, acknowledged: 0, finished: false };
      await untilEnd(disk, run, settings);
      // Nothing is written by it: what it says in an election is what the page cache had.
      const killed = disk.afterKill();
      const { lastZxid } = (await open(killed, settings)).recovered;
      const found: Run = { ...run, acknowledged: lastZxid };
      for (const fate of [() => 0, chooser(n)]) {
        await check(killed.afterPowerLoss(fate), found, settings, `found after call ${n}`);
      }
      if (run.finished) return;
    }
  });

  test(`a disk that fails from any call on loses nothing that was acknowledged, ${name}`, async () => {
    await everyCall("fail", settings, (disk, seed) => [
      disk.afterKill(),
      disk.afterPowerLoss(chooser(seed)),
    ]);
  });
}

test("a crash at any call of a recovery that has to mend loses nothing", async () => {
  const torn = new FaultDisk();
  const first = await open(torn, { preAllocBytes: 4096 });
  await snapshot(first);
  await write(first, 1, 4, 700);
  const run: Run = { appended: 5, acknowledged: 4, finished: false };
  torn.damage("/data/version-2/log.1", (content) => {
    const longer = Buffer.alloc(8192);
    content.copy(longer);
    const record = content.subarray(16, 16 + 745);
    record.copy(longer, 16 + 4 * 745, 0, 300);
    return longer;
  });
  for (let n = 1; ; n++) {
    const disk = torn.afterKill();
    disk.fault = "stop";
    disk.faultAt = n;
    const done = await endOf(open(disk), disk);
    for (let seed = 0; seed < 20; seed++) {
      const next = disk.afterPowerLoss(chooser(seed));
      await check(next, run, {}, `recovery stopped at call ${n}, seed ${seed}`);
    }
    if (done) return;
  }
});

test("the first failure is told once, and nothing is acknowledged after it", async () => {
  const disk = new FaultDisk();
  const opened = await open(disk);
  await write(opened, 1, 2);
  disk.fault = "fail";
  disk.sticky = false;
  disk.faultAt = disk.calls + 2;
  append(opened, 3);
  const waiting = flush(opened.storage);
  append(opened, 4);
  const later = flush(opened.storage);
  await assert.rejects(waiting, /EIO/);
  await assert.rejects(later, /EIO/);
  append(opened, 5);
  await assert.rejects(flush(opened.storage), /EIO/);
  assert.equal(opened.fatal.length, 1);
  assert.equal(opened.storage.syncedZxid, 2);
  assert.ok(
    opened.log.lines.some((line) => /^ERROR Cannot write transactions 0x3 and later/.test(line)),
  );
});

test("a snapshot that the disk has no room for is given up, and the log goes on", async () => {
  const disk = new FaultDisk();
  const opened = await open(disk);
  await snapshot(opened);
  await write(opened, 1, 3);
  disk.fault = "fail";
  disk.failureCode = "ENOSPC";
  disk.sticky = false;
  disk.faultyPath = "snapshot";
  disk.faultAt = disk.calls + 3;
  await assert.rejects(snapshot(opened), /ENOSPC/);
  await write(opened, 4, 6);
  assert.deepEqual(
    disk.paths().filter((path) => path.includes("snapshot")),
    ["/data/version-2/snapshot.0"],
  );
  await snapshot(opened);
  const again = await open(disk.afterPowerLoss(() => 0));
  assert.equal(again.recovered.snapshot?.zxid, 6);
  assert.deepEqual(again.model.applied, opened.model.applied);
  assert.ok(again.model instanceof Model);
});

/** With a log of three records behind a snapshot. */
async function openWithLog(disk: FaultDisk, settings?: Partial<StorageSettings>): Promise<Opened> {
  const opened = await open(disk, settings);
  await snapshot(opened);
  await write(opened, 1, 3);
  return opened;
}

async function survivesPowerLoss(disk: FaultDisk, { model }: Opened): Promise<void> {
  const again = await open(disk.afterPowerLoss(() => 0));
  assert.deepEqual(again.model.applied, model.applied);
}

for (const [call, what] of ["made", "made longer", "written", "synced"].entries()) {
  test(`where the next log cannot be ${what}, the log goes on in the one there is`, async () => {
    const disk = new FaultDisk();
    const opened = await openWithLog(disk, { preAllocBytes: 4096 });
    disk.fault = "fail";
    disk.failureCode = "ENOSPC";
    disk.sticky = false;
    disk.faultyPath = "log.next";
    disk.faultAt = disk.calls + 1 + call;
    const logs = () => disk.paths().filter((path) => path.includes("log."));
    await snapshot(opened);
    await write(opened, 4, 6);
    assert.deepEqual(logs(), ["/data/version-2/log.1"]);
    const warning = /^WARN Cannot make a new log file: .*ENOSPC.*goes on in ".*log\.1"/;
    assert.ok(
      opened.log.lines.some((line) => warning.test(line)),
      opened.log.lines.join("\n"),
    );
    await snapshot(opened);
    await write(opened, 7, 8);
    assert.deepEqual(logs(), ["/data/version-2/log.1", "/data/version-2/log.7"]);
    await survivesPowerLoss(disk, opened);
  });
}

test("a next log that cannot be made is tried again when as much has come as a log may have", async () => {
  const disk = new FaultDisk();
  const opened = await open(disk, { preAllocBytes: 4096, txnLogSizeLimitBytes: 2000 });
  await snapshot(opened);
  await write(opened, 1, 1, 700);
  disk.fault = "fail";
  disk.faultyPath = "log.next";
  disk.faultAt = disk.calls + 1;
  // Of 745 bytes each: twenty are as much as seven logs may have.
  await write(opened, 2, 20, 700);
  const warnings = opened.log.lines.filter((line) => line.includes("Cannot make a new log file"));
  assert.ok(warnings.length >= 2 && warnings.length <= 7, `${warnings.length}`);
  disk.fault = "none";
  await write(opened, 21, 30, 700);
  assert.ok(disk.paths().filter((path) => /\/log\./.test(path)).length > 1);
  await survivesPowerLoss(disk, opened);
});

test("a log that had got its name, and of whose records none was durable, is followed by one of the same name", async () => {
  const disk = new FaultDisk();
  await openWithLog(disk);
  const empty = Buffer.alloc(4096);
  empty.set(disk.readFile("/data/version-2/log.1").subarray(0, 16));
  disk.put("/data/version-2/log.4", empty);
  const next = disk.afterPowerLoss(() => 0);
  const second = await open(next);
  assert.equal(second.recovered.lastZxid, 3);
  await write(second, 4, 6);
  const third = await open(next.afterPowerLoss(() => 0));
  assert.equal(third.recovered.lastZxid, 6);
  assert.deepEqual(third.model.applied, second.model.applied);
});

test("a log that is closed leaves no file that was made ahead", async () => {
  const disk = new FaultDisk();
  const opened = await openWithLog(disk);
  await snapshot(opened);
  await new Promise<void>((resume) => opened.storage.close(resume));
  assert.deepEqual(
    disk.paths().filter((path) => path.includes("log.")),
    ["/data/version-2/log.1"],
  );
});

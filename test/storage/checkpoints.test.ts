// Checkpoints on a disk in memory that can break at any call, with a model of lmdb upon it.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Platform } from "../../src/platform/platform.js";
import { MARKER_NAME } from "../../src/storage/checkpoint-directory.js";
import type { StorageSettings } from "../../src/storage/settings.js";
import { ModelStores } from "../sim/platform/model-stores.js";
import { type Account, chooser, Life, newAccount } from "./checkpoint-world.js";
import { FaultDisk } from "./fault-disk.js";
import { DIRECTORY, platformOn } from "./fixture.js";

type Settings = Partial<StorageSettings>;

function on(disk: FaultDisk): Platform {
  return { ...platformOn(disk), stores: new ModelStores(disk) };
}

function names(disk: FaultDisk): string[] {
  return disk.paths().map((path) => path.slice(DIRECTORY.length + 1));
}

/** A new process finds all that was acknowledged, nothing that was not appended, and can go on. */
async function check(disk: FaultDisk, account: Account, what: string, settings: Settings) {
  const copy: Account = { ...account, states: new Map(account.states) };
  const { acknowledged, appended } = account;
  const life = await Life.begin(on(disk), copy, chooser(1), settings).catch((error: Error) => {
    throw new Error(`${what}: ${error.message}\n${names(disk).join("\n")}`, { cause: error });
  });
  const last = life.tree.lastProcessedZxid;
  assert.ok(last >= acknowledged && last <= appended, `${what}: ${last}`);
  assert.equal(life.state(), account.states.get(last), what);
  life.change(3);
  await life.flush();
  await life.snapshot();
  life.change(2);
  await life.flush();
  const after = disk.afterPowerLoss(() => 0);
  const again = await Life.begin(on(after), { ...copy }, chooser(1), settings);
  assert.equal(again.state(), life.state(), `${what}: after going on`);
}

test("a checkpoint is brought forward, with what happens meanwhile left to the log", async () => {
  for (let seed = 1; seed <= 40; seed++) {
    const disk = new FaultDisk();
    const life = await Life.begin(on(disk), newAccount(), chooser(seed));
    for (let round = 0; round < 6; round++) {
      life.change(12);
      const taken = life.snapshot();
      // Turn by turn, while it is being written.
      for (let turn = 0; turn < 10; turn++) {
        life.change(2);
        await new Promise(setImmediate);
      }
      await taken;
      await life.flush();
    }
    assert.equal(life.log.lines.filter((line) => line.includes("Bringing")).length, 6);
    const again = await Life.begin(on(disk), newAccount(), chooser(seed));
    assert.equal(again.state(), life.state(), `seed ${seed}`);
    assert.ok(again.log.lines.some((line) => line.includes("Reading checkpoint")));
  }
});

/** Checkpoints while writing goes on, then a process that goes back to snapshots, then one with checkpoints again. */
async function lives(disk: FaultDisk, account: Account): Promise<void> {
  const choose = chooser(7);
  for (const snapshotStore of ["lmdb", "lmdb", "file", "lmdb"] as const) {
    const life = await Life.begin(on(disk), account, choose, { snapshotStore });
    for (let round = 0; round < 2; round++) {
      life.change(4);
      await life.flush();
      const taken = life.snapshot();
      taken.catch(() => {});
      life.change(3);
      await life.flush();
      await taken;
    }
    await life.close();
  }
}

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
  return ended ?? false;
}

for (const fault of ["stop", "fail"] as const) {
  test(`a disk that ${fault}s at any call loses nothing, whichever way the state is kept`, async () => {
    for (let n = 1; ; n++) {
      const disk = new FaultDisk();
      disk.fault = fault;
      disk.faultAt = n;
      const account = newAccount();
      const isDone = await endOf(lives(disk, account), disk);
      // One fate each, to be quick: neighbouring calls do nearly the same.
      const fates = [
        () => disk.afterKill(),
        () => disk.afterPowerLoss(() => 0),
        () => disk.afterPowerLoss(chooser(n)),
      ];
      const snapshotStore = n % 2 === 0 ? "file" : "lmdb";
      const after = fates[n % 3]!();
      await check(after, account, `${fault} at call ${n}`, { snapshotStore });
      if (isDone) return;
    }
  });
}

test("a state that a leader sends is adopted whole or not at all, also where the log went beyond it", async () => {
  for (let n = 1; ; n++) {
    const disk = new FaultDisk();
    const life = await Life.begin(on(disk), newAccount(), chooser(3));
    life.change(10);
    await life.flush();
    const other = await Life.begin(on(new FaultDisk()), newAccount(), chooser(4));
    other.change(5);
    disk.fault = "stop";
    disk.faultAt = disk.calls + n;
    const isDone = await endOf(life.storage.adopt(other.tree.beginSnapshot()), disk);
    for (const choice of [0, 1]) {
      const after = disk.afterPowerLoss((bound) => Math.min(choice, bound - 1));
      const found = (await Life.begin(on(after), newAccount(), chooser(1))).state();
      assert.ok(found === other.state() || (!isDone && found === life.state()), `call ${n}`);
    }
    if (isDone) return;
  }
});

test("what was adopted is brought forward like any other state", async () => {
  const disk = new FaultDisk();
  const life = await Life.begin(on(disk), newAccount(), chooser(3));
  life.change(10);
  await life.flush();
  const other = await Life.begin(on(new FaultDisk()), newAccount(), chooser(4));
  other.change(30);
  await life.storage.adopt(other.tree.beginSnapshot());
  life.tree = other.tree;
  life.account.appended = other.tree.lastProcessedZxid;
  life.change(10);
  await life.snapshot();
  await life.flush();
  assert.ok(life.log.lines.some((line) => line.includes("Bringing")));
  const again = await Life.begin(on(disk), newAccount(), chooser(1));
  assert.equal(again.state(), life.state());
});

test("a truncation goes back to the checkpoint, and no further", async () => {
  const disk = new FaultDisk();
  const account = newAccount();
  const life = await Life.begin(on(disk), account, chooser(5));
  life.change(10);
  await life.flush();
  await life.snapshot();
  life.change(10);
  await life.flush();
  const before = names(disk);
  assert.equal(await life.truncate(9), false);
  assert.deepEqual(names(disk), before);
  for (const zxid of [15, 10]) {
    assert.equal(await life.truncate(zxid), true);
    assert.equal(life.state(), account.states.get(zxid));
  }
  account.appended = 10;
  life.change(5);
  await life.flush();
  await life.snapshot();
  const again = await Life.begin(on(disk), newAccount(), chooser(1));
  assert.equal(again.state(), life.state());
});

test("a directory of a checkpoint has no snapshot but a marker that is none", async () => {
  const disk = new FaultDisk();
  const file = await Life.begin(on(disk), newAccount(), chooser(1), { snapshotStore: "file" });
  file.change(5);
  await file.flush();
  await file.snapshot();
  await file.close();
  assert.deepEqual(names(disk).filter(isState), ["snapshot.0", "snapshot.5"]);
  const life = await Life.begin(on(disk), newAccount(), chooser(1));
  // It becomes one with the next that is due, which is at once.
  assert.ok(life.storage.shouldSnapshot());
  await life.snapshot();
  assert.ok(!life.storage.shouldSnapshot());
  assert.deepEqual(names(disk).filter(isState), ["checkpoint.mdb", MARKER_NAME]);
  const marker = disk.readFile(`${DIRECTORY}/${MARKER_NAME}`);
  assert.equal(marker.subarray(-5).toString("hex"), "000000012f");
  const back = await Life.begin(on(disk), newAccount(), chooser(1), { snapshotStore: "file" });
  assert.equal(back.state(), life.state());
  assert.deepEqual(names(disk).filter(isState), ["snapshot.5"]);
});

function isState(name: string): boolean {
  return /snapshot|checkpoint/.test(name);
}

test("a checkpoint that is gone or damaged is refused, not started without", async () => {
  const disk = new FaultDisk();
  const life = await Life.begin(on(disk), newAccount(), chooser(2));
  life.change(10);
  await life.snapshot();
  await life.flush();
  const path = `${DIRECTORY}/checkpoint.mdb`;
  const bytes = disk.readFile(path);
  for (let at = 1030; at < bytes.length; at += 97) {
    const damaged = disk.afterKill();
    damaged.damage(path, (content) => {
      content[at]! ^= 1;
      return content;
    });
    const start = Life.begin(on(damaged), newAccount(), chooser(2));
    await assert.rejects(start, /Cannot read the checkpoint .*checkpoint\.mdb: .*Restore the file/);
  }
  const gone = disk.afterKill();
  gone.delete(path);
  for (const snapshotStore of ["file", "lmdb"] as const) {
    const start = Life.begin(on(gone), newAccount(), chooser(2), { snapshotStore });
    await assert.rejects(start, /Cannot find .*checkpoint\.mdb, where the state/);
  }
});

test("a server that finds another's checkpoint leaves it, and makes a whole one of its own the next time", async () => {
  const disk = new FaultDisk();
  const one = await Life.begin(on(disk), newAccount(), chooser(2));
  const other = await Life.begin(on(disk), newAccount(), chooser(2));
  one.change(5);
  other.change(7);
  await one.snapshot();
  await assert.rejects(other.snapshot(), /two servers must not share a data directory/);
  await other.snapshot();
  assert.match(other.log.lines.at(-2)!, /Writing the whole checkpoint/);
});

test("a machine without lmdb does not start with snapshot.store=lmdb, and says why", async () => {
  const platform = on(new FaultDisk());
  const load = (): void => {
    throw new Error("the package lmdb cannot be loaded on this machine");
  };
  const stores = Object.assign(new ModelStores(platform.disk), { load });
  const start = Life.begin({ ...platform, stores }, newAccount(), chooser(2));
  await assert.rejects(start, /Cannot keep checkpoints \(snapshot.store=lmdb\): the package lmdb/);
});

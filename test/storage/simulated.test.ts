// The same on the simulated platform, whose disk is harsher than ours: each change of a name and each sector of a write may
// be lost or applied alone, calls take time, and what is under way when a process dies may still take effect.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Disk, Platform } from "../../src/platform/platform.js";
import type { StorageSettings } from "../../src/storage/settings.js";
import { Storage } from "../../src/storage/storage.js";
import type { Zxid } from "../../src/wire/ids.js";
import { DEFAULT_DISK } from "../sim/platform/sim-disk.js";
import { SimPlatform } from "../sim/platform/sim-platform.js";
import { Lines, Model, record, SETTINGS } from "./fixture.js";

interface Account {
  appended: number;
  acknowledged: number;
  lives: number;
}

/** One process: recovers, checks what it finds, and writes until it is stopped. */
async function live(
  platform: Platform,
  account: Account,
  settings: StorageSettings,
): Promise<void> {
  const storage = await Storage.open(platform, settings, new Lines(), { onFatal: () => {} });
  const model = new Model();
  const { lastZxid, needsSnapshot } = await storage.recover(model, model.replay);
  assert.ok(lastZxid >= account.acknowledged, `${lastZxid} of ${account.acknowledged}`);
  assert.ok(lastZxid <= account.appended, `${lastZxid} of ${account.appended}`);
  assert.deepEqual(
    model.zxids(),
    Array.from({ length: lastZxid }, (_, i) => i + 1),
  );
  account.lives++;
  account.acknowledged = lastZxid;
  account.appended = lastZxid;
  if (needsSnapshot) await taken(storage, model);
  const { random } = platform;
  for (;;) {
    for (let count = 1 + random.integer(6); count > 0; count--) {
      const zxid = (account.appended + 1) as Zxid;
      const bytes = record(zxid, random.integer(1500));
      storage.append(bytes, zxid);
      model.apply(zxid, bytes.length);
      account.appended = zxid;
    }
    const asked = account.appended;
    await new Promise<void>((resolve, reject) => {
      storage.flush((error) => (error ? reject(error) : resolve()));
    });
    account.acknowledged = asked;
    if (random.integer(12) === 0 && !storage.snapshotting) storage.startSnapshot(model.source());
  }
}

function taken(storage: Storage, model: Model): Promise<void> {
  return new Promise((resolve, reject) => {
    storage.startSnapshot(model.source(), (error) => (error ? reject(error) : resolve()));
  });
}

async function manyLives(seed: number, faultyDisk: boolean): Promise<void> {
  const world = new SimPlatform({ seed });
  const node = world.addNode("a");
  const account: Account = { appended: 0, acknowledged: 0, lives: 0 };
  const settings = { ...SETTINGS, preAllocBytes: [0, 8192, 65536][seed % 3]! };
  let refusal: Error | undefined;
  for (let life = 0; life < 8; life++) {
    const before = account.lives;
    const isFaulty = faultyDisk && life % 2 === 1;
    node.start((platform) => {
      live(platform, account, settings).catch((error: Error) => {
        // A disk that fails may end a life, or keep it from beginning; the next must find everything again.
        const isExcused = isFaulty && (error.name === "DiskError" || error.name === "FatalError");
        if (!isExcused) refusal = error;
      });
    });
    if (isFaulty) node.disk.failCall(1 + world.random.integer(60));
    await world.runFor(1 + world.random.integer(40));
    node.disk.clearFaults();
    if (refusal !== undefined) throw new Error(`seed ${seed}, life ${life}: ${refusal.message}`);
    if (world.random.integer(3) === 0) node.kill();
    else node.powerOff();
    assert.ok(account.lives <= before + 1);
  }
  assert.ok(account.acknowledged > 0 && account.lives > 1);
}

test("thirty servers that are killed and lose their power at random lose nothing", async () => {
  for (let seed = 1; seed <= 30; seed++) await manyLives(seed, false);
});

test("thirty servers whose disks fail as well lose nothing", async () => {
  for (let seed = 101; seed <= 130; seed++) await manyLives(seed, true);
});

/** Appends so many records of so many bytes and flushes them. */
async function log(storage: Storage, count: number, bytes: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const zxid = (storage.appendedZxid + 1) as Zxid;
    storage.append(record(zxid, bytes), zxid);
  }
  await new Promise<void>((resolve, reject) => {
    storage.flush((error) => (error ? reject(error) : resolve()));
  });
}

/** An object with the same methods, which may be replaced. */
function withMethods(disk: Disk): Disk {
  return {
    readDirectory: (path) => disk.readDirectory(path),
    stat: (path) => disk.stat(path),
    readFile: (path) => disk.readFile(path),
    openForReading: (path, cache) => disk.openForReading(path, cache),
    makeDirectories: (path) => disk.makeDirectories(path),
    openForWriting: (path, mode) => disk.openForWriting(path, mode),
    alignedBuffer: (bytes) => disk.alignedBuffer(bytes),
    rename: (from, to) => disk.rename(from, to),
    remove: (path) => disk.remove(path),
    syncDirectory: (path) => disk.syncDirectory(path),
    freeBytes: (path) => disk.freeBytes(path),
    imagined: () => disk.imagined(),
  };
}

/** The disk, and how many bytes are written into files that were there. */
function watched(platform: Platform): { platform: Platform; rewrittenBytes: () => number } {
  let rewritten = 0;
  const { disk } = platform;
  const openForWriting: typeof disk.openForWriting = async (path, mode) => {
    const file = await disk.openForWriting(path, mode);
    if (mode === "create") return file;
    const write = file.write.bind(file);
    file.write = (position, bytes, done, cache) => {
      rewritten += bytes.length;
      write(position, bytes, done, cache);
    };
    return file;
  };
  return {
    platform: { ...platform, disk: Object.assign(withMethods(disk), { openForWriting }) },
    rewrittenBytes: () => rewritten,
  };
}

// As many records and bytes as one sync may be for: the first by Java's, the second by ours.
for (const [count, bytes] of [
  [1000, 100],
  [4, 250_000],
] as const) {
  test(`of a long log only the end is written again, also when a sync of ${count} records of ${bytes} bytes was dropped`, async () => {
    const world = new SimPlatform({ seed: 1 });
    const node = world.addNode("a");
    const options = { onFatal: () => {} };
    const model = new Model();
    let failed = false;
    node.start(async (platform) => {
      const storage = await Storage.open(platform, SETTINGS, new Lines(), options);
      const { needsSnapshot } = await storage.recover(model, model.replay);
      if (needsSnapshot) await taken(storage, model);
      await log(storage, 1, 100);
      for (let i = 0; i < 3; i++) await log(storage, 2000, 1000);
      node.disk.inject({
        operation: "sync",
        path: /log\.1$/,
        code: "EIO",
        effect: "pages dropped",
      });
      await log(storage, count, bytes).catch(() => {
        failed = true;
      });
    });
    await world.runUntil(() => failed);
    node.kill();
    const total = 6001 + count;
    const found: number[] = [];
    const rewritten: number[] = [];
    const recover = async (original: Platform) => {
      const { platform, rewrittenBytes } = watched(original);
      const storage = await Storage.open(platform, SETTINGS, new Lines(), options);
      const again = new Model();
      const { lastZxid } = await storage.recover(again, again.replay);
      rewritten.push(rewrittenBytes());
      found.push(lastZxid);
    };
    node.start(recover);
    await world.runUntil(() => found.length === 1);
    node.powerOff("lost");
    node.start(recover);
    await world.runUntil(() => found.length === 2);
    assert.deepEqual(found, [total, total]);
    const [first = 0] = rewritten;
    assert.ok(first >= count * bytes && first < 3.2 * 2 ** 20, `${first}`);
  });
}

test("what a sync dropped is durable once a new process has read it from the page cache", async () => {
  for (let seed = 1; seed <= 10; seed++) {
    const world = new SimPlatform({ seed });
    const node = world.addNode("a");
    const account: Account = { appended: 0, acknowledged: 0, lives: 0 };
    const ends: string[] = [];
    const begin = () =>
      node.start((platform) => {
        live(platform, account, SETTINGS).catch((error: Error) => ends.push(error.message));
      });
    const sync = { operation: "sync", path: /log\./, skip: 2, code: "EIO" } as const;
    const fault = node.disk.inject({ ...sync, effect: "pages dropped" });
    begin();
    await world.runUntil(() => fault.hits > 0 && ends.length === 1);
    node.kill();
    begin();
    await world.runUntil(() => account.lives === 2);
    node.powerOff("lost");
    begin();
    await world.runUntil(() => account.lives === 3 || ends.length > 1);
    assert.deepEqual(ends.slice(1), [], `seed ${seed}`);
  }
});

test("a snapshot is synced often where that is quick, and seldom on a slow disk", async () => {
  const syncs = async (syncMs: number) => {
    const world = new SimPlatform({ seed: 1 });
    const node = world.addNode("a");
    node.disk.settings = { ...DEFAULT_DISK, syncMs: [syncMs, syncMs] };
    let count = -1;
    node.start(async (original) => {
      let calls = 0;
      const openForWriting: Disk["openForWriting"] = async (path, mode) => {
        const file = await original.disk.openForWriting(path, mode);
        const sync = file.sync.bind(file);
        file.sync = (done) => {
          if (path.includes("snapshot")) calls++;
          sync(done);
        };
        return file;
      };
      const disk = Object.assign(withMethods(original.disk), { openForWriting });
      const platform = { ...original, disk };
      const storage = await Storage.open(platform, SETTINGS, new Lines(), { onFatal: () => {} });
      const model = new Model();
      await storage.recover(model, model.replay);
      for (let id = 1; id <= 64; id++) {
        const acl = { scheme: "digest", id: "x".repeat(2 ** 17) };
        model.acls.set(id, [{ perms: 31, id: acl }]);
      }
      await taken(storage, model);
      count = calls;
    });
    await world.runUntil(() => count >= 0);
    return count;
  };
  // Of 8 MB: every 128 KB, or some times at first and then every 2 MB.
  const quick = await syncs(1);
  const slow = await syncs(20);
  assert.ok(quick >= 60, `${quick}`);
  assert.ok(slow >= 5 && slow <= 12, `${slow}`);
});

test("a snapshot stands still while the log makes a file", async () => {
  const world = new SimPlatform({ seed: 1 });
  const node = world.addNode("a");
  let makeFile = () => {};
  let storage: Storage | undefined;
  let isTaken = false;
  let isLogged = false;
  node.start(async (original) => {
    const isThere = new Promise<void>((resolve) => {
      makeFile = resolve;
    });
    const rename: Disk["rename"] = async (from, to) => {
      if (to.includes("log.") && storage?.snapshotting) await isThere;
      await original.disk.rename(from, to);
    };
    const disk = Object.assign(withMethods(original.disk), { rename });
    const platform = { ...original, disk };
    const opened = await Storage.open(platform, SETTINGS, new Lines(), { onFatal: () => {} });
    const model = new Model();
    await opened.recover(model, model.replay);
    await log(opened, 3, 100);
    storage = opened;
    for (let id = 1; id <= 8; id++) {
      const acl = { scheme: "digest", id: "x".repeat(2 ** 17) };
      model.acls.set(id, [{ perms: 31, id: acl }]);
    }
    void taken(opened, model).then(() => {
      isTaken = true;
    });
    // Into the file there is, until the next one is made and wants its name.
    for (let i = 0; i < 20; i++) await log(opened, 1, 100);
    isLogged = true;
  });
  // Long enough for a snapshot of any pace: what it waits for is not time.
  await world.runFor(60_000);
  assert.equal(isTaken, false);
  assert.equal(isLogged, false);
  makeFile();
  await world.runUntil(() => isTaken && isLogged);
});

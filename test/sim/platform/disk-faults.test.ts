// What the simulated disk can do to what was written.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { DiskError, WritableFile } from "../../../src/platform/platform.js";
import type { SimNode } from "./node.js";
import { SimPlatform } from "./sim-platform.js";

const PATH = "/data/log";

interface Scene {
  readonly world: SimPlatform;
  readonly node: SimNode;
  readonly file: WritableFile;
}

/** A file that is there for good: its name and its directory are durable. */
async function openScene(seed = 1): Promise<Scene> {
  const world = new SimPlatform({ seed });
  const node = world.addNode("a");
  const { disk } = node.start();
  await world.runUntilSettled(disk.makeDirectories("/data"));
  const file = await world.runUntilSettled(disk.openForWriting(PATH, "create"));
  await world.runUntilSettled(disk.syncDirectory("/data"));
  await world.runUntilSettled(disk.syncDirectory("/"));
  return { world, node, file };
}

function write(
  file: WritableFile,
  position: number,
  bytes: Buffer,
): Promise<DiskError | undefined> {
  return new Promise((resolve) => file.write(position, bytes, resolve));
}

function sync(file: WritableFile): Promise<DiskError | undefined> {
  return new Promise((resolve) => file.sync(resolve));
}

test("a killed process leaves what was written, synced or not", async () => {
  const { world, node, file } = await openScene();
  assert.equal(await world.runUntilSettled(write(file, 0, Buffer.from("written"))), undefined);
  node.kill();
  assert.equal(node.start().disk.readFile(PATH).toString(), "written");
});

test("a power cut keeps what was synced, and may take the rest", async () => {
  const { world, node, file } = await openScene();
  await world.runUntilSettled(Promise.all([write(file, 0, Buffer.from("synced")), sync(file)]));
  await world.runUntilSettled(write(file, 6, Buffer.from(" and not")));
  assert.equal(node.disk.durableFile(PATH)?.toString(), "synced");
  node.powerOff("lost");
  assert.equal(node.start().disk.readFile(PATH).toString(), "synced");
});

test("a kill and then a power cut takes back what a later process has read", async () => {
  const { world, node, file } = await openScene();
  await world.runUntilSettled(write(file, 0, Buffer.from("ghost")));
  node.kill();
  assert.equal(node.start().disk.readFile(PATH).toString(), "ghost");
  node.powerOff("lost");
  assert.equal(node.start().disk.readFile(PATH).length, 0);
});

test("a power cut decides for each write on its own: lost, applied or torn at a sector", async () => {
  const seen = new Set<string>();
  for (let seed = 1; seed <= 60; seed++) {
    const { world, node, file } = await openScene(seed);
    await world.runUntilSettled(write(file, 0, Buffer.alloc(1024, "a")));
    await world.runUntilSettled(write(file, 1024, Buffer.alloc(1024, "b")));
    node.powerOff();
    const content = node.disk.file(PATH)?.toString("latin1") ?? "";
    seen.add(content.replace(/.{512}/gs, (sector) => sector[0] as string).replace(/\0/g, "-"));
  }
  for (const outcome of ["", "aa", "aabb", "--bb", "a", "aab"]) {
    assert.ok(seen.has(outcome), `"${outcome}" among ${[...seen].join(" ")}`);
  }
});

test("a new file's name is lost without a sync of its directory, whatever was synced of the file", async () => {
  const { world, node } = await openScene();
  const { disk } = node.platform;
  const file = await world.runUntilSettled(disk.openForWriting("/data/new", "create"));
  await world.runUntilSettled(Promise.all([write(file, 0, Buffer.from("x")), sync(file)]));
  node.powerOff("lost");
  assert.deepEqual(node.start().disk.readDirectory("/data"), ["log"]);
});

test("a rename without a sync happens or does not, and leaves no third thing", async () => {
  const seen = new Set<string>();
  for (let seed = 1; seed <= 20; seed++) {
    const { world, node, file } = await openScene(seed);
    await world.runUntilSettled(Promise.all([write(file, 0, Buffer.from("new")), sync(file)]));
    node.disk.putFile("/data/target", Buffer.from("old"));
    await world.runUntilSettled(node.platform.disk.rename(PATH, "/data/target"));
    node.powerOff();
    const { disk } = node.start();
    seen.add(`${disk.readDirectory("/data").join()} ${disk.readFile("/data/target")}`);
  }
  assert.deepEqual([...seen].sort(), ["log,target old", "target new"]);
});

test("a sync that fails and drops its pages lets the next one lie", async () => {
  const { world, node, file } = await openScene();
  node.disk.inject({ operation: "sync", code: "EIO", effect: "pages dropped" });
  await world.runUntilSettled(write(file, 0, Buffer.from("gone")));
  assert.equal((await world.runUntilSettled(sync(file)))?.code, "EIO");
  assert.equal(await world.runUntilSettled(sync(file)), undefined);
  assert.equal(node.platform.disk.readFile(PATH).toString(), "gone");
  node.powerOff("applied");
  assert.equal(node.start().disk.readFile(PATH).length, 0);
});

test("a sync that fails and keeps its pages may be tried again", async () => {
  const { world, node, file } = await openScene();
  const fault = node.disk.inject({ operation: "sync", code: "EIO", times: 2 });
  await world.runUntilSettled(write(file, 0, Buffer.from("kept")));
  assert.equal((await world.runUntilSettled(sync(file)))?.code, "EIO");
  assert.equal((await world.runUntilSettled(sync(file)))?.code, "EIO");
  assert.equal(fault.hits, 2);
  assert.equal(await world.runUntilSettled(sync(file)), undefined);
  assert.equal(node.disk.durableFile(PATH)?.toString(), "kept");
});

test("a full disk takes what fits and then fails with ENOSPC", async () => {
  const { world, node, file } = await openScene();
  node.disk.capacityBytes = 8192;
  const error = await world.runUntilSettled(write(file, 0, Buffer.alloc(20_000, "x")));
  assert.equal(error?.code, "ENOSPC");
  assert.equal(node.platform.disk.readFile(PATH).length, 8192);
  const created = node.platform.disk.openForWriting("/data/more", "create");
  await assert.rejects(world.runUntilSettled(created), { code: "ENOSPC" });
  assert.equal(node.platform.disk.freeBytes("/data"), 0);
});

test("inject() strikes the calls it means: by kind, path and number", async () => {
  const { world, node, file } = await openScene();
  node.disk.putFile("/data/other", Buffer.from("o"));
  node.disk.inject({ operation: "read", path: /other$/, skip: 1, code: "EIO" });
  const { disk } = node.platform;
  assert.equal(disk.readFile("/data/other").toString(), "o");
  assert.equal(disk.readFile(PATH).length, 0);
  assert.throws(() => disk.readFile("/data/other"), { code: "EIO" });
  assert.equal(disk.readFile("/data/other").toString(), "o");
  node.disk.inject({ operation: "write", code: "EROFS", times: Number.POSITIVE_INFINITY });
  for (let i = 0; i < 3; i++) {
    assert.equal((await world.runUntilSettled(write(file, 0, Buffer.from("x"))))?.code, "EROFS");
  }
  node.disk.clearFaults();
  assert.equal(await world.runUntilSettled(write(file, 0, Buffer.from("x"))), undefined);
});

test("failCall() fails the n-th call of any kind, for a loop over all of them", async () => {
  const failed: string[] = [];
  for (let n = 1; ; n++) {
    const { world, node } = await openScene();
    const fault = node.disk.failCall(n);
    const { disk } = node.platform;
    const run = async (): Promise<void> => {
      disk.readDirectory("/data");
      const file = await disk.openForWriting("/data/x", "create");
      const error = (await write(file, 0, Buffer.from("x"))) ?? (await sync(file));
      if (error !== undefined) throw error;
      await disk.rename("/data/x", "/data/y");
    };
    const outcome = await world.runUntilSettled(run().catch((error: DiskError) => error.message));
    if (fault.hits === 0) break;
    failed.push((outcome as string).split(" ")[1] as string);
  }
  assert.deepEqual(failed, ["list", "create", "write", "sync", "rename"]);
});

test("a slow call takes its time and a hung disk answers when it resumes", async () => {
  const { world, node, file } = await openScene();
  node.disk.inject({ operation: "sync", delayMs: 3000 });
  const startMs = world.nowMs;
  assert.equal(await world.runUntilSettled(sync(file)), undefined);
  assert.ok(world.nowMs - startMs >= 3000);
  node.disk.hang();
  let isDone = false;
  file.sync(() => {
    isDone = true;
  });
  await world.runFor(30_000);
  assert.equal(isDone, false);
  node.disk.resume();
  await world.runUntil(() => isDone);
});

test("damage reaches what is durable and what is read", async () => {
  const { node } = await openScene();
  node.disk.putFile("/data/snapshot", Buffer.from("abcdef"));
  node.disk.damage("/data/snapshot", 2, (bytes) => bytes.writeUInt8(bytes.readUInt8(0) ^ 1));
  assert.equal(node.platform.disk.readFile("/data/snapshot").toString(), "abbdef");
  node.disk.cutFile("/data/snapshot", 3);
  assert.equal(node.disk.durableFile("/data/snapshot")?.toString(), "abb");
  node.disk.removeFile("/data/snapshot");
  assert.equal(node.platform.disk.stat("/data/snapshot"), undefined);
});

test("durableRoot() is a disk to recover from in another world, and leaves this one alone", async () => {
  const { world, node, file } = await openScene();
  await world.runUntilSettled(Promise.all([write(file, 0, Buffer.from("synced")), sync(file)]));
  await world.runUntilSettled(write(file, 6, Buffer.from("!")));
  const other = new SimPlatform({ seed: 1 }).addNode("monitor");
  other.disk.root = node.disk.durableRoot();
  const hash = world.hash;
  assert.equal(other.start().disk.readFile(PATH).toString(), "synced");
  assert.equal(world.hash, hash);
  assert.equal(node.platform.disk.readFile(PATH).toString(), "synced!");
});

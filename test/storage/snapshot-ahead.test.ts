// A snapshot that another thread reads is the one that this thread would have read; and where it is not, this one does.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { READ_AHEAD_MIN_BYTES } from "../../src/limits.js";
import { createNodePlatform } from "../../src/platform/node/platform.js";
import { NodeThreads } from "../../src/platform/node/threads.js";
import type { SnapshotFile } from "../../src/storage/file-names.js";
import { readSnapshotAhead } from "../../src/storage/snapshot-ahead.js";
import { readSnapshot } from "../../src/storage/snapshot-reader.js";
import { SnapshotWriter } from "../../src/storage/snapshot-writer.js";
import { DataTree } from "../../src/tree/data-tree.js";
import { CONTAINER_OWNER, ttlOwner } from "../../src/tree/ephemeral-type.js";
import { TreeLoader } from "../../src/tree/tree-loader.js";
import { ANYONE, imageOf, session, zxid } from "../tree/support.js";
import { SETTINGS } from "./fixture.js";

const TREE_SETTINGS = {
  digestEnabled: true,
  extendedTypesEnabled: true,
  emulate353TtlNodes: false,
  hashSeed: 0x1234_5678,
  onDigestMismatch: () => assert.fail("The digest is another"),
};
const OTHERS = [{ perms: 1, id: { scheme: "ip", id: "10.0.0.1" } }];

const platform = createNodePlatform({ log: { level: "ERROR" } });
const { disk } = platform;
const threads = new NodeThreads();
const parts = { threads, disk, clock: platform.clock };
const directory = mkdtempSync(join(tmpdir(), "zooid-ahead-"));
after(() => rmSync(directory, { recursive: true }));

/** Siblings and chains, names that are not ASCII, owners of every kind, null, and values larger than a page of what is read. */
function everything(): DataTree {
  const tree = new DataTree(TREE_SETTINGS);
  let last = 0;
  const create = (path: string, data: Buffer | null, owner = 0n, acl = ANYONE) =>
    assert.equal(tree.createNode(path, data, acl, owner, -1, zxid(++last), last * 3), 0);
  tree.sessions.set(session(7n), 30_000);
  create("/a", null);
  create("/ä", Buffer.from("x"));
  for (let i = 0; i < 20_000; i++) {
    create(
      `/a/${i}`,
      Buffer.alloc(i % 300, i),
      i % 7 === 0 ? 7n : 0n,
      i % 5 === 0 ? OTHERS : ANYONE,
    );
    if (i % 100 === 0) create(`/ä/é${i}`, Buffer.alloc(9));
    if (i % 100 === 1) create(`/ä/e${i}`, Buffer.alloc(9));
    if (i % 1000 === 1) create(`/a/${i}/x`, null, CONTAINER_OWNER);
    if (i % 1000 === 2) create(`/a/${i}/y`, null, ttlOwner(5n));
  }
  let path = "/chain";
  create(path, null);
  for (let i = 0; i < 300; i++) {
    path += `/${i}`;
    create(path, Buffer.alloc(60_000, i));
  }
  tree.txnApplied(zxid(last));
  return tree;
}

const tree = everything();
let file: SnapshotFile;

before(async () => {
  const { clock, log } = platform;
  const writer = new SnapshotWriter({ disk, clock, log }, directory, SETTINGS);
  file = await writer.write(tree.beginSnapshot());
});

function newLoader(): TreeLoader {
  return new TreeLoader(TREE_SETTINGS, (message) => assert.fail(message));
}

test("a snapshot is read in another thread", async () => {
  const loader = newLoader();
  const ahead = await readSnapshotAhead(parts, file, loader);
  assert.ok(ahead !== undefined);
  ahead.stop();
  assert.deepEqual(imageOf(loader.tree), imageOf(tree));
  assert.equal(loader.tree.digest.toBigInt(), tree.digest.toBigInt());
  assert.equal(loader.tree.approximateDataSize, tree.approximateDataSize);
  // And is a tree that goes on as any other.
  const here = newLoader();
  readSnapshot(disk, file, here);
  for (const each of [loader.tree, here.tree]) {
    each.createNode("/a/new", null, ANYONE, 0n, -1, zxid(900_000), 1);
    each.setData("/a/3", Buffer.alloc(1000), 1, zxid(900_001), 1);
    each.deleteNode("/a/4", zxid(900_002));
    each.killSession(session(7n), zxid(900_003), null);
  }
  assert.deepEqual(imageOf(loader.tree), imageOf(here.tree));
  assert.equal(loader.tree.digest.toBigInt(), here.tree.digest.toBigInt());
});

for (const [what, damage] of [
  ["a byte is another", (bytes: Buffer) => (bytes[bytes.length - 1_000_000]! ^= 1)],
  ["its digest's seal is another", (bytes: Buffer) => (bytes[bytes.length - 10]! ^= 1)],
] as const) {
  test(`a snapshot is left to this thread when ${what}, and leaves nothing`, async () => {
    const path = join(directory, "damaged");
    const bytes = readFileSync(file.path);
    damage(bytes);
    writeFileSync(path, bytes);
    const loader = newLoader();
    assert.equal(await readSnapshotAhead(parts, { ...file, path }, loader), undefined);
    assert.throws(() => readSnapshot(disk, { ...file, path }, loader), /CRC corruption/);
    readSnapshot(disk, file, loader);
    assert.deepEqual(imageOf(loader.tree), imageOf(tree));
  });
}

test("a snapshot is left to this thread when it is cut short, or the thread cannot begin", async () => {
  const path = join(directory, "short");
  writeFileSync(path, readFileSync(file.path));
  truncateSync(path, READ_AHEAD_MIN_BYTES + 1);
  const loader = newLoader();
  assert.equal(await readSnapshotAhead(parts, { ...file, path }, loader), undefined);
  const none = new NodeThreads(join(directory, "nothing.js"));
  assert.equal(await readSnapshotAhead({ ...parts, threads: none }, file, loader), undefined);
  assert.equal(await readSnapshotAhead({ ...parts, threads: undefined }, file, loader), undefined);
});

test("a small snapshot is left to this thread", async () => {
  const path = join(directory, "small");
  writeFileSync(path, readFileSync(file.path).subarray(0, READ_AHEAD_MIN_BYTES - 1));
  const fail = { start: () => assert.fail("A thread was started") };
  assert.equal(
    await readSnapshotAhead({ ...parts, threads: fail }, { ...file, path }, newLoader()),
    undefined,
  );
});

// What a server with a large tree does before it serves leaves nothing behind.

import assert from "node:assert/strict";
import { test } from "node:test";
import { REHEARSAL_BYTES } from "../../src/limits.js";
import type { WritingDisk } from "../../src/storage/disk-steps.js";
import { rehearse } from "../../src/storage/rehearsal.js";
import { DataTree } from "../../src/tree/data-tree.js";
import type { SnapshotSource } from "../../src/tree/snapshot.js";
import { DEFAULT_TREE_SETTINGS } from "../../src/tree/tree-settings.js";
import { ANYONE, writeSnapshot, zxid } from "../tree/support.js";
import { FaultDisk } from "./fault-disk.js";
import { platformOn, SETTINGS } from "./fixture.js";

const { clock } = platformOn(new FaultDisk());

function touched(): never {
  assert.fail("A rehearsal came to the disk");
}

/** Has memory, and nothing else. */
const NO_DISK: WritingDisk = {
  alignedBuffer: (bytes) => Buffer.alloc(bytes),
  openForWriting: touched,
  remove: touched,
  rename: touched,
  stat: touched,
  syncDirectory: touched,
};

function treeOf(nodes: number, bytes: number): DataTree {
  const tree = new DataTree(DEFAULT_TREE_SETTINGS);
  const data = Buffer.alloc(bytes, 7);
  for (let i = 1; i <= nodes; i++) {
    tree.createNode(`/n${i}`, data, ANYONE, 0n, i, zxid(i), i);
  }
  return tree;
}

/** What is asked of the tree's own source. */
function watched(source: SnapshotSource) {
  const seen = { bytes: 0, releases: 0, isWhole: false };
  const watching: SnapshotSource = {
    lastZxid: source.lastZxid,
    digest: source.digest,
    sessionCount: source.sessionCount,
    sessions: () => source.sessions(),
    aclCount: source.aclCount,
    acls: () => source.acls(),
    writeNodes(out, untilLength) {
      const before = out.length;
      const more = source.writeNodes(out, untilLength);
      seen.bytes += out.length - before;
      seen.isWhole = !more;
      return more;
    },
    release() {
      seen.releases++;
      source.release();
    },
  };
  return { seen, watching };
}

for (const snapshotCompression of ["", "gz", "snappy"] as const) {
  test(`A rehearsal (compression "${snapshotCompression}") touches no disk and no node, and lets go of the tree`, async () => {
    const tree = treeOf(300, 5000);
    const before = writeSnapshot(tree.beginSnapshot());
    const { seen, watching } = watched(tree.beginSnapshot());
    const settings = { ...SETTINGS, snapshotCompression };
    await rehearse({ disk: NO_DISK, clock }, settings, watching);
    assert.equal(seen.releases, 1);
    assert.equal(seen.isWhole, true);
    assert.deepEqual(writeSnapshot(tree.beginSnapshot()), before);
  });
}

test("Of a large tree only the beginning is rehearsed", async () => {
  const nodeBytes = 512 * 1024;
  const { seen, watching } = watched(
    treeOf((2 * REHEARSAL_BYTES) / nodeBytes, nodeBytes).beginSnapshot(),
  );
  await rehearse({ disk: NO_DISK, clock }, SETTINGS, watching);
  assert.equal(seen.releases, 1);
  assert.equal(seen.isWhole, false);
  assert.ok(seen.bytes >= REHEARSAL_BYTES && seen.bytes < REHEARSAL_BYTES + 2 * nodeBytes);
});

// What follows a SNAP, however the network cuts it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { SnapshotStreamReader, snapshotStream } from "../../src/storage/snapshot-stream.js";
import { DataTree } from "../../src/tree/data-tree.js";
import { TreeLoader } from "../../src/tree/tree-loader.js";
import { DEFAULT_TREE_SETTINGS } from "../../src/tree/tree-settings.js";
import { ANYONE, imageOf, zxid } from "../tree/support.js";

function treeWith(sizes: readonly number[]): DataTree {
  const tree = new DataTree(DEFAULT_TREE_SETTINGS);
  sizes.forEach((size, i) => {
    tree.createNode(`/n${i}`, Buffer.alloc(size, i), ANYONE, 0n, i + 1, zxid(i + 1), i);
  });
  return tree;
}

function streamOf(tree: DataTree): Buffer {
  const slices: Buffer[] = [];
  for (const slice of snapshotStream(tree.beginSnapshot())) slices.push(Buffer.from(slice));
  return Buffer.concat(slices);
}

for (const [sizes, step] of [
  [[0, 3, 40], 1],
  [[10, 300_000, 5, 1_000_000], 997],
  [[200_000, 1], 70_000],
] as const) {
  test(`A snapshot that comes ${step} bytes at a time is the one that was sent, and what follows it is left`, () => {
    const tree = treeWith(sizes);
    const bytes = Buffer.concat([streamOf(tree), Buffer.from("next")]);
    const loader = new TreeLoader(DEFAULT_TREE_SETTINGS, () => {});
    const reader = new SnapshotStreamReader(loader, tree.lastProcessedZxid);
    let at = 0;
    let left = 0;
    while (!reader.isDone && at < bytes.length) {
      // The network uses its buffer again.
      const chunk = Buffer.from(bytes.subarray(at, at + step));
      at += chunk.length;
      left = reader.push(chunk);
      chunk.fill(0xff);
    }
    assert.deepEqual(imageOf(loader.tree), imageOf(tree));
    assert.equal(at - left, bytes.length - 4);
  });
}

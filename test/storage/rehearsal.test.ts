// What a server with a large tree does before it serves leaves nothing behind.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { REHEARSAL_BYTES } from "../../src/limits.js";
import { createNodePlatform } from "../../src/platform/node/platform.js";
import type { WritingDisk } from "../../src/storage/disk-steps.js";
import { rehearse } from "../../src/storage/rehearsal.js";
import { SnapshotWriter } from "../../src/storage/snapshot-writer.js";
import { DataTree } from "../../src/tree/data-tree.js";
import type { SnapshotSource } from "../../src/tree/snapshot.js";
import { DEFAULT_TREE_SETTINGS } from "../../src/tree/tree-settings.js";
import { REPOSITORY } from "../compat/peers.js";
import { freePort } from "../compat/server-process.js";
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
  tree.lastProcessedZxid = zxid(nodes);
  return tree;
}

/** What is asked of the tree's own source, from here on. */
function watch(source: SnapshotSource) {
  const seen = { bytes: 0, releases: 0, isWhole: false };
  const writeNodes = source.writeNodes.bind(source);
  const release = source.release.bind(source);
  source.writeNodes = (out, untilLength) => {
    const before = out.length;
    const more = writeNodes(out, untilLength);
    seen.bytes += out.length - before;
    seen.isWhole = !more;
    return more;
  };
  source.release = () => {
    seen.releases++;
    release();
  };
  return seen;
}

for (const snapshotCompression of ["", "gz", "snappy"] as const) {
  test(`A rehearsal (compression "${snapshotCompression}") touches no disk and no node, and lets go of the tree`, async () => {
    const tree = treeOf(300, 5000);
    const before = writeSnapshot(tree.beginSnapshot());
    const source = tree.beginSnapshot();
    const seen = watch(source);
    const settings = { ...SETTINGS, snapshotCompression };
    await rehearse({ disk: NO_DISK, clock }, settings, source);
    assert.equal(seen.releases, 1);
    assert.equal(seen.isWhole, true);
    assert.deepEqual(writeSnapshot(tree.beginSnapshot()), before);
  });
}

test("Of a large tree only the beginning is rehearsed", async () => {
  const nodeBytes = 512 * 1024;
  const source = treeOf((2 * REHEARSAL_BYTES) / nodeBytes, nodeBytes).beginSnapshot();
  const seen = watch(source);
  await rehearse({ disk: NO_DISK, clock }, SETTINGS, source);
  assert.equal(seen.releases, 1);
  assert.equal(seen.isWhole, false);
  assert.ok(seen.bytes >= REHEARSAL_BYTES && seen.bytes < REHEARSAL_BYTES + 2 * nodeBytes);
});

/** What a server says until it serves, with `nodes` of 100 KB in its snapshot. */
async function startWith(nodes: number): Promise<string> {
  const dataDir = mkdtempSync(join(tmpdir(), "zooid-rehearsal-"));
  const port = await freePort();
  const zooCfg = join(dataDir, "zoo.cfg");
  const address = `clientPort=${port}\nclientPortAddress=127.0.0.1\n`;
  writeFileSync(zooCfg, `dataDir=${dataDir}\n${address}admin.enableServer=false\n`);
  mkdirSync(join(dataDir, "version-2"));
  const platform = createNodePlatform({ log: { format: "zookeeper", level: "OFF" } });
  const writer = new SnapshotWriter(platform, join(dataDir, "version-2"), SETTINGS);
  await writer.write(treeOf(nodes, 100_000).beginSnapshot());
  const server = spawn(process.execPath, [
    join(REPOSITORY, "dist/src/main.js"),
    "-Dzookeeper.root.logger=DEBUG",
    zooCfg,
  ]);
  try {
    let output = "";
    for await (const chunk of server.stdout) {
      output += chunk;
      if (output.includes("binding to port")) break;
    }
    const names = readdirSync(join(dataDir, "version-2"));
    assert.deepEqual(
      names.filter((name) => /log|tmp|snapshot/.test(name)),
      [`snapshot.${nodes.toString(16)}`],
    );
    return output;
  } finally {
    server.kill("SIGKILL");
    rmSync(dataDir, { recursive: true, force: true });
  }
}

test("A server rehearses before it serves where its snapshot is large, and leaves no file", async () => {
  assert.match(
    await startWith(180),
    /Loaded 18\d nodes.*Rehearsed a snapshot in \d+ ms.*binding to port/s,
  );
  assert.doesNotMatch(await startWith(3), /Rehearsed/);
});

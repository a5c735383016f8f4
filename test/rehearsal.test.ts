// What a server with a large tree does when it begins to serve leaves nothing behind.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { AuthSchemes } from "../src/auth/schemes.js";
import { loadConfig } from "../src/config/load.js";
import { createNodePlatform } from "../src/platform/node/platform.js";
import type { Disk, ImaginedDisk } from "../src/platform/platform.js";
import { SILENT_LOG } from "../src/platform/silent-log.js";
import { rehearse } from "../src/rehearsal.js";
import { Server } from "../src/server.js";
import { authSettings } from "../src/settings.js";
import { SnapshotWriter } from "../src/storage/snapshot-writer.js";
import { DataTree } from "../src/tree/data-tree.js";
import { DEFAULT_TREE_SETTINGS } from "../src/tree/tree-settings.js";
import { REPOSITORY } from "./compat/peers.js";
import { freePort } from "./compat/server-process.js";
import { SETTINGS } from "./storage/fixture.js";
import { ANYONE, zxid } from "./tree/support.js";

function treeOf(nodes: number, bytes: number): DataTree {
  const tree = new DataTree(DEFAULT_TREE_SETTINGS);
  const data = Buffer.alloc(bytes, 7);
  for (let i = 1; i <= nodes; i++) {
    tree.createNode(`/n${i}`, data, ANYONE, 0n, i, zxid(i), i);
  }
  tree.lastProcessedZxid = zxid(nodes);
  return tree;
}

/** Another object with the same methods, which notes what is asked. */
function watched({ disk, stall }: ImaginedDisk) {
  const seen = { snapshotsBegun: 0, snapshots: 0, logs: 0, isStalled: false };
  const watching: Disk = {
    readDirectory: (path) => disk.readDirectory(path),
    stat: (path) => disk.stat(path),
    readFile: (path) => disk.readFile(path),
    openForReading: (path, cache) => disk.openForReading(path, cache),
    makeDirectories: (path) => disk.makeDirectories(path),
    openForWriting(path, mode) {
      if (path.includes("snapshot.")) seen.snapshotsBegun++;
      return disk.openForWriting(path, mode);
    },
    alignedBuffer: (bytes) => disk.alignedBuffer(bytes),
    rename(from, to) {
      if (to.includes("/snapshot.")) seen.snapshots++;
      if (to.includes("/log.")) seen.logs++;
      return disk.rename(from, to);
    },
    remove: (path) => disk.remove(path),
    syncDirectory: (path) => disk.syncDirectory(path),
    freeBytes: (path) => disk.freeBytes(path),
    imagined: () => disk.imagined(),
  };
  const stalling = () => {
    seen.isStalled = true;
    stall();
  };
  return { imagined: { disk: watching, stall: stalling }, seen };
}

for (const lines of [
  "",
  "snapshot.compression.method=gz",
  "snapshot.compression.method=snappy",
  "snapshot.store=lmdb",
  "forceSync=no",
  "flushDelay=1000",
  "snapCount=2",
  "datadir.autocreate=false",
  "db.autocreate=false\nserver.1=127.0.0.1:1:2\nserver.2=127.0.0.1:3:4",
]) {
  test(`A rehearsal (${lines.replaceAll("\n", ", ") || "defaults"}) comes to no disk, and leaves a snapshot undone`, async () => {
    const directory = mkdtempSync(join(tmpdir(), "zooid-rehearsal-"));
    try {
      const zooCfg = join(directory, "zoo.cfg");
      writeFileSync(
        zooCfg,
        `dataDir=${directory}\ntickTime=2000\ninitLimit=5\nsyncLimit=2\nclientPort=0\n${lines}\n`,
      );
      writeFileSync(join(directory, "myid"), "1");
      const real = createNodePlatform({ log: { level: "OFF" } });
      const { config } = loadConfig({ disk: real.disk, path: zooCfg });
      const { imagined, seen } = watched(real.disk.imagined());
      // It can do nothing else.
      const disk = { imagined: () => imagined } as unknown as Disk;
      await rehearse({ ...real, disk }, config, new AuthSchemes(authSettings(config)), () => false);
      assert.ok(seen.isStalled);
      assert.ok(seen.logs > 3, `${seen.logs} logs`);
      assert.ok(seen.snapshots > 3, `${seen.snapshots} snapshots`);
      assert.equal(seen.snapshotsBegun, seen.snapshots + 1);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
}

/** A server's directory with its zoo.cfg, and with `nodes` of 100 KB in a snapshot. */
async function dataDirWith(nodes: number): Promise<{ dataDir: string; zooCfg: string }> {
  const dataDir = mkdtempSync(join(tmpdir(), "zooid-rehearsal-"));
  const port = await freePort();
  const zooCfg = join(dataDir, "zoo.cfg");
  const address = `clientPort=${port}\nclientPortAddress=127.0.0.1\n`;
  writeFileSync(zooCfg, `dataDir=${dataDir}\n${address}admin.enableServer=false\n`);
  mkdirSync(join(dataDir, "version-2"));
  const platform = createNodePlatform({ log: { format: "zookeeper", level: "OFF" } });
  const writer = new SnapshotWriter(platform, join(dataDir, "version-2"), SETTINGS);
  await writer.write(treeOf(nodes, 100_000).beginSnapshot());
  return { dataDir, zooCfg };
}

/** A server's process with so many nodes says this, and then its directory has nothing new. */
async function startWith(nodes: number, last: RegExp): Promise<void> {
  const { dataDir, zooCfg } = await dataDirWith(nodes);
  const server = spawn(process.execPath, [
    join(REPOSITORY, "dist/src/main.js"),
    "-Dzookeeper.root.logger=DEBUG",
    zooCfg,
  ]);
  try {
    let output = "";
    for await (const chunk of server.stdout) {
      output += chunk;
      if (last.test(output)) break;
    }
    assert.match(output, last);
    const names = readdirSync(join(dataDir, "version-2"));
    assert.deepEqual(
      names.filter((name) => /log|tmp|snapshot/.test(name)),
      [`snapshot.${nodes.toString(16)}`],
    );
  } finally {
    server.kill("SIGKILL");
    rmSync(dataDir, { recursive: true, force: true });
  }
}

test("A server rehearses when it serves, and leaves no file", () =>
  startWith(180, /Loaded 18\d nodes.*binding to port.*Rehearsed snapshots in \d+ ms/s));

/** A server within this process, and what its rehearsal asks of the disk. */
async function inProcess(nodes: number, use: (server: Server, rehearsal: Rehearsal) => unknown) {
  const { dataDir, zooCfg } = await dataDirWith(nodes);
  try {
    const platform = createNodePlatform({ log: { level: "OFF" } });
    const { disk } = platform;
    const imagine = disk.imagined.bind(disk);
    const rehearsal = new Rehearsal();
    disk.imagined = () => {
      const { imagined, seen } = watched(imagine());
      rehearsal.begun(seen);
      return { disk: imagined.disk, stall: () => rehearsal.over(imagined.stall) };
    };
    const { config } = loadConfig({ disk, path: zooCfg });
    const server = await Server.start(platform, config, assert.ifError);
    try {
      await use(server, rehearsal);
    } finally {
      await server.stop();
    }
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

class Rehearsal {
  seen: ReturnType<typeof watched>["seen"] | undefined;
  readonly isOver: Promise<void>;
  #end: () => void = () => {};

  constructor() {
    this.isOver = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  begun(seen: ReturnType<typeof watched>["seen"]): void {
    assert.equal(this.seen, undefined);
    this.seen = seen;
  }

  over(stall: () => void): void {
    stall();
    this.#end();
  }
}

test("A server with a small snapshot does not rehearse", () =>
  inProcess(3, (_server, { seen }) => assert.equal(seen, undefined)));

test("A server that is stopped rehearses no further", () =>
  inProcess(180, async (server, rehearsal) => {
    assert.ok(rehearsal.seen, "It has not begun");
    const stopped = server.stop();
    await rehearsal.isOver;
    // That of an empty tree, with which a directory begins.
    assert.ok(rehearsal.seen.snapshots <= 1, `${rehearsal.seen.snapshots} snapshots`);
    await stopped;
  }));

test("A server that cannot rehearse serves all the same", async () => {
  const { dataDir, zooCfg } = await dataDirWith(180);
  try {
    const platform = createNodePlatform({ log: { level: "OFF" } });
    platform.disk.imagined = () => {
      throw new Error("There is no other disk");
    };
    const warnings: string[] = [];
    const warn = (message: string) => warnings.push(message);
    const log = { ...SILENT_LOG, child: () => ({ ...SILENT_LOG, warn }) };
    const { config } = loadConfig({ disk: platform.disk, path: zooCfg });
    const server = await Server.start({ ...platform, log }, config, assert.ifError);
    try {
      assert.ok(server.tree.nodeCount > 180);
      assert.ok(server.clientPort > 0);
      assert.deepEqual(warnings.filter((line) => line.startsWith("Cannot rehearse")).length, 1);
    } finally {
      await server.stop();
    }
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});

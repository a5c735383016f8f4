// The converter, as a program on real files and with the real lmdb.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { createNodePlatform } from "../../../src/platform/node/platform.js";
import { chooser, Life, newAccount } from "../../storage/checkpoint-world.js";

const PROGRAM = fileURLToPath(
  new URL("../../../src/cli/toolkits/checkpoint-toolkit.js", import.meta.url),
);

function run(...args: string[]) {
  const { stdout, stderr, status } = spawnSync(process.execPath, [PROGRAM, ...args], {
    encoding: "utf8",
  });
  return { stdout, stderr, status };
}

async function inDirectory(body: (directory: string) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "zooid-checkpoint-"));
  try {
    await body(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const noProc = () => (existsSync("/proc/self/fd") ? false : "there is no /proc");

function begin(directory: string, snapshotStore: "file" | "lmdb"): Promise<Life> {
  const platform = createNodePlatform({ log: { level: "OFF" } });
  const settings = { snapshotStore, dataDir: directory, dataLogDir: directory };
  return Life.begin(platform, newAccount(), chooser(3), settings);
}

test("the toolkit converts a directory both ways, with all that is in its log", () =>
  inDirectory(async (directory) => {
    const life = await begin(directory, "file");
    life.change(30);
    await life.flush();
    await life.close();
    const names = () =>
      readdirSync(`${directory}/version-2`).filter((name) => !/^log\.|-lock$/.test(name));
    assert.deepEqual(names(), ["snapshot.0"]);

    const there = run("to-lmdb", directory);
    const text = `The state of ${directory}/version-2, zxid 0x1e, is in`;
    assert.deepEqual(there, { stdout: `${text} checkpoint.mdb\n`, stderr: "", status: 0 });
    assert.deepEqual(names(), ["checkpoint.mdb", "snapshot.0"]);
    assert.match(run("to-lmdb", directory).stdout, /^Nothing to do: .* is in checkpoint\.mdb\n$/);
    const info = run("info", directory).stdout;
    assert.match(info, /^zxid = 0x1e\nnodes = \d+\nacls = \d+\nsessions = \d+\n$/);
    assert.ok(info.includes(`nodes = ${life.tree.nodeCount - 1}\n`));

    const back = run("to-file", directory);
    assert.deepEqual(back, { stdout: `${text} snapshot.1e\n`, stderr: "", status: 0 });
    assert.deepEqual(names(), ["snapshot.1e"]);
    assert.match(run("to-file", directory).stdout, /^Nothing to do: .* is in snapshot\.1e\n$/);
    const again = await begin(directory, "file");
    assert.equal(again.state(), life.state());
    await again.close();
  }));

test("a server brings its checkpoint forward over restarts", () =>
  inDirectory(async (directory) => {
    const first = await begin(directory, "lmdb");
    first.change(20);
    const taken = first.snapshot();
    first.change(20);
    await first.flush();
    await taken;
    await first.close();
    const second = await begin(directory, "lmdb");
    assert.equal(second.state(), first.state());
    second.change(20);
    await second.flush();
    await second.snapshot();
    await second.close();
    assert.ok(second.log.lines.some((line) => line.includes("Bringing")));
    const third = await begin(directory, "lmdb");
    assert.equal(third.state(), second.state());
    await third.close();
  }));

test("the toolkit refuses a directory whose server runs", { skip: noProc() }, () =>
  inDirectory(async (directory) => {
    const life = await begin(directory, "file");
    life.change(3);
    await life.flush();
    const before = readdirSync(`${directory}/version-2`);
    for (const command of ["to-lmdb", "to-file"]) {
      const { status, stderr } = run(command, directory);
      assert.equal(status, 1);
      assert.match(
        stderr,
        new RegExp(`process ${process.pid} has .*/log\\.1 open\\. Stop it first\n$`),
      );
    }
    assert.deepEqual(readdirSync(`${directory}/version-2`), before);
    await life.close();
    assert.equal(run("to-lmdb", directory).status, 0);
  }),
);

test("the toolkit says how it is called, and refuses what it cannot convert", () =>
  inDirectory(async (directory) => {
    assert.match(run().stderr, /^usage: zkCheckpointToolkit\.sh to-file dataDir/);
    assert.equal(run("to-java", directory).status, 2);
    for (const command of ["info", "to-lmdb", "to-file"]) {
      const { status, stderr } = run(command, `${directory}/none`);
      assert.equal(status, 1);
      assert.match(stderr, /^Cannot use ".*\/none": there is no directory .*\/none\/version-2\n$/);
    }
    const life = await begin(directory, "file");
    await life.close();
    const { status, stderr } = run("info", directory);
    assert.equal(status, 1);
    assert.match(stderr, /^There is no checkpoint in .*: its state is in snapshot\.\w+\n$/);
  }));

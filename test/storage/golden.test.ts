// Data directories that real servers left when they were killed (test/golden/storage/capture.sh): what we make of them is
// what Java makes of them, node for node, session for session, and with the digest that the log says.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Compression } from "../../src/storage/file-names.js";
import type { StorageSettings } from "../../src/storage/settings.js";
import { Storage } from "../../src/storage/storage.js";
import { FaultDisk } from "./fault-disk.js";
import { DIRECTORY, Lines, platformOn, SETTINGS } from "./fixture.js";
import { describe, type Loaded, load } from "./state.js";

const GOLDEN = fileURLToPath(new URL("../../../test/golden/storage/", import.meta.url));

const NAMES = readdirSync(GOLDEN, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

function directoryOf(name: string): FaultDisk {
  const disk = new FaultDisk();
  const folder = `${GOLDEN}${name}/version-2`;
  for (const file of readdirSync(folder))
    disk.put(`${DIRECTORY}/${file}`, readFileSync(`${folder}/${file}`));
  return disk;
}

function expectedOf(name: string): string {
  return readFileSync(`${GOLDEN}${name}/expected.txt`, "utf8");
}

async function loadFrom(
  disk: FaultDisk,
  settings: Partial<StorageSettings> = {},
): Promise<Loaded & { storage: Storage; log: Lines }> {
  const log = new Lines();
  const storage = await Storage.open(platformOn(disk, log), { ...SETTINGS, ...settings }, log, {
    onFatal: (error) => assert.fail(error),
  });
  return { ...(await load(storage)), storage, log };
}

test("there are goldens of every generation", () => {
  assert.deepEqual(NAMES, [
    "java34",
    "java38",
    "java38-gz",
    "java39",
    "java39-log",
    "java39-malformed",
    "java39-plain",
    "java39-snappy",
  ]);
});

for (const name of NAMES) {
  test(`the directory ${name} of a killed Java server is what Java makes of it`, async () => {
    const loaded = await loadFrom(directoryOf(name));
    assert.equal(describe(loaded), expectedOf(name));
    assert.deepEqual(loaded.mismatches, []);
    assert.deepEqual(
      loaded.log.lines.filter((line) => !line.startsWith("INFO")),
      [],
    );
  });

  test(`the directory ${name} is the same when any of its snapshots is damaged`, async () => {
    const snapshots = directoryOf(name)
      .paths()
      .filter((path) => path.includes("/snapshot."));
    for (const path of snapshots) {
      const disk = directoryOf(name);
      disk.damage(path, (content) => content.subarray(0, content.length - 3));
      assert.equal(describe(await loadFrom(disk)), expectedOf(name), path);
    }
  });

  test(`the directory ${name} is the same from a snapshot of ours, however it is written`, async () => {
    const settings: Partial<StorageSettings>[] = [
      { snapshotCompression: "" },
      { snapshotCompression: "gz" },
      { snapshotCompression: "snappy" as Compression },
      { digestEnabled: false },
      { serializeLastProcessedZxid: false },
      { digestEnabled: false, serializeLastProcessedZxid: false },
    ];
    for (const one of settings) {
      const disk = directoryOf(name);
      const { storage, tree } = await loadFrom(disk, one);
      for (const path of disk.paths().filter((file) => file.includes("/snapshot.")))
        disk.delete(path);
      await new Promise<void>((resolve, reject) => {
        storage.startSnapshot(tree.beginSnapshot(), (error) => (error ? reject(error) : resolve()));
      });
      for (const path of disk.paths().filter((file) => file.includes("/log."))) disk.delete(path);
      assert.equal(describe(await loadFrom(disk)), expectedOf(name), JSON.stringify(one));
    }
  });
}

test("a fresh tree's snapshot has Java's bytes, in the order of our nodes", async () => {
  const disk = directoryOf("java39");
  for (const path of disk.paths()) if (!path.endsWith("/snapshot.0")) disk.delete(path);
  const original = disk.readFile(`${DIRECTORY}/snapshot.0`);
  const { storage, tree } = await loadFrom(disk);
  await new Promise<void>((resolve) => {
    storage.startSnapshot(tree.beginSnapshot(), () => resolve());
  });
  const ours = disk.readFile(`${DIRECTORY}/snapshot.0`);
  assert.equal(ours.length, original.length);
  // What follows is seals and the digest, which Java does not have before the first transaction.
  const nodesEnd = original.length - 3 * 13 - 28;
  const sorted = (bytes: Buffer) =>
    Buffer.from(bytes.subarray(0, nodesEnd).toSorted()).toString("hex");
  assert.equal(sorted(ours), sorted(original));
});

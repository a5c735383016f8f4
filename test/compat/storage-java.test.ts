// Our data directories in Java's hands: what we wrote (a snapshot in each form, a log after it, no clean stop) is loaded by
// Java's own classes, and must be the tree, the sessions and the digest that we have.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { applyTxn, decodeTxnRecord, encodeTxnRecord } from "../../src/operations/transactions.js";
import { createNodePlatform } from "../../src/platform/node/platform.js";
import { DEFAULT_STORAGE_SETTINGS, type StorageSettings } from "../../src/storage/settings.js";
import { Storage } from "../../src/storage/storage.js";
import { DataTree } from "../../src/tree/data-tree.js";
import { DIGEST_VERSION } from "../../src/tree/digest.js";
import { DEFAULT_TREE_SETTINGS } from "../../src/tree/tree-settings.js";
import type { SessionId, Zxid } from "../../src/wire/ids.js";
import { OpCode } from "../../src/wire/op-codes.js";
import { Lines } from "../storage/fixture.js";
import { describe, type Loaded, load } from "../storage/state.js";
import { classPath, peerTest, REPOSITORY } from "./peers.js";

const GOLDEN = join(REPOSITORY, "test/golden/storage");

interface Life extends Loaded {
  readonly storage: Storage;
}

async function start(directory: string, settings: Partial<StorageSettings>): Promise<Life> {
  const log = new Lines();
  const all = {
    ...DEFAULT_STORAGE_SETTINGS,
    dataDir: directory,
    dataLogDir: directory,
    ...settings,
  };
  const platform = { ...createNodePlatform(), log };
  const storage = await Storage.open(platform, all, log, {
    onFatal: (error) => assert.fail(error),
  });
  return { storage, ...(await load(storage, all.digestEnabled)) };
}

/** Sessions, nodes with and without data, a delete, and a failed request, as the pipeline would log them. */
async function live({ tree, storage }: Life, rounds: number): Promise<void> {
  const acl = [{ perms: 31, id: { scheme: "world", id: "anyone" } }];
  let zxid: number = storage.appendedZxid;
  const log = (type: number, txn: unknown) => {
    zxid++;
    const header = {
      clientId: 77n as SessionId,
      cxid: zxid,
      zxid: zxid as Zxid,
      time: 1_700_000_000_000,
      type,
    };
    applyTxn(tree, decodeTxnRecord(encodeTxnRecord(header, txn, undefined)));
    const { high, low } = tree.digest;
    const digest =
      type === OpCode.error || !tree.settings.digestEnabled
        ? undefined
        : { version: DIGEST_VERSION, high, low };
    const bytes = encodeTxnRecord(header, txn, digest);
    assert.equal(decodeTxnRecord(bytes).header.zxid, zxid);
    storage.append(bytes, zxid as Zxid);
  };
  log(OpCode.createSession, { timeOut: 30_000 });
  for (let i = 0; i < rounds; i++) {
    const path = `/zooid-${zxid}`;
    const create = (name: string, data: Buffer | null, ephemeral = false) =>
      log(OpCode.create, { path: name, data, acl, ephemeral, parentCVersion: -1 });
    create(path, Buffer.alloc(i * 37, i));
    create(`${path}/null`, null);
    create(`${path}/ä€`, Buffer.alloc(0), true);
    create(`${path}/gone`, Buffer.from("x"));
    log(OpCode.error, { err: -101 });
    log(OpCode.delete, { path: `${path}/gone` });
    log(OpCode.setData, { path, data: Buffer.from(`data ${i}`), version: 1 });
    await new Promise<void>((resolve, reject) => {
      storage.flush((error) => (error ? reject(error) : resolve()));
    });
  }
}

function snapshot({ storage, tree }: Life): Promise<void> {
  return new Promise((resolve, reject) => {
    storage.startSnapshot(tree.beginSnapshot(), (error) => (error ? reject(error) : resolve()));
  });
}

function dumpByJava(
  kind: "java38" | "java39",
  work: string,
  directory: string,
  flags: string[],
): string {
  const copy = join(work, `copy-${readdirSync(work).length}`);
  cpSync(directory, copy, { recursive: true });
  const path = `${work}:${classPath(kind)}`;
  const options = [
    "-Xmx256m",
    "-XX:TieredStopAtLevel=1",
    "-Dzookeeper.extendedTypesEnabled=true",
    ...flags,
  ];
  return execFileSync("java", [...options, "-cp", path, "DumpState", copy, copy], {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    stdio: ["ignore", "pipe", "pipe"],
  });
}

function inDirectory(run: (work: string, directory: string) => Promise<void>): () => Promise<void> {
  return async () => {
    const work = mkdtempSync(join(tmpdir(), "zooid-storage-"));
    try {
      execFileSync("javac", [
        "-cp",
        classPath("java39"),
        "-d",
        work,
        join(GOLDEN, "DumpState.java"),
      ]);
      await run(work, join(work, "data"));
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  };
}

const FORMS: [string, Partial<StorageSettings>, string[]][] = [
  ["plain", {}, []],
  ["gz", { snapshotCompression: "gz" }, []],
  ["snappy", { snapshotCompression: "snappy" }, []],
  [
    "without digest and zxid",
    { digestEnabled: false, serializeLastProcessedZxid: false },
    ["-Dzookeeper.digest.enabled=false", "-Dzookeeper.serializeLastProcessedZxid.enabled=false"],
  ],
];

for (const kind of ["java38", "java39"] as const) {
  for (const [form, settings, flags] of FORMS) {
    peerTest(
      `${kind} loads what we wrote, snapshot ${form}, and finds the same state`,
      ["java38", "java39", "javac"],
      inDirectory(async (work, directory) => {
        const life = await start(directory, settings);
        await snapshot(life);
        assert.equal(dumpByJava(kind, work, directory, flags), describe(life));
        await live(life, 40);
        const midway = snapshot(life);
        await live(life, 30);
        await midway;
        await live(life, 5);
        // No clean stop: the log ends in zeros.
        const lastZxid = life.storage.syncedZxid;
        const expected = describe({ ...life, lastZxid });
        assert.equal(dumpByJava(kind, work, directory, flags), expected);
        const again = await start(directory, settings);
        assert.equal(describe(again), expected);
        assert.deepEqual(again.mismatches, []);
      }),
    );
  }

  peerTest(
    `${kind} does not start in a directory of a checkpoint, and does after it was given up`,
    ["java38", "java39", "javac"],
    inDirectory(async (work, directory) => {
      // One began with snapshots, the other never had any.
      const beforehand = kind === "java38" ? {} : { snapshotStore: "lmdb" as const };
      const first = await start(directory, beforehand);
      await snapshot(first);
      await live(first, 3);
      await new Promise<void>((resume) => first.storage.close(resume));
      const life = await start(directory, { snapshotStore: "lmdb" });
      await snapshot(life);
      await live(life, 3);
      await new Promise<void>((resume) => life.storage.close(resume));
      // It must not begin anew, nor with the logs alone: it says that it has nothing to begin with.
      assert.throws(
        () => dumpByJava(kind, work, directory, []),
        /Not able to find valid snapshots/,
      );
      const back = await start(directory, { snapshotStore: "file" });
      await snapshot(back);
      assert.equal(dumpByJava(kind, work, directory, []), describe(back));
    }),
  );

  peerTest(
    `${kind} loads a directory of Java's that we have gone on with`,
    ["java38", "java39", "javac"],
    inDirectory(async (work, directory) => {
      for (const name of ["java34", "java38", "java39-snappy"]) {
        rmSync(directory, { recursive: true, force: true });
        cpSync(join(GOLDEN, name), directory, { recursive: true });
        const life = await start(directory, {});
        await live(life, 3);
        const expected = describe({ ...life, lastZxid: life.storage.syncedZxid });
        assert.equal(dumpByJava(kind, work, directory, []), expected, name);
      }
    }),
  );
}

peerTest(
  "java39 loads a snapshot of many slices, in each form",
  ["java38", "java39", "javac"],
  inDirectory(async (work, directory) => {
    const tree = new DataTree(DEFAULT_TREE_SETTINGS);
    const acl = [{ perms: 31, id: { scheme: "world", id: "anyone" } }];
    for (let i = 1; i <= 20_000; i++) {
      const data = Buffer.from(`${i} `.repeat(i % 40));
      tree.createNode(`/n${i}`, data, acl, 0n, -1, i as Zxid, 1_700_000_000_000 + i);
    }
    tree.lastProcessedZxid = 20_000 as Zxid;
    for (const snapshotCompression of ["", "gz", "snappy"] as const) {
      rmSync(directory, { recursive: true, force: true });
      const life = await start(directory, { snapshotCompression });
      await snapshot({ ...life, tree });
      const expected = describe({ tree, lastZxid: 20_000 as Zxid, mismatches: [] });
      assert.equal(dumpByJava("java39", work, directory, []), expected, snapshotCompression);
      assert.equal(describe(await start(directory, {})), expected, snapshotCompression);
    }
  }),
);

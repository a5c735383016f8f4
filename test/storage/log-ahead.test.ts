// Logs that another thread reads ahead, behind a large snapshot, give what this thread would have made of them: the same state,
// or the same refusal.

import assert from "node:assert/strict";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { encodeTxnRecord } from "../../src/operations/transactions.js";
import { createNodePlatform } from "../../src/platform/node/platform.js";
import { NodeThreads } from "../../src/platform/node/threads.js";
import type { Threads } from "../../src/platform/threads.js";
import { LogPassing } from "../../src/storage/log-passing.js";
import { LogReader } from "../../src/storage/log-reader.js";
import { Storage } from "../../src/storage/storage.js";
import { SyncMarks } from "../../src/storage/sync-marks.js";
import { DataTree } from "../../src/tree/data-tree.js";
import type { SessionId, Zxid } from "../../src/wire/ids.js";
import { OpCode } from "../../src/wire/op-codes.js";
import { ANYONE, zxid } from "../tree/support.js";
import { Lines, SETTINGS } from "./fixture.js";
import { load } from "./state.js";

const SNAPSHOT_NODES = 300;
const RECORDS_IN_A_LOG = 5000;
const LOGS = 3;

const platform = createNodePlatform({ log: { level: "ERROR" } });
let started = 0;
const threads: Threads = {
  start(...args) {
    started++;
    return new NodeThreads().start(...args);
  },
};
const directory = mkdtempSync(join(tmpdir(), "zooid-logs-ahead-"));
const whole = join(directory, "whole");
const copy = join(directory, "copy");
after(() => rmSync(directory, { recursive: true }));

async function open(
  dataDir: string,
  isAhead: boolean,
): Promise<{ storage: Storage; lines: Lines }> {
  const lines = new Lines();
  const here = { ...platform, threads: isAhead ? threads : undefined };
  const settings = { ...SETTINGS, dataDir, dataLogDir: dataDir };
  const storage = await Storage.open(here, settings, lines, {
    onFatal(error) {
      throw error;
    },
  });
  return { storage, lines };
}

const closed = (storage: Storage) => new Promise<void>((resolve) => storage.close(resolve));

const dataOf = (last: number) => Buffer.alloc(last % 400, last);

function createRecord(last: Zxid): Buffer {
  const header = {
    clientId: 1n as SessionId,
    cxid: 1,
    zxid: last,
    time: last,
    type: OpCode.create,
  };
  const path = `/a/${last}`;
  return encodeTxnRecord(
    header,
    { path, data: dataOf(last), acl: ANYONE, ephemeral: false, parentCVersion: last },
    undefined,
  );
}

/** The newest snapshot is one of a state in the middle of the first log. */
async function takeSnapshot(storage: Storage, tree: DataTree, until: Zxid): Promise<void> {
  for (let i = SNAPSHOT_NODES + 1; i <= until; i++) {
    tree.createNode(`/a/${i}`, dataOf(i), ANYONE, 0n, i, zxid(i), i);
    tree.txnApplied(zxid(i));
  }
  await new Promise<void>((resolve, reject) =>
    storage.startSnapshot(tree.beginSnapshot(), (error) => (error ? reject(error) : resolve())),
  );
}

before(async () => {
  mkdirSync(whole);
  const tree = new DataTree();
  tree.createNode("/a", null, ANYONE, 0n, 1, zxid(1), 1);
  for (let i = 2; i <= SNAPSHOT_NODES; i++) {
    tree.createNode(`/a/${i}`, Buffer.alloc(60_000, i), ANYONE, 0n, i, zxid(i), i);
  }
  tree.txnApplied(zxid(SNAPSHOT_NODES));
  const { storage } = await open(whole, false);
  await storage.adopt(tree.beginSnapshot());
  await closed(storage);
  let last = SNAPSHOT_NODES;
  for (let log = 0; log < LOGS; log++) {
    const { storage } = await open(whole, false);
    const { tree } = await load(storage);
    for (let i = 0; i < RECORDS_IN_A_LOG; i++)
      storage.append(createRecord(zxid(++last)), zxid(last));
    if (log === 0) await takeSnapshot(storage, tree, zxid(RECORDS_IN_A_LOG / 2));
    await closed(storage);
  }
});

/** What a start makes of the directory, in words. */
async function start(
  isAhead: boolean,
  change: (log: (n: number) => string) => void,
): Promise<string[]> {
  rmSync(copy, { recursive: true, force: true });
  cpSync(whole, copy, { recursive: true });
  const logs = readdirSync(join(copy, "version-2")).filter((name) => name.startsWith("log."));
  logs.sort((a, b) => Number.parseInt(a.slice(4), 16) - Number.parseInt(b.slice(4), 16));
  assert.equal(logs.length, LOGS);
  change((n) => join(copy, "version-2", logs[n]!));
  const { storage, lines } = await open(copy, isAhead);
  try {
    const { tree, lastZxid } = await load(storage);
    const state = `${lastZxid} ${tree.digest.toBigInt()} ${tree.nodeCount} ${tree.approximateDataSize}`;
    return [state, ...lines.lines, ...readdirSync(join(copy, "version-2"))];
  } catch (error) {
    return [`${error}`, ...lines.lines];
  } finally {
    await closed(storage);
  }
}

function edit(path: string, change: (bytes: Buffer) => Buffer): void {
  writeFileSync(path, change(readFileSync(path)));
}

/** Where the records end. */
function endOf(bytes: Buffer): number {
  let end = bytes.length;
  while (bytes[end - 1] === 0) end--;
  return end;
}

function flip(bytes: Buffer, at: number): Buffer {
  bytes[at]! ^= 0x55;
  return bytes;
}

const CHANGES: Readonly<Record<string, (log: (n: number) => string) => void>> = {
  "is whole": () => {},
  "is torn at its end": (log) => edit(log(2), (bytes) => bytes.fill(0, endOf(bytes) - 100)),
  "has a torn end that the next log continues": (log) =>
    edit(log(1), (bytes) => Buffer.concat([bytes.subarray(0, endOf(bytes)), Buffer.alloc(70, 3)])),
  "has a byte in its middle that is another": (log) =>
    edit(log(1), (bytes) => flip(bytes, endOf(bytes) >> 1)),
  "has a byte that is another where the snapshot has the same": (log) =>
    edit(log(0), (bytes) => flip(bytes, endOf(bytes) >> 2)),
  "has a first record that is damaged": (log) => edit(log(2), (bytes) => flip(bytes, 60)),
  "has no header": (log) => edit(log(2), () => Buffer.alloc(100)),
  "is missing": (log) => rmSync(log(1)),
  "is there twice": (log) => edit(log(1), (bytes) => twice(bytes)),
};

/** The first two records again, at the end. */
function twice(bytes: Buffer): Buffer {
  const length = 13 + bytes.readInt32BE(16 + 8);
  return Buffer.concat([bytes.subarray(0, endOf(bytes)), bytes.subarray(16, 16 + length)]);
}

for (const [what, change] of Object.entries(CHANGES)) {
  test(`a log that ${what} is the same to both threads`, async () => {
    started = 0;
    assert.deepEqual(await start(true, change), await start(false, change));
    assert.equal(started, 1);
  });
}

test("what a snapshot has is passed over as far as it goes, and no further", () => {
  const directory = join(whole, "version-2");
  const log = readdirSync(directory).find((name) => /^log\.12d$/.test(name));
  const path = join(directory, log!);
  const base = zxid(RECORDS_IN_A_LOG / 2);
  const passing = new LogPassing(platform.disk, path, base, 100);
  while (passing.step());
  assert.equal(passing.step(), false);
  const marks = new SyncMarks(100);
  const reader = new LogReader(platform.disk, path);
  for (let last = SNAPSHOT_NODES; last < base; last++) {
    assert.ok(reader.next());
    marks.note(reader.recordOffset);
  }
  assert.equal(reader.zxid, base);
  reader.close();
  assert.equal(passing.offset, reader.offset);
  assert.equal(passing.marks.startBefore(reader.offset), marks.startBefore(reader.offset));
  const end = 2 ** 31;
  assert.equal(passing.marks.startBefore(end), marks.startBefore(end));
  assert.ok(marks.startBefore(end) > 0);
});

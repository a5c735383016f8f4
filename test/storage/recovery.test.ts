// Each rule of src/storage/recovery.ts has a test with its name.

import assert from "node:assert/strict";
import { test } from "node:test";
import { FatalError } from "../../src/errors.js";
import { adler32 } from "../../src/storage/adler32.js";
import type { StorageSettings } from "../../src/storage/settings.js";
import type { Zxid } from "../../src/wire/ids.js";
import { FaultDisk } from "./fault-disk.js";
import {
  append,
  DIRECTORY,
  flush,
  Model,
  type Opened,
  open,
  record,
  snapshot,
  write,
} from "./fixture.js";

const RECORD = 13 + 32 + 100;

/** Snapshot 0, then logs that begin at these zxids, up to the last. */
async function history(starts: readonly number[], last: number): Promise<FaultDisk> {
  const disk = new FaultDisk();
  for (const [i, start] of starts.entries()) {
    const opened = await open(disk);
    if (i === 0) await snapshot(opened);
    await write(opened, start, (starts[i + 1] ?? last + 1) - 1, 100);
    await new Promise<void>((resume) => opened.storage.close(resume));
  }
  return disk;
}

async function refusal(disk: FaultDisk, settings: Partial<StorageSettings> = {}): Promise<string> {
  try {
    await open(disk, settings);
  } catch (error) {
    assert.ok(error instanceof FatalError, String(error));
    assert.equal(error.message.includes("\n"), false);
    return error.message;
  }
  return assert.fail("It was not refused");
}

function warnings(opened: Opened): string[] {
  return opened.log.lines.filter((line) => line.startsWith("WARN"));
}

function logOf(...zxids: number[]): Buffer {
  const parts: Buffer[] = [Buffer.from("5a4b4c47000000020000000000000000", "hex")];
  for (const zxid of zxids) parts.push(framed(record(zxid as Zxid, 100)));
  return Buffer.concat(parts);
}

function errorTxn(zxid: number): Buffer {
  const payload = record(zxid as Zxid, 4);
  payload.writeInt32BE(-1, 28);
  return payload;
}

function framed(payload: Buffer): Buffer {
  const prefix = Buffer.alloc(12);
  prefix.writeUInt32BE(adler32(payload, 0, payload.length), 4);
  prefix.writeUInt32BE(payload.length, 8);
  return Buffer.concat([prefix, payload, Buffer.from("B")]);
}

test("a torn end of the last log is cut off, kept aside, and never seen again", async () => {
  const disk = await history([1], 5);
  const path = `${DIRECTORY}/log.1`;
  disk.damage(path, (content) => content.fill(0, 16 + 4 * RECORD + 60));
  const opened = await open(disk);
  assert.equal(opened.recovered.lastZxid, 4);
  assert.match(
    warnings(opened)[0]!,
    /log\.1 ends at offset 596 with a write that was cut short .*after zxid 0x4\./,
  );
  assert.equal(disk.stat(path)?.sizeBytes, 16 + 4 * RECORD);
  assert.equal(disk.readFile(`${DIRECTORY}/torn.log.1.254`).length, 60);
  const again = await open(disk.afterPowerLoss(() => 0));
  assert.equal(again.recovered.lastZxid, 4);
  assert.deepEqual(warnings(again), []);
});

test("a torn write of many records whose middle sectors are missing is cut off whole", async () => {
  const disk = new FaultDisk();
  const first = await open(disk);
  await snapshot(first);
  await write(first, 1, 2, 100);
  for (let zxid = 3; zxid <= 30; zxid++) append(first, zxid, 100);
  await flush(first.storage);
  disk.damage(`${DIRECTORY}/log.1`, (content) => content.fill(0, 1024, 2048));
  const opened = await open(disk);
  assert.equal(opened.recovered.lastZxid, 6);
  assert.match(warnings(opened)[0]!, /cut short/);
});

test("a torn write whose first sector is missing is cut off, however little of a record was in it", async () => {
  for (let inFirst = 1; inFirst <= 16; inFirst++) {
    for (const more of [0, 3]) {
      const disk = new FaultDisk();
      const first = await open(disk);
      await snapshot(first);
      // The second record begins so many bytes before the end of the log's third sector.
      await write(first, 1, 1, 1536 - 16 - 13 - 32 - inFirst);
      for (let zxid = 2; zxid <= 2 + more; zxid++) append(first, zxid, 700);
      await flush(first.storage);
      disk.damage(`${DIRECTORY}/log.1`, (content) => content.fill(0, 1536 - inFirst, 1536));
      const what = `${inFirst} bytes, ${more} more records`;
      if (inFirst === 5) {
        // One byte of the checksum is not what it was: that may be damage.
        await assert.rejects(open(disk), /its checksum is wrong/, what);
        continue;
      }
      const opened = await open(disk);
      // Four bytes of it are zeros anyhow: then nothing is missing.
      assert.equal(opened.recovered.lastZxid, inFirst <= 4 ? 2 + more : 1, what);
      if (inFirst > 4) assert.match(warnings(opened)[0]!, /cut short/);
    }
  }
});

test("a torn write that lacks the last sector of a record is cut off, however little of a record was in it", async () => {
  for (let inLast = 1; inLast <= 4; inLast++) {
    const disk = new FaultDisk();
    const first = await open(disk);
    await snapshot(first);
    await write(first, 1, 1, 2048 - (13 + 32 + 700 - inLast) - 16 - 13 - 32);
    for (let zxid = 2; zxid <= 3; zxid++) append(first, zxid, 700);
    await flush(first.storage);
    disk.damage(`${DIRECTORY}/log.1`, (content) => {
      assert.equal(content[2047 + inLast], 0x42);
      return content.fill(0, 2048, 2048 + inLast);
    });
    assert.equal((await open(disk)).recovered.lastZxid, 1, `${inLast}`);
  }
});

test("a last log that is empty or has only zeros is moved aside", async () => {
  for (const content of [
    Buffer.alloc(0),
    Buffer.alloc(9),
    Buffer.alloc(65536),
    Buffer.from("ZKLG\0\0"),
  ]) {
    const disk = await history([1], 3);
    disk.put(`${DIRECTORY}/log.4`, content);
    const opened = await open(disk);
    assert.equal(opened.recovered.lastZxid, 3);
    assert.match(warnings(opened)[0]!, /log\.4 is the last log and has no header/);
    assert.equal(disk.stat(`${DIRECTORY}/log.4`), undefined);
    assert.ok(disk.stat(`${DIRECTORY}/headerless.log.4`));
    await write(opened, 4, 5);
    assert.equal((await open(disk)).recovered.lastZxid, 5);
  }
});

test("a last log with a header and no record is nothing to speak of", async () => {
  const disk = await history([1], 3);
  disk.put(`${DIRECTORY}/log.4`, Buffer.concat([logOf(), Buffer.alloc(1000)]));
  const opened = await open(disk);
  assert.equal(opened.recovered.lastZxid, 3);
  assert.deepEqual(warnings(opened), []);
  await write(opened, 4, 5);
  assert.equal((await open(disk.afterPowerLoss(() => 0))).recovered.lastZxid, 5);
});

test("a missing log in the middle is refused, with the file and the zxids", async () => {
  const disk = await history([1, 4, 7], 9);
  disk.delete(`${DIRECTORY}/log.4`);
  assert.match(
    await refusal(disk),
    /^Transactions are missing: \/data\/version-2\/log\.7 has zxid 0x7 at offset 16, after \/data\/version-2\/log\.1, where 0x4 must come next \(last one before: 0x3\)\. Restore/,
  );
});

test("a missing first log after a snapshot is refused", async () => {
  const disk = await history([1, 4], 6);
  disk.delete(`${DIRECTORY}/log.1`);
  assert.match(await refusal(disk), /log\.4 has zxid 0x4 at offset 16, where 0x1 must come next/);
});

test("a damaged end is not superseded by a log of a later epoch: what is missing between them could be anything", async () => {
  const epoch = 2 ** 32;
  for (const flipped of [1, 2, 3]) {
    const disk = new FaultDisk();
    const opened = await open(disk);
    await snapshot(opened);
    disk.put(`${DIRECTORY}/log.1`, logOf(1, 2, 3, 4));
    disk.put(`${DIRECTORY}/log.100000001`, logOf(epoch + 1, epoch + 2));
    disk.damage(`${DIRECTORY}/log.1`, (content) => {
      const at = 16 + flipped * RECORD + 60;
      return content.fill((content[at] as number) ^ 4, at, at + 1);
    });
    assert.match(
      await refusal(disk),
      new RegExp(`^Log /data/version-2/log\\.1 is damaged at offset ${16 + flipped * RECORD}`),
    );
  }
  // Torn, it was never acknowledged.
  const disk = new FaultDisk();
  await snapshot(await open(disk));
  disk.put(
    `${DIRECTORY}/log.1`,
    Buffer.concat([logOf(1, 2, 3), framed(record(4 as Zxid, 100)).subarray(0, 80)]),
  );
  disk.put(`${DIRECTORY}/log.100000001`, logOf(epoch + 1));
  assert.equal((await open(disk)).recovered.lastZxid, epoch + 1);
});

test("a bad record with good ones after it is refused, with both offsets", async () => {
  const disk = await history([1], 9);
  disk.damage(`${DIRECTORY}/log.1`, (content) =>
    content.fill(0x55, 16 + 3 * RECORD + 50, 16 + 3 * RECORD + 60),
  );
  assert.match(
    await refusal(disk),
    /^Log \/data\/version-2\/log\.1 is damaged at offset 451, after zxid 0x3: its checksum is wrong; the next whole one, zxid 0x5, is at offset 596\..*truncate -s 451/,
  );
});

test("zeros in the middle of a log are refused when they cannot be a torn write", async () => {
  const disk = new FaultDisk();
  const first = await open(disk, { preAllocBytes: 0 });
  await snapshot(first);
  for (let zxid = 1; zxid <= 40; zxid++) {
    append(first, zxid, 50_000);
    if (zxid % 10 === 0) await flush(first.storage);
  }
  disk.damage(`${DIRECTORY}/log.1`, (content) => content.fill(0, 4096, 8192));
  assert.match(await refusal(disk), /log\.1 is damaged at offset 16, after zxid 0x0/);
});

test("a damaged log that the next one continues was superseded", async () => {
  const disk = await history([1, 4], 6);
  disk.damage(`${DIRECTORY}/log.1`, (content) => {
    const tail = framed(record(4 as Zxid, 100)).subarray(0, 80);
    tail.copy(content, 16 + 3 * RECORD);
    return content;
  });
  const opened = await open(disk);
  assert.equal(opened.recovered.lastZxid, 6);
  assert.match(
    warnings(opened)[0]!,
    /log\.1 ends at offset 451 with what is no record .* continues without a gap/,
  );
});

test("a damaged log that the next one does not continue is refused", async () => {
  const disk = await history([1, 4], 6);
  disk.damage(`${DIRECTORY}/log.1`, (content) =>
    content.fill(0x77, 16 + 2 * RECORD + 40, 16 + 2 * RECORD + 43),
  );
  assert.match(
    await refusal(disk),
    /^Log \/data\/version-2\/log\.1 is damaged at offset 306, after zxid 0x2/,
  );
});

test("a whole last record that was altered is refused, not cut off", async () => {
  for (const at of [2, 5, 9, 11, 12, 50, RECORD - 1]) {
    const disk = await history([1], 4);
    disk.damage(`${DIRECTORY}/log.1`, (content) => {
      content[16 + 3 * RECORD + at]! ^= 0x40;
      return content;
    });
    assert.match(await refusal(disk), /is damaged at offset 451, after zxid 0x3/, `byte ${at}`);
  }
});

test("a snapshot that is damaged is passed over when the logs have everything up to it", async () => {
  const disk = await history([1, 4], 6);
  const opened = await open(disk);
  await snapshot(opened);
  await write(opened, 7, 8);
  disk.damage(`${DIRECTORY}/snapshot.6`, (content) => {
    content[40]! ^= 1;
    return content;
  });
  const again = await open(disk);
  assert.equal(again.recovered.snapshot?.zxid, 0);
  assert.deepEqual(again.model.applied, opened.model.applied);
  assert.match(warnings(again)[0]!, /problem reading snap file \/data\/version-2\/snapshot\.6: /);
});

test("a snapshot that is damaged is refused when the logs do not have what it contained", async () => {
  const disk = await history([1, 4], 6);
  const opened = await open(disk);
  await snapshot(opened);
  disk.delete(`${DIRECTORY}/log.4`);
  disk.damage(`${DIRECTORY}/snapshot.6`, (content) => content.subarray(0, 60));
  assert.match(
    await refusal(disk),
    /^Not able to find valid snapshots in \/data\/version-2: \/data\/version-2\/snapshot\.6 is damaged, and the logs after the beginning do not contain zxid 0x6\./,
  );
});

test("an empty snapshot with nothing else is refused, unless it is that of an empty history", async () => {
  const disk = new FaultDisk();
  disk.put(`${DIRECTORY}/snapshot.10`, Buffer.alloc(0));
  assert.match(await refusal(disk), /snapshot\.10 is damaged/);
  const fresh = new FaultDisk();
  fresh.put(`${DIRECTORY}/snapshot.0`, Buffer.alloc(0));
  assert.equal((await open(fresh)).recovered.lastZxid, 0);
});

test("an older snapshot forgets what a newer one gave before it turned out to be damaged", async () => {
  const disk = await history([1], 3);
  const opened = await open(disk);
  opened.model.sessions.set(9n as never, 1);
  await snapshot(opened);
  disk.damage(`${DIRECTORY}/snapshot.3`, (content) => {
    content[content.length - 60]! ^= 1;
    return content;
  });
  assert.equal((await open(disk)).model.sessions.size, 0);
});

test("a snapshot without a log is enough", async () => {
  const disk = await history([1], 3);
  await snapshot(await open(disk));
  disk.delete(`${DIRECTORY}/log.1`);
  disk.delete(`${DIRECTORY}/snapshot.0`);
  const opened = await open(disk);
  assert.equal(opened.recovered.lastZxid, 3);
  await write(opened, 4, 4);
  assert.equal((await open(disk)).recovered.lastZxid, 4);
});

test("a log without a snapshot is accepted when it begins a history", async () => {
  for (const first of [1, 2 ** 32 + 1]) {
    const disk = new FaultDisk();
    disk.put(`${DIRECTORY}/log.${first.toString(16)}`, logOf(first, first + 1));
    const { recovered } = await open(disk);
    assert.equal(recovered.lastZxid, first + 1);
    assert.equal(recovered.needsSnapshot, true);
  }
});

test("a log without a snapshot is refused when it does not, unless snapshot.trust.empty is set", async () => {
  for (const first of [2, 2 ** 32 + 2, 2 * 2 ** 32 + 1]) {
    const disk = new FaultDisk();
    disk.put(`${DIRECTORY}/log.${first.toString(16)}`, logOf(first, first + 1));
    assert.match(
      await refusal(disk),
      /^No snapshot found, but there are log entries\. Something is broken! .*snapshot\.trust\.empty=true/,
    );
    const { recovered } = await open(disk, { trustEmptySnapshot: true });
    assert.equal(recovered.lastZxid, first + 1);
  }
});

test("a new epoch continues a log at its first transaction, and nowhere else", async () => {
  const epoch = 2 ** 32;
  const disk = await history([1], 3);
  disk.put(`${DIRECTORY}/log.${(3 * epoch + 1).toString(16)}`, logOf(3 * epoch + 1, 3 * epoch + 2));
  assert.equal((await open(disk)).recovered.lastZxid, 3 * epoch + 2);
  disk.put(`${DIRECTORY}/log.${(4 * epoch + 2).toString(16)}`, logOf(4 * epoch + 2));
  assert.match(await refusal(disk), /log\.400000002 has zxid 0x400000002/);
});

test("what a snapshot contains may have gaps in the log that goes on after it", async () => {
  const epoch = 2 ** 32;
  const disk = await history([1], 3);
  const opened = await open(disk);
  const last = (3 * epoch + 5) as Zxid;
  opened.model.apply(last, 20);
  await snapshot(opened);
  disk.put(`${DIRECTORY}/log.4`, logOf(4, 5, 2 * epoch + 1, 3 * epoch + 2, last + 1, last + 2));
  const again = await open(disk);
  assert.equal(again.recovered.lastZxid, last + 2);
  assert.equal(again.recovered.replayedTxns, 2);
});

test("a record that is logged twice is replayed once, when both are the same", async () => {
  const disk = await history([1], 4);
  disk.put(`${DIRECTORY}/log.5`, logOf(5, 4, 5, 6));
  const opened = await open(disk);
  assert.equal(opened.recovered.lastZxid, 6);
  assert.deepEqual(opened.model.zxids(), [1, 2, 3, 4, 5, 6]);
  assert.match(warnings(opened)[0]!, /2 transactions are in the logs twice/);
});

test("two records of one zxid that differ are refused", async () => {
  const disk = await history([1], 4);
  disk.put(
    `${DIRECTORY}/log.5`,
    Buffer.concat([logOf(5), framed(record(5 as Zxid, 99)), framed(record(6 as Zxid, 99))]),
  );
  assert.match(
    await refusal(disk),
    /^Transactions are out of order: .*log\.5 has zxid 0x5 at offset 161 after 0x5/,
  );
});

test("an error under a zxid that was given out before is skipped, wherever it is", async () => {
  const disk = await history([1], 4);
  // The server was restarted after 4 and could not decode its first request: the log is named after the error.
  disk.put(
    `${DIRECTORY}/log.4`,
    Buffer.concat([
      logOf(),
      framed(errorTxn(4)),
      logOf(5).subarray(16),
      framed(errorTxn(5)),
      logOf(6).subarray(16),
    ]),
  );
  const opened = await open(disk);
  assert.deepEqual(opened.model.zxids(), [1, 2, 3, 4, 5, 6]);
  assert.deepEqual(warnings(opened), []);
  // From a snapshot right before it, too: the transaction itself is in the log before.
  const model = new Model();
  for (const zxid of [1, 2, 3]) model.apply(zxid as Zxid, 132);
  await new Promise<void>((resume) => opened.storage.startSnapshot(model.source(), () => resume()));
  const again = await open(disk);
  assert.equal(again.recovered.snapshot?.zxid, 3);
  assert.deepEqual(again.model.applied, opened.model.applied);
});

test("an error under the zxid of a new leader that has not given out any is replayed", async () => {
  const disk = await history([1], 2);
  const epoch = 3 * 2 ** 32;
  disk.put(
    `${DIRECTORY}/log.${epoch.toString(16)}`,
    Buffer.concat([logOf(), framed(errorTxn(epoch)), logOf(epoch + 1).subarray(16)]),
  );
  assert.equal((await open(disk)).recovered.lastZxid, epoch + 1);
  disk.put(`${DIRECTORY}/log.${epoch.toString(16)}`, logOf(epoch));
  assert.match(await refusal(disk), /log\.300000000 has zxid 0x300000000/);
});

test("a transaction of an older epoch that was not there before is refused", async () => {
  const epoch = 2 ** 32;
  const disk = await history([1], 4);
  disk.put(`${DIRECTORY}/log.${(epoch + 1).toString(16)}`, logOf(epoch + 1, 5));
  assert.match(await refusal(disk), /^Transactions are out of order: .* has zxid 0x5 /);
});

test("a transaction that cannot be replayed is refused with its place", async () => {
  const disk = await history([1], 2);
  const { storage, model } = await open(disk);
  await assert.rejects(
    storage.recover(model, () => {
      throw new Error("no parent");
    }),
    /Cannot replay zxid 0x1, in \/data\/version-2\/log\.1 at offset 16: no parent/,
  );
});

test("an empty database is not trusted without db.autocreate, except after zkServer-initialize.sh", async () => {
  const disk = new FaultDisk();
  const untrusted = await open(disk, { dbAutocreate: false });
  assert.equal(untrusted.recovered.lastZxid, -1);
  assert.ok(untrusted.log.lines.includes("WARN Unexpected empty data tree, setting zxid to -1"));
  disk.put("/data/initialize", Buffer.alloc(0));
  // As often as it is killed before its first snapshot.
  for (let start = 0; start < 2; start++) {
    assert.equal((await open(disk, { dbAutocreate: false })).recovered.lastZxid, 0);
  }
  const trusted = await open(disk, { dbAutocreate: false });
  await snapshot(trusted);
  assert.equal(disk.stat("/data/initialize"), undefined);
});

test("a missing directory is refused without datadir.autocreate, with Java's words and exit code", async () => {
  await assert.rejects(open(new FaultDisk(), { datadirAutocreate: false }), {
    exitCode: 3,
    message:
      "Missing data directory /data/version-2, automatic data directory creation is disabled (zookeeper.datadir.autocreate is false). Please create this directory manually.",
  });
});

test("swapped or mixed directories are refused, with Java's words and exit code", async () => {
  const disk = new FaultDisk();
  disk.put("/data/version-2/log.1", logOf(1));
  await assert.rejects(open(disk, { dataLogDir: "/logs" }), {
    exitCode: 3,
    message:
      "Snapshot directory has log files. Check if dataLogDir and dataDir configuration is correct.",
  });
  const other = new FaultDisk();
  other.put("/logs/version-2/snapshot.0", logOf());
  await assert.rejects(open(other, { dataLogDir: "/logs" }), {
    exitCode: 3,
    message:
      "Log directory has snapshot files. Check if dataLogDir and dataDir configuration is correct.",
  });
});

test("a directory that cannot be written to is refused", async () => {
  const disk = new FaultDisk();
  await open(disk);
  disk.fault = "fail";
  disk.failureCode = "EROFS";
  disk.faultAt = disk.calls + 1;
  await assert.rejects(open(disk), {
    exitCode: 3,
    message: /^Cannot write to data directory \/data\/version-2: EROFS/,
  });
});

test("files with other names than Java's are left alone", async () => {
  const disk = await history([1], 3);
  for (const name of ["log.2.bak", "snapshot.9.tmp", "torn.log.1.10", "log.zz", "currentEpoch"]) {
    disk.put(`${DIRECTORY}/${name}`, Buffer.from("x"));
  }
  assert.equal((await open(disk)).recovered.lastZxid, 3);
});

test("any flipped bit in the log gives the same state or a refusal", async () => {
  const original = await history([1, 4], 6);
  const expected = (await open(original.afterKill())).model.applied;
  for (const name of ["log.1", "log.4"]) {
    const path = `${DIRECTORY}/${name}`;
    const length = original.readFile(path).findLastIndex((byte) => byte !== 0) + 40;
    await everyBit(original, path, length, expected);
  }
});

test("any flipped bit in a snapshot gives the same state or a refusal, in every format", async () => {
  for (const snapshotCompression of ["", "gz", "snappy"] as const) {
    const disk = new FaultDisk();
    const first = await open(disk, { snapshotCompression });
    await write(first, 1, 3);
    await snapshot(first);
    await write(first, 4, 4);
    disk.delete(`${DIRECTORY}/log.1`);
    const path = disk.paths().find((name) => name.includes("snapshot"))!;
    await everyBit(disk, path, disk.readFile(path).length, first.model.applied);
  }
});

async function everyBit(
  original: FaultDisk,
  path: string,
  length: number,
  expected: ReadonlyMap<Zxid, number>,
): Promise<void> {
  for (let bit = 0; bit < length * 8; bit++) {
    const disk = original.afterKill();
    disk.damage(path, (content) => {
      content[bit >> 3]! ^= 1 << (bit & 7);
      return content;
    });
    let recovered: Opened;
    try {
      recovered = await open(disk);
    } catch (error) {
      assert.ok(error instanceof FatalError, `bit ${bit} of ${path}: ${(error as Error).stack}`);
      continue;
    }
    assert.deepEqual(recovered.model.applied, expected, `bit ${bit} of ${path}`);
  }
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { makeZxid, type Zxid } from "../../src/wire/ids.js";
import { FaultDisk } from "./fault-disk.js";
import { append, flush, Model, type Opened, open, snapshot, write } from "./fixture.js";

const Z = (zxid: number) => zxid as Zxid;

/** Snapshots at 0, 4 and 8, the last transaction is 10. */
async function history(): Promise<{ disk: FaultDisk; opened: Opened }> {
  const disk = new FaultDisk();
  const opened = await open(disk);
  for (const zxid of [0, 4, 8]) {
    await snapshot(opened);
    await write(opened, zxid + 1, Math.min(zxid + 4, 10));
  }
  return { disk, opened };
}

test("a truncation takes back log, snapshots and later files, and the log goes on from there", async () => {
  for (const zxid of [10, 9, 8, 7, 5, 4, 3, 1, 0]) {
    const { disk, opened } = await history();
    assert.equal(await opened.storage.truncate(Z(zxid)), true);
    const model = new Model();
    const state = await opened.storage.recover(model, model.replay);
    assert.equal(state.lastZxid, zxid);
    await write({ ...opened, model }, zxid + 1, zxid + 2);
    const again = await open(disk.afterPowerLoss(() => 0));
    assert.equal(again.recovered.lastZxid, zxid + 2);
  }
});

test("a truncation to what cannot be recovered touches nothing", async () => {
  const { disk, opened } = await history();
  disk.delete("/data/version-2/snapshot.0");
  const before = disk.paths();
  for (const zxid of [11, 3, 2 ** 32 + 1])
    assert.equal(await opened.storage.truncate(Z(zxid)), false);
  assert.deepEqual(disk.paths(), before);
  await write(opened, 11, 12);
  assert.equal((await open(disk)).recovered.lastZxid, 12);
});

test("a power cut at any call of a truncation leaves some of the history, and no less than it was to be", async () => {
  for (let n = 1; ; n++) {
    const { disk, opened } = await history();
    disk.fault = "stop";
    disk.faultAt = disk.calls + n;
    let done = false;
    void opened.storage.truncate(Z(6)).then(() => {
      done = true;
    });
    while (!done && !disk.stopped) await new Promise(setImmediate);
    for (const choice of [0, 1]) {
      const after = await open(disk.afterPowerLoss((bound) => Math.min(choice, bound - 1)));
      const { lastZxid } = after.recovered;
      assert.ok(done ? lastZxid === 6 : lastZxid >= 6 && lastZxid <= 10, `call ${n}: ${lastZxid}`);
      assert.deepEqual(
        after.model.zxids(),
        Array.from({ length: lastZxid }, (_, i) => i + 1),
      );
    }
    if (done) return;
  }
});

test("an adopted snapshot is all there is, and what was there before never comes back", async () => {
  for (let n = 1; ; n++) {
    const { disk, opened } = await history();
    const adopted = new Model();
    for (const zxid of [2, 2 ** 32 + 3]) adopted.apply(Z(zxid), 30);
    disk.fault = "stop";
    disk.faultAt = disk.calls + n;
    let done = false;
    void opened.storage.adopt(adopted.source()).then(() => {
      done = true;
    });
    while (!done && !disk.stopped) await new Promise(setImmediate);
    for (const choice of [0, 1]) {
      const after = await open(disk.afterPowerLoss((bound) => Math.min(choice, bound - 1)));
      const zxids = after.model.zxids().join();
      const isNew = zxids === adopted.zxids().join();
      assert.ok(isNew || (!done && zxids === opened.model.zxids().join()), `call ${n}: ${zxids}`);
    }
    if (!done) continue;
    disk.fault = "none";
    append({ ...opened, model: adopted }, 2 ** 32 + 4);
    await flush(opened.storage);
    assert.deepEqual((await open(disk)).model.applied, adopted.applied);
    return;
  }
});

test("an adopted snapshot is all there is, also where the log went beyond it", async () => {
  const { disk, opened } = await history();
  const last = opened.model.zxids().at(-1)!;
  const adopted = new Model();
  adopted.apply(Z(2), 30);
  assert.ok(last > 2);
  await opened.storage.adopt(adopted.source());
  assert.deepEqual((await open(disk)).model.zxids(), adopted.zxids());
});

test("the log can be read from any transaction that it has", async () => {
  const { opened } = await history();
  for (const from of [1, 3, 5, 10]) {
    const zxids = [...opened.storage.iterate(Z(from))!].map(({ zxid }) => zxid);
    assert.deepEqual(
      zxids,
      Array.from({ length: 11 - from }, (_, i) => from + i),
    );
  }
});

test("a log that begins later than it is asked for is not read", async () => {
  const { disk, opened } = await history();
  disk.delete("/data/version-2/log.1");
  assert.equal(opened.storage.iterate(Z(3)), undefined);
  assert.ok(opened.storage.iterate(Z(5)));
});

test("a step of the log into another epoch is taken only where nothing can be missing before it", async () => {
  const disk = new FaultDisk();
  const opened = await open(disk);
  const [first, last, lost] = [makeZxid(1, 1), makeZxid(1, 3), makeZxid(2, 1)];
  await snapshot(opened);
  await write(opened, first, last);
  // Others have committed it and it is in the tree and a snapshot, when our own log has not been synced yet.
  opened.model.apply(lost, 30);
  await snapshot(opened);

  let again = await open(disk);
  assert.equal(again.recovered.lastZxid, lost);
  const zxidsFrom = (from: Zxid) =>
    [...(again.storage.iterate(from) ?? [])].map(({ zxid }) => zxid);
  const [next, end] = [makeZxid(3, 1), makeZxid(3, 2)];
  await write(again, next, end);
  assert.deepEqual(zxidsFrom(last), [last]);
  assert.deepEqual(zxidsFrom(lost), []);
  assert.deepEqual(zxidsFrom(makeZxid(3, 0)), []);
  assert.deepEqual(zxidsFrom(next), [next, end]);

  again = await open(disk);
  await write(again, makeZxid(4, 1), makeZxid(4, 1));
  assert.deepEqual(zxidsFrom(last), [last]);
  assert.deepEqual(zxidsFrom(end), [end, makeZxid(4, 1)]);
});

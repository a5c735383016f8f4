import assert from "node:assert/strict";
import { test } from "node:test";
import { Epochs } from "../../src/storage/epochs.js";
import type { Zxid } from "../../src/wire/ids.js";
import { FaultDisk } from "./fault-disk.js";
import { DIRECTORY, Lines } from "./fixture.js";

function load(disk: FaultDisk, lastZxid = 0, log = new Lines()): Promise<Epochs> {
  return Epochs.load(disk, log, DIRECTORY, lastZxid as Zxid);
}

function withFiles(accepted: string | undefined, current: string | undefined): FaultDisk {
  const disk = new FaultDisk();
  disk.put(`${DIRECTORY}/snapshot.0`, Buffer.alloc(0));
  if (accepted !== undefined) disk.put(`${DIRECTORY}/acceptedEpoch`, Buffer.from(accepted));
  if (current !== undefined) disk.put(`${DIRECTORY}/currentEpoch`, Buffer.from(current));
  return disk;
}

const EPOCH = 2 ** 32;

test("epochs that were never written are those of the last transaction, with Java's lines", async () => {
  const disk = withFiles(undefined, undefined);
  const log = new Lines();
  const epochs = await load(disk, 3 * EPOCH + 9, log);
  assert.deepEqual([epochs.accepted, epochs.current], [3, 3]);
  assert.deepEqual(log.lines, [
    "INFO currentEpoch not found! Creating with a reasonable default of 3. This should only happen when you are upgrading your installation",
    "INFO acceptedEpoch not found! Creating with a reasonable default of 3. This should only happen when you are upgrading your installation",
  ]);
  assert.equal(disk.readFile(`${DIRECTORY}/currentEpoch`).toString(), "3");
});

test("an epoch is believed only when it is durable", async () => {
  for (let n = 1; ; n++) {
    const disk = withFiles("4", "4");
    const epochs = await load(disk);
    disk.fault = "fail";
    disk.faultAt = disk.calls + n;
    const failed = await epochs.setAccepted(5).then(
      () => false,
      () => true,
    );
    assert.equal(epochs.accepted, failed ? 4 : 5);
    const after = await load(disk.afterPowerLoss(() => 0));
    if (!failed) {
      assert.equal(after.accepted, 5);
      return;
    }
    assert.ok(after.accepted === 4 || after.accepted === 5);
  }
});

test("a current epoch older than the last transaction is raised, and the accepted one with it", async () => {
  const disk = withFiles("3", "3");
  const log = new Lines();
  const epochs = await load(disk, 5 * EPOCH + 1, log);
  assert.deepEqual([epochs.accepted, epochs.current], [5, 5]);
  assert.match(
    log.lines[0]!,
    /^WARN The current epoch, 0x3, is older than the last zxid, 0x500000001/,
  );
  const again = await load(
    disk.afterPowerLoss(() => 0),
    5 * EPOCH + 1,
  );
  assert.deepEqual([again.accepted, again.current], [5, 5]);
});

test("an accepted epoch that is less than the current one is refused", async () => {
  await assert.rejects(
    load(withFiles("3", "4")),
    /^FatalError: The accepted epoch, 0x3 is less than the current epoch, 0x4/,
  );
});

test("an epoch file with anything else in it is refused, with Java's words", async () => {
  for (const text of ["", "x", "4 ", "-1", "99999999999999999999"]) {
    await assert.rejects(load(withFiles("9", text)), {
      message: `Found ${text} in ${DIRECTORY}/currentEpoch`,
    });
  }
});

test("epochs never go back, and none is entered that was not accepted", async () => {
  const epochs = await load(withFiles("5", "4\n"));
  await assert.rejects(epochs.setAccepted(4), /Cannot accept epoch 4 after 5/);
  await assert.rejects(epochs.setCurrent(3), /Cannot enter epoch 3 after 4/);
  await assert.rejects(epochs.setCurrent(6), /Cannot enter epoch 6 without having accepted it/);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { readSessionIdLimit, writeSessionIdLimit } from "../../src/storage/session-id-limit.js";
import { FaultDisk } from "./fault-disk.js";
import { DIRECTORY } from "./fixture.js";

test("the limit of session ids is unknown until it has been written, and survives a power cut from then on", async () => {
  const disk = new FaultDisk();
  disk.put(`${DIRECTORY}/snapshot.0`, Buffer.alloc(0));
  assert.equal(readSessionIdLimit(disk, DIRECTORY), undefined);
  await writeSessionIdLimit(disk, DIRECTORY, 2n ** 60n);
  await writeSessionIdLimit(disk, DIRECTORY, 2n ** 61n + 1n);
  const after = disk.afterPowerLoss(() => 0);
  assert.equal(readSessionIdLimit(after, DIRECTORY), 2n ** 61n + 1n);
});

test("a limit of session ids that is no number is refused, with what to do", () => {
  for (const content of ["", "12x", "-1"]) {
    const disk = new FaultDisk();
    disk.put(`${DIRECTORY}/sessionIds`, Buffer.from(content));
    assert.throws(
      () => readSessionIdLimit(disk, DIRECTORY),
      /^FatalError: Found .* in .*\/sessionIds: .* Remove the file if/,
    );
  }
});

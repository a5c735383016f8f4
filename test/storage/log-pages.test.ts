// What goes past the cache leaves the same log as what goes through it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { LOG_WRITE_MAX_BYTES } from "../../src/limits.js";
import { ALIGNED_BYTES } from "../../src/platform/cache-use.js";
import { LogPages } from "../../src/storage/log-pages.js";
import { SeededRandom } from "../sim/platform/random.js";
import { FaultDisk } from "./fault-disk.js";
import { append, DIRECTORY, flush, open } from "./fixture.js";

const FILE_BYTES = 256 * 1024;

/** Sizes around a page's, and others. */
const SIZES = [1, 16, 100, 700, ALIGNED_BYTES - 1, ALIGNED_BYTES, ALIGNED_BYTES + 1, 9000, 40_000];
const SMALL_SIZES = [1, 16, 100, 450];

function filled(bytes: number, random: SeededRandom): Buffer {
  return Buffer.alloc(bytes, 1 + random.integer(255));
}

test("batches of any size, some past the cache, follow one another in the file (100 logs)", () => {
  let past = 0;
  let through = 0;
  for (let seed = 0; seed < 100; seed++) {
    const random = new SeededRandom(seed);
    const pages = new LogPages(new FaultDisk(), random.pick([0, 500, 5000]));
    const expected = Buffer.alloc(FILE_BYTES);
    const file = Buffer.alloc(FILE_BYTES);
    const beginning = filled(random.pick(SIZES), random);
    pages.begin(beginning);
    beginning.copy(file);
    beginning.copy(expected);
    let sizes = SIZES;
    for (let position = beginning.length; ; ) {
      if (random.chance(0.05)) sizes = random.pick([SIZES, SMALL_SIZES]);
      const batch = filled(random.pick(sizes), random);
      if (position + batch.length > FILE_BYTES) break;
      batch.copy(expected, position);
      const written = pages.add(position, batch, FILE_BYTES);
      if (written === undefined) batch.copy(file, position);
      else {
        assert.equal(written.length % ALIGNED_BYTES, 0);
        const start = position - (position % ALIGNED_BYTES);
        assert.ok(start + written.length <= FILE_BYTES);
        written.copy(file, start);
      }
      if (written === undefined) through++;
      else past++;
      position += batch.length;
      assert.ok(file.equals(expected), `seed ${seed}, after ${position} bytes`);
    }
  }
  assert.ok(past > 500 && through > 500, `${past} past the cache, ${through} through it`);
});

test("small batches go past the cache only where large ones are not long gone", () => {
  const pages = new LogPages(new FaultDisk(), 1000);
  const isPast = (bytes: number) => pages.add(0, Buffer.alloc(bytes), FILE_BYTES) !== undefined;
  assert.equal(isPast(999), false);
  assert.equal(isPast(1000), true);
  for (let i = 0; i < 15; i++) assert.equal(isPast(999), true, `the small one ${i}`);
  assert.equal(isPast(999), false);
  assert.equal(isPast(1000), true);
});

test("a batch goes through the cache where pages would make the file longer, or are too many, or none is to go past it", () => {
  const disk = new FaultDisk();
  const always = new LogPages(disk, 0);
  const batch = Buffer.alloc(100);
  assert.equal(always.add(0, batch, ALIGNED_BYTES - 1), undefined);
  assert.equal(always.add(0, batch, ALIGNED_BYTES)?.length, ALIGNED_BYTES);
  const large = Buffer.alloc(LOG_WRITE_MAX_BYTES + 1);
  assert.equal(always.add(0, large, 4 * LOG_WRITE_MAX_BYTES), undefined);
  const never = new LogPages(disk, -1);
  assert.equal(never.add(0, Buffer.alloc(100_000), FILE_BYTES), undefined);
});

test("a log is the same to the byte, whatever of it went past the cache", async () => {
  const logs: Buffer[] = [];
  for (const txnLogDirectMinBytes of [-1, 0, 2000]) {
    const disk = new FaultDisk();
    const opened = await open(disk, { txnLogDirectMinBytes, preAllocBytes: 20_000 });
    const random = new SeededRandom(7);
    for (let zxid = 1; zxid <= 200; ) {
      for (let left = random.pick([1, 3, 12]); left > 0; left--) {
        append(opened, zxid++, random.pick([40, 300, 4000]));
      }
      await flush(opened.storage);
    }
    await new Promise<void>((resolve) => opened.storage.close(resolve));
    logs.push(disk.readFile(`${DIRECTORY}/log.1`));
  }
  const [through, past, some] = logs;
  assert.ok(through!.length > 100_000);
  assert.ok(past!.equals(through!));
  assert.ok(some!.equals(through!));
});

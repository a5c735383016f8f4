// What is behind a log's records, on a real disk: megabytes of zeros, or what should not be there.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { createNodePlatform } from "../../src/platform/node/platform.js";
import type { Disk } from "../../src/platform/platform.js";
import { LOG_HEADER_BYTES, writeLogHeader } from "../../src/storage/log-format.js";
import { LogReader } from "../../src/storage/log-reader.js";

const SIZE = 5 * 1024 * 1024 + 16;

describe("Behind a log's records", () => {
  const { disk } = createNodePlatform({ log: { level: "OFF" } });
  let directory: string;
  let path: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "zooid-log-tail-"));
    path = join(directory, "log.1");
  });

  afterEach(() => rmSync(directory, { recursive: true }));

  /** `at`: where there is a byte that is none of zeros. */
  function writeLog(at?: number): void {
    const bytes = Buffer.alloc(SIZE);
    writeLogHeader(bytes);
    if (at !== undefined) bytes[at] = 1;
    writeFileSync(path, bytes);
  }

  function endOf(reading: Disk, afterOpen = () => {}) {
    const reader = new LogReader(reading, path);
    try {
      afterOpen();
      assert.equal(reader.next(), false);
      return reader.end.kind;
    } finally {
      reader.close();
    }
  }

  test("There may be any number of zeros", () => {
    writeLog();
    assert.equal(endOf(disk), "end");
  });

  for (const at of [LOG_HEADER_BYTES + 20, 4095, 4096, 3_000_000, SIZE - 17, SIZE - 1]) {
    test(`A byte that is not zero is found at ${at}`, () => {
      writeLog(at);
      assert.equal(endOf(disk), "damage");
    });
  }

  for (const at of [undefined, SIZE - 1]) {
    const what = at === undefined ? "zeros" : "damage";
    test(`A log that is removed while it is read has the same ${what} behind it`, () => {
      writeLog(at);
      const kind = endOf(disk, () => rmSync(path));
      assert.equal(kind, at === undefined ? "end" : "damage");
    });
  }

  test("Nothing is left open", () => {
    let open = 0;
    const counting: Pick<Disk, "openForReading"> = {
      openForReading(...given) {
        const file = disk.openForReading(...given);
        open++;
        const close = file.close.bind(file);
        file.close = () => {
          open--;
          close();
        };
        return file;
      },
    };
    writeLog(SIZE - 1);
    assert.equal(endOf(counting as Disk), "damage");
    assert.equal(open, 0);
  });
});

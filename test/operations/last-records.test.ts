import assert from "node:assert/strict";
import { test } from "node:test";
import { LastRecords } from "../../src/operations/last-records.js";
import { ChangeRecord } from "../../src/operations/pending-tree.js";
import { PathHash, PathKey } from "../../src/tree/path-key.js";
import type { Zxid } from "../../src/wire/ids.js";

const record = (path: string): ChangeRecord => new ChangeRecord(path, 1 as Zxid);

test("The last records of paths are those that a Map would have, in whatever order they come, hide each other and go", () => {
  const last = new LastRecords(new PathKey(new PathHash(7)));
  const expected = new Map<string, ChangeRecord>();
  const paths = Array.from({ length: 10_000 }, (_, i) =>
    i === 0 ? "" : `/${"ä".repeat(i % 3)}${i}`,
  );
  const agree = () => {
    assert.equal(last.size, expected.size);
    for (const path of paths) assert.equal(last.get(path), expected.get(path));
  };
  for (let step = 0; step < 30_000; step++) {
    const path = paths[(step * 7919) % paths.length]!;
    const before = expected.get(path);
    if (before !== undefined && step % 5 === 0) {
      last.delete(before);
      expected.delete(path);
    } else {
      const newest = record(path);
      last.put(newest);
      expected.set(path, newest);
      // One that is hidden is not there: taking it out again takes nothing.
      if (before !== undefined) last.delete(before);
    }
  }
  agree();
  for (const each of [...expected.values()]) last.delete(each);
  expected.clear();
  agree();
  last.put(record("/again"));
  last.clear();
  assert.equal(last.get("/again"), undefined);
});

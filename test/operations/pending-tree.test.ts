import assert from "node:assert/strict";
import { test } from "node:test";
import { ChangeRecord, PendingTree } from "../../src/operations/pending-tree.js";
import { DataTree } from "../../src/tree/data-tree.js";
import { NodeKind } from "../../src/tree/ephemeral-type.js";
import type { Zxid } from "../../src/wire/ids.js";
import { writeSnapshot } from "../tree/support.js";
import * as ask from "./requests.js";
import { World } from "./world.js";

/** All that it says, and the bytes of its stat wherever they are. */
const said = ({ view, start, ...others }: ChangeRecord) => ({
  ...others,
  stat: Buffer.from(view.buffer, start, 60).toString("hex"),
});
const at = (zxid: number): Zxid => zxid as Zxid;

test("A record that is used again says nothing of what it said before", () => {
  const record = new ChangeRecord("/a", at(7));
  const numbers = { czxid: at(1), mzxid: at(2), pzxid: at(3), ctime: 4, mtime: 5, version: 6 };
  const others = {
    cversion: 7,
    aversion: 8,
    dataLength: 9,
    childCount: 10,
    contentDigest: 11,
    id: 12,
  };
  Object.assign(record, numbers, others, { digest: 12, digestBefore: 13, ephemeralOwner: 14n });
  const hidden = new ChangeRecord("/a", at(6));
  Object.assign(record, { kind: NodeKind.container, acl: [], exists: false, hidden });
  const isDigested = true;
  Object.assign(record, { isDigested, pathDigest: 15, isHidden: true });
  assert.notEqual(said(record).stat, said(new ChangeRecord("/a", at(7))).stat);
  const plain = new ChangeRecord("/c", at(9));
  assert.deepEqual(said(record.reset("/b", at(8))), said(new ChangeRecord("/b", at(8))));
  Object.assign(record, numbers, others, { kind: NodeKind.container, isDigested, hidden });
  assert.deepEqual(said(record.copy("/c", at(9), plain, plain.acl)), said(plain));
});

test("A record is used again only when its txn has been applied, and not by who still needs it", () => {
  const pending = new PendingTree(new DataTree(), true);
  const change = (path: string, zxid: number): ChangeRecord => {
    const record = pending.newRecord(path, at(zxid));
    pending.addNew(record, 0, null);
    return record;
  };
  const first = change("/a", 1);
  const second = change("/b", 2);
  assert.notEqual(second, first);
  pending.discardAppliedUpTo(at(1));
  const third = change("/c", 3);
  assert.equal(third, first);
  assert.equal(pending.find("/a"), undefined);
  assert.equal(pending.find("/b"), second);
  assert.equal(pending.find("/c"), third);
  pending.rollback(pending.mark() - 1);
  assert.equal(pending.find("/c"), undefined);
  assert.equal(pending.find("/b"), second);
});

test("A node that moves while a change of it is under way is found again when the change is applied", () => {
  const world = new World();
  const write = ({ type, body }: ask.Ask) => world.apply(world.prepare(type, body));
  const paths = Array.from({ length: 20_000 }, (_, i) => `/a/${1e7 + i}`);
  write(ask.create("/a"));
  for (const path of paths) write(ask.create(path));
  const kept = paths.filter((_, i) => i % 10 === 0);
  for (const [i, path] of paths.entries()) if (i % 10 !== 0) write(ask.remove(path, -1));
  // Twice each: the second stands upon the first, which has the place in the tree.
  const set = (text: string) => kept.map((path) => ask.set(path, text, -1));
  const records = [...set("first"), ...set("second")].map(({ type, body }) =>
    world.prepare(type, body),
  );
  const before = kept.map((path) => world.tree.get(path)!.id);
  writeSnapshot(world.tree.beginSnapshot());
  const moved = kept.filter((path, i) => world.tree.get(path)!.id !== before[i]);
  assert.ok(moved.length > kept.length / 2, `${moved.length} of ${kept.length} have moved`);
  for (const record of records) assert.equal(world.apply(record).error, 0);
  for (const path of kept) assert.equal(world.tree.get(path)!.data()!.toString(), "second");
  assert.deepEqual(world.mismatches, []);
});

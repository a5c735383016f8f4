import assert from "node:assert/strict";
import { test } from "node:test";
import { AclTable, DENY_ALL, OPEN_ACL_ID, OPEN_ACL_UNSAFE } from "../../src/tree/acl-table.js";
import type { ACL } from "../../src/wire/records.js";

function acl(perms: number, scheme: string | null, id: string | null): ACL {
  return { perms, id: { scheme, id } };
}

function ids(table: AclTable): number[] {
  return [...table.entries()].map(([id]) => id);
}

test("an ACL table gives one number to equal lists and counts their znodes", () => {
  const table = new AclTable();
  assert.equal(table.add([acl(1, "a", "b")]), 1);
  assert.equal(table.add([acl(1, "a", "b")]), 1);
  assert.equal(table.add([acl(2, "a", "b")]), 2);
  table.release(1);
  assert.deepEqual(ids(table), [1, 2]);
  table.release(1);
  assert.deepEqual(ids(table), [2]);
  assert.equal(table.add([acl(1, "a", "b")]), 3);
});

test("an ACL table has the open ACL under -1 for whoever gives none, and as a list like any other", () => {
  const table = new AclTable();
  assert.equal(table.add(null), OPEN_ACL_ID);
  assert.equal(table.size, 0);
  assert.equal(table.get(OPEN_ACL_ID), OPEN_ACL_UNSAFE);
  table.release(OPEN_ACL_ID);
  assert.equal(table.add(OPEN_ACL_UNSAFE), 1);
});

test("an ACL table takes no list for another one that reads alike", () => {
  const table = new AclTable();
  const lists = [
    [acl(1, "a", "b"), acl(1, "c", "d")],
    [acl(1, "c", "d"), acl(1, "a", "b")],
    [acl(1, "a", "b;1,1,c,1,d")],
    [acl(1, "a", null)],
    [acl(1, "a", "null")],
    [acl(1, null, "a")],
    [acl(1, "a,1", "b")],
    [acl(1, "a", "1,b")],
    [],
  ];
  assert.equal(new Set(lists.map((list) => table.add(list))).size, lists.length);
});

test("an ACL table forbids everything under a number that it does not know", () => {
  assert.equal(new AclTable().get(77), DENY_ALL);
});

test("an ACL table loads two numbers for one list and gives new znodes the later one", () => {
  const table = new AclTable();
  const list = [acl(1, "a", "b")];
  table.load(4, list);
  table.load(6, list);
  assert.ok(table.use(4) && table.use(6));
  table.purgeUnused();
  assert.deepEqual(ids(table), [4, 6]);
  assert.equal(table.add(list), 6);
  table.release(4);
  assert.equal(table.add(list), 6);
  assert.equal(table.add([]), 7);
});

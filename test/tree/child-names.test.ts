// Lists of children that are kept say what the tree says, and do not grow without end.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { JuteWriter } from "../../src/jute/writer.js";
import { OPEN_ACL_UNSAFE } from "../../src/tree/acl-table.js";
import { ChildNames } from "../../src/tree/child-names.js";
import { DataTree } from "../../src/tree/data-tree.js";
import type { Znode } from "../../src/tree/znode.js";
import type { Zxid } from "../../src/wire/ids.js";

function create(tree: DataTree, path: string): void {
  const zxid = (tree.lastProcessedZxid + 1) as Zxid;
  tree.createNode(path, null, OPEN_ACL_UNSAFE, 0n, -1, zxid, 0);
  tree.txnApplied(zxid);
}

function remove(tree: DataTree, path: string): void {
  const zxid = (tree.lastProcessedZxid + 1) as Zxid;
  tree.deleteNode(path, zxid);
  tree.txnApplied(zxid);
}

/** A parent with so many children. */
function family(tree: DataTree, parent: string, children: number): Znode {
  create(tree, parent);
  for (let i = 0; i < children; i++) create(tree, `${parent}/ä${i}`);
  return tree.get(parent)!;
}

function written(write: (out: JuteWriter) => number): { bytes: Buffer; count: number } {
  const out = new JuteWriter();
  // A reply has a head: the list does not begin at 0.
  out.int(7);
  const count = write(out);
  return { bytes: Buffer.from(out.view()), count };
}

function assertSame(tree: DataTree, node: Znode, names: ChildNames = tree.childNames): void {
  const kept = written((out) => names.write(node, out));
  assert.deepEqual(
    kept,
    written((out) => node.writeChildren(out)),
  );
}

test("a list of children is the same when it comes from memory, whatever happened in between", () => {
  const change = fc.tuple(fc.constantFrom("create", "delete", "set", "read"), fc.nat(30));
  fc.assert(
    fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
      const tree = new DataTree();
      family(tree, "/a", 20);
      for (const [kind, i] of changes) {
        if (kind === "create") create(tree, `/a/ä${i}`);
        else if (kind === "delete") remove(tree, `/a/ä${i}`);
        else if (kind === "set") tree.setData("/a", Buffer.from([i]), i, 99 as Zxid, 0);
        assertSame(tree, tree.get("/a")!);
      }
    }),
  );
});

test("a list stays when data change, and goes with its node", () => {
  const tree = new DataTree();
  const node = family(tree, "/a", 16);
  assertSame(tree, node);
  tree.setData("/a", Buffer.from("x"), 1, 99 as Zxid, 0);
  assert.equal(tree.childNames.size, 1);
  create(tree, "/a/another");
  assert.equal(tree.childNames.size, 0);
  assertSame(tree, node);
  remove(tree, "/a");
  assert.equal(tree.childNames.size, 0);
});

test("short lists are not kept, and of long ones those that were used last", () => {
  const tree = new DataTree();
  const [short, ...long] = [15, 20, 20, 20].map((children, i) => family(tree, `/${i}`, children));
  const names = new ChildNames(2);
  const read = (node: Znode) => written((out) => names.write(node, out));
  read(short!);
  assert.equal(names.size, 0);
  read(long[0]!);
  read(long[1]!);
  read(long[0]!);
  read(long[2]!);
  assert.equal(names.size, 2);
  names.forget(long[1]!.id);
  assert.equal(names.size, 2);
  names.forget(long[0]!.id);
  assert.equal(names.size, 1);
});

test("lists are kept up to so many bytes, and none at all where their number is 0", () => {
  const tree = new DataTree();
  const nodes = [20, 20, 400].map((children, i) => family(tree, `/${i}`, children));
  const bytes = written((out) => nodes[0]!.writeChildren(out)).bytes.length;
  const names = new ChildNames(100, bytes + 10);
  for (const node of nodes) assertSame(tree, node, names);
  assert.equal(names.size, 1);
  const none = new ChildNames(0);
  for (const node of nodes) assertSame(tree, node, none);
  assert.equal(none.size, 0);
});

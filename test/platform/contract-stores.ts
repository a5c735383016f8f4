// Stores on every platform: what was committed is there, in order, and nothing else.

import assert from "node:assert/strict";
import { STORE_KEY_MAX_BYTES, type Store } from "../../src/platform/stores.js";
import type { Contract, Subject } from "./contract.js";
import { diskFailure, putFile } from "./contract-disk.js";

const key = (text: string): Buffer => Buffer.from(text, "latin1");

function pathOf({ directory }: Subject): string {
  return `${directory}/store.mdb`;
}

function open(subject: Subject, mode: "create" | "open"): Promise<Store> {
  return subject.wait(subject.platform.stores.open(pathOf(subject), mode));
}

/** One transaction; undefined deletes. */
async function change(
  subject: Subject,
  store: Store,
  changes: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  const transaction = await subject.wait(store.begin());
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) transaction.delete(key(name));
    else transaction.put(key(name), Buffer.from(value));
  }
  return subject.wait(transaction.commit());
}

function content(store: Store): [string, string][] {
  const found: [string, string][] = [];
  for (const entry of store.entries()) {
    found.push([entry.key.toString("latin1"), entry.value.toString()]);
  }
  return found;
}

export const storesContract: Contract = {
  async "a store keeps what was committed, in the order of its keys' bytes"(subject) {
    const store = await open(subject, "create");
    assert.deepEqual(content(store), []);
    const written = await change(subject, store, {
      b: "2",
      "\u00ff": "last",
      a: "1",
      ab: "1b",
      "\u0000": "first",
    });
    assert.ok(written > 0);
    const all = [
      ["\u0000", "first"],
      ["a", "1"],
      ["ab", "1b"],
      ["b", "2"],
      ["\u00ff", "last"],
    ];
    assert.deepEqual(content(store), all);
    assert.equal(store.get(key("ab"))?.toString(), "1b");
    assert.equal(store.get(key("c")), undefined);
    await subject.wait(store.close());
    const again = await open(subject, "open");
    assert.deepEqual(content(again), all);
    await subject.wait(again.close());
  },

  async "a transaction sees its own changes; nobody else does before it is committed"(subject) {
    const store = await open(subject, "create");
    await change(subject, store, { a: "old", b: "old" });
    const transaction = await subject.wait(store.begin());
    transaction.put(key("a"), Buffer.from("new"));
    transaction.delete(key("b"));
    transaction.delete(key("not there"));
    assert.equal(transaction.get(key("a"))?.toString(), "new");
    assert.equal(transaction.get(key("b")), undefined);
    await subject.wait(transaction.commit());
    assert.deepEqual(content(store), [["a", "new"]]);
    await subject.wait(store.close());
  },

  async "a transaction may take many turns, and its keys and values are copied"(subject) {
    const store = await open(subject, "create");
    const transaction = await subject.wait(store.begin());
    const name = Buffer.alloc(4);
    const value = Buffer.alloc(100);
    for (let i = 0; i < 3000; i++) {
      name.writeUInt32BE(i);
      value.fill(i % 256);
      transaction.put(name, value);
      if (i % 1000 === 0) {
        const { clock } = subject.platform;
        await subject.wait(new Promise<void>((resume) => clock.setTimer(1, resume)));
      }
    }
    name.fill(0);
    await subject.wait(transaction.commit());
    let expected = 0;
    for (const entry of store.entries()) {
      assert.equal(entry.key.readUInt32BE(0), expected);
      assert.ok(entry.value.equals(Buffer.alloc(100, expected % 256)));
      expected++;
    }
    assert.equal(expected, 3000);
    await subject.wait(store.close());
  },

  async "a transaction that is given up has never been, and another may follow"(subject) {
    const store = await open(subject, "create");
    await change(subject, store, { a: "1" });
    const transaction = await subject.wait(store.begin());
    transaction.put(key("a"), Buffer.from("2"));
    transaction.put(key("b"), Buffer.from("2"));
    await subject.wait(transaction.abort());
    assert.deepEqual(content(store), [["a", "1"]]);
    await change(subject, store, { c: "3" });
    await subject.wait(store.close());
    const again = await open(subject, "open");
    assert.deepEqual(content(again), [
      ["a", "1"],
      ["c", "3"],
    ]);
    await subject.wait(again.close());
  },

  async "long keys and large values are kept"(subject) {
    const store = await open(subject, "create");
    const longest = "k".repeat(STORE_KEY_MAX_BYTES);
    const large = "v".repeat(1_500_000);
    await change(subject, store, { [longest]: large, empty: "" });
    assert.deepEqual(content(store), [
      ["empty", ""],
      [longest, large],
    ]);
    await subject.wait(store.close());
  },

  async "open() refuses a missing store, create() one that exists"(subject) {
    const path = pathOf(subject);
    await assert.rejects(open(subject, "open"), diskFailure("ENOENT", path));
    await subject.wait((await open(subject, "create")).close());
    await assert.rejects(open(subject, "create"), diskFailure("EEXIST", path));
  },

  async "a store may be renamed while it is closed"(subject) {
    const store = await open(subject, "create");
    await change(subject, store, { a: "1" });
    await subject.wait(store.close());
    const { disk, stores } = subject.platform;
    const path = `${subject.directory}/other.mdb`;
    await subject.wait(disk.rename(pathOf(subject), path));
    const again = await subject.wait(stores.open(path, "open"));
    assert.deepEqual(content(again), [["a", "1"]]);
    await change(subject, again, { b: "2" });
    await subject.wait(again.close());
    // The name is free for another.
    const fresh = await open(subject, "create");
    assert.deepEqual(content(fresh), []);
    await subject.wait(fresh.close());
  },

  async "what is no store is refused with EUCLEAN"(subject) {
    const path = pathOf(subject);
    for (const bytes of ["", "something else", "x".repeat(10_000)]) {
      await putFile(subject, path, bytes);
      await assert.rejects(open(subject, "open"), diskFailure("EUCLEAN", path));
      await subject.wait(subject.platform.disk.remove(path));
    }
  },

  async "a store that was cut short is refused with EUCLEAN"(subject) {
    const { disk } = subject.platform;
    const path = pathOf(subject);
    const store = await open(subject, "create");
    await change(subject, store, { a: "v".repeat(100_000) });
    await subject.wait(store.close());
    const file = await subject.wait(disk.openForWriting(path, "open"));
    await subject.wait(new Promise<void>((resume) => file.truncate(20_000, () => resume())));
    await subject.wait(new Promise<void>((resume) => file.close(() => resume())));
    await assert.rejects(open(subject, "open"), diskFailure("EUCLEAN", path));
  },
};

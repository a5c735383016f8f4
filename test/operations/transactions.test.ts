// Records: what old servers wrote is read, what nobody could read back is never written, and everything that was ever
// logged can be applied.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ProtocolError } from "../../src/errors.js";
import { closeSession } from "../../src/operations/close-session.js";
import { applyTxn, decodeTxnRecord, prepareRequest } from "../../src/operations/transactions.js";
import { DataTree } from "../../src/tree/data-tree.js";
import { ErrorCode } from "../../src/wire/error-codes.js";
import type { SessionId, Zxid } from "../../src/wire/ids.js";
import { OpCode } from "../../src/wire/op-codes.js";
import {
  writeCreateTxn,
  writeCreateTxnV0,
  writeDeleteTxn,
  writeSetDataTxn,
  writeTxnHeader,
} from "../../src/wire/records.js";
import * as ask from "./requests.js";
import { encoded, OPEN, SETTINGS, World } from "./world.js";

const SESSION = 5n as SessionId;

/** A record with nothing but a header, and what comes after it. */
function record(type: number, ...rest: readonly Buffer[]): Buffer {
  const header = { clientId: SESSION, cxid: 1, zxid: 7 as Zxid, time: 1000, type };
  return Buffer.concat([encoded((out) => writeTxnHeader(out, header)), ...rest]);
}

const DIGEST = Buffer.from("000000020000000000000003", "hex");

describe("decodeTxnRecord()", () => {
  const v0 = { path: "/old", data: Buffer.from("x"), acl: OPEN, ephemeral: true };

  test("reads a create without the parent's cversion, as servers before 3.4 wrote it", () => {
    const { txn, digest } = decodeTxnRecord(
      record(
        OpCode.create,
        encoded((out) => writeCreateTxnV0(out, v0)),
      ),
    );
    assert.deepEqual(txn, { ...v0, parentCVersion: -1 });
    assert.equal(digest, undefined);
  });

  test("reads a create without a digest, as servers before 3.6 wrote it", () => {
    const bytes = record(
      OpCode.create,
      encoded((out) => writeCreateTxn(out, { ...v0, parentCVersion: 3 })),
    );
    const { txn, digest } = decodeTxnRecord(bytes);
    assert.deepEqual(txn, { ...v0, parentCVersion: 3 });
    assert.equal(digest, undefined);
  });

  test("reads a closeSession with and without a list, with and without a digest", () => {
    const list = encoded((out) => {
      out.int(1);
      out.string("/e");
    });
    const none = Buffer.alloc(4);
    const rows: readonly (readonly [Buffer[], unknown, boolean])[] = [
      [[], null, false],
      [[DIGEST], null, true],
      [[none], { paths2Delete: [] }, false],
      [[none, DIGEST], { paths2Delete: [] }, true],
      [[list], { paths2Delete: ["/e"] }, false],
      [[list, DIGEST], { paths2Delete: ["/e"] }, true],
    ];
    for (const [rest, txn, hasDigest] of rows) {
      const decoded = decodeTxnRecord(record(OpCode.closeSession, ...rest));
      assert.deepEqual(decoded.txn, txn);
      assert.equal(decoded.digest !== undefined, hasDigest);
    }
  });

  test("reads a digest whose halves are negative", () => {
    const bytes = record(OpCode.error, Buffer.from("fffffff8" + "00000002fffffffffffffffe", "hex"));
    assert.deepEqual(decodeTxnRecord(bytes).digest, { version: 2, high: -1, low: -2 });
  });

  test("refuses types that no log has, and records that are cut", () => {
    for (const type of [0, OpCode.exists, OpCode.check, OpCode.ping, 99]) {
      assert.throws(() => decodeTxnRecord(record(type, DIGEST)), ProtocolError);
    }
    const whole = new World().prepare(OpCode.create, ask.create("/a").body).bytes;
    for (let length = 0; length < whole.length - 17; length++) {
      assert.throws(() => decodeTxnRecord(whole.subarray(0, length)), ProtocolError);
    }
  });

  test("refuses a multi with a part that is none", () => {
    const part = encoded((out) => {
      out.int(1);
      out.int(OpCode.multi);
      out.buffer(Buffer.alloc(4));
    });
    assert.throws(() => decodeTxnRecord(record(OpCode.multi, part)), ProtocolError);
  });
});

describe("applyTxn()", () => {
  test("counts the parent's cversion up for a create of before 3.4", () => {
    const tree = new DataTree(SETTINGS);
    const v0 = { path: "/old", data: null, acl: OPEN, ephemeral: false };
    const bytes = record(
      OpCode.create,
      encoded((out) => writeCreateTxnV0(out, v0)),
    );
    assert.equal(applyTxn(tree, decodeTxnRecord(bytes)).error, ErrorCode.ok);
    assert.equal(tree.get("/")!.cversion, 1);
    assert.equal(tree.lastProcessedZxid, 7);
  });

  test("raises the parent's cversion when replay finds the node there already (ZOOKEEPER-1046)", () => {
    for (const type of [OpCode.create, OpCode.create2]) {
      const tree = new DataTree(SETTINGS);
      const txn = { path: "/a", data: null, acl: OPEN, ephemeral: false, parentCVersion: 1 };
      applyTxn(
        tree,
        decodeTxnRecord(
          record(
            type,
            encoded((out) => writeCreateTxn(out, txn)),
          ),
        ),
      );
      const again = encoded((out) => writeCreateTxn(out, { ...txn, parentCVersion: 9 }));
      const result = applyTxn(tree, decodeTxnRecord(record(type, again)));
      assert.equal(result.error, ErrorCode.nodeExists);
      assert.equal(tree.get("/")!.cversion, 9);
    }
  });

  test("takes what replay over a fuzzy snapshot meets", () => {
    const tree = new DataTree(SETTINGS);
    const gone = { path: "/gone", data: null, version: 3 };
    const rows: readonly (readonly [number, Buffer])[] = [
      [OpCode.delete, encoded((out) => writeDeleteTxn(out, { path: "/gone" }))],
      [OpCode.delete, encoded((out) => writeDeleteTxn(out, { path: "/gone/child" }))],
      [OpCode.deleteContainer, encoded((out) => writeDeleteTxn(out, { path: "/gone" }))],
      [OpCode.setData, encoded((out) => writeSetDataTxn(out, gone))],
      [OpCode.reconfig, encoded((out) => writeSetDataTxn(out, gone))],
      [OpCode.setACL, ask.setAcl("/gone").body],
    ];
    for (const [type, txn] of rows) {
      assert.equal(applyTxn(tree, decodeTxnRecord(record(type, txn))).error, ErrorCode.noNode);
    }
  });

  test("tells of a digest that is not the tree's", () => {
    const world = new World();
    const prepared = world.prepare(OpCode.create, ask.create("/a").body);
    prepared.setDigest(prepared.digestVersion, prepared.digestHigh, prepared.digestLow ^ 1);
    applyTxn(world.tree, prepared);
    assert.equal(world.mismatches.length, 1);
  });

  test("advances the zxid also for an error", () => {
    const world = new World();
    const { error } = world.write(OpCode.create, ask.create("nowhere").body, { zxid: 9 as Zxid });
    assert.equal(error, ErrorCode.badArguments);
    assert.equal(world.tree.lastProcessedZxid, 9);
  });

  test("carries out a txn of 3.9 that ends other servers for good", () => {
    // Java: IllegalArgumentException or StringIndexOutOfBoundsException, at each start again.
    const world = new World();
    const requests = [
      ask.create("/zookeeper/quota/zookeeper_limits"),
      ask.create("/zookeeper/quota/zookeeper_stats"),
      ask.remove("/zookeeper/quota/zookeeper_limits"),
      ask.create("/zookeeper/zookeeper_limits"),
      ask.remove("/zookeeper/zookeeper_limits"),
      ask.create("/q"),
      ask.create("/zookeeper/quota/q"),
      ask.create("/zookeeper/quota/q/zookeeper_limits", { data: "nonsense" }),
      ask.create("/zookeeper/quota/q/zookeeper_stats", { data: null }),
      ask.set("/zookeeper/quota/q/zookeeper_stats", "count=many"),
      ask.create("/q/below", { data: "x" }),
    ];
    for (const { type, body } of requests) {
      assert.equal(world.write(type, body).error, ErrorCode.ok);
    }
  });
});

describe("prepare()", () => {
  test("refuses a txn that would be too large to read back, and leaves nothing of it", () => {
    const world = new World({ txnSizeMaxBytes: 200 });
    const small = ask.create("/s-", { flags: 2, data: "x".repeat(80) });
    const large = ask.create("/s-", { flags: 2, data: "x".repeat(110) });
    const several = ask.multi(small, small);
    for (const { type, body } of [large, several]) {
      const { error, bytes, header } = world.prepare(type, body);
      assert.equal(error, ErrorCode.badArguments);
      assert.equal(header.type, OpCode.error);
      assert.equal(bytes.length, 36);
      assert.equal(world.pending.size, 0);
    }
    const { txn, bytes } = world.prepare(small.type, small.body);
    assert.equal((txn as { path: string }).path, "/s-0000000000");
    assert.equal(bytes.length <= 200, true);
  });

  test("closes a session whose ephemerals do not fit into a txn (ZOOKEEPER-4306)", () => {
    const world = new World({ txnSizeMaxBytes: 250 });
    for (let i = 0; i < 20; i++) {
      const { type, body } = ask.create(`/ephemeral-${i}`, { flags: 1 });
      assert.equal(world.write(type, body, { session: SESSION }).error, ErrorCode.ok);
    }
    const { type, body } = ask.closeSession();
    const { record } = world.write(type, body, { session: SESSION });
    assert.deepEqual(record.txn, { paths2Delete: [] });
    assert.equal(record.bytes.length, 48);
    assert.equal(world.tree.ephemeralCount, 0);
    assert.equal(world.tree.get("/")!.childCount, 1);
    assert.deepEqual(world.mismatches, []);
  });

  test("lists what fits exactly", () => {
    for (const [room, listed] of [
      [55, 1],
      [54, 0],
    ] as const) {
      const world = new World({ txnSizeMaxBytes: 200 });
      const { type, body } = ask.create("/é", { flags: 1 });
      world.write(type, body, { session: SESSION });
      const settings = { ...world.settings, txnSizeMaxBytes: room };
      const context = { ...world.context({ session: SESSION }), settings };
      const record = prepareRequest(context, closeSession, null);
      assert.equal((record.txn as { paths2Delete: string[] }).paths2Delete.length, listed);
      assert.equal(record.bytes.length, listed === 1 ? 55 : 48);
    }
  });
});

// What a member keeps through its roles, without one.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Database } from "../../src/member/database.js";
import { applyTxn, decodeTxnRecord, encodeTxnRecord } from "../../src/operations/transactions.js";
import { CommittedLog } from "../../src/quorum/committed-log.js";
import type { Storage } from "../../src/storage/storage.js";
import { DataTree } from "../../src/tree/data-tree.js";
import type { SessionId, Zxid } from "../../src/wire/ids.js";
import { OpCode } from "../../src/wire/op-codes.js";

const OPTIONS = {
  commitLogCount: 500,
  commitLogBytes: 1024 * 1024,
  forceSnapshotSync: false,
  logSyncMaxBytes: 0,
};

/** A transaction that changes nothing; every 128th leaves its digest in the tree's log of them. */
function errorTxn(zxid: number): Buffer {
  const header = {
    clientId: 1n as SessionId,
    cxid: zxid,
    zxid: zxid as Zxid,
    time: 0,
    type: OpCode.error,
  };
  return encodeTxnRecord(header, { err: -101 }, undefined);
}

test("A tree that was uncertain while it followed records its digests again when it leads", () => {
  const tree = new DataTree();
  const committed = new CommittedLog(OPTIONS.commitLogCount, OPTIONS.commitLogBytes);
  const database = new Database({} as Storage, tree, committed, OPTIONS);
  const digests = () => tree.digestLog.entries.map(({ zxid }) => zxid);

  database.received(errorTxn(128));
  database.commitReceived(128 as Zxid, true);
  assert.deepEqual(digests(), [], "the leader's snapshot may hold more than it says");

  // Its role ends before it is up to date; leaders apply through their pipeline.
  applyTxn(tree, decodeTxnRecord(errorTxn(256)));
  assert.deepEqual(digests(), [256]);
});

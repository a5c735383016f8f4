import assert from "node:assert/strict";
import { test } from "node:test";
import type { LoggedTxn } from "../../src/quorum/committed-log.js";
import { type LeaderHistory, planSync, type SyncPlan } from "../../src/quorum/sync-plan.js";
import type { Zxid } from "../../src/wire/ids.js";

const zxid = (epoch: number, counter: number) => (epoch * 2 ** 32 + counter) as Zxid;
const txn = (epoch: number, counter: number): LoggedTxn => ({
  zxid: zxid(epoch, counter),
  bytes: Buffer.alloc(0),
});

/** A leader of epoch 4 that was just started: nothing in memory, (3,1) and (3,2) in its log, and (4,0) begun. */
const RESTARTED: LeaderHistory = {
  last: zxid(4, 0),
  committed: [],
  logged: (from) => [txn(3, 1), txn(3, 2)].filter((one) => one.zxid >= from),
  alwaysSnap: false,
};

const plan = (learnerLast: Zxid, history = RESTARTED, lastKnown = zxid(3, 2)) =>
  shown(planSync(learnerLast, lastKnown, history));

function shown({ kind, end, txns }: SyncPlan): string {
  const text = (value: Zxid) => `${Math.floor(value / 2 ** 32)},${value % 2 ** 32}`;
  return [`${kind} ${text(end)}`, ...txns.map((one) => text(one.zxid))].join(" ");
}

test("A learner with more of the last epoch than a leader that has begun the next is cut back", () => {
  assert.equal(plan(zxid(3, 9)), "trunc 3,2");
  const unknown = { ...RESTARTED, logged: () => undefined };
  assert.equal(plan(zxid(3, 9), unknown, zxid(4, 0)), "snap 4,0");
});

test("A learner that has the leader's last txn needs none, whether an epoch has begun or not", () => {
  assert.equal(plan(zxid(3, 2)), "diff 3,2");
  assert.equal(plan(zxid(3, 1)), "diff 3,2 3,2");
  assert.equal(plan(zxid(4, 0)), "diff 4,0");
});

test("A learner with more of an old epoch than was committed gets a snapshot once the new epoch has a txn", () => {
  const committed = [txn(3, 1), txn(3, 2), txn(4, 1)];
  const history = { ...RESTARTED, last: zxid(4, 1), committed };
  assert.equal(plan(zxid(3, 9), history), "snap 4,1");
  assert.equal(plan(zxid(3, 2), history), "diff 4,1 4,1");
  assert.equal(plan(zxid(4, 5), history), "trunc 4,1");
});

test("A learner that has nothing, or must not be asked, gets a snapshot", () => {
  assert.equal(plan(zxid(0, 0)), "snap 4,0");
  assert.equal(plan(zxid(3, 2), { ...RESTARTED, alwaysSnap: true }), "snap 4,0");
});

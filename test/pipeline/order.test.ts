import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SessionOrder, type Waiting } from "../../src/pipeline/order.js";
import { ErrorCode } from "../../src/wire/error-codes.js";

function waiting(afterWrite: number, xid: number, begin?: () => void): Waiting {
  const nothing = { type: 0, operation: undefined, request: undefined, identities: [] };
  return { ...nothing, afterWrite, xid, error: ErrorCode.ok, receivedMs: 0, begin };
}

describe("SessionOrder", () => {
  it("lets a read wait for the writes before it, and for no later one", () => {
    const order = new SessionOrder();
    order.submitted = 1;
    order.wait(waiting(1, 10));
    order.submitted = 2;
    assert.equal(order.isIdle, false);
    assert.equal(order.takeReady(), undefined);
    order.answered = 1;
    assert.equal(order.takeReady()?.xid, 10);
    assert.equal(order.isIdle, false, "a write is on its way still");
    order.answered = 2;
    assert.equal(order.isIdle, true);
  });

  it("holds writes behind a sync until it has been answered, and each other's order", () => {
    const order = new SessionOrder();
    order.submitted = 1;
    order.syncs = 1;
    assert.equal(order.holdsWrites, true);
    const begun: number[] = [];
    for (const xid of [1, 2]) {
      order.wait(waiting(order.submitted++, xid, () => begun.push(xid)));
    }
    assert.equal(order.takeReady(), undefined);
    order.syncs = 0;
    order.answered = 1;
    assert.equal(order.holdsWrites, true, "a new write must not overtake the two");
    order.takeReady()?.begin?.();
    order.takeReady()?.begin?.();
    assert.deepEqual(begun, [1, 2]);
    assert.equal(order.holdsWrites, false);
  });

  it("keeps a read behind a held write until that write has been answered", () => {
    const order = new SessionOrder();
    order.submitted = 1;
    order.syncs = 1;
    order.wait(waiting(order.submitted++, 1, () => {}));
    order.wait(waiting(order.submitted, 2));
    order.syncs = 0;
    order.answered = 1;
    assert.equal(order.takeReady()?.xid, 1);
    assert.equal(order.takeReady(), undefined);
    order.answered = 2;
    assert.equal(order.takeReady()?.xid, 2);
  });
});

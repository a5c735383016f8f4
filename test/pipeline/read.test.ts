import assert from "node:assert/strict";
import { test } from "node:test";
import type { ClientConnection } from "../../src/client/server-port.js";
import type { OperationSettings } from "../../src/operations/operation.js";
import { ReadStage } from "../../src/pipeline/read.js";
import type { Logger } from "../../src/platform/platform.js";
import type { DataTree } from "../../src/tree/data-tree.js";

test("A write that waits behind a sync is not begun any more when its connection has gone", () => {
  const stage = new ReadStage({
    tree: {} as DataTree,
    settings: {} as OperationSettings,
    monotonicMs: () => 0,
    log: {} as Logger,
  });
  const state = { isOpen: true, isBacklogged: false, identities: [], attachment: undefined };
  const connection = state as unknown as ClientConnection;
  const begun: string[] = [];
  stage.orderSync(connection, () => begun.push("sync"));
  stage.holdWrite(connection, () => begun.push("write"));
  state.isOpen = false;
  stage.endSync(connection, 1, Buffer.alloc(0), 0);
  assert.deepEqual(begun, ["sync"]);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import type { ClientConnection } from "../../src/client/server-port.js";
import { JuteReader } from "../../src/jute/reader.js";
import { JuteWriter } from "../../src/jute/writer.js";
import type {
  ApplyResult,
  OperationSettings,
  ReadOperation,
  WriteOperation,
} from "../../src/operations/operation.js";
import { operationFor } from "../../src/operations/table.js";
import { LearnerPipeline, type LearnerPipelineParts } from "../../src/pipeline/learner-pipeline.js";
import { orderOf } from "../../src/pipeline/order.js";
import { type ReadParts, ReadStage } from "../../src/pipeline/read.js";
import { replyToWrite } from "../../src/pipeline/reply.js";
import type { Logger, Platform } from "../../src/platform/platform.js";
import type { TrackedSession } from "../../src/session/session-tracker.js";
import { DataTree } from "../../src/tree/data-tree.js";
import { ErrorCode } from "../../src/wire/error-codes.js";
import type { Zxid } from "../../src/wire/ids.js";
import { OpCode } from "../../src/wire/op-codes.js";
import { writeExistsRequest } from "../../src/wire/records.js";

function stageOn(tree: DataTree, parts: Partial<ReadParts> = {}): ReadStage {
  return new ReadStage({
    tree,
    settings: {} as OperationSettings,
    monotonicMs: () => 0,
    log: {} as Logger,
    ...parts,
  });
}

const NO_BODY = new JuteReader(Buffer.alloc(0));
const whoAmI = operationFor(OpCode.whoAmI) as ReadOperation;

/** Of a tree, what operations need that read nothing of it. */
const EMPTY = { lastProcessedZxid: 0, watches: { bytes: 0 } } as DataTree;

/** An open connection that takes its replies; `state` may change meanwhile. */
function connectionWith<State extends object>(more: State) {
  const state = {
    isOpen: true,
    isBacklogged: false,
    identities: [],
    attachment: undefined,
    startReply: () => new JuteWriter(),
    finishReply: () => {},
    ...more,
  };
  return { state, connection: state as unknown as ClientConnection };
}

test("A write that waits behind a sync is not begun any more when its connection has gone", () => {
  const stage = stageOn(EMPTY);
  const { state, connection } = connectionWith({});
  const begun: string[] = [];
  stage.orderSync(connection, () => begun.push("sync"));
  stage.holdWrite(connection, () => begun.push("write"));
  state.isOpen = false;
  stage.endSync(connection, 1, NO_BODY, 0);
  assert.deepEqual(begun, ["sync"]);
});

test("A read of a session that has moved gets no answer, and ends the connection (R116)", () => {
  const stage = stageOn(EMPTY);
  const did: string[] = [];
  const { connection } = connectionWith({
    startReply: () => did.push("answered"),
    closeAfterReplies: () => did.push("closed"),
  });
  // A renewal through another member, given up by the client long ago, has reached the leader last.
  orderOf(connection).session = { owner: "another member", isClosing: false } as TrackedSession;
  stage.submit(connection, whoAmI, 1, NO_BODY, 0);
  assert.deepEqual(did, ["closed"]);
});

test("A read waits until the write before it has been answered, and runs at once where there is none", () => {
  const stage = stageOn(EMPTY);
  const answered: number[] = [];
  const { connection } = connectionWith({
    startReply: (xid: number) => {
      answered.push(xid);
      return new JuteWriter();
    },
  });
  stage.submit(connection, whoAmI, 1, NO_BODY, 0);
  assert.deepEqual(answered, [1]);
  const order = orderOf(connection);
  order.submitted++;
  stage.submit(connection, whoAmI, 3, NO_BODY, 0);
  assert.deepEqual(answered, [1], "xid 2, a write, is on its way");
  order.answered++;
  stage.runWaiting(connection);
  assert.deepEqual(answered, [1, 3]);
});

test("Reads that have waited together are answered over several turns when they take long", () => {
  let nowMs = 0;
  const stage = stageOn(EMPTY, { monotonicMs: () => nowMs });
  const answered: number[] = [];
  const { state, connection } = connectionWith({
    startReply: (xid: number) => {
      answered.push(xid);
      nowMs += 15;
      return new JuteWriter();
    },
    putOff: () => {
      state.isBacklogged = true;
    },
  });
  const order = orderOf(connection);
  order.submitted++;
  for (let xid = 2; xid <= 6; xid++) stage.submit(connection, whoAmI, xid, NO_BODY, 0);
  order.answered++;
  stage.runWaiting(connection);
  assert.deepEqual(answered, [2, 3, 4], "20 ms had passed before the third");
  state.isBacklogged = false;
  stage.runWaiting(connection);
  assert.deepEqual(answered, [2, 3, 4, 5, 6]);
});

test("When watches take more than they may, the connection that has most is closed, and the others keep theirs", () => {
  const tree = new DataTree();
  const warnings: string[] = [];
  const stage = stageOn(tree, {
    settings: { skipAcl: true, watchesMaxBytes: 100_000 } as OperationSettings,
    log: { warn: (line: string) => warnings.push(line) } as unknown as Logger,
  });
  const closed: string[] = [];
  const connect = (remoteAddress: string) =>
    connectionWith({
      sessionId: 5n,
      remoteAddress,
      stale: false,
      close: (reason: string) => closed.push(`${remoteAddress}: ${reason}`),
    }).connection;
  const [modest, greedy] = [connect("10.0.0.1"), connect("10.0.0.2")];
  const exists = operationFor(OpCode.exists) as ReadOperation;
  const watch = (connection: ClientConnection, path: string) => {
    const out = new JuteWriter();
    writeExistsRequest(out, { path, watch: true });
    stage.submit(connection, exists, 1, new JuteReader(out.take()), 0);
  };
  // No node is needed for it, and no permission.
  for (let i = 0; i < 3; i++) watch(greedy, `/${i}${"x".repeat(15_000)}`);
  watch(modest, "/a");
  assert.deepEqual(closed, []);
  const watches = tree.watches.count;
  watch(modest, `/${"y".repeat(15_000)}`);
  assert.deepEqual(closed, ["10.0.0.2: too_many_watches"]);
  assert.equal(tree.watches.count, watches + 1 - 3);
  assert.deepEqual(warnings, [
    "Close of session 0x5 from 10.0.0.2: its watches take 0.1 MB, most of the 0.1 MB of all, and at most 0.1 MB may be taken",
  ]);
});

test("A ping behind a sync is answered in its turn at a follower, too, and costs nobody the connection", () => {
  const did: string[] = [];
  const platform = {
    log: { child: () => ({}) as Logger },
    clock: { monotonicMs: () => 0 },
  } as unknown as Platform;
  const { connection } = connectionWith({
    startReply: (xid: number) => {
      did.push(`answers ${xid}`);
      return new JuteWriter();
    },
    finishReply: (_type: number, error: number) => did.push(`with ${error}`),
    closeAfterReplies: () => did.push("closed"),
  });
  const pipeline = new LearnerPipeline({
    platform,
    tree: EMPTY,
    settings: {} as OperationSettings,
    forward: () => {},
  } as unknown as LearnerPipelineParts);
  pipeline.submit(connection, 1, OpCode.sync, new JuteReader(Buffer.from([0, 0, 0, 1, 0x2f])), 0);
  pipeline.submit(connection, -2, OpCode.ping, NO_BODY, 0);
  assert.deepEqual(did, []);
  pipeline.synced();
  assert.deepEqual(did, ["answers 1", "with 0", "answers -2", "with 0"]);
});

/** It keeps the xids of what is answered. */
function connectionTo(answered: unknown[]) {
  return connectionWith({
    startReply: (xid: number) => {
      answered.push(xid);
      return new JuteWriter();
    },
  });
}

test("An answer to a write does not overtake the reads before it that a slow client keeps waiting", () => {
  const stage = stageOn(EMPTY);
  const answered: number[] = [];
  const { state, connection } = connectionTo(answered);
  const order = orderOf(connection);
  const submitWrite = () => order.submitted++;
  const commit = (xid: number, type: OpCode = OpCode.setData) => {
    const result = { error: ErrorCode.badVersion } as ApplyResult;
    const operation = operationFor(type) as WriteOperation;
    const origin = { connection, operation, xid, receivedMs: 0 };
    replyToWrite(origin, result, 1 as Zxid, () => 0);
    stage.runWaiting(connection);
  };
  submitWrite();
  stage.submit(connection, whoAmI, 2, NO_BODY, 0);
  stage.submit(connection, whoAmI, 3, NO_BODY, 0);
  submitWrite();
  stage.submit(connection, whoAmI, 5, NO_BODY, 0);
  submitWrite();
  stage.submitError(connection, 7, OpCode.getData, ErrorCode.noNode, 0);
  state.isBacklogged = true;
  commit(1);
  commit(4);
  commit(6);
  assert.deepEqual(answered, [1], "the reads behind it wait for the client");
  assert.ok(!order.isIdle);
  state.isBacklogged = false;
  stage.runWaiting(connection);
  assert.deepEqual(answered, [1, 2, 3, 4, 5, 6, 7]);
  assert.ok(order.isIdle);

  submitWrite();
  stage.submit(connection, whoAmI, 9, NO_BODY, 0);
  submitWrite();
  state.isBacklogged = true;
  commit(8);
  commit(10, OpCode.closeSession);
  assert.deepEqual(answered.slice(-2), [8, 10], "the end of a session waits for nobody");
});

test("Nor does an answer to a sync, and a write behind that is begun when it has left", () => {
  const stage = stageOn(EMPTY);
  const did: unknown[] = [];
  const { state, connection } = connectionTo(did);
  const order = orderOf(connection);
  order.submitted++;
  stage.submit(connection, whoAmI, 2, NO_BODY, 0);
  stage.orderSync(connection, () => did.push("sync begun"));
  stage.holdWrite(connection, () => did.push("write begun"));
  state.isBacklogged = true;
  order.answered++;
  stage.runWaiting(connection);
  const path = new JuteWriter();
  path.string("/");
  stage.endSync(connection, 3, new JuteReader(path.take()), 0);
  assert.deepEqual(did, ["sync begun"]);
  state.isBacklogged = false;
  stage.runWaiting(connection);
  assert.deepEqual(did, ["sync begun", 2, 3, "write begun"]);
});

// One session of requests, as Java servers answered and logged it (test/golden/operations, made by capture.py there), asked
// again here: the log records must be the same to the byte, and so must the replies and the watch events.
//
// Some differences are meant, and stand in MEANT below with their reasons. Of ZooKeeper 3.8 only what it logged is compared.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { inIdentityOrder } from "../../src/auth/java-hash-order.js";
import { ProtocolError } from "../../src/errors.js";
import { JuteReader } from "../../src/jute/reader.js";
import { JuteWriter } from "../../src/jute/writer.js";
import type { OperationSettings } from "../../src/operations/operation.js";
import { operationFor } from "../../src/operations/table.js";
import { decodeTxnRecord, encodeTxnRecord } from "../../src/operations/transactions.js";
import { TXN_DIGEST_BYTES } from "../../src/operations/txn-record.js";
import { ErrorCode } from "../../src/wire/error-codes.js";
import type { SessionId } from "../../src/wire/ids.js";
import { OpCode, opName } from "../../src/wire/op-codes.js";
import { readReplyHeader, writeWatcherEvent } from "../../src/wire/records.js";
import { type Answer, World } from "./world.js";

interface Step {
  readonly session: string;
  readonly identities: readonly (readonly [string, string])[];
  readonly cxid: number;
  readonly type: number;
  readonly request: string;
  readonly reply: string;
  readonly events: readonly string[];
  readonly txn?: string;
}

/** Steps that are not the same, by type and what the request begins with. */
const MEANT: readonly {
  readonly type: number;
  readonly request: RegExp;
  readonly what: "digest" | "order";
  readonly why: string;
}[] = [
  {
    type: OpCode.create,
    request: /^....\/flag4/s,
    what: "digest",
    why: "Java takes it for a container when it computes the digest, and for a plain node when it applies it",
  },
  {
    type: OpCode.createContainer,
    request: /^....\/cflag/s,
    what: "digest",
    why: "The other way round",
  },
  {
    type: OpCode.multi,
    request: new RegExp(`^${"\0".repeat(3)}${String.fromCharCode(OpCode.getData)}`),
    what: "digest",
    why: "Java leaves the digest of the part that failed in the error's record",
  },
  {
    type: OpCode.getChildren2,
    request: /^....\/a\0$/s,
    what: "order",
    why: "Java lists children as its hash set does, for which no client waits",
  },
  {
    type: OpCode.multiRead,
    request: /\/nothing/,
    what: "order",
    why: "The same",
  },
];

function meant(step: Step, request: Buffer, what: "digest" | "order"): boolean {
  const text = request.toString("latin1");
  return MEANT.some((m) => m.type === step.type && m.what === what && m.request.test(text));
}

const captures: readonly (readonly [string, Partial<OperationSettings>, boolean])[] = [
  ["java-3.9.5", { extendedTypesEnabled: true, enforceQuota: true }, true],
  [
    "java-3.9.5-plain",
    { extendedTypesEnabled: false, digestEnabled: false, closeSessionTxnEnabled: false },
    true,
  ],
  ["java-3.8.0", { extendedTypesEnabled: false }, false],
];

for (const [name, settings, isNewest] of captures) {
  const lines = readFileSync(
    new URL(`../../../test/golden/operations/${name}.jsonl`, import.meta.url),
    "utf8",
  );
  const steps = lines
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => JSON.parse(line) as Step);

  describe(`operations answer and log as ${name}`, () => {
    const world = new World({ extendedTypesEnabled: false, ...settings });
    for (const [index, step] of steps.entries()) {
      const request = Buffer.from(step.request, "hex");
      const title = `${index + 1}: ${opName(step.type)} ${JSON.stringify(request.toString("latin1"))}`;
      test(title.slice(0, 100), () => {
        const answer = carryOut(world, step);
        const events = takeEvents(world, step);
        if (step.reply === "" || (!isNewest && step.txn === undefined)) return;
        if (isNewest) assert.deepEqual(events, step.events, "events");
        const reply = Buffer.from(step.reply, "hex");
        const header = readReplyHeader(new JuteReader(reply));
        assert.equal(answer.error, header.err);
        if (header.err !== 0) return;
        const body = reply.subarray(16).toString("hex");
        if (meant(step, request, "order")) {
          assert.deepEqual(answer.body.toSorted(), Buffer.from(body, "hex").toSorted());
        } else {
          assert.equal(answer.body.toString("hex"), body, "reply");
        }
      });
    }

    test("the digests of all records are those of the tree", () => {
      assert.deepEqual(world.mismatches, []);
    });

    test("every record of Java's, decoded and encoded, is itself again", () => {
      for (const { txn } of steps) {
        if (txn === undefined) continue;
        const { header, txn: decoded, digest } = decodeTxnRecord(Buffer.from(txn, "hex"));
        assert.equal(encodeTxnRecord(header, decoded, digest).toString("hex"), txn);
      }
    });
  });
}

function carryOut(world: World, step: Step): Answer {
  const session = BigInt(step.session) as SessionId;
  const identities = inIdentityOrder(step.identities.map(([scheme, id]) => ({ scheme, id })));
  const body = Buffer.from(step.request, "hex");
  if (step.txn === undefined) {
    try {
      return world.read(step.type, body, { session, identities });
    } catch (error) {
      // The pipeline answers so.
      if (!(error instanceof ProtocolError)) throw error;
      return { error: ErrorCode.marshallingError, body: Buffer.alloc(0) };
    }
  }
  const { header } = decodeTxnRecord(Buffer.from(step.txn, "hex"));
  const asked = { session, identities, cxid: header.cxid, zxid: header.zxid, nowMs: header.time };
  assert.notEqual(operationFor(step.type), undefined);
  const answer = world.write(step.type, body, asked);
  const ours = answer.record.bytes.toString("hex");
  if (meant(step, body, "digest") && ours.length >= 2 * TXN_DIGEST_BYTES) {
    const same = Math.min(ours.length, step.txn.length - 2 * TXN_DIGEST_BYTES);
    assert.equal(ours.slice(0, same), step.txn.slice(0, same), "record without digest");
  } else {
    assert.equal(ours, step.txn, "record");
  }
  return answer;
}

/** The notifications as frames. */
function takeEvents(world: World, step: Step): string[] {
  const { events } = world.listener(BigInt(step.session) as SessionId);
  return events.splice(0).map((event) => {
    const out = new JuteWriter();
    out.int(-1);
    out.long(event.zxid);
    out.int(0);
    writeWatcherEvent(out, event);
    return out.take().toString("hex");
  });
}

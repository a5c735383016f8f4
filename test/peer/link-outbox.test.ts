// When packets leave on a link, and in what memory.

import assert from "node:assert/strict";
import { test } from "node:test";
import { LinkOutbox } from "../../src/peer/link-outbox.js";
import type { Clock, Connection } from "../../src/platform/platform.js";
import { encoded, packet } from "./learner-world.js";

function outbox() {
  const atTurnEnd: (() => void)[] = [];
  const written: Uint8Array[] = [];
  const connection = { unsentBytes: 0, write: (bytes: Uint8Array) => written.push(bytes) };
  const clock = { atTurnEnd: (run: () => void) => atTurnEnd.push(run) };
  const events = {
    giveUp: (why: string) => assert.fail(why),
    rawTaken: () => assert.fail("there is no raw stream"),
  };
  return {
    written,
    endTurn: () => {
      for (const run of atTurnEnd.splice(0)) run();
    },
    outbox: new LinkOutbox(
      connection as unknown as Connection,
      clock as unknown as Clock,
      { stallMs: 1000 },
      events,
    ),
  };
}

test("Packets of a turn leave together at its end; a flush sends what is there, once", () => {
  const { outbox: box, written, endTurn } = outbox();
  box.flush();
  box.send(packet(1));
  box.send(packet(2));
  assert.equal(written.length, 0);
  box.flush();
  box.send(packet(3));
  box.flush();
  box.send(packet(4));
  box.send(packet(5));
  assert.equal(written.length, 2);
  endTurn();
  box.flush();
  endTurn();
  const expected = [[1, 2], [3], [4, 5]].map((types) =>
    Buffer.concat(types.map((type) => encoded(packet(type)))),
  );
  assert.deepEqual(written.map(Buffer.from), expected);
});

test("What the system has not taken yet is not written over by later packets, small ones or large", () => {
  const { outbox: box, written, endTurn } = outbox();
  const expected: Buffer[] = [];
  for (let i = 0; i < 2000; i++) {
    const one = packet(i, "x".repeat(i % 100 === 99 ? 20_000 + i : i % 60));
    box.send(one);
    expected.push(encoded(one));
    if (i % 3 === 0) endTurn();
  }
  endTurn();
  assert.ok(Buffer.concat(written).equals(Buffer.concat(expected)));
});

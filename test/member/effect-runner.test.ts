// What leaves when the disk has answered, and how much of it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { EffectRunner, type RunnerParts } from "../../src/member/effect-runner.js";
import type { Effects } from "../../src/quorum/effects.js";
import { makeZxid, type Zxid } from "../../src/wire/ids.js";
import { QuorumPacketType as Type } from "../../src/wire/op-codes.js";

const at = (counter: number): Zxid => makeZxid(1, counter);

/** A runner on a disk that has what it is told to have. */
function runner() {
  const sent: string[] = [];
  const flushes: (() => void)[] = [];
  const storage = {
    appendedZxid: at(0),
    syncedZxid: at(0),
    fenced: false,
    append: (_bytes: Buffer, zxid: Zxid) => {
      storage.appendedZxid = zxid;
    },
    flush: (done: () => void) => flushes.push(done),
  };
  const parts = {
    storage,
    clock: { atTurnEnd: (run: () => void) => run() },
    send: (_link: number, packet: { type: number; zxid: Zxid }) =>
      sent.push(`${packet.type === Type.ack ? "ACK" : packet.type} ${packet.zxid - at(0)}`),
    logged: () => {},
  };
  const made = new EffectRunner(parts as unknown as RunnerParts);
  const run = (event: (effects: Effects) => void): void => {
    const effects = made.begin();
    event(effects);
    made.run(effects);
  };
  const propose = (counter: number): void =>
    run((effects) => {
      effects.work.push({ kind: "append", zxid: at(counter), bytes: Buffer.alloc(0) });
      effects.acknowledge(at(counter));
    });
  const durable = (counter: number): string[] => {
    storage.syncedZxid = at(counter);
    flushes.shift()?.();
    return sent.splice(0);
  };
  return { run, propose, durable, sent };
}

test("A cumulative ACK speaks for what is on disk, at once, and for the rest when that is", () => {
  const { propose, durable, sent } = runner();
  propose(1);
  propose(2);
  propose(3);
  assert.deepEqual(sent, []);
  assert.deepEqual(durable(2), ["ACK 2"]);
  propose(4);
  assert.deepEqual(sent, []);
  assert.deepEqual(durable(4), ["ACK 4"]);
});

test("A cumulative ACK does not overtake what was to leave before it", () => {
  const { run, propose, durable } = runner();
  propose(1);
  const packet = { type: Type.ping, zxid: at(0), data: null, authinfo: null };
  run((effects) => effects.sendAfterSync.push({ link: 0, packet }));
  propose(2);
  propose(3);
  assert.deepEqual(durable(3), ["ACK 1", `${Type.ping} 0`, "ACK 3"]);
});

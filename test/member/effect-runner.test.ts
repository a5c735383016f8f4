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
      sent.push(`append ${zxid - at(0)}`);
    },
    flush: (done: () => void) => flushes.push(done),
  };
  const parts = {
    storage,
    clock: { atTurnEnd: (run: () => void) => run() },
    send: (_link: number, packet: { type: number; zxid: Zxid }) =>
      sent.push(`${packet.type === Type.ack ? "ACK" : packet.type} ${packet.zxid - at(0)}`),
    propose: (links: readonly number[], proposals: readonly { zxid: Zxid }[]) =>
      sent.push(`${proposals.map(({ zxid }) => zxid - at(0))} to ${links}`),
    logged: () => {},
    work: ({ kind }: { kind: string }) => sent.push(kind),
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
  const told = (): string[] => sent.splice(0);
  return { made, run, propose, durable, told };
}

test("A cumulative ACK speaks for what is on disk, at once, and for the rest when that is", () => {
  const { propose, durable, told } = runner();
  propose(1);
  propose(2);
  propose(3);
  assert.deepEqual(told(), ["append 1", "append 2", "append 3"]);
  assert.deepEqual(durable(2), ["ACK 2"]);
  propose(4);
  assert.deepEqual(told(), ["append 4"]);
  assert.deepEqual(durable(4), ["ACK 4"]);
});

test("A cumulative ACK does not overtake what was to leave before it", () => {
  const { run, propose, durable, told } = runner();
  propose(1);
  const packet = { type: Type.ping, zxid: at(0), data: null, authinfo: null };
  run((effects) => effects.sendAfterSync.push({ link: 0, packet }));
  propose(2);
  propose(3);
  told();
  assert.deepEqual(durable(3), ["ACK 1", `${Type.ping} 0`, "ACK 3"]);
});

test("What is gathered is carried out in one piece, before any other step and in the order in which it came", () => {
  const { made, run, told } = runner();
  const proposeTogether = (counter: number): void => {
    const effects = made.gather();
    if (effects.proposals.length === 0) effects.followers.push(2, 3);
    effects.proposals.push({ zxid: at(counter), bytes: Buffer.alloc(0) });
  };
  proposeTogether(1);
  proposeTogether(2);
  assert.deepEqual(told(), []);
  run((effects) => effects.commit(at(1)));
  assert.deepEqual(told(), ["1,2 to 2,3", "append 1", "append 2", "commit"]);

  proposeTogether(3);
  made.runGathered();
  assert.deepEqual(told(), ["3 to 2,3", "append 3"]);
  assert.equal(made.gathered, undefined);
  made.runGathered();
  assert.deepEqual(told(), [], "nothing is carried out twice");
});

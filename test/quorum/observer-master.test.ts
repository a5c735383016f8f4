// A follower that serves observers, as a step machine.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { LoggedTxn } from "../../src/quorum/committed-log.js";
import { Effects } from "../../src/quorum/effects.js";
import { ObserverMaster } from "../../src/quorum/observer-master.js";
import { ackEpochData, followerInfoData } from "../../src/quorum/packet-data.js";
import { makeZxid, type Sid, type Zxid } from "../../src/wire/ids.js";
import { QuorumPacketType as Type } from "../../src/wire/op-codes.js";
import { packetText } from "./model/packet-text.js";

const TIMES = { tickTimeMs: 2000, initLimitTicks: 10, syncLimitTicks: 5 };
const EPOCH = 3;

function txn(counter: number, epoch = EPOCH): LoggedTxn {
  return { zxid: makeZxid(epoch, counter), bytes: Buffer.from(`${epoch},${counter}`) };
}

class MasterAlone {
  readonly committed: LoggedTxn[] = [txn(1, 2), txn(2, 2), txn(1), txn(2)];
  readonly handedOn: string[] = [];
  readonly master = new ObserverMaster(
    {
      sid: 1 as Sid,
      times: TIMES,
      epoch: EPOCH,
      configuration: () => Buffer.from("version=0"),
      isMember: (sid) => sid <= 5,
    },
    {
      history: () => ({
        last: this.committed.at(-1)!.zxid,
        committed: this.committed,
        logged: () => undefined,
        alwaysSnap: false,
      }),
      fromLearner: (sid, _link, packet) => this.handedOn.push(`${sid}: ${packet.type}`),
    },
    0,
  );

  do(event: (effects: Effects) => void): string[] {
    const effects = new Effects();
    event(effects);
    return [
      ...effects.sendNow.map(({ link, packet }) => `${link} ← ${packetText(packet)}`),
      ...effects.work.map((one) => ("why" in one ? `${one.kind}: ${one.why}` : one.kind)),
    ];
  }

  receive(link: number, type: number, zxid: Zxid, data: Buffer | null = null): string[] {
    const packet = { type, zxid, data, authinfo: null };
    return this.do((effects) => this.master.received(link, packet, effects));
  }

  register(
    link: number,
    sid: number,
    accepted = EPOCH,
    type: number = Type.observerInfo,
  ): string[] {
    this.master.connected(link);
    return this.receive(link, type, makeZxid(accepted, 0), followerInfoData(sid as Sid, 0));
  }

  ackEpoch(link: number, last: Zxid): string[] {
    return this.receive(link, Type.ackEpoch, last, ackEpochData(-1));
  }

  commit(counter: number): string[] {
    this.committed.push(txn(counter));
    return this.do((effects) => this.master.committed(this.committed.at(-1)!, undefined, effects));
  }
}

const NEW_LEADER = makeZxid(EPOCH, 0);

describe("ObserverMaster", () => {
  it("brings an observer to what is applied here, and goes on from exactly there (R32)", () => {
    const alone = new MasterAlone();
    assert.deepEqual(alone.register(1, 4), ["1 ← LEADERINFO epoch 3"]);
    assert.deepEqual(alone.ackEpoch(1, makeZxid(EPOCH, 1)), [
      "1 ← DIFF (3,2)",
      "1 ← PROPOSAL (3,2)",
      "1 ← COMMIT (3,2)",
      "1 ← NEWLEADER (3,0)",
    ]);
    assert.deepEqual(alone.commit(3), ["1 ← INFORM (3,3)"]);
    assert.deepEqual(alone.receive(1, Type.ack, NEW_LEADER), ["1 ← UPTODATE"]);
    assert.deepEqual(alone.receive(1, Type.ack, NEW_LEADER), []);
    assert.deepEqual(alone.commit(4), ["1 ← INFORM (3,4)"]);
    assert.deepEqual(
      alone.do((effects) => alone.master.tick(1000, effects)),
      ["1 ← PING (3,4)"],
    );
  });

  it("lets an observer that knows more of this epoch wait, and takes nothing back from it", () => {
    const alone = new MasterAlone();
    alone.register(1, 4);
    assert.deepEqual(alone.ackEpoch(1, makeZxid(EPOCH, 4)), []);
    assert.deepEqual(alone.commit(3), []);
    assert.deepEqual(alone.commit(4), ["1 ← DIFF (3,4)", "1 ← NEWLEADER (3,0)"]);
    alone.register(2, 5);
    assert.deepEqual(alone.ackEpoch(2, makeZxid(2, 9))[0], "2 ← SNAP (3,4)");
  });

  it("serves observers of its own epoch alone", () => {
    const alone = new MasterAlone();
    const wantsToFollow = alone.register(1, 4, EPOCH, Type.followerInfo);
    assert.deepEqual(wantsToFollow, ["closeLink: only observers are served here"]);
    const ahead = "closeLink: it has accepted epoch 4, we are in 3";
    assert.deepEqual(alone.register(2, 4, 4), [ahead]);
    assert.deepEqual(alone.register(3, 1), ["closeLink: it calls itself 1, as this server does"]);
    alone.register(4, 4);
    assert.deepEqual(alone.register(5, 4), [
      "5 ← LEADERINFO epoch 3",
      "closeLink: server 4 has connected anew",
    ]);
  });

  it("hands on what only the leader can answer, from those who are up to date", () => {
    const alone = new MasterAlone();
    alone.register(1, 4);
    alone.ackEpoch(1, makeZxid(EPOCH, 2));
    assert.deepEqual(alone.receive(1, Type.request, 0 as Zxid), [
      "closeLink: unexpected packet of type 1",
    ]);
    alone.register(2, 5);
    alone.ackEpoch(2, makeZxid(EPOCH, 2));
    alone.receive(2, Type.ack, NEW_LEADER);
    alone.receive(2, Type.request, 0 as Zxid);
    alone.receive(2, Type.revalidate, 0 as Zxid);
    assert.deepEqual(alone.handedOn, ["5: 1", "5: 6"]);
  });

  it("closes an observer that answers nothing", () => {
    const alone = new MasterAlone();
    alone.register(1, 4);
    alone.ackEpoch(1, makeZxid(EPOCH, 2));
    alone.receive(1, Type.ack, NEW_LEADER);
    alone.do((effects) => alone.master.tick(9000, effects));
    assert.deepEqual(
      alone.do((effects) => alone.master.tick(10_001, effects)),
      ["1 ← PING (3,2)", "closeLink: no answer for 10001 ms"].slice(1),
    );
  });
});

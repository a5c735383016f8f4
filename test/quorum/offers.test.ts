// Cumulative ACK and COMMIT, where leader and follower have agreed on them, and nowhere else.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Effects } from "../../src/quorum/effects.js";
import { Leader } from "../../src/quorum/leader.js";
import { Learner } from "../../src/quorum/learner.js";
import { intAndOffer, offersCumulative } from "../../src/quorum/offers.js";
import { ackEpochData, followerInfoData, leaderInfoData } from "../../src/quorum/packet-data.js";
import { Quorums } from "../../src/quorum/quorums.js";
import { makeZxid, type Sid, type Zxid } from "../../src/wire/ids.js";
import { QuorumPacketType as Type } from "../../src/wire/op-codes.js";
import type { QuorumPacket } from "../../src/wire/records.js";
import { configurationOf } from "./model/configurations.js";
import { packetText } from "./model/packet-text.js";

const ZERO = 0 as Zxid;
const TXN = Buffer.from("txn");
const COMMON = {
  quorums: new Quorums(configurationOf(0, [1, 2, 3, 4, 5]), undefined, false),
  times: { tickTimeMs: 2000, initLimitTicks: 10, syncLimitTicks: 5 },
  acceptedEpoch: 0,
  currentEpoch: 0,
  lastZxid: ZERO,
};

const e1 = (counter: number): Zxid => makeZxid(1, counter);

function packet(type: number, zxid: Zxid, data: Buffer | null = null): QuorumPacket {
  return { type, zxid, data, authinfo: null };
}

function step(event: (effects: Effects) => void): Effects {
  const effects = new Effects();
  event(effects);
  return effects;
}

function sentTo(link: number, { sendNow }: Effects): string[] {
  return sendNow.filter((one) => one.link === link).map((one) => packetText(one.packet));
}

describe("An offer", () => {
  it("stands behind what Java reads, and is understood only as a whole", () => {
    assert.equal(intAndOffer(0x10000, false).toString("hex"), "00010000");
    const whole = intAndOffer(7, true);
    assert.equal(whole.toString("hex"), "000000075a6f6f6900000001");
    assert.equal(offersCumulative(packet(Type.leaderInfo, ZERO, whole)), true);
    for (let length = 0; length < whole.length; length++) {
      assert.equal(offersCumulative(packet(11, ZERO, whole.subarray(0, length))), false);
    }
    const another = Buffer.from("00000007 5a6f6f69 00000002".replaceAll(" ", ""), "hex");
    const stranger = Buffer.from("00000007 4a617661 00000001".replaceAll(" ", ""), "hex");
    assert.equal(offersCumulative(packet(11, ZERO, another)), false);
    assert.equal(offersCumulative(packet(11, ZERO, stranger)), false);
    assert.equal(offersCumulative(packet(11, ZERO)), false);
  });
});

/** Leads 1 to 5; 2 and 3 took what they may have been offered, 4 and 5 did not answer it. */
function leaderOfFive(isCumulative: boolean): { leader: Leader; offers: boolean[] } {
  const offers: boolean[] = [];
  const start = { ...COMMON, sid: 1 as Sid, isCumulative };
  const hooks = {
    history: () => ({ last: ZERO, committed: [], logged: () => undefined, alwaysSnap: false }),
    fromLearner: () => {},
  };
  const leader = new Leader(start, hooks, 0);
  step((effects) => leader.begin(effects));
  for (const link of [2, 3, 4, 5]) {
    leader.connected(link);
    const info = packet(Type.followerInfo, ZERO, followerInfoData(link as Sid, 0));
    step((effects) => leader.received(link, info, effects));
  }
  const invited = step((effects) => leader.persisted({ acceptedEpoch: 1 }, effects));
  for (const one of invited.sendNow) offers.push(offersCumulative(one.packet));
  for (const link of [2, 3, 4, 5]) {
    const ack = packet(Type.ackEpoch, ZERO, ackEpochData(0, link < 4));
    step((effects) => leader.received(link, ack, effects));
  }
  step((effects) => leader.persisted({ currentEpoch: 1 }, effects));
  for (const link of [2, 3, 4, 5]) {
    step((effects) => leader.received(link, packet(Type.ack, e1(0)), effects));
  }
  return { leader, offers };
}

describe("A leader", () => {
  const decide = (leader: Leader): Effects => {
    for (const counter of [1, 2, 3]) {
      step((effects) => leader.propose({ zxid: e1(counter), bytes: TXN }, effects));
    }
    step((effects) => leader.received(2, packet(Type.ack, e1(3)), effects));
    return step((effects) => leader.received(3, packet(Type.ack, e1(3)), effects));
  };

  it("sends one COMMIT to who has agreed to it, and each to who has not", () => {
    const { leader, offers } = leaderOfFive(true);
    assert.deepEqual(offers, [true, true, true, true]);
    assert.deepEqual(decide(leader).sendNow, []);
    const effects = step((into) => leader.logged(e1(3), into));
    for (const link of [2, 3]) assert.deepEqual(sentTo(link, effects), ["COMMIT (1,3)"]);
    for (const link of [4, 5]) {
      assert.deepEqual(sentTo(link, effects), ["COMMIT (1,1)", "COMMIT (1,2)", "COMMIT (1,3)"]);
    }
    assert.deepEqual(effects.work, [{ kind: "commit", zxid: e1(3), leader: undefined }]);
  });

  it("that does not offer it (quorum.cumulative=false) sends each, whatever it is told", () => {
    const { leader, offers } = leaderOfFive(false);
    assert.deepEqual(offers, [false, false, false, false]);
    decide(leader);
    const effects = step((into) => leader.logged(e1(3), into));
    assert.equal(sentTo(2, effects).length, 3);
  });
});

function follower(isOffered: boolean, isCumulative: boolean, isObserver = false) {
  const start = { ...COMMON, sid: 2 as Sid, leader: 1 as Sid, isObserver, isCumulative };
  const hooks = {
    takeTouches: () => [],
    configuration: () => undefined,
    configurationIn: () => undefined,
  };
  const learner = new Learner(start, hooks, 0);
  const receive = (type: number, zxid: Zxid, data: Buffer | null = null): Effects =>
    step((effects) => learner.received(packet(type, zxid, data), effects));
  const promise = receive(Type.leaderInfo, e1(0), leaderInfoData(isOffered)).sendAfterSync[0];
  step((effects) => learner.persisted({ acceptedEpoch: 1 }, effects));
  receive(Type.diff, ZERO);
  receive(Type.newLeader, e1(0));
  step((effects) => learner.persisted({ currentEpoch: 1 }, effects));
  receive(Type.upToDate, -1 as Zxid);
  return { receive, takes: offersCumulative(promise!.packet) };
}

describe("A follower", () => {
  it("answers an offer only, and only where it may", () => {
    assert.equal(follower(true, true).takes, true);
    assert.equal(follower(false, true).takes, false);
    assert.equal(follower(true, false).takes, false);
    assert.equal(follower(true, true, true).takes, false);
  });

  it("acknowledges what it logs as one, and takes a COMMIT for all up to it", () => {
    const { receive } = follower(true, true);
    const { ackFrom, ackUpTo, sendAfterSync } = receive(Type.proposal, e1(1), TXN);
    assert.deepEqual([ackFrom, ackUpTo, sendAfterSync], [e1(1), e1(1), []]);
    receive(Type.proposal, e1(2), TXN);
    receive(Type.proposal, e1(3), TXN);
    const { work } = receive(Type.commit, e1(2));
    assert.deepEqual(work, [{ kind: "commit", zxid: e1(2), leader: undefined }]);
    assert.deepEqual(receive(Type.commit, e1(1)).work, []);
    assert.deepEqual(receive(Type.commit, e1(3)).work[0]?.kind, "commit");
  });

  it("leaves who commits what was never proposed", () => {
    const { receive } = follower(true, true);
    receive(Type.proposal, e1(1), TXN);
    assert.deepEqual(receive(Type.commit, e1(2)).work, [
      {
        kind: "resign",
        why: "Committing 0x100000002, but next proposal is 0x100000001",
        leader: undefined,
      },
    ]);
  });

  it("leaves who commits the second before the first, where nothing else was agreed", () => {
    for (const { receive } of [follower(false, true), follower(true, false)]) {
      receive(Type.proposal, e1(1), TXN);
      const { ackUpTo, sendAfterSync } = receive(Type.proposal, e1(2), TXN);
      assert.deepEqual([ackUpTo, sendAfterSync.length], [ZERO, 1]);
      assert.equal(receive(Type.commit, e1(2)).work[0]?.kind, "resign");
    }
  });
});

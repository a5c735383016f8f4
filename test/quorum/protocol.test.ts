// What the machines do with peers that break the protocol, or speak it as other versions do. How they behave among
// themselves is in the notebooks (transcripts.test.ts).

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LEARNER_STRANGERS_MAX } from "../../src/limits.js";
import type { Configuration } from "../../src/quorum/configuration.js";
import { Effects } from "../../src/quorum/effects.js";
import { Leader } from "../../src/quorum/leader.js";
import type { LeaderStart } from "../../src/quorum/leader-start.js";
import { Learner } from "../../src/quorum/learner.js";
import {
  ackEpochData,
  activationData,
  followerInfoData,
  leaderInfoData,
} from "../../src/quorum/packet-data.js";
import { Quorums } from "../../src/quorum/quorums.js";
import { makeZxid, type Sid, type Zxid } from "../../src/wire/ids.js";
import { QuorumPacketType as Type } from "../../src/wire/op-codes.js";
import type { QuorumPacket } from "../../src/wire/records.js";
import { configurationOf } from "./model/configurations.js";
import { packetText } from "./model/packet-text.js";

const TIMES = { tickTimeMs: 2000, initLimitTicks: 10, syncLimitTicks: 5 };
const NOTHING = { last: 0 as Zxid, committed: [], logged: () => undefined, alwaysSnap: false };

function quorumsOf(version: number, voters: readonly number[] = [1, 2, 3]): Quorums {
  return new Quorums(configurationOf(version, voters), undefined, false);
}

function packet(type: number, zxid: Zxid, data: Buffer | null = null): QuorumPacket {
  return { type, zxid, data, authinfo: null };
}

/** What leaves and what is done, in one list of words. */
function told({ sendNow, sendAfterSync, proposals, work }: Effects): string[] {
  return [
    ...sendNow.map((one) => packetText(one.packet)),
    ...proposals.map(({ zxid }) => `PROPOSAL ${zxid}`),
    ...work.map((one) => ("why" in one ? `${one.kind}: ${one.why}` : one.kind)),
    ...sendAfterSync.map((one) => `${packetText(one.packet)}, after the disk`),
  ];
}

class LeaderAlone {
  readonly leader: Leader;
  readonly epoch1 = makeZxid(1, 0);

  constructor(start: Partial<LeaderStart> = {}) {
    this.leader = new Leader(
      {
        sid: 1 as Sid,
        quorums: quorumsOf(0),
        times: TIMES,
        acceptedEpoch: 0,
        currentEpoch: 0,
        lastZxid: 0 as Zxid,
        ...start,
      },
      { history: () => NOTHING, fromLearner: () => {} },
      0,
    );
    this.do((effects) => this.leader.begin(effects));
  }

  do(event: (effects: Effects) => void): string[] {
    const effects = new Effects();
    event(effects);
    return told(effects);
  }

  receive(link: number, type: number, zxid: Zxid, data: Buffer | null = null): string[] {
    return this.do((effects) => this.leader.received(link, packet(type, zxid, data), effects));
  }

  register(link: number, sid: number, configVersion = 0): string[] {
    this.leader.connected(link);
    const data = followerInfoData(sid as Sid, configVersion);
    return this.receive(link, Type.followerInfo, 0 as Zxid, data);
  }

  /** Up to NEWLEADER, which learner 2 on link 1 has not acknowledged. */
  synchronizing(): this {
    this.register(1, 2);
    this.do((effects) => this.leader.persisted({ acceptedEpoch: 1 }, effects));
    this.receive(1, Type.ackEpoch, 0 as Zxid, ackEpochData(0));
    this.do((effects) => this.leader.persisted({ currentEpoch: 1 }, effects));
    return this;
  }

  serving(): this {
    this.synchronizing();
    this.receive(1, Type.ack, this.epoch1);
    return this;
  }

  propose(counter: number): string[] {
    const proposal = { zxid: makeZxid(1, counter), bytes: Buffer.from("txn") };
    return this.do((effects) => this.leader.propose(proposal, effects));
  }
}

describe("Leader", () => {
  it("refuses who knows a later configuration, and who has its own name", () => {
    const alone = new LeaderAlone({ quorums: quorumsOf(5) });
    const ahead = "Follower is ahead of the leader (has a later activated configuration)";
    assert.deepEqual(alone.register(1, 2, 6), [`closeLink: ${ahead}`]);
    assert.deepEqual(alone.register(2, 1), ["closeLink: it calls itself 1, as this server does"]);
    assert.deepEqual(alone.register(3, 2, 5), ["persist"]);
  });

  it("waits for an unfaithful voter no longer than it was told to (R94)", () => {
    const electedBy = [1 as Sid, 2 as Sid];
    const waiting = (start: Partial<LeaderStart>) => {
      const alone = new LeaderAlone({ electedBy, ...start });
      return (sid: number, nowMs: number) =>
        alone.do((effects) => alone.leader.isLooking(sid as Sid, nowMs, effects));
    };
    const gaveUp = ["resign: Quit leading due to voter changed mind."];
    assert.deepEqual(waiting({})(2, 19_000), []);
    assert.deepEqual(waiting({ epochPatienceMs: 500 })(2, 500), []);
    assert.deepEqual(waiting({ epochPatienceMs: 500 })(3, 501), []);
    assert.deepEqual(waiting({ epochPatienceMs: 500 })(2, 501), gaveUp);
    const heard = new LeaderAlone({ electedBy, epochPatienceMs: 0 });
    heard.register(1, 3);
    assert.deepEqual(
      heard.do((effects) => heard.leader.isLooking(2 as Sid, 501, effects)),
      [],
    );
  });

  it("waits for nobody when so many of its voters vote for another that the rest are no quorum", () => {
    const electedBy = [1, 2, 3, 4] as Sid[];
    const quorums = quorumsOf(0, [1, 2, 3, 4, 5]);
    const losing = (alone: LeaderAlone, sid: number) =>
      alone.do((effects) => alone.leader.hasLost(sid as Sid, effects));
    const gaveUp = ["resign: Quit leading due to voter changed mind."];
    const alone = new LeaderAlone({ quorums, electedBy });
    assert.deepEqual(losing(alone, 5), [], "it has not elected us");
    assert.deepEqual(losing(alone, 2), []);
    assert.deepEqual(losing(alone, 2), []);
    assert.deepEqual(losing(alone, 3), gaveUp);
    const heard = new LeaderAlone({ quorums, electedBy });
    heard.register(1, 5);
    assert.deepEqual([losing(heard, 2), losing(heard, 3)], [[], []], "another has come for it");
    assert.deepEqual(losing(heard, 4), gaveUp);
    const complete = new LeaderAlone({ quorums, electedBy });
    for (const sid of [3, 4]) complete.register(sid, sid);
    assert.deepEqual([losing(complete, 2), losing(complete, 3)], [[], []], "the epoch stands");
  });

  it("takes only so many servers that are not in the configuration", () => {
    const alone = new LeaderAlone();
    for (let sid = 100; sid < 100 + LEARNER_STRANGERS_MAX; sid++) alone.register(sid, sid);
    const full = `server 99 is not in the configuration, and ${LEARNER_STRANGERS_MAX} others that are not are connected`;
    assert.deepEqual(alone.register(1, 99), [`closeLink: ${full}`]);
    assert.deepEqual(alone.register(2, 100), ["closeLink: server 100 has connected anew"]);
    assert.deepEqual(alone.register(3, 2), ["persist"]);
    alone.do((effects) => alone.leader.disconnected(2, effects));
    assert.deepEqual(alone.register(4, 99), []);
  });

  it("closes the connection of who speaks out of turn", () => {
    const alone = new LeaderAlone();
    alone.leader.connected(1);
    assert.deepEqual(alone.receive(1, Type.ack, 0 as Zxid), ["closeLink: ACK out of turn"]);
    alone.leader.connected(2);
    assert.deepEqual(alone.receive(2, Type.request, 0 as Zxid), [
      "closeLink: unexpected packet of type 1",
    ]);
    alone.register(3, 2);
    const again = followerInfoData(2 as Sid, 0);
    assert.deepEqual(alone.receive(3, Type.followerInfo, 0 as Zxid, again), [
      "closeLink: it has registered before",
    ]);
  });

  it("does not count an acknowledgement of what was never proposed", () => {
    const alone = new LeaderAlone().serving();
    alone.propose(1);
    assert.deepEqual(alone.receive(1, Type.ack, makeZxid(1, 2)), [
      "closeLink: ACK of 0x100000002, which was never proposed",
    ]);
    assert.deepEqual(
      alone.do((effects) => alone.leader.logged(makeZxid(1, 1), effects)),
      [],
    );
  });

  it("takes an acknowledgement for all that came before it", () => {
    const alone = new LeaderAlone().serving();
    alone.propose(1);
    alone.propose(2);
    alone.do((effects) => alone.leader.logged(makeZxid(1, 2), effects));
    assert.deepEqual(alone.receive(1, Type.ack, makeZxid(1, 2)), [
      "COMMIT (1,1)",
      "COMMIT (1,2)",
      "commit",
    ]);
  });

  it("keeps what is acknowledged before NEWLEADER until that is, as Java before 3.8.5 sends it (R5)", () => {
    const alone = new LeaderAlone().serving();
    alone.propose(1);
    alone.register(2, 3);
    alone.receive(2, Type.ackEpoch, 0 as Zxid, ackEpochData(-1));
    alone.do((effects) => alone.leader.logged(makeZxid(1, 1), effects));
    assert.deepEqual(alone.receive(2, Type.ack, makeZxid(1, 1)), []);
    assert.deepEqual(alone.receive(2, Type.ack, alone.epoch1), [
      "UPTODATE",
      "COMMIT (1,1)",
      "COMMIT (1,1)",
      "commit",
    ]);
  });

  it("proposes nothing any more once it has resigned", () => {
    const alone = new LeaderAlone().serving();
    const late = alone.do((effects) => alone.leader.tick(60_000, effects));
    assert.deepEqual(late, [
      "closeLink: no answer for 60000 ms",
      "resign: Not sufficient followers synced, only synced with sids: [ [1] ]",
    ]);
    assert.deepEqual(alone.propose(1), []);
  });

  it("gives a snapshot as long as it takes, while it makes progress (R96)", () => {
    const alone = new LeaderAlone().synchronizing();
    alone.leader.progressed(1);
    const at = (ms: number) => alone.do((effects) => alone.leader.tick(ms, effects));
    assert.deepEqual(at(15_000), ["PING (1,0)"]);
    alone.leader.progressed(1);
    assert.deepEqual(at(20_001), [
      "resign: Waiting for a quorum of followers, only synced with sids: [ [1] ]",
    ]);
  });
});

interface Change {
  readonly quorums: Quorums;
  /** What any txn of the test makes of the members. */
  readonly next: Configuration;
}

function learner(lastZxid: number, isObserver = false, change?: Change) {
  const machine = new Learner(
    {
      sid: 2 as Sid,
      isObserver,
      times: TIMES,
      acceptedEpoch: 2,
      currentEpoch: 2,
      lastZxid: lastZxid as Zxid,
      leader: 1 as Sid,
      quorums: change?.quorums ?? quorumsOf(0),
    },
    {
      takeTouches: () => [],
      configuration: () => undefined,
      configurationIn: () => change?.next,
    },
    0,
  );
  const receive = (type: number, zxid: Zxid, data: Buffer | null = null): string[] => {
    const effects = new Effects();
    machine.received(packet(type, zxid, data), effects);
    return told(effects);
  };
  receive(Type.leaderInfo, makeZxid(3, 0), leaderInfoData());
  machine.persisted({ acceptedEpoch: 3 }, new Effects());
  return { machine, receive };
}

describe("Learner", () => {
  const TXN = Buffer.from("txn");

  it("leaves a leader whose history has a hole (R9)", () => {
    const { receive } = learner(makeZxid(2, 5));
    receive(Type.diff, makeZxid(2, 7));
    assert.deepEqual(receive(Type.proposal, makeZxid(2, 7), TXN), [
      "resign: Got proposal 0x200000007, last queued 0x200000005: there is a hole",
    ]);
  });

  it("leaves a leader whose DIFF does not lead where it said (R20, R21)", () => {
    const { receive } = learner(makeZxid(2, 5));
    receive(Type.diff, makeZxid(2, 7));
    receive(Type.proposal, makeZxid(2, 6), TXN);
    assert.deepEqual(receive(Type.newLeader, makeZxid(3, 0)), [
      "resign: The leader's history was to lead to 0x200000007, and ended with 0x200000006",
    ]);
  });

  it("takes the first txn of a later epoch for the next one, and no other", () => {
    const { receive } = learner(makeZxid(2, 5));
    receive(Type.diff, makeZxid(2, 5));
    assert.deepEqual(receive(Type.proposal, makeZxid(3, 1), TXN), ["append"]);
    const other = learner(makeZxid(2, 5));
    other.receive(Type.diff, makeZxid(2, 5));
    assert.match(other.receive(Type.proposal, makeZxid(3, 2), TXN)[0]!, /^resign: .* hole$/);
  });

  it("builds on nothing only from a snapshot when it has lost its data (R37)", () => {
    for (const type of [Type.diff, Type.trunc]) {
      assert.deepEqual(learner(-1).receive(type, makeZxid(2, 1)), [
        "resign: This server needs a snapshot, not a part of history: it has lost its data, or could not cut it back",
      ]);
    }
    assert.deepEqual(learner(-1).receive(Type.snap, makeZxid(2, 1)), ["receiveSnapshot"]);
  });

  it("does not cut back to where it has not been", () => {
    assert.deepEqual(learner(makeZxid(2, 5)).receive(Type.trunc, makeZxid(2, 6)), [
      "resign: Cannot truncate the log to 0x200000006: it ends with 0x200000005",
    ]);
  });

  it("drops what comes twice (3.3, ambiguity 2), and commits in order alone", () => {
    const { receive } = learner(makeZxid(2, 5));
    receive(Type.diff, makeZxid(2, 5));
    assert.deepEqual(receive(Type.proposal, makeZxid(2, 6), TXN), ["append"]);
    assert.deepEqual(receive(Type.proposal, makeZxid(2, 6), TXN), []);
    assert.deepEqual(receive(Type.commit, makeZxid(2, 5)), []);
    receive(Type.proposal, makeZxid(2, 7), TXN);
    assert.deepEqual(receive(Type.commit, makeZxid(2, 7)), [
      "resign: Committing 0x200000007, but next proposal is 0x200000006",
    ]);
  });

  it("applies an INFORM of what it has as a proposal already, as leaders before 3.5 send it", () => {
    const { receive } = learner(makeZxid(2, 5), true);
    receive(Type.diff, makeZxid(2, 5));
    assert.deepEqual(receive(Type.proposal, makeZxid(2, 6), TXN), ["append"]);
    assert.deepEqual(receive(Type.inform, makeZxid(2, 6), TXN), ["commit"]);
    assert.deepEqual(receive(Type.inform, makeZxid(2, 6), TXN), []);
    assert.deepEqual(receive(Type.inform, makeZxid(2, 7), TXN), ["append", "commit"]);
  });

  it("does not answer a PING before UPTODATE: the first that Java's leaders may hear is the ACK", () => {
    const { receive, machine } = learner(makeZxid(2, 5));
    receive(Type.diff, makeZxid(2, 5));
    assert.deepEqual(receive(Type.newLeader, makeZxid(3, 0)), [
      "persist",
      "ACK (3,0), after the disk",
    ]);
    assert.deepEqual(receive(Type.ping, makeZxid(3, 0)), []);
    machine.persisted({ currentEpoch: 3 }, new Effects());
    assert.deepEqual(receive(Type.upToDate, -1 as Zxid), ["ACK (3,0)", "serve"]);
    assert.deepEqual(receive(Type.ping, makeZxid(3, 0)), ["PING (3,0)"]);
  });

  it("takes an answer in its turn, behind commits that waited with it for a configuration to be on disk", () => {
    const quorums = new Quorums(configurationOf(0, [1, 2, 3]));
    const zxid = makeZxid(3, 1);
    const next = configurationOf(zxid, [1, 2]);
    const { receive, machine } = learner(makeZxid(2, 5), false, { quorums, next });
    receive(Type.diff, makeZxid(2, 5));
    receive(Type.newLeader, makeZxid(3, 0));
    machine.persisted({ currentEpoch: 3 }, new Effects());
    receive(Type.upToDate, -1 as Zxid);
    assert.deepEqual(receive(Type.proposal, zxid, TXN), ["remember"]);
    assert.deepEqual(receive(Type.commitAndActivate, zxid, activationData(1 as Sid)), []);
    assert.deepEqual(receive(Type.sync, 0 as Zxid), []);
    quorums.remembered(next);
    const effects = new Effects();
    machine.remembered(next, effects);
    assert.deepEqual(told(effects), [
      "append",
      "activate",
      "commit",
      "answer",
      "ACK (3,1), after the disk",
    ]);
  });

  it("does not serve before its own disk has the leader's history", () => {
    const { receive } = learner(makeZxid(2, 5));
    receive(Type.diff, makeZxid(2, 5));
    receive(Type.newLeader, makeZxid(3, 0));
    assert.deepEqual(receive(Type.upToDate, -1 as Zxid), [
      "resign: Got UPTODATE before NEWLEADER was acknowledged",
    ]);
  });
});

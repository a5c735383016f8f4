import assert from "node:assert/strict";
import { describe, it, test } from "node:test";
import fc from "fast-check";
import {
  type Elected,
  type ElectionEffects,
  FastLeaderElection,
} from "../../src/election/fast-leader-election.js";
import { isBetter, type Notification, PeerState } from "../../src/election/vote.js";
import { MajorityVerifier } from "../../src/quorum/verifier.js";
import type { Sid, Zxid } from "../../src/wire/ids.js";

const SETTINGS = { minNotificationIntervalMs: 200, maxNotificationIntervalMs: 60_000 };

describe("FastLeaderElection, in no hurry and in a hurry", () => {
  const verifier = new MajorityVerifier([1, 2, 3] as Sid[]);
  const gone = new Set<Sid>();
  const isGone = (sid: Sid) => gone.has(sid);
  const vote = (from: number, leader: number, counter: number): Notification => ({
    from: from as Sid,
    state: PeerState.looking,
    leader: leader as Sid,
    zxid: counter as Zxid,
    round: 1,
    peerEpoch: 0,
    version: 2,
    config: undefined,
  });
  const second = (hears: readonly Notification[]) => {
    const election = new FastLeaderElection(2 as Sid, verifier, { ...SETTINGS, isGone });
    election.start({ zxid: 5 as Zxid, peerEpoch: 0 });
    const effects = hears.map((heard) => election.receive(heard));
    return { election, last: effects.at(-1)! };
  };

  it("waits for a voter that it has not heard, but not for one that is gone", () => {
    gone.clear();
    assert.equal(second([vote(1, 2, 5)]).last.setTimerMs, 200);
    gone.add(3 as Sid);
    assert.equal(second([vote(1, 2, 5)]).last.setTimerMs, 0);
  });

  it("stops waiting when it learns that the voter is gone, or hears it", () => {
    gone.clear();
    const { election } = second([vote(1, 2, 5)]);
    assert.equal(election.gone().setTimerMs, undefined);
    gone.add(3 as Sid);
    assert.equal(election.gone().setTimerMs, 0);
    assert.equal(election.timeout(true).elected?.leader, 2);
    assert.deepEqual(election.gone().elected, undefined);
    gone.clear();
    assert.equal(second([vote(1, 2, 5), vote(3, 3, 4)]).last.setTimerMs, 0);
  });

  it("tells whom it had voted for that it follows another", () => {
    const led = { ...vote(1, 1, 4), state: PeerState.leading };
    const followed = { ...led, from: 3 as Sid, state: PeerState.following };
    const { last } = second([vote(3, 3, 6), led, followed]);
    assert.equal(last.elected?.leader, 1);
    assert.deepEqual(
      last.sendNow.map(({ to, leader, state }) => [to, leader, state]),
      [[3, 1, PeerState.following]],
    );
    assert.deepEqual(second([led, followed]).last.sendNow, [], "it had voted for itself");
  });

  it("tells who votes for a worse candidate what it does not seem to know", () => {
    const told = ({ sendNow }: ElectionEffects) => sendNow.map(({ to, leader }) => [to, leader]);
    assert.deepEqual(told(second([vote(1, 1, 4)]).last), [[1, 2]]);
    assert.deepEqual(told(second([vote(1, 2, 5)]).last), []);
  });

  it("answers nobody as an observer, who would be answered in turn, for ever", () => {
    const observer = new FastLeaderElection(4 as Sid, verifier, SETTINGS);
    observer.start({ zxid: 0 as Zxid, peerEpoch: 0 });
    observer.receive(vote(2, 2, 5));
    assert.deepEqual(observer.receive(vote(1, 1, 4)).sendNow, []);
  });

  it("ends a talk with one of another configuration, each an observer to the other", () => {
    const one = new FastLeaderElection(1 as Sid, new MajorityVerifier([1, 2] as Sid[]), SETTINGS);
    const other = new MajorityVerifier([3, 4, 5] as Sid[]);
    const last = { zxid: 5 as Zxid, peerEpoch: 0 };
    one.start(last);
    const stranger = new FastLeaderElection(3 as Sid, other, SETTINGS);
    stranger.start(last);
    let answers: readonly { to: Sid; leader: Sid }[] = one.receive(vote(3, 3, 5)).sendNow;
    for (let talks = 0; answers.length > 0; talks++) {
      assert.ok(talks < 100, "They answer each other for ever");
      const hears = talks % 2 === 0 ? stranger : one;
      answers = hears.receive(vote(talks % 2 === 0 ? 1 : 3, 1, 5)).sendNow;
    }
  });
});

test("FastLeaderElection follows the leader of the configuration in force, whatever change it may have logged itself", () => {
  const inForce = new MajorityVerifier([1, 2, 3] as Sid[]);
  const logged = new MajorityVerifier([1, 4, 5] as Sid[]);
  // As Quorums, while a change is under way: a quorum of both.
  const both = {
    votingMembers: new Set([1, 2, 3, 4, 5] as Sid[]),
    containsQuorum: (sids: Iterable<Sid>) => {
      const all = [...sids];
      return inForce.containsQuorum(all) && logged.containsQuorum(all);
    },
    isQuorum: () => false,
    weightOf: () => 1,
  };
  const heard = (from: number, state: Notification["state"], leader: number): Notification => ({
    ...{ from: from as Sid, state, leader: leader as Sid, zxid: 4 as Zxid, round: 7, peerEpoch: 2 },
    ...{ version: 2, config: undefined },
  });
  const settings = { ...SETTINGS, inForce: () => inForce };
  const first = new FastLeaderElection(1 as Sid, both, settings);
  first.start({ zxid: 5 as Zxid, peerEpoch: 1 });
  first.receive(heard(3, PeerState.following, 2));
  assert.equal(first.receive(heard(2, PeerState.leading, 2)).elected?.leader, 2);

  // To lead it needs both.
  const alone = new FastLeaderElection(1 as Sid, both, settings);
  alone.start({ zxid: 5 as Zxid, peerEpoch: 2 });
  alone.receive({ ...heard(2, PeerState.following, 1), round: 1 });
  assert.equal(alone.receive({ ...heard(3, PeerState.following, 1), round: 1 }).elected, undefined);
});

test("FastLeaderElection prefers, of equal histories, that of a voter in force to a newcomer's", () => {
  const all = new MajorityVerifier([1, 2, 4] as Sid[]);
  const inForce = new MajorityVerifier([1, 2] as Sid[]);
  const vote = (from: number, counter: number): Notification => ({
    ...{ from: from as Sid, state: PeerState.looking, leader: from as Sid, zxid: counter as Zxid },
    ...{ round: 1, peerEpoch: 1, version: 2, config: undefined },
  });
  const of = (sid: number) => {
    const election = new FastLeaderElection(sid as Sid, all, {
      ...SETTINGS,
      inForce: () => inForce,
    });
    election.start({ zxid: 5 as Zxid, peerEpoch: 1 });
    return election;
  };
  const old = of(2);
  old.receive(vote(4, 5));
  assert.equal(old.proposed.leader, 2);
  const newcomer = of(4);
  newcomer.receive(vote(2, 5));
  assert.equal(newcomer.proposed.leader, 2);
  old.receive(vote(4, 6));
  assert.equal(old.proposed.leader, 4, "a longer history comes first");
});

/** Looking servers that pass each other messages; whatever is in flight is delivered in the order the test chooses. */
class Ensemble {
  readonly elections = new Map<number, FastLeaderElection>();
  readonly elected = new Map<number, Elected>();
  readonly inFlight: { to: number; notification: Notification }[] = [];
  readonly #zxids: readonly number[];
  readonly #losesEarlyMessages: boolean;

  /** What is sent to a server that has not started is lost, unless all are said to start at the same moment. */
  constructor(zxids: readonly number[], startTogether = false) {
    this.#zxids = zxids;
    this.#losesEarlyMessages = !startTogether;
    const sids = zxids.map((_, i) => (i + 1) as Sid);
    const verifier = new MajorityVerifier(sids);
    for (const sid of sids)
      this.elections.set(sid, new FastLeaderElection(sid, verifier, SETTINGS));
  }

  start(sid: number): void {
    const zxid = this.#zxids[sid - 1] as Zxid;
    this.#take(
      sid,
      this.elections.get(sid)!.start({ zxid, peerEpoch: Math.floor(zxid / 2 ** 32) }),
    );
  }

  deliver(index: number): void {
    const [{ to, notification }] = this.inFlight.splice(index, 1) as [(typeof this.inFlight)[0]];
    const winner = this.elected.get(to);
    if (winner === undefined) {
      this.#take(to, this.elections.get(to)!.receive(notification));
    } else if (notification.state === PeerState.looking) {
      // What a settled member answers to one that looks (Java: WorkerReceiver).
      const state = winner.leader === to ? PeerState.leading : PeerState.following;
      const answer = { ...winner, from: to as Sid, state, version: 2, config: undefined };
      this.inFlight.push({ to: notification.from, notification: answer });
    }
  }

  deliverAll(): void {
    for (let steps = 0; this.inFlight.length > 0; steps++) {
      assert.ok(steps < 10_000, "the messages never end");
      this.deliver(0);
    }
  }

  timeout(sid: number): void {
    this.#take(sid, this.elections.get(sid)!.timeout(true));
  }

  #take(sid: number, effects: ElectionEffects): void {
    for (const { to, ...rest } of effects.sendNow) {
      const notification = { ...rest, from: sid as Sid, version: 2, config: undefined };
      const isLost = this.#losesEarlyMessages && this.elections.get(to)!.round === 0;
      if (!isLost) this.inFlight.push({ to, notification });
    }
    if (effects.elected) this.elected.set(sid, effects.elected);
  }
}

const leaders = (ensemble: Ensemble) => [...ensemble.elected.values()].map(({ leader }) => leader);

describe("FastLeaderElection", () => {
  it("elects the highest id among equals as soon as there is a majority (guides.md, section 2)", () => {
    const ensemble = new Ensemble([0, 0, 0, 0, 0]);
    for (const sid of [1, 2]) ensemble.start(sid);
    ensemble.deliverAll();
    for (const sid of [1, 2]) ensemble.timeout(sid);
    ensemble.deliverAll();
    assert.deepEqual(leaders(ensemble), [], "two of five are no majority");

    ensemble.start(3);
    ensemble.deliverAll();
    for (const sid of [1, 2, 3]) ensemble.timeout(sid);
    assert.deepEqual(leaders(ensemble), [3, 3, 3]);

    for (const sid of [4, 5]) ensemble.start(sid);
    ensemble.deliverAll();
    assert.deepEqual(leaders(ensemble), [3, 3, 3, 3, 3], "higher ids that come later follow");
  });

  it("prefers the longer history to the higher id, and the later epoch to the longer history", () => {
    const at = (peerEpoch: number, zxid: number, leader: number) =>
      ({ peerEpoch, zxid: zxid as Zxid, leader: leader as Sid }) as const;
    assert.ok(isBetter(at(1, 5, 1), at(1, 4, 3)));
    assert.ok(isBetter(at(2, 4, 1), at(1, 5, 3)));
    assert.ok(isBetter(at(1, 5, 3), at(1, 5, 2)));
    assert.equal(isBetter(at(1, 5, 3), at(1, 5, 3)), false);
  });

  it("lets a better candidate that comes while it waits overturn the majority", () => {
    const ensemble = new Ensemble([1, 1, 9]);
    for (const sid of [1, 2]) ensemble.start(sid);
    ensemble.deliverAll();
    ensemble.start(3);
    ensemble.deliverAll();
    for (const sid of [1, 2, 3]) ensemble.timeout(sid);
    assert.deepEqual(leaders(ensemble), [3, 3, 3]);
    assert.equal(ensemble.elected.get(1)?.zxid, 9);
  });

  it("does not follow a leader from which it has not heard, whatever the followers say (R91)", () => {
    const verifier = new MajorityVerifier([1, 2, 3, 4, 5] as Sid[]);
    const election = new FastLeaderElection(1 as Sid, verifier, SETTINGS);
    election.start({ zxid: 0 as Zxid, peerEpoch: 0 });
    const following = (from: number): Notification => ({
      from: from as Sid,
      leader: 5 as Sid,
      zxid: 7 as Zxid,
      peerEpoch: 3,
      round: 8,
      state: PeerState.following,
      version: 2,
      config: undefined,
    });
    for (const from of [2, 3, 4])
      assert.equal(election.receive(following(from)).elected, undefined);
    const leading = { ...following(5), state: PeerState.leading };
    assert.equal(election.receive(leading).elected?.leader, 5);
    assert.equal(election.round, 8, "the ensemble's round is taken over");
  });

  it("joins an ensemble whose members disagree about zxid and round (ZOOKEEPER-1732)", () => {
    const verifier = new MajorityVerifier([1, 2, 3] as Sid[]);
    const election = new FastLeaderElection(3 as Sid, verifier, SETTINGS);
    election.start({ zxid: 0 as Zxid, peerEpoch: 0 });
    const say = (from: number, state: PeerState, zxid: number, round: number) =>
      election.receive({
        from: from as Sid,
        leader: 1 as Sid,
        zxid: zxid as Zxid,
        peerEpoch: 4,
        round,
        state,
        version: 2,
        config: undefined,
      });
    assert.equal(say(1, PeerState.leading, 10, 5).elected, undefined);
    assert.equal(say(2, PeerState.following, 110, 105).elected?.leader, 1);
  });

  it("neither counts nor is counted by a server that lost its data (R37)", () => {
    const ensemble = new Ensemble([-1, 4, -1]);
    for (const sid of [1, 2, 3]) ensemble.start(sid);
    ensemble.deliverAll();
    for (const sid of [1, 2, 3]) ensemble.timeout(sid);
    ensemble.deliverAll();
    assert.deepEqual(leaders(ensemble), [], "two wiped servers and one of three are no quorum");
  });

  it("is alone the leader of an ensemble of one", () => {
    const ensemble = new Ensemble([5]);
    ensemble.start(1);
    ensemble.timeout(1);
    assert.deepEqual(leaders(ensemble), [1]);
  });

  it("settles on one leader, the best of those who took part, in any order of delivery", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 3, maxLength: 5 }),
        fc.array(fc.nat(), { maxLength: 200 }),
        (zxids, order) => {
          const ensemble = new Ensemble(zxids, true);
          for (let sid = 1; sid <= zxids.length; sid++) ensemble.start(sid);
          for (const pick of order) {
            if (ensemble.inFlight.length > 0) ensemble.deliver(pick % ensemble.inFlight.length);
          }
          // A round of messages, then of time-outs, until everybody has settled.
          for (let round = 0; round < 10 && ensemble.elected.size < zxids.length; round++) {
            ensemble.deliverAll();
            for (let sid = 1; sid <= zxids.length; sid++) {
              if (!ensemble.elected.has(sid)) ensemble.timeout(sid);
            }
          }
          const best = Math.max(...zxids);
          const expected = zxids.lastIndexOf(best) + 1;
          assert.deepEqual(
            leaders(ensemble),
            zxids.map(() => expected),
          );
        },
      ),
    );
  });
});

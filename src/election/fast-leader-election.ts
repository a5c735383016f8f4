// Fast leader election as a step machine. Answers to Java's FastLeaderElection.lookForLeader.
//
// Each looking server proposes itself, tells everybody, and changes to any better candidate that it hears of, telling
// everybody again. When a quorum of voters proposes the same candidate in the same round, it waits a moment (finalizeWait)
// for a better one; if none comes, the election is over. A server that joins late hears FOLLOWING and LEADING instead, and
// follows when a quorum and the leader itself say so.
//
// Nothing here waits: `start`, `receive` and `timeout` return what to send and which timer to set. Nothing here is on disk
// either: a candidate's zxid and epoch are what its disk holds, and the caller only starts an election with durable ones.
//
// Invariants
//  - Votes counted together have the same round; hearing of a later round forgets the votes of the earlier.
//  - A notification with zxid -1 (a server that lost its data) is never counted, and such a server counts none (3.6's
//    initialize file; R37).
//  - Votes of servers that are not looking are compared by leader and epoch only: their zxid and round may differ between
//    members of one healthy ensemble (ZOOKEEPER-1732, R90).
//  - To follow, the leader's own LEADING must have been heard; to lead by others' word, the round must be ours (R91).

import { reached } from "../marks.js";
import type { QuorumVerifier } from "../quorum/verifier.js";
import type { Sid, Zxid } from "../wire/ids.js";
import { type Candidate, isBetter, type Notification, PeerState } from "./vote.js";

export interface ElectionSettings {
  readonly minNotificationIntervalMs: number;
  readonly maxNotificationIntervalMs: number;
  /** Nobody is there: its machine says that nothing listens at its election port. Asked at each step. */
  readonly isGone?: (sid: Sid) => boolean;
  /** Of the committed configuration alone, where another has been proposed, too. Undefined: there is one only. */
  readonly inForce?: () => QuorumVerifier;
}

/** What this server brings: undefined candidates are observers, which look for a leader but propose nobody. */
export interface ElectionStart {
  readonly zxid: Zxid;
  readonly peerEpoch: number;
}

export interface ElectionEffects {
  /** May leave now: an election says nothing that must be on disk first. */
  readonly sendNow: readonly Outgoing[];
  /** Replaces the timer that was set before; undefined leaves it running. */
  readonly setTimerMs: number | undefined;
  /** Nothing could be delivered for a while: try the connections again. */
  readonly reconnect: boolean;
  readonly elected: Elected | undefined;
}

export interface Outgoing extends Candidate {
  readonly to: Sid;
  readonly round: number;
  readonly state: PeerState;
}

export interface Elected extends Candidate {
  readonly round: number;
  /** Who voted for it in this round; of a leader that was there already, in another, nobody. */
  readonly voters: readonly Sid[];
}

/** A vote as it was heard. */
interface HeardVote extends Candidate {
  readonly round: number;
  readonly version: number;
  readonly state: PeerState;
}

const NOBODY = Number.MIN_SAFE_INTEGER;

/**
 * Java: FastLeaderElection.finalizeWait. A quorum agrees; somebody who has not been heard may have a better candidate. It is
 * not waited for when there is nobody to wait for: every voter has been heard in this round, or is known to be gone.
 */
const FINALIZE_WAIT_MS = 200;

/**
 * So often one server is answered between two notifications of our own. Who asks again hears us then at the latest; and two
 * servers that take one another for observers, as after a reconfiguration that one has not heard of, end answering each other.
 */
const ANSWERS_MAX = 10;

export class FastLeaderElection {
  readonly #sid: Sid;
  readonly #verifier: QuorumVerifier;
  readonly #settings: ElectionSettings;
  #round = 0;
  #own: Candidate;
  #proposed: Candidate;
  /** Votes of this round. */
  #votes = new Map<Sid, HeardVote>();
  /** The latest word of every server that is not looking, whatever its round. */
  #settled = new Map<Sid, HeardVote>();
  /** How often each was answered since we last told everybody. */
  readonly #answered = new Map<Sid, number>();
  #phase: "idle" | "looking" | "finalizing" = "idle";
  #intervalMs: number;

  constructor(sid: Sid, verifier: QuorumVerifier, settings: ElectionSettings) {
    this.#sid = sid;
    this.#verifier = verifier;
    this.#settings = settings;
    this.#intervalMs = settings.minNotificationIntervalMs;
    this.#own = { leader: NOBODY as Sid, zxid: NOBODY as Zxid, peerEpoch: NOBODY };
    this.#proposed = this.#own;
  }

  get round(): number {
    return this.#round;
  }

  get proposed(): Candidate {
    return this.#proposed;
  }

  /** A new election, in a new round. */
  start(own: ElectionStart): ElectionEffects {
    this.#round++;
    this.#own = this.#isVoter(this.#sid)
      ? { leader: this.#sid, zxid: own.zxid, peerEpoch: own.peerEpoch }
      : { leader: NOBODY as Sid, zxid: NOBODY as Zxid, peerEpoch: NOBODY };
    this.#proposed = this.#own;
    this.#votes.clear();
    this.#settled.clear();
    this.#answered.clear();
    this.#phase = "looking";
    this.#intervalMs = this.#settings.minNotificationIntervalMs;
    if (this.#isProposalCarried()) this.#phase = "finalizing"; // an ensemble of one
    const setTimerMs = this.#phase === "finalizing" ? this.#finalizeWaitMs() : this.#intervalMs;
    return this.#effects({ sendNow: this.#toOthers(), setTimerMs });
  }

  /** A message arrived while looking. */
  receive(heard: Notification): ElectionEffects {
    if (this.#phase === "idle") return this.#effects({});
    if (!this.#isVoter(heard.from)) return this.#effects({ sendNow: this.#answer(heard.from) });
    if (!this.#isVoter(heard.leader)) return this.#effects({});
    switch (heard.state) {
      case PeerState.looking:
        return this.#receiveLooking(heard);
      case PeerState.following:
      case PeerState.leading:
        return this.#receiveSettled(heard);
      default:
        return this.#effects({});
    }
  }

  /**
   * The timer that was set last has fired. `delivered`: all that was sent has been handed to a connection (Java:
   * QuorumCnxManager.haveDelivered).
   */
  timeout(delivered: boolean): ElectionEffects {
    if (this.#phase === "finalizing") {
      return this.#finish(this.#proposed, this.#round, this.#supporters());
    }
    if (this.#phase === "idle") return this.#effects({});
    this.#answered.clear();
    this.#intervalMs = Math.min(this.#intervalMs * 2, this.#settings.maxNotificationIntervalMs);
    return this.#effects({
      sendNow: delivered ? this.#toOthers() : [],
      reconnect: !delivered,
      setTimerMs: this.#intervalMs,
    });
  }

  /** Somebody is gone who was not known to be. */
  gone(): ElectionEffects {
    if (this.#phase !== "finalizing" || this.#finalizeWaitMs() > 0) return this.#effects({});
    return this.#effects({ setTimerMs: 0 });
  }

  #finalizeWaitMs(): number {
    const { isGone } = this.#settings;
    for (const sid of this.#verifier.votingMembers) {
      if (sid === this.#sid || this.#votes.has(sid)) continue;
      if (isGone === undefined || !isGone(sid)) return FINALIZE_WAIT_MS;
    }
    return 0;
  }

  // ----------------------------------------------------------------------------------------------------------- looking

  #receiveLooking(heard: Notification): ElectionEffects {
    const late = heard.round < this.#round ? this.#answer(heard.from) : [];
    // [R37] A wiped server neither decides nor helps to decide.
    if (this.#own.zxid === -1 || heard.zxid === -1) return this.#effects({ sendNow: late });
    if (heard.round < this.#round) return this.#effects({ sendNow: late });

    // It follows nobody any more, whatever it said before.
    this.#settled.delete(heard.from);
    let changed = false;
    if (heard.round > this.#round) {
      reached("election: a later round is joined");
      this.#round = heard.round;
      this.#votes.clear();
      this.#proposed = this.#isBetter(heard, this.#own) ? candidate(heard) : this.#own;
      changed = true;
    } else if (this.#isBetter(heard, this.#proposed)) {
      this.#proposed = candidate(heard);
      changed = true;
    }
    this.#votes.set(heard.from, heard);
    const sendNow = changed ? this.#toOthers() : this.#answerTo(heard);
    if (this.#isProposalCarried()) {
      const setTimerMs = this.#finalizeWaitMs();
      // What was already waiting goes on waiting.
      if (this.#phase === "finalizing" && !changed && setTimerMs > 0) {
        return this.#effects({ sendNow });
      }
      this.#phase = "finalizing";
      return this.#effects({ sendNow, setTimerMs });
    }
    if (this.#phase === "finalizing") {
      reached("election: a better candidate comes while one is being settled on");
      this.#phase = "looking";
      return this.#effects({ sendNow, setTimerMs: this.#intervalMs });
    }
    return this.#effects({ sendNow });
  }

  /**
   * Whoever votes for a worse candidate in our round does not know of ours: it had not begun to look when we told it. Java
   * lets it find out when it asks again, minNotificationInterval later.
   */
  #answerTo(heard: Notification): Outgoing[] {
    return this.#isBetter(this.#proposed, heard) ? this.#answer(heard.from) : [];
  }

  #isProposalCarried(): boolean {
    return this.#verifier.containsQuorum(this.#supporters());
  }

  #supporters(): Sid[] {
    const { leader, zxid, peerEpoch } = this.#proposed;
    // Our own vote is what we propose; Java sends it to itself.
    const supporters: Sid[] = this.#own.zxid === -1 ? [] : [this.#sid];
    for (const [sid, vote] of this.#votes) {
      if (vote.leader === leader && vote.zxid === zxid && vote.peerEpoch === peerEpoch) {
        supporters.push(sid);
      }
    }
    return supporters;
  }

  // --------------------------------------------------------------------------------------- joining a running ensemble

  #receiveSettled(heard: Notification): ElectionEffects {
    if (heard.round === this.#round) {
      // In one round the leader's id is enough: the epoch in the vote of one who has settled may have moved on (R90).
      const vote: HeardVote = { ...heard, version: 0 };
      this.#votes.set(heard.from, vote);
      const votes = this.#withOwnVote();
      if (this.#isEstablished(votes, heard)) {
        return this.#finish(heard, heard.round, supportersOf(heard, votes));
      }
    }
    this.#settled.set(heard.from, heard);
    if (!this.#isEstablished(this.#settled, heard)) return this.#effects({});
    reached("election: a running ensemble is joined in another round");
    this.#round = heard.round;
    return this.#finish(heard, heard.round);
  }

  /** Java hears itself: who has come round to a leader by the votes of this round needs one voice less to follow it. */
  #withOwnVote(): ReadonlyMap<Sid, HeardVote> {
    if (this.#own.zxid === -1) return this.#votes;
    const own: HeardVote = {
      ...this.#proposed,
      round: this.#round,
      version: 0,
      state: PeerState.looking,
    };
    return new Map(this.#votes).set(this.#sid, own);
  }

  #isEstablished(votes: ReadonlyMap<Sid, HeardVote>, heard: Notification): boolean {
    return (
      this.#isEnough(supportersOf(heard, votes), heard.leader) && this.#isLeaderAlive(votes, heard)
    );
  }

  /**
   * To follow another, a quorum of the configuration in force is enough, whatever change we may have logged that never came to
   * be: it is the leader that must be sure of its quorums. Java wants both, and leaves such a server outside.
   */
  #isEnough(supporters: readonly Sid[], leader: Sid): boolean {
    const verifier = leader === this.#sid ? this.#verifier : this.#inForce();
    return verifier.containsQuorum(supporters);
  }

  /** [R91] Its followers' word is not enough: the leader itself must say that it leads. */
  #isLeaderAlive(votes: ReadonlyMap<Sid, HeardVote>, heard: Notification): boolean {
    if (heard.leader === this.#sid) return heard.round === this.#round;
    return votes.get(heard.leader)?.state === PeerState.leading;
  }

  // ----------------------------------------------------------------------------------------------------------- helpers

  /** Whom we voted for until now may take itself for elected, and wait for us: it hears what has come of it. */
  #finish(winner: Candidate, round: number, voters: readonly Sid[] = []): ElectionEffects {
    this.#phase = "idle";
    const { leader: loser } = this.#proposed;
    this.#proposed = candidate(winner);
    const elected = { ...this.#proposed, round, voters };
    if (loser === winner.leader || loser === this.#sid || !this.#isVoter(this.#sid)) {
      return this.#effects({ elected });
    }
    const state = winner.leader === this.#sid ? PeerState.leading : PeerState.following;
    return this.#effects({ sendNow: [{ ...this.#to(loser), round, state }], elected });
  }

  /**
   * A server without weight takes part and never leads. Of equal histories that of a voter in force is preferred, while a change
   * is under way: whoever has not heard of the change cannot vote for a newcomer, and its vote is needed.
   */
  #isBetter(left: Candidate, right: Candidate): boolean {
    if (this.#verifier.weightOf(left.leader) <= 0) return false;
    if (left.zxid === right.zxid && left.peerEpoch === right.peerEpoch) {
      const inForce = this.#inForce();
      const isInForce = inForce.weightOf(left.leader) > 0;
      if (isInForce !== inForce.weightOf(right.leader) > 0) return isInForce;
    }
    return isBetter(left, right);
  }

  #inForce(): QuorumVerifier {
    return this.#settings.inForce?.() ?? this.#verifier;
  }

  #isVoter(sid: Sid): boolean {
    return this.#verifier.votingMembers.has(sid);
  }

  #toOthers(): Outgoing[] {
    const others = [...this.#verifier.votingMembers].filter((sid) => sid !== this.#sid);
    return others.map((sid) => this.#to(sid));
  }

  /** An observer answers nobody: its word counts for nothing, and a voter would answer it, for ever. */
  #answer(to: Sid): Outgoing[] {
    const answers = this.#answered.get(to) ?? 0;
    if (!this.#isVoter(this.#sid) || answers === ANSWERS_MAX) return [];
    this.#answered.set(to, answers + 1);
    return [this.#to(to)];
  }

  #to(to: Sid): Outgoing {
    return { ...this.#proposed, to, round: this.#round, state: PeerState.looking };
  }

  #effects(some: Partial<ElectionEffects>): ElectionEffects {
    return { sendNow: [], setTimerMs: undefined, reconnect: false, elected: undefined, ...some };
  }
}

function candidate({ leader, zxid, peerEpoch }: Candidate): Candidate {
  return { leader, zxid, peerEpoch };
}

/** Whose votes are as this one. */
function supportersOf(heard: HeardVote, votes: ReadonlyMap<Sid, HeardVote>): Sid[] {
  return [...votes].filter(([, vote]) => isSameVote(vote, heard)).map(([sid]) => sid);
}

/** Java: Vote.equals. */
function isSameVote(left: HeardVote, right: HeardVote): boolean {
  if (left.state === PeerState.looking || right.state === PeerState.looking) {
    return (
      left.leader === right.leader &&
      left.zxid === right.zxid &&
      left.round === right.round &&
      left.peerEpoch === right.peerEpoch
    );
  }
  if (left.version > 0 !== right.version > 0) return left.leader === right.leader;
  return left.leader === right.leader && left.peerEpoch === right.peerEpoch;
}

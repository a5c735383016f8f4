// Whether a leader is still followed: its PINGs, who is overdue, when to resign, and proof on demand. Java: the loop at the
// end of Leader.lead, LearnerHandler.ping.

import { reached } from "../marks.js";
import type { Zxid } from "../wire/ids.js";
import { QuorumPacketType as Type } from "../wire/op-codes.js";
import { Confirmations } from "./confirmations.js";
import type { Effects } from "./effects.js";
import type { LeaderStart } from "./leader-start.js";
import type { Learners } from "./learners.js";

export class Heartbeat {
  readonly #start: LeaderStart;
  readonly #learners: Learners;
  readonly #confirmations = new Confirmations();
  #round = 0;
  #lastPingMs: number;
  #lastQuorumMs: number;

  constructor(start: LeaderStart, learners: Learners, nowMs: number) {
    this.#start = start;
    this.#learners = learners;
    this.#lastPingMs = nowMs;
    this.#lastQuorumMs = nowMs;
  }

  /** We serve from here on. */
  established(nowMs: number): void {
    this.#lastQuorumMs = nowMs;
  }

  closeOverdue(nowMs: number, effects: Effects): void {
    const { tickTimeMs, initLimitTicks, syncLimitTicks } = this.#start.times;
    const initLimitMs = tickTimeMs * initLimitTicks;
    for (const learner of this.#learners.all()) {
      const why = learner.overdue(nowMs, initLimitMs, tickTimeMs * syncLimitTicks);
      if (why !== undefined) this.#learners.close(learner, why, effects);
    }
  }

  /** Why we must resign: no quorum has been with us for a tick. */
  lostSupport(nowMs: number): string | undefined {
    const { sid, quorums, times } = this.#start;
    // Java too counts those that are being synchronized, as long as they are not overdue.
    const supporters = this.#learners.followersAnd(sid, (learner) => learner.isForwardedTo);
    if (quorums.containsQuorum(supporters)) {
      this.#lastQuorumMs = nowMs;
    } else if (nowMs - this.#lastQuorumMs > times.tickTimeMs) {
      reached("leader: it loses its quorum");
      const sids = [...supporters].join(",");
      return `Not sufficient followers synced, only synced with sids: [ [${sids}] ]`;
    }
    return undefined;
  }

  /**
   * Twice a tick. Also before we serve: those that have been synchronized wait for the slow ones, and hear that we are
   * alive (R96; Java's leaders keep silent, and lose them after syncLimit).
   */
  pingIfDue(nowMs: number, lastProposed: Zxid, effects: Effects): void {
    // Not on the dot: timers that come a little early would halve the rate.
    if (nowMs - this.#lastPingMs < this.#start.times.tickTimeMs * 0.4) return;
    this.#lastPingMs = nowMs;
    this.#ping(lastProposed, effects, true);
  }

  /** Puts a question; see Leader.confirmLeadership. */
  ask(after: Zxid): number {
    return this.#confirmations.ask(after);
  }

  /** After every answer to a PING, every commit and every question. */
  answerQuestions(lastProposed: Zxid, lastCommitted: Zxid, effects: Effects): void {
    if (this.#confirmations.wantsRound) this.#ping(lastProposed, effects, false);
    const { sid, quorums } = this.#start;
    const round = this.#confirmations.awaitedRound;
    if (round !== undefined) {
      const sids = this.#learners.followersAnd(sid, (learner) => learner.answeredRound >= round);
      if (quorums.containsQuorum(sids)) this.#confirmations.confirmed(round);
    }
    const upTo = this.#confirmations.take(lastCommitted);
    if (upTo !== undefined) effects.work.push({ kind: "confirmed", upTo });
    if (this.#confirmations.wantsRound) this.#ping(lastProposed, effects, false);
  }

  #ping(lastProposed: Zxid, effects: Effects, everybody: boolean): void {
    const round = ++this.#round;
    for (const learner of this.#learners.all()) {
      if (!learner.isForwardedTo || !(everybody || learner.upToDateSent)) continue;
      learner.pingSent(round);
      this.#learners.send(learner, Type.ping, lastProposed, null, effects);
    }
    this.#confirmations.roundSent(round);
  }
}

// Whether we still lead, asked and answered. A leader that was cut off does not know it until its time-outs say so; a sync
// that it answered meanwhile would let a client read what is no longer true (R43; Java answers it).
//
// So who wants to be sure asks here. A round of PINGs leaves after the question; when a quorum, ourselves included, has
// answered that round, nobody else can have been leader when the question was put, because who follows another leader
// answers us no more. And since a sync also waits for what was proposed before it, a question is answered when both are so.
//
// Questions are answered in their order. Those that come while a round is out share the next one.

import type { Zxid } from "../wire/ids.js";

interface Question {
  readonly number: number;
  /** What must be committed first. */
  readonly after: Zxid;
  /** The round of PINGs that left after it was put; undefined: none yet. */
  round: number | undefined;
}

export class Confirmations {
  #questions: Question[] = [];
  #lastNumber = 0;
  #confirmedRound = 0;

  ask(after: Zxid): number {
    const number = ++this.#lastNumber;
    this.#questions.push({ number, after, round: undefined });
    return number;
  }

  /** Whether a round of PINGs should leave now: somebody waits for one, and none is out on behalf of another. */
  get wantsRound(): boolean {
    const newest = this.#questions.at(-1);
    return newest !== undefined && newest.round === undefined && this.awaitedRound === undefined;
  }

  /** The round that the first unconfirmed question waits for. */
  get awaitedRound(): number | undefined {
    for (const { round } of this.#questions) {
      if (round === undefined) return undefined;
      if (round > this.#confirmedRound) return round;
    }
    return undefined;
  }

  /** A round of PINGs leaves: it answers for all that was asked before. */
  roundSent(round: number): void {
    for (let i = this.#questions.length - 1; i >= 0; i--) {
      const question = this.#questions[i]!;
      if (question.round !== undefined) return;
      question.round = round;
    }
  }

  /** A quorum has answered this round. */
  confirmed(round: number): void {
    if (round > this.#confirmedRound) this.#confirmedRound = round;
  }

  /** The number of the last question that is answered now, with all before it; undefined: none more. */
  take(committed: Zxid): number | undefined {
    let count = 0;
    for (const { round, after } of this.#questions) {
      if (round === undefined || round > this.#confirmedRound || after > committed) break;
      count++;
    }
    if (count === 0) return undefined;
    const number = this.#questions[count - 1]!.number;
    this.#questions.splice(0, count);
    return number;
  }
}

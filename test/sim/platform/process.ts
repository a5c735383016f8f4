// One life of a simulated server process: its loop.
//
// What happens to a process (bytes that arrived, a finished sync, a timer) is posted into its inbox. A turn empties the
// inbox, lets promise continuations run, then calls what was registered with `atTurnEnd`. After a turn the process is
// busy for a moment, so what arrives meanwhile is handled together in the next one: batches form as they do in production.
// A pause (SIGSTOP, a long garbage collection) is a long moment.
//
// A killed process is not told: its inbox is dropped, and whatever still holds its platform (a promise continuation) finds
// that calls have no effect any more.

import type { Range, SeededRandom } from "./random.js";
import { type Scheduler, settlePromises } from "./scheduler.js";

/** What the kernel has to close when the process is gone. */
export interface Closable {
  closeByKernel(): void;
  /** The machine has lost power: gone, and nobody is told. */
  vanish(): void;
}

export class SimProcess {
  readonly actor: number;
  readonly scheduler: Scheduler;
  /** Sockets and listeners. */
  readonly holds = new Set<Closable>();
  isAlive = true;
  readonly #random: SeededRandom;
  readonly #turnMs: Range;
  readonly #onUncaught: (error: unknown) => void;
  #inbox: (() => void)[] = [];
  #atTurnEnd: (() => void)[] = [];
  #isTurnDue = false;
  #busyUntilMs = 0;

  constructor(
    actor: number,
    scheduler: Scheduler,
    random: SeededRandom,
    turnMs: Range,
    onUncaught: (error: unknown) => void,
  ) {
    this.actor = actor;
    this.scheduler = scheduler;
    this.#random = random;
    this.#turnMs = turnMs;
    this.#onUncaught = onUncaught;
  }

  /** `run` is called in a turn of this process, unless it has died by then. */
  post(run: () => void): void {
    if (!this.isAlive) return;
    this.#inbox.push(run);
    this.#requestTurn();
  }

  atTurnEnd(run: () => void): void {
    if (!this.isAlive) return;
    this.#atTurnEnd.push(run);
    this.#requestTurn();
  }

  /** The process does nothing for so long; its kernel goes on. */
  pause(durationMs: number): void {
    this.#busyUntilMs = Math.max(this.#busyUntilMs, this.scheduler.nowMs + durationMs);
  }

  /** Ends it; the kernel closes what it held, unless it is gone too. */
  die(how: "killed" | "powerless"): void {
    if (!this.isAlive) return;
    this.isAlive = false;
    this.#inbox = [];
    this.#atTurnEnd = [];
    const held = [...this.holds];
    this.holds.clear();
    for (const closable of held) {
      if (how === "killed") closable.closeByKernel();
      else closable.vanish();
    }
  }

  #requestTurn(): void {
    if (this.#isTurnDue) return;
    this.#isTurnDue = true;
    this.scheduler.at(this.#busyUntilMs, "turn", this.actor, () => this.#turn());
  }

  #turn(): void {
    this.#isTurnDue = false;
    if (!this.isAlive) return;
    // A pause may have begun after the turn was asked for.
    if (this.#busyUntilMs > this.scheduler.nowMs) {
      this.#requestTurn();
      return;
    }
    this.#runTurn();
  }

  #runTurn(): void {
    // What is posted while the turn runs waits for the next one, as sockets wait for the next poll.
    this.#isTurnDue = true;
    this.#runAll(this.#take("inbox"));
    settlePromises();
    const endings = this.#take("atTurnEnd");
    if (endings.length > 0) {
      this.#runAll(endings);
      settlePromises();
    }
    this.pause(this.#random.between(this.#turnMs));
    this.#isTurnDue = false;
    if (this.#inbox.length > 0 || this.#atTurnEnd.length > 0) this.#requestTurn();
  }

  #take(which: "inbox" | "atTurnEnd"): (() => void)[] {
    if (which === "inbox") {
      const taken = this.#inbox;
      this.#inbox = [];
      return taken;
    }
    const taken = this.#atTurnEnd;
    this.#atTurnEnd = [];
    return taken;
  }

  #runAll(callbacks: readonly (() => void)[]): void {
    for (const run of callbacks) {
      if (!this.isAlive) return; // one of them ended the process
      try {
        run();
      } catch (error) {
        this.#onUncaught(error);
      }
    }
  }
}

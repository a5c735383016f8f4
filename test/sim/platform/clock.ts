// The clock of a simulated node: virtual time, as this node sees it.
//
// A node's wall clock may be off and may step; both its clocks may run fast or slow (drift). Only the wall clock steps:
// session expiry and ticks that look at it instead of the monotonic clock will show it.

import type { Clock, Timer } from "../../../src/platform/platform.js";
import type { SimProcess } from "./process.js";
import type { Range, SeededRandom } from "./random.js";
import type { Scheduler } from "./scheduler.js";

/** 2026-01-01: any fixed time will do. */
const EPOCH_MS = 1_767_225_600_000;

/** Belongs to the machine: outlives the process. */
export class SimTime {
  readonly #scheduler: Scheduler;
  #wallOffsetMs = 0;
  #rate = 1;
  #sinceVirtualMs = 0;
  #sinceLocalMs = 0;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  /** Sets the wall clock forward, or back. */
  stepWall(byMs: number): void {
    this.#wallOffsetMs += byMs;
  }

  /** 1.01: this node's clocks gain one per cent. Timers that are set already keep their time. */
  setRate(rate: number): void {
    this.#sinceLocalMs = this.localMs();
    this.#sinceVirtualMs = this.#scheduler.nowMs;
    this.#rate = rate;
  }

  localMs(): number {
    return this.#sinceLocalMs + (this.#scheduler.nowMs - this.#sinceVirtualMs) * this.#rate;
  }

  wallMs(): number {
    return Math.floor(EPOCH_MS + this.#wallOffsetMs + this.localMs());
  }

  toVirtual(localDurationMs: number): number {
    return localDurationMs / this.#rate;
  }
}

export class SimClock implements Clock {
  readonly #process: SimProcess;
  readonly #time: SimTime;
  readonly #random: SeededRandom;
  readonly #timerLatenessMs: Range;

  constructor(process: SimProcess, time: SimTime, random: SeededRandom, timerLatenessMs: Range) {
    this.#process = process;
    this.#time = time;
    this.#random = random;
    this.#timerLatenessMs = timerLatenessMs;
  }

  wallMs(): number {
    return this.#time.wallMs();
  }

  /** Time stands still in an event. */
  turnWallMs(): number {
    return this.#time.wallMs();
  }

  monotonicMs(): number {
    return this.#time.localMs();
  }

  setTimer(delayMs: number, fire: () => void): Timer {
    const process = this.#process;
    let isCancelled = false;
    const due = this.#time.toVirtual(delayMs) + this.#random.between(this.#timerLatenessMs);
    const event = process.scheduler.after(due, "timer", process.actor, () => {
      process.post(() => {
        if (!isCancelled) fire();
      });
    });
    return {
      cancel: () => {
        isCancelled = true;
        event.cancel();
      },
    };
  }

  atTurnEnd(run: () => void): void {
    this.#process.atTurnEnd(run);
  }
}

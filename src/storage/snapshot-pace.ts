// How much of a snapshot is made in one turn of the loop: one slice, and a larger one where turns are long anyway.
//
// A turn of a busy server takes milliseconds, a small slice a third of one: a slice a turn would make the snapshot take many times
// as long as it must, and whatever is logged meanwhile is what a restart has to replay. So a slice grows while it is no
// more than a quarter of what else a turn does, and becomes smaller again where it is more than all of that. A server with
// little to do has short turns: there it stays small, and no request waits for a large one.

import { SNAPSHOT_SLICE_GROWTH } from "../limits.js";
import type { Clock } from "../platform/platform.js";

/** A slice grows while the rest of the turn takes so many times as long. */
const REST_FACTOR = 4;

export class SnapshotPace {
  sliceBytes: number;
  readonly #clock: Clock;
  readonly #leastBytes: number;
  #beganMs: number;
  #sliceMs = 0;

  constructor(clock: Clock, leastBytes: number) {
    this.#clock = clock;
    this.#leastBytes = leastBytes;
    this.sliceBytes = leastBytes;
    this.#beganMs = clock.monotonicMs();
  }

  /** The slice of this turn is there. */
  made(): void {
    this.#sliceMs = this.#clock.monotonicMs() - this.#beganMs;
  }

  /** Until everybody else had a turn. */
  async untilNext(): Promise<void> {
    const clock = this.#clock;
    const startMs = clock.monotonicMs();
    await new Promise<void>((resume) => clock.atTurnEnd(resume));
    this.#beganMs = clock.monotonicMs();
    const restMs = this.#beganMs - startMs;
    const least = this.#leastBytes;
    if (restMs < this.#sliceMs) this.sliceBytes = Math.max(least, this.sliceBytes / 2);
    else if (restMs > this.#sliceMs * REST_FACTOR) {
      this.sliceBytes = Math.min(least * SNAPSHOT_SLICE_GROWTH, this.sliceBytes * 2);
    }
  }
}

// How late timers fire, while somebody looks: what a request that comes at the wrong moment waits.

import { Histogram } from "../../metrics/histogram.js";
import type { Clock, Timer } from "../../platform/platform.js";

const INTERVAL_MS = 100;
/** Nobody has looked for so long: nothing is measured any more. */
const PATIENCE_MS = 15_000;

export class LoopLag {
  readonly histogram = new Histogram();
  readonly #clock: Clock;
  #timer: Timer | undefined;
  #lookedAtMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  isLookedAt(): void {
    this.#lookedAtMs = this.#clock.monotonicMs();
    if (this.#timer === undefined) this.#schedule();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #schedule(): void {
    const startMs = this.#clock.monotonicMs();
    this.#timer = this.#clock.setTimer(INTERVAL_MS, () => {
      const nowMs = this.#clock.monotonicMs();
      this.histogram.add(Math.max(0, Math.floor(nowMs - startMs - INTERVAL_MS)));
      if (nowMs - this.#lookedAtMs > PATIENCE_MS) this.#timer = undefined;
      else this.#schedule();
    });
  }
}

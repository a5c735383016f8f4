// Tells who has not been heard of in time. Java: the thread of SessionTrackerImpl.

import type { Clock, Timer } from "../platform/platform.js";
import type { SessionTracker, TrackedSession } from "../session/session-tracker.js";

export class ExpiryTimer {
  readonly #clock: Clock;
  readonly #sessions: SessionTracker;
  readonly #expire: (session: TrackedSession) => void;
  #timer: Timer | undefined;

  constructor(clock: Clock, sessions: SessionTracker, expire: (session: TrackedSession) => void) {
    this.#clock = clock;
    this.#sessions = sessions;
    this.#expire = expire;
  }

  start(): void {
    const waitMs = Math.max(0, this.#sessions.nextDueMs - this.#clock.monotonicMs());
    // A process that stood still finds the timer due before it has read the pings that were sent to it meanwhile.
    this.#timer = this.#clock.setTimer(waitMs, () => this.#clock.atTurnEnd(this.#run));
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  readonly #run = (): void => {
    if (this.#timer === undefined) return;
    for (const session of this.#sessions.due(this.#clock.monotonicMs())) {
      this.#expire(session);
      // A leader that has given out the last zxid of its epoch resigns within.
      if (this.#timer === undefined) return;
    }
    this.start();
  };
}

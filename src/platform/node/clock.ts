// The clock of a real process.
//
// `atTurnEnd` is one setImmediate for all callbacks of a turn. libuv runs a turn as timers, poll (sockets, finished disk
// calls), check, closing: setImmediate is the check phase, so it runs after every chunk that this poll delivered and
// before the loop waits again. process.nextTick or a microtask would run after each single chunk and split the batches
// that the speed of this server comes from: one append, one sync, one write per connection and turn.
//
// A callback that is registered while a turn ends runs at the end of the next turn, which follows without waiting: whoever
// cuts long work into slices lets all sockets be served between two of them.

import type { Clock, Timer } from "../platform.js";

/** setTimeout turns anything longer into 1 ms; 24 days is for ever here. */
const TIMER_MAX_MS = 2 ** 31 - 1;

export class NodeClock implements Clock {
  #atTurnEnd: (() => void)[] = [];
  readonly #endTurn = (): void => {
    const callbacks = this.#atTurnEnd;
    this.#atTurnEnd = [];
    for (const run of callbacks) run();
  };

  /** 0: nobody has asked in this turn. */
  #turnWallMs = 0;
  readonly #forgetTurn = (): void => {
    this.#turnWallMs = 0;
  };

  wallMs(): number {
    return Date.now();
  }

  turnWallMs(): number {
    if (this.#turnWallMs === 0) {
      this.#turnWallMs = Date.now();
      this.atTurnEnd(this.#forgetTurn);
    }
    return this.#turnWallMs;
  }

  monotonicMs(): number {
    return performance.now();
  }

  setTimer(delayMs: number, fire: () => void): Timer {
    return new NodeTimer(setTimeout(fire, Math.min(Math.max(delayMs, 0), TIMER_MAX_MS)));
  }

  atTurnEnd(run: () => void): void {
    if (this.#atTurnEnd.push(run) === 1) setImmediate(this.#endTurn);
  }
}

class NodeTimer implements Timer {
  readonly #timeout: NodeJS.Timeout;

  constructor(timeout: NodeJS.Timeout) {
    this.#timeout = timeout;
  }

  cancel(): void {
    clearTimeout(this.#timeout);
  }
}

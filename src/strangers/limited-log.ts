// The log of what anybody can bring about: connections that come to nothing. So many lines a second, and then only how many
// more there would have been: whoever connects in a loop must not fill the disk. Java: RateLogger, in one place of many.

import { STRANGERS_LINES_PER_SECOND } from "../limits.js";
import type { Clock, Logger } from "../platform/platform.js";

export class LimitedLog implements Logger {
  readonly #log: Logger;
  readonly #clock: Clock;
  #second = -1;
  #lines = 0;
  #leftOut = 0;

  constructor(log: Logger, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  child(component: string): Logger {
    return new LimitedLog(this.#log.child(component), this.#clock);
  }

  trace(message: string, error?: unknown): void {
    this.#log.trace(message, error);
  }

  debug(message: string, error?: unknown): void {
    this.#log.debug(message, error);
  }

  info(message: string, error?: unknown): void {
    if (this.#hasRoom()) this.#log.info(message, error);
  }

  warn(message: string, error?: unknown): void {
    if (this.#hasRoom()) this.#log.warn(message, error);
  }

  error(message: string, error?: unknown): void {
    if (this.#hasRoom()) this.#log.error(message, error);
  }

  isDebugEnabled(): boolean {
    return this.#log.isDebugEnabled();
  }

  #hasRoom(): boolean {
    const second = Math.floor(this.#clock.monotonicMs() / 1000);
    if (second !== this.#second) {
      const leftOut = this.#leftOut;
      this.#second = second;
      this.#lines = 0;
      this.#leftOut = 0;
      if (leftOut > 0) this.#log.warn(`${leftOut} more lines like those before were left out`);
    }
    if (this.#lines++ < STRANGERS_LINES_PER_SECOND) return true;
    this.#leftOut++;
    return false;
  }
}

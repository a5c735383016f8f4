// So many times in an interval, and then not. Java: RateLimiter.

export class RateLimiter {
  readonly #intervalMs: number;
  #sinceMs: number;
  #isUsed = false;

  /** Once in each interval; the first begins now. */
  constructor(intervalMs: number, nowMs: number) {
    this.#intervalMs = intervalMs;
    this.#sinceMs = nowMs;
  }

  allow(nowMs: number): boolean {
    if (nowMs > this.#sinceMs + this.#intervalMs) {
      this.#isUsed = false;
      this.#sinceMs = nowMs;
    }
    if (this.#isUsed) return false;
    this.#isUsed = true;
    return true;
  }
}

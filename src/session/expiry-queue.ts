// Things that expire, in buckets of one tick, so that touching one is a comparison and seldom more.
//
// Java: ExpiryQueue. Times are rounded up to the next multiple of the interval, so everything in a bucket expires at once,
// and something touched again within the same tick stays where it is. A bucket that has become empty stays until its time
// has come: `dump` shows how many there are, and an operator who compares with Java sees the same.
//
// | touch, same tick  | O(1), nothing allocated |
// | touch, later tick | O(1), two set operations |
// | due               | O(ticks that have passed + what is due) |
//
// Invariant: an element is in the bucket of `expiresAtMs`, and in no other; expiresAtMs is 0 when it is in none.

/** An element carries its own place, so that no map of elements is needed. */
export interface Expiring {
  /** Written by the queue alone. */
  expiresAtMs: number;
}

export class ExpiryQueue<Element extends Expiring> {
  readonly #intervalMs: number;
  readonly #buckets = new Map<number, Set<Element>>();
  #nextMs: number;
  #size = 0;

  constructor(intervalMs: number, nowMs: number) {
    this.#intervalMs = intervalMs;
    this.#nextMs = this.#roundUp(nowMs);
  }

  get size(): number {
    return this.#size;
  }

  get bucketCount(): number {
    return this.#buckets.size;
  }

  /** When `due` will next have something to look at. */
  get nextMs(): number {
    return this.#nextMs;
  }

  update(element: Element, timeoutMs: number, nowMs: number): void {
    const expiresAtMs = Math.max(this.#roundUp(nowMs + timeoutMs), this.#nextMs);
    if (element.expiresAtMs === expiresAtMs) return;
    if (element.expiresAtMs === 0) this.#size++;
    else this.#buckets.get(element.expiresAtMs)?.delete(element);
    element.expiresAtMs = expiresAtMs;
    let bucket = this.#buckets.get(expiresAtMs);
    if (bucket === undefined) {
      bucket = new Set();
      this.#buckets.set(expiresAtMs, bucket);
    }
    bucket.add(element);
  }

  remove(element: Element): void {
    if (element.expiresAtMs === 0) return;
    this.#buckets.get(element.expiresAtMs)?.delete(element);
    element.expiresAtMs = 0;
    this.#size--;
  }

  /**
   * Takes out what has expired by now, earliest first.
   *
   * When this is called more than an interval late, it was we who did not listen (a stopped process, a machine that stood
   * still), and what was sent to us meanwhile is still unread: everything due then gets one more interval instead. Java
   * expires such sessions, which is the wave of expiries that follows a long garbage collection.
   */
  due(nowMs: number): Element[] {
    const expired: Element[] = [];
    const isLate = nowMs - this.#nextMs > this.#intervalMs;
    for (; this.#nextMs <= nowMs; this.#nextMs += this.#intervalMs) {
      const bucket = this.#buckets.get(this.#nextMs);
      if (bucket === undefined) continue;
      this.#buckets.delete(this.#nextMs);
      for (const element of bucket) {
        element.expiresAtMs = 0;
        this.#size--;
        expired.push(element);
      }
    }
    if (!isLate) return expired;
    for (const element of expired) this.update(element, 0, nowMs);
    return [];
  }

  /** For `dump`: in order of time. */
  buckets(): { readonly expiresMs: number; readonly elements: ReadonlySet<Element> }[] {
    return [...this.#buckets]
      .map(([expiresMs, elements]) => ({ expiresMs, elements }))
      .sort((a, b) => a.expiresMs - b.expiresMs);
  }

  #roundUp(timeMs: number): number {
    return (Math.floor(timeMs / this.#intervalMs) + 1) * this.#intervalMs;
  }
}

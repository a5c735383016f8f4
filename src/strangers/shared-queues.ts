// What waits to be sent to all of a kind together: learners, or clients. Java: nothing; its queues grow as long as there is memory.
//
// Each has a limit of its own that is meant for the worst that is right: a large snapshot on a slow network, a storm of events. Many
// at a time may not each have that much.

export interface SharedQueue {
  giveUp(why: string): void;
}

export class SharedQueues {
  readonly #maxBytes: number;
  readonly #bytesOf = new Map<SharedQueue, number>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** So much waits in this one now. When it is too much in all, the longest is given up, which may be another. */
  report(queue: SharedQueue, bytes: number): void {
    const before = this.#bytesOf.get(queue) ?? 0;
    if (bytes === before) return;
    this.#bytes += bytes - before;
    if (bytes === 0) this.#bytesOf.delete(queue);
    else this.#bytesOf.set(queue, bytes);
    if (bytes > before && this.#bytes > this.#maxBytes) this.#giveUpLongest();
  }

  #giveUpLongest(): void {
    let longest: SharedQueue | undefined;
    let most = 0;
    for (const [queue, bytes] of this.#bytesOf) {
      if (bytes <= most) continue;
      longest = queue;
      most = bytes;
    }
    const all = this.#bytes;
    longest?.giveUp(
      `${most} bytes wait to be sent, most of ${all} to all: at most ${this.#maxBytes} may`,
    );
  }
}

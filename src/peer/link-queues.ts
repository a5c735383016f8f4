// What waits to be sent to all learners of a server together. Java: nothing; each of its queues grows as long as there is memory.
//
// One learner may be as far behind as LINK_QUEUE_MAX_BYTES, which is meant for a large snapshot on a slow network. Many at a time
// (observers, or callers that nobody knows, where members do not have to say who they are) may not each have that much.

export interface LinkQueue {
  giveUp(why: string): void;
}

export class LinkQueues {
  readonly #maxBytes: number;
  readonly #bytesOf = new Map<LinkQueue, number>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** So much waits in this one now. When it is too much in all, the longest is given up, which may be another. */
  report(queue: LinkQueue, bytes: number): void {
    const before = this.#bytesOf.get(queue) ?? 0;
    if (bytes === before) return;
    this.#bytes += bytes - before;
    if (bytes === 0) this.#bytesOf.delete(queue);
    else this.#bytesOf.set(queue, bytes);
    if (bytes > before && this.#bytes > this.#maxBytes) this.#giveUpLongest();
  }

  #giveUpLongest(): void {
    let longest: LinkQueue | undefined;
    let most = 0;
    for (const [queue, bytes] of this.#bytesOf) {
      if (bytes <= most) continue;
      longest = queue;
      most = bytes;
    }
    const all = this.#bytes;
    longest?.giveUp(
      `${most} bytes wait to be sent, most of ${all} to all learners: at most ${this.#maxBytes} may`,
    );
  }
}

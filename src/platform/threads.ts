// A part of the platform (platform.ts, whose rules hold): another thread of this process, for what can be computed beside.

/** What runs there is src/reader-thread.ts. Nothing is shared: buffers that are handed over are gone from here. */
export interface Threads {
  /**
   * `told` is called with each message, and once, last, `ended`: with an error where the thread could not begin or go on. After
   * `stop` neither is called.
   */
  start(order: unknown, told: (message: unknown) => void, ended: (error?: Error) => void): Thread;
}

export interface Thread {
  post(message: unknown, handedOver: readonly ArrayBuffer[]): void;
  stop(): void;
}

/** The other end: what the thread has of whoever started it. */
export interface ThreadPort {
  post(message: unknown, handedOver: readonly ArrayBuffer[]): void;
  /** Resolves with the next message. */
  next(): Promise<unknown>;
}

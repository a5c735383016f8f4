// How many connections may be taken in before there is no file left that log and snapshots could be written to.
//
// What is open is counted by looking, which costs a listing: only when so many have been taken in since the last look that
// there might be no more, and never twice in LOOK_INTERVAL_MS.

import { maxFileDescriptors, openFileDescriptors } from "./host.js";

/** So many descriptors, or a quarter of those that there are, are kept from callers. */
const KEPT = 256;
const LOOK_INTERVAL_MS = 10;

export class Descriptors {
  readonly #most: number;
  #open = 0;
  #takenSince = 0;
  #lookedMs = Number.NEGATIVE_INFINITY;

  constructor() {
    const all = maxFileDescriptors() ?? Number.POSITIVE_INFINITY;
    this.#most = all - Math.min(KEPT, Math.ceil(all / 4));
  }

  /** Whether there is one for another caller, who has it then. */
  take(): boolean {
    if (this.#open + this.#takenSince >= this.#most && !this.#look()) return false;
    this.#takenSince++;
    return true;
  }

  #look(): boolean {
    const nowMs = performance.now();
    if (nowMs - this.#lookedMs < LOOK_INTERVAL_MS) return false;
    this.#lookedMs = nowMs;
    this.#open = openFileDescriptors() ?? 0;
    this.#takenSince = 0;
    return this.#open < this.#most;
  }
}

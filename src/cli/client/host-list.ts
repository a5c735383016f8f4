// Which server to try next. Java: StaticHostProvider.
//
// The list is shuffled once, so that the clients of an ensemble spread over it, and then gone round. Whoever has come back
// to the server it was last connected to (or started with) has tried all, and pauses before the next round.

import type { Endpoint, Random } from "../../platform/platform.js";
import { SESSION_DEFAULTS, type SessionOptions } from "./session-options.js";

export interface Attempt {
  readonly server: Endpoint;
  /** Before it: none the first time. */
  readonly pauseMs: number;
}

export class HostList {
  readonly #random: Random;
  readonly #reconnectPauseMaxMs: number;
  readonly #roundPauseMs: number;
  #servers: Endpoint[];
  #current = -1;
  /** Where the round began: -1 before the very first attempt, which is never paused for. */
  #last = -1;
  #isFirstAttempt = true;

  constructor(servers: readonly Endpoint[], random: Random, options: SessionOptions = {}) {
    this.#random = random;
    this.#reconnectPauseMaxMs = options.reconnectPauseMaxMs ?? SESSION_DEFAULTS.reconnectPauseMaxMs;
    this.#roundPauseMs = options.roundPauseMs ?? SESSION_DEFAULTS.roundPauseMs;
    this.#servers = shuffled(servers, random);
  }

  get size(): number {
    return this.#servers.length;
  }

  /** `preferred`: a server that is known to be a good one. */
  nextAttempt(preferred: Endpoint | undefined): Attempt {
    const maxMs = this.#isFirstAttempt ? 0 : this.#reconnectPauseMaxMs;
    const pauseMs = maxMs > 0 ? this.#random.integer(maxMs) : 0;
    this.#isFirstAttempt = false;
    if (preferred !== undefined) return { server: preferred, pauseMs };
    const before = this.#last;
    const server = this.next();
    return { server, pauseMs: this.#current === before ? pauseMs + this.#roundPauseMs : pauseMs };
  }

  next(): Endpoint {
    this.#current = (this.#current + 1) % this.#servers.length;
    if (this.#last === -1) this.#last = 0;
    return this.#servers[this.#current]!;
  }

  onConnected(): void {
    this.#last = this.#current;
  }

  /**
   * Takes over a new list. Whether the client should leave the server it is connected to: because that one is not in the
   * list any more, or, where the list grew, with the probability that spreads the clients evenly again.
   */
  replace(servers: readonly Endpoint[], connectedTo: Endpoint | undefined): boolean {
    const before = this.#servers.length;
    this.#servers = shuffled(servers, this.#random);
    this.#last = -1;
    this.#current = -1;
    if (connectedTo === undefined) return false;
    const index = this.#servers.findIndex((server) => isSame(server, connectedTo));
    if (index < 0) return true;
    this.#current = index;
    this.#last = index;
    const grown = this.#servers.length - before;
    return grown > 0 && this.#random.integer(this.#servers.length) < grown;
  }
}

export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    const item = result[i]!;
    result[i] = result[j]!;
    result[j] = item;
  }
  return result;
}

function isSame(a: Endpoint, b: Endpoint): boolean {
  return a.host === b.host && a.port === b.port;
}

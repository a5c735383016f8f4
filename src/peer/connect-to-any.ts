// One connection to a server that may be reached at several addresses. Java: MultipleAddresses.getReachableOrOne asks with a
// ping first; here the connection itself is the question.
//
// The addresses are tried in their order, the next one when the one before has failed or has been silent for a while: a dead
// network costs a moment, and a healthy server does not see connections that are given up at once. The first to be
// connected wins, the others are cancelled.

import type { HostPort } from "../config/server-spec.js";
import { type Connection, NetworkError, type Platform, type Timer } from "../platform/platform.js";
import type { AddressBook } from "./addresses.js";

export interface ConnectOptions {
  /** For all of it: names, all addresses. */
  readonly timeoutMs: number;
  /** How long an address is waited for before the next one is tried as well. */
  readonly patienceMs: number;
}

/** `used`: which of the targets answered. */
export type Connected = (
  error: NetworkError | undefined,
  connection?: Connection,
  used?: HostPort,
) => void;

interface Candidate {
  readonly target: HostPort;
  readonly address: string;
}

export class ConnectAttempt {
  readonly #platform: Platform;
  readonly #book: AddressBook;
  readonly #options: ConnectOptions;
  readonly #deadlineMs: number;
  readonly #underWay = new Set<{ cancel(): void }>();
  readonly #candidates: Candidate[] = [];
  #unresolved: number;
  #connecting = 0;
  #patience: Timer | undefined;
  #lastError: NetworkError | undefined;
  #done: Connected | undefined;

  /** `done` is called once, unless it is cancelled before. */
  constructor(
    platform: Platform,
    book: AddressBook,
    targets: readonly HostPort[],
    options: ConnectOptions,
    done: Connected,
  ) {
    this.#platform = platform;
    this.#book = book;
    this.#options = options;
    this.#deadlineMs = platform.clock.monotonicMs() + options.timeoutMs;
    this.#unresolved = targets.length;
    this.#done = done;
    for (const target of targets) this.#resolve(target);
    if (targets.length === 0) {
      const timer = platform.clock.setTimer(0, () => this.#next());
      this.#underWay.add(timer);
    }
  }

  cancel(): void {
    this.#finish();
  }

  #resolve(target: HostPort): void {
    const question = this.#book.find(target.host, this.#options.timeoutMs, (error, addresses) => {
      this.#underWay.delete(question);
      this.#unresolved--;
      this.#lastError = error ?? this.#lastError;
      for (const address of addresses) this.#candidates.push({ target, address });
      if (this.#connecting === 0) this.#next();
    });
    this.#underWay.add(question);
  }

  /** Tries one more address; gives up when there is none and nothing is under way. */
  #next(): void {
    const candidate = this.#candidates.shift();
    if (candidate !== undefined) this.#connect(candidate);
    else if (this.#connecting === 0 && this.#unresolved === 0) {
      const error = this.#lastError ?? new NetworkError("EDESTADDRREQ", "No address is known");
      this.#finish()?.(error);
    }
  }

  #connect({ target, address }: Candidate): void {
    const { clock, network } = this.#platform;
    const timeoutMs = Math.max(1, Math.ceil(this.#deadlineMs - clock.monotonicMs()));
    this.#connecting++;
    const attempt = network.connect(
      { host: address, port: target.port },
      { timeoutMs },
      (error, connection) => {
        this.#underWay.delete(attempt);
        this.#connecting--;
        if (connection !== undefined) {
          this.#finish()?.(undefined, connection, target);
          return;
        }
        this.#lastError = error;
        this.#next();
      },
    );
    this.#underWay.add(attempt);
    this.#patience?.cancel();
    this.#patience = clock.setTimer(this.#options.patienceMs, () => {
      if (this.#candidates.length > 0) this.#next();
    });
  }

  #finish(): Connected | undefined {
    const done = this.#done;
    this.#done = undefined;
    this.#patience?.cancel();
    for (const one of this.#underWay) one.cancel();
    this.#underWay.clear();
    return done;
  }
}

// One connection to a server that may be reached at several addresses. Java: MultipleAddresses.getReachableOrOne asks with a
// ping first; here the connection itself is the question.
//
// The addresses are tried in their order, the next one when the one before has failed or has been silent for a while: a dead
// network costs a moment, and a healthy server does not see connections that are given up at once. The first to be
// connected wins, the others are cancelled.

import type { HostPort } from "../config/server-spec.js";
import {
  type Connection,
  type Logger,
  NetworkError,
  type Platform,
  type Timer,
} from "../platform/platform.js";
import type { AddressBook } from "./addresses.js";
import { callPeer, type PeerTls } from "./peer-tls.js";

export interface ConnectOptions {
  /** For all of it: names, all addresses. */
  readonly timeoutMs: number;
  /** How long an address is waited for before the next one is tried as well. */
  readonly patienceMs: number;
  /** Undefined, or not a caller: the connection is plain. */
  readonly tls: PeerTls | undefined;
  readonly log: Logger;
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
    this.#connecting++;
    const attempt = network.connect(
      { host: address, port: target.port },
      { timeoutMs: this.#remainingMs() },
      (error, connection) => {
        this.#underWay.delete(attempt);
        if (connection === undefined) this.#failed(error);
        else this.#shake(connection, target);
      },
    );
    this.#underWay.add(attempt);
    this.#patience?.cancel();
    this.#patience = clock.setTimer(this.#options.patienceMs, () => {
      if (this.#candidates.length > 0) this.#next();
    });
  }

  /** Connected: agreed on TLS, if that is wanted, it is the one. */
  #shake(connection: Connection, target: HostPort): void {
    const { tls, log } = this.#options;
    if (!tls?.isCaller) {
      this.#finish()?.(undefined, connection, target);
      return;
    }
    const handshake = callPeer(
      tls,
      connection,
      target,
      this.#remainingMs(),
      log,
      (error, secured) => {
        this.#underWay.delete(handshake);
        if (secured === undefined) this.#failed(error);
        else this.#finish()?.(undefined, secured, target);
      },
    );
    this.#underWay.add(handshake);
  }

  #failed(error: NetworkError | undefined): void {
    this.#connecting--;
    this.#lastError = error;
    this.#next();
  }

  #remainingMs(): number {
    return Math.max(1, Math.ceil(this.#deadlineMs - this.#platform.clock.monotonicMs()));
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

// How a learner finds its leader, and a leader its learners. Java: Learner.connectToLeader, Leader.LearnerCnxAcceptor.
//
// The leader listens on its quorum addresses; it can lead if one of them could be bound. A learner tries all addresses of its
// leader at once, each again and again, until one is connected or the time is up: a leader that has just been elected may
// need a moment to listen.

import type { HostPort } from "../config/server-spec.js";
import type { Connection, Logger, NetworkError, Platform } from "../platform/platform.js";
import { LimitedLog } from "../strangers/limited-log.js";
import { AddressBook, javaAddress } from "./addresses.js";
import { ConnectAttempt } from "./connect-to-any.js";
import { type LinkSettings, PacketLink } from "./packet-link.js";
import {
  authenticateCaller,
  authenticateSelf,
  type PeerAuthentication,
} from "./peer-authentication.js";
import { PeerDoor } from "./peer-door.js";
import type { PeerTls } from "./peer-tls.js";

/**
 * Java tries five times, leaderConnectDelayDuringRetryMs apart. We begin with shorter pauses, because most leaders listen a
 * few milliseconds after their followers have elected them, and go on for as long, and for as long as a Java server may be
 * behind us in the election (finalizeWait, and what a busy machine adds).
 */
const FIRST_PAUSE_MS = 5;
const JAVA_PAUSES = 4;
const BEHIND_MS = 600;

/** A name with several addresses: the next one is tried as well when one is silent for so long. */
const PATIENCE_MS = 250;

// ------------------------------------------------------------------------------------------------------------------ leader

export interface LearnerDoorOptions {
  readonly platform: Platform;
  /** This server's quorum addresses. */
  readonly addresses: readonly HostPort[];
  readonly quorumListenOnAllIPs: boolean;
  readonly link: LinkSettings;
  /** Undefined: learners need not say who they are. */
  readonly authentication?: PeerAuthentication | undefined;
  /** initLimit ticks: for a learner's first packet. */
  readonly firstPacketMs: number;
  /** Undefined: connections are plain. */
  readonly tls: PeerTls | undefined;
  /** The link must be started in this turn. */
  readonly accept: (link: PacketLink) => void;
  /** With an error when no address could be bound: this server cannot lead. */
  readonly ready: (error?: Error) => void;
}

export interface LearnerDoor {
  readonly ports: readonly number[];
  /** Links that were accepted stay. */
  close(done: () => void): void;
}

export function listenForLearners(options: LearnerDoorOptions): LearnerDoor {
  const { platform, addresses, link: settings } = options;
  const log = platform.log.child("Leader");
  const strangers = new LimitedLog(log, platform.clock);
  /** `speaking` is what the accepted connection has become. */
  const take = (accepted: Connection, speaking: Connection): void => {
    const timer = platform.clock.setTimer(options.firstPacketMs, () => {
      link.close(`It has not said who it is in ${options.firstPacketMs} ms`);
    });
    const link = new PacketLink(speaking, platform.clock, settings, () => {
      timer.cancel();
      door.identified(accepted);
    });
    options.accept(link);
  };
  const door: PeerDoor = new PeerDoor({
    platform,
    log,
    addresses,
    onAllInterfaces: options.quorumListenOnAllIPs,
    tries: 1,
    tls: options.tls,
    handshakeTimeoutMs: options.firstPacketMs,
    accept: (connection) => {
      const { authentication, firstPacketMs: timeoutMs } = options;
      if (authentication === undefined) {
        take(connection, connection);
        return;
      }
      const attempt = { clock: platform.clock, timeoutMs, connection };
      authenticateCaller(authentication, attempt, (error, authenticated) => {
        if (authenticated !== undefined) {
          take(connection, authenticated);
          return;
        }
        door.identified(connection);
        const from = `/${connection.remoteAddress}:${connection.remotePort}`;
        strangers.error(
          `Server failed to authenticate quorum learner, addr: ${from}, closing connection`,
          error,
        );
      });
    },
    bound: () => {},
    bindFailed: (address, error) =>
      log.error(`Couldn't bind to ${javaAddress(address, undefined)}`, error),
    gaveUp: () => {},
    settled: (bound, lastError) => {
      if (bound > 0) options.ready();
      else {
        const all = addresses.map((one) => javaAddress(one, undefined)).join(", ");
        const message = `Leader failed to initialize any of the following sockets: [${all}]`;
        options.ready(new Error(message, { cause: lastError }));
      }
    },
  });
  return door;
}

// ----------------------------------------------------------------------------------------------------------------- learner

export interface LeaderCallOptions {
  readonly platform: Platform;
  /** The leader's quorum addresses. */
  readonly addresses: readonly HostPort[];
  readonly link: LinkSettings;
  /** Undefined: the leader is not told who calls. */
  readonly authentication?: PeerAuthentication | undefined;
  /** connectToLearnerMasterLimit ticks, or initLimit ticks. */
  readonly timeoutMs: number;
  /** leaderConnectDelayDuringRetryMs. */
  readonly retryDelayMs: number;
  readonly tls: PeerTls | undefined;
  /** Called once, unless it is cancelled. The link must be started in this turn. */
  readonly done: (error: Error | undefined, link?: PacketLink) => void;
}

export function connectToLeader(options: LeaderCallOptions): { cancel(): void } {
  return new LeaderCall(options);
}

class LeaderCall {
  readonly #options: LeaderCallOptions;
  readonly #log: Logger;
  readonly #book: AddressBook;
  readonly #startMs: number;
  readonly #deadlineMs: number;
  readonly #underWay = new Set<{ cancel(): void }>();
  #addressesLeft: number;
  #lastError: Error | undefined;
  #isOver = false;

  constructor(options: LeaderCallOptions) {
    const { platform, addresses, timeoutMs } = options;
    this.#options = options;
    this.#log = platform.log.child("Learner");
    this.#book = new AddressBook(platform);
    this.#startMs = platform.clock.monotonicMs();
    this.#deadlineMs = this.#startMs + timeoutMs;
    this.#addressesLeft = addresses.length;
    for (const address of addresses) this.#try(address, 0);
    if (addresses.length === 0) this.#later(0, () => this.#fail());
  }

  cancel(): void {
    this.#isOver = true;
    for (const one of this.#underWay) one.cancel();
    this.#underWay.clear();
  }

  #try(address: HostPort, tries: number): void {
    const { platform, link, tls } = this.#options;
    const timeoutMs = Math.max(1, this.#remainingMs());
    const options = { timeoutMs, patienceMs: PATIENCE_MS, tls, log: this.#log };
    const attempt = new ConnectAttempt(
      platform,
      this.#book,
      [address],
      options,
      (error, connection) => {
        this.#underWay.delete(attempt);
        if (connection === undefined) {
          this.#failed(address, tries, error);
          return;
        }
        this.cancel();
        this.#log.info(`Successfully connected to leader, using address: ${this.#java(address)}`);
        this.#authenticate(address, connection, (authenticated) =>
          this.#options.done(undefined, new PacketLink(authenticated, platform.clock, link)),
        );
      },
    );
    this.#underWay.add(attempt);
  }

  #authenticate(
    { host }: HostPort,
    connection: Connection,
    then: (authenticated: Connection) => void,
  ): void {
    const { authentication, platform, done } = this.#options;
    const attempt = {
      clock: platform.clock,
      timeoutMs: Math.max(1, this.#remainingMs()),
      connection,
    };
    let exchange: { cancel(): void } | undefined;
    exchange = authenticateSelf(authentication, host, attempt, (error, authenticated) => {
      if (exchange !== undefined) this.#underWay.delete(exchange);
      if (authenticated !== undefined) then(authenticated);
      else done(error);
    });
    if (exchange !== undefined) this.#underWay.add(exchange);
  }

  #failed(address: HostPort, tries: number, error: NetworkError | undefined): void {
    const { retryDelayMs } = this.#options;
    const remainingMs = this.#remainingMs();
    const where = `tries=${tries}, remaining init limit=${remainingMs}, connecting to ${this.#java(address)}`;
    this.#lastError = error;
    const isInTime = this.#waitedMs() < JAVA_PAUSES * retryDelayMs + BEHIND_MS;
    if (remainingMs > retryDelayMs && isInTime) {
      const pauseMs = Math.min(retryDelayMs, FIRST_PAUSE_MS * 2 ** tries);
      if (pauseMs < retryDelayMs) this.#log.debug(`Not listening yet, ${where}`, error);
      else this.#log.warn(`Unexpected exception, ${where}`, error);
      this.#later(pauseMs, () => this.#try(address, tries + 1));
      return;
    }
    const why = remainingMs > retryDelayMs ? "retries exceeded" : "connectToLeader exceeded";
    this.#log.error(`Unexpected exception, ${why}. ${where}`, error);
    this.#addressesLeft--;
    if (this.#addressesLeft === 0) this.#fail();
  }

  #fail(): void {
    this.cancel();
    const all = this.#options.addresses.map((one) => this.#java(one)).join("|");
    this.#options.done(new Error(`Failed connect to ${all}`, { cause: this.#lastError }));
  }

  #later(delayMs: number, run: () => void): void {
    const timer = this.#options.platform.clock.setTimer(delayMs, () => {
      this.#underWay.delete(timer);
      if (!this.#isOver) run();
    });
    this.#underWay.add(timer);
  }

  #waitedMs(): number {
    return this.#options.platform.clock.monotonicMs() - this.#startMs;
  }

  #remainingMs(): number {
    return Math.floor(this.#deadlineMs - this.#options.platform.clock.monotonicMs());
  }

  #java(address: HostPort): string {
    return javaAddress(address, this.#book.known(address.host));
  }
}

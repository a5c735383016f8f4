// A port for members, on one or several addresses. Java: QuorumCnxManager.Listener, Leader's server sockets.
//
// Binding is tried `tries` times a second apart (0: for ever), each address for itself: names may appear after the server has
// started. What is accepted has one of so many places until it has said who it is: neither can a port scan use up the process,
// nor a crowd keep members out.

import type { HostPort } from "../config/server-spec.js";
import { UNIDENTIFIED_CONNECTIONS_MAX } from "../limits.js";
import type {
  Connection,
  Listener,
  Logger,
  NetworkError,
  Platform,
  Timer,
} from "../platform/platform.js";
import { FairPlaces } from "../strangers/fair-places.js";
import { LimitedLog } from "../strangers/limited-log.js";
import { acceptPeer, type PeerTls } from "./peer-tls.js";

const BIND_RETRY_MS = 1000;

export interface PeerDoorOptions {
  readonly platform: Platform;
  readonly log: Logger;
  readonly addresses: readonly HostPort[];
  /** Every interface instead of the addresses' hosts. */
  readonly onAllInterfaces: boolean;
  /** How often binding an address is tried; 0: for ever. */
  readonly tries: number;
  /** Undefined: connections are plain. */
  readonly tls: PeerTls | undefined;
  readonly handshakeTimeoutMs: number;
  /** A connection with which the handshake, if there is one, is over. */
  readonly accept: (connection: Connection) => void;
  readonly bound: (address: HostPort) => void;
  readonly bindFailed: (address: HostPort, error: NetworkError) => void;
  /** An address was given up. */
  readonly gaveUp: (address: HostPort, tries: number) => void;
  /** Each address was bound or given up; how many are bound. Called once. */
  readonly settled: (bound: number, lastError: NetworkError | undefined) => void;
}

export class PeerDoor {
  readonly #options: PeerDoorOptions;
  readonly #log: Logger;
  readonly #listeners = new Set<Listener>();
  readonly #timers = new Set<Timer>();
  /** Who have not said who they are: in a handshake, or after it. */
  readonly #unidentified = new FairPlaces<Stranger>(UNIDENTIFIED_CONNECTIONS_MAX, (one) =>
    this.#sendAway(one),
  );
  readonly #strangers = new Map<Connection, Stranger>();
  #unsettled: number;
  #lastError: NetworkError | undefined;
  /** Listeners that are bound, or about to be. */
  #open = 0;
  #closed: (() => void) | undefined;

  constructor(options: PeerDoorOptions) {
    this.#options = options;
    this.#log = new LimitedLog(options.log, options.platform.clock);
    const addresses = options.onAllInterfaces ? wildcards(options.addresses) : options.addresses;
    this.#unsettled = addresses.length;
    for (const address of addresses) this.#bind(address, 1);
    if (addresses.length === 0) this.#later(0, () => options.settled(0, undefined));
  }

  /** The ports that are bound. */
  get ports(): number[] {
    return [...this.#listeners].map(({ port }) => port);
  }

  /** The connection has said who it is, or is closed. */
  identified(connection: Connection): void {
    const stranger = this.#strangers.get(connection);
    if (stranger === undefined) return;
    this.#strangers.delete(connection);
    this.#unidentified.leave(stranger);
  }

  /** Calls back when no address is bound any more: the port can be bound again. */
  close(done: () => void): void {
    this.#closed = done;
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
    this.#unidentified.clear();
    this.#strangers.clear();
    for (const listener of this.#listeners) this.#unbind(listener);
    this.#listeners.clear();
    if (this.#open === 0) this.#options.platform.clock.setTimer(0, done);
  }

  #unbind(listener: Listener): void {
    listener.close(() => this.#gone());
  }

  #gone(): void {
    this.#open--;
    if (this.#open === 0) this.#closed?.();
  }

  #bind(address: HostPort, attempt: number): void {
    const { platform, tries, bound, bindFailed, gaveUp } = this.#options;
    const host = address.host === WILDCARD ? undefined : address.host;
    this.#open++;
    const listener = platform.network.listen(
      { host, port: address.port, backlog: -1 },
      (connection) => this.#accept(connection),
      (error) => {
        if (this.#closed !== undefined) {
          if (error === undefined) this.#unbind(listener);
          else this.#gone();
          return;
        }
        if (error === undefined) {
          this.#listeners.add(listener);
          bound(address);
          this.#settle();
          return;
        }
        this.#open--;
        this.#lastError = error;
        bindFailed(address, error);
        if (tries === 0 || attempt < tries) {
          this.#later(BIND_RETRY_MS, () => this.#bind(address, attempt + 1));
          return;
        }
        gaveUp(address, attempt);
        this.#settle();
      },
    );
  }

  #settle(): void {
    this.#unsettled--;
    if (this.#unsettled > 0) return;
    this.#options.settled(this.#listeners.size, this.#lastError);
  }

  #accept(connection: Connection): void {
    if (this.#closed !== undefined) {
      connection.start(IGNORING);
      connection.destroy();
      return;
    }
    const { tls, handshakeTimeoutMs } = this.#options;
    const { remoteAddress } = connection;
    if (tls === undefined) {
      this.#take(connection);
      return;
    }
    const log = this.#log;
    const handshake = acceptPeer(tls, connection, handshakeTimeoutMs, log, (_error, secured) => {
      this.#unidentified.leave(stranger);
      if (secured !== undefined) this.#take(secured);
    });
    const stranger = { name: remote(connection), leave: () => handshake.cancel() };
    this.#unidentified.take(stranger, remoteAddress);
  }

  #take(connection: Connection): void {
    const stranger = { name: remote(connection), leave: () => connection.destroy() };
    this.#strangers.set(connection, stranger);
    this.#unidentified.take(stranger, connection.remoteAddress);
    this.#options.accept(connection);
  }

  #sendAway({ name, leave }: Stranger): void {
    if (this.#closed === undefined) {
      const others = this.#unidentified.size;
      this.#log.warn(
        `Closing connection from ${name}: it has not said who it is, nor have ${others} others, and somebody else has come`,
      );
    }
    leave();
  }

  #later(delayMs: number, run: () => void): void {
    const timer = this.#options.platform.clock.setTimer(delayMs, () => {
      this.#timers.delete(timer);
      run();
    });
    this.#timers.add(timer);
  }
}

const WILDCARD = "0.0.0.0";

interface Stranger {
  readonly name: string;
  leave(): void;
}

const remote = ({ remoteAddress, remotePort }: Connection): string =>
  `/${remoteAddress}:${remotePort}`;

const IGNORING = { onData() {}, onDrain() {}, onEnd() {}, onClose() {} };

function wildcards(addresses: readonly HostPort[]): HostPort[] {
  const ports = new Set(addresses.map(({ port }) => port));
  return [...ports].map((port) => ({ host: WILDCARD, port }));
}

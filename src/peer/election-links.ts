// The election port: at most one connection between any two servers, for notifications. Java: QuorumCnxManager.
//
// Both sides may call. Of two servers the one with the larger id keeps the connections that it opened; a call from a smaller
// id is closed and called back, and a server that calls a larger id says who it is and hangs up. So both agree which
// connection stays, without a word, and the one that is called back throws away what it still took for its connection: a
// server that has died and come back is never believed to be connected over the old one (R95, ZOOKEEPER-2164).
//
// Each server is on its own: a name that does not resolve, an address that does not answer, a peer that does not read or
// sends nonsense delay and disturb nobody else (R95: ZOOKEEPER-2930, 3756, 3769, 2186).
//
// What is anybody's to claim costs little: connections that have not said who they are, and servers that are not in our
// configuration, are limited in number; what they may say in length.

import type { HostPort, ServerSpec } from "../config/server-spec.js";
import { ELECTION_STRANGERS_MAX } from "../limits.js";
import type { Connection, Logger, Timer } from "../platform/platform.js";
import { LimitedLog } from "../strangers/limited-log.js";
import type { Sid } from "../wire/ids.js";
import { AddressBook, formatAddress, javaAddress } from "./addresses.js";
import { ConnectAttempt } from "./connect-to-any.js";
import { ElectionConnection } from "./election-connection.js";
import { openElectionDoor } from "./election-door.js";
import { encodeIntroduction, type Introduction } from "./election-handshake.js";
import type { ElectionLinksOptions } from "./election-links-options.js";
import { ElectionPeer } from "./election-peer.js";
import { acceptingSide, authenticateSelf } from "./peer-authentication.js";
import type { PeerDoor } from "./peer-door.js";

export interface ElectionLinks {
  /** Opens a connection if there is none. Only the latest message to a server waits for one. */
  send(to: Sid, message: Buffer): void;
  /** Tries again to reach everybody who was ever sent something. */
  connectAll(): void;
  /** Tries again to reach this one. */
  connectTo(sid: Sid): void;
  /**
   * Somebody's queue is empty; false before anything was sent. As in Java not *everybody's*: a server that is gone would
   * otherwise keep the votes from being repeated to those who are there.
   */
  readonly delivered: boolean;
  isConnected(sid: Sid): boolean;
  /** The last attempt to reach it was refused: its machine is there, and nothing listens. */
  isGone(sid: Sid): boolean;
  /** The ports that are bound: where port 0 was asked for, which it is. */
  readonly ports: readonly number[];
  /** `peers` gives others than before: connections to those that are gone or have moved are closed. */
  membersChanged(): void;
  close(done: () => void): void;
}

export function openElectionLinks(options: ElectionLinksOptions): ElectionLinks {
  return new Links(options);
}

class Links implements ElectionLinks {
  readonly #options: ElectionLinksOptions;
  readonly #log: Logger;
  /** Of those who call. */
  readonly #callers: Logger;
  readonly #book: AddressBook;
  readonly #door: PeerDoor;
  readonly #peers = new Map<Sid, ElectionPeer>();
  /** Callers that have not said who they are: what ends their time for it. */
  readonly #introductionTimers = new Map<Connection, Timer>();
  #nextObserver = -1;
  #closed = false;

  constructor(options: ElectionLinksOptions) {
    this.#options = options;
    this.#log = options.platform.log.child("QuorumCnxManager");
    this.#callers = new LimitedLog(this.#log, options.platform.clock);
    this.#book = new AddressBook(options.platform);
    this.#door = openElectionDoor(options, this.#log, this.#book, (caller) => this.#accept(caller));
  }

  get delivered(): boolean {
    for (const peer of this.#peers.values()) if (peer.isDelivered) return true;
    return false;
  }

  get ports(): readonly number[] {
    return this.#door.ports;
  }

  isConnected(sid: Sid): boolean {
    return this.#peers.get(sid)?.connection !== undefined;
  }

  isGone(sid: Sid): boolean {
    return this.#peers.get(sid)?.isGone ?? false;
  }

  send(to: Sid, message: Buffer): void {
    if (this.#closed || to === this.#options.sid) return;
    const peer = this.#peerOf(to);
    peer.send(message);
    this.#connect(peer);
  }

  connectAll(): void {
    for (const peer of [...this.#peers.values()]) this.#connect(peer);
  }

  membersChanged(): void {
    for (const peer of [...this.#peers.values()]) {
      const whereIs = this.#whereIs(peer.sid);
      peer.configuredAt ??= whereIs;
      if (peer.configuredAt === whereIs) continue;
      peer.giveUpAttempt();
      peer.detach();
      this.#peers.delete(peer.sid);
    }
  }

  /** As the configuration has it; undefined for strangers. */
  #whereIs(sid: Sid): string | undefined {
    const addresses = electionAddresses(this.#specOf(sid));
    return addresses.length === 0 ? undefined : addresses.map(formatAddress).join("|");
  }

  connectTo(sid: Sid): void {
    this.#connect(this.#peerOf(sid));
  }

  close(done: () => void): void {
    this.#closed = true;
    for (const timer of this.#introductionTimers.values()) timer.cancel();
    this.#introductionTimers.clear();
    for (const peer of this.#peers.values()) {
      peer.giveUpAttempt();
      peer.detach();
    }
    this.#peers.clear();
    this.#door.close(() => {
      this.#log.info("Leaving listener");
      done();
    });
  }

  // ---------------------------------------------------------------------------------------------------------- calling

  #peerOf(sid: Sid): ElectionPeer {
    let peer = this.#peers.get(sid);
    if (peer === undefined) {
      peer = new ElectionPeer(sid, this.#whereIs(sid));
      this.#peers.set(sid, peer);
    }
    return peer;
  }

  #specOf(sid: Sid): ServerSpec | undefined {
    return this.#options.peers().find((server) => server.sid === sid);
  }

  #connect(peer: ElectionPeer): void {
    if (this.#closed || peer.connection !== undefined || peer.attempt !== undefined) return;
    const configured = electionAddresses(this.#specOf(peer.sid));
    const targets = configured.length > 0 ? configured : peer.told;
    if (targets.length === 0) {
      this.#log.warn(`Invalid server id: ${peer.sid} `);
      this.#forgetStranger(peer);
      return;
    }
    this.#call(peer, targets);
  }

  #call(peer: ElectionPeer, targets: readonly HostPort[]): void {
    const { platform, settings } = this.#options;
    this.#log.debug(`Opening channel to server ${peer.sid}`);
    const options = {
      timeoutMs: settings.connectTimeoutMs,
      patienceMs: settings.addressPatienceMs,
      tls: this.#options.tls,
      log: this.#log,
    };
    peer.attempt = new ConnectAttempt(
      platform,
      this.#book,
      targets,
      options,
      (error, connection) => {
        peer.attempt = undefined;
        if (connection === undefined) {
          const where = targets
            .map((one) => javaAddress(one, this.#book.known(one.host)))
            .join("|");
          this.#log.warn(`Cannot open channel to ${peer.sid} at election address ${where}`, error);
          this.#forgetStranger(peer);
          peer.isGone = error?.code === "ECONNREFUSED";
          if (peer.isGone) this.#options.gone?.();
          return;
        }
        this.#introduce(peer, connection);
      },
    );
  }

  /** The call was answered: say who is calling, and hang up if it is for the other side to call. */
  #introduce(peer: ElectionPeer, connection: Connection): void {
    const { sid, addresses, settings, authentication, platform } = this.#options;
    peer.isGone = false;
    connection.setKeepAlive(settings.tcpKeepAlive);
    connection.write(encodeIntroduction(sid, addresses, settings.multiAddressEnabled));
    const host = this.#specOf(peer.sid)?.addresses[0]?.host;
    const { introductionTimeoutMs: timeoutMs } = settings;
    const attempt = { clock: platform.clock, timeoutMs, connection };
    peer.attempt = authenticateSelf(authentication, host, attempt, (error, authenticated) => {
      peer.attempt = undefined;
      if (authenticated !== undefined) this.#begin(peer, authenticated);
      else this.#log.error(`Cannot authenticate at server ${peer.sid}`, error);
    });
  }

  #begin(peer: ElectionPeer, connection: Connection): void {
    const { sid } = this.#options;
    const handler = this.#handlerOf(connection, peer);
    connection.start(handler);
    if (peer.sid > sid) {
      this.#log.info(
        `Have smaller server identifier, so dropping the connection: (myId:${sid} --> sid:${peer.sid})`,
      );
      handler.stop();
      connection.end();
      return;
    }
    peer.attach(connection);
  }

  // ---------------------------------------------------------------------------------------------------- being called

  #accept(connection: Connection): void {
    const { platform, settings } = this.#options;
    connection.setKeepAlive(settings.tcpKeepAlive);
    this.#callers.info(`Received connection request from ${remote(connection)}`);
    connection.start(this.#handlerOf(connection, undefined));
    const timer = platform.clock.setTimer(settings.introductionTimeoutMs, () => {
      this.#callers.warn(
        `Closing connection from ${remote(connection)}: it has not said who it is in ${settings.introductionTimeoutMs} ms`,
      );
      connection.destroy();
    });
    this.#introductionTimers.set(connection, timer);
  }

  #introduced(
    connection: Connection,
    handler: ElectionConnection,
    who: Introduction,
  ): ElectionPeer | undefined {
    const ownSid = this.#options.sid;
    const sid = who.sid ?? this.#observerSid();
    this.#identified(connection);
    if (sid === ownSid) {
      this.#callers.warn(
        "We got a connection request from a server with our own ID. This should be either a configuration error, or a bug.",
      );
      handler.stop();
      connection.destroy();
      return undefined;
    }
    if (!this.#isWelcome(sid)) {
      this.#callers.warn(
        `Closing connection from ${remote(connection)}: too many servers like ${sid} are not in the configuration`,
      );
      handler.stop();
      connection.destroy();
      return undefined;
    }
    const peer = this.#peerOf(sid);
    peer.told = who.addresses;
    peer.isGone = false;
    if (sid > ownSid) {
      peer.giveUpAttempt();
      peer.attach(connection);
      return peer;
    }
    // It is for us to call. It does not believe in the old connection any more, and neither do we in an attempt that may
    // have been waiting for a server that was not there.
    handler.stop();
    connection.end();
    peer.giveUpAttempt();
    peer.detach();
    if (who.addresses.length > 0) this.#call(peer, who.addresses);
    else this.#connect(peer);
    return undefined;
  }

  /** Java's counter for observers that have no id. */
  #observerSid(): Sid {
    const sid = this.#nextObserver-- as Sid;
    this.#callers.info(`Setting arbitrary identifier to observer: ${sid}`);
    return sid;
  }

  #isWelcome(sid: Sid): boolean {
    if (this.#peers.has(sid) || this.#specOf(sid) !== undefined) return true;
    let strangers = 0;
    for (const peer of this.#peers.values()) if (this.#specOf(peer.sid) === undefined) strangers++;
    return strangers < ELECTION_STRANGERS_MAX;
  }

  #forgetStranger(peer: ElectionPeer): void {
    if (peer.connection !== undefined || peer.attempt !== undefined) return;
    if (this.#specOf(peer.sid) === undefined) this.#peers.delete(peer.sid);
  }

  // ---------------------------------------------------------------------------------------------------------- talking

  /** `peer`: whom we have called; undefined for a caller. */
  #handlerOf(connection: Connection, called: ElectionPeer | undefined): ElectionConnection {
    let peer = called;
    const { authentication } = this.#options;
    const handler = new ElectionConnection(connection, called === undefined, {
      newAuthentication: authentication && ((events) => acceptingSide(authentication, events)),
      introduced: (who) => {
        peer = this.#introduced(connection, handler, who);
      },
      message: (bytes) => {
        if (peer !== undefined) this.#options.received(peer.sid, bytes);
      },
      drained: () => peer?.flush(),
      malformed: (error) => {
        const who = peer === undefined ? remote(connection) : `server ${peer.sid}`;
        this.#callers.warn(`Closing connection to ${who}: ${error.message}`);
      },
      closed: (error) => this.#closedBy(connection, peer, error),
    });
    return handler;
  }

  #closedBy(
    connection: Connection,
    peer: ElectionPeer | undefined,
    error: Error | undefined,
  ): void {
    this.#identified(connection);
    // A connection that was replaced is of no interest.
    if (peer === undefined || peer.connection !== connection) return;
    peer.detach();
    this.#forgetStranger(peer);
    this.#log.warn(`Connection broken for id ${peer.sid}, my id = ${this.#options.sid}`, error);
    if (!this.#closed && this.#specOf(peer.sid) !== undefined) this.#options.broken?.(peer.sid);
  }

  #identified(connection: Connection): void {
    this.#door.identified(connection);
    this.#introductionTimers.get(connection)?.cancel();
    this.#introductionTimers.delete(connection);
  }
}

function electionAddresses(server: ServerSpec | undefined): HostPort[] {
  if (server === undefined) return [];
  return server.addresses.map(({ host, electionPort }) => ({ host, port: electionPort }));
}

function remote({ remoteAddress, remotePort }: Connection): string {
  const host = remoteAddress.includes(":") ? `[${remoteAddress}]` : remoteAddress;
  return `/${host}:${remotePort}`;
}

// The door to clients: the listener, all connections, and what they share. Java: NIOServerCnxnFactory.
//
// What happens in a turn of the loop is gathered and worked off at its end, in this order:
//
//   1. requests that waited in the throttle are issued, now that others have been answered
//   2. connections that were paused read on
//   3. the server is told which connections are gone
//   4. each connection that has something to say writes it, with one system call
//
// Connections expire when nothing has come or gone for their session's time-out (before they have a session, for
// nio.sessionlessCnxnTimeout), in buckets, as sessions do. The session itself is the server's to expire.

import type { SaslAcceptor } from "../auth/sasl/sasl.js";
import type { AuthSchemes } from "../auth/schemes.js";
import { JuteReader } from "../jute/reader.js";
import { JuteWriter } from "../jute/writer.js";
import {
  CLIENT_BACKLOGS_MAX_BYTES,
  CLIENT_CLOSING_MAX_MS,
  CLIENTS_STOP_MAX_MS,
  THROTTLE_QUEUE_MAX_BYTES,
} from "../limits.js";
import type { Metrics } from "../metrics/metrics.js";
import type {
  Connection,
  ListenAddress,
  NetworkError,
  Platform,
  Timer,
} from "../platform/platform.js";
import { ExpiryQueue } from "../session/expiry-queue.js";
import { LimitedLog } from "../strangers/limited-log.js";
import { SharedQueues } from "../strangers/shared-queues.js";
import type { TlsEndpoint } from "../tls/endpoint.js";
import { hex0x, NO_SESSION, type SessionId } from "../wire/ids.js";
import { BlueThrottle } from "./blue-throttle.js";
import { ClientPorts } from "./client-ports.js";
import { AcceptedConnection } from "./connection.js";
import type { DoorClient, DoorContext, DoorCounters, DoorLogs } from "./door-context.js";
import { DoorTurn } from "./door-turn.js";
import { registerGauges } from "./gauges.js";
import { hostAddress } from "./java-address.js";
import { refuse } from "./refuse.js";
import { RequestThrottle } from "./request-throttle.js";
import type { ClientConnection, DisconnectReason, ServerPort } from "./server-port.js";
import { ServerStats } from "./server-stats.js";
import type { DoorSettings } from "./settings.js";
import type { TextSource } from "./text-answer.js";
import { type PortKind, TlsGate } from "./tls-gate.js";
import { answerWord } from "./words/answer.js";
import { enabledWords } from "./words/whitelist.js";
import type { WordContext } from "./words/word-context.js";

export interface DoorOptions {
  readonly platform: Platform;
  readonly settings: DoorSettings;
  readonly port: ServerPort;
  readonly schemes: AuthSchemes;
  readonly sasl?: SaslAcceptor | undefined;
  readonly metrics: Metrics;
  /** Needed for ports that take TLS. */
  readonly tls?: TlsEndpoint | undefined;
}

/** Java's default trace mask, which `gtmk` prints: client requests, sessions, warnings and more. */
const DEFAULT_TRACE_MASK = 306n;

export class ClientDoor implements DoorContext, WordContext {
  readonly platform: Platform;
  readonly settings: DoorSettings;
  readonly port: ServerPort;
  readonly schemes: AuthSchemes;
  readonly newSaslExchange: SaslAcceptor | undefined;
  readonly metrics: Metrics;
  readonly stats: ServerStats;
  readonly blueThrottle: BlueThrottle;
  readonly requestThrottle: RequestThrottle | undefined;
  readonly unsent = new SharedQueues(CLIENT_BACKLOGS_MAX_BYTES);
  readonly logs: DoorLogs;
  readonly counters: DoorCounters;
  readonly enabledWords: ReadonlySet<string>;
  readonly body = new JuteReader(Buffer.alloc(0));
  readonly nowhere = new JuteWriter();
  readonly turn: DoorTurn;
  inProcess = 0;
  largeRequestBytes = 0;
  /** Kept for those who set and get it; nothing is traced by it. */
  traceMask = DEFAULT_TRACE_MASK;

  readonly #open = new Set<DoorClient>();
  readonly #closing = new Set<DoorClient>();
  readonly #bySession = new Map<SessionId, DoorClient>();
  readonly #countByAddress = new Map<string, number>();
  readonly #idle: ExpiryQueue<DoorClient>;
  #idleTimer: Timer | undefined;
  readonly #ports: ClientPorts;
  readonly #gate: TlsGate | undefined;
  #whenEmpty: (() => void) | undefined;
  #stopTimer: Timer | undefined;
  #lastRefusalMs = Number.NEGATIVE_INFINITY;

  constructor(options: DoorOptions) {
    const { platform, settings, metrics } = options;
    this.platform = platform;
    this.settings = settings;
    this.port = options.port;
    this.turn = new DoorTurn(platform.clock, {
      begin: () => this.requestThrottle?.pump(),
      closed: (connection, reason) => this.port.closed(connection, reason),
      end: () => this.#afterTurn(),
    });
    this.schemes = options.schemes;
    this.newSaslExchange = options.sasl;
    this.metrics = metrics;
    this.stats = new ServerStats(metrics, this.nowMs());
    this.blueThrottle = new BlueThrottle(settings, this.nowMs());
    this.requestThrottle =
      settings.requestThrottleMaxRequests <= 0
        ? undefined
        : new RequestThrottle(settings, platform.clock, metrics, () => this.inProcess);
    this.logs = {
      connection: new LimitedLog(platform.log.child("NIOServerCnxn"), platform.clock),
      factory: platform.log.child("NIOServerCnxnFactory"),
      server: platform.log.child("ZooKeeperServer"),
    };
    const accept = (one: Connection, kind: PortKind): void => this.#accept(one, kind);
    this.#ports = new ClientPorts(platform, this.logs.factory, accept);
    this.counters = countersOf(metrics);
    this.enabledWords = enabledWords(settings);
    this.#idle = new ExpiryQueue(settings.nioSessionlessCnxnTimeoutMs, this.nowMs());
    this.#gate = options.tls === undefined ? undefined : new TlsGate(this, options.tls);
    registerGauges(this);
  }

  // -------------------------------------------------------------------------------------------------------- for the server

  /** `ready` is called once, with an error when the address cannot be bound. May be called once for each kind. */
  listen(
    address: ListenAddress,
    ready: (error?: NetworkError) => void,
    kind: PortKind = "plain",
  ): void {
    this.#ports.listen(address, ready, kind);
    if (this.#idleTimer === undefined) this.#setIdleTimer();
  }

  /** Clients are to come to another address; those that are here stay. */
  moveTo(address: ListenAddress, kind: PortKind): void {
    this.#ports.moveTo(address, kind);
  }

  /** The port that clients connect to; 0 before `listen`. */
  get listeningPort(): number {
    return this.#ports.portOf("plain");
  }

  /** The one that takes nothing but TLS. */
  get secureListeningPort(): number {
    return this.#ports.portOf("secure");
  }

  get handshakeCount(): number {
    return this.#gate?.count ?? 0;
  }

  get connectionCount(): number {
    return this.#open.size;
  }

  connections(): Iterable<DoorClient> {
    return this.#open;
  }

  /** The connection through which a session speaks, if it speaks through this server. */
  connectionOf(sessionId: SessionId): ClientConnection | undefined {
    return this.#bySession.get(sessionId);
  }

  /** A session has come to its end. True if it had a connection here. */
  closeSession(sessionId: SessionId, reason: DisconnectReason): boolean {
    const connection = this.#bySession.get(sessionId);
    connection?.close(reason);
    return connection !== undefined;
  }

  /** Sends what is written and closes all connections, but goes on listening: the server has changed its role. */
  closeAll(reason: DisconnectReason): void {
    for (const connection of [...this.#open]) connection.closeAfterReplies(reason);
  }

  /** Takes nobody in any more, sends what is written, and calls `done` when the last is gone, or CLIENTS_STOP_MAX_MS is over. */
  stop(done: () => void): void {
    this.#ports.close();
    this.#gate?.close();
    this.requestThrottle?.stop();
    this.closeAll("server_shutdown");
    this.#whenEmpty = done;
    this.turn.endIsDue();
    const giveUp = () => {
      const count = this.#closing.size;
      this.logs.factory.warn(`Stopping while ${count} connections have not reported their end`);
      this.#finishStop();
    };
    this.#stopTimer = this.platform.clock.setTimer(CLIENTS_STOP_MAX_MS, () => {
      for (const one of [...this.#open, ...this.#closing]) one.close("server_shutdown");
      this.#stopTimer = this.platform.clock.setTimer(CLIENTS_STOP_MAX_MS, giveUp);
    });
  }

  // ---------------------------------------------------------------------------------------------------- for the connections

  nowMs(): number {
    return Math.floor(this.platform.clock.monotonicMs());
  }

  shouldThrottle(outstanding: number): boolean {
    const limit = this.settings.globalOutstandingLimit;
    if (this.inProcess > limit) return outstanding > 0;
    const throttle = this.requestThrottle;
    if (throttle === undefined) return false;
    const isFull = throttle.length > limit || throttle.queuedBytes > THROTTLE_QUEUE_MAX_BYTES;
    return isFull && outstanding > 0;
  }

  hasAnswered(): void {
    this.inProcess--;
    if (this.requestThrottle !== undefined && this.requestThrottle.length > 0) this.turn.endIsDue();
  }

  touch(connection: DoorClient, nowMs: number): void {
    this.#idle.update(connection, connection.sessionTimeoutMs, nowMs);
  }

  bindSession(sessionId: SessionId, connection: DoorClient): void {
    const before = this.#bySession.get(sessionId);
    if (before !== undefined && before !== connection) before.close("client_reconnect");
    if (connection.isOpen) this.#bySession.set(sessionId, connection);
  }

  answerWord(word: string, connection: DoorClient, traceMask: bigint | undefined): TextSource {
    return answerWord(this, word, connection, traceMask);
  }

  hasClosed(connection: DoorClient, reason: DisconnectReason): void {
    this.#open.delete(connection);
    this.#closing.add(connection);
    if (this.#bySession.get(connection.sessionId) === connection) {
      this.#bySession.delete(connection.sessionId);
    }
    this.#count(connection.remoteAddress, -1);
    this.#idle.update(connection, CLIENT_CLOSING_MAX_MS, this.nowMs());
    this.turn.willReport(connection, reason);
    if (!this.logs.connection.isDebugEnabled()) return;
    const { remoteName, sessionId } = connection;
    const whose =
      sessionId === NO_SESSION
        ? "(no session established for client)"
        : `which had sessionid ${hex0x(sessionId)}`;
    this.logs.connection.debug(`Closed socket connection for client ${remoteName} ${whose}`);
  }

  isGone(connection: DoorClient): void {
    this.#closing.delete(connection);
    this.#idle.remove(connection);
    if (this.#whenEmpty !== undefined) this.turn.endIsDue();
  }

  /** For `dump`. */
  idleBuckets(): { readonly expiresMs: number; readonly elements: Iterable<DoorClient> }[] {
    return this.#idle.buckets();
  }

  resetStats(): void {
    this.stats.reset();
    this.metrics.reset();
    this.port.resetStats();
  }

  // -------------------------------------------------------------------------------------------------------------- accepting

  #accept(connection: Connection, kind: PortKind): void {
    const refusal = this.#refusal(connection);
    if (refusal !== undefined) {
      this.counters.connectionRejected.add(1);
      this.#warnOfRefusal(refusal);
      refuse(connection);
      return;
    }
    const gate = kind === "plain" ? undefined : this.#gate;
    if (gate?.mayBegin(kind) === false) {
      refuse(connection);
      return;
    }
    const address = hostAddress(connection.remoteAddress);
    this.#count(address, 1);
    if (this.settings.clientTcpKeepAlive) connection.setKeepAlive(true);
    if (gate === undefined) this.#admit(connection);
    else {
      gate.begin(connection, kind, (secured) => {
        if (secured === undefined) this.#count(address, -1);
        else this.#admit(secured);
      });
    }
  }

  /** It is counted already. */
  #admit(connection: Connection): void {
    const client = new AcceptedConnection(this, connection);
    const identities = this.#gate
      ? this.#gate.identify(connection, client.identities)
      : client.identities;
    this.#open.add(client);
    this.touch(client, this.nowMs());
    connection.start(client);
    if (identities === undefined) client.close("sasl_auth_failure");
    else client.identities = identities;
  }

  #refusal(connection: Connection): string | undefined {
    const { maxCnxns, maxClientCnxns } = this.settings;
    if (maxCnxns > 0 && this.#open.size + this.handshakeCount >= maxCnxns) {
      return `Too many connections max allowed is ${maxCnxns}`;
    }
    const address = hostAddress(connection.remoteAddress);
    if (maxClientCnxns > 0 && this.#countOf(address) >= maxClientCnxns) {
      return `Too many connections from /${address} - max is ${maxClientCnxns}`;
    }
    return undefined;
  }

  #countOf(address: string): number {
    return this.#countByAddress.get(address) ?? 0;
  }

  #count(address: string, change: 1 | -1): void {
    const count = this.#countOf(address) + change;
    if (count > 0) this.#countByAddress.set(address, count);
    else this.#countByAddress.delete(address);
  }

  /** One line per 100 ms at most: a client that connects in a loop must not fill the log. Java: RateLogger. */
  #warnOfRefusal(refusal: string): void {
    const nowMs = this.nowMs();
    if (nowMs - this.#lastRefusalMs < 100) return;
    this.#lastRefusalMs = nowMs;
    this.logs.factory.warn(`Error accepting new connection: ${refusal}`);
  }

  // ------------------------------------------------------------------------------------------------------------- the turn

  #afterTurn(): void {
    if (this.#whenEmpty !== undefined && this.#open.size + this.#closing.size === 0) {
      this.#finishStop();
    }
  }

  #finishStop(): void {
    this.#idleTimer?.cancel();
    this.#idleTimer = undefined;
    this.#stopTimer?.cancel();
    this.#stopTimer = undefined;
    const done = this.#whenEmpty;
    this.#whenEmpty = undefined;
    done?.();
  }

  #setIdleTimer(): void {
    const delayMs = Math.max(this.#idle.nextMs - this.nowMs(), 1);
    this.#idleTimer?.cancel();
    const { clock } = this.platform;
    // A process that stood still finds the timer due before it has read what was sent to it meanwhile.
    this.#idleTimer = clock.setTimer(delayMs, () => clock.atTurnEnd(this.#closeIdle));
  }

  readonly #closeIdle = (): void => {
    if (this.#idleTimer === undefined) return;
    for (const connection of this.#idle.due(this.nowMs())) {
      if (connection.isOpen) this.counters.connectionsExpired.add(1);
      // A closing one that its client does not read is closed for good.
      connection.close("connection_expired");
    }
    this.#setIdleTimer();
  };
}

function countersOf({ counters, summaries }: Metrics): DoorCounters {
  return {
    bytesReceived: counters.bytes_received_count,
    responseBytes: counters.response_bytes,
    watchBytes: counters.watch_bytes,
    connectionDrops: counters.connection_drop_count,
    connectionRejected: counters.connection_rejected,
    connectionRequests: counters.connection_request_count,
    connectionRevalidations: counters.connection_revalidate_count,
    connectionTokenDeficit: summaries.connection_token_deficit,
    largeRequestsRejected: counters.large_requests_rejected,
    connectionsExpired: counters.sessionless_connections_expired,
    staleReplies: counters.stale_replies,
  };
}

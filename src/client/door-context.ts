// The door as a connection sees it, and a connection as the door sees it: interfaces, so that neither imports the other, nor
// do the parts that both are made of (handshake, special requests, four-letter words).

import type { SaslAcceptor } from "../auth/sasl/sasl.js";
import type { AuthSchemes } from "../auth/schemes.js";
import type { JuteReader } from "../jute/reader.js";
import type { JuteWriter } from "../jute/writer.js";
import type { Counter, Summary } from "../metrics/instruments.js";
import type { Metrics } from "../metrics/metrics.js";
import type { Logger, Platform, TlsFacts } from "../platform/platform.js";
import type { Expiring } from "../session/expiry-queue.js";
import type { SharedQueues } from "../strangers/shared-queues.js";
import type { ErrorCode } from "../wire/error-codes.js";
import type { SessionId } from "../wire/ids.js";
import type { BlueThrottle } from "./blue-throttle.js";
import type { ConnectionStats } from "./connection-stats.js";
import type { DoorTurn } from "./door-turn.js";
import type { RequestThrottle } from "./request-throttle.js";
import type { ClientConnection, DisconnectReason, ServerPort } from "./server-port.js";
import type { ServerStats } from "./server-stats.js";
import type { DoorSettings } from "./settings.js";
import type { TextSource } from "./text-answer.js";

/** A connection. */
export interface DoorClient extends ClientConnection, Expiring {
  /** As Java prints its address. */
  readonly remoteName: string;
  /** Undefined: it speaks without TLS. */
  readonly tls: TlsFacts | undefined;
  readonly stats: ConnectionStats;
  /** Requests with a positive xid that are unanswered. */
  readonly outstanding: number;
  readonly interestOps: number;
  /** A reply that does not come out of the pipeline, and stands in no order with those that do. */
  respond(xid: number, error: ErrorCode, body?: Buffer): void;
  /** At the end of the turn in which something was written. */
  flush(): void;
  /** In another turn than the one of which it has had its share. */
  goOn(): void;
  /** At the end of the turn in which the last reason not to read went away. */
  resume(): void;
}

/** What connections share: services, counts, and the lists that are worked off at the end of the turn. */
export interface DoorContext {
  readonly platform: Platform;
  readonly settings: DoorSettings;
  readonly port: ServerPort;
  readonly schemes: AuthSchemes;
  readonly metrics: Metrics;
  /** What waits for clients to read it. */
  readonly unsent: SharedQueues;
  /** Undefined: there is no SASL. */
  readonly newSaslExchange: SaslAcceptor | undefined;
  readonly stats: ServerStats;
  readonly blueThrottle: BlueThrottle;
  /** Undefined: requests go straight to the pipeline. */
  readonly requestThrottle: RequestThrottle | undefined;
  readonly logs: DoorLogs;
  readonly counters: DoorCounters;
  /** Four-letter words that are answered. */
  readonly enabledWords: ReadonlySet<string>;
  /** What the body of a request is read with: only while the request is being submitted. */
  readonly body: JuteReader;
  /** Where replies to connections that are gone are written. */
  readonly nowhere: JuteWriter;

  /** Requests that have been submitted and not answered, of all connections. Java: requestsInProcess. */
  inProcess: number;
  /** One of them has been. */
  hasAnswered(): void;
  /** Bytes of requests above largeRequestThreshold that have not been answered. */
  largeRequestBytes: number;

  /** Whole milliseconds on the monotonic clock. */
  nowMs(): number;
  /** Whether a connection with so many unanswered requests should wait. Java: ZooKeeperServer.shouldThrottle. */
  shouldThrottle(outstanding: number): boolean;
  /** The connection has been heard of or has been able to write. */
  touch(connection: DoorClient, nowMs: number): void;
  /** From here on this connection is the session's; the one that was before is closed. */
  bindSession(sessionId: SessionId, connection: DoorClient): void;
  /** The answer to a four-letter word, or why there is none. */
  answerWord(word: string, connection: DoorClient, traceMask: bigint | undefined): TextSource;

  /** What is worked off at its end, and what of it each connection gets. */
  readonly turn: DoorTurn;
  /** Nothing reaches its client any more. The server is told at the end of the turn. */
  hasClosed(connection: DoorClient, reason: DisconnectReason): void;
  /** The network has let go of it. */
  isGone(connection: DoorClient): void;
}

/** Java's classes, under whose names operators look for lines. */
export interface DoorLogs {
  readonly connection: Logger;
  readonly factory: Logger;
  readonly server: Logger;
}

/** Looked up once. */
export interface DoorCounters {
  readonly bytesReceived: Counter;
  readonly responseBytes: Counter;
  readonly watchBytes: Counter;
  readonly connectionDrops: Counter;
  readonly connectionRejected: Counter;
  readonly connectionRequests: Counter;
  readonly connectionRevalidations: Counter;
  readonly connectionTokenDeficit: Summary;
  readonly largeRequestsRejected: Counter;
  readonly connectionsExpired: Counter;
  readonly staleReplies: Counter;
}

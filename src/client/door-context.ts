// What a connection needs of the door it came through: shared services, shared counts, and the lists that are worked off at
// the end of the turn. (An interface, so that connection.ts and door.ts do not import each other.)

import type { JuteWriter } from "../jute/writer.js";
import type { Counter, Summary } from "../metrics/instruments.js";
import type { Logger, Platform } from "../platform/platform.js";
import type { SessionId } from "../wire/ids.js";
import type { Authentication } from "./authentication.js";
import type { BlueThrottle } from "./blue-throttle.js";
import type { AcceptedConnection } from "./connection.js";
import type { RequestThrottle } from "./request-throttle.js";
import type { DisconnectReason, ServerPort } from "./server-port.js";
import type { ServerStats } from "./server-stats.js";
import type { DoorSettings } from "./settings.js";
import type { TextSource } from "./text-answer.js";

export interface DoorContext {
  readonly platform: Platform;
  readonly settings: DoorSettings;
  readonly port: ServerPort;
  readonly authentication: Authentication;
  readonly stats: ServerStats;
  readonly blueThrottle: BlueThrottle;
  /** Undefined: requests go straight to the pipeline. */
  readonly requestThrottle: RequestThrottle | undefined;
  readonly logs: DoorLogs;
  readonly counters: DoorCounters;
  /** Four-letter words that are answered. */
  readonly enabledWords: ReadonlySet<string>;
  /** Where replies to connections that are gone are written. */
  readonly nowhere: JuteWriter;

  /** Requests that have been submitted and not answered, of all connections. Java: requestsInProcess. */
  inProcess: number;
  /** Bytes of requests above largeRequestThreshold that have not been answered. */
  largeRequestBytes: number;

  /** Whole milliseconds on the monotonic clock. */
  nowMs(): number;
  /** Whether a connection with so many unanswered requests should wait. Java: ZooKeeperServer.shouldThrottle. */
  shouldThrottle(outstanding: number): boolean;
  /** The connection has been heard of or has been able to write. */
  touch(connection: AcceptedConnection, nowMs: number): void;
  /** From here on this connection is the session's; the one that was before is closed. */
  bindSession(sessionId: SessionId, connection: AcceptedConnection): void;
  /** The answer to a four-letter word, or why there is none. */
  answerWord(word: string, connection: AcceptedConnection, traceMask: bigint | undefined): TextSource;

  /** Has something to write at the end of the turn. */
  willFlush(connection: AcceptedConnection): void;
  /** May read on, from the end of the turn. */
  willResume(connection: AcceptedConnection): void;
  /** Nothing reaches its client any more. The server is told at the end of the turn. */
  hasClosed(connection: AcceptedConnection, reason: DisconnectReason): void;
  /** The network has let go of it. */
  isGone(connection: AcceptedConnection): void;
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

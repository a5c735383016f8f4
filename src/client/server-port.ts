// The interface between the door and what stands behind it, in both directions.
//
//   ServerPort        what the door asks of the server (src/server.ts implements it; Java: ZooKeeperServer as NIOServerCnxn sees it)
//   ClientConnection  what the server tells a client  (src/client/connection.ts implements it; Java: ServerCnxn)
//
// The life of a connection, seen from the server:
//
//   1. createSession or reopenSession, once. The connection reads nothing more until `sessionOpened` or `sessionRefused`.
//   2. submit, in arrival order, with readers of bodies that are valid only during the call. Each request is answered once, in order,
//      by `startReply`, the body, `finishReply`; the door counts what is unanswered and stops reading above the limits.
//   3. closed, once, last: forget the connection and its watches. What it still owes answers to may be dropped; answers
//      that come nevertheless are written nowhere and harm nothing.
//
// Everything is one thread and synchronous: none of these calls waits, and none calls back before it returns unless it says so.

import type { JuteReader } from "../jute/reader.js";
import type { JuteWriter } from "../jute/writer.js";
import type { Watcher } from "../tree/watches.js";
import type { ErrorCode } from "../wire/error-codes.js";
import type { SessionId, Sid, Zxid } from "../wire/ids.js";
import type { Id } from "../wire/records.js";

// ------------------------------------------------------------------------------------------------------ towards the client

/** One client's connection. Java: ServerCnxn. */
export interface ClientConnection extends Watcher {
  /** 0n until the handshake has named one. */
  readonly sessionId: SessionId;
  /** Negotiated: what the client was or will be told. */
  readonly sessionTimeoutMs: number;
  /**
   * Who the client has shown to be: by address, and what `auth` added, in Java's order (auth/java-hash-order.ts), which
   * whoAmI and ACLs show. The array is replaced, never changed: keep the reference with a request, as Java keeps a
   * request's authInfo from the moment it arrived.
   */
  readonly identities: readonly Id[];
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** False as soon as nothing can reach the client any more. Requests of such a connection are stale. */
  readonly isOpen: boolean;
  /**
   * Whether so much waits for this client to read it that no further answers should be produced now, where that can be put
   * off: reads that wait behind a write. `ServerPort.drained` says when to go on. (New requests are not read meanwhile.)
   */
  readonly isBacklogged: boolean;
  /** What it asked for has taken long enough for this turn: it is as good as backlogged until `ServerPort.drained`. */
  putOff(): void;

  /** A place for the server to keep its own record of the session, so that no request has to look it up. */
  attachment: unknown;

  /** The session exists (createSession is applied, or the renewal is valid): answer the handshake and read on. */
  sessionOpened(): void;
  /** The session cannot be renewed (unknown, expired, closing): say so as Java does, then close. */
  sessionRefused(): void;

  /**
   * Begins a reply in the connection's output and returns the writer for the body. `finishReply` must follow before
   * anything else is written to this connection.
   */
  startReply(xid: number, zxid: Zxid): JuteWriter;
  /**
   * Ends the reply: with an error other than 0, whatever was written as a body is forgotten. `type` is the request's,
   * `receivedMs` what came with `submit`, `nowMs` the monotonic clock now (a read answered at once passes `receivedMs`).
   * A closeSession answered this way closes the connection once the reply is sent.
   */
  finishReply(type: number, error: ErrorCode, receivedMs: number, nowMs: number): void;

  /** Sends what is written, then closes. Java: sendCloseSession. */
  closeAfterReplies(reason: DisconnectReason): void;
  /** Closes at once. Java: close. */
  close(reason: DisconnectReason): void;
}

/** Why a connection was closed; the texts are Java's (ServerCnxn.DisconnectReason). */
export type DisconnectReason =
  | "unknown"
  | "server_shutdown"
  | "close_all_connections_forced"
  | "connection_close_forced"
  | "connection_expired"
  | "client_closed_connection"
  | "client_closed_session"
  | "unable_to_read_from_client"
  | "not_read_only_client"
  | "client_zxid_ahead"
  | "info_probe"
  | "client_reconnect"
  | "io_exception"
  | "io_exception_in_session_init"
  | "sasl_auth_failure"
  | "close_connection_command"
  | "clean_up"
  | "connection_mode_changed"
  | "renew a global session in readonly mode"
  | "auth provider not found"
  | "Unsuccessful handshake"
  | "Client hits rate limiting threshold"
  | "Client hits connection limiting threshold"
  /** Ours alone: the client does not read what it asked for. */
  | "client_does_not_read"
  /** And this: its watches take most of what all may take. */
  | "too_many_watches";

// ------------------------------------------------------------------------------------------------------ towards the server

/** What stands behind the door. Java: ZooKeeperServer. */
export interface ServerPort extends StatusPort {
  /**
   * A new session: returns its id at once and makes it durable; `sessionOpened` follows. The time-out is negotiated
   * already. Java: ZooKeeperServer.createSession.
   */
  createSession(connection: ClientConnection, sessionTimeoutMs: number): SessionId;
  /**
   * A renewal whose password was right: `sessionOpened` or `sessionRefused` follows, perhaps within the call.
   * `connection.sessionId` is set. Java: ZooKeeperServer.revalidateSession.
   */
  reopenSession(connection: ClientConnection, sessionId: SessionId, sessionTimeoutMs: number): void;
  /**
   * The session has been heard of; called once for all requests of a chunk. False when it is unknown or closing: its
   * requests are then dropped without an answer, as in Java.
   */
  touchSession(connection: ClientConnection, nowMs: number): boolean;
  /**
   * A request of a known type, in arrival order. Includes ping (to be answered in its turn as a read without a body), when
   * one comes while earlier requests of the connection are unanswered; otherwise the door answers pings itself.
   * Not included: auth, sasl.
   */
  submit(
    connection: ClientConnection,
    xid: number,
    type: number,
    body: JuteReader,
    receivedMs: number,
  ): void;
  /**
   * A request that is not carried out and answered in its turn with this error: it waited too long in the door's throttle
   * (THROTTLEDOP), or is not for clients to make.
   */
  submitError(
    connection: ClientConnection,
    xid: number,
    type: number,
    error: ErrorCode,
    receivedMs: number,
  ): void;
  /** A connection that was backlogged can take answers again. */
  drained(connection: ClientConnection): void;
  /** Called once per connection, also for those that never had a session. */
  closed(connection: ClientConnection, reason: DisconnectReason): void;
}

/** What the four-letter words and the metrics ask. Values are asked for when a word is asked, never kept. */
export interface StatusPort {
  /** Whether there is a server behind the door. */
  readonly serving: boolean;
  /**
   * Whether it serves clients: if not, most words answer that they cannot, and handshakes are refused. A leader need not
   * (leaderServes=no).
   */
  readonly takesClients: boolean;
  /** A read-only server (cut off from its ensemble). */
  readonly readOnly: boolean;
  /** standalone, leader, follower, observer, read-only */
  readonly serverState: string;
  /** `<quorum state> - <zab state>`; undefined for a standalone server. */
  readonly peerState: string | undefined;
  /** Of an observer: the server that brings it forward, the leader or a follower. */
  readonly observerMaster?: Sid | undefined;
  lastProcessedZxid(): Zxid;

  nodeCount(): number;
  approximateDataSize(): number;
  ephemeralsCount(): number;
  globalSessionCount(): number;
  localSessionCount(): number;
  /** Total of all kinds of watches. */
  watchCount(): number;

  /** `conf` in its order, each printed as key=value; `membership` and the verifier's text, where there is one, after them. */
  configuration(): ConfigurationLines;
  dataDirSize(): number;
  logDirSize(): number;

  /** `dump`: sessions by the time at which they expire, if this server tracks them. */
  sessionDump(): SessionDump;
  /** `dump`: sessions that own ephemerals. */
  ephemerals(): Iterable<readonly [SessionId, Iterable<string>]>;

  /** `wchs` */
  watchSummary(): {
    readonly connections: number;
    readonly paths: number;
    readonly watches: number;
  };
  /** `wchc`: by connection, in the order in which Java would not have one either. Data watches only. */
  watchesByConnection(): Iterable<readonly [Watcher, Iterable<string>]>;
  /** `wchp`: by path. Data watches only. */
  watchesByPath(): Iterable<readonly [string, Iterable<Watcher>]>;

  /** `hash`: the digests kept for comparison, oldest first; the digest as Java prints it, signed. */
  digestLog(): Iterable<{ readonly zxid: Zxid; readonly digest: bigint }>;
  /** Leader only: sizes of proposals, last/min/max. */
  proposalStats():
    | { readonly last: number; readonly min: number; readonly max: number }
    | undefined;
  /** Called by `srst` after the door has reset what is its own. */
  resetStats(): void;
}

export interface ConfigurationLines {
  readonly values: Iterable<readonly [string, string | number]>;
  /** The quorum verifier's text, printed after `membership: `. */
  readonly membership?: string;
}

export interface ExpiryDump {
  readonly kind: "expiry";
  readonly sessionCount: number;
  /** In order of time; `expiresMs` on the monotonic clock. */
  readonly buckets: readonly {
    readonly expiresMs: number;
    readonly sessions: readonly SessionId[];
  }[];
}

/**
 * What `dump` prints of the sessions. A leader or a lone server knows expiry times, a learner only names and time-outs.
 * `local`: those of this server alone, where there may be any.
 */
export type SessionDump = (
  | ExpiryDump
  | { readonly kind: "global"; readonly sessions: readonly (readonly [SessionId, number])[] }
) & { readonly local?: ExpiryDump | undefined };

// What a client may be told when it is made. Java: the constructor of ZooKeeper, and ZKClientConfig.

import type { SaslExchange } from "../../auth/sasl/sasl.js";
import type { Platform } from "../../platform/platform.js";
import type { TlsEndpoint } from "../../tls/endpoint.js";
import type { SessionId } from "../../wire/ids.js";
import type { Watcher } from "./watch-event.js";

/** What a client needs of the world. */
export type ClientPlatform = Pick<Platform, "clock" | "network" | "random" | "log">;

/** Whom a connection leads to: as the client was told, and where it is. */
export interface SaslServer {
  readonly host: string;
  readonly address: string;
}

export type ClientSasl =
  /** A string says why there can be none, which ends the session: the server would not be told who we are. */
  | { readonly newExchange: (server: SaslServer) => SaslExchange | string }
  /** Nobody could log in: the session goes on without, if the server lets it. */
  | { readonly loginError: string };

export interface SessionOptions {
  /** What is asked for; the server has the last word. */
  readonly sessionTimeoutMs?: number;
  /** Is told of everything that happens to the session, and of watches set with `true`. */
  readonly watcher?: Watcher;
  /** May be served by a server that has lost its quorum. */
  readonly readOnly?: boolean;
  /** A session to go on with. */
  readonly sessionId?: SessionId;
  readonly password?: Buffer;
  /** jute.maxbuffer: what a reply may be long. */
  readonly maxFrameBytes?: number;
  /** zookeeper.request.timeout; 0 for none. */
  readonly requestTimeoutMs?: number;
  /** zookeeper.disableAutoWatchReset: one-shot watches end with the connection. */
  readonly disableAutoWatchReset?: boolean;
  /** Authenticates by SASL, on every connection anew. */
  readonly sasl?: ClientSasl;
  /** Servers are spoken to by TLS; undefined: plainly. */
  readonly tls?: TlsEndpoint | undefined;
  /** Before every attempt but the first: a random pause up to this, so that a server's clients do not come back as one. */
  readonly reconnectPauseMaxMs?: number;
  /** Before the list of servers is gone round again. */
  readonly roundPauseMs?: number;
}

export const SESSION_DEFAULTS = {
  sessionTimeoutMs: 30_000,
  maxFrameBytes: 0xfffff,
  reconnectPauseMaxMs: 1000,
  roundPauseMs: 1000,
} as const;

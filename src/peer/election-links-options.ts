// What the election links are told when they are opened (election-links.ts).

import type { HostPort, ServerSpec } from "../config/server-spec.js";
import type { FatalError } from "../errors.js";
import type { Platform } from "../platform/platform.js";
import type { Sid } from "../wire/ids.js";
import type { PeerAuthentication } from "./peer-authentication.js";
import type { PeerTls } from "./peer-tls.js";

export interface ElectionLinksSettings {
  /** cnxTimeout: for one attempt to connect, names included. */
  readonly connectTimeoutMs: number;
  /** quorumCnxnTimeoutMs, or syncLimit ticks: for a caller to say who it is. */
  readonly introductionTimeoutMs: number;
  readonly quorumListenOnAllIPs: boolean;
  /** How often binding is tried; 0: for ever. */
  readonly electionPortBindRetry: number;
  readonly tcpKeepAlive: boolean;
  readonly multiAddressEnabled: boolean;
  /** multiAddress.reachabilityCheckTimeoutMs: an address that is silent for so long has company. */
  readonly addressPatienceMs: number;
}

export interface ElectionLinksOptions {
  readonly platform: Platform;
  readonly sid: Sid;
  /** This server's own election addresses: where it listens and what it tells others. */
  readonly addresses: readonly HostPort[];
  /** All servers of the committed configuration and of one that is being agreed on. Asked at each attempt. */
  readonly peers: () => readonly ServerSpec[];
  readonly settings: ElectionLinksSettings;
  /** Undefined: connections are plain. */
  readonly tls: PeerTls | undefined;
  /** Undefined: nobody proves who it is. */
  readonly authentication?: PeerAuthentication | undefined;
  /** The message is valid only during the call. A ProtocolError that it throws costs the sender its connection. */
  readonly received: (from: Sid, message: Buffer) => void;
  /** A connection has ended: what was sent on it last may be lost with it. */
  readonly broken?: (sid: Sid) => void;
  /** Somebody is gone now (isGone). */
  readonly gone?: () => void;
  /** Every address is bound or given up, and at least one is bound. */
  readonly listening?: () => void;
  /** No address could be bound: this server cannot take part. */
  readonly failed: (error: FatalError) => void;
}

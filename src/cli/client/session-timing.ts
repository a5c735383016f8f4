// How long a session waits for what, all of it derived from its time-out. Java: ClientCnxn.SendThread.run and onConnected.

/** However long the session: routers forget connections that are silent. */
const PING_INTERVAL_MAX_MS = 10_000;

export class SessionTiming {
  /** Asked for, and from the first connection on: agreed. */
  readonly sessionTimeoutMs: number;
  /** For a connection to be opened, and again for the server to accept the session. Leaves time for all servers. */
  readonly connectTimeoutMs: number;
  /** Silent for this long, a server is given up. */
  readonly readTimeoutMs: number;
  /** Half of it, and a second earlier where that leaves one: the second ping must not come too late. */
  readonly pingIntervalMs: number;
  /** Not heard of any server for this long: all of them must have given the session up. */
  readonly expirationMs: number;

  constructor(sessionTimeoutMs: number, servers: number) {
    this.sessionTimeoutMs = sessionTimeoutMs;
    this.connectTimeoutMs = Math.floor(sessionTimeoutMs / servers);
    this.readTimeoutMs = Math.floor((sessionTimeoutMs * 2) / 3);
    const halfMs = this.readTimeoutMs / 2;
    const earlyMs = halfMs <= 1000 ? halfMs : Math.max(halfMs - 1000, 1000);
    this.pingIntervalMs = Math.min(earlyMs, PING_INTERVAL_MAX_MS);
    this.expirationMs = Math.floor((sessionTimeoutMs * 4) / 3);
  }
}

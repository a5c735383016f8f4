// Sessions that this server alone knows: not in the log, not known to the leader, gone when this server stops serving or
// the client goes elsewhere. Cheap, for clients that read and write and hold nothing. Java: LocalSessionTracker,
// UpgradeableSessionTracker; all sessions of ReadOnlyZooKeeperServer.
//
// With localSessionsEnabled every new session is local. One that wants an ephemeral node is upgraded: from then on it is not
// local any more, and until its createSession is committed here, it is `isUpgrading`: touched and forwarded like a global one.
//
// Invariant: a session is local, or upgrading, or neither.

import type { ClientConnection, ExpiryDump } from "../client/server-port.js";
import type { Metrics } from "../metrics/metrics.js";
import type { Logger, Platform } from "../platform/platform.js";
import type { SessionIds } from "../session/session-ids.js";
import {
  type SessionCheck,
  SessionTracker,
  type TrackedSession,
} from "../session/session-tracker.js";
import { hex0x, type SessionId } from "../wire/ids.js";
import { ExpiryTimer } from "./expiry-timer.js";

export interface LocalSessionSettings {
  readonly enabled: boolean;
  readonly upgradingEnabled: boolean;
}

export interface LocalSessionsParts {
  readonly platform: Platform;
  readonly metrics: Metrics;
  readonly tickTimeMs: number;
  readonly sessionIds: SessionIds;
}

export class LocalSessions {
  readonly #platform: Platform;
  readonly #log: Logger;
  readonly #sessions: SessionTracker;
  readonly #timer: ExpiryTimer;
  readonly #upgrading = new Set<SessionId>();

  constructor({ platform, metrics, tickTimeMs: tickMs, sessionIds: ids }: LocalSessionsParts) {
    const { clock } = platform;
    this.#platform = platform;
    this.#log = platform.log.child("LocalSessionTracker");
    this.#sessions = new SessionTracker({ ids, tickMs, nowMs: clock.monotonicMs() });
    this.#timer = new ExpiryTimer(clock, this.#sessions, ({ id, timeoutMs, owner }) => {
      metrics.counters.stale_sessions_expired.add(1);
      this.#log.info(`Expiring session ${hex0x(id)}, timeout of ${timeoutMs}ms exceeded`);
      this.close(id);
      const connection = owner as ClientConnection | undefined;
      if (connection?.isOpen) connection.close("connection_expired");
    });
  }

  start(): void {
    this.#timer.start();
  }

  stop(): void {
    this.#timer.stop();
  }

  get count(): number {
    return this.#sessions.size;
  }

  dump(): ExpiryDump {
    return this.#sessions.dump();
  }

  has(id: SessionId): boolean {
    return this.#sessions.find(id) !== undefined;
  }

  create(connection: ClientConnection, timeoutMs: number): TrackedSession {
    const { clock } = this.#platform;
    const session = this.#sessions.create(timeoutMs, clock.monotonicMs());
    session.owner = connection;
    // Not before the connection has been told its id.
    clock.atTurnEnd(() => {
      if (connection.isOpen) connection.sessionOpened();
    });
    return session;
  }

  /** Its client has come back, on this connection; undefined: it is no session of ours. */
  renew(
    id: SessionId,
    timeoutMs: number,
    connection: ClientConnection,
  ): TrackedSession | undefined {
    if (!this.touch(id, timeoutMs)) return undefined;
    this.#sessions.setOwner(id, connection);
    return this.#sessions.find(id);
  }

  touch(id: SessionId, timeoutMs: number): boolean {
    const session = this.#sessions.find(id);
    return this.#sessions.touch(session, timeoutMs, this.#platform.clock.monotonicMs());
  }

  check(id: SessionId, owner: unknown): SessionCheck {
    return this.#sessions.check(id, owner);
  }

  close(id: SessionId): void {
    this.#log.info(`Submitting local closeSession request for session ${hex0x(id)}`);
    this.#sessions.remove(id);
  }

  /** It is not local any more: its createSession goes out. Undefined: it was not local. */
  upgrade(id: SessionId): TrackedSession | undefined {
    const session = this.#sessions.release(id);
    if (session === undefined) return undefined;
    this.#log.info(`Upgrading session ${hex0x(id)}`);
    this.#upgrading.add(id);
    return session;
  }

  /** Its createSession is on its way, here or from elsewhere. */
  isUpgrading(id: SessionId): boolean {
    return this.#upgrading.has(id);
  }

  /** The leader knows it, and we shall soon: its client came from another server while it was being upgraded. */
  expect(id: SessionId): void {
    this.#upgrading.add(id);
  }

  /** Its createSession or closeSession is applied here. */
  settled(id: SessionId): void {
    this.#upgrading.delete(id);
  }
}

// The sessions of a leader or of a lone server: who is alive, who has expired, who is being closed.
//
// Java: SessionTrackerImpl. A session is created when a client asks for one, is tracked from then on, and is heard of again
// with everything its client sends (`touch`). One that is not heard of for its time-out is due: the server marks it
// as closing and proposes its closing; only when that transaction is applied does the session go away. In between, its
// requests are refused.
//
// Time is passed in, on the monotonic clock. Sessions that were read from the disk at start count as heard of just then.
//
// Invariant: a session is in the expiry queue unless it is closing because it was due.

import { assert } from "../errors.js";
import type { SessionId } from "../wire/ids.js";
import { type Expiring, ExpiryQueue } from "./expiry-queue.js";
import type { SessionIds } from "./session-ids.js";

/** A session as the tracker knows it. Connections keep a reference, so that touching needs no look-up. */
export interface TrackedSession extends Expiring {
  readonly id: SessionId;
  readonly timeoutMs: number;
  /** Once set never reset: its closing is on its way. */
  isClosing: boolean;
  /** No longer tracked: its closing has been applied. */
  isRemoved: boolean;
  /** Whoever may send requests for this session: the connection, or the member, through which it last came. */
  owner: unknown;
}

export type SessionCheck =
  | "ok"
  | "unknown"
  | "expired"
  | "moved"
  /** Known to one server alone, where only a session that all know will do. */
  | "local";

export class SessionTracker {
  readonly #sessions = new Map<SessionId, TrackedSession>();
  readonly #queue: ExpiryQueue<TrackedSession>;
  readonly #ids: SessionIds;
  /** What `find` was asked for last: a session's writes come one after the other, and each asks several times. */
  #found: TrackedSession | undefined;

  constructor(options: {
    readonly ids: SessionIds;
    readonly tickMs: number;
    readonly nowMs: number;
    /** What the data tree knows when serving begins. */
    readonly known?: Iterable<readonly [SessionId, number]>;
  }) {
    assert(options.tickMs > 0, `tickTime must be positive: current value is ${options.tickMs}`);
    this.#ids = options.ids;
    this.#queue = new ExpiryQueue(options.tickMs, options.nowMs);
    for (const [id, timeoutMs] of options.known ?? []) this.track(id, timeoutMs, options.nowMs);
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** A new session under the next id. */
  create(timeoutMs: number, nowMs: number): TrackedSession {
    return this.track(this.#ids.take(), timeoutMs, nowMs);
  }

  /** Makes sure the session is known (a createSession may come from the log or from another member), and touches it. */
  track(id: SessionId, timeoutMs: number, nowMs: number): TrackedSession {
    let session = this.#sessions.get(id);
    if (session === undefined) {
      session = {
        id,
        timeoutMs,
        isClosing: false,
        isRemoved: false,
        owner: undefined,
        expiresAtMs: 0,
      };
      this.#sessions.set(id, session);
    }
    if (!session.isClosing) this.#queue.update(session, timeoutMs, nowMs);
    return session;
  }

  /** Tracked elsewhere from here on. */
  release(id: SessionId): TrackedSession | undefined {
    const session = this.#sessions.get(id);
    if (session === undefined || session.isClosing) return undefined;
    this.#forget(id);
    this.#queue.remove(session);
    return session;
  }

  /** One that was tracked elsewhere: its owner and whoever refers to it stay. */
  adopt(session: TrackedSession, nowMs: number): void {
    this.#found = undefined;
    this.#sessions.set(session.id, session);
    this.#queue.update(session, session.timeoutMs, nowMs);
  }

  find(id: SessionId): TrackedSession | undefined {
    if (this.#found === undefined || this.#found.id !== id) this.#found = this.#sessions.get(id);
    return this.#found;
  }

  /** The session has been heard of. False when there is none, or it is being closed. */
  touch(session: TrackedSession | undefined, timeoutMs: number, nowMs: number): boolean {
    if (session === undefined || session.isClosing || session.isRemoved) return false;
    this.#queue.update(session, timeoutMs, nowMs);
    return true;
  }

  /** Its closing is on its way. It stays in the queue: should the closing get lost, it will be due again. */
  setClosing(id: SessionId): void {
    const session = this.#sessions.get(id);
    if (session !== undefined) session.isClosing = true;
  }

  /** Its closing has been applied. */
  remove(id: SessionId): void {
    const session = this.#sessions.get(id);
    if (session === undefined) return;
    this.#forget(id);
    this.#queue.remove(session);
    session.isClosing = true;
    session.isRemoved = true;
    session.owner = undefined;
  }

  /**
   * Whether `owner` may act for this session. The first to ask owns it; from then on only whom `setOwner` names, so that
   * requests of a connection that has been replaced by a newer one are refused (SESSIONMOVED).
   */
  check(id: SessionId, owner: unknown): SessionCheck {
    const session = this.find(id);
    if (session === undefined) return "unknown";
    if (session.isClosing) return "expired";
    if (session.owner === undefined) session.owner = owner;
    return session.owner === owner ? "ok" : "moved";
  }

  /** For what only a session known to all may do: one that is unknown has expired. */
  checkGlobal(id: SessionId, owner: unknown): SessionCheck {
    const found = this.check(id, owner);
    return found === "unknown" ? "expired" : found;
  }

  /** False when there is no such session any more. */
  setOwner(id: SessionId, owner: unknown): boolean {
    const session = this.#sessions.get(id);
    if (session === undefined || session.isClosing) return false;
    session.owner = owner;
    return true;
  }

  #forget(id: SessionId): void {
    this.#sessions.delete(id);
    this.#found = undefined;
  }

  /** When `due` will next have something to look at. */
  get nextDueMs(): number {
    return this.#queue.nextMs;
  }

  /** Sessions that have not been heard of in time, earliest first; they are closing from here on. */
  due(nowMs: number): TrackedSession[] {
    const due = this.#queue.due(nowMs);
    for (const session of due) session.isClosing = true;
    return due;
  }

  ids(): Iterable<SessionId> {
    return this.#sessions.keys();
  }

  /** What `dump` prints. */
  dump(): {
    readonly kind: "expiry";
    readonly sessionCount: number;
    readonly buckets: { readonly expiresMs: number; readonly sessions: SessionId[] }[];
  } {
    const buckets = this.#queue.buckets().map(({ expiresMs, elements }) => ({
      expiresMs,
      sessions: Array.from(elements, (session) => session.id),
    }));
    return { kind: "expiry", sessionCount: this.#sessions.size, buckets };
  }
}

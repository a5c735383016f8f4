// Whether a write may be carried out for its session, as a leader sees it. Java: LeaderSessionTracker.
//
// A session that is not known has expired. But where there are local sessions, the writes of other members' local sessions
// come here too, and nobody can say whether those still live: their own servers have looked.
//
// What was global and has been closed is no local session, though Java's leaders take it for one: a member that was cut off for a
// moment may send a write of a session that has moved and ended since, and that write would be carried out behind later ones of the
// same client. So those that have been closed are remembered. That is enough: a member sends nothing for a session when it has
// applied its end, and what it had sent to another leader is lost.

import { CLOSED_SESSIONS_REMEMBERED } from "../limits.js";
import type { SessionChecks } from "../operations/operation.js";
import type { SessionIds } from "../session/session-ids.js";
import type { SessionCheck, SessionTracker } from "../session/session-tracker.js";
import type { SessionId } from "../wire/ids.js";
import type { LocalSessions } from "./local-sessions.js";

export class LeaderSessionChecks implements SessionChecks {
  readonly #global: SessionTracker;
  readonly #local: LocalSessions | undefined;
  readonly #ids: SessionIds;
  /** Oldest first; only where there are local sessions. */
  readonly #closed = new Set<SessionId>();

  constructor(global: SessionTracker, local: LocalSessions | undefined, ids: SessionIds) {
    this.#global = global;
    this.#local = local;
    this.#ids = ids;
  }

  check(id: SessionId, owner: unknown): SessionCheck {
    if (this.#local?.has(id)) return this.#local.check(id, owner);
    const found = this.#global.check(id, owner);
    if (found !== "unknown") return found;
    const mayBeLocal = this.#local !== undefined && !this.#ids.isOwn(id) && !this.#closed.has(id);
    return mayBeLocal ? "ok" : "expired";
  }

  checkGlobal(id: SessionId, owner: unknown): SessionCheck {
    return this.#local?.has(id) ? "local" : this.#global.checkGlobal(id, owner);
  }

  setClosing(id: SessionId): void {
    this.#global.setClosing(id);
    if (this.#local === undefined) return;
    this.#closed.add(id);
    if (this.#closed.size <= CLOSED_SESSIONS_REMEMBERED) return;
    const [oldest] = this.#closed;
    this.#closed.delete(oldest!);
  }
}

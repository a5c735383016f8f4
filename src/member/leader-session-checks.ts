// Whether a write may be carried out for its session, as a leader sees it. Java: LeaderSessionTracker.
//
// A session that is not known has expired. But where there are local sessions, the writes of other members' local sessions
// come here too, and nobody can say whether those still live: their own servers have looked.

import type { SessionChecks } from "../operations/operation.js";
import type { SessionIds } from "../session/session-ids.js";
import type { SessionCheck, SessionTracker } from "../session/session-tracker.js";
import type { SessionId } from "../wire/ids.js";
import type { LocalSessions } from "./local-sessions.js";

export class LeaderSessionChecks implements SessionChecks {
  readonly #global: SessionTracker;
  readonly #local: LocalSessions | undefined;
  readonly #ids: SessionIds;

  constructor(global: SessionTracker, local: LocalSessions | undefined, ids: SessionIds) {
    this.#global = global;
    this.#local = local;
    this.#ids = ids;
  }

  check(id: SessionId, owner: unknown): SessionCheck {
    if (this.#local?.has(id)) return this.#local.check(id, owner);
    const found = this.#global.check(id, owner);
    if (found !== "unknown") return found;
    return this.#local !== undefined && !this.#ids.isOwn(id) ? "ok" : "expired";
  }

  checkGlobal(id: SessionId, owner: unknown): SessionCheck {
    return this.#local?.has(id) ? "local" : this.#global.checkGlobal(id, owner);
  }

  setClosing(id: SessionId): void {
    this.#global.setClosing(id);
  }
}

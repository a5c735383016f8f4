// Whether a write may be carried out for the session it comes from. Java: SessionTracker.checkSession, checkGlobalSession.
//
// The door has already dropped what comes from unknown sessions; here it is asked again, in zxid order: between the two,
// the session may have begun to close, or may have moved to another server.

import { reached } from "../marks.js";
import type { SessionCheck } from "../session/session-tracker.js";
import { ErrorCode } from "../wire/error-codes.js";
import type { PrepareContext } from "./operation.js";

const ERRORS: Readonly<Record<SessionCheck, ErrorCode>> = {
  ok: ErrorCode.ok,
  unknown: ErrorCode.unknownSession,
  expired: ErrorCode.sessionExpired,
  moved: ErrorCode.sessionMoved,
  local: ErrorCode.ephemeralOnLocalSession,
};

export function checkSession(context: PrepareContext): ErrorCode {
  const { caller, sessions } = context;
  const check = sessions.check(caller.sessionId, caller.owner);
  if (check === "moved") reached("session: a write after it has moved");
  else if (check !== "ok") reached("session: a write while it is closing, or after");
  return ERRORS[check];
}

/** For what only a session known to all may do: create ephemerals. */
export function checkGlobalSession(context: PrepareContext): ErrorCode {
  const { caller, sessions } = context;
  return ERRORS[sessions.checkGlobal(caller.sessionId, caller.owner)];
}

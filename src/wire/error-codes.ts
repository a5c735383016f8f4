// What a reply's err field says. Java: KeeperException.Code.
//
// An error code is a value, never thrown: an operation that finds no node gives `ErrorCode.noNode` to whoever writes replies.

export const ErrorCode = {
  ok: 0,

  // -1 to -99: the server is in trouble, the request is not to blame (-8 and -14 excepted).
  systemError: -1,
  runtimeInconsistency: -2,
  dataInconsistency: -3,
  connectionLoss: -4,
  marshallingError: -5,
  unimplemented: -6,
  operationTimeout: -7,
  badArguments: -8,
  unknownSession: -12,
  newConfigNoQuorum: -13,
  reconfigInProgress: -14,

  // From -100: the request cannot be carried out.
  apiError: -100,
  noNode: -101,
  noAuth: -102,
  badVersion: -103,
  noChildrenForEphemerals: -108,
  nodeExists: -110,
  notEmpty: -111,
  sessionExpired: -112,
  invalidCallback: -113,
  invalidACL: -114,
  authFailed: -115,
  sessionMoved: -118,
  notReadOnly: -119,
  ephemeralOnLocalSession: -120,
  noWatcher: -121,
  requestTimeout: -122,
  reconfigDisabled: -123,
  sessionClosedRequireSaslAuth: -124,
  quotaExceeded: -125,
  throttledOp: -127,
} as const;
export type ErrorCode = (typeof ErrorCode)[keyof typeof ErrorCode];

const texts = new Map<number, string>([
  [ErrorCode.ok, "ok"],
  [ErrorCode.systemError, "SystemError"],
  [ErrorCode.runtimeInconsistency, "RuntimeInconsistency"],
  [ErrorCode.dataInconsistency, "DataInconsistency"],
  [ErrorCode.connectionLoss, "ConnectionLoss"],
  [ErrorCode.marshallingError, "MarshallingError"],
  [ErrorCode.newConfigNoQuorum, "NewConfigNoQuorum"],
  [ErrorCode.reconfigInProgress, "ReconfigInProgress"],
  [ErrorCode.unimplemented, "Unimplemented"],
  [ErrorCode.operationTimeout, "OperationTimeout"],
  [ErrorCode.badArguments, "BadArguments"],
  [ErrorCode.apiError, "APIError"],
  [ErrorCode.noNode, "NoNode"],
  [ErrorCode.noAuth, "NoAuth"],
  [ErrorCode.badVersion, "BadVersion"],
  [ErrorCode.noChildrenForEphemerals, "NoChildrenForEphemerals"],
  [ErrorCode.nodeExists, "NodeExists"],
  [ErrorCode.invalidACL, "InvalidACL"],
  [ErrorCode.authFailed, "AuthFailed"],
  [ErrorCode.notEmpty, "Directory not empty"],
  [ErrorCode.sessionExpired, "Session expired"],
  [ErrorCode.invalidCallback, "Invalid callback"],
  [ErrorCode.sessionMoved, "Session moved"],
  [ErrorCode.notReadOnly, "Not a read-only call"],
  [ErrorCode.ephemeralOnLocalSession, "Ephemeral node on local session"],
  [ErrorCode.noWatcher, "No such watcher"],
  [ErrorCode.reconfigDisabled, "Reconfig is disabled"],
  [ErrorCode.sessionClosedRequireSaslAuth, "Session closed because client failed to authenticate"],
  [ErrorCode.quotaExceeded, "Quota has exceeded"],
  [ErrorCode.throttledOp, "Op throttled due to high load"],
  // Java has no text for these two, and says so with the constant's name.
  [ErrorCode.unknownSession, "Unknown error UNKNOWNSESSION"],
  [ErrorCode.requestTimeout, "Unknown error REQUESTTIMEOUT"],
]);

/** Java: KeeperException.getCodeMessage, after "KeeperErrorCode = ". */
export function errorText(code: number): string {
  return texts.get(code) ?? `Unknown error ${code}`;
}

/** As Java's ZooKeeper.States, and as zkCli's prompt shows it. */
export const SessionState = {
  connecting: "CONNECTING",
  associating: "ASSOCIATING",
  connected: "CONNECTED",
  connectedReadOnly: "CONNECTEDREADONLY",
  closed: "CLOSED",
  authFailed: "AUTH_FAILED",
} as const;
export type SessionState = (typeof SessionState)[keyof typeof SessionState];

/** Not ended: connected, or to be connected again. */
export function isAlive(state: SessionState): boolean {
  return state !== SessionState.closed && state !== SessionState.authFailed;
}

/** A server answers requests. */
export function isConnected(state: SessionState): boolean {
  return state === SessionState.connected || state === SessionState.connectedReadOnly;
}

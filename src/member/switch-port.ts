// The door's view of a server whose role changes: whoever serves now, or nobody. Java: QuorumPeer.setZooKeeperServer.
//
// While no role serves, handshakes are refused and most four-letter words say so; the connections that there were have been
// closed when the role ended, so nothing else is asked.

import type {
  ClientConnection,
  DisconnectReason,
  ServerPort,
  SessionDump,
} from "../client/server-port.js";
import type { JuteReader } from "../jute/reader.js";
import type { ErrorCode } from "../wire/error-codes.js";
import { NO_SESSION, type SessionId, type Sid, ZXID_ZERO, type Zxid } from "../wire/ids.js";
import type { Serving } from "./serving.js";

export class SwitchPort implements ServerPort {
  #current: Serving | undefined;
  /** Whoever served last: the connections that its end has closed are its own to forget. */
  #last: Serving | undefined;
  /** `<quorum state> - <zab state>` while nobody serves. */
  #peerState: () => string | undefined;

  constructor(peerState: () => string | undefined) {
    this.#peerState = peerState;
  }

  switchTo(serving: Serving | undefined): void {
    this.#last = this.#current ?? this.#last;
    this.#current = serving;
  }

  get serving(): boolean {
    return this.#current?.serving ?? false;
  }

  get takesClients(): boolean {
    return this.#current?.takesClients ?? false;
  }

  get readOnly(): boolean {
    return this.#current?.readOnly ?? false;
  }

  get serverState(): string {
    return this.#current?.serverState ?? "leaderelection";
  }

  get peerState(): string | undefined {
    return this.#current?.peerState ?? this.#peerState();
  }

  get observerMaster(): Sid | undefined {
    return this.#current?.observerMaster;
  }

  createSession(connection: ClientConnection, sessionTimeoutMs: number): SessionId {
    return this.#current?.createSession(connection, sessionTimeoutMs) ?? NO_SESSION;
  }

  reopenSession(connection: ClientConnection, sessionId: SessionId, timeoutMs: number): void {
    if (this.#current !== undefined) this.#current.reopenSession(connection, sessionId, timeoutMs);
    else connection.close("unknown");
  }

  touchSession(connection: ClientConnection, nowMs: number): boolean {
    return this.#current?.touchSession(connection, nowMs) ?? false;
  }

  submit(
    connection: ClientConnection,
    xid: number,
    type: number,
    body: JuteReader,
    receivedMs: number,
  ): void {
    this.#current?.submit(connection, xid, type, body, receivedMs);
  }

  submitError(
    connection: ClientConnection,
    xid: number,
    type: number,
    error: ErrorCode,
    receivedMs: number,
  ): void {
    this.#current?.submitError(connection, xid, type, error, receivedMs);
  }

  drained(connection: ClientConnection): void {
    this.#current?.drained(connection);
  }

  closed(connection: ClientConnection, reason: DisconnectReason): void {
    (this.#current ?? this.#last)?.closed(connection, reason);
  }

  lastProcessedZxid(): Zxid {
    return this.#current?.lastProcessedZxid() ?? ZXID_ZERO;
  }

  nodeCount(): number {
    return this.#current?.nodeCount() ?? 0;
  }

  approximateDataSize(): number {
    return this.#current?.approximateDataSize() ?? 0;
  }

  ephemeralsCount(): number {
    return this.#current?.ephemeralsCount() ?? 0;
  }

  globalSessionCount(): number {
    return this.#current?.globalSessionCount() ?? 0;
  }

  localSessionCount(): number {
    return this.#current?.localSessionCount() ?? 0;
  }

  watchCount(): number {
    return this.#current?.watchCount() ?? 0;
  }

  configuration() {
    return this.#current?.configuration() ?? { values: [] };
  }

  dataDirSize(): number {
    return this.#current?.dataDirSize() ?? 0;
  }

  logDirSize(): number {
    return this.#current?.logDirSize() ?? 0;
  }

  sessionDump(): SessionDump {
    return this.#current?.sessionDump() ?? { kind: "global", sessions: [] };
  }

  ephemerals() {
    return this.#current?.ephemerals() ?? [];
  }

  watchSummary() {
    return this.#current?.watchSummary() ?? { connections: 0, paths: 0, watches: 0 };
  }

  watchesByConnection() {
    return this.#current?.watchesByConnection() ?? [];
  }

  watchesByPath() {
    return this.#current?.watchesByPath() ?? [];
  }

  digestLog() {
    return this.#current?.digestLog() ?? [];
  }

  proposalStats() {
    return this.#current?.proposalStats();
  }

  resetStats(): void {
    this.#current?.resetStats();
  }
}

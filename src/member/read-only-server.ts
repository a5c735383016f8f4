// A member that is cut off from its quorum, for clients who said that reading would do. Java: ReadOnlyZooKeeperServer.
//
// It shows the tree as it was when the quorum was lost, and nothing ever changes in it: its sessions are its own, known to
// nobody else, and use up no zxid (R22). Whatever would write is refused with NOTREADONLY; sessions of the ensemble are not
// renewed here, because nobody could say whether they still live. It ends when an election does.

import type { ClientConnection, SessionDump } from "../client/server-port.js";
import { operationFor } from "../operations/table.js";
import { orderOf } from "../pipeline/order.js";
import { ReadStage } from "../pipeline/read.js";
import type { Timer } from "../platform/platform.js";
import { SessionTracker } from "../session/session-tracker.js";
import { ErrorCode } from "../wire/error-codes.js";
import type { SessionId } from "../wire/ids.js";
import { OpCode } from "../wire/op-codes.js";
import { Serving, type ServingParts } from "./serving.js";

export class ReadOnlyServer extends Serving {
  readonly serverState = "read-only";
  readonly peerState = "looking - election";
  override readonly readOnly = true;
  readonly #reads: ReadStage;
  readonly #sessions: SessionTracker;
  #expiry: Timer | undefined;

  constructor(parts: ServingParts) {
    super(parts);
    const { platform, tree, operationSettings: settings } = parts;
    const log = platform.log.child("ReadOnlyRequestProcessor");
    const monotonicMs = () => Math.floor(platform.clock.monotonicMs());
    this.#reads = new ReadStage({ tree, settings, monotonicMs, log });
    this.#sessions = new SessionTracker({
      ids: parts.sessionIds,
      tickMs: parts.tickTimeMs,
      nowMs: this.nowMs(),
    });
  }

  override start(): void {
    super.start();
    this.#scheduleExpiry();
  }

  override stopServing(): void {
    super.stopServing();
    this.#expiry?.cancel();
  }

  createSession(connection: ClientConnection, sessionTimeoutMs: number): SessionId {
    const session = this.#sessions.create(sessionTimeoutMs, this.nowMs());
    session.owner = connection;
    orderOf(connection).session = session;
    // Not before the connection has been told its id.
    this.parts.platform.clock.atTurnEnd(() => {
      if (connection.isOpen) connection.sessionOpened();
    });
    return session.id;
  }

  reopenSession(connection: ClientConnection, sessionId: SessionId, timeoutMs: number): void {
    if (this.tree.sessions.has(sessionId)) {
      connection.close("renew a global session in readonly mode");
      return;
    }
    const session = this.#sessions.find(sessionId);
    if (!this.#sessions.touch(session, timeoutMs, this.nowMs())) {
      connection.sessionRefused();
      return;
    }
    this.#sessions.setOwner(sessionId, connection);
    orderOf(connection).session = session;
    connection.sessionOpened();
  }

  touchSession(connection: ClientConnection, nowMs: number): boolean {
    const { session } = orderOf(connection);
    return this.#sessions.touch(session, connection.sessionTimeoutMs, nowMs);
  }

  submit(
    connection: ClientConnection,
    xid: number,
    type: number,
    body: Buffer,
    receivedMs: number,
  ): void {
    const operation = operationFor(type);
    if (operation === undefined) {
      this.#reads.submitUnimplemented(connection, xid, type, receivedMs);
    } else if (type === OpCode.closeSession) {
      this.#sessions.remove(connection.sessionId);
      this.#reads.submitError(connection, xid, type, ErrorCode.ok, receivedMs);
    } else if (operation.kind === "write" || type === OpCode.sync) {
      this.#reads.submitError(connection, xid, type, ErrorCode.notReadOnly, receivedMs);
    } else {
      this.#reads.submit(connection, operation, xid, body, receivedMs);
    }
  }

  submitError(
    connection: ClientConnection,
    xid: number,
    type: number,
    error: ErrorCode,
    receivedMs: number,
  ): void {
    this.#reads.submitError(connection, xid, type, error, receivedMs);
  }

  drained(connection: ClientConnection): void {
    this.#reads.runWaiting(connection);
  }

  globalSessionCount(): number {
    return 0;
  }

  override localSessionCount(): number {
    return this.#sessions.size;
  }

  sessionDump(): SessionDump {
    return this.#sessions.dump();
  }

  #scheduleExpiry(): void {
    const waitMs = Math.max(0, this.#sessions.nextDueMs - this.nowMs());
    this.#expiry = this.parts.platform.clock.setTimer(waitMs, () => {
      for (const session of this.#sessions.due(this.nowMs())) {
        const connection = session.owner as ClientConnection | undefined;
        this.#sessions.remove(session.id);
        if (connection?.isOpen) connection.close("connection_expired");
      }
      this.#scheduleExpiry();
    });
  }
}

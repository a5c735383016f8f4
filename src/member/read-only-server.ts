// A member that is cut off from its quorum, for clients who said that reading would do. Java: ReadOnlyZooKeeperServer.
//
// It shows the tree as it was when the quorum was lost, and nothing ever changes in it: its sessions are its own, known to
// nobody else, and use up no zxid (R22). Whatever would write is refused with NOTREADONLY; sessions of the ensemble are not
// renewed here, because nobody could say whether they still live. It ends when an election does.

import type { ClientConnection, SessionDump } from "../client/server-port.js";
import type { JuteReader } from "../jute/reader.js";
import { reached } from "../marks.js";
import { operationFor } from "../operations/table.js";
import { orderOf } from "../pipeline/order.js";
import { ReadStage } from "../pipeline/read.js";
import { ErrorCode } from "../wire/error-codes.js";
import type { SessionId } from "../wire/ids.js";
import { OpCode } from "../wire/op-codes.js";
import { LocalSessions } from "./local-sessions.js";
import { Serving, type ServingParts } from "./serving.js";

export class ReadOnlyServer extends Serving {
  readonly serverState = "read-only";
  readonly peerState = "looking - election";
  override readonly readOnly = true;
  readonly #reads: ReadStage;
  readonly #sessions: LocalSessions;

  constructor(parts: ServingParts) {
    super(parts);
    const { platform, tree, operationSettings: settings } = parts;
    const log = platform.log.child("ReadOnlyRequestProcessor");
    const monotonicMs = () => Math.floor(platform.clock.monotonicMs());
    this.#reads = new ReadStage({ tree, settings, monotonicMs, log });
    this.#sessions = new LocalSessions(parts);
  }

  override start(): void {
    super.start();
    reached("read-only: serves");
    this.#sessions.start();
  }

  override stopServing(): void {
    super.stopServing();
    this.#sessions.stop();
  }

  createSession(connection: ClientConnection, sessionTimeoutMs: number): SessionId {
    const session = this.#sessions.create(connection, sessionTimeoutMs);
    orderOf(connection).session = session;
    return session.id;
  }

  reopenSession(connection: ClientConnection, sessionId: SessionId, timeoutMs: number): void {
    if (this.tree.sessions.has(sessionId)) {
      connection.close("renew a global session in readonly mode");
      return;
    }
    const session = this.#sessions.renew(sessionId, timeoutMs, connection);
    if (session === undefined) {
      connection.sessionRefused();
      return;
    }
    orderOf(connection).session = session;
    connection.sessionOpened();
  }

  touchSession({ sessionId, sessionTimeoutMs }: ClientConnection): boolean {
    return this.#sessions.touch(sessionId, sessionTimeoutMs);
  }

  submit(
    connection: ClientConnection,
    xid: number,
    type: number,
    body: JuteReader,
    receivedMs: number,
  ): void {
    const operation = operationFor(type);
    if (operation === undefined) {
      this.#reads.submitOther(connection, xid, type, receivedMs);
    } else if (type === OpCode.closeSession) {
      this.#sessions.close(connection.sessionId);
      this.#reads.submitError(connection, xid, type, ErrorCode.ok, receivedMs);
    } else if (operation.kind === "write" || type === OpCode.sync) {
      reached("read-only: a write is refused");
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
    return this.#sessions.count;
  }

  sessionDump(): SessionDump {
    return this.#sessions.dump();
  }
}

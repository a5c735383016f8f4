// One client's connection, from its first byte to its last. Java: NIOServerCnxn, and what ZooKeeperServer.processPacket does.
//
//   firstBytes ──▶ word ────────────────────────────▶ closing ──▶ closed
//        │                                               ▲           ▲
//        └──▶ handshake ──▶ opening ──▶ session ─────────┘           │
//                 └────────────┴───────────┴─────────────────────────┘
//
//   firstBytes  the first four bytes tell a four-letter word from a length
//   word        an answer is being written; nothing more is read
//   handshake   the ConnectRequest is under way
//   opening     the server makes or finds the session; nothing is read meanwhile
//   session     requests
//   closing     what is written is sent, then the connection is closed; nothing more is read
//
// A chunk may hold many requests: they are taken one after the other, without an object or a closure per request but the
// view of its body. Replies go into one buffer, which the door writes at the end of the turn.

import { assert, ProtocolError } from "../errors.js";
import type { JuteWriter } from "../jute/writer.js";
import type { Connection, ConnectionHandler, NetworkError } from "../platform/platform.js";
import type { WatchEvent } from "../tree/watches.js";
import { ErrorCode } from "../wire/error-codes.js";
import { FrameLengthError } from "../wire/framing.js";
import { hex0x, NO_SESSION, type SessionId, ZXID_ZERO, type Zxid } from "../wire/ids.js";
import { OpCode } from "../wire/op-codes.js";
import type { ACL, Id } from "../wire/records.js";
import { ConnectionStats } from "./connection-stats.js";
import type { DoorContext } from "./door-context.js";
import { admit, handshakeAnswer, readHandshake } from "./handshake.js";
import { hostAddress, socketAddress } from "./java-address.js";
import { LargeRequests } from "./large-requests.js";
import { notificationFrame } from "./notification.js";
import { isRequestType, isUpdate } from "./op-names.js";
import { Outbox } from "./outbox.js";
import { PausableFrames } from "./pausable-frames.js";
import type { ThrottledConnection } from "./request-throttle.js";
import type { ClientConnection, DisconnectReason } from "./server-port.js";
import { answerSasl, authenticate, isAuthenticated } from "./special-requests.js";
import { WordReader } from "./word-reader.js";

type State = "firstBytes" | "word" | "handshake" | "opening" | "session" | "closing" | "closed";

/** Why nothing is read. */
const Pause = {
  /** The session is being made or found. */
  opening: 1,
  /** Too many requests are being processed in the whole server (globalOutstandingLimit). */
  throttled: 2,
  /** The client does not read its replies. */
  backlog: 4,
} as const;

const HEADER_BYTES = 8;

export class AcceptedConnection
  implements ClientConnection, ConnectionHandler, ThrottledConnection
{
  readonly #door: DoorContext;
  readonly #connection: Connection;
  readonly stats: ConnectionStats;
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** As Java prints it. */
  readonly remoteName: string;
  attachment: unknown;
  /** The door's: where it stands in the queue of connections that expire. */
  expiresAtMs = 0;

  #state: State = "firstBytes";
  #sessionId: SessionId = NO_SESSION;
  #sessionTimeoutMs: number;
  #identities: readonly Id[];
  #isNewSession = false;
  #clientKnowsReadOnly = false;

  /** Before the handshake, and while a word is answered. */
  #words: WordReader | undefined;
  readonly #input: PausableFrames;
  readonly #outbox: Outbox;
  /** When the chunk came whose requests are being taken. */
  #receivedMs = 0;
  /** The session is touched once per chunk. */
  #touched: "not yet" | "yes" | "refused" = "not yet";

  /** Requests with a positive xid that are unanswered: what Java throttles by. */
  #outstanding = 0;
  /** Requests that the server has and has not answered. */
  #inProcess = 0;
  readonly #large: LargeRequests | undefined;

  constructor(door: DoorContext, connection: Connection) {
    this.#door = door;
    this.#connection = connection;
    this.remoteAddress = hostAddress(connection.remoteAddress);
    this.remotePort = connection.remotePort;
    this.remoteName = socketAddress(connection.remoteAddress, connection.remotePort);
    this.stats = new ConnectionStats(door.platform.clock.wallMs());
    this.#identities = [{ scheme: "ip", id: this.remoteAddress }];
    this.#sessionTimeoutMs = door.settings.nioSessionlessCnxnTimeoutMs;
    this.#words = new WordReader(door, this, connection);
    this.#input = new PausableFrames(
      door.settings.juteMaxBufferBytes,
      connection,
      (bytes, start, end) => this.#frame(bytes, start, end),
      () => door.willResume(this),
    );
    this.#outbox = new Outbox(
      connection,
      {
        onDirty: () => door.willFlush(this),
        onBacklogged: () => this.#input.pause(Pause.backlog),
        onDrained: () => this.#drained(),
      },
      door.stats,
      this.stats,
    );
    const hasLarge = door.settings.largeRequestThresholdBytes !== -1;
    this.#large = hasLarge ? new LargeRequests(door) : undefined;
  }

  get sessionId(): SessionId {
    return this.#sessionId;
  }

  get sessionTimeoutMs(): number {
    return this.#sessionTimeoutMs;
  }

  get identities(): readonly Id[] {
    return this.#identities;
  }

  get isOpen(): boolean {
    return this.#state !== "closed" && this.#state !== "closing";
  }

  get stale(): boolean {
    return !this.isOpen;
  }

  get isBacklogged(): boolean {
    return this.#outbox.isBacklogged;
  }

  get outstanding(): number {
    return this.#outstanding;
  }

  /** As NIO's interest operations, which `cons` prints: 1 reads, 4 has something to write. */
  get interestOps(): number {
    if (this.#state === "word" || !this.isOpen) return 0;
    return (this.#input.isPaused ? 0 : 1) | (this.#outbox.hasUnsent ? 4 : 0);
  }

  // ----------------------------------------------------------------------------------------------------- from the network

  onData(chunk: Buffer): void {
    if (!this.isOpen) return;
    this.#heard();
    this.#door.touch(this, this.#receivedMs);
    this.#guarded(() => this.#take(chunk));
  }

  onDrain(): void {
    this.#door.touch(this, this.#door.nowMs());
    this.#words?.drained();
    this.#outbox.drained();
  }

  onEnd(): void {
    if (this.#state === "word" || !this.isOpen) return;
    this.#door.counters.connectionDrops.add(1);
    this.#door.logs.connection.info(
      `Unable to read additional data from client, it probably closed the socket: address = ${this.remoteName}, session = ${hex0x(this.#sessionId)}`,
    );
    this.closeAfterReplies("unable_to_read_from_client");
  }

  onClose(error: NetworkError | undefined): void {
    if (this.isOpen && error !== undefined) this.#warnOfClose(error.message);
    this.#leave("closed", error === undefined ? "client_closed_connection" : "io_exception");
    this.#door.isGone(this);
  }

  /** From the door, at the end of the turn in which the last reason to pause went away. */
  resume(): void {
    if (!this.isOpen) return;
    this.#heard();
    this.#guarded(() => this.#input.resume());
  }

  /** From the door, at the end of the turn in which something was written. */
  flush(): void {
    if (this.#state === "closed") return;
    this.#outbox.flush();
    if (this.#state === "closing") this.#connection.end();
  }

  #heard(): void {
    this.#receivedMs = this.#door.nowMs();
    this.#touched = "not yet";
  }

  /** The one place where a client that breaks the protocol is dealt with: it costs it its connection. */
  #guarded(take: () => void): void {
    try {
      take();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#warnOfClose(this.#explain(error));
      this.close("io_exception");
    }
  }

  #take(chunk: Buffer): void {
    if (this.#words === undefined) {
      this.#input.push(chunk);
      return;
    }
    const first = this.#words.push(chunk);
    if (first.kind === "word") this.#state = "word";
    if (first.kind !== "length") return;
    this.#words = undefined;
    this.#state = "handshake";
    if (first.before !== undefined) this.#input.push(first.before);
    this.#input.push(chunk);
  }

  #drained(): void {
    this.#input.unpause(Pause.backlog);
    if (this.#state === "session") this.#door.port.drained(this);
  }

  // ------------------------------------------------------------------------------------------------------------- requests

  #frame(bytes: Buffer, start: number, end: number): void {
    const door = this.#door;
    if (!door.port.serving) throw new ProtocolError("ZooKeeperServer not running");
    door.stats.packetsReceived++;
    this.stats.packetsReceived++;
    door.counters.bytesReceived.add(4 + end - start);
    if (this.#state === "session") this.#request(bytes, start, end);
    else this.#handshake(bytes, start, end);
  }

  #request(bytes: Buffer, start: number, end: number): void {
    if (end - start < HEADER_BYTES) throw new ProtocolError("Request is shorter than its header");
    const xid = readInt(bytes, start);
    const type = readInt(bytes, start + 4);
    const door = this.#door;
    if (xid > 0) {
      this.#outstanding++;
      if (door.shouldThrottle(this.#outstanding)) this.#input.pause(Pause.throttled);
    }
    if (type === OpCode.auth || type === OpCode.sasl) {
      this.#special(xid, type, bytes.subarray(start + HEADER_BYTES, end));
      return;
    }
    if (door.settings.enforceAuthEnabled && !isAuthenticated(door, this)) {
      this.#refuse(xid, ErrorCode.sessionClosedRequireSaslAuth, "sasl_auth_failure");
      return;
    }
    if (this.#touched === "not yet") {
      this.#touched = door.port.touchSession(this, this.#receivedMs) ? "yes" : "refused";
    }
    // The session is unknown or closing: Java drops the request without an answer.
    if (this.#touched === "refused") return;
    if (!isRequestType(type)) {
      door.logs.server.warn(`Received packet at server of unknown type ${type}`);
      this.#refuse(xid, ErrorCode.unimplemented, "client_closed_connection");
      return;
    }
    if (type === OpCode.ping && this.#inProcess === 0 && door.requestThrottle === undefined) {
      this.#outbox.start(xid, door.port.lastProcessedZxid());
      this.#replied(type, ErrorCode.ok, this.#receivedMs, this.#receivedMs);
      return;
    }
    this.#large?.add(end - start - HEADER_BYTES);
    const body = bytes.subarray(start + HEADER_BYTES, end);
    if (door.requestThrottle === undefined) this.issue(xid, type, body, this.#receivedMs, false);
    else door.requestThrottle.submit(this, xid, type, body, this.#receivedMs);
  }

  issue(xid: number, type: number, body: Buffer, receivedMs: number, isThrottled: boolean): void {
    if (this.isOpen) {
      this.#inProcess++;
      this.#door.inProcess++;
    }
    if (isThrottled) this.#door.port.submitThrottled(this, xid, type, receivedMs);
    else this.#door.port.submit(this, xid, type, body, receivedMs);
  }

  invalidate(): void {
    this.closeAfterReplies("client_closed_connection");
  }

  #special(xid: number, type: number, body: Buffer): void {
    if (type === OpCode.sasl) {
      answerSasl(this, xid, body);
      return;
    }
    const result = authenticate(this.#door, this, body);
    if (result.kind === "close") {
      this.close(result.reason);
    } else if (result.kind === "failed") {
      this.#refuse(xid, ErrorCode.authFailed, "sasl_auth_failure");
    } else {
      this.#identities = result.identities;
      this.respond(xid, ErrorCode.ok);
    }
  }

  /** A reply that does not come out of the pipeline, and stands in no order with those that do. */
  respond(xid: number, error: ErrorCode, body?: (out: JuteWriter) => void): void {
    const out = this.#outbox.start(xid, ZXID_ZERO);
    body?.(out);
    this.#outbox.finish(error);
    this.#answered(xid);
  }

  #refuse(xid: number, error: ErrorCode, reason: DisconnectReason): void {
    this.respond(xid, error);
    this.closeAfterReplies(reason);
  }

  // -------------------------------------------------------------------------------------------------------------- session

  #handshake(bytes: Buffer, start: number, end: number): void {
    const door = this.#door;
    const request = readHandshake(bytes, start, end);
    const admission = admit(door, this, request);
    if (admission.kind === "refused") {
      this.close(admission.reason);
      return;
    }
    this.#clientKnowsReadOnly = request.readOnly !== undefined;
    this.#state = "opening";
    this.#input.pause(Pause.opening);
    if (admission.kind === "wrong password") {
      this.sessionRefused();
      return;
    }
    this.#sessionTimeoutMs = admission.timeoutMs;
    door.touch(this, this.#receivedMs);
    if (admission.kind === "create") {
      this.#isNewSession = true;
      this.#sessionId = door.port.createSession(this, admission.timeoutMs);
      door.bindSession(this.#sessionId, this);
    } else {
      this.#sessionId = admission.sessionId;
      door.bindSession(admission.sessionId, this);
      door.port.reopenSession(this, admission.sessionId, admission.timeoutMs);
    }
  }

  sessionOpened(): void {
    if (this.#state !== "opening") return;
    assert(this.#sessionId !== NO_SESSION, "Cannot open a session before it has an id");
    this.#answerHandshake(true);
    this.#state = "session";
    if (this.#isNewSession) {
      const zxid = this.#door.port.lastProcessedZxid();
      const nowMs = this.#door.nowMs();
      this.#door.stats.addLatency(nowMs - this.#receivedMs, true);
      this.stats.addResponse(0, zxid, OpCode.createSession, false, this.#receivedMs, nowMs);
    }
    this.#input.unpause(Pause.opening);
  }

  sessionRefused(): void {
    if (this.#state !== "opening") return;
    this.#door.logs.server.info(
      `Invalid session ${hex0x(this.#sessionId)} for client ${this.remoteName}, probably expired`,
    );
    this.#answerHandshake(false);
    this.closeAfterReplies("client_closed_connection");
  }

  #answerHandshake(valid: boolean): void {
    const answer = handshakeAnswer({
      valid,
      id: this.#sessionId,
      timeoutMs: this.#sessionTimeoutMs,
      serverIsReadOnly: this.#door.port.readOnly,
      clientKnowsReadOnly: this.#clientKnowsReadOnly,
    });
    this.#outbox.handshake(answer);
  }

  // -------------------------------------------------------------------------------------------------------------- replies

  startReply(xid: number, zxid: Zxid): JuteWriter {
    if (this.isOpen) return this.#outbox.start(xid, zxid);
    this.#door.nowhere.reset();
    return this.#door.nowhere;
  }

  finishReply(type: number, error: ErrorCode, receivedMs: number, nowMs: number): void {
    if (!this.isOpen) {
      this.#door.counters.staleReplies.add(1);
      return;
    }
    if (this.#inProcess > 0) {
      this.#inProcess--;
      this.#door.hasAnswered();
    }
    this.#large?.answered();
    this.#replied(type, error, receivedMs, nowMs);
    if (type === OpCode.closeSession) this.closeAfterReplies("client_closed_session");
  }

  #replied(type: number, error: ErrorCode, receivedMs: number, nowMs: number): void {
    const { xid, zxid } = this.#outbox;
    const update = isUpdate(type);
    const length = this.#outbox.finish(error);
    this.#door.stats.addLatency(nowMs - receivedMs, update);
    const hasFailedAsTxn = error !== 0 && (update || error === ErrorCode.throttledOp);
    this.stats.addResponse(xid, zxid, type, hasFailedAsTxn, receivedMs, nowMs);
    if (type !== OpCode.ping) this.#door.counters.responseBytes.add(length);
    this.#answered(xid);
  }

  #answered(xid: number): void {
    if (xid <= 0) return;
    this.#outstanding--;
    if (!this.#input.isPausedFor(Pause.throttled)) return;
    if (!this.#door.shouldThrottle(this.#outstanding)) this.#input.unpause(Pause.throttled);
  }

  process(event: WatchEvent, acl: readonly ACL[] | null): void {
    if (!this.isOpen || !this.#door.authentication.mayRead(acl, this.#identities)) return;
    if (this.#outbox.isFull) {
      this.#warnOfClose("Client does not read what it is told");
      this.close("client_does_not_read");
      return;
    }
    const frame = notificationFrame(event);
    this.#outbox.event(frame);
    this.#door.counters.watchBytes.add(frame.length - 4);
  }

  // -------------------------------------------------------------------------------------------------------------- the end

  closeAfterReplies(reason: DisconnectReason): void {
    if (!this.isOpen) return;
    this.#leave("closing", reason);
    this.#outbox.markDirty();
  }

  close(reason: DisconnectReason): void {
    if (this.#state === "closed") return;
    this.#leave("closed", reason);
    this.#connection.destroy();
  }

  #leave(state: "closing" | "closed", reason: DisconnectReason): void {
    if (this.#state === "closed") return;
    const wasOpen = this.isOpen;
    this.#state = state;
    this.#input.close();
    if (state === "closed") {
      this.#outbox.clear();
      this.#words?.cancel();
      this.#words = undefined;
    }
    if (!wasOpen) return;
    this.#door.inProcess -= this.#inProcess;
    this.#inProcess = 0;
    this.#large?.forget();
    this.#door.hasClosed(this, reason);
  }

  #warnOfClose(message: string): void {
    this.#door.logs.connection.warn(`Close of session ${hex0x(this.#sessionId)}: ${message}`);
  }

  #explain(error: ProtocolError): string {
    if (!(error instanceof FrameLengthError)) return error.message;
    return `Len error. A message from ${this.remoteName} with advertised length of ${error.advertisedLength} is either a malformed message or too large to process (length is greater than jute.maxbuffer=${this.#door.settings.juteMaxBufferBytes})`;
  }
}

function readInt(bytes: Buffer, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

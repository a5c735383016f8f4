// One client's connection, from its first byte to its last. Java: NIOServerCnxn, and what ZooKeeperServer.processPacket does.
//
//   handshake ──▶ opening ──▶ session ──▶ closing ──▶ closed
//
//   handshake   a four-letter word, which is answered and ends the connection, or the ConnectRequest
//   opening     the server makes or finds the session; nothing is read meanwhile
//   session     requests
//   closing     what is written is sent, then the connection is closed; nothing more is read (from each state, or closed at once)
//
// A chunk may hold many requests: they are taken one after the other, with no object for any.

import { isPermitted, Perms } from "../auth/access.js";
import type { SaslExchange } from "../auth/sasl/sasl.js";
import { assert, ProtocolError } from "../errors.js";
import type { JuteReader } from "../jute/reader.js";
import type { JuteWriter } from "../jute/writer.js";
import { CONNECTION_TURN_MAX_MS } from "../limits.js";
import type { Connection, ConnectionHandler, NetworkError } from "../platform/platform.js";
import { NO_ZXID, type WatchEvent } from "../tree/watches.js";
import { ErrorCode } from "../wire/error-codes.js";
import { hex0x, NO_SESSION, type SessionId, ZXID_ZERO, type Zxid } from "../wire/ids.js";
import { OpCode, SpecialXid } from "../wire/op-codes.js";
import type { ACL, Id } from "../wire/records.js";
import { explainProtocolError } from "./close-line.js";
import { ConnectionStats } from "./connection-stats.js";
import type { DoorContext } from "./door-context.js";
import { TurnShare } from "./door-turn.js";
import { admit, handshakeAnswer, readHandshake } from "./handshake.js";
import { Intake } from "./intake.js";
import { hostAddress, socketAddress } from "./java-address.js";
import { notificationFrame } from "./notification.js";
import { isRequestType, isServersOwn, isUpdate, mayTakeLong } from "./op-names.js";
import { Outbox } from "./outbox.js";
import { type PausableFrames, Pause } from "./pausable-frames.js";
import type { ThrottledConnection } from "./request-throttle.js";
import { RequestsUnderWay } from "./requests-under-way.js";
import type { DisconnectReason } from "./server-port.js";
import type { AuthenticatingConnection } from "./special-requests.js";
import { answerAuth, answerSasl, isAuthenticated } from "./special-requests.js";

type State = "handshake" | "opening" | "session" | "closing" | "closed";

const HEADER_BYTES = 8;

export class AcceptedConnection
  implements AuthenticatingConnection, ConnectionHandler, ThrottledConnection
{
  readonly #door: DoorContext;
  readonly #connection: Connection;
  readonly stats: ConnectionStats;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly remoteName: string;
  readonly tls: Connection["tls"];
  attachment: unknown;
  expiresAtMs = 0;
  #state: State = "handshake";
  sessionId: SessionId = NO_SESSION;
  sessionTimeoutMs: number;
  identities: readonly Id[];
  readonly saslExchange: SaslExchange | undefined;
  #isNewSession = false;
  #clientKnowsReadOnly = false;

  readonly #intake: Intake;
  readonly #input: PausableFrames;
  readonly #outbox: Outbox;
  readonly #requests: RequestsUnderWay;
  readonly #share: TurnShare;

  constructor(door: DoorContext, connection: Connection) {
    this.#door = door;
    this.#connection = connection;
    this.remoteAddress = hostAddress(connection.remoteAddress);
    this.remotePort = connection.remotePort;
    this.remoteName = socketAddress(connection.remoteAddress, connection.remotePort);
    this.tls = connection.tls;
    this.stats = new ConnectionStats(door.platform.clock.wallMs());
    this.identities = door.schemes.initialIdentities(connection.remoteAddress);
    this.saslExchange = door.newSaslExchange?.();
    this.sessionTimeoutMs = door.settings.nioSessionlessCnxnTimeoutMs;
    this.#intake = new Intake(door, this, connection, {
      onFrame: (bytes, start, end) => this.#frame(bytes, start, end),
      onBroken: (error) => this.#broken(error),
    });
    this.#input = this.#intake.frames;
    this.#outbox = new Outbox(
      connection,
      door.unsent,
      {
        giveUp: (why) => this.#giveUp(why),
        onDirty: () => door.turn.willFlush(this),
        onBacklogged: () => this.#input.pause(Pause.backlog),
        onDrained: () => this.#drained(),
      },
      door.stats,
      this.stats,
    );
    this.#requests = new RequestsUnderWay(door);
    this.#share = new TurnShare(door.turn, this, this.#input);
  }

  get isOpen(): boolean {
    return this.#state !== "closed" && this.#state !== "closing";
  }

  get stale(): boolean {
    return !this.isOpen;
  }

  get isBacklogged(): boolean {
    return this.#outbox.isBacklogged || this.#share.isPutOff;
  }

  get outstanding(): number {
    return this.#requests.outstanding;
  }

  /** As NIO's interest operations, which `cons` prints: 1 reads, 4 has something to write. */
  get interestOps(): number {
    if (this.#intake.isAnsweringWord || !this.isOpen) return 0;
    return (this.#input.isPaused ? 0 : 1) | (this.#outbox.hasUnsent ? 4 : 0);
  }

  // ----------------------------------------------------------------------------------------------------- from the network

  onData(chunk: Buffer): void {
    if (!this.isOpen) return;
    this.#intake.take(chunk);
    if (this.isOpen) this.#door.touch(this, this.#intake.receivedMs);
  }

  onDrain(): void {
    if (this.isOpen) this.#door.touch(this, this.#door.nowMs());
    this.#intake.drained();
    this.#outbox.drained();
  }

  onEnd(): void {
    // Whoever asks with netcat closes its side at once, and still wants the answer.
    if (this.#intake.isAnsweringWord || !this.isOpen) return;
    this.#door.counters.connectionDrops.add(1);
    this.#door.logs.connection.info(
      `Unable to read additional data from client, it probably closed the socket: address = ${this.remoteName}, session = ${hex0x(this.sessionId)}`,
    );
    this.closeAfterReplies("unable_to_read_from_client");
  }

  onClose(error: NetworkError | undefined): void {
    if (this.isOpen && error !== undefined) this.#warnOfClose(error.message);
    this.#leave("closed", error === undefined ? "client_closed_connection" : "io_exception");
    this.#door.isGone(this);
  }

  resume(): void {
    if (this.isOpen) this.#intake.resume();
  }

  flush(): void {
    if (this.#state === "closed") return;
    this.#outbox.flush();
    if (this.#state === "closing") this.#connection.end();
  }

  #broken(error: ProtocolError): void {
    const { juteMaxBufferBytes } = this.#door.settings;
    this.#warnOfClose(explainProtocolError(error, this.remoteName, juteMaxBufferBytes));
    this.close("io_exception");
  }

  #drained(): void {
    this.#input.unpause(Pause.backlog);
    if (this.#state === "session") this.#door.port.drained(this);
  }

  // ------------------------------------------------------------------------------------------------------------- requests

  #frame(bytes: Buffer, start: number, end: number): void {
    const door = this.#door;
    if (!door.port.takesClients) throw new ProtocolError("ZooKeeperServer not running");
    door.stats.packetsReceived++;
    this.stats.packetsReceived++;
    door.counters.bytesReceived.add(4 + end - start);
    if (this.#state === "session") this.#request(bytes, start, end);
    else this.#handshake(bytes, start, end);
    this.#share.take();
  }

  goOn(): void {
    if (this.#share.goOn() && this.#state === "session") this.#door.port.drained(this);
  }

  putOff(): void {
    this.#share.putOff();
  }

  #request(bytes: Buffer, start: number, end: number): void {
    if (end - start < HEADER_BYTES) throw new ProtocolError("Request is shorter than its header");
    const type = bytes.readInt32BE(start + 4);
    const xid = type === OpCode.ping ? SpecialXid.ping : bytes.readInt32BE(start);
    const door = this.#door;
    if (this.#requests.received(xid)) this.#input.pause(Pause.throttled);
    if (type === OpCode.auth || type === OpCode.sasl) {
      const special = type === OpCode.auth ? answerAuth : answerSasl;
      special(door, this, xid, bytes.subarray(start + HEADER_BYTES, end));
      return;
    }
    if (door.settings.enforceAuthEnabled && !isAuthenticated(door, this)) {
      this.refuse(xid, ErrorCode.sessionClosedRequireSaslAuth, "sasl_auth_failure");
      return;
    }
    // The session is unknown or closing: Java drops the request without an answer.
    if (!this.#intake.touchSession()) return;
    if (!isRequestType(type)) {
      door.logs.server.warn(`Received packet at server of unknown type ${type}`);
      this.respond(xid, ErrorCode.unimplemented, undefined, NO_ZXID);
      this.closeAfterReplies("client_closed_connection");
      return;
    }
    const isAlone = this.#requests.inProcess === 0 && door.requestThrottle === undefined;
    if (type === OpCode.ping && isAlone) {
      this.#outbox.start(xid, door.port.lastProcessedZxid());
      this.#replied(type, ErrorCode.ok, this.#intake.receivedMs, this.#intake.receivedMs);
      return;
    }
    this.#requests.admit(end - start - HEADER_BYTES);
    const body = door.body.read(bytes, start + HEADER_BYTES, end);
    if (door.requestThrottle === undefined)
      this.issue(xid, type, body, this.#intake.receivedMs, false);
    else door.requestThrottle.submit(this, xid, type, body, this.#intake.receivedMs);
  }

  issue(xid: number, type: number, body: JuteReader, atMs: number, isThrottled: boolean): void {
    if (this.isOpen) this.#requests.issued();
    const { port } = this.#door;
    const error = isThrottled ? ErrorCode.throttledOp : ErrorCode.marshallingError;
    if (isThrottled || isServersOwn(type)) port.submitError(this, xid, type, error, atMs);
    else port.submit(this, xid, type, body, atMs);
  }

  /** A reply that does not come out of the pipeline, and stands in no order with those that do. */
  respond(xid: number, error: ErrorCode, body?: Buffer, zxid = ZXID_ZERO): void {
    const out = this.#outbox.start(xid, zxid);
    if (body !== undefined) out.raw(body);
    this.#outbox.finish(error, body !== undefined);
    this.#answered(xid);
  }

  refuse(xid: number, error: ErrorCode, reason: DisconnectReason, body?: Buffer): void {
    this.respond(xid, error, body);
    this.closeAfterReplies(reason);
  }

  hold(on: boolean): void {
    this.#input[on ? "pause" : "unpause"](Pause.sasl);
  }

  // -------------------------------------------------------------------------------------------------------------- session

  #handshake(bytes: Buffer, start: number, end: number): void {
    const door = this.#door;
    const request = readHandshake(bytes, start, end);
    this.#clientKnowsReadOnly = request.readOnly !== undefined;
    const admission = admit(door, this, request);
    if (admission.kind === "refused") {
      this.close(admission.reason);
      return;
    }
    this.#state = "opening";
    this.#input.pause(Pause.opening);
    this.sessionTimeoutMs = admission.timeoutMs;
    door.touch(this, this.#intake.receivedMs);
    if (admission.kind === "create") {
      this.#isNewSession = true;
      this.sessionId = door.port.createSession(this, admission.timeoutMs);
      door.bindSession(this.sessionId, this);
    } else {
      // As in Java the session's present connection is let go even if the password turns out to be wrong.
      this.sessionId = admission.sessionId;
      door.bindSession(admission.sessionId, this);
      if (!admission.isPasswordRight) this.sessionRefused();
      else door.port.reopenSession(this, admission.sessionId, admission.timeoutMs);
    }
  }

  sessionOpened(): void {
    if (this.#state !== "opening") return;
    assert(this.sessionId !== NO_SESSION, "Cannot open a session before it has an id");
    this.#answerHandshake(true);
    this.#state = "session";
    if (this.#isNewSession) {
      const zxid = this.#door.port.lastProcessedZxid();
      const nowMs = this.#door.nowMs();
      this.#door.stats.addLatency(nowMs - this.#intake.receivedMs, true);
      this.stats.addResponse(0, zxid, OpCode.createSession, false, this.#intake.receivedMs, nowMs);
    }
    this.#input.unpause(Pause.opening);
  }

  sessionRefused(): void {
    if (this.#state !== "opening") return;
    this.#door.logs.server.info(
      `Invalid session ${hex0x(this.sessionId)} for client ${this.remoteName}, probably expired`,
    );
    this.#answerHandshake(false);
    this.closeAfterReplies("client_closed_connection");
  }

  #answerHandshake(valid: boolean): void {
    const serverIsReadOnly = this.#door.port.readOnly;
    const facts = { valid, serverIsReadOnly, clientKnowsReadOnly: this.#clientKnowsReadOnly };
    this.#outbox.handshake(handshakeAnswer(this, facts));
  }

  // -------------------------------------------------------------------------------------------------------------- replies

  startReply(xid: number, zxid: Zxid): JuteWriter {
    if (this.isOpen) return this.#outbox.start(xid, zxid);
    this.#door.nowhere.reset();
    return this.#door.nowhere;
  }

  finishReply(type: number, error: ErrorCode, receivedMs: number, nowMs: number): void {
    if (!this.isOpen) {
      this.#outbox.abandon();
      this.#door.counters.staleReplies.add(1);
      return;
    }
    this.#requests.finished();
    this.#replied(type, error, receivedMs, nowMs);
    if (mayTakeLong(type) && this.#door.nowMs() - nowMs > CONNECTION_TURN_MAX_MS) this.putOff();
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
    if (this.#requests.answered(xid)) this.#input.unpause(Pause.throttled);
  }

  process(event: WatchEvent, acl: readonly ACL[] | null): void {
    const { schemes, settings, counters } = this.#door;
    if (!this.isOpen) return;
    if (!settings.skipACL && !isPermitted(schemes, acl, Perms.read, this.identities)) return;
    if (this.#outbox.isFull) {
      this.#giveUp("Client does not read what it is told");
      return;
    }
    const frame = notificationFrame(event);
    this.#outbox.event(frame);
    counters.watchBytes.add(frame.length - 4);
  }

  // -------------------------------------------------------------------------------------------------------------- the end

  #giveUp(why: string): void {
    this.#warnOfClose(why);
    this.close("client_does_not_read");
  }

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
    this.#intake.close();
    if (state === "closed") {
      this.#outbox.clear();
      this.#intake.cancel();
      this.saslExchange?.dispose();
    }
    if (!wasOpen) return;
    this.#requests.forget();
    this.#door.hasClosed(this, reason);
  }

  #warnOfClose(message: string): void {
    this.#door.logs.connection.warn(`Close of session ${hex0x(this.sessionId)}: ${message}`);
  }
}

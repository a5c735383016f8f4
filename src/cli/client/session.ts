// A session, kept alive across servers. Java: ClientCnxn and its SendThread.
//
//   CONNECTING ──link opens──▶ ASSOCIATING ──ConnectResponse──▶ CONNECTED or CONNECTEDREADONLY
//       ▲                          │                                  │
//       └── pause, next server ────┴───── the link is lost ───────────┘
//   and from anywhere, for good: CLOSED (by `close`, or expired), AUTH_FAILED.
//
// When a link is lost, everything that was asked and not answered fails with connectionLoss: nobody knows whether it was
// carried out. What is asked while there is no link waits for the next one, and fails if that one cannot be opened either.
// On a new link go, in this order: the ConnectRequest with the session's id, password and last zxid, what the client has
// authenticated with, its watches, and after the server's answer the requests.
//
// Order: replies and events come to the program as the server sent them, provided that it awaits promises of ZooKeeperClient
// directly: an event is delivered by a promise's job of its own. A PendingRequest given to `submit` is called at once.

import { JuteReader } from "../../jute/reader.js";
import type { JuteWriter } from "../../jute/writer.js";
import type { Endpoint, Logger, Timer } from "../../platform/platform.js";
import { PASSWORD_BYTES } from "../../session/session-id.js";
import { ErrorCode } from "../../wire/error-codes.js";
import { hex, NO_SESSION, type SessionId, ZXID_ZERO, type Zxid } from "../../wire/ids.js";
import { OpCode, SpecialXid } from "../../wire/op-codes.js";
import { readConnectResponse } from "../../wire/records.js";
import type { Chroot } from "./client-path.js";
import { Heartbeat } from "./heartbeat.js";
import { HostList } from "./host-list.js";
import { Link } from "./link.js";
import { type PendingRequest, PendingRequests } from "./pending-requests.js";
import { ReadWriteSearch } from "./read-write-search.js";
import { SessionAuthentication } from "./session-authentication.js";
import { SessionEvents } from "./session-events.js";
import { writeConnectFrame } from "./session-frames.js";
import { type ClientPlatform, SESSION_DEFAULTS, type SessionOptions } from "./session-options.js";
import { isAlive, isConnected, SessionState } from "./session-state.js";
import { SessionTiming } from "./session-timing.js";
import { writeSetWatchesFrames } from "./set-watches.js";
import { KeeperState } from "./watch-event.js";
import { ZooKeeperError } from "./zookeeper-error.js";

export class ClientSession {
  readonly events: SessionEvents;
  readonly #platform: ClientPlatform;
  readonly #log: Logger;
  readonly #options: SessionOptions;
  readonly #requestTimeoutMs: number;
  readonly #wantedTimeoutMs: number;
  readonly #chroot: Chroot;
  readonly #hosts: HostList;
  readonly #authentication: SessionAuthentication;
  readonly #pending = new PendingRequests();
  readonly #connectionWaiters: ((error: Error | undefined) => void)[] = [];
  #state: SessionState = SessionState.connecting;
  #sessionId: SessionId;
  #password: Buffer;
  #lastZxid: Zxid = ZXID_ZERO;
  /** A session that only read-only servers have seen does not exist for the ensemble. */
  #hasSeenReadWriteServer: boolean;
  #isClosing = false;
  /** Undefined during a pause before the next one, and when all is over. */
  #link: Link | undefined;
  #timer: Timer | undefined;
  #timing: SessionTiming;
  #lastHeardMs: number;
  #heartbeat: Heartbeat | undefined;
  #search: ReadWriteSearch | undefined;
  /** Where the search has found a server in a quorum: the next one to connect to. */
  #found: Endpoint | undefined;

  constructor(
    platform: ClientPlatform,
    servers: readonly Endpoint[],
    chroot: Chroot,
    options: SessionOptions,
  ) {
    this.#platform = platform;
    this.#log = platform.log.child("ClientCnxn");
    this.#options = options;
    this.#authentication = new SessionAuthentication(options.sasl, this.#log, {
      nextXid: () => this.#pending.nextXid(),
      loginFailed: () => this.events.onState(KeeperState.authFailed),
      authenticated: (link) => this.#onAuthenticated(link),
      failed: () => this.#end(SessionState.authFailed, KeeperState.authFailed),
    });
    this.#wantedTimeoutMs = options.sessionTimeoutMs ?? SESSION_DEFAULTS.sessionTimeoutMs;
    this.#requestTimeoutMs = options.requestTimeoutMs ?? 0;
    this.#chroot = chroot;
    this.#hosts = new HostList(servers, platform.random, options);
    this.#sessionId = options.sessionId ?? NO_SESSION;
    this.#password = options.password ?? Buffer.alloc(PASSWORD_BYTES);
    this.#hasSeenReadWriteServer = options.sessionId !== undefined;
    this.#timing = new SessionTiming(this.#wantedTimeoutMs, this.#hosts.size);
    this.#lastHeardMs = platform.clock.monotonicMs();
    this.events = new SessionEvents(this.#log, options.disableAutoWatchReset ?? false);
    this.events.watches.defaultWatcher = options.watcher;
    this.#connect();
  }

  get state(): SessionState {
    return this.#state;
  }

  get isAlive(): boolean {
    return isAlive(this.#state);
  }

  get isConnected(): boolean {
    return isConnected(this.#state);
  }

  get sessionId(): SessionId {
    return this.#sessionId;
  }

  get password(): Buffer {
    return this.#password;
  }

  /** As agreed with the server, once it was. */
  get sessionTimeoutMs(): number {
    return this.#timing.sessionTimeoutMs;
  }

  /** The server that the client is connected to, or trying. */
  get server(): Endpoint | undefined {
    return this.#link?.server;
  }

  get requestsInFlight(): number {
    return this.#pending.size;
  }

  /** Sends a request. `write` serializes `record`, after the header, into the frame. */
  submit<R>(
    type: number,
    write: ((out: JuteWriter, record: R) => void) | undefined,
    record: R,
    request: PendingRequest,
  ): void {
    if (!this.isAlive || this.#isClosing) {
      const error = this.#lossError();
      Promise.resolve().then(() => request.onReply(error, undefined, -1));
      return;
    }
    if (type === OpCode.closeSession) this.#isClosing = true;
    const isReady = this.isConnected && !this.#authentication.isUnderWay;
    const link = isReady ? this.#link : undefined;
    this.#pending.add(link?.out, type, write, record, request);
    if (this.#requestTimeoutMs > 0) {
      request.submittedAtMs = this.#platform.clock.monotonicMs();
      if (this.#pending.size === 1) this.#heartbeat?.arm();
    }
    link?.touch();
  }

  /** Authenticates, now and on every connection to come. */
  addAuth(scheme: string, auth: Buffer | null): void {
    if (!this.isAlive) return;
    this.#authentication.add({ scheme, auth }, this.#link, this.#state);
  }

  /** Resolves when a server serves the session; rejects when none ever will. */
  untilConnected(): Promise<void> {
    if (this.isConnected) return Promise.resolve();
    if (!this.isAlive) return Promise.reject(new ZooKeeperError(this.#lossError()));
    return new Promise((resolve, reject) => {
      this.#connectionWaiters.push((error) => (error === undefined ? resolve() : reject(error)));
    });
  }

  /** Ends the session on the server, then here. `done` is called when both is so. */
  close(done: () => void): void {
    if (!this.isAlive || this.#isClosing) {
      Promise.resolve().then(done);
      return;
    }
    const onReply = (): void => {
      this.#end(SessionState.closed, KeeperState.closed);
      done();
    };
    this.submit(OpCode.closeSession, undefined, undefined, { xid: 0, submittedAtMs: 0, onReply });
    // No attempt is under way: there is nobody to tell.
    if (this.#link === undefined) this.#pending.failAll(this.#lossError());
  }

  /** For tests: loses the connection as the network does, without a word to the server. */
  dropConnection(): void {
    this.#loseLink(new Error("Dropped on request"));
  }

  /** Takes over another list of servers, moving over to one of them if the load should be spread anew. */
  updateServers(servers: readonly Endpoint[]): void {
    if (this.#hosts.replace(servers, this.#link?.server)) this.dropConnection();
  }

  // ------------------------------------------------------------------------------------------------------- connecting

  #connect(): void {
    const { server, pauseMs } = this.#hosts.nextAttempt(this.#found);
    this.#found = undefined;
    if (pauseMs === 0) this.#open(server);
    else this.#setTimer(pauseMs, () => this.#open(server));
  }

  #open(server: Endpoint): void {
    if (this.#untilExpiredMs() <= 0) {
      this.#expire("Client session timed out");
      return;
    }
    if (this.#isClosing) {
      this.#pending.failAll(this.#lossError());
      return;
    }
    this.#log.info(`Opening socket connection to server ${server.host}:${server.port}.`);
    const link: Link = new Link(this.#platform, server, this.#options, {
      onOpen: () => this.#onLinkOpen(link),
      onFrame: (frame) => this.#onFrame(link, frame),
      onLost: (reason) => this.#onLinkLost(link, reason),
    });
    this.#link = link;
    link.open(this.#timing.connectTimeoutMs);
    this.#limitConnecting(link);
  }

  #onLinkOpen(link: Link): void {
    this.#setState(SessionState.associating);
    writeConnectFrame(link.out, {
      protocolVersion: 0,
      lastZxidSeen: BigInt(this.#lastZxid),
      timeOut: this.#wantedTimeoutMs,
      sessionId: this.#hasSeenReadWriteServer ? this.#sessionId : NO_SESSION,
      passwd: this.#password,
      readOnly: this.#options.readOnly ?? false,
    });
    if (!this.#authentication.usesSasl) this.#greet(link);
    link.touch();
    this.#limitConnecting(link);
  }

  /** What the session has authenticated with, and its watches. */
  #greet(link: Link): void {
    this.#authentication.writeAuths(link);
    link.touch();
    if (this.#options.disableAutoWatchReset === true) return;
    writeSetWatchesFrames(link.out, this.events.watches.lists(), this.#chroot, this.#lastZxid);
  }

  /** For the link to open, and again for the server's answer; never longer than the session can still be alive. */
  #limitConnecting(link: Link): void {
    const limitMs = Math.min(this.#timing.connectTimeoutMs, this.#untilExpiredMs());
    this.#setTimer(limitMs, () => {
      // What has arrived while this process did not run is delivered before the turn ends.
      this.#platform.clock.atTurnEnd(() => {
        if (this.#link !== link || this.isConnected) return;
        if (this.#untilExpiredMs() <= 0) this.#expire("Client session timed out");
        else this.#loseLink(new Error("Client connection timed out"));
      });
    });
  }

  #setTimer(delayMs: number, fire: () => void): void {
    this.#timer?.cancel();
    this.#timer = this.#platform.clock.setTimer(delayMs, fire);
  }

  /** Until every server must have given the session up. */
  #untilExpiredMs(): number {
    if (this.#sessionId === NO_SESSION) return Number.POSITIVE_INFINITY;
    const heardMs = this.#link?.isOpen === true ? this.#link.lastHeardMs : this.#lastHeardMs;
    return heardMs + this.#timing.expirationMs - this.#platform.clock.monotonicMs();
  }

  #onConnectResponse(link: Link, frame: Buffer): void {
    const response = readConnectResponse(new JuteReader(frame));
    if (response.timeOut <= 0) {
      this.#expire("Unable to reconnect to ZooKeeper service");
      return;
    }
    const isReadOnly = response.readOnly === true;
    this.#timing = new SessionTiming(response.timeOut, this.#hosts.size);
    this.#sessionId = response.sessionId;
    this.#password = Buffer.from(response.passwd ?? []);
    this.#hasSeenReadWriteServer ||= !isReadOnly;
    this.#hosts.onConnected();
    this.#log.info(
      `Session establishment complete on server ${link.server.host}:${link.server.port}, ` +
        `session id = 0x${hex(this.#sessionId)}, negotiated timeout = ${response.timeOut}`,
    );
    this.#setState(isReadOnly ? SessionState.connectedReadOnly : SessionState.connected);
    this.events.onState(isReadOnly ? KeeperState.connectedReadOnly : KeeperState.syncConnected);
    if (isReadOnly) this.#searchReadWriteServer();
    if (this.#authentication.usesSasl) this.#authentication.begin(link);
    else if (this.#pending.writeWaiting(link.out)) link.touch();
    this.#timer?.cancel();
    this.#heartbeat = new Heartbeat(
      this.#platform.clock,
      this.#timing,
      link,
      this.#pending,
      this.#requestTimeoutMs,
      (reason) => this.#loseLink(reason),
    );
  }

  #onAuthenticated(link: Link): void {
    this.events.onState(KeeperState.saslAuthenticated);
    this.#greet(link);
    if (this.#pending.writeWaiting(link.out)) link.touch();
  }

  #searchReadWriteServer(): void {
    this.#search = new ReadWriteSearch(this.#platform, this.#hosts, this.#options.tls, (server) => {
      this.#found = server;
      this.#loseLink(new Error(`Majority server found at ${server.host}:${server.port}`));
    });
  }

  #onLinkLost(link: Link, reason: Error): void {
    if (!this.#isClosing) {
      this.#log.warn(
        `Session 0x${hex(this.#sessionId)} for server ${link.server.host}:${link.server.port}, ` +
          `Closing socket connection. Attempting reconnect: ${reason.message}`,
      );
    }
    if (link.isOpen) this.#lastHeardMs = link.lastHeardMs;
    this.#link = undefined;
    this.#heartbeat?.stop();
    this.#search?.stop();
    this.#authentication.stop();
    if (!this.#isClosing) {
      this.#setState(SessionState.connecting);
      this.events.onState(KeeperState.disconnected);
    }
    this.#pending.failAll(this.#lossError());
    if (this.isAlive) this.#connect();
  }

  #loseLink(reason: Error): void {
    const link = this.#link;
    if (link === undefined) return;
    link.close(false);
    this.#onLinkLost(link, reason);
  }

  // ------------------------------------------------------------------------------------------------------------ frames

  #onFrame(link: Link, frame: Buffer): void {
    if (this.#state === SessionState.associating) {
      this.#onConnectResponse(link, frame);
      return;
    }
    const reader = new JuteReader(frame);
    const xid = reader.int();
    const zxid = reader.long() as Zxid;
    const error = reader.int();
    if (this.#authentication.isUnderWay && xid > 0) {
      this.#authentication.onReply(link, error, frame.subarray(16));
    } else if (xid > 0) {
      if (zxid > 0) this.#lastZxid = zxid;
      this.#pending.onReply(reader, xid, zxid, error);
    } else if (xid === SpecialXid.notification) {
      this.events.onNotification(reader, zxid, this.#chroot);
    } else if (xid === SpecialXid.auth && error === ErrorCode.authFailed) {
      this.#end(SessionState.authFailed, KeeperState.authFailed);
    }
  }

  // --------------------------------------------------------------------------------------------------------------- ends

  #expire(why: string): void {
    this.#log.warn(`${why}, session 0x${hex(this.#sessionId)} has expired`);
    this.#end(SessionState.closed, KeeperState.expired);
  }

  #end(state: SessionState, event: KeeperState): void {
    if (!this.isAlive) return;
    this.#setState(state);
    this.#timer?.cancel();
    this.#heartbeat?.stop();
    this.#search?.stop();
    this.#link?.close(true);
    this.#link = undefined;
    this.#pending.failAll(this.#lossError());
    this.events.onState(event);
  }

  #lossError(): number {
    if (this.#state === SessionState.authFailed) return ErrorCode.authFailed;
    return this.#state === SessionState.closed
      ? ErrorCode.sessionExpired
      : ErrorCode.connectionLoss;
  }

  #setState(state: SessionState): void {
    this.#state = state;
    if (!this.isConnected && this.isAlive) return;
    const error = this.isAlive ? undefined : new ZooKeeperError(this.#lossError());
    for (const tell of this.#connectionWaiters.splice(0)) tell(error);
  }
}

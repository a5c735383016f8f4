// A door without a network: connections are pairs in memory, time stands still until it is told to go on, and the server
// behind the door is a script that answers what the test says.

import type { SaslAcceptor } from "../../src/auth/sasl/sasl.js";
import { AuthSchemes } from "../../src/auth/schemes.js";
import { ClientDoor } from "../../src/client/door.js";
import type {
  ClientConnection,
  ConfigurationLines,
  DisconnectReason,
  ServerPort,
  SessionDump,
} from "../../src/client/server-port.js";
import type { DoorSettings } from "../../src/client/settings.js";
import { JuteReader } from "../../src/jute/reader.js";
import { JuteWriter } from "../../src/jute/writer.js";
import { Metrics } from "../../src/metrics/metrics.js";
import type {
  Clock,
  Connection,
  ConnectionHandler,
  HostFacts,
  Logger,
  Platform,
  Timer,
  TlsFacts,
} from "../../src/platform/platform.js";
import { passwordOf } from "../../src/session/session-id.js";
import type { Watcher } from "../../src/tree/watches.js";
import { ErrorCode } from "../../src/wire/error-codes.js";
import { NO_SESSION, type SessionId, type Zxid } from "../../src/wire/ids.js";
import { OpCode } from "../../src/wire/op-codes.js";
import {
  type ConnectResponse,
  type ReplyHeader,
  readConnectResponse,
  readReplyHeader,
  writeConnectRequest,
} from "../../src/wire/records.js";

export const SETTINGS: DoorSettings = {
  maxClientCnxns: 60,
  maxCnxns: 0,
  nioSessionlessCnxnTimeoutMs: 10_000,
  clientTcpKeepAlive: false,
  nettyOutstandingHandshakeLimit: -1,
  nettyEarlyDropSecureConnectionHandshakes: false,
  sslAuthProvider: "x509",
  juteMaxBufferBytes: 0xfffff,
  globalOutstandingLimit: 1000,
  largeRequestMaxBytes: 100 * 1024 * 1024,
  largeRequestThresholdBytes: -1,
  minSessionTimeoutMs: 4000,
  maxSessionTimeoutMs: 40_000,
  localSessionsEnabled: false,
  skipACL: false,
  enforceAuthEnabled: false,
  enforceAuthSchemes: [],
  allowSaslFailedClients: false,
  superUsers: [],
  fourLetterWordWhitelist: ["*"],
  readonlymodeEnabled: false,
  requestThrottleMaxRequests: 0,
  requestThrottleStallTimeMs: 100,
  requestThrottleDropStale: true,
  requestStaleConnectionCheck: true,
  requestStaleLatencyCheck: false,
  throttledOpWaitTimeMs: 0,
  connectionThrottleTokens: 0,
  connectionThrottleFillTimeMs: 1,
  connectionThrottleFillCount: 1,
  connectionThrottleFreezeTimeMs: -1,
  connectionThrottleDropIncrease: 0.02,
  connectionThrottleDropDecrease: 0.002,
  connectionThrottleDecreaseRatio: 0,
  connectionThrottleWeightEnabled: false,
  connectionThrottleGlobalSessionWeight: 3,
  connectionThrottleLocalSessionWeight: 1,
  connectionThrottleRenewSessionWeight: 2,
};

/** Time that goes on when it is told to. */
export class ManualClock implements Clock {
  #nowMs = 1_000_000;
  #timers: { atMs: number; fire: () => void }[] = [];
  #atTurnEnd: (() => void)[] = [];

  wallMs(): number {
    return 1_763_716_000_000 + this.#nowMs;
  }

  turnWallMs(): number {
    return this.wallMs();
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  setTimer(delayMs: number, fire: () => void): Timer {
    const timer = { atMs: this.#nowMs + delayMs, fire };
    this.#timers.push(timer);
    return {
      cancel: () => {
        this.#timers = this.#timers.filter((one) => one !== timer);
      },
    };
  }

  atTurnEnd(run: () => void): void {
    this.#atTurnEnd.push(run);
  }

  /** Ends one turn: what is registered meanwhile belongs to the next. False when there was nothing to do. */
  endTurn(): boolean {
    const runs = this.#atTurnEnd;
    this.#atTurnEnd = [];
    for (const run of runs) run();
    return runs.length > 0;
  }

  settle(): void {
    for (let turns = 0; this.endTurn(); turns++) {
      if (turns > 100_000) throw new Error("The turns never end");
    }
  }

  /** The process stands still: all timers of that time fire in one turn, and only then is it told what came meanwhile. */
  standStill(ms: number, whatCame: () => void): void {
    this.settle();
    this.#nowMs += ms;
    const due = this.#timers.filter(({ atMs }) => atMs <= this.#nowMs);
    this.#timers = this.#timers.filter((timer) => !due.includes(timer));
    for (const timer of due) timer.fire();
    whatCame();
    this.settle();
  }

  /** Time passes within a turn: something takes long. */
  pass(ms: number): void {
    this.#nowMs += ms;
  }

  advance(ms: number): void {
    const endMs = this.#nowMs + ms;
    this.settle();
    for (;;) {
      const next = this.#timers.sort((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined || next.atMs > endMs) break;
      this.#timers.shift();
      this.#nowMs = Math.max(next.atMs, this.#nowMs);
      next.fire();
      this.settle();
    }
    this.#nowMs = endMs;
  }
}

/** The server's end of a connection; the test holds the other. */
export class PairedConnection implements Connection {
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localAddress = "127.0.0.1";
  readonly localPort = 2181;
  tls: TlsFacts | undefined;
  unsentBytes = 0;
  handler: ConnectionHandler | undefined;
  readonly clock: ManualClock;
  written: Buffer[] = [];
  writes = 0;
  isReading = true;
  ending: "open" | "ended" | "destroyed" = "open";
  /** What is written stays unsent until `drain`. */
  isStuck = false;
  keepAlive = false;

  constructor(clock: ManualClock, remoteAddress: string, remotePort: number) {
    this.clock = clock;
    this.remoteAddress = remoteAddress;
    this.remotePort = remotePort;
  }

  start(handler: ConnectionHandler): void {
    this.handler = handler;
  }

  write(bytes: Uint8Array): void {
    if (this.ending !== "open") throw new Error("Written after the end");
    this.writes++;
    this.written.push(Buffer.from(bytes));
    if (this.isStuck) this.unsentBytes += bytes.length;
  }

  drain(): void {
    this.isStuck = false;
    this.unsentBytes = 0;
    this.handler?.onDrain();
    this.clock.settle();
  }

  pauseReading(): void {
    this.isReading = false;
  }

  resumeReading(): void {
    this.isReading = true;
  }

  setKeepAlive(on: boolean): void {
    this.keepAlive = on;
  }

  end(): void {
    if (this.ending !== "open") return;
    this.ending = "ended";
    if (this.unsentBytes === 0) this.clock.atTurnEnd(() => this.handler?.onClose(undefined));
  }

  destroy(): void {
    if (this.ending === "destroyed") return;
    this.ending = "destroyed";
    this.clock.atTurnEnd(() => this.handler?.onClose(undefined));
  }
}

export interface LogEntry {
  readonly level: string;
  readonly component: string;
  readonly message: string;
}

export function recordingLogger(entries: LogEntry[], component = "root"): Logger {
  const at = (level: string) => (message: string) =>
    void entries.push({ level, component, message });
  return {
    child: (name) => recordingLogger(entries, name),
    trace: at("trace"),
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    isDebugEnabled: () => false,
  };
}

const HOST: HostFacts = {
  hostName: "localhost",
  osName: "Linux",
  osArch: "amd64",
  osVersion: "6.1",
  userName: "zookeeper",
  userHome: "/home/zookeeper",
  workingDirectory: "/",
  temporaryDirectory: "/tmp",
  runtimeName: "Node.js",
  runtimeVersion: "20.19.0",
  runtimeHome: "/usr",
  processId: 1,
  processors: 2,
  memory: () => ({ freeBytes: 3 << 20, totalBytes: 4 << 20, maxBytes: 5 << 20 }),
  openFileDescriptors: () => 35,
  maxFileDescriptors: () => 20_000,
  processUse() {
    throw new Error("The words do not ask for this");
  },
};

export interface Submitted {
  readonly connection: ClientConnection;
  readonly xid: number;
  readonly type: number;
  readonly body: Buffer;
  readonly receivedMs: number;
  readonly isThrottled: boolean;
  /** Given with submitError. */
  readonly error?: ErrorCode;
}

/** The server: opens every session at once, and keeps requests until the test answers them. */
export class ScriptedPort implements ServerPort {
  serving = true;
  takesClients = true;
  readOnly = false;
  serverState = "standalone";
  peerState: string | undefined;
  zxid = 0;
  nextSessionId = 0x100000000000001n;
  /** "by hand": the test calls sessionOpened itself. */
  opening: "at once" | "by hand" | "refused" = "at once";
  isTouchable = true;
  touches = 0;
  submitted: Submitted[] = [];
  /** Called for every request; answers come from here when a test sets it. */
  onSubmit: (request: Submitted) => void = () => {};
  closings: { readonly connection: ClientConnection; readonly reason: DisconnectReason }[] = [];
  drains = 0;
  watches: [string, Watcher[]][] = [];
  conf: ConfigurationLines = { values: [["clientPort", 2181]] };
  dump: SessionDump = { kind: "expiry", sessionCount: 0, buckets: [] };

  lastProcessedZxid(): Zxid {
    return this.zxid as Zxid;
  }

  createSession(connection: ClientConnection): SessionId {
    const id = this.nextSessionId++ as SessionId;
    if (this.opening === "at once") queueMicrotask(() => connection.sessionOpened());
    return id;
  }

  reopenSession(connection: ClientConnection): void {
    if (this.opening === "refused") connection.sessionRefused();
    else if (this.opening === "at once") connection.sessionOpened();
  }

  touchSession(): boolean {
    this.touches++;
    return this.isTouchable;
  }

  submit(
    connection: ClientConnection,
    xid: number,
    type: number,
    body: JuteReader,
    receivedMs: number,
  ): void {
    this.#take({
      connection,
      xid,
      type,
      body: Buffer.from(body.rest()),
      receivedMs,
      isThrottled: false,
    });
  }

  submitError(
    connection: ClientConnection,
    xid: number,
    type: number,
    error: ErrorCode,
    receivedMs: number,
  ): void {
    const isThrottled = error === ErrorCode.throttledOp;
    this.#take({ connection, xid, type, body: Buffer.alloc(0), receivedMs, isThrottled, error });
  }

  #take(request: Submitted): void {
    this.submitted.push(request);
    this.onSubmit(request);
  }

  drained(): void {
    this.drains++;
  }

  closed(connection: ClientConnection, reason: DisconnectReason): void {
    this.closings.push({ connection, reason });
  }

  nodeCount(): number {
    return 5;
  }
  approximateDataSize(): number {
    return 44;
  }
  ephemeralsCount(): number {
    return 0;
  }
  globalSessionCount(): number {
    return 0;
  }
  localSessionCount(): number {
    return 0;
  }
  watchCount(): number {
    return 0;
  }
  configuration(): ConfigurationLines {
    return this.conf;
  }
  dataDirSize(): number {
    return 478;
  }
  logDirSize(): number {
    return 479;
  }
  sessionDump(): SessionDump {
    return this.dump;
  }
  *ephemerals(): Iterable<readonly [SessionId, Iterable<string>]> {}
  watchSummary() {
    return { connections: 0, paths: this.watches.length, watches: 0 };
  }
  *watchesByConnection(): Iterable<readonly [Watcher, Iterable<string>]> {
    for (const [path, watchers] of this.watches) {
      for (const watcher of watchers) yield [watcher, [path]];
    }
  }
  *watchesByPath(): Iterable<readonly [string, Iterable<Watcher>]> {
    yield* this.watches;
  }
  *digestLog() {
    yield { zxid: 128 as Zxid, digest: 1371985504n };
  }
  proposalStats() {
    return undefined;
  }
  resetStats(): void {}
}

/** Answers a request as a server would that keeps the answer in its hand. */
export function answer(
  { connection, xid, type, receivedMs }: Submitted,
  options: { zxid?: number; error?: ErrorCode; body?: Buffer; nowMs?: number } = {},
): void {
  const out = connection.startReply(xid, (options.zxid ?? 0) as Zxid);
  if (options.body !== undefined) out.raw(options.body);
  const { error = ErrorCode.ok, nowMs = receivedMs } = options;
  connection.finishReply(type, error, receivedMs, nowMs);
}

export interface Reply {
  readonly header: ReplyHeader;
  readonly body: Buffer;
}

/** The client's end. */
export class TestClient {
  readonly connection: PairedConnection;
  readonly #clock: ManualClock;

  constructor(connection: PairedConnection, clock: ManualClock) {
    this.connection = connection;
    this.#clock = clock;
  }

  /** Sends, and lets the turn end; sessions that are opened at once are open after it. */
  async send(...chunks: Buffer[]): Promise<void> {
    for (const chunk of chunks) this.sendNow(chunk);
    this.#clock.settle();
    await Promise.resolve();
    this.#clock.settle();
  }

  sendNow(chunk: Buffer): void {
    // As the platform has it: the chunk is valid during the call only.
    const copy = Buffer.from(chunk);
    this.connection.handler?.onData(copy);
    copy.fill(0xee);
  }

  end(): void {
    this.connection.handler?.onEnd();
    this.#clock.settle();
  }

  /** Everything that came since it was last asked. */
  received(): Buffer {
    const bytes = Buffer.concat(this.connection.written);
    this.connection.written = [];
    return bytes;
  }

  frames(): Buffer[] {
    const bytes = this.received();
    const frames: Buffer[] = [];
    for (let at = 0; at < bytes.length; ) {
      const length = bytes.readInt32BE(at);
      frames.push(bytes.subarray(at + 4, at + 4 + length));
      at += 4 + length;
    }
    return frames;
  }

  replies(): Reply[] {
    return this.frames().map((frame) => {
      const reader = new JuteReader(frame);
      return { header: readReplyHeader(reader), body: frame.subarray(reader.position) };
    });
  }

  get isClosed(): boolean {
    return this.connection.ending !== "open";
  }
}

export class TestDoor {
  readonly clock = new ManualClock();
  readonly log: LogEntry[] = [];
  readonly port = new ScriptedPort();
  readonly metrics = new Metrics();
  readonly schemes: AuthSchemes;
  readonly door: ClientDoor;
  #accept: ((connection: Connection) => void) | undefined;
  #nextPort = 50_000;
  random = 0;

  constructor(
    settings: Partial<DoorSettings> = {},
    schemes = new AuthSchemes(),
    newSaslExchange?: SaslAcceptor,
  ) {
    this.schemes = schemes;
    const platform: Platform = {
      clock: this.clock,
      network: {
        listen: (address, accept, ready) => {
          this.#accept = accept;
          ready();
          return { port: address.port, close: () => {} };
        },
        connect: () => ({ cancel: () => {} }),
        resolve: () => {},
        nameOf: () => {},
      },
      tls: undefined as unknown as Platform["tls"],
      kerberos: undefined as unknown as Platform["kerberos"],
      disk: undefined as unknown as Platform["disk"],
      stores: undefined as unknown as Platform["stores"],
      random: {
        integer: (bound) => Math.floor(this.random * bound),
        fill: () => {},
        hashSeed: 0,
      },
      log: recordingLogger(this.log),
      host: HOST,
      threads: undefined,
    };
    this.door = new ClientDoor({
      platform,
      settings: { ...SETTINGS, ...settings },
      port: this.port,
      schemes,
      sasl: newSaslExchange,
      metrics: this.metrics,
    });
    this.door.listen({ host: undefined, port: 2181, backlog: -1 }, () => {});
  }

  connect(address = "127.0.0.1"): TestClient {
    const connection = new PairedConnection(this.clock, address, this.#nextPort++);
    this.#accept!(connection);
    return new TestClient(connection, this.clock);
  }

  /** A client whose session is open. */
  async openSession(address?: string): Promise<TestClient> {
    const client = this.connect(address);
    await client.send(connectFrame());
    client.received();
    client.connection.writes = 0;
    return client;
  }

  /** Asks a four-letter word on a connection of its own. */
  async ask(word: string | Buffer): Promise<string> {
    const client = this.connect();
    await client.send(Buffer.from(word));
    return client.received().toString("utf8");
  }

  lines(level: string): string[] {
    return this.log.filter((entry) => entry.level === level).map(({ message }) => message);
  }
}

// --------------------------------------------------------------------------------------------------------------- requests

export function frame(write: (out: JuteWriter) => void): Buffer {
  const out = new JuteWriter();
  out.int(0);
  write(out);
  out.patchInt(0, out.length - 4);
  return out.take();
}

export function connectFrame(
  options: {
    sessionId?: bigint;
    password?: Buffer | null;
    timeoutMs?: number;
    lastZxid?: bigint;
    /** undefined: a client before 3.4. */
    readOnly?: boolean | undefined;
  } = { readOnly: false },
): Buffer {
  const sessionId = (options.sessionId ?? NO_SESSION) as SessionId;
  return frame((out) =>
    writeConnectRequest(out, {
      protocolVersion: 0,
      lastZxidSeen: options.lastZxid ?? 0n,
      timeOut: options.timeoutMs ?? 10_000,
      sessionId,
      passwd: options.password === undefined ? passwordOf(sessionId) : options.password,
      readOnly: options.readOnly,
    }),
  );
}

export function readConnect(bytes: Buffer): ConnectResponse {
  return readConnectResponse(new JuteReader(bytes));
}

export function requestFrame(xid: number, type: number, body: Buffer = Buffer.alloc(0)): Buffer {
  return frame((out) => {
    out.int(xid);
    out.int(type);
    out.raw(body);
  });
}

export function getDataFrame(xid: number, path: string, watch = false): Buffer {
  const out = new JuteWriter();
  out.string(path);
  out.bool(watch);
  return requestFrame(xid, OpCode.getData, out.take());
}

export const PING = requestFrame(-2, OpCode.ping);

export function authFrame(scheme: string | null, data: Buffer | null): Buffer {
  const out = new JuteWriter();
  out.int(0);
  out.string(scheme);
  out.buffer(data);
  return requestFrame(-4, OpCode.auth, out.take());
}

// Servers that are scripts, for a client whose network and time are in memory: time goes on when it is told to, connecting
// succeeds where a server is up, and a server says what the test says.

import assert from "node:assert/strict";
import type { ClientPlatform, SessionOptions } from "../../src/cli/client/session-options.js";
import { describeEvent } from "../../src/cli/client/watch-event.js";
import { ZooKeeperClient } from "../../src/cli/client/zookeeper-client.js";
import { ZooKeeperError } from "../../src/cli/client/zookeeper-error.js";
import { JuteReader } from "../../src/jute/reader.js";
import { JuteWriter } from "../../src/jute/writer.js";
import {
  type Connection,
  type ConnectionHandler,
  type Endpoint,
  type Network,
  NetworkError,
} from "../../src/platform/platform.js";
import { SILENT_LOG } from "../../src/platform/silent-log.js";
import { FrameSplitter } from "../../src/wire/framing.js";
import type { SessionId, Zxid } from "../../src/wire/ids.js";
import {
  type ConnectRequest,
  type ConnectResponse,
  readConnectRequest,
  writeConnectResponse,
  writeReplyHeader,
  writeWatcherEvent,
} from "../../src/wire/records.js";
import { ManualClock } from "../client/helper.js";

export interface ReceivedRequest {
  readonly xid: number;
  readonly type: number;
  /** Stands at the record. */
  readonly body: JuteReader;
}

/** One connection, held by the client, with what the test needs of its other end. */
export class ServerEnd implements Connection {
  readonly remoteAddress = "10.0.0.9";
  readonly remotePort = 2181;
  readonly localAddress = "10.0.0.1";
  readonly localPort = 40_000;
  readonly tls = undefined;
  readonly unsentBytes = 0;
  connectRequest: ConnectRequest | undefined;
  readonly requests: ReceivedRequest[] = [];
  writes = 0;
  isClosed = false;
  readonly #server: FakeServer;
  readonly #splitter = new FrameSplitter(1 << 24);
  #handler: ConnectionHandler | undefined;

  constructor(server: FakeServer) {
    this.#server = server;
  }

  start(handler: ConnectionHandler): void {
    this.#handler = handler;
  }

  write(bytes: Uint8Array): void {
    this.writes++;
    if (this.isClosed || Buffer.from(bytes).toString() === "isro") return;
    this.#splitter.push(Buffer.from(bytes), (frame) => this.#received(Buffer.from(frame)));
  }

  /** The next request that has not been taken yet. */
  take(): ReceivedRequest {
    const request = this.requests.shift();
    if (request === undefined) throw new Error("The client has sent no request");
    return request;
  }

  reply(xid: number, zxid: number, err = 0, body?: (out: JuteWriter) => void): void {
    this.send((out) => {
      writeReplyHeader(out, { xid, zxid: zxid as Zxid, err });
      body?.(out);
    });
  }

  event(type: number, path: string, zxid: number): void {
    this.send((out) => {
      writeReplyHeader(out, { xid: -1, zxid: zxid as Zxid, err: 0 });
      writeWatcherEvent(out, { type, state: 3, path });
    });
  }

  accept(response: Partial<ConnectResponse> = {}): void {
    this.send((out) =>
      writeConnectResponse(out, {
        protocolVersion: 0,
        timeOut: this.connectRequest?.timeOut ?? 0,
        sessionId: 0x1234n as SessionId,
        passwd: Buffer.alloc(16, 7),
        readOnly: false,
        ...response,
      }),
    );
  }

  send(write: (out: JuteWriter) => void): void {
    const out = new JuteWriter();
    const start = out.reserve(4);
    write(out);
    out.patchInt(start, out.length - 4);
    this.sendBytes(out.take());
  }

  sendBytes(bytes: Buffer): void {
    if (!this.isClosed) this.#handler?.onData(bytes);
  }

  /** The server's process is gone. */
  breakOff(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#handler?.onClose(new NetworkError("ECONNRESET", "Connection reset by peer"));
  }

  destroy(): void {
    this.isClosed = true;
  }

  end(): void {
    this.isClosed = true;
  }

  pauseReading(): void {}
  resumeReading(): void {}
  setKeepAlive(): void {}

  #received(frame: Buffer): void {
    const reader = new JuteReader(frame);
    if (this.connectRequest === undefined) {
      this.connectRequest = readConnectRequest(reader);
      this.#server.onConnect(this);
      return;
    }
    this.requests.push({ xid: reader.int(), type: reader.int(), body: reader });
  }
}

export class FakeServer {
  isUp = true;
  /** Oldest first. */
  readonly connections: ServerEnd[] = [];
  onConnect: (connection: ServerEnd) => void = (connection) => connection.accept();

  get connection(): ServerEnd {
    const last = this.connections.at(-1);
    if (last === undefined) throw new Error("Nobody has connected");
    return last;
  }
}

export class FakeWorld {
  readonly clock = new ManualClock();
  readonly servers = new Map<string, FakeServer>();
  /** What the default watcher was told. */
  readonly events: string[] = [];
  /** In order of attempts. */
  readonly attempts: string[] = [];
  readonly platform: ClientPlatform;
  #random = 1;

  constructor() {
    this.platform = {
      clock: this.clock,
      network: this.#network(),
      random: {
        hashSeed: 0,
        integer: (bound) => {
          this.#random = (this.#random * 69_069 + 12_345) % 2 ** 31;
          return (this.#random >> 8) % bound;
        },
        fill: (target) => target.fill(1),
      },
      log: SILENT_LOG,
    };
  }

  server(name: string): FakeServer {
    const server = new FakeServer();
    this.servers.set(name, server);
    return server;
  }

  client(connectString: string, options: SessionOptions = {}): ZooKeeperClient {
    const watcher = (event: Parameters<typeof describeEvent>[0]): void => {
      this.events.push(describeEvent(event));
    };
    return ZooKeeperClient.connect(this.platform, connectString, { watcher, ...options });
  }

  /** Until nothing more happens without time going on. */
  async settle(): Promise<void> {
    for (let quiet = 0; quiet < 3; ) {
      quiet = this.clock.endTurn() ? 0 : quiet + 1;
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }

  async advance(ms: number): Promise<void> {
    await this.settle();
    this.clock.advance(ms);
    await this.settle();
  }

  #network(): Network {
    return {
      listen: () => {
        throw new Error("A client does not listen");
      },
      nameOf: (_address, done) => this.clock.atTurnEnd(() => done(undefined, [])),
      resolve: (host, done) => this.clock.atTurnEnd(() => done(undefined, [host])),
      connect: (target, _options, done) => {
        let isCancelled = false;
        this.clock.atTurnEnd(() => {
          if (!isCancelled) this.#connected(target, done);
        });
        return {
          cancel: () => {
            isCancelled = true;
          },
        };
      },
    };
  }

  #connected(
    target: Endpoint,
    done: (error: NetworkError | undefined, connection?: Connection) => void,
  ): void {
    const name = `${target.host}:${target.port}`;
    this.attempts.push(name);
    const server = this.servers.get(name);
    if (server === undefined || !server.isUp) {
      done(new NetworkError("ECONNREFUSED", `Cannot connect to "${name}"`));
      return;
    }
    const connection = new ServerEnd(server);
    server.connections.push(connection);
    done(undefined, connection);
  }
}

/** What a request ends with. */
export function codeOf(promise: Promise<unknown>): Promise<number> {
  return promise.then(
    () => 0,
    (error: unknown) => {
      assert(error instanceof ZooKeeperError);
      return error.code;
    },
  );
}

export async function connected(options: SessionOptions = {}) {
  const world = new FakeWorld();
  const server = world.server("a:1");
  const zk = world.client("a:1", options);
  await world.settle();
  return { world, server, zk };
}

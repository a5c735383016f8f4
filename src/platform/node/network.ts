// TCP of a real process.
//
// One socket costs one system call per turn each way, so what node adds on top is what counts:
//  - Reading goes through `onread` into one buffer that all connections share. The stream machinery (a fresh 64 KB buffer
//    per read, events, flow state) is bypassed. That is why a chunk is valid only during the call of onData.
//  - Connections have no streams at all: the listening handle's own callback is replaced by one that makes a TcpConnection of
//    the handle, and of a socket that has been connected the handle is taken (tcp-handle.ts says what speaks against that, and
//    what is done about it).
//
// Java: NIOServerCnxnFactory, QuorumCnxManager and Learner each open their sockets themselves; here they all come from here.

import { lookup, lookupService } from "node:dns";
import * as net from "node:net";
import type {
  Connection,
  Endpoint,
  ListenAddress,
  Listener,
  Logger,
  Network,
  NetworkError,
} from "../platform.js";
import { NodeConnection } from "./connection.js";
import { Descriptors } from "./descriptors.js";
import { toNetworkError } from "./errors.js";
import { TcpConnection } from "./tcp-connection.js";
import { isTcpHandle } from "./tcp-handle.js";

type ConnectDone = (error: NetworkError | undefined, connection?: Connection) => void;

/** What net.Server and net.Socket do not tell TypeScript. */
interface WithHandle {
  _handle: unknown;
}

interface ListeningHandle {
  onconnection: (error: number, accepted: unknown) => void;
}

/** A line about callers who are turned away, per so long. */
const FULL_WARNING_MS = 1000;

export class NodeNetwork implements Network {
  readonly #log: Logger;
  readonly #descriptors = new Descriptors();
  #warnedMs = Number.NEGATIVE_INFINITY;
  readonly #usesHandles: boolean;

  /** Without handles connections are net.Sockets, as they are where handles are not what they were. */
  constructor(log: Logger, usesHandles: boolean) {
    this.#log = log;
    this.#usesHandles = usesHandles;
  }

  listen(
    address: ListenAddress,
    accept: (connection: Connection) => void,
    ready: (error?: NetworkError) => void,
  ): Listener {
    const server = net.createServer();
    const name = `${address.host ?? "*"}:${address.port}`;
    const fail = (error: unknown): void => ready(toNetworkError(`listen on "${name}"`, error));
    server.once("error", fail);
    server.once("listening", () => {
      server.off("error", fail);
      server.on("error", (error) => this.#log.warn(`Error accepting on "${name}"`, error));
      this.#takeOver(server, name, accept);
      ready();
    });
    const options: net.ListenOptions = { port: address.port };
    if (address.host !== undefined) options.host = address.host;
    if (address.backlog >= 0) options.backlog = address.backlog;
    try {
      server.listen(options);
    } catch (error) {
      process.nextTick(fail, error);
    }
    return new NodeListener(server, address.port);
  }

  connect(
    target: Endpoint,
    options: { readonly timeoutMs: number },
    done: ConnectDone,
  ): { cancel(): void } {
    const attempt = new ConnectAttempt(target, this.#usesHandles, done);
    attempt.begin(options.timeoutMs);
    return attempt;
  }

  resolve(
    host: string,
    done: (error: NetworkError | undefined, addresses: string[]) => void,
  ): void {
    // getaddrinfo, not the DNS protocol: /etc/hosts counts, as it does for Java. Like Java, IPv4 first.
    lookup(host, { all: true, order: "ipv4first" }, (error, found) => {
      if (error) done(toNetworkError(`resolve "${host}"`, error), []);
      else done(undefined, [...new Set(found.map((entry) => entry.address))]);
    });
  }

  nameOf(address: string, done: (error: NetworkError | undefined, names: string[]) => void): void {
    lookupService(address, 0, (error, name) => {
      if (error) done(toNetworkError(`look up the name of "${address}"`, error), []);
      // Where there is no name getnameinfo gives the address.
      else done(undefined, name === address ? [] : [name]);
    });
  }

  #takeOver(server: net.Server, name: string, accept: (connection: Connection) => void): void {
    const handle = (server as unknown as WithHandle)._handle as ListeningHandle | null;
    if (handle === null) return; // closed in the meantime
    handle.onconnection = (error, accepted) => {
      if (error !== 0) {
        // Most likely too many open files. libuv has already closed what it could not accept.
        this.#warn(`Error accepting on "${name}"`, toNetworkError("accept", { errno: error }));
        return;
      }
      if (!this.#descriptors.take()) {
        (accepted as { close(): void }).close();
        this.#warn(`Turning away connections to "${name}": too many files are open (ulimit -n)`);
        return;
      }
      const isKnown = this.#usesHandles && isTcpHandle(accepted);
      accept(isKnown ? new TcpConnection(accepted) : NodeConnection.accepted(accepted));
    };
  }

  #warn(message: string, error?: Error): void {
    const nowMs = performance.now();
    if (nowMs - this.#warnedMs < FULL_WARNING_MS) return;
    this.#warnedMs = nowMs;
    this.#log.warn(message, error);
  }
}

class NodeListener implements Listener {
  readonly #server: net.Server;
  readonly #wantedPort: number;

  constructor(server: net.Server, wantedPort: number) {
    this.#server = server;
    this.#wantedPort = wantedPort;
  }

  get port(): number {
    const address = this.#server.address();
    return address !== null && typeof address === "object" ? address.port : this.#wantedPort;
  }

  close(done?: () => void): void {
    // An error here says that it was not open (any more), which is what was wanted.
    this.#server.close(() => done?.());
  }
}

class ConnectAttempt {
  readonly #target: Endpoint;
  readonly #usesHandles: boolean;
  #done: ConnectDone | undefined;
  #socket: net.Socket | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(target: Endpoint, usesHandles: boolean, done: ConnectDone) {
    this.#target = target;
    this.#usesHandles = usesHandles;
    this.#done = done;
  }

  begin(timeoutMs: number): void {
    const connection = NodeConnection.unconnected();
    const socket = connection.socket;
    this.#socket = socket;
    this.#timer = setTimeout(() => {
      this.#fail(Object.assign(new Error(`no answer in ${timeoutMs} ms`), { code: "ETIMEDOUT" }));
    }, timeoutMs);
    socket.once("error", this.#fail);
    socket.once("connect", () => {
      socket.off("error", this.#fail);
      const done = this.#finish();
      done?.(undefined, this.#withoutSocket(socket) ?? connection.connected());
    });
    try {
      socket.connect({
        host: this.#target.host,
        port: this.#target.port,
        // Java tries IPv4 first.
        lookup: (host, options, found) => lookup(host, { ...options, order: "ipv4first" }, found),
      });
    } catch (error) {
      // A port beyond 65535, for example: other members' addresses are not ours to trust.
      process.nextTick(this.#fail, error);
    }
  }

  /** The socket has nothing any more when its handle is taken. */
  #withoutSocket(socket: net.Socket): Connection | undefined {
    const holder = socket as unknown as WithHandle;
    const handle = holder._handle;
    if (!this.#usesHandles || !isTcpHandle(handle)) return undefined;
    holder._handle = null;
    return new TcpConnection(handle);
  }

  cancel(): void {
    if (this.#finish() !== undefined) this.#socket?.destroy();
  }

  readonly #fail = (error: unknown): void => {
    const done = this.#finish();
    if (done === undefined) return;
    this.#socket?.on("error", () => {});
    this.#socket?.destroy();
    done(toNetworkError(`connect to "${this.#target.host}:${this.#target.port}"`, error));
  };

  #finish(): ConnectDone | undefined {
    const done = this.#done;
    this.#done = undefined;
    clearTimeout(this.#timer);
    return done;
  }
}

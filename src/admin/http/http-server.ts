// Listens for HTTP. Java: Jetty's Server with its ServerConnector.

import { javaDate } from "../../client/java-date.js";
import { HTTP_CONNECTIONS_MAX } from "../../limits.js";
import type {
  Connection,
  Listener,
  Logger,
  NetworkError,
  Platform,
} from "../../platform/platform.js";
import { FairPlaces } from "../../strangers/fair-places.js";
import type { TlsEndpoint } from "../../tls/endpoint.js";
import { HttpConnection } from "./http-connection.js";
import { type HttpHandler, httpDate } from "./response.js";

export interface HttpTls {
  readonly endpoint: TlsEndpoint;
  /** Requests without TLS are taken too. */
  readonly takesPlain: boolean;
}

export interface HttpServerOptions {
  readonly platform: Platform;
  readonly log: Logger;
  readonly idleTimeoutMs: number;
  readonly handler: HttpHandler;
  /** Undefined: the port is plain. */
  readonly tls?: HttpTls | undefined;
}

export class HttpServer {
  readonly #options: HttpServerOptions;
  readonly #places = new FairPlaces<{ leave(): void }>(HTTP_CONNECTIONS_MAX, (one) => one.leave());
  #listener: Listener | undefined;

  constructor(options: HttpServerOptions) {
    this.#options = options;
  }

  /** The port that it listens on; 0 before `listen`. */
  get port(): number {
    return this.#listener?.port ?? 0;
  }

  get connectionCount(): number {
    return this.#places.size;
  }

  /** 0.0.0.0 means every interface, of IPv6 too, as it does for Java. */
  listen(host: string, port: number, ready: (error?: NetworkError) => void): void {
    const { network } = this.#options.platform;
    const address = { host: host === "0.0.0.0" ? undefined : host, port, backlog: -1 };
    this.#listener = network.listen(address, (one) => this.#accept(one), ready);
  }

  /** Answers that are under way are cut off: whoever asks for a server's state does not outlive it. */
  stop(done: () => void): void {
    this.#options.tls?.endpoint.close();
    this.#places.clear();
    const listener = this.#listener;
    this.#listener = undefined;
    if (listener === undefined) done();
    else listener.close(done);
  }

  #accept(connection: Connection): void {
    const { log, idleTimeoutMs, tls } = this.#options;
    if (this.#listener === undefined) {
      connection.start({ onData() {}, onDrain() {}, onEnd() {}, onClose() {} });
      connection.destroy();
      return;
    }
    if (tls === undefined) {
      this.#take(connection);
      return;
    }
    const how = { plainToo: tls.takesPlain, timeoutMs: idleTimeoutMs };
    const handshake = tls.endpoint.accept(connection, how, (error, secured) => {
      this.#places.leave(place);
      if (error !== undefined) log.debug(error.message);
      if (secured !== undefined) this.#take(secured);
    });
    const place = { leave: () => handshake.cancel() };
    this.#places.take(place, connection.remoteAddress);
  }

  #take(connection: Connection): void {
    const { platform, idleTimeoutMs, handler } = this.#options;
    const place = { leave: () => connection.destroy() };
    const accepted = new HttpConnection(connection, {
      clock: platform.clock,
      idleTimeoutMs,
      handler,
      date: () => httpDate(javaDate(platform.clock.wallMs())),
      closed: () => this.#places.leave(place),
    });
    this.#places.take(place, connection.remoteAddress);
    connection.start(accepted);
  }
}

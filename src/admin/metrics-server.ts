// Metrics for Prometheus to fetch: GET /metrics. Java: PrometheusMetricsProvider.
//
// A scrape is some 800 lines, made and sent a piece a turn: it never holds up a request for longer than a piece takes.

import type { Config } from "../config/config.js";
import { METRICS_PIECE_LENGTH } from "../limits.js";
import { exposition } from "../metrics/exposition.js";
import type { Metrics } from "../metrics/metrics.js";
import type { Logger, NetworkError, Platform, Timer } from "../platform/platform.js";
import { HttpServer, type HttpTls } from "./http/http-server.js";
import type { HttpRequest } from "./http/request-parser.js";
import { EMPTY, errorPage, type HttpResponse } from "./http/response.js";
import { processFamilies } from "./process-metrics.js";

/** Jetty's. */
const IDLE_TIMEOUT_MS = 30_000;
const CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

export class MetricsServer {
  readonly #platform: Platform;
  readonly #settings: Config["metrics"];
  readonly #metrics: Metrics;
  readonly #log: Logger;
  /** The ports that it is asked for: httpPort, httpsPort. */
  readonly #servers: { readonly http: HttpServer; readonly port: number }[] = [];
  #rotation: Timer | undefined;

  /** `tls`: for httpsPort, if there is one. */
  constructor(
    platform: Platform,
    settings: Config["metrics"],
    metrics: Metrics,
    tls: HttpTls | undefined,
  ) {
    this.#platform = platform;
    this.#settings = settings;
    this.#metrics = metrics;
    this.#log = platform.log.child("PrometheusMetricsProvider");
    if (settings.exportJvmInfo) metrics.addFamilies(() => processFamilies(platform));
    const open = (port: number, secure: HttpTls | undefined): void => {
      const http = new HttpServer({
        platform,
        log: this.#log,
        idleTimeoutMs: IDLE_TIMEOUT_MS,
        tls: secure,
        handler: (request, _client, respond) => respond(this.#answer(request)),
      });
      this.#servers.push({ http, port });
    };
    if (settings.httpPort >= 0) open(settings.httpPort, undefined);
    if (tls !== undefined) open(settings.httpsPort, tls);
  }

  get port(): number {
    return this.#servers[0]?.http.port ?? 0;
  }

  /** `ready` is called once, with an error when it cannot listen. */
  start(ready: (error?: NetworkError) => void): void {
    const { httpHost: host, httpPort, httpsPort, exportJvmInfo } = this.#settings;
    const where = `host: ${host}, port: ${httpPort}${httpsPort >= 0 ? `, httpsPort: ${httpsPort}` : ""}`;
    this.#log.info(`Starting /metrics HTTP endpoint at ${where}, exportJvmInfo: ${exportJvmInfo}`);
    this.#scheduleRotation();
    this.#listen(0, host, ready);
  }

  stop(done: () => void): void {
    this.#rotation?.cancel();
    let left = this.#servers.length;
    if (left === 0) done();
    for (const { http } of this.#servers) http.stop(() => --left === 0 && done());
  }

  /** One port after the other; what cannot be bound ends it. */
  #listen(index: number, host: string, ready: (error?: NetworkError) => void): void {
    const server = this.#servers[index];
    if (server === undefined) {
      this.#platform.clock.setTimer(0, () => ready());
      return;
    }
    server.http.listen(host, server.port, (error) => {
      if (error !== undefined) ready(error);
      else if (index + 1 === this.#servers.length) ready();
      else this.#listen(index + 1, host, ready);
    });
  }

  #scheduleRotation(): void {
    const intervalMs = Math.max(1, this.#settings.summaryRotateIntervalSeconds) * 1000;
    this.#rotation = this.#platform.clock.setTimer(intervalMs, () => {
      this.#metrics.rotate();
      this.#scheduleRotation();
    });
  }

  #answer({ method, path, target, parameters }: HttpRequest): HttpResponse {
    if (method === "TRACE") return { status: 403, body: EMPTY };
    if (path !== "/metrics") return errorPage(404, target);
    if (method !== "GET" && method !== "HEAD" && method !== "POST") {
      return { status: 405, body: EMPTY };
    }
    const names = parameters.filter(([name]) => name === "name[]").map(([, value]) => value);
    const wanted = names.length === 0 ? undefined : new Set(names);
    const parts = exposition(this.#metrics.families(), wanted);
    const body = { kind: "text", parts, pieceLength: METRICS_PIECE_LENGTH } as const;
    return { status: 200, contentType: CONTENT_TYPE, body };
  }
}

// Metrics for Prometheus to fetch: GET /metrics. Java: PrometheusMetricsProvider.
//
// A scrape is some 800 lines, made and sent a piece a turn: it never holds up a request for longer than a piece takes.

import type { Config } from "../config/config.js";
import { METRICS_PIECE_LENGTH } from "../limits.js";
import { exposition } from "../metrics/exposition.js";
import type { Metrics } from "../metrics/metrics.js";
import type { Logger, NetworkError, Platform, Timer } from "../platform/platform.js";
import { HttpServer } from "./http/http-server.js";
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
  readonly #http: HttpServer;
  #rotation: Timer | undefined;

  constructor(platform: Platform, settings: Config["metrics"], metrics: Metrics) {
    this.#platform = platform;
    this.#settings = settings;
    this.#metrics = metrics;
    this.#log = platform.log.child("PrometheusMetricsProvider");
    if (settings.exportJvmInfo) metrics.addFamilies(() => processFamilies(platform));
    this.#http = new HttpServer({
      platform,
      log: this.#log,
      idleTimeoutMs: IDLE_TIMEOUT_MS,
      handler: (request, _client, respond) => respond(this.#answer(request)),
    });
  }

  get port(): number {
    return this.#http.port;
  }

  /** `ready` is called once, with an error when it cannot listen. */
  start(ready: (error?: NetworkError) => void): void {
    const { httpHost: host, httpPort: port, exportJvmInfo } = this.#settings;
    this.#log.info(
      `Starting /metrics HTTP endpoint at host: ${host}, port: ${port}, exportJvmInfo: ${exportJvmInfo}`,
    );
    this.#scheduleRotation();
    this.#http.listen(host, port, ready);
  }

  stop(done: () => void): void {
    this.#rotation?.cancel();
    this.#http.stop(done);
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

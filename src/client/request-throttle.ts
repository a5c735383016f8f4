// A queue between the door and the pipeline, for those who set request_throttle_max_requests. Java: RequestThrottler.
//
// While so many requests are being processed, further ones wait here, in order of arrival over all connections. A request
// whose connection has gone, or (request_stale_latency_check) whose client must have given up, is dropped when its turn
// comes, and its connection with it, because later requests of the same client must not overtake a dropped one. One that
// has waited longer than throttled_op_wait_time goes through the pipeline without being carried out and is answered with
// THROTTLEDOP.
//
// Bodies are copied into the queue: what the network gives is valid only during the call.

import { JuteReader } from "../jute/reader.js";
import type { Counter, PercentileSummary } from "../metrics/instruments.js";
import type { Metrics } from "../metrics/metrics.js";
import type { Clock, Timer } from "../platform/platform.js";
import { OpCode } from "../wire/op-codes.js";
import type { DisconnectReason } from "./server-port.js";
import type { RequestThrottleSettings } from "./settings.js";

/** A connection as the throttle sees it. */
export interface ThrottledConnection {
  readonly isOpen: boolean;
  readonly sessionTimeoutMs: number;
  /** Its turn has come. */
  issue(
    xid: number,
    type: number,
    body: JuteReader,
    receivedMs: number,
    isThrottled: boolean,
  ): void;
  closeAfterReplies(reason: DisconnectReason): void;
}

interface Waiting {
  readonly connection: ThrottledConnection;
  readonly xid: number;
  readonly type: number;
  readonly body: Buffer;
  readonly receivedMs: number;
  readonly queuedMs: number;
}

export class RequestThrottle {
  readonly #settings: RequestThrottleSettings;
  readonly #clock: Clock;
  readonly #inProcess: () => number;
  readonly #queueTime: PercentileSummary;
  readonly #waitCount: Counter;
  readonly #throttledOps: Counter;
  readonly #staleRequests: Counter;
  readonly #staleDropped: Counter;
  #queue: Waiting[] = [];
  /** What is before it in the queue has been issued; cut off now and then. */
  #head = 0;
  #queuedBytes = 0;
  #stall: Timer | undefined;

  constructor(
    settings: RequestThrottleSettings,
    clock: Clock,
    metrics: Metrics,
    inProcess: () => number,
  ) {
    this.#settings = settings;
    this.#clock = clock;
    this.#inProcess = inProcess;
    this.#queueTime = metrics.percentiles.request_throttle_queue_time_ms;
    this.#waitCount = metrics.counters.request_throttle_wait_count;
    this.#throttledOps = metrics.counters.throttled_ops;
    this.#staleRequests = metrics.counters.stale_requests;
    this.#staleDropped = metrics.counters.stale_requests_dropped;
  }

  /** Requests that wait. Java: getInflight. */
  get length(): number {
    return this.#queue.length - this.#head;
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  submit(
    connection: ThrottledConnection,
    xid: number,
    type: number,
    body: JuteReader,
    receivedMs: number,
  ): void {
    const copy = Buffer.from(body.rest());
    this.#queuedBytes += copy.length;
    const queuedMs = Math.floor(this.#clock.monotonicMs());
    this.#queue.push({ connection, xid, type, body: copy, receivedMs, queuedMs });
    this.pump();
  }

  /** Issues what may be issued: called when something was queued and when requests have been answered. */
  pump(): void {
    const nowMs = Math.floor(this.#clock.monotonicMs());
    while (this.#head < this.#queue.length) {
      const request = this.#queue[this.#head]!;
      if (this.#settings.requestThrottleDropStale && this.#isStale(request, nowMs)) {
        this.#take(request);
        this.#staleDropped.add(1);
        // It must not be heard any more: what it asks next must not overtake what was dropped.
        request.connection.closeAfterReplies("client_closed_connection");
        continue;
      }
      if (this.#inProcess() >= this.#settings.requestThrottleMaxRequests) {
        this.#wait();
        return;
      }
      this.#take(request);
      this.#issue(request, nowMs);
    }
  }

  stop(): void {
    this.#stall?.cancel();
    this.#stall = undefined;
    this.#queue = [];
    this.#head = 0;
    this.#queuedBytes = 0;
  }

  #issue(request: Waiting, nowMs: number): void {
    const { connection, xid, type, body, receivedMs, queuedMs } = request;
    if (this.#isStale(request, nowMs)) this.#staleRequests.add(1);
    const elapsedMs = nowMs - queuedMs;
    this.#queueTime.add(elapsedMs);
    const waitMaxMs = this.#settings.throttledOpWaitTimeMs;
    const isThrottled = isThrottlable(type) && waitMaxMs > 0 && elapsedMs > waitMaxMs;
    if (isThrottled) this.#throttledOps.add(1);
    connection.issue(xid, type, new JuteReader(body), receivedMs, isThrottled);
  }

  #take(request: Waiting): void {
    this.#queuedBytes -= request.body.length;
    this.#head++;
    if (this.#head < 1024 && this.#head < this.#queue.length) return;
    this.#queue = this.#queue.slice(this.#head);
    this.#head = 0;
  }

  /** Looks again after the stall time even when nothing is answered meanwhile: requests become stale. */
  #wait(): void {
    this.#waitCount.add(1);
    if (this.#stall !== undefined) return;
    this.#stall = this.#clock.setTimer(this.#settings.requestThrottleStallTimeMs, () => {
      this.#stall = undefined;
      this.pump();
    });
  }

  #isStale({ connection, type, receivedMs }: Waiting, nowMs: number): boolean {
    // The end of a session must get through, whatever has become of the connection.
    if (type === OpCode.closeSession) return false;
    if (this.#settings.requestStaleConnectionCheck && !connection.isOpen) return true;
    return (
      this.#settings.requestStaleLatencyCheck && nowMs - receivedMs > connection.sessionTimeoutMs
    );
  }
}

function isThrottlable(type: number): boolean {
  return type !== OpCode.ping && type !== OpCode.closeSession;
}

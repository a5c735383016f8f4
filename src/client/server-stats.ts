// What a server tells of itself in `srvr`, `stat` and `mntr`. Java: ServerStats, BufferStats.
//
// Added to for every request: plain fields, no look-ups.

import type { Histogram } from "../metrics/histogram.js";
import { type PercentileSummary, Summary } from "../metrics/instruments.js";
import type { Metrics } from "../metrics/metrics.js";

/** Last, smallest and largest of the replies; -1 while there was none. Java: BufferStats. */
export class SizeStats {
  last = -1;
  minimum = -1;
  maximum = -1;

  add(bytes: number): void {
    this.last = bytes;
    if (this.minimum === -1 || bytes < this.minimum) this.minimum = bytes;
    if (bytes > this.maximum) this.maximum = bytes;
  }

  reset(): void {
    this.last = -1;
    this.minimum = -1;
    this.maximum = -1;
  }
}

export class ServerStats {
  readonly startedMs: number;
  /** Requests from the moment they were read to the moment their reply was written. */
  readonly latency = new Summary("request_latency");
  readonly responseSizes = new SizeStats();
  packetsReceived = 0;
  packetsSent = 0;
  /** By TLS: handshakes that failed, certificates that gave no identity. */
  authFailures = 0;
  readonly #readLatency: PercentileSummary;
  readonly #updateLatency: PercentileSummary;
  readonly #reads: Histogram;
  readonly #updates: Histogram;

  constructor(metrics: Metrics, nowMs: number) {
    this.startedMs = nowMs;
    this.#readLatency = metrics.percentiles.readlatency;
    this.#updateLatency = metrics.percentiles.updatelatency;
    this.#reads = metrics.durations.reads;
    this.#updates = metrics.durations.updates;
  }

  addLatency(elapsedMs: number, isUpdate: boolean): void {
    if (elapsedMs < 0) return;
    this.latency.add(elapsedMs);
    if (isUpdate) {
      this.#updateLatency.add(elapsedMs);
      this.#updates.add(elapsedMs);
    } else {
      this.#readLatency.add(elapsedMs);
      this.#reads.add(elapsedMs);
    }
  }

  /** `srst`, without the metrics. */
  reset(): void {
    this.latency.reset();
    this.responseSizes.reset();
    this.packetsReceived = 0;
    this.packetsSent = 0;
  }
}

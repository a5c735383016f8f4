// What `cons` tells of one connection. Java: the statistics in ServerCnxn.
//
// Java's odd beginnings are kept, because they are what an operator sees: before the first answer the last operation is
// "null" and the last cxid 0, and the minimum latency is 0 and stays so until `crst`.

import { opNameInCons } from "./op-names.js";

export class ConnectionStats {
  readonly establishedMs: number;
  packetsReceived = 0;
  packetsSent = 0;
  minimumLatencyMs = 0;
  maximumLatencyMs = 0;
  lastOperation = "null";
  lastCxid = 0;
  lastZxid = 0;
  lastResponseMs = 0;
  lastLatencyMs = 0;
  #count = 0;
  #totalLatencyMs = 0;

  constructor(establishedMs: number) {
    this.establishedMs = establishedMs;
  }

  get averageLatencyMs(): number {
    return this.#count === 0 ? 0 : Math.trunc(this.#totalLatencyMs / this.#count);
  }

  get shownMinimumLatencyMs(): number {
    return this.minimumLatencyMs === Number.MAX_SAFE_INTEGER ? 0 : this.minimumLatencyMs;
  }

  addResponse(
    cxid: number,
    zxid: number,
    type: number,
    hasFailedAsTxn: boolean,
    startMs: number,
    endMs: number,
  ): void {
    // Not overwritten by special xids: the last real operation of the client is what is of interest.
    if (cxid >= 0) this.lastCxid = cxid;
    this.lastZxid = zxid;
    this.lastOperation = hasFailedAsTxn ? "NA" : opNameInCons(type);
    this.lastResponseMs = endMs;
    const elapsedMs = endMs - startMs;
    this.lastLatencyMs = elapsedMs;
    if (elapsedMs < this.minimumLatencyMs) this.minimumLatencyMs = elapsedMs;
    if (elapsedMs > this.maximumLatencyMs) this.maximumLatencyMs = elapsedMs;
    this.#count++;
    this.#totalLatencyMs += elapsedMs;
  }

  /** `crst` */
  reset(): void {
    this.packetsReceived = 0;
    this.packetsSent = 0;
    this.minimumLatencyMs = Number.MAX_SAFE_INTEGER;
    this.maximumLatencyMs = 0;
    this.lastOperation = "NA";
    this.lastCxid = -1;
    this.lastZxid = -1;
    this.lastResponseMs = 0;
    this.lastLatencyMs = 0;
    this.#count = 0;
    this.#totalLatencyMs = 0;
  }
}

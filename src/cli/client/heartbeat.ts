// Keeps an open link alive and tells when it is not: pings, silence, requests that are never answered.
// Java: the loop of ClientCnxn.SendThread.
//
// One timer for all. Traffic puts off what falls due, and does so for nothing: the timer finds out when it fires.

import type { Clock, Timer } from "../../platform/platform.js";
import { ErrorCode } from "../../wire/error-codes.js";
import type { Link } from "./link.js";
import type { PendingRequests } from "./pending-requests.js";
import { writePingFrame } from "./session-frames.js";
import type { SessionTiming } from "./session-timing.js";

export class Heartbeat {
  readonly #clock: Clock;
  readonly #timing: SessionTiming;
  readonly #link: Link;
  readonly #pending: PendingRequests;
  readonly #requestTimeoutMs: number;
  readonly #onTrouble: (reason: Error) => void;
  #timer: Timer | undefined;
  #isStopped = false;

  /** `requestTimeoutMs`: 0 for none. */
  constructor(
    clock: Clock,
    timing: SessionTiming,
    link: Link,
    pending: PendingRequests,
    requestTimeoutMs: number,
    onTrouble: (reason: Error) => void,
  ) {
    this.#clock = clock;
    this.#timing = timing;
    this.#link = link;
    this.#pending = pending;
    this.#requestTimeoutMs = requestTimeoutMs;
    this.#onTrouble = onTrouble;
    this.arm();
  }

  /** Anew, where a first request with a time-out may fall due before all else. */
  arm(): void {
    if (this.#isStopped) return;
    this.#timer?.cancel();
    const nowMs = this.#clock.monotonicMs();
    this.#timer = this.#clock.setTimer(Math.max(this.#dueMs() - nowMs, 1), this.#onTimer);
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  /** What has arrived while this process did not run counts as heard: the loop delivers it before the turn ends. */
  readonly #onTimer = (): void => this.#clock.atTurnEnd(this.#check);

  readonly #check = (): void => {
    if (this.#isStopped) return;
    const nowMs = this.#clock.monotonicMs();
    const link = this.#link;
    if (nowMs - link.lastHeardMs >= this.#timing.readTimeoutMs) {
      this.#onTrouble(new Error("Client connection timed out, have not heard from server"));
      return;
    }
    const oldest = this.#pending.oldest;
    if (oldest !== undefined && this.#isOverdue(oldest.submittedAtMs, nowMs)) {
      this.#pending.failOldest(ErrorCode.requestTimeout);
      this.#onTrouble(new Error("Timeout error occurred for a request"));
      return;
    }
    if (nowMs - link.lastSendMs >= this.#timing.pingIntervalMs) {
      writePingFrame(link.out);
      link.lastSendMs = nowMs;
      link.touch();
    }
    this.arm();
  };

  #dueMs(): number {
    const silentMs = this.#link.lastHeardMs + this.#timing.readTimeoutMs;
    const pingMs = this.#link.lastSendMs + this.#timing.pingIntervalMs;
    const oldest = this.#pending.oldest;
    const requestMs =
      this.#requestTimeoutMs === 0 || oldest === undefined
        ? Number.POSITIVE_INFINITY
        : oldest.submittedAtMs + this.#requestTimeoutMs;
    return Math.min(silentMs, pingMs, requestMs);
  }

  #isOverdue(submittedAtMs: number, nowMs: number): boolean {
    return this.#requestTimeoutMs > 0 && nowMs - submittedAtMs >= this.#requestTimeoutMs;
  }
}

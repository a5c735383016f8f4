// One direction of a simulated TCP connection: an ordered stream of pieces on their way.
//
//   write → unsent (in the process) → in transit (taken by the kernels, at most bufferBytes) → received → read
//
// Room for more is made when the other side has read and its acknowledgement comes back: so a reader that stops, a reader
// that is paused and a blocked way back all make a writer wait, as in life.

import { NetworkError } from "../../../src/platform/platform.js";
import type { SimConnection } from "./connection.js";
import type { Fabric, Machine, Stalled } from "./fabric.js";
import type { ScheduledEvent } from "./scheduler.js";

type Segment =
  | { readonly kind: "data"; readonly bytes: Uint8Array; readonly dueMs: number }
  | { readonly kind: "open"; readonly dueMs: number }
  | { readonly kind: "end"; readonly dueMs: number }
  | { readonly kind: "reset"; readonly dueMs: number };

export class Pipe implements Stalled {
  unsentBytes = 0;
  /** Set by the receiving side's kernel when the first packet of a client arrives. */
  onOpen: (() => void) | undefined;
  readonly #fabric: Fabric;
  readonly #from: SimConnection;
  readonly #to: SimConnection;
  readonly #port: number;
  #unsent: Uint8Array[] = [];
  #segments: Segment[] = [];
  #sentBytes = 0;
  #readBytes = 0;
  #acknowledgedBytes = 0;
  #lastDueMs = 0;
  #isEndAsked = false;
  #isClosed = false;
  #pump: ScheduledEvent | undefined;
  /** Bytes cannot get there; acknowledgements cannot get back. One, the other or both. */
  #isForwardStalled = false;
  #isBackStalled = false;
  #stalledSinceMs: number | undefined;
  #isResetOwed = false;
  #isAcknowledging = false;

  constructor(fabric: Fabric, from: SimConnection, to: SimConnection, port: number) {
    this.#fabric = fabric;
    this.#from = from;
    this.#to = to;
    this.#port = port;
  }

  /** Where it leads. */
  get to(): Machine {
    return this.#to.machine;
  }

  open(): void {
    this.#transmit({ kind: "open", dueMs: 0 });
  }

  write(bytes: Uint8Array): void {
    this.#unsent.push(bytes);
    this.unsentBytes += bytes.length;
    this.#fill();
  }

  /** The last byte, after all that was written. */
  end(): void {
    this.#isEndAsked = true;
    this.#fill();
  }

  /** The process let go of its socket: what the kernel has not taken is lost. */
  abandon(how: "end" | "reset"): void {
    this.#unsent = [];
    this.unsentBytes = 0;
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#transmit({ kind: how, dueMs: 0 });
  }

  /** Nothing more happens here. */
  drop(): void {
    this.#isClosed = true;
    this.#unsent = [];
    this.unsentBytes = 0;
    this.#segments = [];
    this.#pump?.cancel();
    this.#pump = undefined;
    this.#notStalled();
  }

  /** The receiving process has taken so many bytes out of its kernel. */
  read(byteLength: number): void {
    this.#readBytes += byteLength;
    this.#acknowledge();
  }

  rulesChanged(): void {
    if (this.#isForwardStalled && !this.#isBlocked()) {
      this.#isForwardStalled = false;
      this.#schedulePump(this.#retransmitDelayMs());
    }
    if (this.#isBackStalled && !this.#isWayBackBlocked()) {
      this.#isBackStalled = false;
      if (this.#isResetOwed) this.#answerWithReset();
      else this.#acknowledge();
    }
    if (!this.#isForwardStalled && !this.#isBackStalled) this.#notStalled();
  }

  /** The sender tries again at growing intervals, each about as long as it has been trying. */
  #retransmitDelayMs(): number {
    const { random, scheduler, settings } = this.#fabric;
    const elapsedMs = scheduler.nowMs - (this.#stalledSinceMs ?? scheduler.nowMs);
    return random.between([0, Math.min(Math.max(elapsedMs, 1), settings.retransmitMaxMs)]);
  }

  #fill(): void {
    while (this.#unsent.length > 0) {
      const room = this.#fabric.settings.bufferBytes - (this.#sentBytes - this.#acknowledgedBytes);
      if (room <= 0) return;
      const next = this.#unsent[0] as Uint8Array;
      const taken = next.subarray(0, room);
      if (taken.length === next.length) this.#unsent.shift();
      else this.#unsent[0] = next.subarray(taken.length);
      this.unsentBytes -= taken.length;
      this.#sentBytes += taken.length;
      this.#cutAndTransmit(taken);
    }
    if (this.#isEndAsked && !this.#isClosed) {
      this.#isClosed = true;
      this.#transmit({ kind: "end", dueMs: 0 });
      this.#from.lastByteTaken();
    }
  }

  #cutAndTransmit(bytes: Uint8Array): void {
    const { random } = this.#fabric;
    const [from, to] = [this.#from.machine, this.#to.machine];
    const probability = this.#fabric.cutProbability(from, to, this.#port);
    let rest = bytes;
    while (rest.length > 1 && random.chance(probability)) {
      const cut = 1 + random.integer(rest.length - 1);
      this.#transmit({ kind: "data", bytes: rest.subarray(0, cut), dueMs: 0 });
      rest = rest.subarray(cut);
      // Far enough apart to be read one by one, now and then.
      this.#lastDueMs += this.#fabric.delayMs(from, to, this.#port);
    }
    this.#transmit({ kind: "data", bytes: rest, dueMs: 0 });
  }

  #transmit(segment: Segment): void {
    const { scheduler } = this.#fabric;
    const delayMs = this.#fabric.delayMs(this.#from.machine, this.#to.machine, this.#port);
    this.#lastDueMs = Math.max(this.#lastDueMs, scheduler.nowMs + delayMs);
    this.#segments.push({ ...segment, dueMs: this.#lastDueMs });
    if (!this.#isForwardStalled) this.#schedulePump(this.#lastDueMs - scheduler.nowMs);
  }

  #schedulePump(delayMs: number): void {
    if (this.#pump !== undefined || this.#segments.length === 0) return;
    const { scheduler } = this.#fabric;
    this.#pump = scheduler.after(delayMs, "packet", this.#to.machine.number, () => {
      this.#pump = undefined;
      this.#deliverDue();
    });
  }

  #deliverDue(): void {
    const { scheduler } = this.#fabric;
    for (let head = this.#segments[0]; head !== undefined; head = this.#segments[0]) {
      if (head.dueMs > scheduler.nowMs) {
        this.#schedulePump(head.dueMs - scheduler.nowMs);
        return;
      }
      if (this.#isBlocked()) {
        this.#isForwardStalled = true;
        this.#stall();
        return;
      }
      this.#segments.shift();
      this.#arrive(head);
    }
  }

  #arrive(segment: Segment): void {
    if (segment.kind === "open") this.onOpen?.();
    else if (segment.kind === "end") this.#to.endArrived();
    else if (segment.kind === "reset") this.#to.fail("ECONNRESET");
    else if (this.#to.isGone) this.#answerWithReset();
    else {
      this.#fabric.scheduler.note(segment.bytes.length);
      this.#to.received(segment.bytes);
    }
  }

  /** Bytes for a socket that is no more: the kernel there says so, if the way back is open. */
  #answerWithReset(): void {
    this.#isResetOwed = this.#isWayBackBlocked();
    if (this.#isResetOwed) {
      this.#isBackStalled = true;
      this.#stall();
      return;
    }
    const { machine } = this.#from;
    const delayMs = this.#fabric.delayMs(this.#to.machine, machine, this.#port);
    const run = (): void => this.#from.fail("ECONNRESET");
    this.#fabric.scheduler.after(delayMs, "packet", machine.number, run);
  }

  #acknowledge(): void {
    if (this.#isAcknowledging || this.#readBytes === this.#acknowledgedBytes) return;
    if (this.#isWayBackBlocked()) {
      this.#isBackStalled = true;
      this.#stall();
      return;
    }
    if (this.unsentBytes === 0) {
      // Nobody waits for the room: no event for it.
      this.#acknowledgedBytes = this.#readBytes;
      return;
    }
    const { machine } = this.#from;
    this.#isAcknowledging = true;
    const delayMs = this.#fabric.delayMs(this.#to.machine, machine, this.#port);
    this.#fabric.scheduler.after(delayMs, "packet", machine.number, () => {
      this.#isAcknowledging = false;
      this.#acknowledgedBytes = this.#readBytes;
      const before = this.unsentBytes;
      this.#fill();
      if (before > 0 && this.unsentBytes === 0) this.#from.drained();
    });
  }

  #stall(): void {
    if (this.#stalledSinceMs !== undefined) return;
    const { scheduler, settings, stalled } = this.#fabric;
    const since = scheduler.nowMs;
    this.#stalledSinceMs = since;
    stalled.add(this);
    scheduler.after(settings.retransmitLimitMs, "give-up", this.#from.machine.number, () => {
      if (this.#stalledSinceMs !== since) return;
      this.#from.fail("ETIMEDOUT");
      this.drop();
    });
  }

  #notStalled(): void {
    this.#isForwardStalled = false;
    this.#isBackStalled = false;
    this.#stalledSinceMs = undefined;
    this.#fabric.stalled.delete(this);
  }

  #isBlocked(): boolean {
    if (this.#from.isForgotten) return true;
    return this.#fabric.isBlocked(this.#from.machine, this.#to.machine, this.#port);
  }

  #isWayBackBlocked(): boolean {
    if (this.#from.isForgotten) return true;
    return this.#fabric.isBlocked(this.#to.machine, this.#from.machine, this.#port);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNRESET: "connection reset by peer",
  ECONNREFUSED: "connection refused",
  ETIMEDOUT: "connection timed out",
  EADDRINUSE: "address already in use",
  EADDRNOTAVAIL: "address not available",
  EHOSTUNREACH: "host is unreachable",
  ENOTFOUND: "unknown node or service",
};

export function networkError(code: string, action: string): NetworkError {
  return new NetworkError(code, `Cannot ${action}: ${REASONS[code] ?? "it failed"} (${code})`);
}

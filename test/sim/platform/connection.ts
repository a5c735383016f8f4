// One end of a simulated TCP connection; the counterpart of src/platform/node/connection.ts, with the same life.
//
// The kernel's half (bytes that arrived, resets) goes on while the process is paused or has died; the process's half runs
// in its turns. A chunk that is handed to onData is overwritten after the call: who keeps it without copying will notice.

import { assert } from "../../../src/errors.js";
import type {
  Connection,
  ConnectionHandler,
  NetworkError,
} from "../../../src/platform/platform.js";
import type { Fabric, Machine } from "./fabric.js";
import { networkError, type Pipe } from "./pipe.js";
import type { Closable, SimProcess } from "./process.js";
import type { ScheduledEvent } from "./scheduler.js";

/** As in src/platform/node/connection.ts. */
const READ_BYTES = 64 * 1024;
const LINGER_MS = 1000;
const ENDING_MAX_MS = 10_000;
const GARBAGE = 0xdd;

export interface Ends {
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localAddress: string;
  readonly localPort: number;
}

export class SimConnection implements Connection, Closable {
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localAddress: string;
  readonly localPort: number;
  readonly tls = undefined;
  readonly machine: Machine;
  /** The direction in which this end writes; set once both ends exist. */
  out!: Pipe;
  /** The direction from which this end reads. */
  in!: Pipe;
  /** The kernel has no socket for it any more. */
  isGone = false;
  isForgotten = false;
  readonly #process: SimProcess;
  readonly #fabric: Fabric;
  #error: NetworkError | undefined;
  #handler: ConnectionHandler | undefined;
  #state: "open" | "ending" | "closed" = "open";
  #isPaused = false;
  #isDrainOwed = false;
  #isReadPosted = false;
  #received: Uint8Array[] = [];
  #hasEndArrived = false;
  #isEndTold = false;
  #endTimer: ScheduledEvent | undefined;

  constructor(fabric: Fabric, machine: Machine, process: SimProcess, ends: Ends) {
    this.#fabric = fabric;
    this.machine = machine;
    this.#process = process;
    this.remoteAddress = ends.remoteAddress;
    this.remotePort = ends.remotePort;
    this.localAddress = ends.localAddress;
    this.localPort = ends.localPort;
    process.holds.add(this);
  }

  /** Hands it to the process. */
  deliver(hand: (connection: Connection) => void): void {
    this.#process.post(() => {
      hand(this);
      this.#process.post(() => {
        const isStarted = this.#handler !== undefined || this.#state !== "open";
        assert(isStarted, "a connection is started in the turn in which it is handed over");
      });
    });
  }

  // ------------------------------------------------------------------------------------------------ what a process does

  get unsentBytes(): number {
    return this.out.unsentBytes;
  }

  start(handler: ConnectionHandler): void {
    assert(this.#handler === undefined, "a connection is started once");
    this.#handler = handler;
    // It broke while it waited to be accepted.
    if (this.#state === "closed") this.#process.post(() => handler.onClose(this.#error));
    this.#requestRead();
  }

  write(bytes: Uint8Array): void {
    if (this.#state !== "open" || bytes.length === 0 || !this.#process.isAlive) return;
    this.#fabric.tap?.(this, this.out.to, bytes);
    this.out.write(bytes);
    if (this.out.unsentBytes > 0) this.#isDrainOwed = true;
  }

  pauseReading(): void {
    if (this.#state === "open") this.#isPaused = true;
  }

  resumeReading(): void {
    this.#isPaused = false;
    this.#requestRead();
  }

  setKeepAlive(_on: boolean): void {}

  end(): void {
    if (this.#state !== "open" || !this.#process.isAlive) return;
    this.#state = "ending";
    this.#isPaused = false;
    this.#endTimer = this.#destroyAfter(ENDING_MAX_MS);
    this.out.end();
    this.#requestRead();
  }

  destroy(): void {
    if (this.#state === "closed" || !this.#process.isAlive) return;
    this.closeByKernel();
    this.#close(undefined);
  }

  // ------------------------------------------------------------------------------------------------ what the kernel does

  received(bytes: Uint8Array): void {
    this.#received.push(bytes);
    this.#requestRead();
  }

  endArrived(): void {
    this.#hasEndArrived = true;
    this.#requestRead();
  }

  /** The kernel has taken the last byte of a connection that was ended. */
  lastByteTaken(): void {
    this.#endTimer?.cancel();
    this.#endTimer = this.#destroyAfter(LINGER_MS);
    this.#requestRead();
  }

  drained(): void {
    this.#process.post(() => {
      if (!this.#isDrainOwed || this.#state !== "open" || this.out.unsentBytes > 0) return;
      this.#isDrainOwed = false;
      this.#handler?.onDrain();
    });
  }

  /** A reset arrived, or the kernel gave up. */
  fail(code: string): void {
    if (this.isGone) return;
    this.#goAway();
    this.out.drop();
    this.#close(networkError(code, `talk to "${this.remoteAddress}:${this.remotePort}"`));
  }

  /** Unread bytes make a close a reset: the other side must know that they were not read. */
  closeByKernel(): void {
    if (this.isGone) return;
    const isUnread = this.#received.length > 0;
    this.#goAway();
    this.out.abandon(isUnread ? "reset" : "end");
  }

  /** The machine has lost power: nobody is told. */
  vanish(): void {
    this.#goAway();
    this.out.drop();
  }

  // ----------------------------------------------------------------------------------------------------------- inside

  #requestRead(): void {
    if (this.#isReadPosted || this.#isPaused || this.#handler === undefined || this.isGone) return;
    if (this.#received.length === 0 && !this.#hasEndArrived) return;
    this.#isReadPosted = true;
    this.#process.post(() => {
      this.#isReadPosted = false;
      this.#readAll();
    });
  }

  #readAll(): void {
    while (this.#received.length > 0 && !this.#isPaused && !this.isGone) this.#readChunk();
    if (this.#received.length > 0 || this.#isPaused || this.isGone || !this.#hasEndArrived) return;
    if (this.#state === "ending") {
      if (this.out.unsentBytes > 0) return; // still being taken by the kernel
      this.closeByKernel();
      this.#close(undefined);
    } else if (!this.#isEndTold) {
      this.#isEndTold = true;
      this.#handler?.onEnd();
    }
  }

  #readChunk(): void {
    let receivedBytes = 0;
    for (const { length } of this.#received) receivedBytes += length;
    const chunk = Buffer.allocUnsafe(Math.min(receivedBytes, READ_BYTES));
    for (let at = 0; at < chunk.length; ) {
      const head = this.#received[0] as Uint8Array;
      const rest = chunk.length - at;
      chunk.set(head.length <= rest ? head : head.subarray(0, rest), at);
      if (head.length <= rest) this.#received.shift();
      else this.#received[0] = head.subarray(rest);
      at += head.length;
    }
    this.in.read(chunk.length);
    if (this.#state !== "open") return; // discarded, as after `end` on a real socket
    this.#handler?.onData(chunk);
    chunk.fill(GARBAGE);
  }

  #destroyAfter(delayMs: number): ScheduledEvent {
    const { scheduler } = this.#fabric;
    return scheduler.after(delayMs, "linger", this.machine.number, () => this.destroy());
  }

  #goAway(): void {
    this.isGone = true;
    this.#received = [];
    this.#endTimer?.cancel();
    this.#process.holds.delete(this);
  }

  #close(error: NetworkError | undefined): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#error = error;
    if (this.#handler !== undefined) this.#process.post(() => this.#handler?.onClose(error));
  }
}

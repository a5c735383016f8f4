// A connection's input: chunks to frames, with reading that can be stopped in the middle of a chunk.
//
// Reasons to pause are bits, because several may hold at once. As long as any holds, no frame is handed on; what has been
// read already is kept (a chunk at most: the network is told to stop too) and handed on first when reading goes on.
//
// A reason that comes and goes while one frame is being handled (a session that is opened at once) costs nothing: the scan
// just goes on. Otherwise going on is left to the end of the turn (`onReady`), because whoever takes the last reason away
// is in the middle of something.

import type { Connection } from "../platform/platform.js";
import { type FrameRange, FrameSplitter } from "../wire/framing.js";

/** Why nothing is read. */
export const Pause = {
  /** The session is being made or found. */
  opening: 1,
  /** Too many requests are being processed in the whole server (globalOutstandingLimit). */
  throttled: 2,
  /** The client does not read its replies. */
  backlog: 4,
  /** A SASL mechanism asks somebody. */
  sasl: 8,
  /** It has had its share of the turn. */
  turn: 16,
} as const;

export class PausableFrames {
  readonly #frames: FrameSplitter;
  readonly #connection: Connection;
  readonly #onFrame: FrameRange;
  readonly #onReady: () => void;
  #pauses = 0;
  #isScanning = false;
  #isClosed = false;
  #held: Buffer | undefined;
  /** Paused, or unpaused and not yet resumed: the splitter stands still. */
  #isStopped = false;

  constructor(
    maxFrameBytes: number,
    connection: Connection,
    onFrame: FrameRange,
    onReady: () => void,
  ) {
    this.#frames = new FrameSplitter(maxFrameBytes);
    this.#connection = connection;
    this.#onFrame = onFrame;
    this.#onReady = onReady;
  }

  get isPaused(): boolean {
    return this.#pauses !== 0;
  }

  isPausedFor(reason: number): boolean {
    return (this.#pauses & reason) !== 0;
  }

  /** Throws ProtocolError when the lengths cannot be, or when `onFrame` does. */
  push(chunk: Buffer, from = 0): void {
    if (this.#isClosed) return;
    if (this.#isStopped) {
      // It was on its way when reading was stopped.
      this.#hold(chunk, from);
      return;
    }
    this.#isScanning = true;
    let used = chunk.length;
    try {
      used = this.#frames.scan(chunk, from, this.#onFrame);
    } finally {
      this.#isScanning = false;
    }
    if (this.#pauses === 0 || this.#isClosed) return;
    if (used < chunk.length) this.#hold(chunk, used);
    this.#connection.pauseReading();
  }

  pause(reason: number): void {
    const wasReading = this.#pauses === 0;
    this.#pauses |= reason;
    if (!wasReading || this.#isClosed) return;
    this.#isStopped = true;
    this.#frames.stop();
    if (!this.#isScanning) this.#connection.pauseReading();
  }

  unpause(reason: number): void {
    if ((this.#pauses & reason) === 0) return;
    this.#pauses &= ~reason;
    if (this.#pauses !== 0 || this.#isClosed) return;
    if (this.#isScanning) this.#go();
    else this.#onReady();
  }

  /** Goes on, if nothing has come in between. */
  resume(): void {
    if (this.#pauses !== 0 || this.#isClosed) return;
    this.#go();
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined) this.push(held);
    if (this.#pauses === 0 && !this.#isClosed) this.#connection.resumeReading();
  }

  /** Nothing is handed on any more. */
  close(): void {
    this.#isClosed = true;
    this.#held = undefined;
    this.#frames.stop();
  }

  #go(): void {
    this.#isStopped = false;
    this.#frames.go();
  }

  #hold(chunk: Buffer, from: number): void {
    const rest = chunk.subarray(from);
    this.#held = this.#held === undefined ? Buffer.from(rest) : Buffer.concat([this.#held, rest]);
  }
}

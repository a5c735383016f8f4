// A byte stream to frames: a four-byte length, then that many bytes. Java: NIOServerCnxn.readPayload and readLength.
//
// Incremental and pure: fed with chunks as the network gives them. A frame that lies whole in its chunk is handed on as a
// view of it; only one that was cut is copied, into a buffer of its own that grows with what has arrived, so that a peer
// that promises a large frame has to send it before it costs us memory. What is handed on is valid only during the call.
//
// What must hold: the same frames come out however the stream is cut into chunks.

import { ProtocolError } from "../errors.js";

const PREFIX_BYTES = 4;

/** A cut frame's buffer starts with this much and doubles: what is promised is not yet there. */
const FIRST_BUFFER_BYTES = 4096;

const NOTHING = Buffer.alloc(0);

/** A frame: the bytes from `start` to `end`, valid only during the call. */
export type FrameRange = (bytes: Buffer, start: number, end: number) => void;

/** The peer's length is negative or above the limit. */
export class FrameLengthError extends ProtocolError {
  readonly advertisedLength: number;
  constructor(advertisedLength: number) {
    super(`Len error ${advertisedLength}`);
    this.advertisedLength = advertisedLength;
  }
}

export class FrameSplitter {
  readonly #maxFrameBytes: number;
  /** What has come of it, as the number that its four bytes are. */
  #prefix = 0;
  #prefixBytes = 0;
  /** Of the frame that was cut; -1 while its prefix is not complete. */
  #frameBytes = -1;
  #gathered: Buffer = NOTHING;
  #gatheredBytes = 0;
  #stopped = false;

  constructor(maxFrameBytes: number) {
    this.#maxFrameBytes = maxFrameBytes;
  }

  /**
   * Hands on each frame that the chunk completes, in order. Throws FrameLengthError when a length cannot be; the stream
   * is lost then, and later chunks must not be pushed. When `onFrame` calls `stop` (or throws) the rest of the chunk is
   * dropped.
   */
  push(chunk: Buffer, onFrame: (frame: Buffer) => void): void {
    this.scan(chunk, 0, (bytes, start, end) => onFrame(bytes.subarray(start, end)));
  }

  /**
   * As `push`, for the hot path: frames are handed on as a range, so that a view is made only of what needs one, and `stop`
   * only interrupts. Returns how far the chunk was used; after a `stop` the rest is the caller's to keep and to scan again
   * once it has called `go`.
   */
  scan(chunk: Buffer, from: number, onRange: FrameRange): number {
    let at = from;
    const end = chunk.length;
    if (this.#stopped) return at;
    if (this.isMidFrame) at = this.#resume(chunk, at, onRange);
    while (!this.#stopped && end - at >= PREFIX_BYTES) {
      const length = this.#checked(
        (chunk[at]! << 24) | (chunk[at + 1]! << 16) | (chunk[at + 2]! << 8) | chunk[at + 3]!,
      );
      const start = at + PREFIX_BYTES;
      if (length > end - start) break;
      at = start + length;
      onRange(chunk, start, at);
    }
    if (!this.#stopped && at < end) at = this.#gather(chunk, at);
    return at;
  }

  /** Nothing is handed on from here on, not even from the chunk that is being pushed. */
  stop(): void {
    this.#stopped = true;
  }

  /** Goes on after a `stop`. */
  go(): void {
    this.#stopped = false;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** Whether the stream would end in the middle of a frame if it ended now. */
  get isMidFrame(): boolean {
    return this.#prefixBytes > 0;
  }

  /** Completes the frame that an earlier chunk began, if this one does. Returns how far the chunk was used. */
  #resume(chunk: Buffer, from: number, onRange: FrameRange): number {
    const at = this.#gather(chunk, from);
    if (this.#frameBytes < 0 || this.#gatheredBytes < this.#frameBytes) return at;
    const gathered = this.#gathered;
    const length = this.#frameBytes;
    this.#prefixBytes = 0;
    this.#frameBytes = -1;
    this.#gatheredBytes = 0;
    this.#gathered = NOTHING;
    onRange(gathered, 0, length);
    return at;
  }

  /** Takes what belongs to the current frame, prefix first. Returns how far the chunk was used. */
  #gather(chunk: Buffer, from: number): number {
    let at = from;
    while (this.#prefixBytes < PREFIX_BYTES && at < chunk.length) {
      this.#prefix = (this.#prefix << 8) | chunk[at++]!;
      if (++this.#prefixBytes === PREFIX_BYTES) this.#frameBytes = this.#checked(this.#prefix);
    }
    if (this.#frameBytes < 0) return at;
    const count = Math.min(this.#frameBytes - this.#gatheredBytes, chunk.length - at);
    this.#makeRoom(count);
    chunk.copy(this.#gathered, this.#gatheredBytes, at, at + count);
    this.#gatheredBytes += count;
    return at + count;
  }

  #makeRoom(count: number): void {
    const needed = this.#gatheredBytes + count;
    if (needed <= this.#gathered.length) return;
    const grown = Math.max(needed, FIRST_BUFFER_BYTES, this.#gathered.length * 2);
    const larger = Buffer.allocUnsafe(Math.min(grown, this.#frameBytes));
    this.#gathered.copy(larger, 0, 0, this.#gatheredBytes);
    this.#gathered = larger;
  }

  #checked(length: number): number {
    if (length < 0 || length > this.#maxFrameBytes) throw new FrameLengthError(length);
    return length;
  }
}

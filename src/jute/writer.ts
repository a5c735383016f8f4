// Records to bytes. Java: BinaryOutputArchive.
//
// One growing buffer per writer. Everything is big-endian; a buffer, string or vector is its length (an int) and then its
// content, with length -1 for null, which is not the same as empty. What goes out may be patched (a frame's length is known
// only at its end) or cut back (a reply that turns out to be an error), until it is taken.
//
// A hot path: 64-bit numbers that fit are written without BigInt, numbers are stored through a DataView, and nothing is allocated but
// the buffer and that view of it.

import { assert } from "../errors.js";
import { copyRange } from "./bytes.js";
import { highHalf, lowHalf, splitHalves } from "./int64.js";
import { encodeUtf8 } from "./utf8.js";

const DEFAULT_CAPACITY_BYTES = 256;
const TWO_POW_32 = 2 ** 32;

/** Shorter runs of words are copied one by one: cheaper than a call into the engine. */
const WORDS_LOOP_BYTES = 160;

const NOTHING = Buffer.alloc(0);
const NO_VIEW = viewOf(NOTHING);

export class JuteWriter {
  readonly #initialCapacity: number;
  #bytes: Buffer = NOTHING;
  /** Of the same bytes. */
  #view: DataView = NO_VIEW;
  /** Where the bytes that are being written begin, and end: what is before has been sliced off. */
  #start = 0;
  #length = 0;

  constructor(initialCapacity = DEFAULT_CAPACITY_BYTES) {
    this.#initialCapacity = initialCapacity;
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#length - this.#start;
  }

  byte(value: number): void {
    const at = this.#advance(1);
    this.#bytes[at] = value;
  }

  bool(value: boolean): void {
    const at = this.#advance(1);
    this.#bytes[at] = value ? 1 : 0;
  }

  int(value: number): void {
    const at = this.#advance(4);
    this.#view.setInt32(at, value);
  }

  /** A safe integer: a value that may use all 64 bits is a `bigLong`. */
  long(value: number): void {
    const at = this.#advance(8);
    putLong(this.#view, at, value);
  }

  bigLong(value: bigint): void {
    const at = this.#advance(8);
    splitHalves(value);
    this.#view.setInt32(at, highHalf());
    this.#view.setInt32(at + 4, lowHalf());
  }

  float(value: number): void {
    const at = this.#advance(4);
    this.#bytes.writeFloatBE(value, at);
  }

  double(value: number): void {
    const at = this.#advance(8);
    this.#bytes.writeDoubleBE(value, at);
  }

  buffer(value: Uint8Array | null): void {
    if (value === null) {
      this.int(-1);
      return;
    }
    this.int(value.length);
    this.raw(value);
  }

  string(value: string | null): void {
    if (value === null) {
      this.int(-1);
      return;
    }
    this.#ensure(4 + value.length * 3);
    const at = this.#length;
    const end = encodeUtf8(this.#bytes, at + 4, value);
    this.#view.setInt32(at, end - at - 4);
    this.#length = end;
  }

  /** The bytes as they are, without a length before them. */
  raw(bytes: Uint8Array): void {
    this.copy(bytes, 0, bytes.length);
  }

  /** The same of a part, for those who would make a view of it for this alone. */
  copy(source: Uint8Array, start: number, count: number): void {
    const at = this.#advance(count);
    copyRange(source, start, count, this.#bytes, at);
  }

  /** The same of somebody's DataView, four bytes a step, which the order of bytes does not matter to. */
  words(source: DataView, start: number, count: number): void {
    if (count > WORDS_LOOP_BYTES) {
      this.raw(new Uint8Array(source.buffer, source.byteOffset + start, count));
      return;
    }
    const at = this.#advance(count);
    const view = this.#view;
    let i = 0;
    for (; i + 4 <= count; i += 4) view.setInt32(at + i, source.getInt32(start + i, true), true);
    for (; i < count; i++) view.setUint8(at + i, source.getUint8(start + i));
  }

  /**
   * Room for so many bytes, which count as written: whoever knows where in them all numbers stand puts them there itself, into
   * `memory`, from the returned place on, before anything else is written.
   */
  room(count: number): number {
    return this.#advance(count);
  }

  get memory(): DataView {
    return this.#view;
  }

  /** Leaves a gap of zeros to be patched later. Returns its position. */
  reserve(bytes: number): number {
    const at = this.#advance(bytes);
    this.#bytes.fill(0, at, at + bytes);
    return at - this.#start;
  }

  patchInt(position: number, value: number): void {
    assert(
      position >= 0 && position + 4 <= this.length,
      "Cannot patch an int that was not written",
    );
    this.#view.setInt32(this.#start + position, value);
  }

  patchLong(position: number, value: number): void {
    assert(
      position >= 0 && position + 8 <= this.length,
      "Cannot patch a long that was not written",
    );
    putLong(this.#view, this.#start + position, value);
  }

  /** Forgets what was written after the first `length` bytes. */
  truncate(length: number): void {
    assert(length >= 0 && length <= this.length, "Cannot truncate to more than was written");
    this.#length = this.#start + length;
  }

  /** The bytes, which are the caller's from here on: the writer starts over with a new buffer. */
  take(): Buffer {
    const taken = this.view();
    this.#bytes = NOTHING;
    this.#view = NO_VIEW;
    this.#start = 0;
    this.#length = 0;
    return taken;
  }

  /**
   * The bytes, which are the caller's from here on. The writer goes on behind them, in the same piece of memory: many small
   * records share one, and none is copied.
   */
  slice(): Buffer {
    const sliced = this.view();
    this.#start = this.#length;
    return sliced;
  }

  /** The bytes, valid until the next call that writes. */
  view(): Buffer {
    return this.#bytes.subarray(this.#start, this.#length);
  }

  /** Starts over in the same buffer: what `view` gave before is overwritten. */
  reset(): void {
    this.#length = this.#start;
  }

  /** Makes room for `count` bytes and counts them as written. Returns where they go. */
  #advance(count: number): number {
    this.#ensure(count);
    const at = this.#length;
    this.#length = at + count;
    return at;
  }

  #ensure(count: number): void {
    if (this.#length + count > this.#bytes.length) this.#grow(count);
  }

  #grow(count: number): void {
    const needed = this.length + count;
    // What was sliced off says nothing of how much there will be.
    const twice = this.#start === 0 ? this.#bytes.length * 2 : 0;
    const grown = Buffer.allocUnsafe(Math.max(needed, twice, this.#initialCapacity));
    grown.set(this.view());
    this.#bytes = grown;
    this.#view = viewOf(grown);
    this.#length -= this.#start;
    this.#start = 0;
  }
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function putLong(target: DataView, at: number, value: number): void {
  if (!Number.isSafeInteger(value))
    assert(false, `Cannot write ${value} as a long: not a safe integer`);
  // Two's complement in halves: floor division carries the sign.
  target.setInt32(at, Math.floor(value / TWO_POW_32));
  target.setInt32(at + 4, value >>> 0);
}

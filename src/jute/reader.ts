// Bytes to records. Java: BinaryInputArchive.
//
// Reads a range of a buffer that is never copied: buffers come back as views of it, unless copies are asked for. The peer's
// lengths are not trusted: each is compared with what is left before anything is allocated, and a vector's count with the least
// that so many items take. Whatever is wrong is a ProtocolError, never another exception, and nothing outside the range is ever looked at.
//
// Java's readings of odd input are kept: a boolean is true when its byte is not zero, and a vector's count below -1 is an
// empty vector.

import { ProtocolError } from "../errors.js";
import { joinHalves } from "./int64.js";
import { decodeUtf8 } from "./utf8.js";

const TWO_POW_32 = 2 ** 32;

export class JuteReader {
  position: number;
  #bytes: Buffer;
  #end: number;
  readonly #copies: boolean;

  /** `copies`: buffers come as copies, not as views. */
  constructor(bytes: Buffer, start = 0, end = bytes.length, copies = false) {
    if (!(start >= 0 && start <= end && end <= bytes.length)) {
      throw new RangeError(`Cannot read from ${start} to ${end} of ${bytes.length} bytes`);
    }
    this.#bytes = bytes;
    this.position = start;
    this.#end = end;
    this.#copies = copies;
  }

  /** Begins anew, elsewhere: for those who read a record in every packet, and one after the other. */
  read(bytes: Buffer, start = 0, end = bytes.length): this {
    if (!(start >= 0 && start <= end && end <= bytes.length)) {
      throw new RangeError(`Cannot read from ${start} to ${end} of ${bytes.length} bytes`);
    }
    this.#bytes = bytes;
    this.position = start;
    this.#end = end;
    return this;
  }

  /** A view of what is left, which stays where it is. */
  rest(): Buffer {
    return this.#bytes.subarray(this.position, this.#end);
  }

  get remaining(): number {
    return this.#end - this.position;
  }

  byte(): number {
    const at = this.#advance(1);
    return (this.#bytes[at]! << 24) >> 24;
  }

  bool(): boolean {
    const at = this.#advance(1);
    return this.#bytes[at] !== 0;
  }

  int(): number {
    const at = this.#advance(4);
    return getInt(this.#bytes, at);
  }

  /** A long that is known to stay within the safe integers. */
  long(): number {
    const at = this.#advance(8);
    const value = getInt(this.#bytes, at) * TWO_POW_32 + (getInt(this.#bytes, at + 4) >>> 0);
    if (!Number.isSafeInteger(value)) {
      throw new ProtocolError(
        `Cannot read long 0x${this.#bytes.toString("hex", at, at + 8)}: want at most 53 bits`,
      );
    }
    return value;
  }

  bigLong(): bigint {
    const at = this.#advance(8);
    return joinHalves(getInt(this.#bytes, at), getInt(this.#bytes, at + 4));
  }

  float(): number {
    const at = this.#advance(4);
    return this.#bytes.readFloatBE(at);
  }

  double(): number {
    const at = this.#advance(8);
    return this.#bytes.readDoubleBE(at);
  }

  buffer(): Buffer | null {
    const length = this.int();
    if (length === -1) return null;
    const at = this.#advanceBy(length);
    if (!this.#copies) return this.#bytes.subarray(at, at + length);
    const copy = Buffer.allocUnsafe(length);
    this.#bytes.copy(copy, 0, at, at + length);
    return copy;
  }

  /** Past a buffer or a string, which is `length` bytes up to `position` then; -1 for null. */
  skip(): number {
    const length = this.int();
    if (length !== -1) this.#advanceBy(length);
    return length;
  }

  /** What `position` is a place in. */
  get page(): Buffer {
    return this.#bytes;
  }

  /**
   * Into a record that lies in a buffer of this one: the range ends where the buffer does. Undefined for null; otherwise what `leave`
   * needs to come out again, behind the buffer.
   */
  enter(): number | undefined {
    const length = this.int();
    if (length === -1) return undefined;
    const start = this.#advanceBy(length);
    const outer = this.#end;
    this.#end = this.position;
    this.position = start;
    return outer;
  }

  leave(outer: number): void {
    this.position = this.#end;
    this.#end = outer;
  }

  string(): string | null {
    const length = this.int();
    if (length === -1) return null;
    const at = this.#advanceBy(length);
    return decodeUtf8(this.#bytes, at, at + length);
  }

  /** How many items follow; -1 for null. There are enough bytes left for that many of the least size. */
  vectorLength(minimumItemBytes: number): number {
    const length = this.int();
    if (length < 0) return length === -1 ? -1 : 0;
    if (length * minimumItemBytes > this.remaining) throw this.#unreasonable(length);
    return length;
  }

  /** Asserts that nothing is left. (Not for requests: Java ignores what follows one.) */
  end(): void {
    if (this.remaining !== 0) {
      throw new ProtocolError(`Record ends ${this.remaining} bytes early`);
    }
  }

  #advance(count: number): number {
    const at = this.position;
    if (count > this.#end - at) {
      throw new ProtocolError(`Record is cut short: want ${count} bytes, have ${this.#end - at}`);
    }
    this.position = at + count;
    return at;
  }

  /** As `#advance`, for a length that the peer has sent. */
  #advanceBy(length: number): number {
    const at = this.position;
    if (length < 0 || length > this.#end - at) throw this.#unreasonable(length);
    this.position = at + length;
    return at;
  }

  /** Java's words for a length that cannot be. */
  #unreasonable(length: number): ProtocolError {
    return new ProtocolError(`Unreasonable length = ${length}`);
  }
}

function getInt(bytes: Buffer, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

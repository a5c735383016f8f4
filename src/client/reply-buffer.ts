// What one connection has to say in one turn of the loop: replies and watch events, in order, in one buffer that is written
// with one system call. Java: outgoingBuffers of NIOServerCnxn.
//
// A frame on the wire: int length, ReplyHeader {int xid, long zxid, int err}, body. Length and err are known only when the
// body has been written, so they are patched in.
//
// Invariant: while a reply is open nothing else may be appended to the buffer; an event that fires just then (setWatches
// tells at once what was missed) is kept and goes before the reply, as in Java.

import { assert } from "../errors.js";
import { JuteWriter } from "../jute/writer.js";
import type { ErrorCode } from "../wire/error-codes.js";
import type { Zxid } from "../wire/ids.js";

const LENGTH_BYTES = 4;
const ERROR_OFFSET = LENGTH_BYTES + 4 + 8;
const HEADER_BYTES = ERROR_OFFSET + 4;

/** Most connections answer a request or two per turn. */
const SMALL_BYTES = 256;
const LARGE_BYTES = 16 * 1024;

const NONE_OPEN = -1;

export class ReplyBuffer {
  #out = new JuteWriter(SMALL_BYTES);
  #capacityBytes = SMALL_BYTES;
  #openAt = NONE_OPEN;
  #openXid = 0;
  #openZxid = 0 as Zxid;
  #firedWhileOpen: Buffer[] | undefined;

  get length(): number {
    return this.#out.length;
  }

  /** Of the reply that is open. */
  get xid(): number {
    return this.#openXid;
  }

  get zxid(): Zxid {
    return this.#openZxid;
  }

  start(xid: number, zxid: Zxid): JuteWriter {
    assert(this.#openAt === NONE_OPEN, "Cannot start a reply before the last one is finished");
    const out = this.#out;
    this.#openAt = out.length;
    this.#openXid = xid;
    this.#openZxid = zxid;
    out.int(0);
    out.int(xid);
    out.long(zxid);
    out.int(0);
    return out;
  }

  /** Returns the length of the reply without the four bytes before it. An error has no body, but for those of sasl. */
  finish(error: ErrorCode, hasBody: boolean = error === 0): number {
    const at = this.#openAt;
    assert(at !== NONE_OPEN, "Cannot finish a reply that was not started");
    this.#openAt = NONE_OPEN;
    const out = this.#out;
    if (!hasBody) out.truncate(at + HEADER_BYTES);
    if (error !== 0) out.patchInt(at + ERROR_OFFSET, error);
    const length = out.length - at - LENGTH_BYTES;
    out.patchInt(at, length);
    if (this.#firedWhileOpen !== undefined) this.#putBefore(at, this.#firedWhileOpen);
    return length;
  }

  /** Forgets the reply that is open, if one is. */
  abandon(): void {
    if (this.#openAt === NONE_OPEN) return;
    this.#out.truncate(this.#openAt);
    this.#openAt = NONE_OPEN;
    for (const frame of this.#firedWhileOpen ?? []) this.#out.raw(frame);
    this.#firedWhileOpen = undefined;
  }

  /** A whole frame: an event, or the answer to a handshake. */
  frame(bytes: Buffer): void {
    if (this.#openAt === NONE_OPEN) {
      this.#out.raw(bytes);
      return;
    }
    this.#firedWhileOpen ??= [];
    this.#firedWhileOpen.push(bytes);
  }

  /** The bytes, which are the caller's from here on. */
  take(): Buffer {
    const bytes = this.#out.take();
    this.#adapt(bytes.length);
    return bytes;
  }

  /** Forgets everything. */
  clear(): void {
    this.#out = new JuteWriter(SMALL_BYTES);
    this.#capacityBytes = SMALL_BYTES;
    this.#openAt = NONE_OPEN;
    this.#firedWhileOpen = undefined;
  }

  #putBefore(at: number, frames: Buffer[]): void {
    this.#firedWhileOpen = undefined;
    const reply = Buffer.from(this.#out.view().subarray(at));
    this.#out.truncate(at);
    for (const frame of frames) this.#out.raw(frame);
    this.#out.raw(reply);
  }

  /** Starts the next buffer as large as the last one was: a client that pipelines does so again, and growing costs copies. */
  #adapt(takenBytes: number): void {
    const last = this.#capacityBytes;
    const larger = Math.min(last * 4, LARGE_BYTES);
    const smaller = Math.max(last / 4, SMALL_BYTES);
    const capacity = takenBytes > last ? larger : takenBytes * 8 < last ? smaller : last;
    if (capacity === last) return;
    this.#capacityBytes = capacity;
    this.#out = new JuteWriter(capacity);
  }
}

// Records on their way to the log, framed as they will be in the file, in one buffer that is used again and again.
//
// One buffer is one write. Java: the BufferedOutputStream of FileTxnLog.

import { copyBytes } from "../jute/bytes.js";
import { PageView } from "../jute/page-view.js";
import { LOG_WRITE_MAX_BYTES } from "../limits.js";
import { ZXID_ZERO, type Zxid } from "../wire/ids.js";
import { adler32View } from "./adler32.js";
import {
  LOG_HEADER_BYTES,
  RECORD_END,
  RECORD_OVERHEAD_BYTES,
  RECORD_PREFIX_BYTES,
  writeLogHeader,
} from "./log-format.js";
import type { Flushed } from "./txn-log.js";

const INITIAL_BYTES = 8 * 1024;

export class GatherBuffer {
  length = 0;
  firstZxid: Zxid = ZXID_ZERO;
  lastZxid: Zxid = ZXID_ZERO;
  /** The buffer starts with a file's header and makes a new file. */
  beginsFile = false;
  /** Who is told when the buffer is durable. */
  waiting: Flushed[] = [];
  #bytes: Buffer = Buffer.allocUnsafe(INITIAL_BYTES);
  readonly #view = new PageView();

  hasRoom(payloadBytes: number): boolean {
    const after = this.length + payloadBytes + RECORD_OVERHEAD_BYTES;
    return this.length === 0 || after <= LOG_WRITE_MAX_BYTES;
  }

  beginFile(zxid: Zxid): void {
    writeLogHeader(this.#bytes);
    this.length = LOG_HEADER_BYTES;
    this.firstZxid = zxid;
    this.beginsFile = true;
  }

  add(payload: Buffer, zxid: Zxid): void {
    const at = this.length;
    const start = at + RECORD_PREFIX_BYTES;
    const end = start + payload.length;
    this.#makeRoom(end + 1);
    const bytes = this.#bytes;
    copyBytes(payload, bytes, start);
    const view = this.#view.of(bytes);
    view.setInt32(at, 0);
    view.setInt32(at + 4, adler32View(view, start, end));
    view.setInt32(at + 8, payload.length);
    bytes[end] = RECORD_END;
    this.length = end + 1;
    this.lastZxid = zxid;
  }

  view(): Buffer {
    return this.#bytes.subarray(0, this.length);
  }

  takeWaiting(): Flushed[] {
    const waiting = this.waiting;
    this.waiting = [];
    return waiting;
  }

  reset(): void {
    this.length = 0;
    this.beginsFile = false;
    // One huge record must not keep its memory for ever.
    if (this.#bytes.length > 2 * LOG_WRITE_MAX_BYTES)
      this.#bytes = Buffer.allocUnsafe(INITIAL_BYTES);
  }

  #makeRoom(bytes: number): void {
    if (bytes <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(bytes, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.length));
    this.#bytes = grown;
  }
}

// What has been asked and not been answered, in order. Java: ClientCnxn's outgoingQueue and pendingQueue.
//
// Servers answer in order, so a queue is all that it takes to find the request that a reply belongs to. A request is
// serialized when it is made: into the link that serves the session, or, while there is none, into a buffer that goes out
// with the next one.

import { ProtocolError } from "../../errors.js";
import type { JuteReader } from "../../jute/reader.js";
import { JuteWriter } from "../../jute/writer.js";
import { ErrorCode } from "../../wire/error-codes.js";

const XID_MAX = 2 ** 31 - 1;

/** Answered requests at the queue's head are cut off when they are that many and half of it. */
const HEAD_MAX = 1024;

/** Somebody who waits for a reply. */
export interface PendingRequest {
  xid: number;
  /** monotonicMs; kept only where requests have a time-out. */
  submittedAtMs: number;
  /**
   * Called once. `reader` stands at the reply's body and is valid only during the call; it is undefined when there is none:
   * the request was refused, or never answered.
   */
  onReply(error: number, reader: JuteReader | undefined, zxid: number): void;
}

export class PendingRequests {
  #requests: (PendingRequest | undefined)[] = [];
  #head = 0;
  #xid = 1;
  readonly #waiting = new JuteWriter();

  get size(): number {
    return this.#requests.length - this.#head;
  }

  get oldest(): PendingRequest | undefined {
    return this.#requests[this.#head];
  }

  /** Serializes a request and queues who waits for it. Without a link it waits for one. */
  add<R>(
    link: JuteWriter | undefined,
    type: number,
    write: ((out: JuteWriter, record: R) => void) | undefined,
    record: R,
    request: PendingRequest,
  ): void {
    const out = link ?? this.#waiting;
    request.xid = this.nextXid();
    const start = out.reserve(4);
    out.int(request.xid);
    out.int(type);
    write?.(out, record);
    out.patchInt(start, out.length - start - 4);
    this.#requests.push(request);
  }

  /** Writes what has waited for a link. Whether there was anything. */
  writeWaiting(link: JuteWriter): boolean {
    if (this.#waiting.length === 0) return false;
    link.raw(this.#waiting.view());
    this.#waiting.reset();
    return true;
  }

  /** Throws ProtocolError where the reply is not the one that is due. */
  onReply(reader: JuteReader, xid: number, zxid: number, error: number): void {
    const request = this.oldest;
    if (request === undefined) throw new ProtocolError(`Nothing in the queue, but got ${xid}`);
    if (request.xid !== xid) {
      throw new ProtocolError(`Xid out of order. Got Xid ${xid} expected Xid ${request.xid}`);
    }
    this.#shift();
    request.onReply(error, error === ErrorCode.ok ? reader : undefined, zxid);
  }

  /** Nobody will answer any of them. */
  failAll(error: number): void {
    const failed = this.#requests.slice(this.#head) as PendingRequest[];
    this.#requests = [];
    this.#head = 0;
    this.#waiting.reset();
    for (const request of failed) request.onReply(error, undefined, -1);
  }

  failOldest(error: number): void {
    const request = this.oldest;
    if (request === undefined) return;
    this.#shift();
    request.onReply(error, undefined, -1);
  }

  #shift(): void {
    this.#requests[this.#head++] = undefined;
    if (this.#head === this.#requests.length) {
      this.#requests.length = 0;
      this.#head = 0;
    } else if (this.#head >= HEAD_MAX && this.#head * 2 >= this.#requests.length) {
      this.#requests.splice(0, this.#head);
      this.#head = 0;
    }
  }

  /** Negative xids have meanings of their own. */
  nextXid(): number {
    if (this.#xid === XID_MAX) this.#xid = 1;
    return this.#xid++;
  }
}

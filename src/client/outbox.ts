// A connection's output: replies and events in order, counted, written once per turn, and bounded when the client does not
// read. Java: sendBuffer, packetSent, and the outgoing queue that there has no bound.
//
// Two bounds (limits.ts). Above the first the connection is backlogged: no more of its requests are read, and the server
// puts off what it can. Above the second, events have nowhere to go.

import type { JuteWriter } from "../jute/writer.js";
import { CLIENT_BACKLOG_MAX_BYTES, CLIENT_BACKLOG_PAUSE_BYTES } from "../limits.js";
import type { Connection } from "../platform/platform.js";
import type { SharedQueues } from "../strangers/shared-queues.js";
import type { ErrorCode } from "../wire/error-codes.js";
import type { Zxid } from "../wire/ids.js";
import type { ConnectionStats } from "./connection-stats.js";
import { ReplyBuffer } from "./reply-buffer.js";
import type { ServerStats } from "./server-stats.js";

/** What happens outside when the state of the output changes. */
export interface OutboxOwner {
  /** There is something to write at the end of the turn. */
  onDirty(): void;
  onBacklogged(): void;
  onDrained(): void;
  /** More waits for it than for any other, and too much for all. */
  giveUp(why: string): void;
}

export class Outbox {
  readonly #connection: Connection;
  readonly #queues: SharedQueues;
  readonly #owner: OutboxOwner;
  readonly #serverStats: ServerStats;
  readonly #stats: ConnectionStats;
  readonly #replies = new ReplyBuffer();
  #isDirty = false;
  #unsentBytes = 0;
  /** Of events since everything that waited was last taken. */
  #eventBytes = 0;
  #isBacklogged = false;

  constructor(
    connection: Connection,
    queues: SharedQueues,
    owner: OutboxOwner,
    serverStats: ServerStats,
    stats: ConnectionStats,
  ) {
    this.#connection = connection;
    this.#queues = queues;
    this.#owner = owner;
    this.#serverStats = serverStats;
    this.#stats = stats;
  }

  get isBacklogged(): boolean {
    return this.#isBacklogged;
  }

  /**
   * So many events wait that no further one may come on top. Only events count: a reply may be longer than the limit, and
   * a client that is busy reading it must not be closed because a watch fires meanwhile.
   */
  get isFull(): boolean {
    if (this.#eventBytes <= CLIENT_BACKLOG_MAX_BYTES) return false;
    return this.#unsentBytes + this.#replies.length > CLIENT_BACKLOG_MAX_BYTES;
  }

  get hasUnsent(): boolean {
    return this.#replies.length > 0 || this.#connection.unsentBytes > 0;
  }

  /** Of the reply that is open. */
  get xid(): number {
    return this.#replies.xid;
  }

  get zxid(): Zxid {
    return this.#replies.zxid;
  }

  start(xid: number, zxid: Zxid): JuteWriter {
    return this.#replies.start(xid, zxid);
  }

  /** Returns the length that Java counts as the response's: without the four bytes of the length. */
  finish(error: ErrorCode, hasBody?: boolean): number {
    const length = this.#replies.finish(error, hasBody);
    this.#serverStats.responseSizes.add(length);
    this.#count();
    return length;
  }

  /** The reply that is open, if one is, is not sent. */
  abandon(): void {
    this.#replies.abandon();
  }

  event(frame: Buffer): void {
    this.#replies.frame(frame);
    this.#eventBytes += frame.length;
    this.#serverStats.responseSizes.add(frame.length - 4);
    this.#count();
  }

  /** Java does not count it among the responses. */
  handshake(frame: Buffer): void {
    this.#replies.frame(frame);
    this.#count();
  }

  markDirty(): void {
    if (this.#isDirty) return;
    this.#isDirty = true;
    this.#owner.onDirty();
  }

  /** At the end of the turn. */
  flush(): void {
    this.#isDirty = false;
    if (this.#replies.length > 0) this.#connection.write(this.#replies.take());
    this.drained();
  }

  /** The system may have taken more. */
  drained(): void {
    const { unsentBytes } = this.#connection;
    if (unsentBytes !== this.#unsentBytes) this.#queues.report(this.#owner, unsentBytes);
    this.#unsentBytes = unsentBytes;
    if (this.#unsentBytes === 0) this.#eventBytes = 0;
    if (!this.#isBacklogged || this.#unsentBytes > CLIENT_BACKLOG_PAUSE_BYTES / 2) return;
    this.#isBacklogged = false;
    this.#owner.onDrained();
  }

  clear(): void {
    this.#replies.clear();
    this.#queues.report(this.#owner, 0);
  }

  #count(): void {
    this.#serverStats.packetsSent++;
    this.#stats.packetsSent++;
    if (!this.#isDirty) this.markDirty();
    if (this.#isBacklogged) return;
    if (this.#unsentBytes + this.#replies.length <= CLIENT_BACKLOG_PAUSE_BYTES) return;
    this.#isBacklogged = true;
    this.#owner.onBacklogged();
  }
}

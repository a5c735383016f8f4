// What the election links know of one other server: its connection, what is waiting for it, what it was told last. Java:
// queueSendMap, senderWorkerMap, lastMessageSent and SendWorker of QuorumCnxManager, for one sid.
//
// Only the latest message waits: an older vote is of no use to anybody. What was sent last is sent again on each new
// connection, when nothing newer waits: the connection before may have been lost with it. Receiving it twice does no harm.

import type { HostPort } from "../config/server-spec.js";
import type { Connection } from "../platform/platform.js";
import type { Sid } from "../wire/ids.js";

const LENGTH_BYTES = 4;

export class ElectionPeer {
  readonly sid: Sid;
  /** Where the configuration said it was when we came to know it; undefined for one that is not in it. */
  configuredAt: string | undefined;
  /** Of a server that is not in the configuration: where it said it can be called back. */
  told: readonly HostPort[] = [];
  /** To connect, or to prove who we are. */
  attempt: { cancel(): void } | undefined;
  /** The last attempt was refused, and it has not called since. */
  isGone = false;
  #connection: Connection | undefined;
  #waiting: Buffer | undefined;
  #lastSent: Buffer | undefined;

  constructor(sid: Sid, configuredAt: string | undefined) {
    this.sid = sid;
    this.configuredAt = configuredAt;
  }

  get connection(): Connection | undefined {
    return this.#connection;
  }

  get isDelivered(): boolean {
    return this.#waiting === undefined;
  }

  /** Takes the place of what was waiting. */
  send(message: Buffer): void {
    this.#waiting = message;
    this.flush();
  }

  /** The old connection, if there is one, is closed: the other side has opened or accepted a new one. */
  attach(connection: Connection): void {
    this.detach();
    this.#connection = connection;
    this.#waiting ??= this.#lastSent;
    this.flush();
  }

  detach(): void {
    const old = this.#connection;
    this.#connection = undefined;
    old?.destroy();
  }

  /** Sends what waits, unless what was sent before has not left yet: then the drain does. */
  flush(): void {
    const message = this.#waiting;
    const connection = this.#connection;
    if (message === undefined || connection === undefined || connection.unsentBytes > 0) return;
    this.#waiting = undefined;
    this.#lastSent = message;
    const framed = Buffer.allocUnsafe(LENGTH_BYTES + message.length);
    framed.writeInt32BE(message.length, 0);
    message.copy(framed, LENGTH_BYTES);
    connection.write(framed);
  }

  /** The attempt that is under way is of no use any more. */
  giveUpAttempt(): void {
    this.attempt?.cancel();
    this.attempt = undefined;
  }
}

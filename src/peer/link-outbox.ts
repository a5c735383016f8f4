// What waits to be sent on one link between members; see packet-link.ts. Java: LearnerHandler.sendPackets and its queue, which
// has no limit, and Learner.writePacket, which waits for ever for a leader that does not read (R150, ZOOKEEPER-4074).

import { assert } from "../errors.js";
import { JuteWriter } from "../jute/writer.js";
import { LINK_QUEUE_MAX_BYTES, LINK_WRITE_MAX_BYTES } from "../limits.js";
import type { Clock, Connection, Timer } from "../platform/platform.js";
import type { SharedQueues } from "../strangers/shared-queues.js";
import { type QuorumPacket, writeQuorumPacket } from "../wire/records.js";

/** Most turns have an acknowledgement or a ping for a member, or a few proposals: many of them share one piece of memory. */
const SHARED_BYTES = 8 * 1024;

/** The front of the queue is thrown away in pieces: a shift of a long array for each write would cost more. */
const SENT_KEPT_MAX = 64;

export interface OutboxEvents {
  /** The other side does not take what it is sent: the link is to be closed. */
  giveUp(why: string): void;
  /** All of the raw stream that was given has been taken. */
  rawTaken(): void;
}

export class LinkOutbox {
  readonly #connection: Connection;
  readonly #clock: Clock;
  readonly #stallMs: number;
  readonly #queues: SharedQueues | undefined;
  readonly #events: OutboxEvents;
  /** This turn's packets. */
  #batch = new JuteWriter(SHARED_BYTES);
  /** What comes before them: from `#next` on. */
  #queue: Uint8Array[] = [];
  #next = 0;
  /** Packets that wait for the end of the raw stream. */
  #held: Uint8Array[] = [];
  #queuedBytes = 0;
  #heldBytes = 0;
  #isRaw = false;
  #scheduled = false;
  #rawTaken: Timer | undefined;
  #watchdog: Timer | undefined;
  /** As the watchdog saw it last. */
  #unsentSeen = 0;
  #writtenBytes = 0;
  #closed = false;

  constructor(
    connection: Connection,
    clock: Clock,
    { stallMs, queues }: { readonly stallMs: number; readonly queues?: SharedQueues },
    events: OutboxEvents,
  ) {
    this.#connection = connection;
    this.#clock = clock;
    this.#stallMs = stallMs;
    this.#queues = queues;
    this.#events = events;
  }

  get queueLength(): number {
    return this.#queue.length - this.#next + this.#held.length + (this.#batch.length > 0 ? 1 : 0);
  }

  get unsentBytes(): number {
    if (this.#closed) return Number.POSITIVE_INFINITY;
    const batchBytes = this.#isRaw ? 0 : this.#batch.length;
    return this.#queuedBytes + batchBytes + this.#connection.unsentBytes;
  }

  send(packet: QuorumPacket): void {
    if (this.#closed) return;
    writeQuorumPacket(this.#batch, packet);
    this.#schedule();
  }

  sendEncoded(bytes: Uint8Array): void {
    if (this.#closed) return;
    this.#batch.raw(bytes);
    this.#schedule();
  }

  beginRaw(): void {
    if (this.#closed) return;
    assert(!this.#isRaw, "one raw stream at a time");
    this.#closeBatch();
    this.#isRaw = true;
  }

  sendRaw(bytes: Uint8Array): void {
    assert(this.#isRaw || this.#closed, "raw bytes leave between beginRaw and endRaw");
    if (this.#closed || bytes.length === 0) return;
    this.#enqueue(bytes);
    this.#schedule();
  }

  endRaw(): void {
    if (this.#closed) return;
    this.#closeBatch();
    this.#isRaw = false;
    for (const bytes of this.#held) this.#enqueue(bytes);
    this.#held = [];
    this.#heldBytes = 0;
    this.#schedule();
  }

  /** At the end of the turn all leaves; this is for what somebody waits for and nothing will follow. */
  flush(): void {
    if (this.#scheduled) this.#flush();
  }

  /** The system has taken everything that it was given. */
  drained(): void {
    this.#write();
    if (!this.#closed) this.#queues?.report(this.#events, this.#queuedBytes + this.#heldBytes);
  }

  /** Gives everything to the system, whatever its size: the connection is about to be ended. */
  flushAll(): void {
    if (this.#closed) return;
    if (this.#isRaw) this.endRaw();
    this.#closeBatch();
    while (this.#queuedBytes > 0) this.#connection.write(this.#piece());
  }

  close(): void {
    this.#closed = true;
    this.#watchdog?.cancel();
    this.#rawTaken?.cancel();
    this.#queue = [];
    this.#held = [];
    this.#queuedBytes = 0;
    this.#heldBytes = 0;
    this.#batch = new JuteWriter(0);
    this.#queues?.report(this.#events, 0);
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#clock.atTurnEnd(this.#endTurn);
  }

  readonly #endTurn = (): void => {
    this.#scheduled = false;
    this.#flush();
  };

  #flush(): void {
    if (this.#closed) return;
    this.#closeBatch();
    const waiting = this.#queuedBytes + this.#heldBytes;
    if (waiting > LINK_QUEUE_MAX_BYTES) {
      this.#events.giveUp(`${waiting} bytes wait to be sent: at most ${LINK_QUEUE_MAX_BYTES} may`);
      return;
    }
    this.#write();
    this.#queues?.report(this.#events, this.#queuedBytes + this.#heldBytes);
  }

  /** The packets that were sent up to here keep their place before what comes. */
  #closeBatch(): void {
    if (this.#batch.length === 0) return;
    const bytes = this.#batch.length <= SHARED_BYTES ? this.#batch.slice() : this.#batch.take();
    if (this.#isRaw) {
      this.#held.push(bytes);
      this.#heldBytes += bytes.length;
    } else {
      this.#enqueue(bytes);
    }
  }

  #enqueue(bytes: Uint8Array): void {
    this.#queue.push(bytes);
    this.#queuedBytes += bytes.length;
  }

  #write(): void {
    while (this.#queuedBytes > 0 && this.#connection.unsentBytes === 0) {
      const piece = this.#piece();
      this.#writtenBytes += piece.length;
      this.#connection.write(piece);
    }
    if (this.#isRaw && this.unsentBytes === 0) this.#tellRawTaken();
    this.#watch();
  }

  /** In a turn of its own: a stream that is taken at once must not keep the others waiting. */
  #tellRawTaken(): void {
    this.#rawTaken ??= this.#clock.setTimer(0, () => {
      this.#rawTaken = undefined;
      if (this.#isRaw && this.unsentBytes === 0) this.#events.rawTaken();
    });
  }

  /** Takes the next bytes off the queue: the largest piece that is whole, or a part of a large one. */
  #piece(): Uint8Array {
    const first = this.#queue[this.#next]!;
    let piece = first;
    if (first.length > LINK_WRITE_MAX_BYTES) {
      piece = first.subarray(0, LINK_WRITE_MAX_BYTES);
      this.#queue[this.#next] = first.subarray(LINK_WRITE_MAX_BYTES);
    } else {
      piece = this.#gather(first);
    }
    this.#queuedBytes -= piece.length;
    if (this.#next === this.#queue.length) {
      this.#queue = [];
      this.#next = 0;
    } else if (this.#next >= SENT_KEPT_MAX) {
      this.#queue.splice(0, this.#next);
      this.#next = 0;
    }
    return piece;
  }

  /** Small neighbours leave together. */
  #gather(first: Uint8Array): Uint8Array {
    const begin = this.#next++;
    let length = first.length;
    while (this.#next < this.#queue.length) {
      const more = this.#queue[this.#next]!.length;
      if (length + more > LINK_WRITE_MAX_BYTES) break;
      length += more;
      this.#next++;
    }
    if (this.#next === begin + 1) return first;
    return Buffer.concat(this.#queue.slice(begin, this.#next), length);
  }

  // --------------------------------------------------------------------------------------------------------- watchdog

  /** Runs only while something waits for the system. */
  #watch(): void {
    if (this.#watchdog !== undefined || this.#closed || this.#connection.unsentBytes === 0) return;
    this.#unsentSeen = this.#takenBytes();
    this.#watchdog = this.#clock.setTimer(this.#stallMs, this.#look);
  }

  readonly #look = (): void => {
    this.#watchdog = undefined;
    if (this.#closed || this.#connection.unsentBytes === 0) return;
    if (this.#takenBytes() === this.#unsentSeen) {
      this.#events.giveUp(
        `The other side has taken nothing for ${this.#stallMs} ms: ${this.unsentBytes} bytes wait`,
      );
      return;
    }
    this.#watch();
  };

  #takenBytes(): number {
    return this.#writtenBytes - this.#connection.unsentBytes;
  }
}

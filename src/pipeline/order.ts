// What one session's requests owe each other: replies leave in the order of the requests. Java: CommitProcessor's
// pendingRequests.
//
// Writes are answered in zxid order, which for one session is the order in which they were prepared, so they need no queue
// here: two counters tell how many are still on their way. Everything else (reads, and answers that are known at once but
// must not overtake) runs immediately when nothing is on its way, and otherwise waits for the write before it.
//
// A sync of an ensemble counts as a write on its way. But it is answered when the leader knows that it still leads, not in
// zxid order, so a write behind it waits here, too, and is begun only when the sync has its answer.
//
// What may run need not run at once: reads stop while their client does not take what it is sent, or has had its share of a turn. An
// answer to a write that was behind such reads must not overtake them, and is held until they have left (ZooKeeper's clients end a
// connection whose xids are out of order). The reads then see the write, which was applied when its turn came for everybody.
//
// Invariant: 0 <= answered <= submitted; what waits is in arrival order, and its `afterWrite` never decreases.

import type { ClientConnection } from "../client/server-port.js";
import type { ReadOperation } from "../operations/operation.js";
import { Queue } from "../queue.js";
import type { TrackedSession } from "../session/session-tracker.js";
import type { ErrorCode } from "../wire/error-codes.js";
import type { Id } from "../wire/records.js";

/** Something that will be answered once all writes up to `afterWrite` have been. */
export interface Waiting {
  readonly afterWrite: number;
  readonly xid: number;
  readonly type: number;
  /** Undefined where the answer is known already: `error`. */
  readonly operation: ReadOperation | undefined;
  readonly request: unknown;
  readonly error: ErrorCode;
  readonly identities: readonly Id[];
  readonly receivedMs: number;
  /** A write that came behind a sync: it is begun when the sync has been answered. */
  readonly begin: (() => void) | undefined;
}

/** Writes the answer, and counts it as answered. */
export type HeldAnswer = (nowMs: number) => void;

export class SessionOrder {
  /** Writes handed to `prepare`. */
  submitted = 0;
  /** Writes whose reply has been written, or that needed none any more. */
  answered = 0;
  /** The session that the connection speaks for, once it has one. */
  session: TrackedSession | undefined = undefined;
  readonly #waiting = new Queue<Waiting>();
  /** Answers to writes and syncs that what waits comes before, oldest first. */
  readonly #held = new Queue<HeldAnswer>();

  /** Syncs on their way. */
  syncs = 0;
  #waitingWrites = 0;

  /** Whether a write must wait before it is begun. */
  get holdsWrites(): boolean {
    return this.syncs > 0 || this.#waitingWrites > 0;
  }

  get isIdle(): boolean {
    return this.submitted === this.answered && this.#waiting.length === 0;
  }

  /** Whether something comes before the answer to the oldest write that has none. */
  get isHeldUp(): boolean {
    if (this.#held.length > 0) return true;
    const { first } = this.#waiting;
    return first !== undefined && first.begin === undefined && first.afterWrite <= this.answered;
  }

  /** Until it `isHeldUp` no more. */
  hold(answer: HeldAnswer): void {
    this.#held.push(answer);
  }

  /** The next answer, when nothing that waits comes before it. */
  takeHeld(): HeldAnswer | undefined {
    return this.#held.take();
  }

  wait(entry: Waiting): void {
    this.#waiting.push(entry);
    if (entry.begin !== undefined) this.#waitingWrites++;
  }

  /** The next entry that waits for nothing any more, or undefined. */
  takeReady(): Waiting | undefined {
    const entry = this.#waiting.first;
    if (entry === undefined) return undefined;
    if (entry.begin === undefined) {
      if (entry.afterWrite > this.answered) return undefined;
    } else {
      if (this.syncs > 0) return undefined;
      this.#waitingWrites--;
    }
    return this.#waiting.take();
  }
}

/** The order record of a connection; made when its session is. */
export function orderOf(connection: ClientConnection): SessionOrder {
  if (connection.attachment === undefined) connection.attachment = new SessionOrder();
  return connection.attachment as SessionOrder;
}

// Virtual time: one heap of events for all nodes, and a rolling hash of what happened.
//
// Events run in the order of their time, and of their making where times are equal. Nothing else drives a run, so one
// seed gives one history. `hash` covers time, kind and node of every event: two runs of one seed must end with the same.
//
// An event may return a promise (a node's turn does: promise continuations of the code under test are run to their end
// in it); the next event waits for it.

export interface ScheduledEvent {
  readonly timeMs: number;
  cancel(): void;
}

class Event implements ScheduledEvent {
  readonly timeMs: number;
  readonly sequence: number;
  readonly kind: string;
  readonly actor: number;
  run: (() => void | Promise<void>) | undefined;

  constructor(
    timeMs: number,
    sequence: number,
    kind: string,
    actor: number,
    run: () => void | Promise<void>,
  ) {
    this.timeMs = timeMs;
    this.sequence = sequence;
    this.kind = kind;
    this.actor = actor;
    this.run = run;
  }

  cancel(): void {
    this.run = undefined;
  }
}

export class Scheduler {
  nowMs = 0;
  /** Events that have run. */
  steps = 0;
  #sequence = 0;
  #hash = 0x811c9dc5;
  readonly #heap: Event[] = [];

  /** `actor` is a node's number, or 0: it goes into the hash. */
  after(
    delayMs: number,
    kind: string,
    actor: number,
    run: () => void | Promise<void>,
  ): ScheduledEvent {
    return this.at(this.nowMs + Math.max(0, delayMs), kind, actor, run);
  }

  at(timeMs: number, kind: string, actor: number, run: () => void | Promise<void>): ScheduledEvent {
    const event = new Event(Math.max(timeMs, this.nowMs), this.#sequence++, kind, actor, run);
    this.#push(event);
    return event;
  }

  get hash(): string {
    return (this.#hash >>> 0).toString(16).padStart(8, "0");
  }

  /** Adds to the hash what an event found or did: lengths delivered, lines logged. */
  note(value: number): void {
    this.#hash = Math.imul(this.#hash ^ (value | 0), 0x01000193);
    this.#hash ^= this.#hash >>> 15;
  }

  noteText(text: string): void {
    for (let i = 0; i < text.length; i++) this.note(text.charCodeAt(i));
  }

  /** When the next event is due; undefined when nothing is left to happen. */
  nextTimeMs(): number | undefined {
    for (let head = this.#heap[0]; head !== undefined; head = this.#heap[0]) {
      if (head.run !== undefined) return head.timeMs;
      this.#pop();
    }
    return undefined;
  }

  /** Runs the next event. */
  step(): void | Promise<void> {
    if (this.nextTimeMs() === undefined) return;
    const event = this.#pop();
    const run = event.run as () => void | Promise<void>;
    event.run = undefined;
    this.nowMs = event.timeMs;
    this.steps += 1;
    this.note(Math.round(event.timeMs * 1e6));
    this.note(event.actor);
    this.noteText(event.kind);
    return run();
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let at = heap.push(event) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(event, heap[parent] as Event)) break;
      heap[at] = heap[parent] as Event;
      at = parent;
    }
    heap[at] = event;
  }

  #pop(): Event {
    const heap = this.#heap;
    const first = heap[0] as Event;
    const last = heap.pop() as Event;
    if (heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Event, heap[child] as Event)) {
        child += 1;
      }
      if (!isBefore(heap[child] as Event, last)) break;
      heap[at] = heap[child] as Event;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.timeMs < b.timeMs || (a.timeMs === b.timeMs && a.sequence < b.sequence);
}

/** Lets every promise continuation that can run do so: the microtask queue is empty when a macrotask runs. */
export function settlePromises(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

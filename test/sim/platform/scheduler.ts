// Virtual time: one heap of events for all nodes, and a rolling hash of what happened.
//
// Events run in the order of their time, and of their making where times are equal. Nothing else drives a run, so one
// seed gives one history. `hash` covers time, kind and node of every event: two runs of one seed must end with the same.
//
// Nothing here waits: promise continuations of the code under test are run to their end within the event that made them
// (`settlePromises`), so a run is one plain loop, and time in which nothing is due costs nothing.

export interface ScheduledEvent {
  readonly timeMs: number;
  cancel(): void;
}

/** What an event is about goes into the hash: a number for each word, the same in every process. */
const codes = new Map<string, number>();

function codeOf(kind: string): number {
  let code = codes.get(kind);
  if (code === undefined) {
    code = 0;
    for (let i = 0; i < kind.length; i++) code = Math.imul(code, 31) + kind.charCodeAt(i);
    codes.set(kind, code);
  }
  return code;
}

class Event implements ScheduledEvent {
  readonly timeMs: number;
  readonly sequence: number;
  readonly kind: string;
  readonly actor: number;
  run: (() => void) | undefined;

  constructor(timeMs: number, sequence: number, kind: string, actor: number, run: () => void) {
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
  after(delayMs: number, kind: string, actor: number, run: () => void): ScheduledEvent {
    return this.at(this.nowMs + Math.max(0, delayMs), kind, actor, run);
  }

  at(timeMs: number, kind: string, actor: number, run: () => void): ScheduledEvent {
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
    let hash = this.#hash;
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    this.#hash = hash ^ (hash >>> 15);
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
  step(): void {
    if (this.nextTimeMs() === undefined) return;
    const event = this.#pop();
    const run = event.run as () => void;
    event.run = undefined;
    this.nowMs = event.timeMs;
    this.steps += 1;
    this.note(Math.round(event.timeMs * 1e6));
    this.note(event.actor ^ codeOf(event.kind));
    run();
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

/**
 * Lets every promise continuation that can run do so, and all that these let run. Only from a macrotask: within a promise
 * continuation it would do nothing. (Node's own, run after each callback; a `setImmediate` for each would cost fifty times as much.)
 */
export function settlePromises(): void {
  runMicrotasks();
}

const { _tickCallback: runMicrotasks } = process as unknown as {
  readonly _tickCallback: () => void;
};

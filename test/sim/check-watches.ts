// G8: a watch is told of the first change after what its client was shown when it was set; before anything that has that
// change in it is shown, once, and of nothing else. Events of a connection come in the order of the changes.
//
// G9: a watch that has outlived a connection is set again by its client with what it has seen last, and is told of what
// happened meanwhile before anything else is shown; in fewer words, and without a zxid. One hole is allowed: who waits for a
// node that was made and deleted meanwhile is not told, and waits on.

import { hex0x, type Zxid } from "../../src/wire/ids.js";
import type { Committed } from "./committed-history.js";
import type { EventRecord, OperationRecord, SessionRecord } from "./operation-record.js";
import { must } from "./violation.js";
import type { Recorder } from "./workload.js";

type Kind = "data" | "children";

/** Places in the history at which a path's watches of a kind fire, ascending. */
export type Triggers = Readonly<Record<Kind, Map<string, number[]>>>;

interface Armed {
  readonly after: number;
  readonly isStrict: boolean;
  /** There was no node: it waits for one. */
  readonly isAbsent: boolean;
  /** It was set again on another connection. */
  readonly wasAway: boolean;
}

const NODE_DELETED = 2;
const CHILDREN_CHANGED = 4;

export function checkWatches(history: Committed, recorder: Recorder, triggers: Triggers): void {
  for (const session of recorder.sessions) new SessionWatches(history, triggers).check(session);
}

class SessionWatches {
  readonly #history: Committed;
  readonly #triggers: Triggers;
  readonly #armed: Readonly<Record<Kind, Map<string, Armed>>> = {
    data: new Map(),
    children: new Map(),
  };
  #lastEvent = -1;

  constructor(history: Committed, triggers: Triggers) {
    this.#history = history;
    this.#triggers = triggers;
  }

  check({ told }: SessionRecord): void {
    for (const item of told) {
      if (item.kind === "event") this.#event(item.event);
      else if (item.kind === "reply") this.#reply(item.record);
      else if (item.kind === "disconnected") this.#disconnected();
    }
  }

  #reply(record: OperationRecord): void {
    const { operation, reply } = record;
    if (reply === undefined) return;
    // What a server without a quorum shows may never be history: its watches are told of what they can.
    const at = this.#history.indexOf(reply.zxid as Zxid) ?? -1;
    for (const kind of ["data", "children"] as const) {
      for (const [path, armed] of this.#armed[kind]) {
        const { after } = armed;
        const due = this.#isDemanded(kind, path, armed, at)
          ? this.#firstAfter(kind, path, after)
          : undefined;
        must(
          due === undefined || due > at,
          () =>
            `${record.client} is shown ${hex0x(reply.zxid)} and was not told of a change of ${path} (${kind}) since place ${after}`,
        );
      }
    }
    if (!("watch" in operation) || !operation.watch) return;
    const isSet = reply.error === 0 || (operation.kind === "exists" && reply.error === -101);
    if (!isSet) return;
    const kind = operation.kind === "children" ? "children" : "data";
    const known = this.#armed[kind].get(operation.path);
    if (known?.isStrict !== true) {
      this.#armed[kind].set(operation.path, {
        after: at,
        isStrict: known === undefined && !reply.isReadOnly,
        isAbsent: reply.error !== 0,
        wasAway: false,
      });
    }
  }

  #event(event: EventRecord): void {
    const { type, path, zxid } = event;
    const kinds: Kind[] =
      type === CHILDREN_CHANGED
        ? ["children"]
        : type === NODE_DELETED
          ? ["data", "children"]
          : ["data"];
    const found = kinds.filter((kind) => this.#armed[kind].has(path));
    must(
      found.length > 0,
      () => `${event.client} is told of ${path} (type ${type}) without a watch of it`,
    );
    const at = zxid > 0 ? this.#history.indexOf(zxid as Zxid) : undefined;
    must(
      zxid <= 0 || at !== undefined,
      () => `${event.client} is told of ${path} at ${hex0x(zxid)}, which is not committed`,
    );
    if (at !== undefined) {
      must(at >= this.#lastEvent, () => `${event.client} is told of ${path} out of order`);
      this.#lastEvent = at;
    }
    for (const kind of found) {
      const armed = this.#armed[kind].get(path) as Armed;
      this.#armed[kind].delete(path);
      const { after } = armed;
      const due = this.#firstAfter(kind, path, after);
      must(
        !armed.isStrict || (armed.wasAway && armed.isAbsent) || at === undefined || due === at,
        () =>
          `${event.client} is told of ${path} at ${hex0x(zxid)} (place ${at}), due was place ${due}`,
      );
    }
  }

  #disconnected(): void {
    this.#lastEvent = -1;
    for (const kind of ["data", "children"] as const) {
      for (const [path, armed] of this.#armed[kind]) {
        this.#armed[kind].set(path, { ...armed, wasAway: true });
      }
    }
  }

  /** Whether a watch must have been told by now of the first change after it was set. */
  #isDemanded(kind: Kind, path: string, armed: Armed, at: number): boolean {
    if (!armed.isStrict) return false;
    if (!armed.wasAway || !armed.isAbsent) return true;
    const places = this.#triggers[kind].get(path) ?? [];
    const first = firstAbove(places, armed.after);
    return (places[first + 1] ?? Number.POSITIVE_INFINITY) > at;
  }

  #firstAfter(kind: Kind, path: string, after: number): number | undefined {
    const places = this.#triggers[kind].get(path);
    return places?.[firstAbove(places, after)];
  }
}

/** Where in the ascending list the first number above this one stands. */
function firstAbove(list: readonly number[], value: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle] as number) > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

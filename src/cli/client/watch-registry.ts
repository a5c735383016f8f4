// Who is to be told of what: the client's own book of its watches. Java: ZKWatchManager.
//
// The server knows only that this session watches a path; which of the program's watchers that means, and all of it again
// after a reconnect, is known here. A watch is entered when the server's answer says that it has been set.
//
// What must hold: a one-shot watch is out of the book before its watchers are told, so that a reconnect in between does
// not set it again.

import { ErrorCode } from "../../wire/error-codes.js";
import { EventType, type Watcher, WatcherType } from "./watch-event.js";

export const WatchKind = {
  data: 0,
  /** Of a node that was not there: told when it is created. */
  exists: 1,
  children: 2,
  persistent: 3,
  persistentRecursive: 4,
} as const;
export type WatchKind = (typeof WatchKind)[keyof typeof WatchKind];

/** What a reply's error code has to be for the watch to count as set, and as which kind. */
export interface WatchRegistration {
  readonly path: string;
  readonly kind: WatchKind;
  readonly watcher: Watcher;
}

/** The path is the client's own name. */
export interface WatchRemoval {
  readonly path: string;
  readonly type: WatcherType;
  /** Undefined: all watchers of the path. */
  readonly watcher: Watcher | undefined;
  /** Remove it here even if the server could not be told. */
  readonly local: boolean;
}

export interface RemovedWatches {
  readonly type: EventType;
  readonly watchers: Set<Watcher>;
}

export type WatchLists = readonly [
  data: string[],
  exists: string[],
  children: string[],
  persistent: string[],
  persistentRecursive: string[],
];

type Book = Map<string, Set<Watcher>>;

const KINDS_BY_TYPE: Readonly<Record<WatcherType, readonly WatchKind[]>> = {
  [WatcherType.children]: [WatchKind.children],
  [WatcherType.data]: [WatchKind.data, WatchKind.exists],
  [WatcherType.persistent]: [WatchKind.persistent],
  [WatcherType.persistentRecursive]: [WatchKind.persistentRecursive],
  [WatcherType.any]: [
    WatchKind.children,
    WatchKind.data,
    WatchKind.exists,
    WatchKind.persistent,
    WatchKind.persistentRecursive,
  ],
};

const REMOVED_EVENT: Readonly<Record<WatchKind, EventType>> = {
  [WatchKind.data]: EventType.dataWatchRemoved,
  [WatchKind.exists]: EventType.dataWatchRemoved,
  [WatchKind.children]: EventType.childWatchRemoved,
  [WatchKind.persistent]: EventType.persistentWatchRemoved,
  [WatchKind.persistentRecursive]: EventType.persistentWatchRemoved,
};

export class WatchRegistry {
  readonly #books: readonly Book[] = [new Map(), new Map(), new Map(), new Map(), new Map()];
  defaultWatcher: Watcher | undefined;

  get isEmpty(): boolean {
    return this.#books.every((book) => book.size === 0);
  }

  /** Enters the watch if the reply says that it was set. */
  onReply(registration: WatchRegistration, error: number): void {
    const kind = kindSet(registration.kind, error);
    if (kind !== undefined) this.#add(kind, registration.path, registration.watcher);
  }

  /** What is to be set again on a new connection. */
  lists(): WatchLists {
    return this.#books.map((book) => [...book.keys()]) as unknown as WatchLists;
  }

  /** Who is told of an event; one-shot watches are used up by it. */
  take(type: EventType, path: string | null): Set<Watcher> {
    const told = new Set<Watcher>();
    if (path === null) {
      if (this.defaultWatcher !== undefined) told.add(this.defaultWatcher);
      for (const book of this.#books) for (const watchers of book.values()) addAll(told, watchers);
      return told;
    }
    if (type !== EventType.nodeChildrenChanged) {
      this.#takeOneShot(WatchKind.data, path, told);
      this.#takeOneShot(WatchKind.exists, path, told);
    }
    if (type === EventType.nodeChildrenChanged || type === EventType.nodeDeleted) {
      this.#takeOneShot(WatchKind.children, path, told);
    }
    addAll(told, this.#book(WatchKind.persistent).get(path));
    // A recursive watcher is promised no child events. The server sends them where this session has a child watch too.
    if (type !== EventType.nodeChildrenChanged) this.#addRecursive(path, told);
    return told;
  }

  /** Forgets every one-shot watch: they are not to be set again. */
  clearOneShot(): void {
    for (const kind of [WatchKind.data, WatchKind.exists, WatchKind.children]) {
      this.#book(kind).clear();
    }
  }

  has(removal: WatchRemoval): boolean {
    return KINDS_BY_TYPE[removal.type].some((kind) => {
      const watchers = this.#book(kind).get(removal.path);
      return removal.watcher === undefined
        ? watchers !== undefined
        : watchers?.has(removal.watcher) === true;
    });
  }

  /** Takes the watches out of the book. Who they belonged to, by the event that they are told. */
  remove(removal: WatchRemoval): RemovedWatches[] {
    const removed = new Map<EventType, Set<Watcher>>();
    for (const kind of KINDS_BY_TYPE[removal.type]) {
      const watchers = this.#removeFrom(this.#book(kind), removal);
      if (watchers.size === 0) continue;
      const type = REMOVED_EVENT[kind];
      const known = removed.get(type) ?? new Set();
      addAll(known, watchers);
      removed.set(type, known);
    }
    return [...removed].map(([type, watchers]) => ({ type, watchers }));
  }

  #removeFrom(book: Book, removal: WatchRemoval): Set<Watcher> {
    const watchers = book.get(removal.path);
    if (watchers === undefined) return new Set();
    if (removal.watcher === undefined) {
      book.delete(removal.path);
      return watchers;
    }
    if (!watchers.delete(removal.watcher)) return new Set();
    if (watchers.size === 0) book.delete(removal.path);
    return new Set([removal.watcher]);
  }

  #add(kind: WatchKind, path: string, watcher: Watcher): void {
    const book = this.#book(kind);
    const watchers = book.get(path);
    if (watchers === undefined) book.set(path, new Set([watcher]));
    else watchers.add(watcher);
  }

  #takeOneShot(kind: WatchKind, path: string, told: Set<Watcher>): void {
    const book = this.#book(kind);
    const watchers = book.get(path);
    if (watchers === undefined) return;
    book.delete(path);
    addAll(told, watchers);
  }

  #addRecursive(path: string, told: Set<Watcher>): void {
    const book = this.#book(WatchKind.persistentRecursive);
    if (book.size === 0) return;
    for (let at = path; ; at = at.slice(0, at.lastIndexOf("/")) || "/") {
      addAll(told, book.get(at));
      if (at === "/") return;
    }
  }

  #book(kind: WatchKind): Book {
    return this.#books[kind]!;
  }
}

function kindSet(kind: WatchKind, error: number): WatchKind | undefined {
  switch (kind) {
    case WatchKind.exists:
      if (error === ErrorCode.ok) return WatchKind.data;
      return error === ErrorCode.noNode ? WatchKind.exists : undefined;
    case WatchKind.persistent:
    case WatchKind.persistentRecursive:
      return error === ErrorCode.ok || error === ErrorCode.noNode ? kind : undefined;
    default:
      return error === ErrorCode.ok ? kind : undefined;
  }
}

function addAll(target: Set<Watcher>, source: Set<Watcher> | undefined): void {
  if (source !== undefined) for (const watcher of source) target.add(watcher);
}

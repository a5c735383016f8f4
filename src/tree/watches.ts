// Who wants to be told when a path changes: one table for data watches, one for child watches. Java: WatchManager.
//
// Both directions are kept, path → watchers for telling and watcher → paths for cleaning up, so that a closed connection
// costs as much as it had watches. Most paths have one watcher: it stands in the table without a Set around it.
//
// A watcher may watch a path in three modes at once: standard (told once, then gone), persistent, and persistent-recursive
// (told of the path and everything below). As in Java, a watcher whose last standard watch has fired stays known with no
// paths until it closes or removes a watch: `wchs` counts it.

import type { SessionId, Zxid } from "../wire/ids.js";
import type { ACL } from "../wire/records.js";
import type { TreeObserver } from "./tree-observer.js";

export const EventType = {
  none: -1,
  nodeCreated: 1,
  nodeDeleted: 2,
  nodeDataChanged: 3,
  nodeChildrenChanged: 4,
} as const;
export type EventType = (typeof EventType)[keyof typeof EventType];

/** KeeperState.SyncConnected: the only state in which a server tells of znodes. */
export const SYNC_CONNECTED = 3;

/** The zxid of an event that no txn caused: the catch-up after setWatches. */
export const NO_ZXID = -1 as Zxid;

/** One event, shared by everybody who is told: `encoded` lets the door serialize it once. */
export class WatchEvent {
  readonly type: EventType;
  readonly state: number = SYNC_CONNECTED;
  readonly path: string;
  readonly zxid: Zxid;
  /** The door's: the notification frame, once somebody needed it. */
  encoded: Buffer | null = null;

  constructor(type: EventType, path: string, zxid: Zxid) {
    this.type = type;
    this.path = path;
    this.zxid = zxid;
  }
}

/** A client's connection. */
export interface Watcher {
  readonly sessionId: SessionId;
  /** The connection is closed: watches that late requests would leave for it are not taken. */
  readonly stale: boolean;
  /** The znode's ACL lets the connection check that its client may know (READ). Null: no check. */
  process(event: WatchEvent, acl: readonly ACL[] | null): void;
}

export const WatcherMode = { standard: 1, persistent: 2, persistentRecursive: 4 } as const;
export type WatcherMode = (typeof WatcherMode)[keyof typeof WatcherMode];

/** What a watch costs in both tables, without its path. Measured: 107 to 119 with 27 characters. */
const WATCH_BYTES = 120;
/** Of a path: a character that is not in Latin-1 makes two bytes of each. */
const CHARACTER_BYTES = 2;

/** Path → modes, or-ed. */
class WatchedPaths extends Map<string, number> {
  bytes = 0;
}

/** Java: WatchesSummary, and what `wchs` prints. */
export interface WatchSummary {
  readonly connections: number;
  readonly paths: number;
  readonly watches: number;
}

export class WatchTable {
  readonly #watchersByPath = new Map<string, Watcher | Set<Watcher>>();
  readonly #pathsByWatcher = new Map<Watcher, WatchedPaths>();
  #watchCount = 0;
  #bytes = 0;
  #recursiveCount = 0;
  observer: TreeObserver | undefined;

  /** Pairs of path and watcher, whatever the modes. */
  get size(): number {
    return this.#watchCount;
  }

  /** How much memory they take, or a little less. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The same of one watcher's. */
  bytesOf(watcher: Watcher): number {
    return this.#pathsByWatcher.get(watcher)?.bytes ?? 0;
  }

  watchers(): Iterable<Watcher> {
    return this.#pathsByWatcher.keys();
  }

  add(path: string, watcher: Watcher, mode: WatcherMode): void {
    if (watcher.stale) return;
    let paths = this.#pathsByWatcher.get(watcher);
    if (paths === undefined) {
      paths = new WatchedPaths();
      this.#pathsByWatcher.set(watcher, paths);
    }
    const modes = paths.get(path) ?? 0;
    if ((modes & mode) !== 0) return;
    paths.set(path, modes | mode);
    if (mode === WatcherMode.persistentRecursive) this.#recursiveCount++;
    if (modes === 0) {
      this.#watchCount++;
      this.#account(paths, path, 1);
      this.#enlist(path, watcher);
    }
  }

  /** `mode` null: whatever the mode. */
  contains(path: string, watcher: Watcher, mode: WatcherMode | null): boolean {
    const modes = this.#pathsByWatcher.get(watcher)?.get(path) ?? 0;
    return mode === null ? modes !== 0 : (modes & mode) !== 0;
  }

  /** True when there was such a watch. `mode` null: all modes. */
  remove(path: string, watcher: Watcher, mode: WatcherMode | null): boolean {
    const paths = this.#pathsByWatcher.get(watcher);
    const modes = paths?.get(path) ?? 0;
    const removed = mode === null ? modes : modes & mode;
    if (paths === undefined || removed === 0) return false;
    if ((removed & WatcherMode.persistentRecursive) !== 0) this.#recursiveCount--;
    const left = modes & ~removed;
    if (left !== 0) {
      paths.set(path, left);
      return true;
    }
    this.#forget(path, watcher, paths);
    if (paths.size === 0) this.#pathsByWatcher.delete(watcher);
    return true;
  }

  /** The connection is gone. */
  removeWatcher(watcher: Watcher): void {
    const paths = this.#pathsByWatcher.get(watcher);
    if (paths === undefined) return;
    this.#pathsByWatcher.delete(watcher);
    this.#bytes -= paths.bytes;
    for (const [path, modes] of paths) {
      if ((modes & WatcherMode.persistentRecursive) !== 0) this.#recursiveCount--;
      this.#watchCount--;
      this.#strike(path, watcher);
    }
  }

  /**
   * Tells everybody who watches the path (and, recursively, what is above it), each once, except those in `suppressed`.
   * Returns whom it told or would have told, to be suppressed elsewhere; null for nobody.
   */
  trigger(
    path: string,
    type: EventType,
    zxid: Zxid,
    acl: readonly ACL[] | null,
    suppressed: ReadonlySet<Watcher> | Watcher | null = null,
  ): Set<Watcher> | Watcher | null {
    if (this.#watchCount === 0) return null;
    // Whoever is told may add or remove watches in the same breath: collect first.
    let told = this.#take(path);
    if (this.#recursiveCount !== 0) told = this.#collectRecursive(path, told);
    if (told === null) return null;
    this.observer?.told(type, told instanceof Set ? told.size : 1);
    const event = new WatchEvent(type, path, zxid);
    if (!(told instanceof Set)) {
      if (!includes(suppressed, told)) told.process(event, acl);
      return told;
    }
    for (const watcher of told) {
      if (!includes(suppressed, watcher)) watcher.process(event, acl);
    }
    return told;
  }

  summary(): WatchSummary {
    return {
      connections: this.#pathsByWatcher.size,
      paths: this.#watchersByPath.size,
      watches: this.#watchCount,
    };
  }

  /** For wchc: each watcher with its paths. Must not be kept across changes. */
  *byWatcher(): Iterable<readonly [Watcher, Iterable<string>]> {
    for (const [watcher, paths] of this.#pathsByWatcher) yield [watcher, paths.keys()];
  }

  /** For wchp: each path with its watchers. Must not be kept across changes. */
  *byPath(): Iterable<readonly [string, Iterable<Watcher>]> {
    for (const [path, watchers] of this.#watchersByPath) {
      yield [path, watchers instanceof Set ? watchers : [watchers]];
    }
  }

  /** Everybody at the path itself; their standard watches are used up. */
  #take(path: string): Set<Watcher> | Watcher | null {
    const watchers = this.#watchersByPath.get(path);
    if (watchers === undefined) return null;
    if (!(watchers instanceof Set)) {
      this.#useUp(path, watchers);
      return watchers;
    }
    // One copy serves as the list of those to tell; the table's own set loses those whose last mode is gone.
    const told = new Set(watchers);
    for (const watcher of told) this.#useUp(path, watcher);
    return told;
  }

  #useUp(path: string, watcher: Watcher): void {
    const paths = this.#pathsByWatcher.get(watcher);
    const modes = paths?.get(path);
    if (paths === undefined || modes === undefined) return;
    const left = modes & ~WatcherMode.standard;
    if (left === 0) this.#forget(path, watcher, paths);
    else if (left !== modes) paths.set(path, left);
  }

  #collectRecursive(
    path: string,
    atPath: Set<Watcher> | Watcher | null,
  ): Set<Watcher> | Watcher | null {
    let told = atPath;
    for (let above = parentOf(path); above !== null; above = parentOf(above)) {
      const watchers = this.#watchersByPath.get(above);
      if (watchers === undefined) continue;
      for (const watcher of watchers instanceof Set ? watchers : [watchers]) {
        if (this.contains(above, watcher, WatcherMode.persistentRecursive)) {
          if (told === null) told = watcher;
          else if (told instanceof Set) told.add(watcher);
          else if (told !== watcher) told = new Set([told, watcher]);
        }
      }
    }
    return told;
  }

  #enlist(path: string, watcher: Watcher): void {
    const watchers = this.#watchersByPath.get(path);
    if (watchers === undefined) this.#watchersByPath.set(path, watcher);
    else if (watchers instanceof Set) watchers.add(watcher);
    else this.#watchersByPath.set(path, new Set([watchers, watcher]));
  }

  #account(paths: WatchedPaths, path: string, change: 1 | -1): void {
    const bytes = change * (WATCH_BYTES + path.length * CHARACTER_BYTES);
    paths.bytes += bytes;
    this.#bytes += bytes;
  }

  #forget(path: string, watcher: Watcher, paths: WatchedPaths): void {
    paths.delete(path);
    this.#watchCount--;
    this.#account(paths, path, -1);
    this.#strike(path, watcher);
  }

  #strike(path: string, watcher: Watcher): void {
    const watchers = this.#watchersByPath.get(path);
    if (watchers === watcher) this.#watchersByPath.delete(path);
    else if (watchers instanceof Set && watchers.delete(watcher) && watchers.size === 0) {
      this.#watchersByPath.delete(path);
    }
  }
}

function includes(watchers: ReadonlySet<Watcher> | Watcher | null, watcher: Watcher): boolean {
  return watchers instanceof Set ? watchers.has(watcher) : watchers === watcher;
}

/** The path above, null for the root. Java: PathParentIterator. */
function parentOf(path: string): string | null {
  if (path === "/" || path === "") return null;
  const slash = path.lastIndexOf("/");
  return slash <= 0 ? "/" : path.slice(0, slash);
}

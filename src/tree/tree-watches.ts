// The tree's two watch tables together, as clients know them: which watch goes where, removal by type, and the catch-up
// after a reconnect. Java: the watch half of DataTree.
//
// A persistent watch stands in both tables, a recursive one only among the data watches: its holder hears of nodes coming,
// going and changing below, and would hear of every child twice otherwise.

import type { Zxid } from "../wire/ids.js";
import type { TreeObserver } from "./tree-observer.js";
import {
  EventType,
  NO_ZXID,
  WatchEvent,
  type Watcher,
  WatcherMode,
  WatchTable,
} from "./watches.js";

/** Watcher.WatcherType of removeWatches and checkWatches. */
export const WatcherType = {
  children: 1,
  data: 2,
  any: 3,
  persistent: 4,
  persistentRecursive: 5,
} as const;
export type WatcherType = (typeof WatcherType)[keyof typeof WatcherType];

/** AddWatchModes of addWatch. */
export const AddWatchMode = { persistent: 0, persistentRecursive: 1 } as const;
export type AddWatchMode = (typeof AddWatchMode)[keyof typeof AddWatchMode];

/** What a client that reconnects still watches. */
export interface WatchesToSet {
  readonly data: readonly string[];
  readonly exist: readonly string[];
  readonly child: readonly string[];
  readonly persistent: readonly string[];
  readonly persistentRecursive: readonly string[];
}

/** What the catch-up must know of a znode. */
export interface WatchedNode {
  readonly mzxid: number;
  readonly pzxid: number;
}

export class TreeWatches {
  readonly data = new WatchTable();
  readonly child = new WatchTable();

  observe(observer: TreeObserver | undefined): void {
    this.data.observer = observer;
    this.child.observer = observer;
  }

  get count(): number {
    return this.data.size + this.child.size;
  }

  get bytes(): number {
    return this.data.bytes + this.child.bytes;
  }

  /** Whose watches take most. Looks at everybody. */
  heaviest(): { readonly watcher: Watcher; readonly bytes: number } | undefined {
    let heaviest: { watcher: Watcher; bytes: number } | undefined;
    for (const table of [this.data, this.child]) {
      for (const watcher of table.watchers()) {
        const bytes = this.data.bytesOf(watcher) + this.child.bytesOf(watcher);
        if (heaviest === undefined || bytes > heaviest.bytes) heaviest = { watcher, bytes };
      }
    }
    return heaviest;
  }

  addData(path: string, watcher: Watcher): void {
    this.data.add(path, watcher, WatcherMode.standard);
  }

  addChild(path: string, watcher: Watcher): void {
    this.child.add(path, watcher, WatcherMode.standard);
  }

  addPersistent(path: string, watcher: Watcher, mode: AddWatchMode): void {
    if (mode === AddWatchMode.persistentRecursive) {
      this.data.add(path, watcher, WatcherMode.persistentRecursive);
    } else {
      this.data.add(path, watcher, WatcherMode.persistent);
      this.child.add(path, watcher, WatcherMode.persistent);
    }
  }

  contains(path: string, type: WatcherType, watcher: Watcher): boolean {
    switch (type) {
      case WatcherType.children:
        return this.child.contains(path, watcher, WatcherMode.standard);
      case WatcherType.data:
        return this.data.contains(path, watcher, WatcherMode.standard);
      case WatcherType.persistent:
        return this.data.contains(path, watcher, WatcherMode.persistent);
      case WatcherType.persistentRecursive:
        return this.data.contains(path, watcher, WatcherMode.persistentRecursive);
      case WatcherType.any:
        return this.child.contains(path, watcher, null) || this.data.contains(path, watcher, null);
    }
  }

  /** True when something was removed. */
  remove(path: string, type: WatcherType, watcher: Watcher): boolean {
    switch (type) {
      case WatcherType.children:
        return this.child.remove(path, watcher, WatcherMode.standard);
      case WatcherType.data:
        return this.data.remove(path, watcher, WatcherMode.standard);
      case WatcherType.persistent: {
        const child = this.child.remove(path, watcher, WatcherMode.persistent);
        return this.data.remove(path, watcher, WatcherMode.persistent) || child;
      }
      case WatcherType.persistentRecursive:
        return this.data.remove(path, watcher, WatcherMode.persistentRecursive);
      case WatcherType.any: {
        const child = this.child.remove(path, watcher, null);
        return this.data.remove(path, watcher, null) || child;
      }
    }
  }

  removeWatcher(watcher: Watcher): void {
    this.data.removeWatcher(watcher);
    this.child.removeWatcher(watcher);
  }

  /**
   * Sets again what a client watched elsewhere, and tells at once what it missed since `relativeZxid`. Persistent watches
   * get no catch-up: that is how it is (ZOOKEEPER-4698). Catch-up events have no zxid and are not checked against ACLs.
   * `relativeZxid` is whatever the client says, any 64-bit value.
   */
  set(
    relativeZxid: Zxid | bigint,
    watches: WatchesToSet,
    watcher: Watcher,
    node: (path: string) => WatchedNode | undefined,
  ): void {
    for (const path of watches.data) {
      const found = node(path);
      if (found === undefined) tell(watcher, EventType.nodeDeleted, path);
      else if (found.mzxid > relativeZxid) tell(watcher, EventType.nodeDataChanged, path);
      else this.addData(path, watcher);
    }
    for (const path of watches.exist) {
      if (node(path) !== undefined) tell(watcher, EventType.nodeCreated, path);
      else this.addData(path, watcher);
    }
    for (const path of watches.child) {
      const found = node(path);
      if (found === undefined) tell(watcher, EventType.nodeDeleted, path);
      else if (found.pzxid > relativeZxid) tell(watcher, EventType.nodeChildrenChanged, path);
      else this.addChild(path, watcher);
    }
    for (const path of watches.persistent) {
      this.addPersistent(path, watcher, AddWatchMode.persistent);
    }
    for (const path of watches.persistentRecursive) {
      this.addPersistent(path, watcher, AddWatchMode.persistentRecursive);
    }
  }
}

function tell(watcher: Watcher, type: EventType, path: string): void {
  watcher.process(new WatchEvent(type, path, NO_ZXID), null);
}

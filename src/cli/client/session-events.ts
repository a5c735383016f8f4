// What the program is told of: the session's states and its znodes. Java: ClientCnxn.EventThread.
//
// Events are delivered by a promise's job each, so that they keep their place among the replies, which resolve promises.

import type { JuteReader } from "../../jute/reader.js";
import type { Logger } from "../../platform/platform.js";
import { ErrorCode } from "../../wire/error-codes.js";
import type { Zxid } from "../../wire/ids.js";
import { readWatcherEvent } from "../../wire/records.js";
import type { Chroot } from "./client-path.js";
import { EventType, KeeperState, type Watcher } from "./watch-event.js";
import { WatchRegistry, type WatchRemoval } from "./watch-registry.js";

export class SessionEvents {
  readonly watches = new WatchRegistry();
  readonly #log: Logger;
  readonly #disableAutoWatchReset: boolean;
  #state: KeeperState = KeeperState.disconnected;

  constructor(log: Logger, disableAutoWatchReset: boolean) {
    this.#log = log;
    this.#disableAutoWatchReset = disableAutoWatchReset;
  }

  /** Something happened to the session. The same state twice is told once. */
  onState(state: KeeperState): void {
    if (this.#state === state) return;
    this.#state = state;
    const watchers = this.watches.take(EventType.none, null);
    if (this.#disableAutoWatchReset && state !== KeeperState.syncConnected) {
      this.watches.clearOneShot();
    }
    this.deliver(EventType.none, state, null, -1, watchers);
  }

  onNotification(reader: JuteReader, zxid: Zxid, chroot: Chroot): void {
    const event = readWatcherEvent(reader);
    const path = event.path === null ? null : chroot.toClient(event.path);
    this.onNode(event.type as EventType, event.state as KeeperState, path, zxid);
  }

  onNode(type: EventType, state: KeeperState, path: string | null, zxid: number): void {
    this.deliver(type, state, path, zxid, this.watches.take(type, path));
  }

  /**
   * The server has answered a request to remove watches: takes them out of the book and tells them so. Returns what the
   * caller is to be told.
   */
  onRemovalReply(removal: WatchRemoval, reply: number): number {
    if (!this.watches.has(removal)) return ErrorCode.noWatcher;
    if (reply !== ErrorCode.ok && !removal.local) return reply;
    const isLost = reply === ErrorCode.connectionLoss || reply === ErrorCode.sessionExpired;
    const state = isLost ? KeeperState.disconnected : KeeperState.syncConnected;
    for (const { type, watchers } of this.watches.remove(removal)) {
      this.deliver(type, state, removal.path, -1, watchers);
    }
    return ErrorCode.ok;
  }

  /** Tells these watchers, once everything that came before has been told. */
  deliver(
    type: EventType,
    state: KeeperState,
    path: string | null,
    zxid: number,
    watchers: Set<Watcher>,
  ): void {
    const event = { type, state, path, zxid };
    Promise.resolve().then(() => {
      for (const watcher of watchers) this.#tell(watcher, event);
    });
  }

  #tell(watcher: Watcher, event: Parameters<Watcher>[0]): void {
    try {
      watcher(event);
    } catch (error) {
      this.#log.error("Error while calling watcher.", error);
    }
  }
}

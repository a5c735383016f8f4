// What a watcher is told, and the numbers and names that say it. Java: Watcher.Event, WatchedEvent, AddWatchMode.

export const EventType = {
  none: -1,
  nodeCreated: 1,
  nodeDeleted: 2,
  nodeDataChanged: 3,
  nodeChildrenChanged: 4,
  // The client's own: a watch was removed by request.
  dataWatchRemoved: 5,
  childWatchRemoved: 6,
  persistentWatchRemoved: 7,
} as const;
export type EventType = (typeof EventType)[keyof typeof EventType];

export const KeeperState = {
  disconnected: 0,
  syncConnected: 3,
  authFailed: 4,
  connectedReadOnly: 5,
  saslAuthenticated: 6,
  closed: 7,
  expired: -112,
} as const;
export type KeeperState = (typeof KeeperState)[keyof typeof KeeperState];

/** Which of a path's watches a removal means. */
export const WatcherType = {
  children: 1,
  data: 2,
  any: 3,
  persistent: 4,
  persistentRecursive: 5,
} as const;
export type WatcherType = (typeof WatcherType)[keyof typeof WatcherType];

export const AddWatchMode = { persistent: 0, persistentRecursive: 1 } as const;
export type AddWatchMode = (typeof AddWatchMode)[keyof typeof AddWatchMode];

export interface WatchEvent {
  readonly type: EventType;
  readonly state: KeeperState;
  /** Null for what happened to the session. */
  readonly path: string | null;
  /** Of the txn that caused it; -1 where there is none, or the server (before 3.9) does not say. */
  readonly zxid: number;
}

export type Watcher = (event: WatchEvent) => void;

const typeNames = new Map<number, string>([
  [EventType.none, "None"],
  [EventType.nodeCreated, "NodeCreated"],
  [EventType.nodeDeleted, "NodeDeleted"],
  [EventType.nodeDataChanged, "NodeDataChanged"],
  [EventType.nodeChildrenChanged, "NodeChildrenChanged"],
  [EventType.dataWatchRemoved, "DataWatchRemoved"],
  [EventType.childWatchRemoved, "ChildWatchRemoved"],
  [EventType.persistentWatchRemoved, "PersistentWatchRemoved"],
]);

const stateNames = new Map<number, string>([
  [KeeperState.disconnected, "Disconnected"],
  [KeeperState.syncConnected, "SyncConnected"],
  [KeeperState.authFailed, "AuthFailed"],
  [KeeperState.connectedReadOnly, "ConnectedReadOnly"],
  [KeeperState.saslAuthenticated, "SaslAuthenticated"],
  [KeeperState.closed, "Closed"],
  [KeeperState.expired, "Expired"],
]);

/** Java: WatchedEvent.toString. */
export function describeEvent(event: WatchEvent): string {
  const state = stateNames.get(event.state) ?? String(event.state);
  const type = typeNames.get(event.type) ?? String(event.type);
  return `WatchedEvent state:${state} type:${type} path:${event.path} zxid: ${event.zxid}`;
}

// Who counts what becomes of a tree: metrics by namespace, watches that fire, the audit log. Java: ServerMetrics and
// ZKAuditProvider, which DataTree and WatchManager call themselves.

import type { SessionId } from "../wire/ids.js";
import type { EventType } from "./watches.js";

/** Called for each read and write: implementations do little. */
export interface TreeObserver {
  /** `bytes` of data or of children's names. */
  read(path: string, bytes: number): void;
  /** `bytes` of new data; 0 for a delete. */
  written(path: string, bytes: number): void;
  /** So many watchers have been told. */
  told(type: EventType, watchers: number): void;
  /** Because its session ended; `existed`: it was there. */
  ephemeralDeleted(session: SessionId, path: string, existed: boolean): void;
}

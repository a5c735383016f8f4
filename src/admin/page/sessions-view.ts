// Connections of this server and sessions of the ensemble, a page of rows at a time. It tells what the commands connections and
// dump tell, without the paths of ephemeral nodes; passwords of sessions are told nowhere.

import { PAGE_ROWS } from "../../limits.js";
import { hex0x } from "../../wire/ids.js";
import type { AdminContext } from "../admin-context.js";
import { offsetOf } from "./view.js";

export function connectionsView(
  { door }: AdminContext,
  query: ReadonlyMap<string, string>,
): object {
  const offset = offsetOf(query);
  const rows: object[] = [];
  for (const connection of slice(door.connections(), offset)) {
    const { stats, remoteName, sessionId, sessionTimeoutMs, outstanding } = connection;
    rows.push({
      address: remoteName.replace(/^\//, ""),
      session: hex0x(sessionId),
      timeoutMs: sessionTimeoutMs,
      outstanding,
      received: stats.packetsReceived,
      sent: stats.packetsSent,
      lastOperation: stats.lastOperation,
      establishedMs: stats.establishedMs,
      averageLatencyMs: stats.averageLatencyMs,
      maximumLatencyMs: stats.maximumLatencyMs,
    });
  }
  return { offset, pageLength: PAGE_ROWS, count: door.connectionCount, rows };
}

export function sessionsView(context: AdminContext, query: ReadonlyMap<string, string>): object {
  const offset = offsetOf(query);
  if (!context.door.port.serving) return { offset, pageLength: PAGE_ROWS, count: 0, rows: [] };
  const tree = context.tree();
  const connected = new Map<bigint, string>();
  for (const { sessionId, remoteName } of context.door.connections()) {
    connected.set(sessionId, remoteName.replace(/^\//, ""));
  }
  const rows: object[] = [];
  for (const [id, timeoutMs] of slice(tree.sessions, offset)) {
    rows.push({
      id: hex0x(id),
      timeoutMs,
      ephemerals: tree.ephemeralsOf(id).size,
      address: connected.get(id) ?? null,
    });
  }
  return { offset, pageLength: PAGE_ROWS, count: tree.sessions.size, rows };
}

function* slice<T>(items: Iterable<T>, offset: number): Generator<T> {
  let index = 0;
  for (const item of items) {
    if (index >= offset + PAGE_ROWS) return;
    if (index++ >= offset) yield item;
  }
}

// connections, connection_stat_reset, dump, watches, watches_by_path, watch_summary: who is connected, and to what end.
// Java: ConsCommand, CnxnStatResetCommand, DumpCommand, WatchCommand, … in Commands; ServerCnxn.getConnectionInfo.

import type { DoorClient } from "../../client/door-context.js";
import type { AdminContext } from "../admin-context.js";
import { type Json, type JsonEntry, JsonList, JsonObject } from "../json.js";
import { type Command, type Entries, NOTHING, telling } from "./command.js";

/** `stats` has the brief form. Secure are those with TLS, on whichever port. */
export function connections({ door }: AdminContext, detail: "brief" | "full"): JsonEntry[] {
  const describe = detail === "brief" ? briefly : fully;
  return [
    ["connections", new JsonList(mapped(withTls(door.connections(), false), describe))],
    ["secure_connections", new JsonList(mapped(withTls(door.connections(), true), describe))],
  ];
}

function* withTls(connections: Iterable<DoorClient>, wanted: boolean): Generator<DoorClient> {
  for (const one of connections) if ((one.tls !== undefined) === wanted) yield one;
}

function* mapped<T>(items: Iterable<T>, one: (item: T) => Json): Generator<Json> {
  for (const item of items) yield one(item);
}

function briefEntries({ remoteName, stats, interestOps, outstanding }: DoorClient): JsonEntry[] {
  return [
    ["remote_socket_address", remoteName.replace(/^\//, "")],
    ["interest_ops", interestOps],
    ["outstanding_requests", outstanding],
    ["packets_received", stats.packetsReceived],
    ["packets_sent", stats.packetsSent],
  ];
}

const briefly = (connection: DoorClient): Json => new JsonObject(briefEntries(connection));

function fully(connection: DoorClient): Json {
  const { stats, sessionId, sessionTimeoutMs } = connection;
  return new JsonObject([
    ...briefEntries(connection),
    ["session_id", sessionId],
    ["last_operation", stats.lastOperation],
    ["established", stats.establishedMs],
    ["session_timeout", sessionTimeoutMs],
    ["last_cxid", stats.lastCxid],
    ["last_zxid", stats.lastZxid],
    ["last_response_time", stats.lastResponseMs],
    ["last_latency", stats.lastLatencyMs],
    ["min_latency", stats.shownMinimumLatencyMs],
    ["avg_latency", stats.averageLatencyMs],
    ["max_latency", stats.maximumLatencyMs],
  ]);
}

const resetConnectionStats: Entries = ({ door }) => {
  for (const connection of door.connections()) connection.stats.reset();
  return [];
};

const dump: Entries = ({ door: { port } }) => {
  const sessions = port.sessionDump();
  const ephemerals = mappedEntries(port.ephemerals());
  return [
    [
      "expiry_time_to_session_ids",
      // Java too leaves out what a learner has of its own.
      sessions.kind === "global"
        ? NOTHING
        : expiries([...(sessions.local?.buckets ?? []), ...sessions.buckets]),
    ],
    ["session_id_to_ephemeral_paths", new JsonObject(ephemerals)],
  ];
};

function expiries(
  buckets: readonly { readonly expiresMs: number; readonly sessions: readonly bigint[] }[],
): JsonObject {
  return new JsonObject(
    buckets.map(
      ({ expiresMs, sessions }): JsonEntry => [String(expiresMs), new JsonList(sessions)],
    ),
  );
}

function* mappedEntries(
  pairs: Iterable<readonly [bigint | string, Iterable<string>]>,
): Generator<JsonEntry> {
  for (const [key, values] of pairs) yield [String(key), new JsonList(values)];
}

/** Data watches only, as in Java. */
function* watches({ door }: AdminContext): Generator<JsonEntry> {
  for (const [{ sessionId }, paths] of door.port.watchesByConnection()) {
    yield [String(sessionId), new JsonList(paths)];
  }
}

function* watchesByPath({ door }: AdminContext): Generator<JsonEntry> {
  for (const [path, watchers] of door.port.watchesByPath()) {
    yield [path, new JsonList(mapped(watchers, ({ sessionId }) => sessionId))];
  }
}

const watchSummary: Entries = ({ door }) => {
  const { connections: count, paths, watches: total } = door.port.watchSummary();
  return [
    ["num_connections", count],
    ["num_paths", paths],
    ["num_total_watches", total],
  ];
};

export const SESSION_COMMANDS: readonly Command[] = [
  telling(["connections", "cons"], (context) => connections(context, "full")),
  telling(["connection_stat_reset", "crst"], resetConnectionStats),
  telling(["dump"], dump),
  telling(["watches", "wchc"], (context) => [
    ["session_id_to_watched_paths", new JsonObject(watches(context))],
  ]),
  telling(["watches_by_path", "wchp"], (context) => [
    ["path_to_session_ids", new JsonObject(watchesByPath(context))],
  ]),
  telling(["watch_summary", "wchs"], watchSummary),
];

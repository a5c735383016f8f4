// cons, crst, dump: connections and sessions. Java: ConsCommand, CnxnStatResetCommand, DumpCommand,
// ServerCnxn.dumpConnectionInfo, ExpiryQueue.dump.

import { hex, hex0x, NO_SESSION } from "../../wire/ids.js";
import type { DoorClient } from "../door-context.js";
import { javaDate } from "../java-date.js";
import type { ExpiryDump } from "../server-port.js";
import type { TextSource } from "../text-answer.js";
import type { WordContext } from "./word-context.js";

export function* cons(door: WordContext): Generator<string> {
  for (const connection of door.connections()) yield `${connectionLine(connection, "full")}\n`;
  yield "\n";
}

/** As `stat` prints it (brief) and `cons` (full). */
export function connectionLine(connection: DoorClient, detail: "brief" | "full"): string {
  const { stats, sessionId } = connection;
  const interest = connection.interestOps.toString(16);
  const packets = `recved=${stats.packetsReceived},sent=${stats.packetsSent}`;
  const brief = ` ${connection.remoteName}[${interest}](queued=${connection.outstanding},${packets}`;
  if (detail === "brief" || sessionId === NO_SESSION) return `${brief})`;
  const fields = [
    `sid=${hex0x(sessionId)}`,
    `lop=${stats.lastOperation}`,
    `est=${stats.establishedMs}`,
    `to=${connection.sessionTimeoutMs}`,
    ...(stats.lastCxid >= 0 ? [`lcxid=${hex0x(stats.lastCxid)}`] : []),
    `lzxid=${hex0x(stats.lastZxid)}`,
    `lresp=${stats.lastResponseMs}`,
    `llat=${stats.lastLatencyMs}`,
    `minlat=${stats.shownMinimumLatencyMs}`,
    `avglat=${stats.averageLatencyMs}`,
    `maxlat=${stats.maximumLatencyMs}`,
  ];
  return `${brief},${fields.join(",")})`;
}

export function crst(door: WordContext): TextSource {
  for (const connection of door.connections()) connection.stats.reset();
  return ["Connection stats reset.\n"];
}

export function* dump(door: WordContext): Generator<string> {
  yield "SessionTracker dump:\n";
  yield* dumpSessions(door);
  yield "ephemeral nodes dump:\n";
  yield* dumpEphemerals(door);
  yield "Connections dump:\n";
  yield* dumpConnections(door);
}

function* dumpSessions(door: WordContext): Generator<string> {
  const dump = door.port.sessionDump();
  if (dump.local !== undefined) yield* dumpExpiry(door, "Local ", dump.local);
  if (dump.kind === "global") {
    yield `Global Sessions(${dump.sessions.length}):\n`;
    for (const [id, timeoutMs] of dump.sessions) yield `${hex0x(id)}\t${timeoutMs}ms\n`;
    return;
  }
  yield* dumpExpiry(door, dump.local === undefined ? "" : "Global ", dump);
}

function* dumpExpiry(
  door: WordContext,
  which: string,
  { buckets, sessionCount }: ExpiryDump,
): Generator<string> {
  yield `${which}Session Sets (${buckets.length})/(${sessionCount}):\n`;
  for (const { expiresMs, sessions } of buckets) {
    yield `${sessions.length} expire at ${dateOf(door, expiresMs)}:\n`;
    for (const id of sessions) yield `\t0x${hex(id)}\n`;
  }
}

function* dumpEphemerals({ port }: WordContext): Generator<string> {
  const bySession = [...port.ephemerals()];
  yield `Sessions with Ephemerals (${bySession.length}):\n`;
  for (const [id, paths] of bySession) {
    yield `0x${hex(id)}:\n`;
    for (const path of paths) yield `\t${path}\n`;
  }
}

function* dumpConnections(door: WordContext): Generator<string> {
  const buckets = door.idleBuckets();
  const open = buckets.map(({ expiresMs, elements }) => ({
    expiresMs,
    connections: [...elements].filter((connection) => connection.isOpen),
  }));
  yield `Connections Sets (${open.length})/(${door.connectionCount}):\n`;
  for (const { expiresMs, connections } of open) {
    yield `${connections.length} expire at ${dateOf(door, expiresMs)}:\n`;
    for (const { remoteName, sessionId } of connections) {
      yield `\tip: ${remoteName} sessionId: 0x${hex(sessionId)}\n`;
    }
  }
}

/** Of a moment on the monotonic clock. */
function dateOf(door: WordContext, monotonicMs: number): string {
  const clock = door.platform.clock;
  return javaDate(monotonicMs + clock.wallMs() - clock.monotonicMs());
}

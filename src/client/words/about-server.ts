// srvr, stat, srst, mntr, conf, dirs, envi, isro: what the server is and how it fares. Java: StatCommand, StatResetCommand,
// MonitorCommand, ConfCommand, DirsCommand, EnvCommand, IsroCommand, and ServerStats.toString.

import { javaDouble } from "../../metrics/instruments.js";
import type { Platform } from "../../platform/platform.js";
import { FULL_VERSION } from "../../version.js";
import { hex0x } from "../../wire/ids.js";
import type { TextSource } from "../text-answer.js";
import { connectionLine } from "./about-sessions.js";
import type { WordContext } from "./word-context.js";

export function* srvr(door: WordContext): Generator<string> {
  yield* firstLines(door);
  yield* figures(door);
}

export function* stat(door: WordContext): Generator<string> {
  yield* firstLines(door);
  yield "Clients:\n";
  for (const connection of door.connections()) yield `${connectionLine(connection, "brief")}\n`;
  yield "\n";
  yield* figures(door);
}

function* firstLines(door: WordContext): Generator<string> {
  yield `Zookeeper version: ${FULL_VERSION}\n`;
  if (door.port.readOnly) yield "READ-ONLY mode; serving only read-only clients\n";
}

/** In Java's order, which old agents parse line by line. */
function* figures({ stats, port, connectionCount, inProcess }: WordContext): Generator<string> {
  const { minimum, average, maximum } = stats.latency;
  yield `Latency min/avg/max: ${minimum}/${javaDouble(average)}/${maximum}\n`;
  yield `Received: ${stats.packetsReceived}\n`;
  yield `Sent: ${stats.packetsSent}\n`;
  yield `Connections: ${connectionCount}\n`;
  yield `Outstanding: ${inProcess}\n`;
  yield `Zxid: ${hex0x(port.lastProcessedZxid())}\n`;
  yield `Mode: ${port.serverState}\n`;
  yield `Node count: ${port.nodeCount()}\n`;
  const sizes = port.proposalStats();
  if (sizes === undefined) return;
  yield `Proposal sizes last/min/max: ${sizes.last}/${sizes.min}/${sizes.max}\n`;
}

export function srst(door: WordContext): TextSource {
  door.resetStats();
  return ["Server stats reset.\n"];
}

export function mntr({ port, metrics }: WordContext): TextSource {
  const lines = [`zk_version\t${FULL_VERSION}\n`, `zk_server_state\t${port.serverState}\n`];
  if (port.peerState !== undefined) lines.push(`zk_peer_state\t${port.peerState}\n`);
  if (port.observerMaster !== undefined) {
    lines.push(`zk_observer_master_id\t${port.observerMaster}\n`);
  }
  metrics.print((name, value) => lines.push(`zk_${name}\t${value}\n`));
  return lines;
}

export function* conf({ port }: WordContext): Generator<string> {
  const { values, membership } = port.configuration();
  for (const [key, value] of values) yield `${key}=${value}\n`;
  if (membership !== undefined) yield `membership: \n${membership}`;
}

export function dirs({ port }: WordContext): TextSource {
  return [`datadir_size: ${port.dataDirSize()}\n`, `logdir_size: ${port.logDirSize()}\n`];
}

export function isro({ port }: WordContext): TextSource {
  if (!port.takesClients) return ["null"];
  return [port.readOnly ? "ro" : "rw"];
}

export function* envi({ platform }: WordContext): Generator<string> {
  yield "Environment:\n";
  for (const [key, value] of environment(platform)) yield `${key}=${value}\n`;
}

/** Java's names, with what they are for us: the runtime is Node, and there is no class path. */
export function environment({ host }: Platform): readonly (readonly [string, string])[] {
  const memory = host.memory();
  const megabytes = (bytes: number) => `${Math.floor(bytes / 1024 / 1024)}MB`;
  return [
    ["zookeeper.version", FULL_VERSION],
    ["host.name", host.hostName],
    ["java.version", host.runtimeVersion],
    ["java.vendor", host.runtimeName],
    ["java.home", host.runtimeHome],
    ["java.class.path", "<NA>"],
    ["java.library.path", "<NA>"],
    ["java.io.tmpdir", host.temporaryDirectory],
    ["java.compiler", "<NA>"],
    ["os.name", host.osName],
    ["os.arch", host.osArch],
    ["os.version", host.osVersion],
    ["user.name", host.userName],
    ["user.home", host.userHome],
    ["user.dir", host.workingDirectory],
    ["os.memory.free", megabytes(memory.freeBytes)],
    ["os.memory.max", megabytes(memory.maxBytes)],
    ["os.memory.total", megabytes(memory.totalBytes)],
  ];
}

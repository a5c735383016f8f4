// configuration, dirs, environment, hash, initial_configuration, is_read_only, last_snapshot, monitor, ruok, server_stats,
// stat_reset, stats, system_properties, trace masks, watches: what the server is and how it fares.
// Java: ConfCommand, DirsCommand, EnvCommand, DigestCommand, … in Commands.

import type { SizeStats } from "../../client/server-stats.js";
import { environment } from "../../client/words/about-server.js";
import { javaDouble } from "../../metrics/instruments.js";
import { DIGEST_VERSION } from "../../tree/digest.js";
import { FULL_VERSION } from "../../version.js";
import { hex } from "../../wire/ids.js";
import type { AdminContext } from "../admin-context.js";
import { type Json, type JsonEntry, JsonList, JsonObject, RawNumber } from "../json.js";
import { connections } from "./about-sessions.js";
import { type Command, type Entries, telling } from "./command.js";

/** In Java's order, with the names that `conf` has for them. */
const CONFIGURATION: readonly (readonly [key: string, word: string])[] = [
  ["client_port", "clientPort"],
  ["data_dir", "dataDir"],
  ["data_log_dir", "dataLogDir"],
  ["tick_time", "tickTime"],
  ["max_client_cnxns", "maxClientCnxns"],
  ["min_session_timeout", "minSessionTimeout"],
  ["max_session_timeout", "maxSessionTimeout"],
  ["server_id", "serverId"],
  ["client_port_listen_backlog", "clientPortListenBacklog"],
];

function* configuration({ door }: AdminContext): Generator<JsonEntry> {
  const values = new Map(door.port.configuration().values);
  for (const [key, word] of CONFIGURATION) yield [key, values.get(word) ?? null];
}

const dirs: Entries = ({ door: { port } }) => [
  ["datadir_size", port.dataDirSize()],
  ["logdir_size", port.logDirSize()],
];

function* digests({ door }: AdminContext): Generator<JsonObject> {
  for (const { zxid, digest } of door.port.digestLog()) {
    yield new JsonObject([
      ["zxid", zxid],
      ["digest", digest],
      ["digest_version", DIGEST_VERSION],
    ]);
  }
}

const lastSnapshot: Entries = (context) => {
  const last = context.lastSnapshot();
  return [
    ["zxid", hex(last?.file.zxid ?? -1)],
    ["timestamp", last === undefined ? -1 : Math.floor(last.takenMs / 1000)],
  ];
};

function monitor({ door }: AdminContext): JsonEntry[] {
  const { port, metrics } = door;
  const entries: JsonEntry[] = [
    ["version", FULL_VERSION],
    ["server_state", port.serverState],
  ];
  if (port.peerState !== undefined) entries.push(["peer_state", port.peerState]);
  if (port.observerMaster !== undefined) {
    entries.push(["observer_master_id", port.observerMaster]);
  }
  metrics.print((name, value) => entries.push([name, new RawNumber(value)]));
  return entries;
}

const sizes = ({ last, minimum, maximum }: Pick<SizeStats, "last" | "minimum" | "maximum">): Json =>
  new JsonObject([
    ["last_buffer_size", last],
    ["min_buffer_size", minimum],
    ["max_buffer_size", maximum],
  ]);

/** Java's names come from its method names; their order is the JVM's, and differs from run to run. */
function serverStats({ door, slowSyncs }: AdminContext): JsonObject {
  const { stats, port, connectionCount, inProcess, metrics } = door;
  const { minimum, average, maximum } = stats.latency;
  const gauge = (name: Parameters<typeof metrics.gaugeValue>[0]) => metrics.gaugeValue(name) ?? 0;
  return new JsonObject([
    ["packets_sent", stats.packetsSent],
    ["packets_received", stats.packetsReceived],
    ["fsync_threshold_exceed_count", slowSyncs.count],
    ["client_response_stats", sizes(stats.responseSizes)],
    ["provider_null", false],
    ["data_dir_size", port.dataDirSize()],
    ["log_dir_size", port.logDirSize()],
    ["last_processed_zxid", port.lastProcessedZxid()],
    ["outstanding_requests", inProcess],
    ["server_state", port.serverState],
    ["avg_latency", new RawNumber(javaDouble(average))],
    ["max_latency", maximum],
    ["min_latency", minimum],
    ["num_alive_client_connections", connectionCount],
    ["uptime", gauge("uptime")],
    ["auth_failed_count", gauge("auth_failed_count")],
    ["non_mtlsremote_conn_count", gauge("non_mtls_remote_conn_count")],
    ["non_mtlslocal_conn_count", gauge("non_mtls_local_conn_count")],
  ]);
}

function* srvr(context: AdminContext): Generator<JsonEntry> {
  const { port, stats } = context.door;
  yield ["version", FULL_VERSION];
  yield ["read_only", port.readOnly];
  yield ["server_stats", serverStats(context)];
  yield ["client_response", sizes(stats.responseSizes)];
  const proposals = port.proposalStats();
  if (proposals !== undefined) {
    const { last, min: minimum, max: maximum } = proposals;
    yield ["proposal_stats", sizes({ last, minimum, maximum })];
  }
  yield ["node_count", port.nodeCount()];
}

function* stat(context: AdminContext): Generator<JsonEntry> {
  yield* srvr(context);
  yield* connections(context, "brief");
}

const statReset: Entries = ({ door, slowSyncs }) => {
  // Java's word resets the metrics too; its command does not.
  door.stats.reset();
  slowSyncs.count = 0;
  return [];
};

const HIDDEN = /password|passwd|superdigest/i;

/** What a JVM would call its system properties, and what zoo.cfg and -D say. Secrets are named, and not told. */
function systemProperties({ config, door }: AdminContext): JsonEntry[] {
  const all = new Map<string, string>([
    ["file.separator", "/"],
    ["line.separator", "\n"],
    ["path.separator", ":"],
  ]);
  for (const [key, value] of environment(door.platform)) {
    if (/^(java|os|user)\.(?!memory)/.test(key)) all.set(key, value);
  }
  for (const [key, value] of config.properties) {
    all.set(key, HIDDEN.test(key) && value !== "" ? "*****" : value);
  }
  return [...all].sort(([left], [right]) => (left < right ? -1 : 1));
}

/** zoo.cfg as it is, but for what must not be told: the lines that a value goes on in, too. */
function withoutSecrets(text: string): string {
  let goesOn = false;
  let isSecret = false;
  return text
    .split("\n")
    .flatMap((line) => {
      const isContinuation = goesOn;
      goesOn = /(?:^|[^\\])(?:\\\\)*\\\r?$/.test(line);
      if (isContinuation) return isSecret ? [] : [line];
      const parts = /^(\s*[^\s=:#!][^\s=:]*\s*[=:\s]\s*)\S/.exec(line);
      isSecret = parts !== null && HIDDEN.test(parts[1]!);
      return [isSecret ? `${parts![1]}*****` : line];
    })
    .join("\n");
}

const setTraceMask: Command = {
  names: ["set_trace_mask", "stmk"],
  method: "GET",
  needsServer: false,
  isProtected: false,
  run({ door }, query, answer) {
    const text = query.get("traceMask");
    const problem = "setTraceMask requires long traceMask argument";
    if (text === undefined) {
      answer({ error: problem });
      return;
    }
    const mask = /^[+-]?\d{1,19}$/.test(text) ? BigInt(text.replace("+", "")) : undefined;
    if (mask === undefined || BigInt.asIntN(64, mask) !== mask) {
      answer({ error: `${problem}, got ${text}` });
      return;
    }
    door.traceMask = mask;
    answer({ entries: [["tracemask", mask]] });
  },
};

const ANYTIME = { needsServer: false };

export const SERVER_COMMANDS: readonly Command[] = [
  telling(["configuration", "conf", "config"], configuration),
  telling(["dirs"], dirs),
  telling(["environment", "env", "envi"], ({ door }) => environment(door.platform), ANYTIME),
  telling(["get_trace_mask", "gtmk"], ({ door }) => [["tracemask", door.traceMask]], ANYTIME),
  telling(["hash"], (context) => [["digests", new JsonList(digests(context))]]),
  // Members of an ensemble say null, as Java's do.
  telling(["initial_configuration", "icfg"], ({ config }) => [
    ["initial_configuration", config.distributed ? null : withoutSecrets(config.configText)],
  ]),
  telling(["is_read_only", "isro"], ({ door }) => [["read_only", door.port.readOnly]]),
  telling(["last_snapshot", "lsnp"], lastSnapshot),
  telling(["monitor", "mntr"], monitor, ANYTIME),
  telling(["ruok"], () => []),
  telling(["server_stats", "srvr"], srvr),
  telling(["stats", "stat"], stat),
  telling(["stat_reset", "srst"], statReset),
  telling(["system_properties", "sysp"], systemProperties, ANYTIME),
  setTraceMask,
];

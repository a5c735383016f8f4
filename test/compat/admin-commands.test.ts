// Every HTTP command on a leader, a follower and an observer: Zooid's answers beside those of Java 3.9.5, after the same
// requests. (On a lone server: test/admin/commands.test.ts, from recorded answers.)
//
// Compared are status, keys, their order, the form of values, and the values themselves where they say who somebody is;
// figures that are a server's own (times, sizes, counts of packets) are not.

import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { CreateMode } from "../../src/cli/client/create-mode.js";
import type { ZooKeeperClient } from "../../src/cli/client/zookeeper-client.js";
import { Ensemble, PORTS, until } from "./ensemble-world.js";
import { connectClient } from "./ensemble-writer.js";
import { peerTest, type ServerKind } from "./peers.js";

const COMMANDS =
  "configuration connections hash dirs dump environment get_trace_mask initial_configuration is_read_only last_snapshot " +
  "leader monitor observers ruok server_stats stats voting_view watches watches_by_path watch_summary zabstate " +
  "observer_connection_stat_reset connection_stat_reset stat_reset lead conf obsr nosuch set_trace_mask restore";

/** A server's own: which of them there are depends on what it runs on. */
const ENVIRONMENT = new Set(["environment", "system_properties"]);

const adminPort = (sid: number) => PORTS.adminCommands + 9 + sid;

async function ensembleOf(context: TestContext, kind: ServerKind): Promise<Ensemble> {
  const ensemble = new Ensemble({
    basePort: PORTS.adminCommands,
    members: [{ kind }, { kind }, { kind, isObserver: true }],
    cfgOf: (sid) => ({
      "admin.enableServer": "true",
      "admin.serverAddress": "127.0.0.1",
      "admin.serverPort": adminPort(sid),
    }),
  });
  context.after(() => ensemble.discard());
  await ensemble.startLedBy(2);
  return ensemble;
}

/** The same on every member: a session with an ephemeral node and two watches. */
async function traffic(context: TestContext, ensemble: Ensemble): Promise<ZooKeeperClient[]> {
  const clients: ZooKeeperClient[] = [];
  for (const { sid, port } of ensemble.members) {
    const client = connectClient(`127.0.0.1:${port}`, { sessionTimeoutMs: 20_000 });
    clients.push(client);
    context.after(() => client.close().catch(() => {}));
    await client.untilConnected();
    await client.create(`/n${sid}`, Buffer.from("data"));
    await client.create(`/e${sid}`, null, { mode: CreateMode.ephemeral });
    await client.getData(`/n${sid}`, true);
    await client.exists(`/nope${sid}`, true);
    await client.setData(`/n${sid}`, Buffer.from("other"));
    await client.getData(`/n${sid}`, true);
  }
  return clients;
}

const WHO =
  /^(is_leader|leader_id|leader_ip|myid|voting|zabstate|command|error|read_only|learner_type|server_state|synced_observers|tracemask|peer_state|num_\w+|quorum_size|learners|synced_\w+|provider_null|tick_time|max_client_cnxns|\w+_session_timeout|server_id|client_port|digest_version|session_timeout|interest_ops|outstanding_requests)$/;

/** Java's come from hash tables; those of getters from the virtual machine, in another order each time. */
const HAS_NO_ORDER = new Set([
  "server_stats",
  "path_to_session_ids",
  "session_id_to_watched_paths",
  "session_id_to_ephemeral_paths",
]);

/** Metrics by namespace come last, in the order of a hash table of names; all others in the order that agents rely on. */
function namespacesLast(entries: [string, unknown][]): [string, unknown][] {
  const isOfNamespace = ([name]: [string, unknown]) => name.endsWith("_per_namespace");
  const own = entries.filter(isOfNamespace).sort();
  return [...entries.filter((entry) => !isOfNamespace(entry)), ...own];
}

/** What of a value may be compared: all of who somebody is, else what kind of value it is. */
function form(value: unknown, key = ""): unknown {
  if (Array.isArray(value)) {
    const forms = value.map((one) => form(one, key));
    if (key === "digests") return forms.slice(0, 1);
    // Java's sets have no order that another could have.
    return forms.every((one) => typeof one === "string") ? forms.sort() : forms;
  }
  if (typeof value === "object" && value !== null) {
    // When sessions expire is a matter of ticks.
    if (key === "expiry_time_to_session_ids") return "object";
    const entries = Object.entries(value).map(([name, inner]): [string, unknown] => [
      nameForm(name),
      form(inner, name),
    ]);
    return HAS_NO_ORDER.has(key)
      ? ["object", ...entries.sort()]
      : ["object", ...namespacesLast(entries)];
  }
  if (WHO.test(key)) return value;
  if (key === "version" || key === "last_operation" || key.endsWith("_dir")) return typeof value;
  if (typeof value === "string")
    return value.replace(/:\d{4,5}\b/g, ":PORT").replace(/0x[0-9a-f]+/, "HEX");
  return typeof value;
}

const nameForm = (name: string) => (/^\d{4,}$/.test(name) ? "NUMBER" : name);

/** Those that asked whether the server is there have been let go of. */
async function untilAlone(sid: number): Promise<void> {
  await until(`only one client is connected to ${sid}`, async () => {
    const answer = await fetch(`http://127.0.0.1:${adminPort(sid)}/commands/connections`);
    const { connections } = (await answer.json()) as { connections: unknown[] };
    return connections.length === 1;
  });
}

async function answers(sid: number): Promise<Map<string, unknown>> {
  await untilAlone(sid);
  const seen = new Map<string, unknown>();
  for (const name of COMMANDS.split(" ")) {
    const answer = await fetch(`http://127.0.0.1:${adminPort(sid)}/commands/${name}`);
    const type = answer.headers.get("content-type")?.split(";")[0];
    const text = await answer.text();
    // Numbers of 64 bits are not JavaScript's.
    const json =
      type === "application/json"
        ? JSON.parse(text.replace(/(?<!["\d])\d{16,}(?!["\d])/g, "1"))
        : type;
    const shown = ENVIRONMENT.has(name) ? "its own" : form(json);
    seen.set(name, [answer.status, shown]);
  }
  return seen;
}

async function seenFrom(context: TestContext, kind: ServerKind): Promise<Map<string, unknown>[]> {
  const ensemble = await ensembleOf(context, kind);
  const clients = await traffic(context, ensemble);
  const seen: Map<string, unknown>[] = [];
  for (const { sid } of ensemble.members) seen.push(await answers(sid));
  // The next ensemble has the same ports: clients of this one would knock there again and again, as they have seen a later
  // zxid than it has, and be seen among its connections.
  await Promise.all(clients.map((client) => client.close()));
  await ensemble.discard();
  return seen;
}

peerTest(
  "A leader, a follower and an observer answer every HTTP command as Java 3.9.5's do",
  ["java39", "zooid"],
  async (context) => {
    const javas = await seenFrom(context, "java39");
    const ours = await seenFrom(context, "zooid");
    for (const [index, role] of ["follower", "leader", "observer"].entries()) {
      for (const [name, java] of javas[index]!) {
        assert.deepEqual(ours[index]!.get(name), java, `${name} on the ${role}`);
      }
    }
  },
);

// leader, observers, observer_connection_stat_reset, voting_view, zabstate: who leads, who follows, who counts.
// Java: LeaderCommand, SyncedObserverConsCommand, VotingViewCommand, ZabStateCommand in Commands.

import { participants } from "../../config/membership.js";
import { type HostPort, javaHost, type ServerSpec } from "../../config/server-spec.js";
import { counterOf, epochOf, hex0x } from "../../wire/ids.js";
import type { AdminContext, EnsembleStatus, LearnerInfo } from "../admin-context.js";
import { type Json, type JsonEntry, JsonList, JsonObject } from "../json.js";
import { type Command, EMPTY_LIST, type Entries, NOTHING, telling } from "./command.js";

const leader: Command = {
  names: ["leader", "lead"],
  method: "GET",
  needsServer: true,
  isProtected: false,
  run({ door, ensemble }, _query, answer) {
    const status = ensemble();
    if (status === undefined) {
      answer({ error: "server is not initialized" });
      return;
    }
    const spec = specOf(status, status.leader);
    answer({
      entries: [
        ["is_leader", door.port.serverState === "leader"],
        ["leader_id", status.leader ?? -1],
        ["leader_ip", spec?.addresses[0]?.host ?? ""],
      ],
    });
  },
};

function syncedObservers({ ensemble }: AdminContext): LearnerInfo[] {
  const learners = ensemble()?.learners() ?? [];
  return learners.filter(({ isObserver, isSynced }) => isObserver && isSynced);
}

const observers: Entries = (context) => {
  const all = syncedObservers(context);
  const items = all.map(
    ({ link, sid, lastZxid }) =>
      new JsonObject([
        ["remote_socket_address", link.remoteAddress],
        ["sid", sid],
        ["established", link.establishedMs],
        ["queued_packets", link.queueLength],
        ["queued_packets_size", Number.isFinite(link.unsentBytes) ? link.unsentBytes : 0],
        ["packets_received", link.stats.packetsReceived],
        ["packets_sent", link.stats.packetsSent],
        ["requests", link.stats.requests],
        ["last_zxid", lastZxid],
      ]),
  );
  return [
    ["synced_observers", all.length],
    ["observers", items.length === 0 ? EMPTY_LIST : new JsonList(items)],
  ];
};

const resetObservers: Entries = (context) => {
  for (const { link } of syncedObservers(context)) {
    Object.assign(link.stats, { packetsReceived: 0, packetsSent: 0, requests: 0 });
  }
  return [];
};

const votingView: Entries = ({ ensemble }) => {
  const status = ensemble();
  if (status === undefined) return [["current_config", NOTHING]];
  const views = participants(status.membership).map((spec): JsonEntry => {
    const client = spec.client ?? (spec.sid === status.sid ? status.clientAddress : undefined);
    const view = new JsonObject([
      ["server_addresses", new JsonList(quorumAddresses(spec).map(address))],
      ["election_addresses", new JsonList(electionAddresses(spec).map(address))],
      ["client_address", client === undefined ? "" : address(client)],
      ["learner_type", spec.role],
    ]);
    return [String(spec.sid), view];
  });
  return [["current_config", new JsonObject(views)]];
};

function zabState({ door: { port }, ensemble }: AdminContext): JsonEntry[] {
  const status = ensemble();
  if (status === undefined || !port.serving) {
    return [
      ["voting", false],
      ["zabstate", ""],
    ];
  }
  const own = specOf(status, status.sid);
  const zxid = port.lastProcessedZxid();
  const { clientAddress } = status;
  return [
    ["myid", status.sid],
    ["is_leader", port.serverState === "leader"],
    ["quorum_address", multipleAddresses(own === undefined ? [] : quorumAddresses(own))],
    ["election_address", multipleAddresses(own === undefined ? [] : electionAddresses(own))],
    ["client_address", clientAddress === undefined ? null : address(clientAddress)],
    ["voting", own?.role === "participant"],
    ["last_zxid", hex0x(zxid)],
    ["zab_epoch", epochOf(zxid)],
    ["zab_counter", counterOf(zxid)],
    ["zabstate", status.zabState],
  ];
}

function specOf({ membership }: EnsembleStatus, sid: number | undefined): ServerSpec | undefined {
  return membership.servers.find((server) => server.sid === sid);
}

function quorumAddresses({ addresses }: ServerSpec): HostPort[] {
  return addresses.map(({ host, quorumPort: port }) => ({ host, port }));
}

function electionAddresses({ addresses }: ServerSpec): HostPort[] {
  return addresses.map(({ host, electionPort: port }) => ({ host, port }));
}

function address({ host, port }: HostPort): string {
  const written = javaHost(host);
  return written.includes(":") ? `[${written}]:${port}` : `${written}:${port}`;
}

/** Java shows every getter of its MultipleAddresses. Whether an address can be reached is not asked for this. */
function multipleAddresses(all: readonly HostPort[]): Json {
  const written = all.map(address);
  const [first] = written;
  if (first === undefined) return new JsonObject([["empty", true]]);
  return new JsonObject([
    ["empty", false],
    ["all_addresses", new JsonList(written)],
    ["wildcard_addresses", new JsonList(all.map(({ port }) => `0.0.0.0:${port}`))],
    ["all_ports", new JsonList(all.map(({ port }) => port))],
    ["all_host_strings", new JsonList(all.map(({ host }) => host))],
    ["reachable_address", first],
    ["all_reachable_addresses", new JsonList(written)],
    ["all_reachable_addresses_or_all", new JsonList(written)],
    ["reachable_or_one", first],
    ["one", first],
  ]);
}

export const ENSEMBLE_COMMANDS: readonly Command[] = [
  leader,
  telling(["observers", "obsr"], observers),
  telling(["observer_connection_stat_reset", "orst"], resetObservers),
  telling(["voting_view"], votingView),
  telling(["zabstate"], zabState, { needsServer: false }),
];

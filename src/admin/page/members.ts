// The members as this server knows them: from the configuration, from its links while it leads, and from what they answer to
// `srvr` where they serve clients.
//
// A line server.N without a client port says nowhere where that member serves: another host is then asked on the port that we
// serve on, as most ensembles have it; a member on our own host cannot be.

import type { HostPort, ServerSpec } from "../../config/server-spec.js";
import { hex0x } from "../../wire/ids.js";
import type { AdminContext, EnsembleStatus, LearnerInfo } from "../admin-context.js";
import type { MemberProbe } from "./member-probe.js";

export function membersOf(context: AdminContext, probe: MemberProbe): object[] {
  const status = context.ensemble();
  if (status === undefined) return [];
  const leads = context.door.port.serverState === "leader";
  const learners = new Map(status.learners().map((learner) => [learner.sid, learner]));
  return status.membership.servers.map((spec) => {
    const role = spec.role;
    const [first] = spec.addresses;
    const base = {
      sid: spec.sid,
      address: first === undefined ? "" : `${first.host}:${first.quorumPort}`,
      votes: role === "participant",
      isSelf: spec.sid === status.sid,
      leads: spec.sid === status.leader,
    };
    if (base.isSelf) return { ...base, ...ownState(context) };
    const seen = leads ? linkState(learners.get(spec.sid)) : {};
    const target = clientAddressOf(spec, status);
    if (target === undefined) return { client: null, state: null, ...base, ...seen };
    const client = `${target.host.includes(":") ? `[${target.host}]` : target.host}:${target.port}`;
    return { client, ...base, ...probe.ask(target), ...seen };
  });
}

function ownState({ door, ensemble }: AdminContext): object {
  const { port } = door;
  const address = ensemble()?.clientAddress;
  return {
    client: address === undefined ? null : `${address.host}:${address.port}`,
    state: port.serverState,
    zxid: hex0x(port.lastProcessedZxid()),
    sync: ensemble()?.zabState ?? null,
    connections: door.connectionCount,
    outstanding: door.inProcess,
  };
}

/** What a leader knows of a member. */
function linkState(learner: LearnerInfo | undefined): object {
  if (learner === undefined) return { sync: "not connected" };
  const { link, isSynced, isObserver, ackedZxid, lastZxid } = learner;
  return {
    sync: isSynced ? "synced" : "synchronizing",
    // Observers acknowledge nothing: what they were sent is all there is to know.
    onDisk: isObserver ? null : hex0x(ackedZxid > lastZxid ? ackedZxid : lastZxid),
    queue: link.queueLength,
    linkMs: link.establishedMs,
  };
}

function clientAddressOf(spec: ServerSpec, status: EnsembleStatus): HostPort | undefined {
  const [first] = spec.addresses;
  if (first === undefined) return undefined;
  if (spec.client !== undefined) {
    const { host, port } = spec.client;
    return { host: isAnyAddress(host) ? first.host : host, port };
  }
  const own = status.membership.servers.find(({ sid }) => sid === status.sid);
  const isElsewhere = own?.addresses.every(({ host }) => host !== first.host) ?? false;
  const port = status.clientAddress?.port;
  return isElsewhere && port !== undefined ? { host: first.host, port } : undefined;
}

function isAnyAddress(host: string): boolean {
  return host === "0.0.0.0" || host === "::" || host === "0:0:0:0:0:0:0:0";
}

// reconfig (16): other members for the ensemble. Java: OpCode.reconfig in PrepRequestProcessor.
//
//   joining, leaving   who comes (or changes) and who goes; only where a quorum is a simple majority
//   newMembers         all of them: the lines of a dynamic file, with commas or newlines between them
//
// The txn is a setData of /zookeeper/config under a type of its own, with the text of the new configuration, whose version is
// the txn's zxid. What becomes of the ensemble is the quorum's affair (quorum/reconfiguration.ts).
//
// The checks come in Java's order, because a client is told of the first that fails. What Java did not expect to go wrong
// (a server id that is no number, a configuration without participants) is a marshallingError there, and so it is here.

import { Perms } from "../auth/access.js";
import { ConfigError } from "../config/config-error.js";
import {
  checkMembership,
  formatMembership,
  isMembershipKey,
  type Membership,
  parseMembership,
  participants,
} from "../config/membership.js";
import { MalformedProperties, parseProperties } from "../config/properties.js";
import { parseServerSpec, type ServerSpec } from "../config/server-spec.js";
import { InvalidValue, parseLong } from "../config/setting.js";
import { CONFIG_PATH } from "../tree/paths.js";
import { ErrorCode } from "../wire/error-codes.js";
import type { Sid } from "../wire/ids.js";
import { OpCode } from "../wire/op-codes.js";
import {
  type ReconfigRequest,
  readReconfigRequest,
  readSetDataTxn,
  type SetDataTxn,
  writeSetDataTxn,
} from "../wire/records.js";
import { mayDo } from "./access.js";
import { type EnsembleView, failed, type TxnKind, type WriteOperation } from "./operation.js";
import { checkSession } from "./session-check.js";

export const reconfig: WriteOperation<ReconfigRequest, SetDataTxn> = {
  kind: "write",
  type: OpCode.reconfig,
  shortName: "RECO",
  decode: readReconfigRequest,

  prepare(context, request) {
    const { pending, zxid, nowMs, ensemble } = context;
    if (!context.settings.reconfigEnabled) return failed(ErrorCode.reconfigDisabled);
    const refused = checkSession(context);
    if (refused !== ErrorCode.ok) return failed(refused);
    // A server on its own does not know how.
    if (ensemble === undefined) return failed(ErrorCode.unimplemented);
    const { lastSeen } = ensemble;
    if (lastSeen.version !== ensemble.committedVersion) return failed(ErrorCode.reconfigInProgress);
    const expected = request.curConfigId;
    if (expected !== -1n && expected !== BigInt(lastSeen.version)) {
      ensemble.refused(
        `Reconfiguration from version ${expected} failed -- last seen version is ${lastSeen.version}`,
      );
      return failed(ErrorCode.badVersion);
    }
    const members = wantedMembers(request, ensemble);
    if (typeof members === "number") return failed(members);
    const next = { ...members, version: zxid };
    const fault = faultOf(next, ensemble);
    if (fault !== ErrorCode.ok) return failed(fault);

    const before = pending.find(CONFIG_PATH);
    if (before === undefined) return failed(ErrorCode.noNode);
    if (!mayDo(context, pending.aclOf(before), Perms.write)) return failed(ErrorCode.noAuth);
    const data = Buffer.from(formatMembership(next), "utf8");
    const node = pending.duplicateToSet(CONFIG_PATH, before, zxid);
    node.version = -1;
    node.mtime = nowMs;
    node.mzxid = zxid;
    pending.setContent(node, data);
    pending.add(node, before);
    return { ok: true, type: OpCode.reconfig, txn: { path: CONFIG_PATH, data, version: -1 } };
  },

  /** GetDataResponse: the data, the Stat. */
  encode(out, { data, stat }) {
    if (stat === undefined) return;
    out.buffer(data ?? null);
    stat.writeTo(out);
  },
};

export const reconfigTxn: TxnKind<SetDataTxn> = {
  type: OpCode.reconfig,
  encodeTxn: writeSetDataTxn,
  decodeTxn: readSetDataTxn,
  // The txn may be a view of bytes that are used again; the answer may wait.
  apply(tree, { zxid, time }, { path, data, version }) {
    const error = tree.setData(path ?? "", data, version, zxid, time);
    const result = {
      error,
      type: OpCode.reconfig,
      path: path ?? "",
      data: data && Buffer.from(data),
    };
    const stat = error === ErrorCode.ok ? tree.setter.last?.statImage() : undefined;
    return stat === undefined ? result : { ...result, stat };
  },
};

/** Too few voters, or not enough of them here and up to date. */
function faultOf(next: Membership, ensemble: EnsembleView): ErrorCode {
  const voters = participants(next).length;
  const needed = ensemble.standaloneEnabled ? 2 : 1;
  if (voters < needed) {
    const followers = needed === 1 ? "1 follower" : "2 followers";
    ensemble.refused(`Reconfig failed - new configuration must include at least ${followers}`);
    return ErrorCode.badArguments;
  }
  if (ensemble.isQuorumSynced(next)) return ErrorCode.ok;
  ensemble.refused(
    "Reconfig failed - there must be a connected and synced quorum in new configuration",
  );
  return ErrorCode.newConfigNoQuorum;
}

function wantedMembers(request: ReconfigRequest, ensemble: EnsembleView): Membership | ErrorCode {
  try {
    const { joiningServers, leavingServers, newMembers } = request;
    if (newMembers !== null) return allMembers(newMembers, ensemble);
    return changedMembers(joiningServers, leavingServers, ensemble);
  } catch (error) {
    if (error instanceof ConfigError && error.kind === "config") {
      ensemble.refused(`Reconfig failed - ${error.message}`);
      return ErrorCode.badArguments;
    }
    const isExpected =
      error instanceof ConfigError ||
      error instanceof InvalidValue ||
      error instanceof MalformedProperties;
    if (!isExpected) throw error;
    ensemble.refused(`Reconfig failed - ${error.message}`);
    return ErrorCode.marshallingError;
  }
}

function allMembers(text: string, { membershipOptions, standaloneEnabled }: EnsembleView) {
  const entries = parseProperties(text.replaceAll(",", "\n"));
  for (const { key } of entries) {
    if (isMembershipKey(key.trim()) || key.trim() === "version") continue;
    throw new ConfigError("config", `Unrecognised parameter: ${key}`);
  }
  const membership = parseMembership(entries, membershipOptions);
  checkMembership(membership, standaloneEnabled, () => {});
  return membership;
}

function changedMembers(
  joining: string | null,
  leaving: string | null,
  { lastSeen, membershipOptions }: EnsembleView,
): Membership {
  if (lastSeen.hierarchy !== undefined) {
    throw new ConfigError(
      "config",
      "Incremental reconfiguration requested but last configuration seen has a non-majority quorum system",
    );
  }
  const servers = new Map(lastSeen.servers.map((server) => [server.sid, server]));
  for (const sid of pieces(leaving, ",")) servers.delete(parseLong(sid) as Sid);
  for (const text of pieces(joining, ",")) {
    const server = parseJoiner(text, membershipOptions.multiAddressEnabled);
    for (const other of servers.values()) checkDistinct(server, other);
    servers.set(server.sid, server);
  }
  const sorted = [...servers.values()].sort((left, right) => left.sid - right.sid);
  return { version: lastSeen.version, servers: sorted, hierarchy: undefined };
}

/** server.5=host:2888:3888;2181 */
function parseJoiner(text: string, multiAddressEnabled: boolean): ServerSpec {
  const [key, value, ...more] = pieces(text, "=");
  if (key === undefined || value === undefined || more.length > 0) {
    throw new ConfigError("config", "Wrong format of server string");
  }
  const sid = parseLong(key.slice(key.lastIndexOf(".") + 1)) as Sid;
  const server = parseServerSpec(sid, value, multiAddressEnabled);
  if (server.client === undefined) {
    throw new ConfigError(
      "config",
      "Wrong format of server string - each server should have 3 ports specified",
    );
  }
  return server;
}

function checkDistinct(server: ServerSpec, other: ServerSpec): void {
  if (server.sid === other.sid) return;
  const taken = addressesOf(other);
  for (const address of addressesOf(server)) {
    if (!taken.includes(address)) continue;
    throw new ConfigError(
      "config",
      `${address} of server.${server.sid} conflicts ${address} of server.${other.sid}`,
    );
  }
}

/** Those that are one machine's alone. Java resolves names before it compares; here a name is a name. */
function addressesOf({ addresses, client }: ServerSpec): string[] {
  const all = addresses.flatMap(({ host, quorumPort, electionPort }) => [
    { host, port: quorumPort },
    { host, port: electionPort },
  ]);
  if (client !== undefined) all.push(client);
  return all.filter(({ host }) => !isEverywhere(host)).map(({ host, port }) => `${host}:${port}`);
}

function isEverywhere(host: string): boolean {
  return host === "localhost" || /^(0\.0\.0\.0|127\..*|[0:]+1?)$/.test(host);
}

/** Java: StringUtils.split. */
function pieces(text: string | null, separator: string): string[] {
  if (text === null) return [];
  return text
    .split(separator)
    .map((piece) => piece.trim())
    .filter((piece) => piece !== "");
}

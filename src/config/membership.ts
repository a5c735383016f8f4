// Who is in the ensemble and what makes a majority of them: the server., group., weight. and version lines of zoo.cfg or of
// its dynamic file. Java: QuorumPeerConfig.parseDynamicConfig, QuorumMaj, QuorumHierarchical, QuorumOracleMaj.

import type { Sid, Zxid } from "../wire/ids.js";
import { hex, ZXID_ZERO } from "../wire/ids.js";
import { ConfigError } from "./config-error.js";
import type { PropertiesEntry } from "./properties.js";
import { formatServerSpec, parseServerSpec, type ServerSpec } from "./server-spec.js";
import { InvalidValue, parseLong } from "./setting.js";

/** The members at one version; with groups, a majority of the weight in a majority of the groups is a quorum. */
export interface Membership {
  /** The zxid of the reconfig that made it; 0 for what was only ever in a file. */
  readonly version: Zxid;
  /** In the order of their ids. */
  readonly servers: readonly ServerSpec[];
  /** Undefined: a simple majority of the participants. */
  readonly hierarchy: Hierarchy | undefined;
}

export interface Hierarchy {
  /** Group of each server. */
  readonly groups: readonly { readonly sid: Sid; readonly group: number }[];
  /** Weight of each participant: 1 unless a weight line says otherwise. */
  readonly weights: readonly { readonly sid: Sid; readonly weight: number }[];
}

export const NO_MEMBERS: Membership = { version: ZXID_ZERO, servers: [], hierarchy: undefined };

export interface MembershipOptions {
  readonly multiAddressEnabled: boolean;
  readonly oraclePath: string | undefined;
}

/** True for keys that belong into a dynamic file once there is one. */
export function isMembershipKey(key: string): boolean {
  return key.startsWith("server.") || key.startsWith("group") || key.startsWith("weight");
}

/** Reads the membership lines; other keys are passed over. */
export function parseMembership(
  entries: Iterable<PropertiesEntry>,
  options: MembershipOptions,
): Membership {
  const servers = new Map<Sid, ServerSpec>();
  const groups = new Map<Sid, number>();
  const weights = new Map<Sid, number>();
  let version = ZXID_ZERO;
  let hierarchical = false;
  for (const { key, value } of entries) {
    if (key.startsWith("server.")) {
      const sid = parseSid(key.slice("server.".length));
      servers.set(sid, parseServerSpec(sid, value, options.multiAddressEnabled));
    } else if (key.startsWith("group")) {
      hierarchical = true;
      addGroup(groups, key, value);
    } else if (key.startsWith("weight")) {
      hierarchical = true;
      weights.set(parseSid(afterDot(key)), parseLong(value));
    } else if (key === "version") {
      version = parseVersion(value);
    }
  }
  const sorted = [...servers.values()].sort(bySid);
  // With an oracle Java counts heads, whatever the groups say.
  const simple = !hierarchical || options.oraclePath !== undefined;
  const hierarchy = simple ? undefined : makeHierarchy(sorted, groups, weights);
  return { version, servers: sorted, hierarchy };
}

export function participants(membership: Membership): ServerSpec[] {
  return membership.servers.filter((server) => server.role === "participant");
}

export function observers(membership: Membership): ServerSpec[] {
  return membership.servers.filter((server) => server.role === "observer");
}

/** The text of /zookeeper/config and of dynamic files: Java's QuorumVerifier.toString. */
export function formatMembership(membership: Membership): string {
  const lines = membership.servers.map((spec) => `server.${spec.sid}=${formatServerSpec(spec)}`);
  if (membership.hierarchy !== undefined) {
    const sidsOf = new Map<number, Sid[]>();
    for (const { sid, group } of membership.hierarchy.groups) {
      sidsOf.set(group, [...(sidsOf.get(group) ?? []), sid]);
    }
    for (const [group, sids] of [...sidsOf].sort(([left], [right]) => left - right))
      lines.push(`group.${group}=${sids.join(":")}`);
    for (const { sid, weight } of membership.hierarchy.weights)
      lines.push(`weight.${sid}=${weight}`);
  }
  lines.push(`version=${hex(membership.version)}`);
  return lines.join("\n");
}

/** The last part of a dynamic file's name, if it is a hexadecimal number: zoo.cfg.dynamic.100000000. */
export function versionOfFileName(name: string): string | undefined {
  const dot = name.lastIndexOf(".");
  if (dot < 0) return undefined;
  const digits = name.slice(dot + 1);
  return /^[+-]?[0-9a-fA-F]{1,16}$/.test(digits) ? digits : undefined;
}

/** What Java checks of the members whatever role this server plays; `say` gets its warnings. */
export function checkMembership(
  membership: Membership,
  standaloneEnabled: boolean,
  say: (level: "warn" | "error", line: string) => void,
): void {
  const voters = participants(membership).length;
  const watching = observers(membership).length;
  if (voters === 0) {
    if (!standaloneEnabled) {
      throw new InvalidValue(
        "standaloneEnabled = false then number of participants should be >0",
        "",
      );
    }
    if (watching > 0) {
      throw new InvalidValue("Observers w/o participants is an invalid configuration", "");
    }
  } else if (voters === 1 && standaloneEnabled) {
    say("error", "Invalid configuration, only one server specified (ignoring)");
    if (watching > 0) {
      throw new InvalidValue("Observers w/o quorum is an invalid configuration", "");
    }
  } else if (voters <= 2) {
    say("warn", "No server failure will be tolerated. You need at least 3 servers.");
  } else if (voters % 2 === 0) {
    say("warn", "Non-optimal configuration, consider an odd number of servers.");
  }
}

function addGroup(groups: Map<Sid, number>, key: string, value: string): void {
  const group = parseLong(afterDot(key));
  for (const text of value.split(":")) {
    const sid = parseSid(text);
    // Java forgets the blank before "is"; operators search for what it prints.
    if (groups.has(sid)) throw new ConfigError("config", `Server ${sid}is in multiple groups`);
    groups.set(sid, group);
  }
}

function makeHierarchy(
  servers: readonly ServerSpec[],
  groups: ReadonlyMap<Sid, number>,
  weights: Map<Sid, number>,
): Hierarchy {
  for (const { sid, role } of servers) {
    if (role !== "participant") continue;
    if (!groups.has(sid)) throw new ConfigError("config", `Server ${sid}is not in a group`);
    if (!weights.has(sid)) weights.set(sid, 1);
  }
  for (const [sid, group] of groups) {
    if (weights.has(sid)) continue;
    // Java dies of a NullPointerException here.
    throw new ConfigError(
      "unexpected",
      `Server ${sid} is in group ${group} and is neither a participant nor has a weight`,
    );
  }
  return {
    groups: [...groups].map(([sid, group]) => ({ sid, group })).sort(bySid),
    weights: [...weights].map(([sid, weight]) => ({ sid, weight })).sort(bySid),
  };
}

function bySid(left: { readonly sid: Sid }, right: { readonly sid: Sid }): number {
  return left.sid - right.sid;
}

function afterDot(key: string): string {
  return key.slice(key.indexOf(".") + 1);
}

function parseSid(text: string): Sid {
  return parseLong(text) as Sid;
}

function parseVersion(text: string): Zxid {
  const version = /^\+?[0-9a-fA-F]+$/.test(text) ? Number.parseInt(text, 16) : Number.NaN;
  if (Number.isSafeInteger(version)) return version as Zxid;
  throw new InvalidValue(
    `For input string: "${text}" under radix 16`,
    "must be a zxid in hexadecimal",
  );
}

// One server.N line. Java: QuorumPeer.QuorumServer and ConfigUtils.getHostAndPort.
//
//   value   = address ("|" address)* [";" client] [";" secureClient]
//   address = host ":" quorumPort ":" electionPort [":" ("participant" | "observer")]      a host with colons in [ ]
//   client  = [host ":"] port                                                                secureClient: 3.10 and later
//
// Nothing is resolved here: names are asked for anew at each connection, so that a server may move.

import type { Sid } from "../wire/ids.js";
import { ConfigError } from "./config-error.js";
import { InvalidValue, parseInt32 } from "./setting.js";

export type Role = "participant" | "observer";

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

export interface ServerAddress {
  readonly host: string;
  readonly quorumPort: number;
  readonly electionPort: number;
}

export interface ServerSpec {
  readonly sid: Sid;
  /** One, or several with multiAddress.enabled. */
  readonly addresses: readonly ServerAddress[];
  readonly role: Role;
  /** Where it serves clients, if the line says so. */
  readonly client: HostPort | undefined;
  /** Where it serves clients with TLS, if the line says so. */
  readonly secureClient: HostPort | undefined;
}

const WRONG_FORM =
  " does not have the form server_config or server_config;client_config where server_config is the pipe separated list of" +
  " host:port:port or host:port:port:type and client_config is port or host:port";

export function parseServerSpec(sid: Sid, value: string, multiAddressEnabled: boolean): ServerSpec {
  const parts = javaSplit(value, ";");
  const addressTexts = javaSplit(parts[0] ?? "", "|");
  if (parts.length > 3) throw new ConfigError("config", value + WRONG_FORM);
  const client = clientAddress(value, parts[1]);
  const secureClient = clientAddress(value, parts[2]);
  if (!multiAddressEnabled && addressTexts.length > 1) {
    throw new ConfigError(
      "config",
      `Multiple address feature is disabled, but multiple addresses were specified for sid ${sid}`,
    );
  }
  const addresses: ServerAddress[] = [];
  let role: Role | undefined;
  for (const text of addressTexts) {
    const fields = hostAndPorts(text);
    if (fields.length < 3 || fields.length > 4) throw new ConfigError("config", value + WRONG_FORM);
    addresses.push(serverAddress(sid, fields));
    if (fields[3] === undefined) continue;
    const ownRole = parseRole(fields[3]);
    role ??= ownRole;
    if (ownRole !== role) {
      throw new ConfigError(
        "config",
        `Multiple addresses should have similar roles: ${role.toUpperCase()} vs ${ownRole.toUpperCase()}`,
      );
    }
  }
  return { sid, addresses, role: role ?? "participant", client, secureClient };
}

/** As ZooKeeper writes it into dynamic files and /zookeeper/config. */
export function formatServerSpec(spec: ServerSpec): string {
  const addresses = spec.addresses.map((one) => ({ ...one, host: javaHost(one.host) }));
  const servers = addresses
    .sort((left, right) => compare(left.host, right.host))
    .map((one) => `${bracketed(one.host)}:${one.quorumPort}:${one.electionPort}`)
    .join("|");
  const client =
    spec.client === undefined ? "" : `;${bracketed(spec.client.host)}:${spec.client.port}`;
  const secure =
    spec.secureClient === undefined
      ? ""
      : `${client === "" ? ";" : ""};${bracketed(spec.secureClient.host)}:${spec.secureClient.port}`;
  return `${servers}:${spec.role}${client}${secure}`;
}

export function parseRole(value: string): Role {
  const role = value.trim().toLowerCase();
  if (role === "observer" || role === "participant") return role;
  throw new ConfigError("config", `Unrecognised peertype: ${value}`);
}

function serverAddress(sid: Sid, fields: readonly string[]): ServerAddress {
  const host = fields[0] as string;
  const quorumPort = portOf(host, fields[1] as string);
  const electionPort = portOf(host, fields[2] as string);
  if (quorumPort === electionPort) {
    throw new ConfigError(
      "config",
      `Client and election port must be different! Please update the configuration file on server.${sid}`,
    );
  }
  return { host, quorumPort, electionPort };
}

function clientAddress(value: string, text: string | undefined): HostPort | undefined {
  if (text === undefined || text === "") return undefined;
  const fields = hostAndPorts(text);
  if (fields.length > 2) throw new ConfigError("config", value + WRONG_FORM);
  const host = fields.length === 2 ? (fields[0] as string) : "0.0.0.0";
  return { host, port: portOf(host, fields.at(-1) ?? "") };
}

function portOf(host: string, text: string): number {
  let port: number;
  try {
    port = parseInt32(text);
  } catch {
    throw new ConfigError("config", `Address unresolved: ${host}:${text}`);
  }
  checkPort(port);
  return port;
}

/** Java's InetSocketAddress takes no other. */
export function checkPort(port: number): void {
  if (port >= 0 && port <= 65535) return;
  throw new InvalidValue(`port out of range:${port}`, "must be a port, 0 to 65535");
}

/** Splits host:port:port…, whose host may be an IPv6 address in brackets. */
function hostAndPorts(text: string): string[] {
  if (!text.startsWith("[")) return javaSplit(text, ":");
  const end = text.indexOf("]");
  if (end < 0) {
    throw new ConfigError("config", `${text} starts with '[' but has no matching ']:'`);
  }
  if (end + 2 === text.length) {
    throw new ConfigError("config", `${text} doesn't have a port after colon`);
  }
  if (end + 2 < text.length) return [text.slice(1, end), ...javaSplit(text.slice(end + 2), ":")];
  return [text.replaceAll(/[[\]]/g, "")];
}

/** Java's String.split: empty pieces at the end are dropped. */
function javaSplit(text: string, separator: string): string[] {
  const pieces = text.split(separator);
  while (pieces.length > 1 && pieces.at(-1) === "") pieces.pop();
  return pieces;
}

/** Java writes an IPv6 address as eight groups without leading zeros: ::1 is 0:0:0:0:0:0:0:1. */
export function javaHost(host: string): string {
  if (!/^[0-9a-fA-F:]*:[0-9a-fA-F:]*$/.test(host)) return host;
  const [left, right] = host.split("::") as [string, string?];
  const before = left === "" ? [] : left.split(":");
  const after = right === undefined || right === "" ? [] : right.split(":");
  const zeros = right === undefined ? 0 : 8 - before.length - after.length;
  const all = [...before, ...Array<string>(Math.max(0, zeros)).fill("0"), ...after];
  return all.map((group) => Number.parseInt(group, 16).toString(16)).join(":");
}

function bracketed(host: string): string {
  const written = javaHost(host);
  return written.includes(":") ? `[${written}]` : written;
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

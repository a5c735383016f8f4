// "host:port,host:port/chroot" to its parts. Java: ConnectStringParser, NetUtils.getIPV6HostAndPort.

import type { Endpoint } from "../../platform/platform.js";
import { pathProblem } from "./client-path.js";
import { InvalidArgumentError } from "./zookeeper-error.js";

const DEFAULT_PORT = 2181;

export interface ConnectString {
  readonly servers: readonly Endpoint[];
  /** Undefined for the tree's own root. */
  readonly chroot: string | undefined;
}

export function parseConnectString(text: string): ConnectString {
  const slash = text.indexOf("/");
  const hosts = slash < 0 ? text : text.slice(0, slash);
  const chroot = slash < 0 || slash === text.length - 1 ? undefined : text.slice(slash);
  const problem = chroot === undefined ? undefined : pathProblem(chroot);
  if (problem !== undefined) throw new InvalidArgumentError(problem);
  const servers = hosts
    .split(",")
    .map((host) => host.trim())
    .filter((host) => host !== "")
    .map(parseServer);
  if (servers.length === 0) throw new InvalidArgumentError("A HostProvider may not be empty!");
  return { servers, chroot };
}

function parseServer(text: string): Endpoint {
  if (text.startsWith("[")) {
    const close = text.indexOf("]");
    if (close > 0) {
      const rest = text.slice(close + 1);
      return { host: text.slice(1, close), port: rest === "" ? DEFAULT_PORT : port(rest.slice(1)) };
    }
  }
  const colon = text.lastIndexOf(":");
  if (colon < 0) return { host: text, port: DEFAULT_PORT };
  const digits = text.slice(colon + 1);
  return { host: text.slice(0, colon), port: digits === "" ? DEFAULT_PORT : port(digits) };
}

function port(digits: string): number {
  if (!/^[+-]?\d+$/.test(digits)) {
    throw new InvalidArgumentError(`For input string: "${digits}"`);
  }
  const value = Number(digits);
  if (value < 0 || value > 65535) throw new InvalidArgumentError(`port out of range:${value}`);
  return value;
}

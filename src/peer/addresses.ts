// Where members are: names to addresses, addresses to text. Java: MultipleAddresses, QuorumServer.recreateSocketAddresses,
// NetUtils.formatInetAddr, and what InetSocketAddress prints.
//
// A name is asked for again at each attempt to connect, so that a member may move. While the name service does not answer,
// the addresses that it gave last are used. A name that never resolves delays only who asks for it.

import type { HostPort } from "../config/server-spec.js";
import { NetworkError, type Platform } from "../platform/platform.js";

/** So many addresses of one name are tried. */
const ADDRESSES_PER_NAME_MAX = 8;

export type Found = (error: NetworkError | undefined, addresses: readonly string[]) => void;
type Answered = (error: NetworkError | undefined) => void;

export class AddressBook {
  readonly #platform: Platform;
  readonly #known = new Map<string, readonly string[]>();
  /** Who waits for a question that is under way: the name service is asked once at a time for each name. */
  readonly #waiting = new Map<string, Set<Answered>>();

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  /** What was found last; undefined for what was never found. */
  known(host: string): readonly string[] | undefined {
    return isLiteral(host) ? [host] : this.#known.get(host);
  }

  /** `done` is called once, not during the call, after `timeoutMs` at the latest. */
  find(host: string, timeoutMs: number, done: Found): { cancel(): void } {
    const { clock } = this.#platform;
    if (isLiteral(host)) return clock.setTimer(0, () => done(undefined, [host]));
    const answered: Answered = (error) => {
      timer.cancel();
      const known = this.#known.get(host);
      if (known === undefined) done(error ?? notFound(host), []);
      else done(undefined, known);
    };
    const timer = clock.setTimer(timeoutMs, () => {
      this.#waiting.get(host)?.delete(answered);
      answered(
        new NetworkError("ETIMEDOUT", `Cannot resolve "${host}": no answer in ${timeoutMs} ms`),
      );
    });
    this.#ask(host, answered);
    return {
      cancel: () => {
        timer.cancel();
        this.#waiting.get(host)?.delete(answered);
      },
    };
  }

  #ask(host: string, answered: Answered): void {
    const others = this.#waiting.get(host);
    if (others !== undefined) {
      others.add(answered);
      return;
    }
    const waiting = new Set([answered]);
    this.#waiting.set(host, waiting);
    this.#platform.network.resolve(host, (error, addresses) => {
      this.#waiting.delete(host);
      if (error === undefined && addresses.length > 0) {
        this.#known.set(host, addresses.slice(0, ADDRESSES_PER_NAME_MAX));
      }
      for (const one of waiting) one(error);
    });
  }
}

/** An IPv4 or IPv6 address, not a name. */
export function isLiteral(host: string): boolean {
  return host.includes(":") || /^\d{1,3}(\.\d{1,3}){3}$/.test(host);
}

/** Whether it stands for every interface: such an address says nothing about where a server can be reached. */
export function isWildcard(host: string): boolean {
  return /^0{1,3}(\.0{1,3}){3}$/.test(host) || (host.includes(":") && /^[0:]+$/.test(host));
}

/** As it is sent and configured: host:port, an IPv6 address in brackets. */
export function formatAddress({ host, port }: HostPort): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** As Java prints a socket's address: name/1.2.3.4:3888, /1.2.3.4:3888, name/<unresolved>:3888. Log lines are searched for it. */
export function javaAddress(
  { host, port }: HostPort,
  known: readonly string[] | undefined,
): string {
  const name = isLiteral(host) ? "" : host;
  const address = name === "" ? host : known?.[0];
  if (address === undefined) return `${name}/<unresolved>:${port}`;
  return `${name}/${address.includes(":") ? `[${address}]` : address}:${port}`;
}

function notFound(host: string): NetworkError {
  return new NetworkError("ENOTFOUND", `Cannot resolve "${host}": it has no address`);
}

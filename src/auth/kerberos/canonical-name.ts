// The name that DNS has for an address, by which Kerberos knows its host. Java: InetAddress.getCanonicalHostName.
//
// A name is believed only if it leads back to the address: whoever rules the address's DNS says what he likes.

import type { Network } from "../../platform/platform.js";

export type Names = Pick<Network, "resolve" | "nameOf">;

/** Undefined: it has none, or none that is believed. */
export function canonicalName(
  network: Names,
  address: string,
  done: (name: string | undefined) => void,
): void {
  network.nameOf(address, (failed, names) => {
    const [name] = names;
    if (failed !== undefined || name === undefined) {
      done(undefined);
      return;
    }
    network.resolve(name, (_error, addresses) => {
      done(addresses.includes(address) ? name : undefined);
    });
  });
}

/** Of a host by any of its names; where there is none, the one that was given. */
export function canonicalHost(network: Names, host: string, done: (name: string) => void): void {
  network.resolve(host, (_error, [address]) => {
    if (address === undefined) done(host);
    else canonicalName(network, address, (name) => done(name ?? host));
  });
}

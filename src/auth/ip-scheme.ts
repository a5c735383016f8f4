// The scheme `ip`: where a client comes from. Expressions are an address or a network, `10.0.0.0/8`, `fd00::/8`. Java:
// IPAuthenticationProvider.
//
// Every connection has its address as an identity from the start; it says nothing about who created a node.

import { javaParseInt } from "../java-text.js";
import type { Id } from "../wire/records.js";
import { javaHostAddress, parseAddress, samePrefix } from "./ip-address.js";
import type { AuthenticatingClient, AuthenticationOutcome, AuthScheme } from "./scheme.js";

/** More than an ACL has room for; what is looked up is not parsed again. */
const NETWORKS_MAX = 65_536;
/** Nobody writes longer ones; those who fill them up with zeros (they may be as long as a request) are parsed each time. */
const KEPT_MAX_LENGTH = 64;

interface Network {
  readonly address: Uint8Array;
  readonly bits: number;
}

export class IpScheme implements AuthScheme {
  readonly name = "ip";
  readonly identifiesCreators = false;
  /** Of expressions that were asked for: ACLs repeat. */
  readonly #networks = new Map<string, Network | undefined>();
  /** Who was looked at last. */
  #identity = "";
  #address: Uint8Array | undefined;

  isValid(expression: string): boolean {
    return parseNetwork(expression) !== undefined;
  }

  matches(identity: string, expression: string): boolean {
    const network = this.#networkOf(expression);
    if (network === undefined) return false;
    if (identity !== this.#identity) {
      this.#address = parseAddress(identity);
      this.#identity = identity;
    }
    const address = this.#address;
    if (address === undefined || address.length !== network.address.length) return false;
    return samePrefix(address, network.address, network.bits);
  }

  #networkOf(expression: string): Network | undefined {
    if (expression.length > KEPT_MAX_LENGTH) return parseNetwork(expression);
    const known = this.#networks.get(expression);
    if (known !== undefined || this.#networks.has(expression)) return known;
    if (this.#networks.size >= NETWORKS_MAX) this.#networks.clear();
    const network = parseNetwork(expression);
    this.#networks.set(expression, network);
    return network;
  }

  userName(identity: string): string {
    return identity;
  }

  authenticate(client: AuthenticatingClient): AuthenticationOutcome {
    return { ok: true, identities: [this.identityOf(client.remoteAddress)] };
  }

  /** What every connection is from the start. */
  identityOf(remoteAddress: string): Id {
    return { scheme: this.name, id: javaHostAddress(remoteAddress) };
  }
}

function parseNetwork(expression: string): Network | undefined {
  const slash = expression.indexOf("/");
  const address = parseAddress(slash < 0 ? expression : expression.slice(0, slash));
  if (address === undefined) return undefined;
  const most = address.length * 8;
  const bits = slash < 0 ? most : javaParseInt(expression.slice(slash + 1));
  return bits === undefined || bits < 0 || bits > most ? undefined : { address, bits };
}

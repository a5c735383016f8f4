// Whom zkCli calls by Kerberos, and the call. Java: SaslServerPrincipal, SecurityUtils.createSaslClient.
//
//   zookeeper.server.principal                    as it is; else
//   zookeeper.sasl.client.username                zookeeper, and the host's name:
//   zookeeper.sasl.client.canonicalize.hostname   true: the one that DNS gives its address, if that leads back to the address
//   zookeeper.server.realm                        where neither says: the client's own realm
//
// A name that DNS gives is believed only so far: the server must hold the key of that name.

import { parseKerberosName } from "../../auth/kerberos/kerberos-name.js";
import { GssapiClient } from "../../auth/sasl/gssapi-client.js";
import type { SaslExchange, SaslOutcome } from "../../auth/sasl/sasl.js";
import type { GssCredential } from "../../platform/kerberos.js";
import type { Network } from "../../platform/platform.js";
import type { SaslServer } from "../client/session-options.js";

type Names = Pick<Network, "resolve" | "nameOf">;

export interface KerberosCallOptions {
  readonly properties: ReadonlyMap<string, string>;
  /** Of a server whose principal has none; undefined: whatever krb5.conf says. */
  readonly realm: string | undefined;
}

export function realmOfServers(
  properties: ReadonlyMap<string, string>,
  self: string | undefined,
  defaultRealm: string | undefined,
): string | undefined {
  const own = self === undefined ? undefined : parseKerberosName(self)?.realm;
  return properties.get("zookeeper.server.realm") ?? own ?? defaultRealm;
}

/** An exchange that begins with finding out the server's name. */
export class KerberosCall implements SaslExchange {
  readonly hasInitialResponse = true;
  readonly #credential: GssCredential;
  readonly #network: Names;
  readonly #server: SaslServer;
  readonly #options: KerberosCallOptions;
  #client: GssapiClient | undefined;
  #isOver = false;

  constructor(
    credential: GssCredential,
    network: Names,
    server: SaslServer,
    options: KerberosCallOptions,
  ) {
    this.#credential = credential;
    this.#network = network;
    this.#server = server;
    this.#options = options;
  }

  evaluate(token: Buffer, done: (outcome: SaslOutcome) => void): void {
    if (this.#client !== undefined) {
      this.#client.evaluate(token, done);
      return;
    }
    this.#findPrincipal((principal) => {
      if (this.#isOver) return;
      this.#client = new GssapiClient(this.#credential.newContext(principal));
      this.#client.evaluate(token, done);
    });
  }

  dispose(): void {
    this.#isOver = true;
    this.#client?.dispose();
  }

  #findPrincipal(done: (principal: string) => void): void {
    const { properties, realm } = this.#options;
    const finish = (principal: string): void => {
      done(principal.includes("@") || realm === undefined ? principal : `${principal}@${realm}`);
    };
    const named = properties.get("zookeeper.server.principal");
    if (named !== undefined) {
      finish(named);
      return;
    }
    const user = properties.get("zookeeper.sasl.client.username") ?? "zookeeper";
    const wanted = properties.get("zookeeper.sasl.client.canonicalize.hostname") ?? "true";
    const { host, address } = this.#server;
    if (wanted.toLowerCase() !== "true" && host !== address) finish(`${user}/${host}`);
    else this.#canonicalName((name) => finish(`${user}/${name ?? host}`));
  }

  #canonicalName(done: (name: string | undefined) => void): void {
    const { address } = this.#server;
    this.#network.nameOf(address, (failed, names) => {
      const [name] = names;
      if (failed !== undefined || name === undefined) {
        done(undefined);
        return;
      }
      this.#network.resolve(name, (_error, addresses) => {
        done(addresses.includes(address) ? name : undefined);
      });
    });
  }
}

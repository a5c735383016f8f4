// Whom zkCli calls by Kerberos, and the call. Java: SaslServerPrincipal, SecurityUtils.createSaslClient.
//
//   zookeeper.server.principal                    as it is; else
//   zookeeper.sasl.client.username                zookeeper, and the host's name:
//   zookeeper.sasl.client.canonicalize.hostname   true: the one that DNS gives its address, if that leads back to the address
//   zookeeper.server.realm                        where neither says: the client's own realm
//
// A name that DNS gives is believed only so far: the server must hold the key of that name.

import { canonicalName, type Names } from "../../auth/kerberos/canonical-name.js";
import { parseKerberosName } from "../../auth/kerberos/kerberos-name.js";
import { GssapiClient } from "../../auth/sasl/gssapi-client.js";
import type { GssCredential } from "../../platform/kerberos.js";
import type { SaslServer } from "../client/session-options.js";

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

export function kerberosCall(
  credential: GssCredential,
  network: Names,
  server: SaslServer,
  options: KerberosCallOptions,
): GssapiClient {
  const { realm } = options;
  return new GssapiClient((open) =>
    findPrincipal(network, server, options, (found) => {
      const isWhole = found.includes("@") || realm === undefined;
      open(credential.newContext(isWhole ? found : `${found}@${realm}`));
    }),
  );
}

function findPrincipal(
  network: Names,
  { host, address }: SaslServer,
  { properties }: KerberosCallOptions,
  done: (principal: string) => void,
): void {
  const named = properties.get("zookeeper.server.principal");
  if (named !== undefined) {
    done(named);
    return;
  }
  const user = properties.get("zookeeper.sasl.client.username") ?? "zookeeper";
  const wanted = properties.get("zookeeper.sasl.client.canonicalize.hostname") ?? "true";
  if (wanted.toLowerCase() !== "true" && host !== address) done(`${user}/${host}`);
  else canonicalName(network, address, (name) => done(`${user}/${name ?? host}`));
}

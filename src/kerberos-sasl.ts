// SASL GSSAPI on either port: logs in by a section of the JAAS file, and makes exchanges of it. Java: Login,
// SecurityUtils.createSaslServer, SecurityUtils.createSaslClient.

import type { LoginModuleEntry } from "./auth/jaas/jaas.js";
import { kerberosServer } from "./auth/jaas/kerberos-login.js";
import { defaultRealm } from "./auth/kerberos/default-realm.js";
import { GssapiServer } from "./auth/sasl/gssapi-server.js";
import type { SaslAcceptor } from "./auth/sasl/sasl.js";
import type { Platform } from "./platform/platform.js";

/** Throws JaasError and KerberosError. */
export function gssapiAcceptor(
  { kerberos, disk }: Platform,
  properties: ReadonlyMap<string, string>,
  entries: readonly LoginModuleEntry[],
  authorize: (peer: string, authorizationId: string) => string,
): SaslAcceptor {
  const realm = defaultRealm(disk, properties);
  const login = kerberosServer(entries, { properties, defaultRealm: realm });
  const credential = kerberos.open(login);
  const { service } = login;
  return () => new GssapiServer({ context: credential.newContext(), service, authorize });
}

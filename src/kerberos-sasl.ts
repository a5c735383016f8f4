// SASL GSSAPI on either port: logs in by a section of the JAAS file, and makes exchanges of it. Java: Login,
// SecurityUtils.createSaslServer, SecurityUtils.createSaslClient.

import type { LoginModuleEntry } from "./auth/jaas/jaas.js";
import {
  type KerberosSurroundings,
  kerberosClient,
  kerberosServer,
} from "./auth/jaas/kerberos-login.js";
import { defaultRealm } from "./auth/kerberos/default-realm.js";
import { parseKerberosName } from "./auth/kerberos/kerberos-name.js";
import { GssapiClient } from "./auth/sasl/gssapi-client.js";
import { GssapiServer } from "./auth/sasl/gssapi-server.js";
import type { SaslAcceptor, SaslExchange } from "./auth/sasl/sasl.js";
import type { Config } from "./config/config.js";
import type { Platform } from "./platform/platform.js";

type Properties = Config["properties"];

/** Throws JaasError and KerberosError. */
export function gssapiAcceptor(
  platform: Platform,
  properties: Properties,
  entries: readonly LoginModuleEntry[],
  authorize: (peer: string, authorizationId: string) => string,
): SaslAcceptor {
  const login = kerberosServer(entries, surroundings(platform, properties));
  const credential = platform.kerberos.open(login);
  const { service } = login;
  return () => new GssapiServer({ context: credential.newContext(), service, authorize });
}

/** Calls principals, when they are found; those without a realm are in our own. Throws JaasError and KerberosError. */
export function gssapiCaller(
  platform: Platform,
  properties: Properties,
  entries: readonly LoginModuleEntry[],
): (find: (done: (principal: string) => void) => void) => SaslExchange {
  const around = surroundings(platform, properties);
  const login = kerberosClient(entries, around);
  const credential = platform.kerberos.open(login);
  const own = login.principal === undefined ? undefined : parseKerberosName(login.principal)?.realm;
  const realm = properties.get("zookeeper.server.realm") ?? own ?? around.defaultRealm;
  return (find) =>
    new GssapiClient((open) =>
      find((principal) => {
        const isWhole = principal.includes("@") || realm === undefined;
        open(credential.newContext(isWhole ? principal : `${principal}@${realm}`));
      }),
    );
}

function surroundings({ disk }: Platform, properties: Properties): KerberosSurroundings {
  return { properties, defaultRealm: defaultRealm(disk, properties) };
}

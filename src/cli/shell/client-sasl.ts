// Whether and how zkCli authenticates by SASL: -D properties, the -client-configuration file, and a section of the JAAS file.
// Java: ZooKeeperSaslClient.
//
//   java.security.auth.login.config   the JAAS file
//   zookeeper.sasl.client             false: not at all
//   zookeeper.sasl.clientconfig       the section; Client
//   zookeeper.fips-mode               true, unless it is said otherwise: no DIGEST-MD5
//
// and, by Kerberos, whom it calls (kerberos-call.ts).

import { type JaasConfiguration, JaasError } from "../../auth/jaas/jaas.js";
import { kerberosClient } from "../../auth/jaas/kerberos-login.js";
import { type JaasSource, loadJaas } from "../../auth/jaas/load.js";
import { digestSelf, findLogin, type Login } from "../../auth/jaas/modules.js";
import { defaultRealm } from "../../auth/kerberos/default-realm.js";
import { DigestMd5Client } from "../../auth/sasl/digest-client.js";
import { type Kerberos, KerberosError } from "../../platform/kerberos.js";
import type { Network } from "../../platform/platform.js";
import type { ClientSasl } from "../client/session-options.js";
import { kerberosCall, realmOfServers } from "./kerberos-call.js";

const JAAS_FILE = "java.security.auth.login.config";
const SECTION = "zookeeper.sasl.clientconfig";
const PROTOCOL = "zookeeper";
const SERVER_NAME = "zk-sasl-md5";

export interface ClientSaslSource extends Pick<JaasSource, "disk" | "userHome"> {
  readonly properties: ReadonlyMap<string, string>;
  readonly kerberos: Kerberos;
  readonly network: Pick<Network, "resolve" | "nameOf">;
  /** Random and printable, each time another. */
  readonly newNonce: () => string;
}

/** Undefined: there is no SASL. */
export function clientSaslOf(source: ClientSaslSource): ClientSasl | undefined {
  const { properties } = source;
  if ((properties.get("zookeeper.sasl.client") ?? "true").toLowerCase() !== "true")
    return undefined;
  const section = properties.get(SECTION) ?? "Client";
  const file = properties.get(JAAS_FILE);
  let configuration: JaasConfiguration;
  try {
    configuration = loadJaas({ ...source, file });
  } catch (error) {
    if (!(error instanceof JaasError)) throw error;
    if (file === undefined && !properties.has(SECTION)) return undefined;
    return {
      loginError: `Zookeeper client cannot authenticate using the '${section}' section of the supplied JAAS configuration: '${file ?? null}' because of a RuntimeException: ${error.message}`,
    };
  }
  try {
    const login = findLogin(configuration, section);
    if (login?.mechanism === "GSSAPI") return kerberosOf(login, source);
    if (login !== undefined) return { newExchange: () => digestExchange(login, source) };
  } catch (error) {
    if (!(error instanceof JaasError || error instanceof KerberosError)) throw error;
    return { loginError: error.message };
  }
  if (properties.has(SECTION)) {
    return {
      loginError: `Client cannot SASL-authenticate because the specified JAAS configuration section '${section}' could not be found.`,
    };
  }
  if (file === undefined) return undefined;
  return {
    loginError: `No JAAS configuration section named '${section}' was found in specified JAAS configuration file: '${file}'.`,
  };
}

function digestExchange({ section, entries }: Login, source: ClientSaslSource) {
  if ((source.properties.get("zookeeper.fips-mode") ?? "true").toLowerCase() === "true") {
    return "Client will not use DIGEST-MD5 as SASL mechanism, because FIPS mode is enabled.";
  }
  const self = digestSelf(entries);
  if (self === undefined) return `Section '${section}' has no username and password`;
  const cnonce = source.newNonce();
  return new DigestMd5Client({ protocol: PROTOCOL, serverName: SERVER_NAME, ...self, cnonce });
}

/** Throws JaasError and KerberosError. */
function kerberosOf({ entries }: Login, source: ClientSaslSource): ClientSasl {
  const { properties, disk, network, kerberos } = source;
  const realm = defaultRealm(disk, properties);
  const login = kerberosClient(entries, { properties, defaultRealm: realm });
  const credential = kerberos.open(login);
  const options = { properties, realm: realmOfServers(properties, login.principal, realm) };
  return { newExchange: (server) => kerberosCall(credential, network, server, options) };
}

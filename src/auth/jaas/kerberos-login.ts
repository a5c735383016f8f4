// What a section with Krb5LoginModule makes us. Java: com.sun.security.auth.module.Krb5LoginModule, ZooKeeper's Login.
//
//   Server {
//     com.sun.security.auth.module.Krb5LoginModule required
//     useKeyTab=true keyTab="/etc/zookeeper/zookeeper.keytab" storeKey=true
//     principal="zookeeper/zk1.example.com@EXAMPLE.COM";
//   };
//
// A server is logged in by its key alone: it asks the key distribution centre for nothing (Java does at the start, unless
// isInitiator=false says that it should not), so it starts while there is none. What Java would find out with the first client,
// that there is no key, or that the principal has no host, ends the start.

import type { KerberosLogin } from "../../platform/kerberos.js";
import { parseKerberosName } from "../kerberos/kerberos-name.js";
import { JaasError, type LoginModuleEntry } from "./jaas.js";
import { KERBEROS_MODULE } from "./modules.js";

const PRINCIPAL_PROPERTY = "sun.security.krb5.principal";
const CONFIGURATION_PROPERTY = "java.security.krb5.conf";
const LOGIN_FAILED = "javax.security.auth.login.LoginException";
const CONFIGURATION_ERROR = `${LOGIN_FAILED}: Configuration Error`;

export interface KerberosSurroundings {
  readonly properties: ReadonlyMap<string, string>;
  readonly defaultRealm: string | undefined;
}

export interface KerberosServerLogin extends KerberosLogin {
  readonly usage: "accept";
  readonly principal: string;
  /** The part of the principal before its host. */
  readonly service: string;
}

/** Whom clients call. Throws JaasError. */
export function kerberosServer(
  entries: readonly LoginModuleEntry[],
  surroundings: KerberosSurroundings,
): KerberosServerLogin {
  const options = optionsOf(entries);
  checkOptions(options);
  const { useKeyTab, storeKey, principal: given } = options;
  const named = given ?? surroundings.properties.get(PRINCIPAL_PROPERTY);
  if (named === undefined) {
    throw new JaasError(`${LOGIN_FAILED}: Unable to obtain Principal Name for authentication`);
  }
  if (!useKeyTab) throw new JaasError("a server's Krb5LoginModule needs useKeyTab=true");
  if (!storeKey) throw new JaasError("a server's Krb5LoginModule needs storeKey=true");
  const principal = withRealm(named, surroundings.defaultRealm);
  const name = parseKerberosName(principal);
  if (name === undefined) {
    throw new JaasError(`"${named}" is no service's principal: want service/host@REALM`);
  }
  if (name.realm === undefined) {
    throw new JaasError(`"${named}" has no realm, and there is no default realm in krb5.conf`);
  }
  if (name.host === undefined) {
    throw new JaasError(
      `server principal name/hostname determination error: "${named}" has no host: want service/host@REALM`,
    );
  }
  return {
    usage: "accept",
    configurationFile: surroundings.properties.get(CONFIGURATION_PROPERTY),
    principal,
    service: name.service,
    keyTable: keyTableOf(options),
    ticketCache: undefined,
  };
}

/** Who calls others: by its tickets if there are any, by its key otherwise. Throws JaasError. */
export function kerberosClient(
  entries: readonly LoginModuleEntry[],
  { properties, defaultRealm }: KerberosSurroundings,
): KerberosLogin {
  const options = optionsOf(entries);
  checkOptions(options);
  const { useKeyTab, useTicketCache, ticketCache, principal: given } = options;
  if (!useKeyTab && !useTicketCache) {
    throw new JaasError(
      `${LOGIN_FAILED}: No password provided: want useKeyTab=true or useTicketCache=true`,
    );
  }
  const named = given ?? properties.get(PRINCIPAL_PROPERTY);
  if (named === undefined && !useTicketCache) {
    throw new JaasError(`${LOGIN_FAILED}: Unable to obtain Principal Name for authentication`);
  }
  const principal = named === undefined ? undefined : withRealm(named, defaultRealm);
  if (principal !== undefined && parseKerberosName(principal) === undefined) {
    throw new JaasError(`"${named}" is no principal: want name@REALM or service/host@REALM`);
  }
  return {
    usage: "initiate",
    configurationFile: properties.get(CONFIGURATION_PROPERTY),
    principal,
    keyTable: useKeyTab ? keyTableOf(options) : undefined,
    ticketCache: useTicketCache ? (ticketCache ?? true) : undefined,
  };
}

function withRealm(principal: string, realm: string | undefined): string {
  return principal.includes("@") || realm === undefined ? principal : `${principal}@${realm}`;
}

interface Krb5Options {
  readonly principal: string | undefined;
  readonly keyTab: string | undefined;
  readonly ticketCache: string | undefined;
  readonly useKeyTab: boolean;
  readonly useTicketCache: boolean;
  readonly storeKey: boolean;
  readonly doNotPrompt: boolean;
  readonly renewTGT: boolean;
  readonly hasPassword: boolean;
}

function optionsOf(entries: readonly LoginModuleEntry[]): Krb5Options {
  const entry = entries.find(({ moduleName }) => moduleName === KERBEROS_MODULE);
  const options = entry?.options ?? new Map<string, string>();
  const isOn = (key: string) => options.get(key)?.toLowerCase() === "true";
  return {
    principal: options.get("principal"),
    keyTab: options.get("keyTab"),
    ticketCache: options.get("ticketCache"),
    useKeyTab: isOn("useKeyTab"),
    useTicketCache: isOn("useTicketCache"),
    storeKey: isOn("storeKey"),
    doNotPrompt: isOn("doNotPrompt"),
    renewTGT: isOn("renewTGT"),
    hasPassword: isOn("tryFirstPass") || isOn("useFirstPass"),
  };
}

/** Java: validateConfiguration. */
function checkOptions(options: Krb5Options): void {
  const { doNotPrompt, useTicketCache, useKeyTab, hasPassword, storeKey, renewTGT } = options;
  if (doNotPrompt && !useTicketCache && !useKeyTab && !hasPassword) {
    throw new JaasError(
      `${CONFIGURATION_ERROR} - either doNotPrompt should be  false or at least one of useTicketCache,  useKeyTab, tryFirstPass and useFirstPass should be true`,
    );
  }
  if (storeKey && doNotPrompt && !useKeyTab && !hasPassword) {
    throw new JaasError(
      `${CONFIGURATION_ERROR} - either doNotPrompt should be set to  false or at least one of tryFirstPass, useFirstPass or useKeyTab must be set to true for storeKey option`,
    );
  }
  if (renewTGT && !useTicketCache) {
    throw new JaasError(
      `${CONFIGURATION_ERROR} - either useTicketCache should be  true or renewTGT should be false`,
    );
  }
  if (options.principal === "*") {
    throw new JaasError(
      `${CONFIGURATION_ERROR} - principal cannot be * when isInitiator is true, and ZooKeeper needs a name in any case`,
    );
  }
}

/** Java: KeyTab.normalize. */
function keyTableOf({ keyTab }: Krb5Options): string | true {
  if (keyTab === undefined) return true;
  return `FILE:${keyTab.replace(/^(?:(?:ANY:)?FILE:|SRVTAB:)/i, "")}`;
}

// What a section of a JAAS file says: which of the login modules that ZooKeeper is used with, and whom they know. Java:
// LoginContext, DigestLoginModule, and the callback handlers that look into the options.

import { type JaasConfiguration, JaasError, jaasSection, type LoginModuleEntry } from "./jaas.js";

const DIGEST_MODULE = "org.apache.zookeeper.server.auth.DigestLoginModule";
export const KERBEROS_MODULE = "com.sun.security.auth.module.Krb5LoginModule";
const USER_PREFIX = "user_";

export type Mechanism = "DIGEST-MD5" | "GSSAPI";

/** A section that was found, and what it makes us. */
export interface Login {
  readonly section: string;
  readonly entries: readonly LoginModuleEntry[];
  readonly mechanism: Mechanism;
}

/** Undefined where there is no such section. Throws JaasError where a module that is needed is none of ours. */
export function findLogin(configuration: JaasConfiguration, section: string): Login | undefined {
  const entries = jaasSection(configuration, section);
  if (entries === undefined) return undefined;
  let isKerberos = false;
  let known = 0;
  for (const { moduleName, flag } of entries) {
    if (moduleName === KERBEROS_MODULE) isKerberos = true;
    if (moduleName === KERBEROS_MODULE || moduleName === DIGEST_MODULE) known++;
    else if (flag === "REQUIRED" || flag === "REQUISITE") throw noModule(moduleName);
  }
  if (known === 0) throw noModule(entries[0]!.moduleName);
  return { section, entries, mechanism: isKerberos ? "GSSAPI" : "DIGEST-MD5" };
}

function noModule(moduleName: string): JaasError {
  return new JaasError(
    `javax.security.auth.login.LoginException: No LoginModule found for ${moduleName}`,
  );
}

/** `user_bob="secret"`: whom a server knows. */
export function digestUsers(entries: readonly LoginModuleEntry[]): Map<string, string> {
  const users = new Map<string, string>();
  for (const { options } of entries) {
    for (const [key, value] of options) {
      if (key.startsWith(USER_PREFIX)) users.set(key.slice(USER_PREFIX.length), value);
    }
  }
  return users;
}

/** `username` and `password`: who a client or learner is. */
export function digestSelf(
  entries: readonly LoginModuleEntry[],
): { readonly userName: string; readonly password: string } | undefined {
  for (const { options } of entries) {
    const userName = options.get("username");
    const password = options.get("password");
    if (userName !== undefined && password !== undefined) return { userName, password };
  }
  return undefined;
}

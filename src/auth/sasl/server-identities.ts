// Whom the server's JAAS section knows, and what they are called once they are in. Java: SaslServerCallbackHandler.

import {
  formatKerberosName,
  type KerberosName,
  type NameRules,
  parseKerberosName,
} from "../kerberos/kerberos-name.js";
import type { DigestUsers } from "./digest-server.js";
import { SaslError } from "./sasl.js";

const SUPER = "super";

export interface PrincipalSettings {
  readonly rules: NameRules;
  /** kerberos.removeHostFromPrincipal, kerberos.removeRealmFromPrincipal */
  readonly removeHost: boolean;
  readonly removeRealm: boolean;
}

/**
 * The identity that ACLs name: the short name, and host and realm unless they are to be left out.
 *
 * Where no rule gives a short name Java takes what the client asked to be taken for (its authzid), which with DIGEST-MD5 may
 * be anybody: here a client stays who it has shown to be.
 */
export function identityOf(principal: string, settings: PrincipalSettings): string {
  const name = parseKerberosName(principal);
  if (name === undefined) throw new SaslError(`Malformed Kerberos name: ${principal}`, true);
  const short = settings.rules.shortName(name);
  if (short === undefined) return principal;
  const shown: KerberosName = {
    service: short,
    host: settings.removeHost ? undefined : name.host,
    realm: settings.removeRealm ? undefined : name.realm,
  };
  return formatKerberosName(shown);
}

export interface ServerIdentities extends PrincipalSettings {
  readonly users: ReadonlyMap<string, string>;
  /** SASLAuthenticationProvider.superPassword: instead of the one that the section has for `super`. */
  readonly superPassword: string | undefined;
}

/** Users of DIGEST-MD5 on the client port. As in Java an authzid of theirs is of no interest. */
export function clientUsers(known: ServerIdentities): DigestUsers {
  return {
    passwordOf(userName) {
      const password = known.users.get(userName);
      if (password !== undefined && userName === SUPER) return known.superPassword ?? password;
      return password;
    },
    authorize: (authenticationId) => identityOf(authenticationId, known),
  };
}

// Whether whoever asks may have a protected command. Java: Commands.handleAuthentication, handleAuthorization.
//
//   Authorization: <scheme> [<proof>]        digest user:password, ip

import { Perms } from "../auth/access.js";
import type { AdminContext } from "./admin-context.js";

export type Refusal = { readonly status: 401 | 403; readonly error: string };

/** Undefined: yes. */
export function refusalOf(
  context: AdminContext,
  authorization: string | undefined,
  remoteAddress: string,
): Refusal | undefined {
  if (authorization === undefined) {
    return { status: 401, error: "Auth info is missing for the command" };
  }
  // As Java splits it: empty pieces count, but not at the end.
  const parts = authorization.replace(/ +$/, "").split(" ");
  const [scheme = "", proof] = parts;
  const bytes = proof === undefined ? null : Buffer.from(proof, "latin1");
  const identities =
    parts.length > 2 ? undefined : context.authenticate(scheme, bytes, remoteAddress);
  if (identities === undefined || identities.length === 0) {
    return { status: 401, error: "Not authenticated" };
  }
  if (context.config.auth.skipACL) return undefined;
  const acl = context.rootAcl();
  for (let permission = 1; permission <= Perms.all; permission <<= 1) {
    if (!context.isPermitted(acl, permission, identities)) {
      return { status: 403, error: "Not authorized" };
    }
  }
  return undefined;
}

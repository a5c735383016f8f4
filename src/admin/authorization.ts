// Who asks, and whether whoever asks may have a protected command. Java: Commands.handleAuthentication, handleAuthorization.
//
//   Authorization: <scheme> [<proof>]        digest user:password, ip, x509 (by the certificate that was shown)

import { Perms } from "../auth/access.js";
import type { AuthenticatingClient } from "../auth/scheme.js";
import type { ACL, Id } from "../wire/records.js";
import type { AdminContext } from "./admin-context.js";
import type { HttpRequest } from "./http/request-parser.js";
import type { HttpClient } from "./http/response.js";

export type Refusal = { readonly status: 401 | 403; readonly error: string };

/** Whom the header proves; undefined: nobody. */
export function identitiesOf(
  context: AdminContext,
  authorization: string,
  caller: AuthenticatingClient,
): readonly Id[] | undefined {
  // As Java splits it: empty pieces count, but not at the end.
  const parts = authorization.replace(/ +$/, "").split(" ");
  const [scheme = "", proof] = parts;
  if (parts.length > 2) return undefined;
  const bytes = proof === undefined ? null : Buffer.from(proof, "latin1");
  const identities = context.authenticate(scheme, bytes, caller);
  return identities === undefined || identities.length === 0 ? undefined : identities;
}

/** Undefined: yes. */
export function refusalOf(
  context: AdminContext,
  authorization: string | undefined,
  caller: AuthenticatingClient,
): Refusal | undefined {
  if (authorization === undefined) {
    return { status: 401, error: "Auth info is missing for the command" };
  }
  const identities = identitiesOf(context, authorization, caller);
  if (identities === undefined) return { status: 401, error: "Not authenticated" };
  const acl = rootAcl(context);
  for (let permission = 1; permission <= Perms.all; permission <<= 1) {
    if (!mayDo(context, acl, permission, identities)) {
      return { status: 403, error: "Not authorized" };
    }
  }
  return undefined;
}

export function mayDo(
  context: AdminContext,
  acl: readonly ACL[],
  permissions: number,
  identities: readonly Id[],
): boolean {
  return context.config.auth.skipACL || context.isPermitted(acl, permissions, identities);
}

function rootAcl(context: AdminContext): readonly ACL[] {
  const tree = context.tree();
  const root = tree.get("/");
  return root === undefined ? [] : tree.aclOf(root);
}

/** Behind a proxy that is believed, whom it names. Java: IPAuthenticationProvider.getClientIPAddress. */
export function callerOf(
  context: AdminContext,
  { headers }: HttpRequest,
  { remoteAddress, tls }: HttpClient,
): AuthenticatingClient {
  if (!context.config.auth.ipUseXForwardedFor) return { remoteAddress, tls };
  const [first = ""] = (headers.get("x-forwarded-for") ?? "")
    .split(",")
    .filter((one) => one !== "");
  return { remoteAddress: first.trim() || remoteAddress, tls };
}

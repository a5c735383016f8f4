// Who may do what: checking an ACL, accepting one from a client, and showing one. Java: ZooKeeperServer.checkACL,
// PrepRequestProcessor.fixupACL, and the getACL part of FinalRequestProcessor.

import { ACL_ENTRIES_MAX } from "../limits.js";
import { ErrorCode } from "../wire/error-codes.js";
import type { ACL, Id } from "../wire/records.js";
import { SUPER_SCHEME } from "./digest-scheme.js";
import { isAnyone } from "./grants.js";
import type { AuthSchemes } from "./schemes.js";

/** Bits of ACL.perms. */
export const Perms = { read: 1, write: 2, create: 4, delete: 8, admin: 16, all: 31 } as const;

/** So many comparisons cost less than to remember what they come to. */
const LONG_CHECK = 64;

/**
 * Whether one of the identities may do one of the things in `perms`. No ACL, or an empty one, holds nobody up. `skipACL`
 * is the caller's to ask for first.
 */
export function isPermitted(
  schemes: AuthSchemes,
  acl: readonly ACL[] | null,
  perms: number,
  identities: readonly Id[],
): boolean {
  if (acl === null || acl.length === 0) return true;
  const isLong = acl.length * identities.length > LONG_CHECK;
  if (!isLong) {
    for (const entry of acl) {
      if ((entry.perms & perms) !== 0 && isAnyone(entry.id)) return true;
    }
  }
  for (const identity of identities) if (identity.scheme === SUPER_SCHEME) return true;
  if (isLong) {
    return (schemes.grants.of(acl, identities) & perms) !== 0;
  }
  for (const entry of acl) {
    if ((entry.perms & perms) !== 0 && matchesOne(schemes, entry.id, identities)) return true;
  }
  return false;
}

function matchesOne(schemes: AuthSchemes, expression: Id, identities: readonly Id[]): boolean {
  if (expression.scheme === null || expression.id === null) return false;
  const scheme = schemes.get(expression.scheme);
  if (scheme === undefined) return false;
  for (const identity of identities) {
    if (identity.scheme === expression.scheme && identity.id !== null) {
      if (scheme.matches(identity.id, expression.id)) return true;
    }
  }
  return false;
}

/**
 * The ACL that a client's create or setACL means: without duplicates, `auth` replaced by the identities that the client has
 * proven. Or why it is none: invalidACL; marshallingError where an entry has no id, which makes Java stumble; badArguments where no
 * transaction has room for it.
 */
export function fixAcl(
  schemes: AuthSchemes,
  identities: readonly Id[],
  acl: readonly ACL[] | null,
): readonly ACL[] | ErrorCode {
  if (acl === null || acl.length === 0) return ErrorCode.invalidACL;
  const fixed: ACL[] = [];
  for (const entry of withoutDuplicates(acl)) {
    const { scheme: schemeName, id } = entry.id;
    if (schemeName === null) return ErrorCode.invalidACL;
    if (schemeName === "auth") {
      const before = fixed.length;
      for (const identity of identities) {
        if (identifiesCreator(schemes, identity)) fixed.push({ perms: entry.perms, id: identity });
      }
      if (fixed.length > ACL_ENTRIES_MAX) return ErrorCode.badArguments;
      if (fixed.length === before) return ErrorCode.invalidACL;
      continue;
    }
    if (!isAnyone(entry.id)) {
      const scheme = schemes.get(schemeName);
      if (id === null && (scheme !== undefined || schemeName === "world")) {
        return ErrorCode.marshallingError;
      }
      if (scheme === undefined || id === null || !scheme.isValid(id)) return ErrorCode.invalidACL;
    }
    fixed.push(entry);
  }
  return fixed;
}

/** What getACL shows to who may read but not administer: whose digest, but not which. */
export function maskDigests(acl: readonly ACL[]): readonly ACL[] {
  return acl.map((entry) => {
    const { scheme, id } = entry.id;
    if (scheme !== "digest" || id === null) return entry;
    // Java's dot stops at the ends of lines.
    const masked = id.replace(/:[^\n\r\u0085\u2028\u2029]*/g, ":x");
    return { perms: entry.perms, id: { scheme, id: masked } };
  });
}

function identifiesCreator(schemes: AuthSchemes, identity: Id): boolean {
  return identity.scheme !== null && schemes.get(identity.scheme)?.identifiesCreators === true;
}

function withoutDuplicates(acl: readonly ACL[]): readonly ACL[] {
  if (acl.length === 1) return acl;
  const seen = new Set<string>();
  return acl.filter((entry) => {
    const key = JSON.stringify([entry.perms, entry.id.scheme, entry.id.id]);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

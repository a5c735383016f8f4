// What a long ACL grants to somebody, all of it at once and remembered. Java has no such thing: each check goes through all
// entries for all identities.
//
// One request may ask for a permission thousands of times (multiRead, multi), an ACL has room for forty thousand entries, and a
// client may have a thousand identities (limits.ts): what is multiplied must not be one client's to choose. So what an ACL grants
// is found in one pass, and kept as long as there are both the ACL's list and the client's list of identities, which are
// replaced when they change, never changed.

import type { ACL, Id } from "../wire/records.js";
import type { AuthScheme } from "./scheme.js";

/** So many ACLs are remembered for each list of identities. */
const REMEMBERED_MAX = 1000;

interface Remembered {
  granted: WeakMap<readonly ACL[], number>;
  count: number;
}

export class Grants {
  readonly #scheme: (name: string) => AuthScheme | undefined;
  #byIdentities = new WeakMap<readonly Id[], Remembered>();

  constructor(scheme: (name: string) => AuthScheme | undefined) {
    this.#scheme = scheme;
  }

  /** A scheme is another. */
  forget(): void {
    this.#byIdentities = new WeakMap();
  }

  /** The bits of Perms that the list gives to one of the identities; that nobody may hold up `super` is not looked at. */
  of(acl: readonly ACL[], identities: readonly Id[]): number {
    let remembered = this.#byIdentities.get(identities);
    if (remembered === undefined || remembered.count >= REMEMBERED_MAX) {
      remembered = { granted: new WeakMap(), count: 0 };
      this.#byIdentities.set(identities, remembered);
    }
    let granted = remembered.granted.get(acl);
    if (granted === undefined) {
      granted = this.#find(acl, identities);
      remembered.granted.set(acl, granted);
      remembered.count++;
    }
    return granted;
  }

  #find(acl: readonly ACL[], identities: readonly Id[]): number {
    const matchers = new Map<string, (expression: string) => boolean>();
    let granted = 0;
    for (const { perms, id } of acl) {
      // It can add nothing.
      if ((perms & ~granted) === 0) continue;
      if (isAnyone(id)) granted |= perms;
      if (id.scheme === null || id.id === null) continue;
      let matches = matchers.get(id.scheme);
      if (matches === undefined) {
        matches = this.#matcher(id.scheme, identities);
        matchers.set(id.scheme, matches);
      }
      if (matches(id.id)) granted |= perms;
    }
    return granted;
  }

  #matcher(name: string, identities: readonly Id[]): (expression: string) => boolean {
    const scheme = this.#scheme(name);
    const own: string[] = [];
    for (const { scheme: its, id } of identities) if (its === name && id !== null) own.push(id);
    if (scheme === undefined || own.length === 0) return () => false;
    if (scheme.amongMany !== undefined) return scheme.amongMany(own);
    return (expression) => own.some((identity) => scheme.matches(identity, expression));
  }
}

export function isAnyone(id: Id): boolean {
  return id.id === "anyone" && id.scheme === "world";
}

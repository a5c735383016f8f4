// What the door asks of the authentication schemes (src/auth): whether a client is who it says, and whether it may know
// of a change. An interface of its own, so that the door's tests need no schemes, and because ensembles and TLS will add
// some without the door changing.

import type { ACL, Id } from "../wire/records.js";
import type { DisconnectReason } from "./server-port.js";

export type AuthOutcome =
  /** The client is also these. */
  | { readonly kind: "ok"; readonly identities: readonly Id[] }
  /** Answered with AUTHFAILED, then closed. `isKnownScheme` false: there is no such scheme here. */
  | { readonly kind: "failed"; readonly isKnownScheme: boolean }
  /** Closed without an answer, so that the client tries another server (scheme `ensemble`). */
  | { readonly kind: "close"; readonly reason: DisconnectReason };

export interface Authentication {
  /** Java: ServerAuthenticationProvider.handleAuthentication. */
  authenticate(
    scheme: string | null,
    data: Buffer | null,
    client: { readonly remoteAddress: string; readonly identities: readonly Id[] },
  ): AuthOutcome;
  /** Whether a client with these identities may be told of a znode with this ACL: READ, and skipACL. */
  mayRead(acl: readonly ACL[] | null, identities: readonly Id[]): boolean;
  /** The schemes there are, for the log. */
  readonly schemes: readonly string[];
}

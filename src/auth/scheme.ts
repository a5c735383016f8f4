// What an authentication scheme is. Java: AuthenticationProvider and ServerAuthenticationProvider.
//
// A client proves who it is under a scheme and gets identities; a znode's ACL names identities by expressions of the same
// scheme. A scheme says which proofs hold, which expressions are well-formed, and which expression means which identity.
// Schemes are pure: what they need to know of the connection is given.

import type { ErrorCode } from "../wire/error-codes.js";
import type { Id } from "../wire/records.js";

/** What is known of a client besides what it says. */
export interface AuthenticatingClient {
  /** As the platform gives it. */
  readonly remoteAddress: string;
  /** Of TLS: the certificates that it has shown and that are trusted, in DER, its own first. */
  readonly tls?: { readonly peerCertificates: readonly Buffer[] } | undefined;
}

export type AuthenticationOutcome =
  | { readonly ok: true; readonly identities: readonly Id[] }
  /** `silent`: close without an answer, so that the client tries another server instead of giving up. */
  | {
      readonly ok: false;
      readonly error: ErrorCode;
      readonly silent: boolean;
      readonly reason: string;
    };

export interface AuthScheme {
  readonly name: string;
  /** Whether its identities stand for a creator, where an ACL says `auth`. Java: isAuthenticated. */
  readonly identifiesCreators: boolean;
  /** Whether an ACL may say this. */
  isValid(expression: string): boolean;
  matches(identity: string, expression: string): boolean;
  /** The same for all of one client's identities, where it may have many: asked once, answers for thousands of expressions. */
  amongMany?(identities: readonly string[]): (expression: string) => boolean;
  /** What of an identity may be shown: whoAmI, audit. */
  userName(identity: string): string;
  authenticate(client: AuthenticatingClient, data: Buffer | null): AuthenticationOutcome;
}

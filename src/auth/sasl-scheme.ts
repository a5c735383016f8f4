// The scheme `sasl`: identities that a SASL exchange has proven, on opcode 102 (src/client/special-requests.ts). Java:
// SASLAuthenticationProvider.
//
// The exchange gives identities whether or not this scheme is configured; only with it can ACLs name them. An auth packet of
// this scheme proves nothing.

import { ErrorCode } from "../wire/error-codes.js";
import { parseKerberosName } from "./kerberos/kerberos-name.js";
import type { AuthenticatingClient, AuthenticationOutcome, AuthScheme } from "./scheme.js";

export const SASL_SCHEME = "sasl";

/** This user may do what any SASL identity may, whatever `superUser` says. */
const SUPER_NAME = "super";

export class SaslScheme implements AuthScheme {
  readonly name = SASL_SCHEME;
  readonly identifiesCreators = true;
  readonly #anybody: string | undefined;

  /** `anybody`: letAnySaslUserDoX, the name that stands for everybody in ACLs. */
  constructor(anybody: string | undefined) {
    this.#anybody = anybody;
  }

  isValid(expression: string): boolean {
    return parseKerberosName(expression) !== undefined;
  }

  matches(identity: string, expression: string): boolean {
    if (identity === SUPER_NAME || identity === expression) return true;
    return this.#anybody !== undefined && expression === this.#anybody;
  }

  userName(identity: string): string {
    return identity;
  }

  authenticate(_client: AuthenticatingClient, _data: Buffer | null): AuthenticationOutcome {
    const reason = "SASL identities are proven by SASL requests";
    return { ok: false, error: ErrorCode.authFailed, silent: false, reason };
  }
}

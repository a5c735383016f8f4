// The scheme `x509`: who a client is tells the certificate that it has shown in its TLS handshake, by its subject as RFC 2253
// prints it. Java: X509AuthenticationProvider.
//
// The platform has checked the certificate before (issuer, dates, what it is for); a client without one cannot authenticate so.

import { certificateNames } from "../tls/certificate.js";
import { isDistinguishedName } from "../tls/distinguished-name.js";
import { StoreError } from "../tls/store-error.js";
import { ErrorCode } from "../wire/error-codes.js";
import type { Id } from "../wire/records.js";
import { SUPER_SCHEME } from "./digest-scheme.js";
import type { AuthenticatingClient, AuthenticationOutcome, AuthScheme } from "./scheme.js";

export class X509Scheme implements AuthScheme {
  readonly name = "x509";
  readonly identifiesCreators = true;
  readonly #superUser: string | undefined;

  /** `superUser`: X509AuthenticationProvider.superUser. */
  constructor(superUser: string | undefined) {
    this.#superUser = superUser;
  }

  isValid(expression: string): boolean {
    return isDistinguishedName(expression);
  }

  matches(identity: string, expression: string): boolean {
    return identity === expression || identity === this.#superUser;
  }

  userName(identity: string): string {
    return identity;
  }

  authenticate(client: AuthenticatingClient, _data: Buffer | null): AuthenticationOutcome {
    const certificate = client.tls?.peerCertificates[0];
    if (certificate === undefined) return refused("No certificate chain available to authenticate");
    let subject: string;
    try {
      subject = certificateNames(certificate).subject;
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      return refused(`Failed to read the subject of a certificate: ${error.message}`);
    }
    const identities: Id[] = [];
    if (subject === this.#superUser) identities.push({ scheme: SUPER_SCHEME, id: subject });
    identities.push({ scheme: this.name, id: subject });
    return { ok: true, identities };
  }
}

function refused(reason: string): AuthenticationOutcome {
  return { ok: false, error: ErrorCode.authFailed, silent: false, reason };
}

// What this server needs to know of a certificate beyond what the platform checks: names in Java's print. Java:
// X509Certificate.

import { type DerValue, expect, partsOf, readDer, Tag } from "./der.js";
import { rfc2253Name } from "./distinguished-name.js";

export interface CertificateNames {
  /** RFC 2253, as Java's X500Principal prints it. */
  readonly subject: string;
  readonly issuer: string;
}

export function certificateNames(der: Buffer): CertificateNames {
  const { subject, issuer } = fieldsOf(der);
  return { subject: rfc2253Name(subject), issuer: rfc2253Name(issuer) };
}

interface Fields {
  readonly serial: DerValue;
  readonly issuer: DerValue;
  readonly subject: DerValue;
}

/** TBSCertificate { [0] version, serial, signature, issuer, validity, subject, … } */
function fieldsOf(der: Buffer): Fields {
  const [body] = partsOf(readDer(der));
  const parts = partsOf(body);
  if (parts[0]?.tag === 0xa0) parts.shift();
  const [serial, , issuer, , subject] = parts;
  return {
    serial: expect(serial, Tag.integer),
    issuer: expect(issuer, Tag.sequence),
    subject: expect(subject, Tag.sequence),
  };
}

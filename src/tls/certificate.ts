// What this server needs to know of a certificate beyond what the platform checks: names in Java's print. Java:
// X509Certificate.

import {
  childrenOf,
  type DerValue,
  expect,
  octetsOf,
  oidOf,
  partsOf,
  readDer,
  serialOf,
  Tag,
} from "./der.js";
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

export interface Revocability {
  /** In hexadecimal. */
  readonly serial: string;
  /** The names' bytes. */
  readonly issuer: Buffer;
  readonly subject: Buffer;
  /** Where its issuer publishes what was revoked. */
  readonly listUrls: readonly string[];
}

const LIST_DISTRIBUTION_POINTS = "2.5.29.31";

export function revocabilityOf(der: Buffer): Revocability {
  const { serial, issuer, subject, extensions } = fieldsOf(der);
  const points = extensions.get(LIST_DISTRIBUTION_POINTS);
  const listUrls = points === undefined ? [] : partsOf(readDer(points)).flatMap(urlsOf);
  return { serial: serialOf(serial), issuer: issuer.whole, subject: subject.whole, listUrls };
}

/** DistributionPoint { [0] { [0] { [6] URL … } } … }, of which the rest is passed over. */
function urlsOf(point: DerValue): string[] {
  const inside = (values: readonly DerValue[], tag: number): DerValue[] =>
    values.filter((value) => value.tag === tag);
  return inside(partsOf(point), 0xa0)
    .flatMap((name) => inside(childrenOf(name), 0xa0))
    .flatMap((names) => inside(childrenOf(names), 0x86))
    .map(({ content }) => content.toString("latin1"));
}

interface Fields {
  readonly serial: DerValue;
  readonly issuer: DerValue;
  readonly subject: DerValue;
  /** By object id: the bytes in each. */
  readonly extensions: ReadonlyMap<string, Buffer>;
}

/** TBSCertificate { [0] version, serial, signature, issuer, validity, subject, … } */
function fieldsOf(der: Buffer): Fields {
  const [body] = partsOf(readDer(der));
  const parts = partsOf(body);
  if (parts[0]?.tag === 0xa0) parts.shift();
  const [serial, , issuer, , subject] = parts;
  const extensions = new Map<string, Buffer>();
  for (const wrapped of parts.slice(6).filter(({ tag }) => tag === 0xa3)) {
    for (const extension of partsOf(childrenOf(wrapped)[0])) {
      const [id, critical, value] = partsOf(extension);
      extensions.set(oidOf(id), octetsOf(value ?? critical));
    }
  }
  return {
    serial: expect(serial, Tag.integer),
    issuer: expect(issuer, Tag.sequence),
    subject: expect(subject, Tag.sequence),
    extensions,
  };
}

// Lists of revoked certificates (RFC 5280, section 5): reading one, and finding out whether it is what it says. Java: X509CRLImpl.
//
//   CertificateList { TBSCertList { version, algorithm, issuer, thisUpdate, nextUpdate, revoked, [0] extensions }, algorithm, signature }

import { type KeyObject, verify } from "../platform/pure-node.js";
import {
  bitsOf,
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
import { StoreError } from "./store-error.js";

const ISSUING_DISTRIBUTION_POINT = "2.5.29.28";
/** [4] in it: the list speaks for other authorities as well. */
const INDIRECT = 0x84;
/** Those whose meaning is known here; a critical one that is not makes a list useless. */
const KNOWN_EXTENSIONS: ReadonlySet<string> = new Set([ISSUING_DISTRIBUTION_POINT, "2.5.29.20"]);

const HASHES: Readonly<Record<string, string | null>> = {
  "1.2.840.113549.1.1.5": "sha1",
  "1.2.840.113549.1.1.11": "sha256",
  "1.2.840.113549.1.1.12": "sha384",
  "1.2.840.113549.1.1.13": "sha512",
  "1.2.840.10045.4.1": "sha1",
  "1.2.840.10045.4.3.2": "sha256",
  "1.2.840.10045.4.3.3": "sha384",
  "1.2.840.10045.4.3.4": "sha512",
  "1.3.101.112": null,
  "1.3.101.113": null,
};

export interface RevocationList {
  /** The name's bytes, as in certificates of the same issuer. */
  readonly issuer: Buffer;
  /** Since 1970; undefined: it does not say when there will be another. */
  readonly nextUpdateMs: number | undefined;
  /** Serial numbers in hexadecimal. */
  readonly revoked: ReadonlySet<string>;
  isSignedBy(key: KeyObject): boolean;
}

/** DER, or PEM. Throws StoreError. */
export function readRevocationList(bytes: Buffer): RevocationList {
  const pem = /-----BEGIN X509 CRL-----([A-Za-z0-9+/=\s]*)-----END X509 CRL-----/.exec(
    bytes.subarray(0, 64).includes("-----BEGIN") ? bytes.toString("latin1") : "",
  );
  const der = pem === null ? bytes : Buffer.from(pem[1] ?? "", "base64");
  const [body, algorithm, signature] = partsOf(readDer(der));
  const parts = partsOf(body);
  if (parts[0]?.tag === Tag.integer) parts.shift();
  const [, issuer, , ...rest] = parts;
  const next = isTime(rest[0]) ? timeOf(rest.shift() as DerValue) : undefined;
  const entries = rest[0]?.tag === Tag.sequence ? childrenOf(rest.shift() as DerValue) : [];
  if (rest[0] !== undefined) checkExtensions(partsOf(rest[0], 0xa0)[0]);
  const revoked = new Set<string>();
  for (const entry of entries) revoked.add(serialOf(childrenOf(entry)[0]));
  const hash = HASHES[oidOf(partsOf(algorithm)[0])];
  const signed = expect(body, Tag.sequence).whole;
  const signatureBytes = bitsOf(signature);
  return {
    issuer: expect(issuer, Tag.sequence).whole,
    nextUpdateMs: next,
    revoked,
    isSignedBy: (key) => hash !== undefined && verify(hash, signed, key, signatureBytes),
  };
}

function checkExtensions(list: DerValue | undefined): void {
  for (const extension of partsOf(list)) {
    const [id, critical, value] = partsOf(extension);
    const oid = oidOf(id);
    const isCritical = critical?.tag === Tag.boolean && critical.content[0] !== 0;
    if (isCritical && !KNOWN_EXTENSIONS.has(oid)) {
      throw new StoreError(`revocation list has a critical extension ${oid} that is unknown`);
    }
    if (oid !== ISSUING_DISTRIBUTION_POINT) continue;
    const content = readDer(octetsOf(isCritical ? value : (value ?? critical)));
    if (childrenOf(content).some(({ tag }) => tag === INDIRECT)) {
      throw new StoreError("revocation list is an indirect one");
    }
  }
}

function isTime(value: DerValue | undefined): boolean {
  return value?.tag === Tag.utcTime || value?.tag === Tag.generalizedTime;
}

/** UTCTime or GeneralizedTime, as milliseconds since 1970. */
function timeOf({ tag, content }: DerValue): number {
  const pattern =
    tag === Tag.utcTime
      ? /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/
      : /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/;
  const found = pattern.exec(content.toString("latin1"));
  if (found === null) throw new StoreError("time is not one");
  const [short = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found
    .slice(1)
    .map(Number);
  const year = tag !== Tag.utcTime ? short : short + (short < 50 ? 2000 : 1900);
  return ((daysSince1970(year, month, day) * 24 + hour) * 60 + minute) * 60_000 + second * 1000;
}

/** Of the Gregorian calendar, whose years begin in March here: leap days come last. */
function daysSince1970(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const leapDays = Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400);
  return 365 * y + leapDays + dayOfYear - 719_468;
}

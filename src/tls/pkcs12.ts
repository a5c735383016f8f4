// PKCS12 (RFC 7292): the key store that everything but old Java writes. Java: sun.security.pkcs12.PKCS12KeyStore.
//
//   PFX { 3, AuthenticatedSafe, MacData }     AuthenticatedSafe: Data or EncryptedData, each a list of bags
//   bag { kind, value, attributes }           kinds: key, shrouded key, certificate, and what is of no interest here
//
// As in Java a certificate is trusted only where its bag says so (keytool marks those that it imports); the others are
// the chains of keys. A key's own certificate is found by localKeyId, the rest of its chain by issuers' names.

import { timingSafeEqual } from "../platform/pure-node.js";
import { certificateNames } from "./certificate.js";
import {
  childrenOf,
  type DerValue,
  expect,
  octetsOf,
  oidOf,
  partsOf,
  readDer,
  smallIntegerOf,
  Tag,
} from "./der.js";
import type { KeyEntry, KeyStore } from "./key-store.js";
import { decrypt, ITERATIONS_MAX, macOf } from "./pkcs12-secrets.js";
import { StoreError } from "./store-error.js";

const DATA = "1.2.840.113549.1.7.1";
const ENCRYPTED_DATA = "1.2.840.113549.1.7.6";
const KEY_BAG = "1.2.840.113549.1.12.10.1.1";
const SHROUDED_KEY_BAG = "1.2.840.113549.1.12.10.1.2";
const CERTIFICATE_BAG = "1.2.840.113549.1.12.10.1.3";
const X509_CERTIFICATE = "1.2.840.113549.1.9.22.1";
const LOCAL_KEY_ID = "1.2.840.113549.1.9.21";
/** Java's mark of a certificate that is trusted. */
const TRUSTED_KEY_USAGE = "2.16.840.1.113894.746875.1.1";
/** [0], explicitly tagged. */
const CONTEXT_0 = 0xa0;
/** A chain is not longer, a loop of issuers is. */
const CHAIN_MAX = 16;

interface Bags {
  readonly keys: { readonly key: Buffer; readonly id: string | undefined }[];
  readonly certificates: {
    readonly bytes: Buffer;
    readonly id: string | undefined;
    readonly isTrusted: boolean;
  }[];
}

export function readPkcs12(bytes: Buffer, password: string): KeyStore {
  const [version, safe, mac] = partsOf(readDer(bytes));
  if (smallIntegerOf(version, 1000) !== 3) throw new StoreError("PKCS12: version is not 3");
  const content = contentOf(safe);
  if (mac !== undefined) checkMac(mac, content, password);
  const bags: Bags = { keys: [], certificates: [] };
  for (const part of partsOf(readDer(content))) readSafe(part, password, bags);
  return {
    keys: bags.keys.map((key) => withChain(key, bags)),
    trusted: bags.certificates.filter(({ isTrusted }) => isTrusted).map((one) => one.bytes),
  };
}

/** The bytes in a ContentInfo of type Data. */
function contentOf(info: DerValue | undefined): Buffer {
  const [type, content] = partsOf(info);
  if (oidOf(type) !== DATA) {
    throw new StoreError(
      "PKCS12: signed by a public key instead of a password, which Java refuses too",
    );
  }
  return octetsOf(partsOf(content, CONTEXT_0)[0]);
}

function checkMac(mac: DerValue, content: Buffer, password: string): void {
  const [digest, salt, iterations] = partsOf(mac);
  const [algorithm, expected] = partsOf(digest);
  const found = macOf(content, password, {
    hashOid: oidOf(partsOf(algorithm)[0]),
    salt: octetsOf(salt),
    iterations: iterations === undefined ? 1 : smallIntegerOf(iterations, ITERATIONS_MAX),
  });
  const wanted = octetsOf(expected);
  if (found.length !== wanted.length || !timingSafeEqual(found, wanted)) {
    throw new StoreError("keystore password was incorrect");
  }
}

function readSafe(part: DerValue, password: string, bags: Bags): void {
  const [type, content] = partsOf(part);
  let bytes: Buffer;
  if (oidOf(type) === ENCRYPTED_DATA) {
    const [, encrypted] = partsOf(partsOf(content, CONTEXT_0)[0]);
    const [, algorithm, hidden] = partsOf(encrypted);
    bytes = decrypt(expect(algorithm, Tag.sequence), octetsOf(hidden, 0x80), password);
  } else bytes = contentOf(part);
  for (const bag of partsOf(readDer(bytes))) readBag(partsOf(bag), password, bags);
}

function readBag([kind, wrapped, attributes]: DerValue[], password: string, bags: Bags): void {
  const [value] = partsOf(wrapped, CONTEXT_0);
  const named = attributesOf(attributes);
  const id = named.get(LOCAL_KEY_ID)?.toString("hex");
  switch (oidOf(kind)) {
    case KEY_BAG:
      bags.keys.push({ key: expect(value, Tag.sequence).whole, id });
      break;
    case SHROUDED_KEY_BAG: {
      const [algorithm, hidden] = partsOf(value);
      const key = decrypt(expect(algorithm, Tag.sequence), octetsOf(hidden), password);
      bags.keys.push({ key, id });
      break;
    }
    case CERTIFICATE_BAG: {
      const [type, bytes] = partsOf(value);
      if (oidOf(type) !== X509_CERTIFICATE) break;
      const certificate = octetsOf(partsOf(bytes, CONTEXT_0)[0]);
      bags.certificates.push({ bytes: certificate, id, isTrusted: named.has(TRUSTED_KEY_USAGE) });
      break;
    }
  }
}

/** By object id: the first value's content. */
function attributesOf(attributes: DerValue | undefined): Map<string, Buffer> {
  const found = new Map<string, Buffer>();
  if (attributes === undefined) return found;
  for (const attribute of partsOf(attributes, Tag.set)) {
    const [type, values] = partsOf(attribute);
    const [value] = childrenOf(expect(values, Tag.set));
    if (value !== undefined) found.set(oidOf(type), value.content);
  }
  return found;
}

function withChain({ key, id }: Bags["keys"][number], bags: Bags): KeyEntry {
  const own =
    bags.certificates.find((one) => id !== undefined && one.id === id) ??
    (bags.keys.length === 1 ? bags.certificates.find((one) => !one.isTrusted) : undefined);
  if (own === undefined) throw new StoreError("PKCS12: a key has no certificate");
  const chain = [own.bytes];
  const bySubject = new Map<string, Buffer>();
  for (const { bytes } of bags.certificates) {
    const { subject } = certificateNames(bytes);
    if (!bySubject.has(subject)) bySubject.set(subject, bytes);
  }
  for (let last = own.bytes; chain.length < CHAIN_MAX; ) {
    const { subject, issuer } = certificateNames(last);
    const next = subject === issuer ? undefined : bySubject.get(issuer);
    if (next === undefined) break;
    chain.push(next);
    last = next;
  }
  return { key, chain };
}

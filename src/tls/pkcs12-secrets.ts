// How PKCS12 files are sealed and hidden by a password: RFC 7292 appendix B (keys from passwords), RFC 8018 (PBES2).
//
// What keytool and openssl write now is PBES2 with AES; before, it was 3DES for keys and RC2 with 40 bits for certificates.

import { createDecipheriv, createHash, createHmac, pbkdf2Sync } from "../platform/pure-node.js";
import { type DerValue, octetsOf, oidOf, partsOf, smallIntegerOf, Tag } from "./der.js";
import { decryptRc2Cbc } from "./rc2.js";
import { StoreError } from "./store-error.js";

/** keytool writes 10,000, openssl 2048. Java reads up to 5 million, for which this server would stand still for seconds. */
export const ITERATIONS_MAX = 1_000_000;

const HASHES: Readonly<Record<string, { readonly name: string; readonly blockBytes: number }>> = {
  "1.2.840.113549.2.5": { name: "md5", blockBytes: 64 },
  "1.3.14.3.2.26": { name: "sha1", blockBytes: 64 },
  "2.16.840.1.101.3.4.2.4": { name: "sha224", blockBytes: 64 },
  "2.16.840.1.101.3.4.2.1": { name: "sha256", blockBytes: 64 },
  "2.16.840.1.101.3.4.2.2": { name: "sha384", blockBytes: 128 },
  "2.16.840.1.101.3.4.2.3": { name: "sha512", blockBytes: 128 },
};

/** HMACs as PBKDF2 uses them. */
const PSEUDO_RANDOM: Readonly<Record<string, string>> = {
  "1.2.840.113549.2.7": "sha1",
  "1.2.840.113549.2.8": "sha224",
  "1.2.840.113549.2.9": "sha256",
  "1.2.840.113549.2.10": "sha384",
  "1.2.840.113549.2.11": "sha512",
};

const PBES2 = "1.2.840.113549.1.5.13";
const PBKDF2 = "1.2.840.113549.1.5.12";

/** Ciphers of PBES2, by object id. */
const CIPHERS: Readonly<Record<string, { readonly name: string; readonly keyBytes: number }>> = {
  "2.16.840.1.101.3.4.1.2": { name: "aes-128-cbc", keyBytes: 16 },
  "2.16.840.1.101.3.4.1.22": { name: "aes-192-cbc", keyBytes: 24 },
  "2.16.840.1.101.3.4.1.42": { name: "aes-256-cbc", keyBytes: 32 },
  "1.2.840.113549.3.7": { name: "des-ede3-cbc", keyBytes: 24 },
};

/** PKCS12's own, which take key and initial vector from the password by SHA-1. */
const OLD_CIPHERS: Readonly<Record<string, { readonly name: string; readonly keyBytes: number }>> =
  {
    "1.2.840.113549.1.12.1.3": { name: "des-ede3-cbc", keyBytes: 24 },
    "1.2.840.113549.1.12.1.5": { name: "rc2-128", keyBytes: 16 },
    "1.2.840.113549.1.12.1.6": { name: "rc2-40", keyBytes: 5 },
  };

const Purpose = { key: 1, initialVector: 2, mac: 3 } as const;

interface Derivation {
  readonly salt: Buffer;
  readonly iterations: number;
}

/** The MAC of a PKCS12 file's content. */
export function macOf(
  content: Buffer,
  password: string,
  how: Derivation & { readonly hashOid: string },
): Buffer {
  const hash = HASHES[how.hashOid];
  if (hash === undefined) throw new StoreError(`PKCS12: hash ${how.hashOid} is unknown`);
  const keyBytes = createHash(hash.name).digest().length;
  const key = derive(password, how, Purpose.mac, keyBytes, hash);
  return createHmac(hash.name, key).update(content).digest();
}

/** `algorithm`: an AlgorithmIdentifier. */
export function decrypt(algorithm: DerValue, bytes: Buffer, password: string): Buffer {
  const [id, parameters] = partsOf(algorithm);
  const oid = oidOf(id);
  const old = OLD_CIPHERS[oid];
  if (old !== undefined) return decryptOld(old, partsOf(parameters), bytes, password);
  if (oid === PBES2) return decryptPbes2(partsOf(parameters), bytes, password);
  throw new StoreError(`PKCS12: encryption ${oid} is unknown`);
}

function decryptOld(
  cipher: { readonly name: string; readonly keyBytes: number },
  [salt, iterations]: DerValue[],
  bytes: Buffer,
  password: string,
): Buffer {
  const how = { salt: octetsOf(salt), iterations: smallIntegerOf(iterations, ITERATIONS_MAX) };
  const sha1 = { name: "sha1", blockBytes: 64 };
  const key = derive(password, how, Purpose.key, cipher.keyBytes, sha1);
  const initial = derive(password, how, Purpose.initialVector, 8, sha1);
  if (!cipher.name.startsWith("rc2")) return decipher(cipher.name, key, initial, bytes);
  return withoutPadding(decryptRc2Cbc(key, initial, bytes));
}

function decryptPbes2(
  [derivation, encryption]: DerValue[],
  bytes: Buffer,
  password: string,
): Buffer {
  const [kind, kindParameters] = partsOf(derivation);
  if (oidOf(kind) !== PBKDF2) throw new StoreError(`PKCS12: ${oidOf(kind)} is unknown`);
  const [salt, iterations, ...more] = partsOf(kindParameters);
  const hash = more.find(({ tag }) => tag === Tag.sequence);
  const hashOid = hash === undefined ? "1.2.840.113549.2.7" : oidOf(partsOf(hash)[0]);
  const hashName = PSEUDO_RANDOM[hashOid];
  const [cipherId, initial] = partsOf(encryption);
  const cipher = CIPHERS[oidOf(cipherId)];
  if (hashName === undefined || cipher === undefined) {
    throw new StoreError(`PKCS12: encryption ${hashOid} with ${oidOf(cipherId)} is unknown`);
  }
  const count = smallIntegerOf(iterations, ITERATIONS_MAX);
  if (count < 1) throw new StoreError("PKCS12: number of iterations is 0");
  const key = pbkdf2Sync(password, octetsOf(salt), count, cipher.keyBytes, hashName);
  return decipher(cipher.name, key, octetsOf(initial), bytes);
}

function decipher(name: string, key: Buffer, initial: Buffer, bytes: Buffer): Buffer {
  try {
    const stream = createDecipheriv(name, key, initial);
    return Buffer.concat([stream.update(bytes), stream.final()]);
  } catch {
    throw new StoreError("PKCS12: the password is wrong, or the file is damaged");
  }
}

function withoutPadding(bytes: Buffer): Buffer {
  const count = bytes.length === 0 ? 0 : (bytes[bytes.length - 1] as number);
  const padding = bytes.subarray(bytes.length - count);
  if (count < 1 || count > 8 || !padding.every((byte) => byte === count)) {
    throw new StoreError("PKCS12: the password is wrong, or the file is damaged");
  }
  return bytes.subarray(0, bytes.length - count);
}

/** RFC 7292, appendix B.2. */
function derive(
  password: string,
  { salt, iterations }: Derivation,
  purpose: number,
  length: number,
  hash: { readonly name: string; readonly blockBytes: number },
): Buffer {
  const v = hash.blockBytes;
  const secret = Buffer.concat([Buffer.from(password, "utf16le").swap16(), Buffer.alloc(2)]);
  const diversifier = Buffer.alloc(v, purpose);
  const input = Buffer.concat([filled(salt, v), filled(secret, v)]);
  const output: Buffer[] = [];
  let have = 0;
  while (have < length) {
    let a = createHash(hash.name).update(diversifier).update(input).digest();
    for (let i = 1; i < iterations; i++) a = createHash(hash.name).update(a).digest();
    output.push(a);
    have += a.length;
    const b = filled(a, v).subarray(0, v);
    for (let at = 0; at < input.length; at += v) addOne(input, at, b);
  }
  return Buffer.concat(output).subarray(0, length);
}

/** Repeated to a multiple of the hash's block. */
function filled(bytes: Buffer, blockBytes: number): Buffer {
  const length = blockBytes * Math.ceil(bytes.length / blockBytes);
  return length === 0 ? Buffer.alloc(0) : Buffer.alloc(length, bytes);
}

/** input[at …] += b + 1, as one large number. */
function addOne(input: Buffer, at: number, b: Buffer): void {
  let carry = 1;
  for (let i = b.length - 1; i >= 0; i--) {
    carry += (input[at + i] as number) + (b[i] as number);
    input[at + i] = carry & 0xff;
    carry >>>= 8;
  }
}

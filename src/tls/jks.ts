// JKS, Java's own key store. Java: sun.security.provider.JavaKeyStore.
//
//   0xfeedfeed, version (1 or 2), count, entries, SHA-1 of (password as UTF-16, "Mighty Aphrodite", all before)
//   entry 1: alias, time, encrypted key, chain       entry 2: alias, time, certificate that is trusted
//
// A key is hidden by a stream of SHA-1s that begins with a salt (the algorithm 1.3.6.1.4.1.42.2.17.1.1), with the store's
// password: ZooKeeper has no setting for another.

import { createHash, timingSafeEqual } from "../platform/pure-node.js";
import { octetsOf, oidOf, partsOf, readDer } from "./der.js";
import type { KeyEntry, KeyStore } from "./key-store.js";
import { StoreError } from "./store-error.js";

const HASH_BYTES = 20;
const KEY_PROTECTOR = "1.3.6.1.4.1.42.2.17.1.1";
const PRIVATE_KEY = 1;
const TRUSTED_CERTIFICATE = 2;

export function readJks(bytes: Buffer, password: string): KeyStore {
  const end = bytes.length - HASH_BYTES;
  if (end < 12) throw new StoreError("JKS: the file is too short");
  const secret = utf16(password);
  checkIntegrity(bytes, end, secret);
  const input = new Input(bytes.subarray(0, end));
  input.int();
  const version = input.int();
  if (version !== 1 && version !== 2) throw new StoreError(`JKS: version ${version} is unknown`);
  const keys: KeyEntry[] = [];
  const trusted: Buffer[] = [];
  for (let left = input.int(); left > 0; left--) {
    const tag = input.int();
    input.text();
    input.take(8);
    if (tag === PRIVATE_KEY) {
      const key = revealKey(input.block(), secret);
      const chain: Buffer[] = [];
      for (let links = input.int(); links > 0; links--) chain.push(input.certificate(version));
      keys.push({ key, chain });
    } else if (tag === TRUSTED_CERTIFICATE) trusted.push(input.certificate(version));
    else throw new StoreError(`JKS: entry of kind ${tag} is unknown`);
  }
  return { keys, trusted };
}

function checkIntegrity(bytes: Buffer, end: number, secret: Buffer): void {
  const content = bytes.subarray(0, end);
  const found = createHash("sha1").update(secret).update("Mighty Aphrodite").update(content);
  if (!timingSafeEqual(found.digest(), bytes.subarray(end))) {
    throw new StoreError("Keystore was tampered with, or password was incorrect");
  }
}

/** salt, key xor SHA-1(password, salt), SHA-1(password, that) …, SHA-1(password, key) */
function revealKey(hidden: Buffer, secret: Buffer): Buffer {
  const [algorithm, data] = partsOf(readDer(hidden));
  if (oidOf(partsOf(algorithm)[0]) !== KEY_PROTECTOR) {
    throw new StoreError("JKS: the key is protected by another algorithm than JKS has");
  }
  const bytes = octetsOf(data);
  if (bytes.length < 2 * HASH_BYTES) throw new StoreError("JKS: the key is too short");
  const key = Buffer.from(bytes.subarray(HASH_BYTES, -HASH_BYTES));
  let digest = bytes.subarray(0, HASH_BYTES);
  for (let at = 0; at < key.length; at++) {
    if (at % HASH_BYTES === 0) digest = createHash("sha1").update(secret).update(digest).digest();
    key[at] = (key[at] as number) ^ (digest[at % HASH_BYTES] as number);
  }
  const check = createHash("sha1").update(secret).update(key).digest();
  if (!timingSafeEqual(check, bytes.subarray(-HASH_BYTES))) {
    throw new StoreError("Cannot recover key: its password must be that of the key store");
  }
  return key;
}

function utf16(text: string): Buffer {
  return Buffer.from(text, "utf16le").swap16();
}

class Input {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  take(length: number): Buffer {
    const start = this.#at;
    if (length > this.#bytes.length - start) throw new StoreError("JKS: the file ends too early");
    this.#at += length;
    return this.#bytes.subarray(start, this.#at);
  }

  int(): number {
    return this.take(4).readUInt32BE(0);
  }

  block(): Buffer {
    return this.take(this.int());
  }

  text(): string {
    return this.take(this.take(2).readUInt16BE(0)).toString("utf8");
  }

  certificate(version: number): Buffer {
    const type = version === 1 ? "X.509" : this.text();
    if (type !== "X.509") throw new StoreError(`JKS: certificates of type "${type}" are unknown`);
    return this.block();
  }
}

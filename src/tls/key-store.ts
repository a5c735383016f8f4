// What is in a key store or trust store, whatever its format. Java: KeyStore as ZooKeeper's KeyStoreFileType opens it.
//
// The format is what `ssl.keyStore.type` says, or the file's ending. Java's JKS and PKCS12 each read the other's files as well
// (keytool writes PKCS12 since Java 9, whatever the file is called), so those two are told apart by their first bytes.

import { readJks } from "./jks.js";
import { readPem } from "./pem.js";
import { readPkcs12 } from "./pkcs12.js";
import { StoreError } from "./store-error.js";

/** Bytes are DER throughout. */
export interface KeyEntry {
  /** PKCS8, not encrypted. */
  readonly key: Buffer;
  /** The key's own certificate first. */
  readonly chain: readonly Buffer[];
}

export interface KeyStore {
  readonly keys: readonly KeyEntry[];
  /** Certificates that the store says to trust; those of its keys are not among them. */
  readonly trusted: readonly Buffer[];
}

export type StoreType = "" | "JKS" | "PEM" | "PKCS12" | "BCFKS";

const ENDINGS: Readonly<Record<string, StoreType>> = {
  ".jks": "JKS",
  ".pem": "PEM",
  ".p12": "PKCS12",
  ".bcfks": "BCFKS",
};

/** Throws StoreError. `name` is the file's, whose ending counts when no type is given. */
export function readKeyStore(
  bytes: Buffer,
  name: string,
  type: StoreType,
  password: string,
): KeyStore {
  switch (type === "" ? typeByEnding(name) : type) {
    case "PEM":
      return readPem(bytes, password);
    case "BCFKS":
      throw new StoreError(
        "BCFKS is a format of Java's Bouncy Castle FIPS provider, which is not available here: convert the store with keytool -importkeystore -deststoretype PKCS12",
      );
    default:
      return bytes.length >= 4 && bytes.readUInt32BE(0) === 0xfeedfeed
        ? readJks(bytes, password)
        : readPkcs12(bytes, password);
  }
}

function typeByEnding(name: string): StoreType {
  const dot = name.lastIndexOf(".");
  const type = dot < 0 ? undefined : ENDINGS[name.slice(dot)];
  if (type === undefined) {
    throw new StoreError(`Unable to auto-detect store file type from file name: ${name}`);
  }
  return type;
}

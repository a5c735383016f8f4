// PEM: a key and its certificates, or certificates to trust, as text in one file. Java: PemReader.
//
// Java takes unencrypted or encrypted PKCS8 keys; here the older forms of OpenSSL (RSA PRIVATE KEY, EC PRIVATE KEY) are
// taken as well. A password for a key that is not encrypted is not used.

import { createPrivateKey } from "../platform/pure-node.js";
import { readDer } from "./der.js";
import type { KeyStore } from "./key-store.js";
import { StoreError } from "./store-error.js";

const CERTIFICATE =
  /-----BEGIN (?:X509 )?CERTIFICATE-----([A-Za-z0-9+/=\s]*)-----END (?:X509 )?CERTIFICATE-----/g;
const PRIVATE_KEY =
  /-----BEGIN ([A-Z0-9 ]*)PRIVATE KEY-----[^-]*-----END [A-Z0-9 ]*PRIVATE KEY-----/;

/** A file may hold both: which is asked for decides its reader. */
export function readPem(bytes: Buffer, password: string): KeyStore {
  const text = bytes.toString("latin1");
  const certificates = [...text.matchAll(CERTIFICATE)].map(([, base64]) => certificate(base64));
  const key = PRIVATE_KEY.exec(text)?.[0];
  if (key === undefined) {
    if (certificates.length === 0) throw new StoreError("PEM: there is no key and no certificate");
    return { keys: [], trusted: certificates };
  }
  if (certificates.length === 0) throw new StoreError("PEM: there is no certificate for the key");
  return {
    keys: [{ key: readKey(key, password), chain: certificates }],
    trusted: certificates,
  };
}

function certificate(base64: string | undefined): Buffer {
  const bytes = Buffer.from(base64 ?? "", "base64");
  if (bytes.length === 0) throw new StoreError("PEM: a certificate is empty");
  return readDer(bytes).whole;
}

function readKey(text: string, password: string): Buffer {
  try {
    const options = { key: text, format: "pem", passphrase: password } as const;
    return createPrivateKey(options).export({ format: "der", type: "pkcs8" });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const hint = text.includes("ENCRYPTED")
      ? "its password is wrong, or it is damaged"
      : "it is damaged";
    throw new StoreError(`PEM: the private key cannot be read: ${hint} (${why})`);
  }
}

// Cipher suites: by the names that Java and the standards have, which is what zoo.cfg says, and by OpenSSL's. Java: X509Util.
//
//   TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 → ECDHE-RSA-AES128-GCM-SHA256; those of TLS 1.3 are called the same by both.

import { StoreError } from "./store-error.js";

/** As ZooKeeper 3.9 has them: forward secrecy only, AEAD first. */
const DEFAULT_SUITES = (
  "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256," +
  "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384," +
  "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256,TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256," +
  "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA,TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA," +
  "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384,TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384," +
  "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA,TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA," +
  "TLS_AES_256_GCM_SHA384,TLS_AES_128_GCM_SHA256,TLS_CHACHA20_POLY1305_SHA256"
).split(",");

const EXCHANGES: Readonly<Record<string, string>> = {
  ECDHE_ECDSA: "ECDHE-ECDSA-",
  ECDHE_RSA: "ECDHE-RSA-",
  DHE_RSA: "DHE-RSA-",
  RSA: "",
};

const CIPHERS: Readonly<Record<string, string>> = {
  AES_128_GCM_SHA256: "AES128-GCM-SHA256",
  AES_256_GCM_SHA384: "AES256-GCM-SHA384",
  AES_128_CBC_SHA256: "AES128-SHA256",
  AES_256_CBC_SHA256: "AES256-SHA256",
  AES_256_CBC_SHA384: "AES256-SHA384",
  AES_128_CBC_SHA: "AES128-SHA",
  AES_256_CBC_SHA: "AES256-SHA",
  CHACHA20_POLY1305_SHA256: "CHACHA20-POLY1305",
};

/** OpenSSL's names; `wanted` as zoo.cfg has it, empty for the default. Throws StoreError for a suite that is unknown. */
export function openSslCiphers(wanted: readonly string[]): string[] {
  return (wanted.length === 0 ? DEFAULT_SUITES : wanted).map(openSslName);
}

function openSslName(suite: string): string {
  const [exchange, cipher] = suite.replace(/^TLS_/, "").split("_WITH_") as [string, string?];
  if (cipher === undefined) {
    // Of TLS 1.3, or in OpenSSL's own spelling.
    if (/^TLS_(AES|CHACHA20)_/.test(suite) || /^[A-Z0-9]+(-[A-Z0-9]+)+$/.test(suite)) return suite;
  } else {
    const [before, after] = [EXCHANGES[exchange], CIPHERS[cipher]];
    if (before !== undefined && after !== undefined) return before + after;
  }
  throw new StoreError(
    `Cipher suite "${suite}" (ciphersuites) is unknown: it has a name as in Java, TLS_AES_128_GCM_SHA256, or as in OpenSSL`,
  );
}

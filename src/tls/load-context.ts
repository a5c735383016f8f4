// From settings and files to what the platform needs for TLS. Java: X509Util.createSSLContextAndOptions.
//
// Every error names the setting and the file, and never a password.

import type { Disk, TlsContextOptions } from "../platform/platform.js";
import { openSslCiphers } from "./cipher-suites.js";
import { type KeyStore, readKeyStore, type StoreType } from "./key-store.js";
import type { TlsSettings } from "./settings.js";
import { StoreError } from "./store-error.js";

/** By one of them a newer side speaks with all that are still about: Java 3.8's default is 1.2, that of 3.9 is 1.3. */
const DEFAULT_PROTOCOLS = ["TLSv1.2", "TLSv1.3"];

/** Key stores are some KB, trust stores of all the world's authorities some hundred. */
const STORE_MAX_BYTES = 16 * 1024 * 1024;

export interface LoadOptions {
  readonly settings: TlsSettings;
  /** `ssl.` or `ssl.quorum.`: for errors. */
  readonly prefix: string;
  /** A server cannot do without a key; a client may. */
  readonly needsKey: boolean;
  readonly warn: (line: string) => void;
}

export function loadContextOptions(disk: Disk, options: LoadOptions): TlsContextOptions {
  const { settings, prefix, needsKey, warn } = options;
  refuseUnknown(options);
  let keys: KeyStore["keys"] = [];
  if (settings.keyStoreLocation) {
    keys = load(disk, options, "keyStore").keys;
    if (keys.length === 0) {
      const name = `${prefix}keyStore.location`;
      throw new StoreError(`There is no private key in "${settings.keyStoreLocation}" (${name})`);
    }
  } else if (needsKey) {
    throw new StoreError(
      `Keystore is required for SSL server: zookeeper.${prefix}keyStore.location`,
    );
  } else warn(`zookeeper.${prefix}keyStore.location not specified`);
  let trusted: KeyStore["trusted"] | undefined;
  if (settings.trustStoreLocation) {
    trusted = load(disk, options, "trustStore").trusted;
    if (trusted.length === 0) {
      const name = `${prefix}trustStore.location`;
      throw new StoreError(
        `There is no trusted certificate in "${settings.trustStoreLocation}" (${name}): as in Java the certificates of a key do not count, nor those that openssl put into a PKCS12 file: import them with keytool -importcert, or use PEM`,
      );
    }
  } else warn(`zookeeper.${prefix}trustStore.location not specified`);
  return {
    keys: firstOfEachKind(keys),
    trusted,
    protocols: protocolsOf(settings),
    ciphers: openSslCiphers(settings.ciphersuites),
    clientAuth: settings.clientAuth,
    // A session that is taken up again brings no chain to check.
    resumption: !settings.crl,
  };
}

/** What the files were when they were read: another text, and they are to be read again. */
export function fileStates(disk: Disk, settings: TlsSettings): string {
  return pathsOf(settings)
    .map((path) => {
      try {
        const stat = disk.stat(path);
        return `${stat?.sizeBytes}:${stat?.modifiedMs}`;
      } catch {
        return "unreadable";
      }
    })
    .join(",");
}

export function pathsOf(settings: TlsSettings): string[] {
  return [
    settings.keyStoreLocation,
    settings.trustStoreLocation,
    settings.keyStorePasswordPath,
    settings.trustStorePasswordPath,
  ].filter((path) => path !== undefined && path !== "") as string[];
}

function refuseUnknown({ settings, prefix }: LoadOptions): void {
  const { contextSupplierClass, ocsp } = settings;
  if (contextSupplierClass !== undefined) {
    throw new StoreError(
      `${prefix}context.supplier.class names the Java class "${contextSupplierClass}", which cannot be used here: set ${prefix}keyStore.location and ${prefix}trustStore.location instead`,
    );
  }
  if (!ocsp) return;
  throw new StoreError(
    `${prefix}ocsp is true, and this version cannot ask OCSP services: it would trust certificates that were revoked. Set it to false, and ${prefix}crl to true where the authority publishes lists`,
  );
}

function load(disk: Disk, options: LoadOptions, which: "keyStore" | "trustStore"): KeyStore {
  const { settings, prefix } = options;
  const path = settings[`${which}Location`] as string;
  const passwordPath = settings[`${which}PasswordPath`];
  const type: StoreType = settings[`${which}Type`];
  try {
    const password = passwordPath
      ? readPassword(disk, passwordPath)
      : (settings[`${which}Password`] ?? "");
    const sizeBytes = disk.stat(path)?.sizeBytes ?? 0;
    if (sizeBytes > STORE_MAX_BYTES) {
      throw new StoreError(`it has ${sizeBytes} bytes, at most ${STORE_MAX_BYTES} are read`);
    }
    return readKeyStore(disk.readFile(path), path, type, password);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new StoreError(`Cannot load "${path}" (${prefix}${which}.location): ${why}`, {
      cause: error,
    });
  }
}

/** The file's text; a newline at its end is an editor's. Java: SecretUtils. */
function readPassword(disk: Disk, path: string): string {
  return disk.readFile(path).toString("utf8").replace(/\n$/, "");
}

/** Java chooses among several keys by what the other side can verify; OpenSSL by the kind of key. */
function firstOfEachKind(keys: KeyStore["keys"]): KeyStore["keys"] {
  const kinds = new Set<string>();
  return keys.filter(({ key }) => {
    // The algorithm's identifier is in the first bytes: 1.2.840.113549.1.1 is RSA's.
    const kind = key.subarray(0, 40).includes(RSA_OID) ? "RSA" : "other";
    return !kinds.has(kind) && kinds.add(kind);
  });
}

const RSA_OID = Buffer.from("06092a864886f70d0101", "hex");

function protocolsOf({ protocol, enabledProtocols }: TlsSettings): readonly string[] {
  if (enabledProtocols.length > 0) return enabledProtocols;
  if (protocol === undefined || protocol === "TLS") return DEFAULT_PROTOCOLS;
  // As Java has it for sockets: TLSv1.3 enables 1.2 as well.
  return protocol === "TLSv1.3" ? DEFAULT_PROTOCOLS : [protocol];
}

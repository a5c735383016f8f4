// What TLS is told of the configuration: `Config.tlsClient` or `Config.tlsQuorum`, or what a client's properties say. One of them
// is one set of rules: which files, which protocols, who must show what.

import type { StoreType } from "./key-store.js";

export interface TlsSettings {
  readonly keyStoreLocation: string | undefined;
  readonly keyStorePassword: string | undefined;
  readonly keyStorePasswordPath: string | undefined;
  readonly keyStoreType: StoreType;
  readonly trustStoreLocation: string | undefined;
  readonly trustStorePassword: string | undefined;
  readonly trustStorePasswordPath: string | undefined;
  readonly trustStoreType: StoreType;
  readonly protocol: string | undefined;
  readonly enabledProtocols: readonly string[];
  readonly ciphersuites: readonly string[];
  readonly contextSupplierClass: string | undefined;
  readonly hostnameVerification: boolean;
  readonly clientHostnameVerification: boolean;
  readonly allowReverseDnsLookup: boolean;
  readonly crl: boolean;
  readonly ocsp: boolean;
  readonly clientAuth: "need" | "want" | "none";
  readonly handshakeDetectionTimeoutMs: number;
}

// What is wrong with a key store, a certificate or the settings of TLS. Java: KeyManagerException, TrustManagerException.

export class StoreError extends Error {
  override readonly name = "StoreError";
}

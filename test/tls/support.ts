// Settings of TLS for tests, as zoo.cfg's defaults have them, with the golden stores.

import { SETTINGS } from "../../src/config/table.js";
import type { TlsSettings } from "../../src/tls/settings.js";

export const KEY_STORE = "/conf/key.jks";
export const TRUST_STORE = "/conf/trust.pem";

const defaults = Object.fromEntries(
  Object.entries(SETTINGS.tlsClient).map(([field, { fallback }]) => [field, fallback]),
) as unknown as TlsSettings;

export const TLS_SETTINGS: TlsSettings = {
  ...defaults,
  keyStoreLocation: KEY_STORE,
  keyStorePassword: "secret",
  trustStoreLocation: TRUST_STORE,
};

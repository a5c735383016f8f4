// The classes that `authProvider.N` may name: Java's own, each of which is a scheme of ours. Java: ProviderRegistry.

import type { AuthProvider } from "./config.js";

const PACKAGE = "org.apache.zookeeper.server.auth";

export const AUTH_PROVIDERS: Readonly<Record<string, string>> = {
  [`${PACKAGE}.SASLAuthenticationProvider`]: "sasl",
  [`${PACKAGE}.EnsembleAuthenticationProvider`]: "ensemble",
  [`${PACKAGE}.X509AuthenticationProvider`]: "x509",
  [`${PACKAGE}.DigestAuthenticationProvider`]: "digest",
  [`${PACKAGE}.IPAuthenticationProvider`]: "ip",
};

/** Schemes beyond those that are there anyway. */
export function schemesOf(providers: readonly AuthProvider[]): string[] {
  return providers.flatMap(({ className }) => AUTH_PROVIDERS[className] ?? []);
}

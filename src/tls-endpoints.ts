// TLS for the ports that are configured to have it: one set of keys and rules for clients (ssl.*), one for members (ssl.quorum.*).
//
// Keys that cannot be used end the start. (Java starts, and fails each connection: a server that nobody can reach.)

import type { HttpTls } from "./admin/http/http-server.js";
import type { Config } from "./config/config.js";
import { ExitCode, FatalError } from "./errors.js";
import type { PeerTls } from "./peer/peer-tls.js";
import type { Platform } from "./platform/platform.js";
import { TlsEndpoint, type TlsEndpointOptions } from "./tls/endpoint.js";
import type { StoreType } from "./tls/key-store.js";

/** secureClientPort, client.portUnification. */
export function openClientTls(platform: Platform, config: Config): TlsEndpoint | undefined {
  const { secureClientPort, clientPortUnification, clientCertReload } = config.client;
  if (secureClientPort === undefined && !clientPortUnification) return undefined;
  return open({
    platform,
    log: platform.log.child("ClientX509Util"),
    settings: config.tlsClient,
    prefix: "ssl.",
    isServer: true,
    reload: clientCertReload,
  });
}

/** sslQuorum, portUnification. */
export function openPeerTls(platform: Platform, config: Config): PeerTls | undefined {
  const { sslQuorum, portUnification, sslQuorumReloadCertFiles } = config.quorum;
  const log = platform.log.child("QuorumPeer");
  log.info(
    sslQuorum
      ? "Using TLS encrypted quorum communication"
      : "Using insecure (non-TLS) quorum communication",
  );
  log.info(`Port unification ${portUnification ? "enabled" : "disabled"}`);
  if (!sslQuorum && !portUnification) return undefined;
  const endpoint = open({
    platform,
    log: platform.log.child("QuorumX509Util"),
    settings: config.tlsQuorum,
    prefix: "ssl.quorum.",
    isServer: true,
    reload: sslQuorumReloadCertFiles,
  });
  return { endpoint, isCaller: sslQuorum, takesPlain: portUnification };
}

/** admin.forceHttps, admin.portUnification: with the members' keys, as in Java. Throws an Error that says what is wrong. */
export function openAdminTls(platform: Platform, config: Config): HttpTls | undefined {
  const { forceHttps, portUnification, needClientAuth } = config.admin;
  if (!forceHttps && !portUnification) return undefined;
  const clientAuth = needClientAuth ? "need" : "none";
  const endpoint = new TlsEndpoint({
    platform,
    log: platform.log.child("JettyAdminServer"),
    // Browsers and scripts connect from anywhere.
    settings: { ...config.tlsQuorum, clientAuth, clientHostnameVerification: false },
    prefix: "ssl.quorum.",
    isServer: true,
    reload: config.quorum.sslQuorumReloadCertFiles,
  });
  return { endpoint, takesPlain: !forceHttps };
}

/** metricsProvider.httpsPort. */
export function openMetricsTls(platform: Platform, config: Config): HttpTls | undefined {
  const { metrics } = config;
  if (metrics.httpsPort < 0) return undefined;
  const endpoint = open({
    platform,
    log: platform.log.child("PrometheusMetricsProvider"),
    settings: {
      ...config.tlsQuorum,
      keyStoreLocation: metrics.sslKeyStoreLocation,
      keyStorePassword: metrics.sslKeyStorePassword,
      keyStorePasswordPath: undefined,
      keyStoreType: storeType(metrics.sslKeyStoreType),
      trustStoreLocation: metrics.sslTrustStoreLocation,
      trustStorePassword: metrics.sslTrustStorePassword,
      trustStorePasswordPath: undefined,
      trustStoreType: storeType(metrics.sslTrustStoreType),
      protocol: undefined,
      enabledProtocols: metrics.sslEnabledProtocols,
      ciphersuites: metrics.sslCiphersuites,
      contextSupplierClass: undefined,
      clientHostnameVerification: false,
      crl: false,
      ocsp: false,
      clientAuth: metrics.sslNeedClientAuth ? "need" : metrics.sslWantClientAuth ? "want" : "none",
    },
    prefix: "metricsProvider.ssl.",
    isServer: true,
    reload: false,
  });
  return { endpoint, takesPlain: false };
}

function storeType(text: string | undefined): StoreType {
  const type = (text ?? "").toUpperCase();
  const isKnown = (STORE_TYPES as readonly string[]).includes(type);
  // Jetty hands it to Java's KeyStore, which knows the two formats of old by these names.
  return isKnown ? (type as StoreType) : "PKCS12";
}

const STORE_TYPES: readonly StoreType[] = ["", "JKS", "PEM", "PKCS12", "BCFKS"];

function open(options: TlsEndpointOptions): TlsEndpoint {
  try {
    return new TlsEndpoint(options);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new FatalError(ExitCode.invalidInvocation, `Cannot set up TLS: ${why}`, { cause: error });
  }
}

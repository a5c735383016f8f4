// TLS for the ports that are configured to have it: one set of keys and rules for clients (ssl.*), one for members (ssl.quorum.*).
//
// Keys that cannot be used end the start. (Java starts, and fails each connection: a server that nobody can reach.)

import type { Config } from "./config/config.js";
import { ExitCode, FatalError } from "./errors.js";
import type { PeerTls } from "./peer/peer-tls.js";
import type { Platform } from "./platform/platform.js";
import { TlsEndpoint, type TlsEndpointOptions } from "./tls/endpoint.js";

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

function open(options: TlsEndpointOptions): TlsEndpoint {
  try {
    return new TlsEndpoint(options);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new FatalError(ExitCode.invalidInvocation, `Cannot set up TLS: ${why}`, { cause: error });
  }
}

// TLS for the ports that are configured to have it: one set of keys and rules for clients (ssl.*), one for members (ssl.quorum.*).
//
// Keys that cannot be used end the start. (Java starts, and fails each connection: a server that nobody can reach.)

import type { Config } from "./config/config.js";
import { ExitCode, FatalError } from "./errors.js";
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

function open(options: TlsEndpointOptions): TlsEndpoint {
  try {
    return new TlsEndpoint(options);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new FatalError(ExitCode.invalidInvocation, `Cannot set up TLS: ${why}`, { cause: error });
  }
}

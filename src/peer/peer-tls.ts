// TLS between members: sslQuorum, portUnification. Java: UnifiedServerSocket, and SSLSocket where one connects.
//
//   portUnification   the ports take both; whether we call by TLS, sslQuorum says
//   sslQuorum alone   the ports take nothing but TLS
//
// So an ensemble goes from plain to TLS without an interruption: first all ports take both, then all call by TLS, then the
// ports refuse what is plain.

import type { HostPort } from "../config/server-spec.js";
import type { Connection, Logger, NetworkError, TlsDone } from "../platform/platform.js";
import type { TlsEndpoint } from "../tls/endpoint.js";

export interface PeerTls {
  readonly endpoint: TlsEndpoint;
  /** sslQuorum. */
  readonly isCaller: boolean;
  /** portUnification. */
  readonly takesPlain: boolean;
}

/** Java's lines, once a connection is there. */
export function acceptPeer(
  { endpoint, takesPlain }: PeerTls,
  connection: Connection,
  timeoutMs: number,
  log: Logger,
  done: TlsDone,
): { cancel(): void } {
  const from = remote(connection);
  return endpoint.accept(connection, { plainToo: takesPlain, timeoutMs }, (error, secured) => {
    if (error !== undefined) log.warn(`Closing connection from ${from}: ${error.message}`);
    else if (secured?.tls === undefined) log.info(`Accepted plaintext connection from ${from}`);
    else {
      const { protocol, cipherSuite } = secured.tls;
      log.info(`Accepted TLS connection from ${from} - ${protocol} - ${cipherSuite}`);
    }
    done(error, secured);
  });
}

export function callPeer(
  { endpoint }: PeerTls,
  connection: Connection,
  target: HostPort,
  timeoutMs: number,
  log: Logger,
  done: TlsDone,
): { cancel(): void } {
  const to = `${target.host}${remote(connection)}`;
  const finish = (error: NetworkError | undefined, secured?: Connection): void => {
    if (secured?.tls !== undefined) {
      const { protocol, cipherSuite } = secured.tls;
      log.info(`SSL handshake complete with ${to} - ${protocol} - ${cipherSuite}`);
    }
    done(error, secured);
  };
  return endpoint.connect(connection, { host: target.host, timeoutMs }, finish);
}

function remote({ remoteAddress, remotePort }: Connection): string {
  const host = remoteAddress.includes(":") ? `[${remoteAddress}]` : remoteAddress;
  return `/${host}:${remotePort}`;
}

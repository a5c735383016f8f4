// A connection to a server at an address, by TLS if so wished. Java: ClientCnxnSocketNIO, ClientCnxnSocketNetty.

import type { Connection, Endpoint, NetworkError, Platform } from "../../platform/platform.js";
import type { TlsEndpoint } from "../../tls/endpoint.js";

export interface Call {
  /** Where to, and by which name its certificate is to know it. */
  readonly target: Endpoint;
  readonly name: string;
  readonly timeoutMs: number;
  readonly tls: TlsEndpoint | undefined;
}

/** `done` is called once, unless it is cancelled before; the connection must be started in that turn. */
export function dial(
  network: Platform["network"],
  { target, name, timeoutMs, tls }: Call,
  done: (error: NetworkError | undefined, connection?: Connection) => void,
): { cancel(): void } {
  let attempt = network.connect(target, { timeoutMs }, (error, connection) => {
    if (connection === undefined || tls === undefined) done(error, connection);
    else attempt = tls.connect(connection, { host: name, timeoutMs }, done);
  });
  return { cancel: () => attempt.cancel() };
}

// TLS of the programs at the command line: zookeeper.client.secure and zookeeper.ssl.*, from -client-configuration or -D. Java:
// ClientX509Util as ClientCnxnSocketNetty and FourLetterWordMain use it.
//
// Java also wants zookeeper.clientCnxnSocket to name its Netty class; here there is one kind of socket, and it does both.

import { readSettings } from "../config/read-settings.js";
import type { NodePlatform } from "../platform/node/platform.js";
import { TlsEndpoint } from "../tls/endpoint.js";

/** Throws an Error that names setting and file. `warn` gets a line for what is wrong and can be passed over. */
export function clientTls(
  platform: NodePlatform,
  properties: ReadonlyMap<string, string>,
  warn: (line: string) => void,
): TlsEndpoint {
  return new TlsEndpoint({
    platform,
    log: platform.log.child("ClientX509Util"),
    settings: readSettings({ file: new Map(), properties, warn }).tlsClient,
    prefix: "ssl.",
    isServer: false,
    reload: false,
  });
}

/** -Dname=value, which the scripts hand on from CLIENT_JVMFLAGS; other flags of a JVM have no meaning here. */
export function takeProperties(argv: readonly string[]): {
  values: Map<string, string>;
  rest: string[];
} {
  const values = new Map<string, string>();
  let at = 0;
  for (; /^-[DX]/.test(argv[at] ?? ""); at++) {
    const [name, ...value] = argv[at]!.slice(2).split("=");
    if (argv[at]!.startsWith("-D")) values.set(name!, value.join("="));
  }
  return { values, rest: argv.slice(at) };
}

// A realm with a service and some clients, and servers that have the service's key.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ServerKind } from "../peers.js";
import {
  newDirectory,
  type RunningServer,
  type ServerOptions,
  startServer,
} from "../server-process.js";
import { TestRealm } from "./realm.js";

const PROVIDER = "org.apache.zookeeper.server.auth.SASLAuthenticationProvider";

export const SERVICE = "zookeeper/localhost";
/** Its key is in the server's key table as well. */
export const NEIGHBOUR = "host/localhost";
/** Its key is not. */
export const STRANGER = "zookeeper/elsewhere";
export const CLIENTS = ["alice", "svc-backup/host.example", "root"];

export interface Stage {
  readonly realm: TestRealm;
  readonly serverKeys: string;
  readonly clientKeys: string;
}

export async function onStage(run: (stage: Stage) => Promise<void>): Promise<void> {
  const realm = await TestRealm.start();
  try {
    realm.add(SERVICE, NEIGHBOUR, STRANGER, ...CLIENTS);
    const serverKeys = realm.keyTable("server.keytab", SERVICE, NEIGHBOUR);
    const clientKeys = realm.keyTable("clients.keytab", ...CLIENTS);
    await run({ realm, serverKeys, clientKeys });
  } finally {
    await realm.stop();
  }
}

export function startKerberosServer(
  kind: ServerKind,
  { realm, serverKeys, clientKeys }: Stage,
  cfg: Readonly<Record<string, string>> = {},
  more: Pick<ServerOptions, "environment" | "dontWait"> & { readonly configuration?: string } = {},
): Promise<RunningServer> {
  const directory = newDirectory(kind);
  const jaas = join(directory, "jaas.conf");
  mkdirSync(directory, { recursive: true });
  writeFileSync(
    jaas,
    `Server {
  com.sun.security.auth.module.Krb5LoginModule required
  useKeyTab=true keyTab="${serverKeys}" storeKey=true doNotPrompt=true useTicketCache=false
  principal="${SERVICE}";
};
Client {
  com.sun.security.auth.module.Krb5LoginModule required
  useKeyTab=true keyTab="${clientKeys}" storeKey=true doNotPrompt=true principal="alice";
};
Cache {
  com.sun.security.auth.module.Krb5LoginModule required
  useTicketCache=true ticketCache="${realm.path("tickets")}" doNotPrompt=true;
};
Stranger {
  com.sun.security.auth.module.Krb5LoginModule required
  useKeyTab=true keyTab="${clientKeys}" storeKey=true doNotPrompt=true principal="nobody";
};`,
  );
  return startServer(kind, {
    directory,
    cfg: { "authProvider.1": PROVIDER, "superUser.9": "root", ...cfg },
    properties: {
      "java.security.auth.login.config": jaas,
      "java.security.krb5.conf": more.configuration ?? realm.configuration,
    },
    ...more,
    environment: { KRB5RCACHEDIR: directory, ...more.environment },
  });
}

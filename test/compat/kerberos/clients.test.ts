// Every client by Kerberos: the zkCli of 3.8 and of 3.9.5 with a key table and with a ticket cache, and kazoo.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { KAZOO_SASL, PEERS, peerTest, SYSTEM_PYTHON } from "../peers.js";
import type { RunningServer } from "../server-process.js";
import { type CliVersion, Terminal } from "../zkcli/terminal.js";
import { REALM } from "./realm.js";
import { onStage, type Stage, startKerberosServer } from "./stage.js";

const run = promisify(execFile);
const REQUIRED = {
  sessionRequireClientSASLAuth: "true",
  "kerberos.removeRealmFromPrincipal": "true",
};

async function talk(
  cli: CliVersion,
  server: RunningServer,
  { realm }: Stage,
  section: string,
  more: readonly string[] = [],
) {
  const path = `/${section}-${cli}`;
  const flags = [
    `-Djava.security.auth.login.config=${join(server.directory, "jaas.conf")}`,
    `-Djava.security.krb5.conf=${realm.configuration}`,
    `-Dzookeeper.sasl.clientconfig=${section}`,
    ...more,
  ];
  const terminal = new Terminal(cli, ["-server", `localhost:${server.port}`], flags);
  try {
    const commands = ["whoami", `create ${path} x sasl:alice:cdrwa`, `getAcl ${path}`];
    for (const command of commands) terminal.type(command);
    terminal.endOfInput();
    const code = await terminal.ended;
    return { code, text: terminal.text };
  } finally {
    terminal.kill();
  }
}

const PAIRS = [
  ["java38", "zooid"],
  ["java39", "zooid"],
  ["zooid", "java39"],
] as const;

for (const [cli, kind] of PAIRS) {
  peerTest(`zkCli of ${cli} authenticates by Kerberos at ${kind}`, [cli, kind, "kdc"], () =>
    onStage(async (stage) => {
      const { realm, clientKeys } = stage;
      realm.ticketCache("tickets", "alice", clientKeys);
      const server = await startKerberosServer(kind, stage, REQUIRED);
      try {
        const elsewhere = ["-Dzookeeper.server.principal=zookeeper/elsewhere"];
        const [byKey, byTicket, wrong] = await Promise.all([
          talk(cli, server, stage, "Client"),
          talk(cli, server, stage, "Cache"),
          talk(cli, server, stage, "Client", elsewhere),
        ]);
        for (const [name, { code, text }] of Object.entries({ Client: byKey, Cache: byTicket })) {
          assert.match(text, /state:SaslAuthenticated/);
          assert.match(text, /sasl: alice\n/);
          assert.match(text, new RegExp(`Created /${name}-`));
          assert.match(text, /'sasl,'alice\s+: cdrwa/);
          assert.equal(code, 0);
        }
        // A ticket, but for a service whose key the server does not have.
        assert.match(wrong.text, /state:AuthFailed/);
        assert.doesNotMatch(wrong.text, /sasl: alice|'sasl,'alice|SaslAuthenticated/);
      } finally {
        await server.discard();
      }
    }),
  );
}

/** Its source distribution, whose version is install-peers.sh's. */
function kazooSource(): string {
  const home = join(PEERS, "kazoo");
  const source = readdirSync(home).find((name) => /^kazoo-[\d.]+$/.test(name));
  return join(home, source ?? "");
}

peerTest("kazoo authenticates by Kerberos", ["kazoo", "python-kerberos", "zooid", "kdc"], () =>
  onStage(async (stage) => {
    const { realm, clientKeys } = stage;
    const cache = realm.ticketCache("tickets", "alice", clientKeys);
    const server = await startKerberosServer("zooid", stage, REQUIRED);
    try {
      const script = `
from kazoo.client import KazooClient
from kazoo.security import make_acl
def client(service):
    return KazooClient("localhost:${server.port}", sasl_options={"mechanism": "GSSAPI", "service": service, "principal": "alice@${REALM}"})
zk = client("zookeeper")
zk.start(timeout=60)
zk.create("/kazoo", b"x", acl=[make_acl("sasl", "alice", all=True)])
print(zk.get("/kazoo")[0].decode(), zk.get_acls("/kazoo")[0][0].id)
zk.stop()
bad = client("host")
try:
    bad.start(timeout=5)
    print(bad.get("/kazoo"))
except Exception as error:
    print(type(error).__name__)
bad.stop()
`;
      const { stdout } = await run(SYSTEM_PYTHON, ["-c", script], {
        timeout: 120_000,
        env: {
          ...realm.environment,
          KRB5CCNAME: `FILE:${cache}`,
          PYTHONPATH: `${kazooSource()}:${KAZOO_SASL}`,
        },
      });
      assert.match(
        stdout,
        /^x Id\(scheme='sasl', id='alice'\)\n(AuthFailedError|ConnectionLoss|SessionExpiredError|KazooTimeoutError)\n$/,
      );
    } finally {
      await server.discard();
    }
  }),
);

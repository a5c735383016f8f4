// Every client by SASL DIGEST-MD5 at every server: the zkCli of 3.8 and of 3.9.5, ours, and kazoo, at Java and at Zooid.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { KAZOO_PYTHON, KAZOO_SASL, PEERS, peerTest, type ServerKind } from "../peers.js";
import { newDirectory, type RunningServer, startServer } from "../server-process.js";
import { type CliVersion, Terminal } from "../zkcli/terminal.js";
import { JAAS } from "./digest-attempts.js";

const run = promisify(execFile);
const SASL_PROVIDER = "org.apache.zookeeper.server.auth.SASLAuthenticationProvider";
const CLIENTS = `
Client {
  org.apache.zookeeper.server.auth.DigestLoginModule required
  username="bob" password="bobsecret";
};
Wrong {
  org.apache.zookeeper.server.auth.DigestLoginModule required
  username="bob" password="guessed";
};
`;

async function startSaslServer(kind: ServerKind): Promise<RunningServer> {
  const directory = newDirectory(kind);
  mkdirSync(directory, { recursive: true });
  const jaas = join(directory, "jaas.conf");
  writeFileSync(jaas, JAAS + CLIENTS);
  return startServer(kind, {
    directory,
    cfg: { "authProvider.1": SASL_PROVIDER, sessionRequireClientSASLAuth: "true" },
    properties: { "java.security.auth.login.config": jaas },
  });
}

const COMMANDS = ["whoami", "create /mine x sasl:bob:cdrwa", "getAcl /mine", "get /mine"];

async function talk(cli: CliVersion, server: RunningServer, flags: string[]) {
  const terminal = new Terminal(cli, ["-server", `127.0.0.1:${server.port}`], flags);
  try {
    for (const command of COMMANDS) terminal.type(command);
    terminal.endOfInput();
    const code = await terminal.ended;
    return { code, text: terminal.text };
  } finally {
    terminal.kill();
  }
}

/** Its source distribution, whose version is install-peers.sh's. */
function kazooSource(): string {
  const home = join(PEERS, "kazoo");
  const source = readdirSync(home).find((name) => /^kazoo-[\d.]+$/.test(name));
  return join(home, source ?? "");
}

const file = (server: RunningServer) =>
  `-Djava.security.auth.login.config=${join(server.directory, "jaas.conf")}`;

for (const kind of ["java39", "zooid"] as const) {
  for (const cli of ["java38", "java39", "zooid"] as const) {
    const peers = [...new Set<ServerKind>([kind, cli])];
    peerTest(`zkCli of ${cli} authenticates by SASL at ${kind}`, peers, async () => {
      const server = await startSaslServer(kind);
      try {
        const right = await talk(cli, server, [file(server), "-Dzookeeper.fips-mode=false"]);
        // 3.8 has no whoami that shows more, and both have the same ACL.
        assert.match(right.text, /state:SaslAuthenticated/);
        assert.match(right.text, /sasl: bob\n/);
        assert.match(right.text, /Created \/mine/);
        assert.match(right.text, /'sasl,'bob\s+: cdrwa/);
        assert.equal(right.code, 0);

        const section = "-Dzookeeper.sasl.clientconfig=Wrong";
        const wrong = await talk(cli, server, [
          file(server),
          section,
          "-Dzookeeper.fips-mode=false",
        ]);
        assert.match(wrong.text, /state:AuthFailed/);
        assert.doesNotMatch(wrong.text, /sasl: bob|'sasl,'bob/);

        const without = await talk(cli, server, ["-Dzookeeper.sasl.client=false", file(server)]);
        assert.doesNotMatch(without.text, /SaslAuthenticated|sasl: bob|'sasl,'bob/);
        assert.match(without.text, /Session closed because client failed to authenticate/);
      } finally {
        await server.discard();
      }
    });
  }

  peerTest(`kazoo authenticates by SASL at ${kind}`, ["kazoo", kind], async () => {
    const server = await startSaslServer(kind);
    try {
      const script = `
import sys
from kazoo.client import KazooClient
def client(password):
    return KazooClient("127.0.0.1:${server.port}", sasl_options={"mechanism": "DIGEST-MD5", "username": "bob", "password": password})
zk = client("bobsecret")
zk.start(timeout=60)
zk.create("/kazoo", b"x", acl=[__import__("kazoo.security").security.make_acl("sasl", "bob", all=True)])
print(zk.get("/kazoo")[0].decode(), zk.get_acls("/kazoo")[0][0].id)
zk.stop()
bad = client("guessed")
try:
    bad.start(timeout=10)
    print(bad.get("/kazoo"))
except Exception as error:
    print(type(error).__name__)
bad.stop()
`;
      const { stdout } = await run(KAZOO_PYTHON, ["-c", script], {
        timeout: 120_000,
        env: { ...process.env, PYTHONPATH: `${kazooSource()}:${KAZOO_SASL}` },
      });
      assert.match(
        stdout,
        /^x Id\(scheme='sasl', id='bob'\)\n(AuthFailedError|ConnectionLoss|SessionExpiredError)\n$/,
      );
    } finally {
      await server.discard();
    }
  });
}

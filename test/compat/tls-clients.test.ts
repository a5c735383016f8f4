// TLS for clients, asked by those who use it: the zkCli of 3.8 and 3.9.5, ours, kazoo and openssl, with certificates and without;
// and our zkCli against a Java server.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { after } from "node:test";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { promisify } from "node:util";
import { Authority, type Issued, STORE_PASSWORD, type StoreFormat } from "./certificates.js";
import { until } from "./ensemble-world.js";
import { connectClient } from "./ensemble-writer.js";
import { fourLetterWord } from "./four-letter-word.js";
import { classPath, KAZOO_PYTHON, PEERS, peerTest, REPOSITORY, type ServerKind } from "./peers.js";
import { freePort, type RunningServer, startServer } from "./server-process.js";
import { type Asked, keptOut, zkCli } from "./zkcli/one-command.js";

const run = promisify(execFile);
const NETTY = "org.apache.zookeeper.server.NettyServerCnxnFactory";

interface Secure {
  readonly server: RunningServer;
  readonly authority: Authority;
  readonly securePort: number;
}

/** A server of its own for each test: plain and TLS on its client port, TLS on the secure one. */
async function withServer(
  kind: ServerKind,
  format: StoreFormat,
  cfg: Readonly<Record<string, string>>,
  test: (secure: Secure) => Promise<void>,
): Promise<void> {
  const authority = sharedAuthority();
  const keys = authority.issue("server");
  const securePort = await freePort();
  const server = await startServer(kind, {
    cfg: {
      secureClientPort: securePort,
      secureClientPortAddress: "127.0.0.1",
      "client.portUnification": "true",
      ...authority.settings("ssl.", keys, format),
      ...(kind === "zooid" ? {} : { serverCnxnFactory: NETTY }),
      ...cfg,
    },
  });
  try {
    await test({ server, authority, securePort });
  } finally {
    await server.discard();
  }
}

const made: Authority[] = [];
after(() => {
  for (const one of made) one.discard();
});

/** One for all tests: keys take their time. */
function sharedAuthority(): Authority {
  made[0] ??= new Authority();
  return made[0];
}

/** What a client is told: whom it trusts and, unless it has none, its key. */
function flags(authority: Authority, keyStore?: string): string[] {
  const format = keyStore?.endsWith(".p12") ? "p12" : "jks";
  return [
    "-Dzookeeper.client.secure=true",
    "-Dzookeeper.clientCnxnSocket=org.apache.zookeeper.ClientCnxnSocketNetty",
    `-Dzookeeper.ssl.trustStore.location=${authority.trust(format)}`,
    `-Dzookeeper.ssl.trustStore.password=${STORE_PASSWORD}`,
    ...(keyStore === undefined
      ? []
      : [
          `-Dzookeeper.ssl.keyStore.location=${keyStore}`,
          `-Dzookeeper.ssl.keyStore.password=${STORE_PASSWORD}`,
        ]),
  ];
}

for (const version of ["java39", "java38", "zooid"] as const) {
  const peers = ["zooid", version, "openssl", "keytool"] as const;
  peerTest(`zkCli (${version}) is who its certificate says, over TLS to Zooid`, peers, () =>
    withServer(
      "zooid",
      version === "java38" ? "jks" : "p12",
      { "X509AuthenticationProvider.superUser": "CN=boss,O=Zooid" },
      async ({ authority, securePort, server }) => {
        const alice = flags(authority, authority.issue("alice").jks);
        const bob = flags(authority, authority.issue("bob").p12);
        const boss = flags(authority, authority.issue("boss").jks);
        const cli = (settings: string[], ...command: string[]): Promise<string> =>
          zkCli(version, securePort, settings, ...command);
        const created = await cli(alice, "create", "/a", "secret", "auth::cdrwa");
        assert.match(created, /Created \/a/);
        assert.match(await cli(alice, "getAcl", "/a"), /'x509,'CN=alice%2CO=Zooid\n: cdrwa/);
        assert.match(await cli(alice, "get", "/a"), /^secret$/m);
        assert.match(await cli(bob, "get", "/a"), /Insufficient permission/);
        assert.match(await cli(boss, "get", "/a"), /^secret$/m);
        // The same on the port for both.
        assert.match(await zkCli(version, server.port, alice, "get", "/a"), /^secret$/m);
        assert.match(await zkCli(version, server.port, [], "get", "/a"), /Insufficient permission/);
      },
    ),
  );
}

peerTest(
  "A client without a certificate is let in by clientAuth=want and none, and kept out by need",
  ["zooid", "java39", "openssl", "keytool"],
  async () => {
    for (const clientAuth of ["want", "none"]) {
      const cfg = { "ssl.clientAuth": clientAuth };
      await withServer("zooid", "pem", cfg, async ({ authority, securePort }) => {
        const settings = flags(authority);
        assert.match(await zkCli("java39", securePort, settings, "ls", "/"), /^\[zookeeper\]$/m);
        assert.match(await zkCli("zooid", securePort, settings, "ls", "/"), /^\[zookeeper\]$/m);
      });
    }
    await withServer("zooid", "jks", {}, async ({ authority, securePort, server }) => {
      for (const version of ["java39", "zooid"] as const) {
        const shown = await keptOut(version, securePort, flags(authority), "ls", "/");
        assert.doesNotMatch(shown, /^\[zookeeper\]$/m, version);
      }
      const why = /Unsuccessful handshake with .*peer did not return a certificate/;
      await until("it says so", () => why.test(server.log()));
      const stranger = new Authority("stranger");
      made.push(stranger);
      const settings = flags(authority, stranger.issue("eve").jks);
      const shown = await keptOut("zooid", securePort, settings, "ls", "/");
      assert.doesNotMatch(shown, /^\[zookeeper\]$/m);
    });
  },
);

peerTest(
  "Our zkCli leaves a server whose certificate is for another host, or of an authority it does not trust",
  ["zooid", "openssl", "keytool"],
  () =>
    withServer("zooid", "pem", {}, async ({ authority, server }) => {
      const elsewhere = authority.issue("elsewhere", "/CN=elsewhere", "DNS:elsewhere.example.com");
      const own = flags(authority, authority.issue("own").jks);
      const posing = await startServer("zooid", {
        cfg: {
          "client.portUnification": "true",
          ...authority.settings("ssl.", elsewhere, "pem"),
        },
      });
      try {
        const list = ["ls", "/"];
        const shown = await keptOut("zooid", posing.port, own, ...list);
        assert.doesNotMatch(shown, /^\[zookeeper\]$/m);
        const lax = [...own, "-Dzookeeper.ssl.hostnameVerification=false"];
        assert.match(await zkCli("zooid", posing.port, lax, ...list), /^\[zookeeper\]$/m);
      } finally {
        await posing.discard();
      }
      const other = new Authority("other");
      made.push(other);
      const settings = [...flags(other), ...own.slice(4)];
      const shown = await keptOut("zooid", server.port, settings, "ls", "/");
      assert.doesNotMatch(shown, /^\[zookeeper\]$/m);
    }),
);

peerTest(
  "Our zkCli and four-letter words reach a Java server over TLS",
  ["java39", "zooid", "openssl", "keytool"],
  () =>
    withServer("java39", "jks", {}, async ({ authority, securePort }) => {
      const alice = flags(authority, authority.issue("alice").p12);
      assert.match(
        await zkCli("zooid", securePort, alice, "create", "/a", "x", "auth::cdrwa"),
        /Created \/a/,
      );
      assert.match(
        await zkCli("zooid", securePort, alice, "getAcl", "/a"),
        /'x509,'CN=alice%2CO=Zooid/,
      );
      assert.match(await word("zooid", securePort, alice), /^Mode: standalone$/m);
    }),
);

peerTest(
  "Four-letter words are answered over TLS and without on a port for both",
  ["zooid", "java39", "openssl", "keytool"],
  () =>
    withServer("zooid", "jks", {}, async ({ authority, securePort, server }) => {
      const alice = flags(authority, authority.issue("alice").jks);
      for (const asker of ["zooid", "java39"] as const) {
        for (const port of [securePort, server.port]) {
          assert.match(await word(asker, port, alice), /^Mode: standalone$/m, `${asker} ${port}`);
        }
      }
      assert.match(await fourLetterWord(server.port, "srvr"), /^Mode: standalone$/m);
      assert.equal(await fourLetterWord(securePort, "srvr", 5000).catch(() => ""), "");
    }),
);

async function word(asker: "zooid" | "java39", port: number, settings: string[]): Promise<string> {
  const program =
    asker === "zooid"
      ? [process.execPath, join(REPOSITORY, "dist/src/cli/four-letter-word-main.js"), ...settings]
      : [
          "java",
          "-Dzooid.log.level=OFF",
          ...settings,
          "-cp",
          classPath("java39"),
          "org.apache.zookeeper.client.FourLetterWordMain",
        ];
  const [command = "", ...args] = [...program, "localhost", String(port), "srvr", "true"];
  return (await run(command, args, { timeout: 60_000 })).stdout;
}

const KAZOO = `
import sys
from kazoo.client import KazooClient
port, seconds, ca, certificate, key = sys.argv[1:6]
client = KazooClient(hosts="localhost:" + port, use_ssl=True, ca=ca, verify_certs=True,
                     certfile=certificate or None, keyfile=key or None)
client.start(timeout=int(seconds))
client.create("/kazoo", b"x" * 500000)
assert len(client.get("/kazoo")[0]) == 500000
print(client.get_acls("/zookeeper")[0][0].id.scheme, len(client.get_children("/")))
client.delete("/kazoo")
client.stop()
`;

peerTest(
  "kazoo works over TLS with a certificate, and without one where none is needed",
  ["zooid", "kazoo", "openssl", "keytool"],
  async () => {
    const env = { ...process.env, PYTHONPATH: join(PEERS, "kazoo/kazoo-2.11.0") };
    const ask = (port: number, seconds: number, ...files: string[]) =>
      run(KAZOO_PYTHON, ["-c", KAZOO, `${port}`, `${seconds}`, ...files], {
        env,
        timeout: 120_000,
      });
    await withServer("zooid", "p12", {}, async ({ authority, securePort, server }) => {
      const { certificate, key } = authority.issue("python");
      for (const port of [securePort, server.port]) {
        const { stdout } = await ask(port, 60, authority.trust("pem"), certificate, key);
        assert.equal(stdout, "world 2\n");
      }
      await assert.rejects(ask(securePort, 10, authority.trust("pem"), "", ""));
    });
    await withServer("zooid", "pem", { "ssl.clientAuth": "none" }, async (secure) => {
      const { stdout } = await ask(secure.securePort, 60, secure.authority.trust("pem"), "", "");
      assert.equal(stdout, "world 2\n");
    });
  },
);

peerTest(
  "A revoked certificate is refused with ssl.crl, and so is one of which nothing can be found out",
  ["zooid", "openssl", "keytool"],
  async () => {
    const authority = new Authority("revoking");
    made.push(authority);
    const listPort = await freePort();
    const lists = createServer((request, response) => {
      const path = authority.file(request.url?.slice(1) ?? "");
      const bytes = existsSync(path) ? readFileSync(path) : undefined;
      response.writeHead(bytes === undefined ? 404 : 200).end(bytes);
    });
    await new Promise<void>((ready) => lists.listen(listPort, "127.0.0.1", ready));
    const url = `http://127.0.0.1:${listPort}/revoked.crl`;
    const names = "DNS:localhost,IP:127.0.0.1";
    const issue = (name: string, list?: string) =>
      authority.issue(name, `/CN=${name}`, names, list);
    const [alice, bob] = [issue("alice", url), issue("bob", url)];
    const [unlisted, lost] = [issue("unlisted"), issue("lost", url.replace("revoked", "missing"))];
    const local = issue("local", `file://${authority.file("revoked.crl")}`);
    const foreign = issue("foreign", url.replace("revoked", "foreign"));
    const stale = issue("stale", url.replace("revoked", "stale"));
    authority.revoke(["bob"]);
    authority.revoke([], "stale.crl", 1);
    const stranger = new Authority("revoking");
    made.push(stranger);
    writeFileSync(authority.file("foreign.crl"), readFileSync(stranger.revoke([])));
    const server = await startServer("zooid", {
      cfg: {
        "client.portUnification": "true",
        ...authority.settings("ssl.", issue("server", url), "pem"),
        "ssl.crl": "true",
      },
    });
    try {
      const listing = (keys: Issued): Asked => {
        return ["zooid", server.port, flags(authority, keys.p12), "ls", "/"];
      };
      for (const keys of [alice, local]) {
        assert.match(await zkCli(...listing(keys)), /^\[zookeeper\]$/m);
      }
      const refusals: readonly [Issued, RegExp][] = [
        [bob, /its certificate has been revoked/],
        [unlisted, /it names no list/],
        [lost, /missing\.crl": answered with "HTTP\/1\.1 404 Not Found"/],
        [foreign, /foreign\.crl": the list's signature is wrong/],
        [stale, /stale\.crl": the list is out of date/],
      ];
      for (const [keys, why] of refusals) {
        assert.doesNotMatch(await keptOut(...listing(keys)), /^\[zookeeper\]$/m);
        await until("it says why", () => why.test(server.log()));
      }
      // Our zkCli asks about the server, too.
      const careful = [...flags(authority, alice.p12), "-Dzookeeper.ssl.crl=true"];
      assert.match(await zkCli("zooid", server.port, careful, "ls", "/"), /^\[zookeeper\]$/m);
    } finally {
      lists.close();
      await server.discard();
    }
  },
);

peerTest(
  "New certificates come into force when their files change, and no session is lost",
  ["zooid", "openssl", "keytool"],
  () =>
    withServer("zooid", "pem", { "client.certReload": "true" }, async (secure) => {
      const { authority, securePort, server } = secure;
      const own = authority.issue("own");
      const serial = async (): Promise<string> => {
        const socket: TLSSocket = connectTls({
          port: securePort,
          host: "127.0.0.1",
          servername: "localhost",
          key: text(own.key),
          cert: text(own.certificate),
          ca: text(authority.trust("pem")),
        });
        await new Promise<void>((open, fail) => {
          socket.once("secureConnect", open);
          socket.once("error", fail);
        });
        const { serialNumber } = socket.getPeerCertificate();
        socket.destroy();
        return serialNumber;
      };
      const held = await heldOpen(securePort, authority, own);
      const before = await serial();
      const session = connectClient(`127.0.0.1:${server.port}`);
      try {
        await session.untilConnected();
        const id = session.sessionId;
        // Half a file first: the keys before stay in force.
        const keyStore = authority.issue("server").pem;
        const renewed = text(authority.issue("renewed").pem);
        writeFileSync(keyStore, renewed.slice(0, 600));
        await until("it says so", () => /Cannot load changed files of ssl\./.test(server.log()));
        assert.equal(await serial(), before);
        writeFileSync(keyStore, renewed);
        await until("the new certificate is shown", async () => (await serial()) !== before);
        assert.equal(held.destroyed, false);
        assert.equal(session.sessionId, id);
        await session.exists("/");
      } finally {
        held.destroy();
        await session.close();
      }
    }),
);

const text = (path: string): string => readFileSync(path, "utf8");

/** A connection made before the change. */
async function heldOpen(
  port: number,
  authority: Authority,
  own: { readonly key: string; readonly certificate: string },
): Promise<TLSSocket> {
  const [key, cert, ca] = [own.key, own.certificate, authority.trust("pem")].map(text);
  const socket = connectTls({ port, host: "127.0.0.1", servername: "localhost", key, cert, ca });
  await new Promise<void>((open) => socket.once("secureConnect", open));
  return socket;
}

// docs/SECURITY.md's closed configuration, as it stands, on three servers: it starts, it is closed, and its clients get in.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { Authority, STORE_PASSWORD } from "./certificates.js";
import { Ensemble, PORTS, until } from "./ensemble-world.js";
import { peerTest, REPOSITORY } from "./peers.js";
import { keptOut, zkCli } from "./zkcli/one-command.js";

/** The settings between the page's fences, with files that are there. */
function settingsOfPage(clients: Authority, members: Authority): Record<string, string> {
  const page = readFileSync(join(REPOSITORY, "docs/SECURITY.md"), "utf8");
  const block = /## A configuration that is closed\n```\n([\s\S]*?)```/.exec(page)?.[1] ?? "";
  const paths: Readonly<Record<string, string>> = {
    "/etc/zookeeper/server.p12": clients.issue("server").p12,
    "/etc/zookeeper/server.password": clients.file("password"),
    "/etc/zookeeper/clients-ca.pem": clients.trust("pem"),
    "/etc/zookeeper/member.p12": members.issue("member").p12,
    "/etc/zookeeper/member.password": members.file("password"),
    "/etc/zookeeper/members-ca.pem": members.trust("pem"),
  };
  const lines = block.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  assert.ok(lines.length > 15, "the page's configuration was found");
  return Object.fromEntries(
    lines.map((line) => {
      const [key = "", value = ""] = line.split("=", 2).map((part) => part);
      const rest = line.slice(key.length + 1);
      return [key, paths[value] ?? rest];
    }),
  );
}

function flags(authority: Authority, name: string): string[] {
  return [
    "-Dzookeeper.client.secure=true",
    `-Dzookeeper.ssl.trustStore.location=${authority.trust("pem")}`,
    `-Dzookeeper.ssl.keyStore.location=${authority.issue(name, `/O=Example/CN=${name}`).p12}`,
    `-Dzookeeper.ssl.keyStore.password=${STORE_PASSWORD}`,
  ];
}

peerTest(
  "The closed configuration of SECURITY.md starts three servers, lets its clients in, and nobody else",
  ["zooid", "openssl", "keytool"],
  async () => {
    const clients = new Authority("clients");
    const members = new Authority("members");
    writeFileSync(clients.file("password"), `${STORE_PASSWORD}\n`);
    const settings = settingsOfPage(clients, members);
    const securePort = (sid: number): number => PORTS.tlsPage + 10 + sid;
    const ensemble = new Ensemble({
      basePort: PORTS.tlsPage,
      members: [1, 2, 3].map(() => ({ kind: "zooid" })),
      cfg: settings,
      cfgOf: (sid) => ({
        secureClientPort: securePort(sid),
        "admin.enableServer": "true",
        "admin.serverAddress": "127.0.0.1",
        "admin.serverPort": PORTS.tlsPage + 13 + sid,
      }),
    });
    try {
      // The world of tests asks for a plain client port too, which the page leaves out: who leads is asked there.
      await ensemble.start(1, 2, 3);
      const alice = flags(clients, "alice");
      const created = await zkCli(
        "zooid",
        securePort(1),
        alice,
        "create",
        "/a",
        "x",
        "auth::cdrwa",
      );
      assert.match(created, /Created \/a/);
      const boss = flags(clients, "zookeeper-admin");
      assert.match(await zkCli("zooid", securePort(2), boss, "get", "/a"), /^x$/m);
      // By the members' authority nobody is a client; without TLS nobody is heard.
      const member = flags(members, "alice");
      const wrong = [...member.slice(0, 1), ...alice.slice(1, 2), ...member.slice(2)];
      assert.doesNotMatch(await keptOut("zooid", securePort(3), wrong, "get", "/a"), /^x$/m);
      assert.doesNotMatch(await keptOut("zooid", securePort(3), [], "get", "/a"), /^x$/m);
      // On the plain port, which is there for the test: connected, and not authenticated.
      assert.doesNotMatch(await keptOut("zooid", ensemble.member(1).port, [], "get", "/a"), /^x$/m);
      const { port, log } = ensemble.member(1);
      const before = log().length;
      const socket = connect(port + 2, "127.0.0.1", () => socket.write(Buffer.alloc(64)));
      socket.on("error", () => {});
      await until("a plain member is refused", () =>
        /Closing connection from .*Cannot agree on TLS/.test(log().slice(before)),
      );
    } finally {
      await ensemble.discard();
      clients.discard();
      members.discard();
    }
  },
);

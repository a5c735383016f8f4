// What was open in ZooKeeper once, by the number under which it was told, must stay closed here: one test each.
//
// docs/SECURITY.md lists them, with those that other tests show.

import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { QuorumPeer } from "../fuzz/quorum-peer.js";
import { until } from "./ensemble-world.js";
import { peerTest } from "./peers.js";
import { ask, must, SUPER_DIGEST } from "./raw/client.js";
import { RawConnection } from "./raw/connection.js";
import {
  type Acl,
  acl,
  addWatch,
  auth,
  create,
  exists,
  getAcl,
  READ,
  remove,
  setAcl,
  setData,
  sync,
} from "./raw/requests.js";
import { freePort, newDirectory, type RunningServer, startServer } from "./server-process.js";

const NO_AUTH = -102;
/** alice:a */
const ALICE = "alice:AIueg8ag5ALfqeEyKdLnva1Wvi0=";
const SECRET = "S3cret-of-the-store";

interface World {
  readonly server: RunningServer;
  readonly adminPort: number;
  /** Who has shown nothing, and who may do everything. */
  readonly nobody: RawConnection;
  readonly root: RawConnection;
}

async function withServer(
  cfg: Readonly<Record<string, string | number>>,
  test: (world: World) => Promise<void>,
): Promise<void> {
  const adminPort = await freePort();
  const server = await startServer("zooid", {
    cfg: {
      "admin.enableServer": "true",
      "admin.serverAddress": "127.0.0.1",
      "admin.serverPort": adminPort,
      "DigestAuthenticationProvider.superDigest": SUPER_DIGEST,
      ...cfg,
    },
  });
  try {
    const [nobody, root] = [await open(server.port), await open(server.port)];
    await must(root, auth("digest", "super:test"));
    await test({ server, adminPort, nobody, root });
  } finally {
    await server.discard();
  }
}

async function open(port: number): Promise<RawConnection> {
  const connection = await RawConnection.open(port);
  await connection.establish({ timeoutMs: 30_000 });
  return connection;
}

/** The status that a protected command is answered with. */
async function snapshotAs(
  { adminPort }: World,
  headers: Readonly<Record<string, string>>,
): Promise<number> {
  const url = `http://127.0.0.1:${adminPort}/commands/snapshot?streaming=false`;
  const answer = await fetch(url, { headers, signal: AbortSignal.timeout(20_000) });
  await answer.text();
  return answer.status;
}

async function textOf({ adminPort }: World, command: string): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${adminPort}/commands/${command}`);
  return answer.text();
}

const setRootAcl = (root: RawConnection, list: readonly Acl[]) => must(root, setAcl("/", list));

peerTest("CVE-2019-0201: getACL hides digests from who may not administer", ["zooid"], () =>
  withServer({}, async ({ nobody, root }) => {
    await must(root, create("/a", "", [acl("digest", ALICE), acl("world", "anyone", READ)]));
    const shown = (await must(nobody, getAcl("/a"))).body.toString("latin1");
    assert.match(shown, /alice:x/);
    assert.doesNotMatch(shown, /AIueg8/);
    await must(root, create("/b", "", [acl("digest", ALICE)]));
    assert.equal((await ask(nobody, getAcl("/b"))).error, NO_AUTH);
  }),
);

peerTest(
  "CVE-2024-23944: a recursive watch tells nothing of nodes that one may not read",
  ["zooid"],
  () =>
    withServer({}, async ({ nobody, root }) => {
      await must(root, create("/p"));
      await must(nobody, addWatch("/p", 1));
      await must(root, create("/p/secret", "", [acl("digest", ALICE)]));
      await must(root, setData("/p/secret", "x"));
      await must(root, create("/p/open"));
      await must(root, remove("/p/secret"));
      const xid = nobody.request(sync("/"));
      const told: string[] = [];
      for (;;) {
        const frame = await nobody.next();
        assert.ok(frame);
        if (frame.readInt32BE(0) === xid) break;
        told.push(frame.toString("utf8", 28));
      }
      assert.deepEqual(told, ["/p/open"]);
    }),
);

peerTest("ZOOKEEPER-2590: exists tells nothing of a node that one may not read", ["zooid"], () =>
  withServer({}, async ({ nobody, root }) => {
    await must(root, create("/secret", "", [acl("digest", ALICE)]));
    assert.equal((await ask(nobody, exists("/secret"))).error, NO_AUTH);
  }),
);

peerTest("CVE-2024-51504: an address that a header claims is nobody's", ["zooid"], async () => {
  const claim = { Authorization: "ip", "X-Forwarded-For": "10.9.9.9" };
  await withServer({}, async (world) => {
    await setRootAcl(world.root, [acl("ip", "10.9.9.9")]);
    assert.equal(await snapshotAs(world, claim), 403);
    await setRootAcl(world.root, [acl("ip", "127.0.0.1")]);
    assert.equal(await snapshotAs(world, { Authorization: "ip" }), 200);
  });
  // Who stands behind a proxy that he trusts may say so.
  await withServer({ "IPAuthenticationProvider.usexforwardedfor": "true" }, async (world) => {
    await setRootAcl(world.root, [acl("ip", "10.9.9.9")]);
    assert.equal(await snapshotAs(world, claim), 200);
  });
});

peerTest("CVE-2025-58457: snapshot and restore want every permission on the root", ["zooid"], () =>
  withServer({}, async (world) => {
    const asAlice = { Authorization: "digest alice:a" };
    assert.equal(await snapshotAs(world, {}), 401);
    for (const all of [READ, 31 & ~16, 31 & ~READ]) {
      await setRootAcl(world.root, [acl("digest", ALICE, all)]);
      assert.equal(await snapshotAs(world, asAlice), 403, `${all}`);
      const restored = await fetch(`http://127.0.0.1:${world.adminPort}/commands/restore`, {
        method: "POST",
        body: "x",
        headers: asAlice,
      });
      assert.equal(restored.status, 403, `${all}`);
    }
    await setRootAcl(world.root, [acl("digest", ALICE)]);
    assert.equal(await snapshotAs(world, asAlice), 200);
  }),
);

peerTest(
  "CVE-2026-24308: passwords of the configuration are told to nobody, nor to the log",
  ["zooid"],
  () =>
    withServer(
      { "ssl.keyStore.password": SECRET, "ssl.quorum.trustStore.password": `${SECRET}\\\n2` },
      async (world) => {
        for (const command of [
          "initial_configuration",
          "system_properties",
          "configuration",
          "environment",
        ]) {
          assert.doesNotMatch(await textOf(world, command), new RegExp(SECRET), command);
        }
        assert.match(await textOf(world, "initial_configuration"), /keyStore\.password=\*{5}/);
        await world.server.stop();
        assert.doesNotMatch(world.server.log(), new RegExp(SECRET));
      },
    ),
);

const MODULE = "org.apache.zookeeper.server.auth.DigestLoginModule";

peerTest(
  "CVE-2023-44981: a member is who it has shown to be, not whom it names",
  ["zooid"],
  async () => {
    const directory = newDirectory("zooid");
    mkdirSync(join(directory, "data"), { recursive: true });
    writeFileSync(join(directory, "data/myid"), "1\n");
    writeFileSync(
      join(directory, "jaas.conf"),
      `QuorumServer { ${MODULE} required user_zoo="animal" user_other="plant"; };
QuorumLearner { ${MODULE} required username="zoo" password="animal"; };\n`,
    );
    const quorumPort = await freePort();
    const server = await startServer("zooid", {
      directory,
      cfg: {
        "server.1": `127.0.0.1:${quorumPort}:${await freePort()}:participant`,
        standaloneEnabled: "false",
        initLimit: 10,
        syncLimit: 5,
        "quorum.auth.enableSasl": "true",
        "quorum.auth.learnerRequireSasl": "true",
        "quorum.auth.serverRequireSasl": "true",
      },
      properties: {
        "zookeeper.fips-mode": "false",
        "java.security.auth.login.config": join(directory, "jaas.conf"),
      },
    });
    const isLetIn = (user: string, password: string, authzid?: string): Promise<boolean> => {
      const peer = new QuorumPeer(connect({ port: quorumPort, host: "127.0.0.1" }));
      return peer.authenticate(user, password, authzid).finally(() => peer.destroy());
    };
    try {
      assert.equal(await isLetIn("zoo", "animal"), true);
      assert.equal(await isLetIn("zoo", "animal", "other"), false);
      assert.equal(await isLetIn("zoo", "animal", "zoo/elsewhere@REALM"), false);
      assert.equal(await isLetIn("zoo", "wrong"), false);
      await until("it says so", () => /failed to authenticate quorum learner/.test(server.log()));
    } finally {
      await server.discard();
    }
  },
);

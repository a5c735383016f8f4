// Keys and authorities of a running ensemble are replaced, member by member and file by file, without a restart, an election or
// a lost session (sslQuorumReloadCertFiles); and a member whose certificate was revoked stays outside (ssl.quorum.crl).

import assert from "node:assert/strict";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:tls";
import { Authority } from "./certificates.js";
import { assertEqualTrees } from "./ensemble-check.js";
import { Ensemble, PORTS, until } from "./ensemble-world.js";
import { connectClient, Writer } from "./ensemble-writer.js";
import { peerTest } from "./peers.js";

const RELOADED = /Key store and trust store of ssl\.quorum\.\* were loaded again/g;
const NAMES = "DNS:localhost,IP:127.0.0.1";
const members = [1, 2, 3].map(() => ({ kind: "zooid" as const }));

/** Who has signed what an election port shows; undefined: it does not take the caller. */
function issuerOf(
  port: number,
  caller: { key: string; certificate: string },
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const [key, cert] = [caller.key, caller.certificate].map((file) => readFileSync(file));
    const socket = connect({ port, host: "127.0.0.1", key, cert, rejectUnauthorized: false });
    let shown: string | undefined;
    socket.once("secureConnect", () => {
      const { CN } = socket.getPeerCertificate().issuer;
      // With TLS 1.3 only now does it look at ours; if that will do, it waits to be told who we are.
      socket.setTimeout(300, () => {
        shown = CN as string;
        socket.destroy();
      });
    });
    socket.on("error", () => {});
    socket.once("close", () => resolve(shown));
  });
}

/** What the members are told to read, beside an authority's own files. */
function filesIn(authority: Authority) {
  const trustStore = authority.file("in-force-trust.pem");
  const keyStore = (sid: number) => authority.file(`in-force-${sid}.pem`);
  return {
    trustStore,
    keyStore,
    trust: (...trusted: Authority[]) =>
      writeFileSync(trustStore, trusted.map((one) => readFileSync(one.file("ca.pem"))).join("")),
    give: (by: Authority, sid: number) =>
      copyFileSync(by.issue(`member-${sid}`).pem, keyStore(sid)),
  };
}

peerTest(
  "Members take new keys and a new authority while they run, and keep their links and their sessions",
  ["zooid", "openssl"],
  async () => {
    const [old, next] = [new Authority("old"), new Authority("next")];
    const { keyStore, trustStore, trust, give } = filesIn(old);
    trust(old);
    for (const sid of [1, 2]) give(old, sid);
    const ensemble = new Ensemble({
      basePort: PORTS.tlsKeys,
      members,
      cfg: {
        sslQuorum: "true",
        sslQuorumReloadCertFiles: "true",
        "ssl.quorum.trustStore.location": trustStore,
      },
      cfgOf: (sid) => ({ "ssl.quorum.keyStore.location": keyStore(sid) }),
    });
    const reloaded = (times: number, sids = [1, 2]) =>
      until(`their files are loaded for the ${times}. time`, () =>
        sids.every((sid) => (ensemble.member(sid).log().match(RELOADED)?.length ?? 0) >= times),
      );
    const writer = new Writer("keys", ensemble.connectString);
    const reader = connectClient(ensemble.connectString);
    try {
      await ensemble.start(1, 2);
      await writer.begin();
      const leader = await ensemble.leader();
      trust(old, next);
      await reloaded(1);
      for (const sid of [1, 2]) give(next, sid);
      await reloaded(2);
      await writer.goesOn(10);
      const electionPort = ensemble.member(1).port + 2;
      const showsNext = async () => (await issuerOf(electionPort, next.issue("caller"))) === "next";
      await until("the new key is shown", showsNext);
      // Half a file changes nothing.
      const whole = readFileSync(keyStore(1));
      writeFileSync(keyStore(1), whole.subarray(0, 100));
      await until("member 1 says so", () =>
        /Cannot load changed files/.test(ensemble.member(1).log()),
      );
      assert.ok(await showsNext());
      writeFileSync(keyStore(1), whole);
      trust(next);
      await reloaded(3);
      await until(
        "who has nothing but the old authority's word stays outside",
        async () => (await issuerOf(electionPort, old.issue("late"))) === undefined,
      );
      give(next, 3);
      await ensemble.start(3);
      await writer.goesOn(10);
      await writer.stop();
      await assertEqualTrees(ensemble);
      await writer.verify(reader);
      assert.equal(writer.hasExpired, false);
      assert.equal(await ensemble.leader(), leader);
      for (const sid of [1, 2]) {
        assert.doesNotMatch(ensemble.member(sid).log(), /(FOLLOWING|LEADING) ends/);
      }
    } finally {
      await writer.client.close().catch(() => {});
      await reader.close().catch(() => {});
      await ensemble.discard();
      old.discard();
      next.discard();
    }
  },
);

peerTest("A member whose certificate was revoked stays outside", ["zooid", "openssl"], async () => {
  const authority = new Authority("revoking");
  const list = `file://${authority.file("revoked.crl")}`;
  const keys = [1, 2, 3].map((sid) => authority.issue(`m${sid}`, `/CN=m${sid}`, NAMES, list));
  authority.revoke(["m3"]);
  const ensemble = new Ensemble({
    basePort: PORTS.tlsKeys,
    members,
    cfg: { sslQuorum: "true", "ssl.quorum.crl": "true" },
    cfgOf: (sid) => authority.settings("ssl.quorum.", keys[sid - 1]!, "pem"),
  });
  try {
    await ensemble.start(1, 2);
    await ensemble.launch(3);
    await until("both have sent it away", () =>
      [1, 2].every((sid) => /its certificate has been revoked/.test(ensemble.member(sid).log())),
    );
    assert.equal(await ensemble.member(3).mode(), undefined);
    const client = connectClient(ensemble.connectString.split(",").slice(0, 2).join(","));
    await client.create("/without-it");
    await client.close();
  } finally {
    await ensemble.discard();
    authority.discard();
  }
});

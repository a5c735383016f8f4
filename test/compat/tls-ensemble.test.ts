// TLS between members: Java and Zooid in one ensemble, and the way there from plain without an interruption.

import assert from "node:assert/strict";
import { connect } from "node:net";
import { Authority, type StoreFormat } from "./certificates.js";
import { assertEqualTrees } from "./ensemble-check.js";
import { Ensemble, type Member, PORTS, until } from "./ensemble-world.js";
import { connectClient, Writer } from "./ensemble-writer.js";
import { peerTest, type ServerKind } from "./peers.js";

const FORMATS: readonly StoreFormat[] = ["jks", "p12", "pem"];

/** What member `sid` is told of its key: each has one of its own, in a format of its own. */
function keysOf(authority: Authority, sid: number): Record<string, string> {
  const format = FORMATS[(sid - 1) % FORMATS.length] as StoreFormat;
  const keys = authority.issue(`member-${sid}`);
  return authority.settings("ssl.quorum.", keys, format);
}

async function withWriter(ensemble: Ensemble, run: (writer: Writer) => Promise<void>) {
  const writer = new Writer("tls", ensemble.connectString);
  const reader = connectClient(ensemble.connectString);
  try {
    await writer.begin();
    await run(writer);
    await writer.goesOn(20);
    await writer.stop();
    await assertEqualTrees(ensemble);
    await writer.verify(reader);
    assert.equal(writer.hasExpired, false);
  } finally {
    await writer.client.close().catch(() => {});
    await reader.close().catch(() => {});
  }
}

peerTest(
  "Java 3.9, Java 3.8 and Zooid are one ensemble over TLS, whoever of them leads",
  ["java39", "java38", "zooid", "openssl", "keytool"],
  async () => {
    const authority = new Authority();
    const kinds: ServerKind[] = ["java39", "zooid", "java38"];
    const keys = kinds.map((_, i) => keysOf(authority, i + 1));
    const ensemble = new Ensemble({
      basePort: PORTS.tls,
      members: kinds.map((kind) => ({ kind })),
      cfg: { sslQuorum: "true" },
      cfgOf: (sid) => keys[sid - 1] ?? {},
    });
    try {
      await ensemble.startLedBy(2);
      await withWriter(ensemble, async (writer) => {
        const led = new Set([kinds[1]]);
        // The highest with the newest history is elected: each is led by, as its elders go and come back.
        for (const sid of [2, 3, 1]) {
          await writer.goesOn(20);
          await ensemble.kill9(sid);
          led.add(kinds[(await ensemble.leader()) - 1]);
          await writer.goesOn(20);
          await ensemble.launch(sid);
          await ensemble.untilServing(sid);
        }
        assert.ok(led.has("zooid"));
        assert.ok(led.size >= 2, [...led].join(" "));
      });
      assert.match(ensemble.member(2).log(), /Accepted TLS connection from|SSL handshake complete/);
    } finally {
      await ensemble.discard();
      authority.discard();
    }
  },
);

/** Each step is a restart of all, one after the other. */
const STEPS: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ["the ports take both", { portUnification: "true" }],
  ["all call by TLS", { portUnification: "true", sslQuorum: "true" }],
  ["the ports refuse what is plain", { sslQuorum: "true" }],
];

peerTest(
  "An ensemble of Zooid and Java goes from plain to TLS under load, without losing a write or a session",
  ["java39", "zooid", "openssl", "keytool"],
  async () => {
    const authority = new Authority();
    const kinds: ServerKind[] = ["zooid", "java39", "zooid"];
    const keys = kinds.map((_, i) => keysOf(authority, i + 1));
    const present: Readonly<Record<string, string>>[] = kinds.map(() => ({}));
    const ensemble = new Ensemble({
      basePort: PORTS.tlsRolling,
      members: kinds.map((kind) => ({ kind })),
      cfgOf: (sid) => ({ ...keys[sid - 1], ...present[sid - 1] }),
    });
    try {
      await ensemble.start(1, 2, 3);
      await withWriter(ensemble, async (writer) => {
        for (const [what, settings] of STEPS) {
          const leader = await ensemble.leader();
          for (const sid of [...[1, 2, 3].filter((one) => one !== leader), leader]) {
            await writer.goesOn(10);
            present[sid - 1] = settings;
            await ensemble.stop(sid);
            await ensemble.launch(sid);
            await ensemble.untilServing(sid);
          }
          await writer.goesOn(10);
          assert.equal(writer.hasExpired, false, what);
        }
      });
      const logs = [1, 3].map((sid) => ensemble.member(sid).log()).join("");
      assert.match(logs, /Accepted plaintext connection from/);
      assert.match(logs, /Accepted TLS connection from/);
      assert.match(logs, /SSL handshake complete with/);
      await assertPlainRefused(ensemble.member(1));
    } finally {
      await ensemble.discard();
      authority.discard();
    }
  },
);

/** A member that has not come along cannot take part any more. */
async function assertPlainRefused({ port, log }: Member): Promise<void> {
  const before = log().length;
  const socket = connect(port + 2, "127.0.0.1", () => socket.write(Buffer.alloc(64)));
  socket.on("error", () => {});
  await new Promise<void>((closed) => socket.on("close", () => closed()));
  await until("it says so", () =>
    /Closing connection from \/127.0.0.1:\d+: Cannot agree on TLS/.test(log().slice(before)),
  );
}

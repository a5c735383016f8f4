// The door to clients with TLS, on simulated machines: who gets in as whom, and what a flood of handshakes costs the others.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { AuthSchemes } from "../../src/auth/schemes.js";
import { X509Scheme } from "../../src/auth/x509-scheme.js";
import { ClientDoor } from "../../src/client/door.js";
import type { DoorSettings } from "../../src/client/settings.js";
import { Metrics } from "../../src/metrics/metrics.js";
import type { Connection, Platform } from "../../src/platform/platform.js";
import { TlsEndpoint } from "../../src/tls/endpoint.js";
import type { TlsSettings } from "../../src/tls/settings.js";
import { answer, connectFrame, getDataFrame, ScriptedPort, SETTINGS } from "../client/helper.js";
import { OPTIONS } from "../platform/tls-peer.js";
import { SimPlatform } from "../sim/platform/sim-platform.js";
import { KEY_STORE, TLS_SETTINGS, TRUST_STORE } from "./support.js";

const BOTH = 2181;
const SECURE = 2281;

interface World {
  readonly world: SimPlatform;
  readonly door: ClientDoor;
  readonly port: ScriptedPort;
  readonly metrics: Metrics;
  readonly client: Platform;
}

async function makeWorld(
  settings: Partial<DoorSettings> = {},
  tlsSettings: Partial<TlsSettings> = {},
): Promise<World> {
  const world = new SimPlatform({ seed: 1 });
  const port = new ScriptedPort();
  const metrics = new Metrics();
  port.onSubmit = (request) => answer(request, { body: Buffer.alloc(10) });
  const schemes = new AuthSchemes();
  schemes.register(new X509Scheme("CN=nobody"));
  const server = world.addNode("server");
  server.disk.putFile(KEY_STORE, readFileSync("test/golden/tls/key-java.jks"));
  server.disk.putFile(TRUST_STORE, readFileSync("test/golden/tls/trust.pem"));
  let door: ClientDoor | undefined;
  server.start((platform) => {
    const tls = new TlsEndpoint({
      platform,
      log: platform.log,
      settings: { ...TLS_SETTINGS, ...tlsSettings },
      prefix: "ssl.",
      isServer: true,
      reload: false,
    });
    const all = { ...SETTINGS, maxClientCnxns: 0, ...settings };
    door = new ClientDoor({ platform, settings: all, port, schemes, metrics, tls });
    const fine = (error?: Error): void => assert.ifError(error);
    door.listen({ host: undefined, port: BOTH, backlog: -1 }, fine, "both");
    door.listen({ host: undefined, port: SECURE, backlog: -1 }, fine, "tls");
  });
  let client: Platform | undefined;
  world.addNode("client").start((platform) => {
    client = platform;
  });
  await world.runUntil(() => door !== undefined && client !== undefined);
  return { world, door: door!, port, metrics, client: client! };
}

class Client {
  connection: Connection | undefined;
  bytes = Buffer.alloc(0);
  isClosed = false;
  error: Error | undefined;

  constructor(
    platform: Platform,
    port: number,
    send: readonly Buffer[],
    tls: "tls" | "no certificate" | "plain" = "tls",
  ) {
    const started = (error: Error | undefined, connection: Connection | undefined): void => {
      this.error = error;
      if (connection === undefined) {
        this.isClosed = true;
        return;
      }
      this.connection = connection;
      connection.start({
        onData: (chunk) => {
          this.bytes = Buffer.concat([this.bytes, chunk]);
        },
        onDrain: () => {},
        onEnd: () => connection.end(),
        onClose: () => {
          this.isClosed = true;
        },
      });
      for (const bytes of send) connection.write(bytes);
    };
    const target = { host: "10.0.0.1", port };
    platform.network.connect(target, { timeoutMs: 5000 }, (error, connection) => {
      if (tls === "plain" || connection === undefined) {
        started(error, connection);
        return;
      }
      const keys = tls === "tls" ? OPTIONS.keys : [];
      const context = platform.tls.createContext({ ...OPTIONS, keys });
      const how = { serverName: undefined, hostNames: undefined, timeoutMs: 5000 };
      platform.tls.connect(connection, context, how, started);
    });
  }
}

test("A client over TLS is who its certificate says, on either port, and cons of the admin knows it as secure", async () => {
  const { world, door, client } = await makeWorld();
  for (const port of [BOTH, SECURE]) {
    const one = new Client(client, port, [connectFrame()]);
    await world.runUntil(() => one.bytes.length > 0);
    const [accepted] = [...door.connections()].slice(-1);
    assert.deepEqual(
      new Set(accepted?.identities.map(({ scheme, id }) => `${scheme}:${id}`)),
      new Set(["ip:10.0.0.2", "x509:CN=own,O=Zooid,C=DE"]),
    );
    assert.equal(accepted?.tls?.protocol, "TLSv1.3");
  }
});

test("A plain client is served by the port for both, and refused by the one for TLS", async () => {
  const { world, door, metrics, client } = await makeWorld();
  const plain = new Client(client, BOTH, [connectFrame()], "plain");
  const word = new Client(client, BOTH, [Buffer.from("ruok")], "plain");
  const wrong = new Client(client, SECURE, [connectFrame()], "plain");
  await world.runUntil(() => plain.bytes.length > 0 && word.isClosed && wrong.isClosed);
  assert.equal(word.bytes.toString(), "imok");
  assert.equal(metrics.counters.unsuccessful_handshake.value, 1);
  assert.equal(door.stats.authFailures, 1);
  assert.deepEqual(
    [...door.connections()].map(({ tls }) => tls),
    [undefined],
  );
});

test("Whoever comes without a certificate stays outside, or is nobody where one is only wanted", async () => {
  const strict = await makeWorld();
  const refused = new Client(strict.client, SECURE, [connectFrame()], "no certificate");
  await strict.world.runUntil(() => refused.isClosed);
  assert.equal(strict.door.connectionCount, 0);
  const lax = await makeWorld({}, { clientAuth: "want" });
  const nobody = new Client(lax.client, SECURE, [connectFrame()], "no certificate");
  await lax.world.runUntil(() => nobody.bytes.length > 0);
  const [accepted] = lax.door.connections();
  assert.deepEqual(
    accepted?.identities.map(({ scheme }) => scheme),
    ["ip"],
  );
});

test("A certificate without a scheme to read it costs the connection", async () => {
  const { world, door, client } = await makeWorld({ sslAuthProvider: "corporate" });
  const one = new Client(client, SECURE, [connectFrame()]);
  await world.runUntil(() => one.isClosed);
  assert.equal(door.connectionCount, 0);
  assert.equal(door.stats.authFailures, 1);
});

test("A flood of handshakes that never end is bounded in number and time, and costs the others nothing", async () => {
  const limit = 10;
  const settings = { nettyOutstandingHandshakeLimit: limit };
  const { world, door, metrics, client } = await makeWorld(settings);
  const good = new Client(client, SECURE, [connectFrame()]);
  await world.runUntil(() => good.bytes.length > 0);
  const half = Buffer.from([0x16, 0, 0]);
  const flood = Array.from({ length: 200 }, () => new Client(client, SECURE, [half], "plain"));
  await world.runUntil(() => metrics.counters.tls_handshake_exceeded.value >= 200 - limit);
  assert.equal(door.handshakeCount, limit);
  const before = good.bytes.length;
  good.connection?.write(getDataFrame(1, "/a"));
  await world.runUntil(() => good.bytes.length > before);
  // Their time is up.
  await world.runUntil(() => flood.every(({ isClosed }) => isClosed), 30_000);
  assert.equal(door.handshakeCount, 0);
  const late = new Client(client, SECURE, [connectFrame()]);
  await world.runUntil(() => late.bytes.length > 0);
  assert.equal(door.connectionCount, 2);
});

test("Handshakes count as connections of their address, and of all", async () => {
  for (const settings of [{ maxClientCnxns: 3 }, { maxCnxns: 3 }]) {
    const { world, door, metrics, client } = await makeWorld(settings);
    const half = Buffer.from([0x16, 0, 0]);
    const many = Array.from({ length: 8 }, () => new Client(client, SECURE, [half], "plain"));
    await world.runUntil(() => metrics.counters.connection_rejected.value === 5);
    assert.equal(door.handshakeCount, 3);
    await world.runUntil(() => many.every(({ isClosed }) => isClosed), 30_000);
    const next = new Client(client, SECURE, [connectFrame()]);
    await world.runUntil(() => next.bytes.length > 0);
  }
});

test("A server that cannot serve drops TLS before the handshake, if so told", async () => {
  const settings = { nettyEarlyDropSecureConnectionHandshakes: true };
  const { world, port, metrics, client } = await makeWorld(settings);
  port.serving = false;
  const early = new Client(client, SECURE, [connectFrame()]);
  await world.runUntil(() => early.isClosed);
  assert.equal(metrics.counters.cnxn_closed_without_zk_server_running.value, 1);
});

test("stop() ends handshakes that are under way", async () => {
  const { world, door, client } = await makeWorld();
  const half = new Client(client, SECURE, [Buffer.from([0x16])], "plain");
  await world.runUntil(() => door.handshakeCount === 1);
  let isStopped = false;
  door.stop(() => {
    isStopped = true;
  });
  await world.runUntil(() => isStopped && half.isClosed);
  assert.equal(door.handshakeCount, 0);
});

test("Those who connect are checked by address or name only where that is asked for", async () => {
  const checked = { clientHostnameVerification: true };
  const refused = await makeWorld({}, checked);
  const stranger = new Client(refused.client, SECURE, [connectFrame()]);
  await refused.world.runUntil(() => stranger.isClosed);
  assert.equal(refused.door.connectionCount, 0);
  // DNS calls the address by a name of the certificate, which does not lead back to it: anybody could say so of his address.
  const named = { ...checked, allowReverseDnsLookup: true };
  const posing = await makeWorld({}, named);
  posing.world.network.setReverseName("10.0.0.2", "localhost");
  const poser = new Client(posing.client, SECURE, [connectFrame()]);
  await posing.world.runUntil(() => poser.isClosed);
  assert.equal(posing.door.connectionCount, 0);
  const honest = await makeWorld({}, named);
  honest.world.network.setReverseName("10.0.0.2", "localhost");
  honest.world.network.setName("localhost", ["10.0.0.2"]);
  const known = new Client(honest.client, SECURE, [connectFrame()]);
  await honest.world.runUntil(() => known.bytes.length > 0);
});

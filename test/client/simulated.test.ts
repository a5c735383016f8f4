import assert from "node:assert/strict";
import { test } from "node:test";
import { AuthSchemes } from "../../src/auth/schemes.js";
import { ClientDoor } from "../../src/client/door.js";
import { Metrics } from "../../src/metrics/metrics.js";
import type { Connection, Platform } from "../../src/platform/platform.js";
import { SimPlatform } from "../sim/platform/sim-platform.js";
import { answer, connectFrame, getDataFrame, PING, ScriptedPort, SETTINGS } from "./helper.js";

const PORT = 2181;

interface World {
  readonly world: SimPlatform;
  readonly port: ScriptedPort;
  readonly door: ClientDoor;
  readonly client: Platform;
}

/** A door on one machine, and another machine to come from. */
async function makeWorld(seed: number): Promise<World> {
  const world = new SimPlatform({ seed, network: { cutProbability: 0.5 } });
  const port = new ScriptedPort();
  let door: ClientDoor | undefined;
  let client: Platform | undefined;
  world.addNode("server").start((platform) => {
    const metrics = new Metrics();
    const settings = { ...SETTINGS, maxClientCnxns: 0 };
    door = new ClientDoor({ platform, settings, port, schemes: new AuthSchemes(), metrics });
    door.listen({ host: undefined, port: PORT, backlog: -1 }, (error) => assert.ifError(error));
  });
  world.addNode("client").start((platform) => {
    client = platform;
  });
  await world.runUntil(() => door !== undefined && client !== undefined);
  return { world, port, door: door!, client: client! };
}

/** What a client has received, and its connection. */
class SimClient {
  connection: Connection | undefined;
  bytes = Buffer.alloc(0);
  isClosed = false;

  constructor(platform: Platform, send: readonly Buffer[]) {
    const target = { host: "10.0.0.1", port: PORT };
    platform.network.connect(target, { timeoutMs: 5000 }, (error, connection) => {
      assert.ifError(error);
      this.connection = connection!;
      connection!.start({
        onData: (chunk) => {
          this.bytes = Buffer.concat([this.bytes, chunk]);
        },
        onDrain: () => {},
        // As clients do.
        onEnd: () => connection!.end(),
        onClose: () => {
          this.isClosed = true;
        },
      });
      for (const bytes of send) connection!.write(bytes);
    });
  }

  /** First ints of the whole frames: xids, after the handshake's answer. */
  xids(): number[] {
    const xids: number[] = [];
    for (let at = 0; at + 4 <= this.bytes.length; ) {
      const length = this.bytes.readInt32BE(at);
      if (at + 4 + length > this.bytes.length) break;
      xids.push(this.bytes.readInt32BE(at + 4));
      at += 4 + length;
    }
    return xids.slice(1);
  }
}

for (const seed of [1, 2, 3, 4, 5]) {
  test(`Over a simulated network every request is answered once and in order (seed ${seed})`, async () => {
    const { world, port, client } = await makeWorld(seed);
    // Small and large replies in turn, so that the connection is backlogged again and again.
    port.onSubmit = (request) =>
      answer(request, { body: Buffer.alloc(request.xid % 7 === 0 ? 600_000 : 10) });
    const xids = Array.from({ length: 40 }, (_, at) => at + 1);
    const requests = xids.map((xid) => getDataFrame(xid, `/${"a".repeat(xid)}`));
    const one = new SimClient(client, [connectFrame(), Buffer.concat(requests), PING]);
    const other = new SimClient(client, [connectFrame(), PING]);
    await world.runUntil(() => one.xids().length === xids.length + 1);
    assert.deepEqual(one.xids(), [...xids, -2]);
    await world.runUntil(() => other.xids().length === 1);
    assert.equal(one.isClosed, false);
  });
}

test("Over a simulated network a word is answered whole, and the door stops when all are gone", async () => {
  const { world, door, client } = await makeWorld(6);
  const asker = new SimClient(client, [Buffer.from("mntr")]);
  await world.runUntil(() => asker.isClosed);
  assert.match(
    asker.bytes.toString(),
    /^zk_version\t3\.9\.5.*zk_p999_write_commitproc_time_ms\t0\n$/s,
  );
  const idle = new SimClient(client, [connectFrame()]);
  await world.runUntil(() => idle.bytes.length > 0);
  let isStopped = false;
  door.stop(() => {
    isStopped = true;
  });
  await world.runUntil(() => isStopped && idle.isClosed);
});

test("Over a simulated network a connection without a session is closed in time", async () => {
  const { world, door, client } = await makeWorld(7);
  const silent = new SimClient(client, []);
  await world.runUntil(() => door.connectionCount === 1);
  await world.runFor(25_000);
  assert.equal(silent.isClosed, true);
  assert.equal(door.connectionCount, 0);
});

// What the ensemble tests rely on does find what they are there to find: a lost write, a write that nobody sent, one that came
// out of order, a tree that differs, a digest that did not match.

import assert from "node:assert/strict";
import { CreateMode } from "../../src/cli/client/create-mode.js";
import { assertEqualTrees, type Peer } from "./ensemble-check.js";
import { connectClient, Writer } from "./ensemble-writer.js";
import { peerTest } from "./peers.js";
import { SUPER_DIGEST } from "./raw/client.js";
import { type RunningServer, startServer } from "./server-process.js";

const CFG = { cfg: { "DigestAuthenticationProvider.superDigest": SUPER_DIGEST } };

/** What a Java learner's log has when it has come back to its leader by a snapshot. */
const FUZZY = [
  "Successfully connected to leader, using address: /127.0.0.1:31401",
  "Getting a snapshot from leader 0x1",
  "Digests are not matching. Value is Zxid.",
].join("\n");

const asPeer = (server: RunningServer, sid: number, log: string): Peer => ({
  sid,
  kind: server.kind,
  port: server.port,
  host: "127.0.0.1",
  isRunning: true,
  mode: async () => "leader",
  log: () => log,
});

peerTest(
  "A writer finds what was lost, what nobody sent and what is out of order",
  ["zooid"],
  async () => {
    const server = await startServer("zooid", CFG);
    const connectString = `127.0.0.1:${server.port}`;
    const writer = new Writer("w", connectString);
    const other = connectClient(connectString);
    try {
      await writer.begin();
      await writer.goesOn(20);
      await writer.stop();
      await writer.verify(other);
      const names = (await other.getChildren("/work/w")).filter((name) => name.startsWith("n-"));
      const last = `/work/w/${names.sort().at(-1)}`;
      const { data } = await other.getData(last);

      await other.delete(last);
      await assert.rejects(writer.verify(other), /w wrote \d+/);
      const mode = CreateMode.persistentSequential;
      const late = await other.create("/work/w/n-", data, { mode });
      await assert.rejects(writer.verify(other), /w wrote \d+/);
      await other.setData(late, Buffer.from("0"));
      await assert.rejects(writer.verify(other), /is 0, after/);
      await other.setData(late, Buffer.from("999999"));
      await assert.rejects(writer.verify(other), /w wrote \d+/);
    } finally {
      await Promise.all([writer.client.close(), other.close()]);
      await server.discard();
    }
  },
);

peerTest("Trees that differ in one node and logs of a mismatch are found", ["zooid"], async () => {
  const servers = [await startServer("zooid", CFG), await startServer("zooid", CFG)];
  try {
    const peers = servers.map((server, i) => asPeer(server, i + 1, ""));
    await assertEqualTrees({ members: peers });
    const complaint = "WARN  - Digests are not matching. Value is Zxid.";
    const complaining = asPeer(servers[1]!, 2, complaint);
    await assert.rejects(assertEqualTrees({ members: [peers[0]!, complaining] }), /has logged/);
    const learner: Peer = { ...asPeer(servers[1]!, 2, FUZZY), kind: "java39" };
    const leader: Peer = { ...learner, sid: 3, port: 31400, isRunning: false };
    const compared = { members: [peers[0]!, learner] };
    await assertEqualTrees(compared, [...compared.members, leader]);
    const ofOurs = [...compared.members, { ...leader, kind: "zooid" as const }];
    await assert.rejects(assertEqualTrees(compared, ofOurs), /has logged/);
    await assert.rejects(assertEqualTrees(compared), /has logged/);
    const client = connectClient(`127.0.0.1:${servers[1]!.port}`);
    await client.create("/more");
    await client.close();
    await assert.rejects(
      assertEqualTrees({ members: peers }),
      /member 2 \(zooid\) against member 1/,
    );
  } finally {
    for (const server of servers) await server.discard();
  }
});

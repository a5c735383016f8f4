// The commands snapshot and restore between Zooid and Java 3.9.5, in both directions, and what each says to what it cannot use.

import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { CreateMode } from "../../src/cli/client/create-mode.js";
import type { ZooKeeperClient } from "../../src/cli/client/zookeeper-client.js";
import { connectClient } from "./ensemble-writer.js";
import { peerTest, type ServerKind } from "./peers.js";
import { freePort, type RunningServer, startServer } from "./server-process.js";

const NODES = 1000;
const AUTH = { Authorization: "digest me:secret" };

interface Running {
  readonly server: RunningServer;
  readonly url: string;
  readonly client: ZooKeeperClient;
}

async function running(
  context: TestContext,
  kind: ServerKind,
  cfg: Record<string, string | number> = {},
  sessionTimeoutMs = 10_000,
): Promise<Running> {
  const adminPort = await freePort();
  const server = await startServer(kind, {
    cfg: {
      "admin.enableServer": "true",
      "admin.serverAddress": "127.0.0.1",
      "admin.serverPort": adminPort,
      "admin.rateLimiterIntervalInMS": 0,
      ...cfg,
    },
  });
  const client = connectClient(`127.0.0.1:${server.port}`, { sessionTimeoutMs });
  context.after(async () => {
    await client.close().catch(() => {});
    await server.discard();
  });
  await client.untilConnected();
  return { server, url: `http://127.0.0.1:${adminPort}/commands`, client };
}

async function fill(client: ZooKeeperClient): Promise<void> {
  await client.create("/app", Buffer.from("x"));
  client.addAuth("digest", "me:secret");
  const acl = [{ perms: 31, id: { scheme: "auth", id: "" } }];
  await client.create("/app/mine", Buffer.from("mine"), { acl });
  await client.create("/app/e", Buffer.from("e"), { mode: CreateMode.ephemeral });
  for (let at = 0; at < NODES; at += 500) {
    const some = Array.from({ length: 500 }, (_, i) => `/app/n${at + i}`);
    await Promise.all(some.map((path) => client.create(path, Buffer.from(path.repeat(5)))));
  }
  await client.setData("/app/n7", null);
}

/** Data, stat and ACL of every node but the bookkeeping below /zookeeper. */
async function content(client: ZooKeeperClient): Promise<string[]> {
  const lines: string[] = [];
  const add = async (path: string): Promise<string[]> => {
    const { data, stat } = await client.getData(path);
    const { acl } = await client.getACL(path);
    const shown = JSON.stringify([stat, acl], (_, value) =>
      typeof value === "bigint" ? String(value) : value,
    );
    lines.push(`${path} ${data?.toString("base64")} ${shown}`);
    const children = await client.getChildren(path);
    return children.map((name) => `${path === "/" ? "" : path}/${name}`);
  };
  for (const path of (await add("/")).sort()) {
    if (path === "/zookeeper") continue;
    const below = await add(path);
    await Promise.all(below.map(add));
  }
  return lines.sort();
}

const post = (url: string, body: Uint8Array | undefined, headers: Record<string, string> = AUTH) =>
  fetch(`${url}/restore`, { method: "POST", headers, ...(body && { body: new Uint8Array(body) }) });

async function snapshotOf(url: string): Promise<Uint8Array> {
  const answer = await fetch(`${url}/snapshot`, { headers: AUTH });
  assert.equal(answer.status, 200);
  const bytes = new Uint8Array(await answer.arrayBuffer());
  assert.equal(answer.headers.get("snapshot_size"), String(bytes.length));
  return bytes;
}

for (const [from, to] of [
  ["java39", "zooid"],
  ["zooid", "java39"],
] as const) {
  peerTest(
    `A snapshot taken from ${from} is restored in ${to}`,
    ["java39", "zooid"],
    async (context) => {
      // Its session is restored with its ephemeral node, and must outlive the comparison.
      const source = await running(context, from, {}, 40_000);
      await fill(source.client);
      const wanted = await content(source.client);
      const snapshot = await snapshotOf(source.url);
      const target = await running(context, to);
      await target.client.create("/before", Buffer.from("gone afterwards"));
      const answer = await post(target.url, snapshot);
      assert.equal(answer.status, 200, await answer.clone().text());
      const said = (await answer.json()) as { last_zxid: number; command: string; error: null };
      assert.deepEqual([said.command, said.error], ["restore", null]);
      // An empty server takes the zxid of the snapshot; what the client did before that is of no matter.
      assert.ok(said.last_zxid >= NODES + 3, `last_zxid ${said.last_zxid}`);
      await target.client.close().catch(() => {});
      const reader = connectClient(`127.0.0.1:${target.server.port}`);
      context.after(() => reader.close().catch(() => {}));
      await reader.untilConnected();
      reader.addAuth("digest", "me:secret");
      assert.deepEqual(await content(reader), wanted);
      await reader.create("/after");
      if (to === "zooid") {
        await target.server.stop();
        const again = await startServer("zooid", { directory: target.server.directory });
        context.after(() => again.discard());
        const late = connectClient(`127.0.0.1:${again.port}`);
        context.after(() => late.close().catch(() => {}));
        await late.untilConnected();
        assert.notEqual(await late.exists("/after"), null);
        assert.equal(await late.exists("/before"), null);
      }
    },
  );
}

/** What is asked, and what is answered. */
async function refusals(
  context: TestContext,
  kind: ServerKind,
): Promise<[string, number, string][]> {
  const { url, client } = await running(context, kind);
  await client.create("/a", Buffer.alloc(1000, 65));
  const snapshot = await snapshotOf(url);
  const flipped = snapshot.slice();
  flipped[600] = flipped[600]! ^ 1;
  const asked: [string, () => Promise<Response>][] = [
    ["no header", () => post(url, snapshot, {})],
    ["an unknown scheme", () => post(url, snapshot, { Authorization: "nosuch x" })],
    ["no body", () => post(url, undefined)],
    ["no snapshot", () => post(url, Buffer.from("Invalid snapshot data"))],
    ["half a snapshot", () => post(url, snapshot.subarray(0, snapshot.length >> 1))],
    ["an altered snapshot", () => post(url, flipped)],
  ];
  const seen: [string, number, string][] = [];
  for (const [what, ask] of asked) {
    const answer = await ask();
    const { status, headers } = answer;
    const text = await answer.text();
    assert.match(headers.get("content-type") ?? "", /^application\/json/, what);
    // Where Java says null, we say why.
    const body = status === 500 ? text.replace(/"error" : .*/, '"error" : WHY') : text;
    seen.push([what, status, body]);
  }
  const off = await running(context, kind, {
    "admin.restore.enabled": "false",
    "admin.snapshot.enabled": "false",
  });
  const disabled = await post(off.url, snapshot);
  seen.push(["disabled", disabled.status, await disabled.text()]);
  const seldom = await running(context, kind, { "admin.rateLimiterIntervalInMS": 300_000 });
  assert.equal((await post(seldom.url, snapshot)).status, 200);
  const limited = await post(seldom.url, snapshot);
  seen.push(["too soon", limited.status, await limited.text()]);
  return seen;
}

peerTest(
  "restore refuses what Java 3.9.5 refuses, with the same status and keys",
  ["java39", "zooid"],
  async (context) => {
    assert.deepEqual(await refusals(context, "zooid"), await refusals(context, "java39"));
  },
);

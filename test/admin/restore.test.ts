// The command restore: a snapshot that somebody sends becomes the state, of a lone server or of an ensemble, wholly or not
// at all, and stays it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { CreateMode } from "../../src/cli/client/create-mode.js";
import { SessionState } from "../../src/cli/client/session-state.js";
import { EventType, type WatchEvent } from "../../src/cli/client/watch-event.js";
import type { ZooKeeperClient } from "../../src/cli/client/zookeeper-client.js";
import { ADLER32_SEED, adler32 } from "../../src/storage/adler32.js";
import { ADMIN_PORT, AdminWorld, bodyOf, statusOf } from "./world.js";

const OFTEN = { "admin.rateLimiterIntervalInMS": "0" };
const IP = "Authorization: ip";

async function restore(
  world: AdminWorld,
  snapshot: string | Buffer,
  options: { readonly name?: string; readonly headers?: readonly string[] } = {},
): Promise<string> {
  const { name = "zk1", headers = [IP] } = options;
  return await world.exchange(requestOf(snapshot, headers), { name });
}

function requestOf(snapshot: string | Buffer, headers: readonly string[]): string {
  const bytes = typeof snapshot === "string" ? Buffer.from(snapshot, "latin1") : snapshot;
  const head = [
    "POST /commands/restore HTTP/1.1",
    "Host: zookeeper",
    "Connection: close",
    `Content-Length: ${bytes.length}`,
    ...headers,
  ];
  return `${head.join("\r\n")}\r\n\r\n${bytes.toString("latin1")}`;
}

/** Without waiting for the answer. */
function send(world: AdminWorld, name: string, request: string): void {
  const target = { host: name, port: ADMIN_PORT };
  world.platform.network.connect(target, { timeoutMs: 5000 }, (_error, connection) => {
    connection?.start({ onData() {}, onDrain() {}, onEnd() {}, onClose() {} });
    connection?.write(Buffer.from(request, "latin1"));
  });
}

async function snapshotOf(world: AdminWorld, name = "zk1"): Promise<string> {
  await world.sleep(10);
  const answer = await world.ask(`GET /commands/snapshot ${IP}`, { name });
  assert.equal(statusOf(answer), 200);
  return bodyOf(answer);
}

async function dataOf(
  world: AdminWorld,
  client: ZooKeeperClient,
  path: string,
): Promise<string | undefined> {
  const there = await world.settle(client.exists(path));
  if (there === null || there === undefined) return undefined;
  return (await world.settle(client.getData(path))).data?.toString();
}

async function lone(config: Record<string, string> = OFTEN): Promise<AdminWorld> {
  const world = new AdminWorld({ config });
  await world.untilListening();
  return world;
}

for (const store of ["file", "lmdb"]) {
  test(`A restored snapshot is the state, under a zxid above all before it, and still is after a restart (snapshot.store=${store})`, async () => {
    const world = await lone({ ...OFTEN, "snapshot.store": store });
    const client = await world.client();
    await world.settle(client.create("/a", Buffer.from("then")));
    await world.settle(client.create("/e", Buffer.from("hers"), { mode: CreateMode.ephemeral }));
    const snapshot = await snapshotOf(world);
    await world.settle(client.setData("/a", Buffer.from("now")));
    await world.settle(client.create("/later"));
    const tree = () => world.ensemble.member(1).server!.tree;
    const before = tree().lastProcessedZxid;

    const answer = await restore(world, snapshot);
    assert.equal(statusOf(answer), 200, answer);
    const { last_zxid: zxid, command, error } = JSON.parse(bodyOf(answer));
    assert.deepEqual([zxid, command, error], [before + 1, "restore", null]);
    assert.equal(await dataOf(world, client, "/a"), "then");
    assert.equal(await dataOf(world, client, "/later"), undefined);
    // Its session was in the snapshot: it goes on, and so does what it owns.
    assert.equal(await dataOf(world, client, "/e"), "hers");
    await world.settle(client.create("/after"));
    assert.equal(tree().lastProcessedZxid, zxid + 1);

    const member = world.ensemble.member(1);
    member.kill();
    member.start();
    await world.ensemble.world.runUntil(() => member.server !== undefined, 60_000);
    assert.deepEqual(
      ["/a", "/after", "/later"].map((path) => tree().get(path) !== undefined),
      [true, true, false],
    );
    const metrics = JSON.parse(bodyOf(await world.ask("GET /commands/monitor")));
    assert.equal(metrics.restore_error_count, 0);
  });
}

test("An empty server takes the snapshot's own zxid, as Java's does", async () => {
  const from = await lone();
  const client = await from.client();
  for (let index = 0; index < 10; index++) await from.settle(client.create(`/n${index}`));
  const snapshot = await snapshotOf(from);
  const to = await lone();
  const answer = await restore(to, snapshot);
  assert.equal(JSON.parse(bodyOf(answer)).last_zxid, 11);
  assert.match(await snapshotOf(to), /^ZKSN/);
  const metrics = JSON.parse(bodyOf(await to.ask("GET /commands/monitor")));
  assert.equal(metrics.cnt_restore_time, 1);
});

test("Sessions that are not in the snapshot have expired, and watches are told what they missed", async () => {
  const world = await lone();
  const old = await world.client();
  await world.settle(old.create("/watched", Buffer.from("1")));
  const snapshot = await snapshotOf(world);
  const seen: unknown[] = [];
  await world.settle(old.setData("/watched", Buffer.from("2")));
  await world.settle(old.create("/created"));
  const watcher = ({ type, path }: WatchEvent) => {
    if (type !== EventType.none) seen.push([type, path]);
  };
  await world.settle(old.exists("/created", watcher));
  const young = world.ensemble.client("young", { sid: 1 });
  await world.settle(young.untilConnected());
  await world.settle(young.create("/young", null, { mode: CreateMode.ephemeral }));
  assert.equal(statusOf(await restore(world, snapshot)), 200);
  await world.settle(old.getChildren("/"));
  await world.ensemble.world.runUntil(() => young.session.state === SessionState.closed, 60_000);
  await world.ensemble.world.runUntil(() => seen.length > 0, 60_000);
  assert.deepEqual(seen, [[EventType.nodeDeleted, "/created"]]);
  assert.equal(await dataOf(world, old, "/young"), undefined);
});

/** As a fuzzy one of Java's may be: without the sessions that the nodes belong to. Seals are made anew. */
function withoutSessions(snapshot: string): Buffer {
  const bytes = Buffer.from(snapshot, "latin1");
  const [header, seal, digest, zxid] = [16, 13, 20, 8];
  const sessions = 4 + 12 * bytes.readInt32BE(header);
  const end = bytes.length - (3 * seal + digest + zxid);
  const none = Buffer.alloc(4);
  let made = Buffer.concat([
    bytes.subarray(0, header),
    none,
    bytes.subarray(header + sessions, end),
  ]);
  const parts = [end, end + seal + digest, end + 2 * seal + digest + zxid];
  for (const [index, at] of parts.entries()) {
    const sealed = Buffer.from(bytes.subarray(at, at + seal));
    sealed.writeUInt32BE(adler32(made, 0, made.length, ADLER32_SEED), 4);
    const next = parts[index + 1] ?? bytes.length;
    made = Buffer.concat([made, sealed, bytes.subarray(at + seal, next)]);
  }
  return made;
}

test("Ephemeral nodes of sessions that a snapshot does not have go with them", async () => {
  const world = await lone();
  const client = await world.client();
  await world.settle(client.create("/e", Buffer.from("x"), { mode: CreateMode.ephemeral }));
  await world.settle(client.create("/a"));
  const snapshot = await snapshotOf(world);
  const empty = await lone();
  assert.equal(statusOf(await restore(empty, withoutSessions(snapshot))), 200);
  const { tree } = empty.ensemble.member(1).server!;
  assert.deepEqual([tree.get("/a") !== undefined, tree.get("/e")], [true, undefined]);
});

test("What is no whole snapshot changes nothing and leaves nothing behind", async () => {
  const world = await lone();
  const client = await world.client();
  await world.settle(client.create("/a", Buffer.alloc(5000, 65)));
  const snapshot = await snapshotOf(world);
  const flipped = Buffer.from(snapshot, "latin1");
  flipped[3000] = flipped[3000]! ^ 1;
  const last = Buffer.from(snapshot, "latin1");
  last[last.length - 3] = last[last.length - 3]! ^ 1;
  const { server } = world.ensemble.member(1);
  const { tree } = server!;
  for (const bad of [
    "",
    "no snapshot",
    snapshot.slice(0, 4000),
    snapshot.slice(0, -1),
    `${snapshot}x`,
    flipped,
    last,
    gzipSync(Buffer.from(snapshot, "latin1")).subarray(0, 100),
  ]) {
    const answer = await restore(world, bad);
    assert.equal(statusOf(answer), 500);
    const { command, error } = JSON.parse(bodyOf(answer));
    assert.equal(command, "restore");
    assert.match(error, /^The snapshot cannot be restored: /);
    assert.equal(server!.tree, tree, "the tree is the one that it was");
  }
  await world.settle(client.create("/b"));
  const metrics = JSON.parse(bodyOf(await world.ask("GET /commands/monitor")));
  assert.equal(metrics.restore_error_count, 8);
  const { node, dataDir } = world.ensemble.member(1);
  const names = node.platform.disk.readDirectory(`${dataDir}/version-2`);
  assert.deepEqual(
    names.filter((name) => name.startsWith("tmp.")),
    [],
  );
  assert.ok(
    names.some((name) => name.startsWith("snapshot.")),
    names.join(),
  );
});

test("A snapshot may come compressed, in chunks, and after a 100 Continue", async () => {
  const world = await lone();
  const client = await world.client();
  await world.settle(client.create("/a", Buffer.from("then")));
  const snapshot = await snapshotOf(world);
  await world.settle(client.setData("/a", Buffer.from("now")));
  const zipped = gzipSync(Buffer.from(snapshot, "latin1"));
  assert.equal(statusOf(await restore(world, zipped)), 200);
  assert.equal(await dataOf(world, client, "/a"), "then");

  await world.settle(client.setData("/a", Buffer.from("now")));
  const chunks = [snapshot.slice(0, 7), snapshot.slice(7, 300), snapshot.slice(300)]
    .filter((chunk) => chunk !== "")
    .map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`);
  const head = [
    "POST /commands/rest HTTP/1.1",
    "Host: zookeeper",
    "Connection: close",
    "Transfer-Encoding: chunked",
    "Expect: 100-continue",
    IP,
  ];
  const answer = await world.exchange(`${head.join("\r\n")}\r\n\r\n${chunks.join("")}0\r\n\r\n`);
  assert.match(answer, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
  assert.equal(await dataOf(world, client, "/a"), "then");
});

test("Who may not restore is refused before anything is read; who asks too often, too", async () => {
  const world = await lone({});
  const client = await world.client();
  const snapshot = await snapshotOf(world);
  assert.equal(statusOf(await restore(world, snapshot, { headers: [] })), 401);
  const asNobody = { headers: ["Authorization: nosuch x"] };
  assert.equal(statusOf(await restore(world, snapshot, asNobody)), 401);
  const expect = { headers: ["Expect: 100-continue"] };
  assert.doesNotMatch(await restore(world, snapshot, expect), /100 Continue/);
  assert.equal(statusOf(await restore(world, snapshot)), 200);
  const again = await restore(world, snapshot);
  assert.equal(statusOf(again), 429);
  assert.equal(bodyOf(again), '{\n  "command" : "restore",\n  "error" : null\n}');
  for (let minutes = 0; minutes < 5; minutes++) await world.sleep(60_000);
  assert.equal(statusOf(await restore(world, snapshot)), 200);
  await world.settle(client.getChildren("/"));
  const off = await lone({ "admin.restore.enabled": "false" });
  assert.equal(statusOf(await restore(off, snapshot)), 503);
  const unsaid = await lone({ "serializeLastProcessedZxid.enabled": "false" });
  assert.equal(statusOf(await restore(unsaid, snapshot)), 500);
});

test("The leader restores a snapshot for all members; others refuse, and say who leads", async () => {
  const world = new AdminWorld({ members: 3, observers: 1, config: OFTEN });
  const { ensemble } = world;
  await ensemble.untilServing(4);
  const client = await world.client();
  await world.settle(client.create("/a", Buffer.from("then")));
  const leader = ensemble.leader!;
  const snapshot = await snapshotOf(world, leader.name);
  // One misses everything that follows.
  const absent = ensemble.members.find(
    (one) => one !== leader && one.sid !== 1 && !one.isObserver,
  )!;
  absent.kill();
  await world.settle(client.setData("/a", Buffer.from("now")));
  await world.settle(client.create("/later"));
  const { lastProcessedZxid: before } = leader.server!.tree;

  for (const member of ensemble.members.filter((one) => one !== leader && one !== absent)) {
    const refused = await restore(world, snapshot, { name: member.name });
    assert.equal(statusOf(refused), 409);
    const { error } = JSON.parse(bodyOf(refused));
    assert.equal(
      error,
      `Only the leader can restore a snapshot, for all members: server ${leader.sid}. This is server ${member.sid}`,
    );
  }
  const answer = await restore(world, snapshot, { name: leader.name });
  assert.equal(statusOf(answer), 200, answer);
  assert.ok(JSON.parse(bodyOf(answer)).last_zxid > before);
  absent.start();
  await ensemble.untilServing(4);
  assert.equal(await dataOf(world, client, "/a"), "then");
  assert.equal(await dataOf(world, client, "/later"), undefined);
  await world.settle(client.create("/after"));
  await ensemble.untilEven();
  for (const { server } of ensemble.members) {
    assert.deepEqual(
      ["/a", "/after", "/later"].map((path) => server!.tree.get(path) !== undefined),
      [true, true, false],
    );
  }
});

test("A snapshot of a later epoch goes into an ensemble of an earlier one: what comes next is later still", async () => {
  const from = new AdminWorld({ members: 3, config: OFTEN });
  await from.ensemble.untilServing(3);
  for (let epoch = 0; epoch < 3; epoch++) {
    const leader = from.ensemble.leader!;
    leader.kill();
    await from.sleep(20_000);
    leader.start();
    await from.ensemble.untilServing(3);
  }
  const client = await from.client();
  await from.settle(client.create("/a", Buffer.from("then")));
  const snapshot = await snapshotOf(from, from.ensemble.leader!.name);
  const created = from.ensemble.leader!.server!.tree.lastProcessedZxid;

  const to = new AdminWorld({ members: 3, config: OFTEN });
  await to.ensemble.untilServing(3);
  assert.ok(to.ensemble.leader!.server!.tree.lastProcessedZxid < created);
  const answer = await restore(to, snapshot, { name: to.ensemble.leader!.name });
  assert.equal(statusOf(answer), 200, answer);
  assert.ok(JSON.parse(bodyOf(answer)).last_zxid > created);
  const other = await to.client();
  assert.equal(await dataOf(to, other, "/a"), "then");
  await to.settle(other.setData("/a", Buffer.from("after")));
  await to.ensemble.untilEven();
});

test("A snapshot of another ensemble does not say who the members of this one are", async () => {
  const config = {
    ...OFTEN,
    reconfigEnabled: "true",
    "DigestAuthenticationProvider.superDigest": "super:D/InIHSb7yEEbrWz8b9l71RjZJU=",
  };
  const from = new AdminWorld({ members: 5, config });
  await from.ensemble.untilServing(5);
  const client = await from.client();
  client.addAuth("digest", "super:test");
  // Its version is above that of the other ensemble, which has never been configured anew.
  const leaving = from.ensemble.followers.find(({ sid }) => sid !== 1)!.sid;
  await from.settle(client.reconfigure(null, String(leaving), null));
  const snapshot = await snapshotOf(from, from.ensemble.leader!.name);
  assert.match(snapshot, /server\.\d=.*\nversion=[1-9]/);

  const to = new AdminWorld({ members: 3, config });
  await to.ensemble.untilServing(3);
  const { leader } = to.ensemble;
  const configuration = () =>
    to.ensemble.members.map(({ server }) =>
      server!.tree.get("/zookeeper/config")?.data()?.toString(),
    );
  const before = configuration();
  assert.equal(statusOf(await restore(to, snapshot, { name: leader!.name })), 200);
  await to.ensemble.untilServing(3);
  await to.ensemble.untilEven();
  assert.deepEqual(configuration(), before);
  // What a follower was sent holds after its own restart, too.
  const follower = to.ensemble.followers[0]!;
  follower.kill();
  follower.start();
  await to.ensemble.untilServing(3);
  await to.ensemble.untilEven();
  assert.deepEqual(configuration(), before);
});

test("A leader that dies while it restores leaves one state with all, the old one or the new one", async () => {
  const outcomes = new Set<string>();
  for (let round = 0; round < 12; round++) {
    const world = new AdminWorld({ seed: 100 + round, members: 3, config: OFTEN });
    const { ensemble } = world;
    await ensemble.untilServing(3);
    const client = ensemble.client("client", { sessionTimeoutMs: 30_000 });
    await world.settle(client.untilConnected());
    await world.settle(client.create("/a", Buffer.from("then")));
    const leader = ensemble.leader!;
    const snapshot = await snapshotOf(world, leader.name);
    await world.settle(client.setData("/a", Buffer.from("now")));
    send(world, leader.name, requestOf(snapshot, [IP]));
    await world.sleep(2 + round * 70);
    leader.kill();
    await world.sleep(15_000);
    leader.start();
    await ensemble.untilServing(3);
    await world.settle(client.create(`/after-${round}`));
    await ensemble.untilEven();
    const seen = ensemble.members.map(({ server }) => server!.tree.get("/a")?.data()?.toString());
    assert.equal(new Set(seen).size, 1, `round ${round}: ${seen}`);
    outcomes.add(String(seen[0]));
  }
  assert.deepEqual([...outcomes].sort(), ["now", "then"], "both ends were seen");
});

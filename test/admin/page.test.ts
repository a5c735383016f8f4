// The page for people: what it answers, to whom, and what it keeps to itself. How it looks is test/compat/page.test.ts's.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ASSETS } from "../../src/admin/page/assets.js";
import { CreateMode } from "../../src/cli/client/create-mode.js";
import { Histogram } from "../../src/metrics/histogram.js";
import { AdminWorld, bodyOf, statusOf } from "./world.js";

const SOURCES = join(import.meta.dirname, "../../../src/admin/page/assets");
const SUPER = "super:D/InIHSb7yEEbrWz8b9l71RjZJU=";

interface Options {
  readonly name?: string;
  readonly host?: string;
  readonly headers?: readonly string[];
}

/** One request, with a Host that the page answers to. */
async function asked(world: AdminWorld, target: string, options: Options = {}): Promise<string> {
  const { name = "zk1", host = "10.0.0.1:8080", headers = [] } = options;
  const [path, method = "GET"] = target.split(" ").reverse();
  const lines = [`${method} ${path} HTTP/1.1`, `Host: ${host}`, "Connection: close", ...headers];
  return await world.exchange(`${lines.join("\r\n")}\r\n\r\n`, { name });
}

async function data(world: AdminWorld, view: string, options: Options = {}) {
  return JSON.parse(bodyOf(await asked(world, `/page/data/${view}`, options)));
}

async function node(world: AdminWorld, path: string, ...headers: string[]) {
  return await data(world, `node?path=${encodeURIComponent(path)}`, { headers });
}

async function serving(config: Record<string, string> = {}): Promise<AdminWorld> {
  const world = new AdminWorld({ config });
  await world.untilListening();
  return world;
}

test("The page's files are those in assets/: npm run page", () => {
  const files = readdirSync(SOURCES).sort();
  assert.deepEqual([...ASSETS.keys()], files);
  for (const file of files) {
    assert.equal(ASSETS.get(file)?.text, readFileSync(join(SOURCES, file), "utf8"), file);
  }
});

test("The page asks nobody but its own server for anything", () => {
  for (const [name, { text }] of ASSETS) {
    const foreign = [...text.matchAll(/(?:https?:)?\/\/[a-z][\w.-]*/gi)].map(([found]) => found);
    const other = foreign.filter((one) => one !== "http://www.w3.org");
    assert.deepEqual(other, [], name);
    assert.doesNotMatch(
      text,
      /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b/,
      name,
    );
  }
});

test("The page is served at the root with a policy that lets nothing foreign run, and Java's paths stay Java's", async () => {
  const world = await serving();
  const page = await asked(world, "/");
  assert.equal(statusOf(page), 200);
  assert.match(page, /^Content-Type: text\/html;charset=utf-8\r$/m);
  assert.match(page, /^Content-Security-Policy: default-src 'none'; script-src 'self'; /m);
  assert.match(page, /frame-ancestors 'none'/);
  assert.match(page, /^X-Content-Type-Options: nosniff\r$/m);
  assert.match(page, /^Cache-Control: no-store\r$/m);
  for (const name of ASSETS.keys()) {
    assert.equal(statusOf(await asked(world, `HEAD /page/${name}`)), 200, name);
  }
  assert.equal(statusOf(await asked(world, "/page/nothing.js")), 404);
  assert.equal(statusOf(await asked(world, "/page/data/nothing")), 404);
  assert.equal(statusOf(await asked(world, "/page/data/app.js")), 404);
  assert.equal(statusOf(await asked(world, "/page/../../etc/passwd")), 404);
  assert.equal(statusOf(await asked(world, "/other")), 404);
  assert.match(bodyOf(await asked(world, "/commands")), /<a href="\/commands\/ruok">/);
  assert.doesNotMatch(await asked(world, "/commands/ruok"), /Content-Security-Policy/);
});

test("The page changes nothing: whatever is not GET or HEAD is refused", async () => {
  const world = await serving();
  for (const method of ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"]) {
    const answer = await asked(world, `${method} /page/data/node`);
    assert.equal(statusOf(answer), 405, method);
    assert.match(answer, /^Allow: GET, HEAD\r$/m);
  }
});

test("The page answers to names that can only be the server's, and not to another site's scripts", async () => {
  const world = await serving({ "admin.page.hosts": "zk.example.com,other.example.com" });
  const statusFor = async (options: Options) =>
    statusOf(await asked(world, "/page/data/overview", options));
  for (const host of ["10.0.0.1", "127.0.0.1:8080", "[::1]:8080", "localhost:8080", "LOCALHOST"]) {
    assert.equal(await statusFor({ host }), 200, host);
  }
  for (const host of ["zk.example.com", "Other.Example.com:80", "zk.example.com.", "zk1:8080"]) {
    assert.equal(await statusFor({ host }), 200, host);
  }
  for (const host of ["evil.example", "zk.example.com.evil.example", "10.0.0.1.evil.example", ""]) {
    assert.equal(await statusFor({ host }), 421, host);
  }
  assert.match(bodyOf(await asked(world, "/", { host: "evil.example" })), /admin\.page\.hosts/);
  for (const site of ["cross-site", "same-site"]) {
    assert.equal(await statusFor({ headers: [`Sec-Fetch-Site: ${site}`] }), 421, site);
  }
  assert.equal(await statusFor({ headers: ["Sec-Fetch-Site: same-origin"] }), 200);
  const link = ["Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate"];
  assert.equal(statusOf(await asked(world, "/", { headers: link })), 200);
});

test("The page can be switched off: its paths are then not found, as in Java", async () => {
  const world = await serving({ "admin.page.enabled": "false" });
  for (const path of ["/", "/page/app.js", "/page/data/overview"]) {
    assert.equal(statusOf(await asked(world, path)), 404, path);
  }
  assert.equal(statusOf(await asked(world, "/commands/ruok")), 200);
});

test("Everybody sees what world:anyone may read, and no more", async () => {
  const world = await serving({ "DigestAuthenticationProvider.superDigest": SUPER });
  const client = await world.client();
  client.addAuth("digest", "alice:secret");
  const alice = { perms: 31, id: { scheme: "auth", id: "" } };
  const reader = { perms: 1, id: { scheme: "world", id: "anyone" } };
  await world.settle(client.create("/open", Buffer.from("hello")));
  await world.settle(client.create("/hers", Buffer.from("secret"), { acl: [alice] }));
  await world.settle(client.create("/hers/below", Buffer.from("x"), { acl: [alice] }));
  await world.settle(client.create("/shown", Buffer.from("x"), { acl: [alice, reader] }));

  const open = await node(world, "/open");
  assert.equal(Buffer.from(open.data, "base64").toString(), "hello");
  assert.equal(open.stat.dataLength, 5);
  assert.deepEqual(open.acl, [{ scheme: "world", id: "anyone", perms: 31 }]);

  const refused = await asked(world, "/page/data/node?path=/hers");
  assert.equal(statusOf(refused), 403);
  assert.deepEqual(JSON.parse(bodyOf(refused)), {
    path: "/hers",
    error: "Insufficient permission",
  });
  // Not even how much is below, nor of what kind it is; a hash of a password is for administrators alone.
  const root = await node(world, "/");
  const hers = root.children.find(({ name }: { name: string }) => name === "hers");
  assert.deepEqual(hers, { name: "hers" });
  assert.equal((await node(world, "/shown")).acl[0].id, "alice:x");

  const asAlice = await node(world, "/hers", "Authorization: digest alice:secret");
  assert.equal(Buffer.from(asAlice.data, "base64").toString(), "secret");
  assert.match(asAlice.acl[0].id, /^alice:[A-Za-z0-9+/=]{28}$/);
  assert.equal((await node(world, "/hers", "Authorization: digest alice:wrong")).error, refusal);
  assert.equal((await node(world, "/hers", "Authorization: digest bob:secret")).error, refusal);
  const asSuper = await node(world, "/hers/below", "Authorization: digest super:test");
  assert.equal(Buffer.from(asSuper.data, "base64").toString(), "x");
  const wrong = { headers: ["Authorization: nosuch alice:secret"] };
  assert.equal(statusOf(await asked(world, "/page/data/node", wrong)), 401);
  const overview = await data(world, "overview", {
    headers: ["Authorization: digest alice:secret"],
  });
  assert.deepEqual(overview.you, ["digest: alice"]);
});

const refusal = "Insufficient permission";

test("Nodes are told a hundred children at a time, and no more of long data than can be read", async () => {
  const world = await serving();
  const client = await world.client();
  await world.settle(client.create("/many", Buffer.alloc(100_000, 65)));
  const names = Array.from({ length: 250 }, (_, index) => `n${String(index).padStart(3, "0")}`);
  await world.settle(Promise.all(names.map((name) => client.create(`/many/${name}`))));
  const first = await node(world, "/many");
  assert.equal(Buffer.from(first.data, "base64").length, 16 * 1024);
  assert.equal(first.dataIsWhole, false);
  assert.equal(first.stat.numChildren, 250);
  const seen: string[] = [];
  for (let offset = 0, hasMore = true; hasMore; offset = seen.length) {
    const page = await data(world, `node?path=/many&offset=${offset}`);
    seen.push(...page.children.map(({ name }: { name: string }) => name));
    hasMore = page.hasMore;
  }
  assert.deepEqual(seen, names);
  const bad = await data(world, "node?path=/many&offset=-1");
  assert.equal(bad.offset, 0);
  for (const path of ["nope", "/nope", "", "/many/", "//many"]) {
    const answer = await asked(world, `/page/data/node?path=${encodeURIComponent(path)}`);
    assert.equal(statusOf(answer), 404, path);
  }
  assert.equal(statusOf(await asked(world, "/page/data/node?path=%ff")), 400);
});

test("Names and data that are hostile leave as JSON that no browser takes for a document", async () => {
  const world = await serving();
  const client = await world.client();
  const name = '/<img src=x onerror="alert(1)">';
  await world.settle(client.create(name, Buffer.from("<script>alert(1)</script>")));
  const answer = await asked(world, `/page/data/node?path=${encodeURIComponent(name)}`);
  assert.match(answer, /^Content-Type: application\/json\r$/m);
  assert.match(answer, /^X-Content-Type-Options: nosniff\r$/m);
  assert.equal(JSON.parse(bodyOf(answer)).path, name);
});

test("Connections and sessions are told without passwords and without paths", async () => {
  const world = await serving();
  const client = await world.client();
  await world.settle(client.create("/e", null, { mode: CreateMode.ephemeral }));
  const connections = await data(world, "connections");
  assert.equal(connections.count, 1);
  assert.match(connections.rows[0].session, /^0x[0-9a-f]+$/);
  const sessions = await data(world, "sessions");
  assert.deepEqual(
    sessions.rows.map(({ id, ephemerals }: { id: string; ephemerals: number }) => [id, ephemerals]),
    [[connections.rows[0].session, 1]],
  );
  assert.doesNotMatch(JSON.stringify([connections, sessions]), /password|"\/e"/);
  assert.deepEqual((await data(world, "sessions?offset=1")).rows, []);
});

test("The overview of each member names all, with roles and zxids; who is gone is unreachable", async () => {
  const world = new AdminWorld({ members: 3, observers: 1 });
  await world.ensemble.untilServing(4);
  const leader = world.ensemble.leader!;
  const client = await world.client();
  await world.settle(client.create("/a"));
  type Row = { sid: number; state: string; leads: boolean; sync?: string; zxid?: string };
  const rows = async (name: string): Promise<Row[]> => {
    await data(world, "overview", { name });
    await world.sleep(2500);
    return (await data(world, "overview", { name })).members;
  };
  for (const member of world.ensemble.members) {
    const seen = await rows(member.name);
    assert.deepEqual(
      seen.map(({ sid, state, leads }) => [sid, state, leads]),
      world.ensemble.members.map(({ sid, isObserver }) => {
        const state = sid === leader.sid ? "leader" : isObserver ? "observer" : "follower";
        return [sid, state, sid === leader.sid];
      }),
    );
  }
  const fromLeader = await rows(leader.name);
  for (const { sid, sync } of fromLeader) {
    assert.equal(sync, sid === leader.sid ? "broadcast" : "synced");
  }
  leader.kill();
  const follower = world.ensemble.members.find((one) => one !== leader && !one.isObserver)!;
  await world.sleep(30_000);
  const after = await rows(follower.name);
  assert.equal(after.find(({ sid }) => sid === leader.sid)?.state, "unreachable");
  assert.equal(after.filter(({ state }) => state === "leader").length, 1);
});

test("A member without its ensemble shows itself, and no tree", async () => {
  const world = new AdminWorld({ members: 3, config: { "readonlymode.enabled": "false" } });
  world.ensemble.member(2).kill();
  world.ensemble.member(3).kill();
  await world.untilListening();
  const { server } = await data(world, "overview");
  assert.deepEqual([server.serving, server.state], [false, "leaderelection"]);
  assert.equal(statusOf(await asked(world, "/page/data/node?path=/")), 503);
  assert.deepEqual((await data(world, "sessions")).rows, []);
});

test("Figures are totals: whoever asks twice knows what happened between", async () => {
  const world = await serving();
  const client = await world.client();
  const total = (one: { buckets: [number, number][] }) =>
    one.buckets.reduce((sum, [, times]) => sum + times, 0);
  const { figures: before } = await data(world, "overview");
  for (let index = 0; index < 5; index++) await world.settle(client.create(`/n${index}`));
  for (let index = 0; index < 7; index++) await world.settle(client.getData("/n0"));
  await world.sleep(1000);
  const { figures: after } = await data(world, "overview");
  assert.equal(total(after.updates) - total(before.updates), 5);
  assert.equal(total(after.reads) - total(before.reads), 7);
  assert.ok(total(after.logSyncs) > total(before.logSyncs));
  assert.ok(total(after.loopLag) >= 5, "the loop is measured while somebody looks");
  assert.ok(after.atMs - before.atMs >= 1000);
  assert.deepEqual(after.queues, { outstanding: 0, notSynced: 0, notCommitted: 0, toLearners: 0 });
});

test("A histogram keeps every millisecond below 64, and a sixteenth of each power of two above", () => {
  const one = new Histogram();
  for (const value of [0, 0, 1, 63, 64, 67, 68, 1000, 1023, 1024, 131_071, 131_072, 9e6]) {
    one.add(value);
  }
  assert.deepEqual(
    [...one.buckets()],
    [
      [0, 2],
      [1, 1],
      [63, 1],
      [64, 2],
      [68, 1],
      [992, 2],
      [1024, 1],
      [126_976, 3],
    ],
  );
  assert.equal(one.sumMs, 0 + 0 + 1 + 63 + 64 + 67 + 68 + 1000 + 1023 + 1024 + 262_143 + 9e6);
});

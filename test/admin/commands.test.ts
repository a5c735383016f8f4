// Every HTTP command, against what a live ZooKeeper 3.9.5 answered to the same (golden/capture.py). What cannot be the same
// (times, sizes, addresses, session ids, versions) is masked; names, order, form, states and headers are compared.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { CreateMode } from "../../src/cli/client/create-mode.js";
import { ExitCode, FatalError } from "../../src/errors.js";
import { AdminWorld, bodyOf, statusOf } from "./world.js";

const golden = join(import.meta.dirname, "../../../test/admin/golden");

/** Values of these keys are a server's own. */
const OWN = new RegExp(
  `"(${[
    "version|timestamp|established|uptime|last_response_time|.*latency|packets_\\w+|.*_dir(_size)?|.*dir_size",
    "max_buffer_size|min_buffer_size|last_buffer_size|client_port|initial_configuration|last_zxid|last_cxid",
    "last_processed_zxid|last_operation|zxid",
  ].join("|")})" : .*?(,?)$`,
  "gm",
);

function normalized(line: string, answer: string): string {
  const text = answer.replaceAll("\r", "");
  const at = text.indexOf("\n\n");
  const head = text.slice(0, at).split("\n");
  const headers = head
    .slice(1)
    .filter(
      (header) =>
        !/^(Date|Server|Content-Length|Cache-Control|Content-Type: text\/html)/.test(header),
    )
    .map((header) => header.replace(/^(snapshot_size|last_zxid): .*/, "$1: OWN"))
    .sort();
  const status = Number(head[0]?.split(" ")[1]);
  let body = text.slice(at + 2).trimEnd();
  // A page of Jetty's.
  if (status >= 400 && body.startsWith("<html>")) body = "PAGE";
  body = body
    .replace(/\b(?:127\.0\.0\.1|10\.0\.0\.\d+):\d+/g, "ADDRESS")
    .replace(/\b\d{17,}\b/g, "SESSION")
    .replace(OWN, '"$1" : OWN$2')
    .replace(/^ {4}"\d+" : \[ \],?\n/gm, "")
    .replace(/^( {4})"\d{4,}" : /gm, '$1"TIME" : ');
  if (/mntr|env/.test(line)) {
    body = body
      .split("\n")
      .filter((one) => !one.includes("_per_namespace"))
      .map((one) => one.replace(/ : .*?,?$/, " : OWN"))
      .join("\n");
  }
  return [`### ${line}`, head[0], ...headers, "", body].join("\n");
}

test("HTTP commands answer what Java 3.9.5 answers", async () => {
  const world = new AdminWorld();
  await world.untilListening();
  const client = await world.client();
  await world.settle(client.create("/a", Buffer.from("hello")));
  await world.settle(client.create("/a/b", Buffer.from("x"), { mode: CreateMode.ephemeral }));
  await world.settle(client.create("/e", Buffer.alloc(0), { mode: CreateMode.ephemeral }));
  await world.settle(client.getData("/a/b", true));
  await world.settle(client.exists("/nope", true));

  const recorded = readFileSync(join(golden, "commands-java-3.9.5.txt"), "utf8");
  const byLine = new Map(
    recorded
      .split(/^### /m)
      .slice(1)
      .map((entry) => {
        const end = entry.indexOf("\n");
        return [entry.slice(0, end), entry.slice(end + 1)] as const;
      }),
  );
  const asked = readFileSync(join(golden, "asked.txt"), "utf8").trimEnd().split("\n");
  assert.equal(byLine.size, asked.length);
  for (const line of asked) {
    const [method, path = "", ...header] = line.split(" ");
    if (line.includes("digest x:y")) await world.sleep(1000);
    const answer = await world.ask([method, `/commands${path}`, ...header].join(" "));
    assert.equal(normalized(line, answer), normalized(line, byLine.get(line) ?? ""));
  }
});

test("A protected command is refused to whom the root's ACL does not let in", async () => {
  const world = new AdminWorld();
  await world.untilListening();
  const client = await world.client();
  const id = { scheme: "digest", id: "super:D/InIHSb7yEEbrWz8b9l71RjZJU=" };
  await world.settle(client.setACL("/", [{ perms: 31, id }]));
  const refused = await world.ask("GET /commands/snapshot Authorization: digest other:x");
  assert.equal(statusOf(refused), 403);
  assert.match(bodyOf(refused), /"error" : "Not authorized"/);
  const allowed = await world.ask("GET /commands/snapshot Authorization: digest super:test");
  assert.equal(statusOf(allowed), 200);
});

test("A snapshot is streamed whole, and a second one at once is too soon", async () => {
  const world = new AdminWorld({ config: { "admin.rateLimiterIntervalInMS": 60_000_000 } });
  await world.untilListening();
  const client = await world.client();
  for (let index = 0; index < 20; index++) {
    await world.settle(client.create(`/n${index}`, Buffer.alloc(20_000, 120)));
  }
  const answer = await world.ask("GET /commands/snapshot Authorization: ip");
  assert.equal(statusOf(answer), 200);
  assert.match(answer, /^Content-Type: application\/octet-stream\r$/m);
  const size = Number(/^snapshot_size: (\d+)\r$/m.exec(answer)?.[1]);
  const body = bodyOf(answer);
  assert.equal(body.length, size);
  assert.ok(size > 400_000);
  assert.equal(body.slice(0, 4), "ZKSN");
  assert.match(answer, /^last_zxid: 0x15\r$/m);
  const again = await world.ask("GET /commands/snapshot Authorization: ip");
  assert.equal(statusOf(again), 429);
  assert.match(bodyOf(again), /"error" : null/);
  await world.sleep(61_000);
  assert.equal(statusOf(await world.ask("HEAD /commands/snapshot Authorization: ip")), 200);
});

test("A snapshot that is switched off is answered with 503", async () => {
  const world = new AdminWorld({ config: { "admin.snapshot.enabled": "false" } });
  await world.untilListening();
  const answer = await world.ask("GET /commands/snapshot Authorization: ip");
  assert.equal(statusOf(answer), 503);
  assert.equal(bodyOf(answer), '{\n  "command" : "snapshot",\n  "error" : null\n}');
});

test("Members of an ensemble tell who leads and who votes", async () => {
  const world = new AdminWorld({ members: 3, observers: 1 });
  await world.ensemble.untilServing(4);
  const leader = world.ensemble.leader!;
  const ask = async (path: string, name: string) =>
    JSON.parse(bodyOf(await world.ask(`GET /commands/${path}`, { name })));
  for (const { name, sid, isObserver } of world.ensemble.members) {
    const lead = await ask("leader", name);
    assert.deepEqual(
      [lead.is_leader, lead.leader_id, lead.leader_ip],
      [sid === leader.sid, leader.sid, leader.name],
    );
    const zab = await ask("zabstate", name);
    assert.deepEqual([zab.myid, zab.voting, zab.zabstate], [sid, !isObserver, "broadcast"]);
    const { current_config: view } = await ask("voting_view", name);
    assert.deepEqual(Object.keys(view), ["1", "2", "3"]);
    assert.equal(view[sid]?.client_address ?? "0.0.0.0:2181", "0.0.0.0:2181");
    const { synced_observers: count, observers } = await ask("observers", name);
    assert.equal(count, sid === leader.sid ? 1 : 0);
    assert.equal(observers.length, count);
  }
});

test("A server that looks for its ensemble says that it does not serve", async () => {
  const world = new AdminWorld({ members: 3 });
  world.ensemble.member(2).kill();
  world.ensemble.member(3).kill();
  await world.untilListening();
  const stat = await world.ask("GET /commands/stat");
  const text = "This ZooKeeper instance is not currently serving requests";
  assert.equal(bodyOf(stat), `{\n  "command" : "stat",\n  "error" : "${text}"\n}`);
  const { server_state: state } = JSON.parse(bodyOf(await world.ask("GET /commands/mntr")));
  assert.equal(state, "leaderelection");
});

test("A lone server that cannot listen for commands ends with code 4; a member goes on without", async () => {
  const alone = new AdminWorld({ config: { "admin.serverAddress": "10.9.9.9" } });
  const [member] = alone.ensemble.members;
  await alone.ensemble.world.runUntil(() => member!.exits.length > 0, 60_000);
  const { error } = member!.exits[0]!;
  assert.ok(error instanceof FatalError);
  assert.equal(error.exitCode, ExitCode.errorStartingAdminServer);
  assert.equal(
    error.message,
    "Problem starting AdminServer on address 10.9.9.9, port 8080 and command URL /commands",
  );

  const three = new AdminWorld({ members: 3, config: { "admin.serverAddress": "10.9.9.9" } });
  await three.ensemble.untilServing(3);
  assert.deepEqual(
    three.ensemble.members.map(({ exits }) => exits.length),
    [0, 0, 0],
  );
});

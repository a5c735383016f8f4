import assert from "node:assert/strict";
import { test } from "node:test";
import { NOT_SERVING } from "../../src/client/words/answer.js";
import { enabledWords, WORDS } from "../../src/client/words/whitelist.js";
import { TEXT_CHUNK_BYTES } from "../../src/limits.js";
import type { Watcher } from "../../src/tree/watches.js";
import { FULL_VERSION } from "../../src/version.js";
import { PING, SETTINGS, TestDoor } from "./helper.js";

const STMK = Buffer.from("73746d6b0000000000000133", "hex");

test("FULL_VERSION is what agents look for in srvr and stat", async () => {
  const door = new TestDoor();
  for (const word of ["srvr", "stat"]) {
    const found = /Zookeeper version: (\d+\.\d+\.\d+)/.exec(await door.ask(word));
    assert.equal(found?.[1], "3.9.5");
  }
  assert.match(FULL_VERSION, /^3\.9\.5-zooid-\S+, built on \d{4}-\d\d-\d\d \d\d:\d\d UTC$/);
});

test("Words that are not in the whitelist are not executed", async () => {
  const door = new TestDoor({ fourLetterWordWhitelist: ["ruok", " stat "] });
  assert.equal(await door.ask("ruok"), "imok");
  assert.match(await door.ask("stat"), /^Zookeeper version/);
  assert.match(await door.ask("srvr"), /^Zookeeper version/, "srvr always is");
  for (const word of WORDS) {
    if (["ruok", "stat", "srvr"].includes(word)) continue;
    const asked = word === "stmk" ? STMK : word;
    assert.equal(
      await door.ask(asked),
      `${word} is not executed because it is not in the whitelist.\n`,
    );
  }
  assert.equal(
    await door.ask(Buffer.from("fff4fffd", "hex")),
    "telnet close is not executed because it is not in the whitelist.\n",
  );
});

test("enabledWords knows the star, and adds what ZooKeeper itself asks", () => {
  const words = (whitelist: string[], readonlymodeEnabled = false) =>
    [...enabledWords({ fourLetterWordWhitelist: whitelist, readonlymodeEnabled })].sort();
  assert.deepEqual(words(["srvr"]), ["srvr"]);
  assert.deepEqual(words([]), ["srvr"]);
  assert.deepEqual(words(["mntr", "", "nope"]), ["mntr", "nope", "srvr"]);
  assert.deepEqual(words(["srvr"], true), ["isro", "srvr"]);
  assert.equal(words(["mntr", "*"]).length, WORDS.length + 1);
});

test("A server that does not serve answers only words that need no server", async () => {
  const door = new TestDoor();
  door.port.takesClients = false;
  assert.equal(await door.ask("ruok"), "imok");
  assert.equal(await door.ask("isro"), "null");
  assert.equal(await door.ask("gtmk"), "306");
  assert.equal(await door.ask(STMK), "307");
  assert.equal(await door.ask("gtmk"), "307");
  assert.match(await door.ask("envi"), /^Environment:\nzookeeper\.version=3\.9\.5/);
  for (const word of WORDS) {
    if (["ruok", "isro", "gtmk", "stmk", "envi"].includes(word)) continue;
    // Java forgets the end of the line for `hash` alone.
    assert.equal(await door.ask(word), word === "hash" ? NOT_SERVING : `${NOT_SERVING}\n`);
  }
});

test("A read-only server says so", async () => {
  const door = new TestDoor();
  door.port.readOnly = true;
  door.port.serverState = "read-only";
  assert.equal(await door.ask("isro"), "ro");
  assert.match(
    await door.ask("srvr"),
    /^Zookeeper version: .*\nREAD-ONLY mode; serving only read-only clients\nLatency/,
  );
});

test("A leader tells of its proposals and of its part in the ensemble", async () => {
  const door = new TestDoor();
  door.port.serverState = "leader";
  door.port.peerState = "leading - broadcast";
  door.port.proposalStats = () => ({ last: 32, min: 30, max: 48 }) as never;
  door.port.conf = { values: [["serverId", 1]], membership: "server.1=a:1:2\nversion=0" };
  assert.match(
    await door.ask("srvr"),
    /\nMode: leader\nNode count: 5\nProposal sizes last\/min\/max: 32\/30\/48\n$/,
  );
  assert.match(
    await door.ask("mntr"),
    /\tleader\nzk_peer_state\tleading - broadcast\nzk_ephemerals_count\t0\n/,
  );
  assert.equal(await door.ask("conf"), "serverId=1\nmembership: \nserver.1=a:1:2\nversion=0");
});

test("A learner dumps the sessions it knows with their time-outs", async () => {
  const door = new TestDoor();
  door.port.dump = { kind: "global", sessions: [[0x100n as never, 30_000]] };
  assert.match(
    await door.ask("dump"),
    /^SessionTracker dump:\nGlobal Sessions\(1\):\n0x100\t30000ms\nephemeral nodes dump:\nSessions with Ephemerals \(0\):\nConnections dump:\nConnections Sets \(1\)\/\(1\):\n1 expire at /,
  );
});

test("hash prints zxid and digest", async () => {
  assert.equal(await new TestDoor().ask("hash"), "80: 1371985504\n");
});

test("A word is answered however it is cut, and whatever follows it", async () => {
  for (const chunks of [
    ["r", "u", "o", "k"],
    ["ru", "ok\r\n"],
    ["ruok and more bytes"],
    ["ruok", "x"],
  ]) {
    const door = new TestDoor();
    const client = door.connect();
    await client.send(...chunks.map((chunk) => Buffer.from(chunk)));
    assert.equal(client.received().toString(), "imok");
    assert.equal(client.connection.ending, "ended");
  }
});

test("stmk wants its mask at once, or costs the connection; not in the whitelist it says so", async () => {
  for (let length = 4; length < STMK.length; length++) {
    const door = new TestDoor();
    const client = door.connect();
    await client.send(STMK.subarray(0, length));
    assert.equal(client.received().length, 0);
    assert.equal(client.connection.ending, "destroyed");
  }
  const door = new TestDoor({ fourLetterWordWhitelist: [] });
  assert.match(await door.ask("stmk"), /^stmk is not executed/);
});

test("A client that closes its side right after the word gets its answer", async () => {
  const door = new TestDoor();
  const client = door.connect();
  client.sendNow(Buffer.from("ruok"));
  client.connection.handler!.onEnd();
  door.clock.settle();
  assert.equal(client.received().toString(), "imok");
  assert.equal(client.connection.ending, "ended");
});

test("Four bytes that are no word are a length, and telnet's farewell is one when it is allowed", async () => {
  for (const bytes of [Buffer.from("RUOK"), Buffer.from("abcd"), Buffer.from("fff4fffd", "hex")]) {
    const door = new TestDoor();
    const client = door.connect();
    await client.send(bytes);
    assert.equal(client.received().length, 0);
    assert.equal(client.connection.ending, "destroyed");
    assert.match(door.lines("warn")[0]!, /Len error\. A message from/);
  }
});

test("A word is no word any more once a session is open", async () => {
  const door = new TestDoor();
  const client = await door.openSession();
  await client.send(Buffer.from("ruok"));
  assert.equal(client.received().length, 0);
  assert.equal(client.connection.ending, "destroyed");
});

test("crst and srst reset what cons, srvr and mntr tell", async () => {
  const door = new TestDoor();
  const client = await door.openSession();
  await client.send(PING);
  assert.match(
    await door.ask("cons"),
    / \/127\.0\.0\.1:50000\[1\]\(queued=0,recved=2,sent=2,sid=0x100000000000001,lop=PING,/,
  );
  assert.equal(await door.ask("crst"), "Connection stats reset.\n");
  assert.match(
    await door.ask("cons"),
    /recved=0,sent=0,sid=0x100000000000001,lop=NA,.*,lzxid=0xffffffffffffffff,lresp=0,llat=0,/,
  );
  assert.equal(await door.ask("srst"), "Server stats reset.\n");
  assert.match(await door.ask("srvr"), /Latency min\/avg\/max: 0\/0\.0\/0\nReceived: 1\nSent: 1\n/);
  assert.match(await door.ask("mntr"), /\nzk_connection_request_count\t0\n/);
});

test("A long answer is sent in pieces, between which others are served", async () => {
  const door = new TestDoor();
  const watchers = Array.from({ length: 10_000 }, (_, at) => ({
    sessionId: BigInt(at + 1),
  })) as unknown as Watcher[];
  door.port.watches = watchers.map((watcher, at) => [
    `/a/rather/long/path/number/${at}`,
    [watcher],
  ]);
  const client = await door.openSession();
  const asker = door.connect();
  asker.sendNow(Buffer.from("wchc"));
  let pingsDuringAnswer = 0;
  while (!asker.isClosed) {
    client.sendNow(PING);
    door.clock.endTurn();
    if (!asker.isClosed) pingsDuringAnswer += client.replies().length;
  }
  for (const piece of asker.connection.written) assert.ok(piece.length < TEXT_CHUNK_BYTES + 100);
  const text = asker.received().toString();
  assert.ok(text.startsWith("0x1\n\t/a/rather/long/path/number/0\n0x2\n"));
  assert.ok(text.endsWith("0x2710\n\t/a/rather/long/path/number/9999\n\n"));
  assert.ok(pingsDuringAnswer >= 5, `${pingsDuringAnswer} pings were answered meanwhile`);
});

test("A long answer waits for a client that does not read, and ends with it", async () => {
  const door = new TestDoor();
  const watcher = { sessionId: 1n } as unknown as Watcher;
  door.port.watches = Array.from({ length: 10_000 }, (_, at) => [`/long/path/${at}`, [watcher]]);
  const asker = door.connect();
  asker.connection.isStuck = true;
  await asker.send(Buffer.from("wchp"));
  assert.equal(asker.connection.writes, 1);
  asker.connection.drain();
  assert.equal(asker.connection.ending, "ended");
  const stuck = door.connect();
  stuck.connection.isStuck = true;
  await stuck.send(Buffer.from("wchp"));
  door.clock.advance(2 * SETTINGS.nioSessionlessCnxnTimeoutMs);
  assert.equal(stuck.connection.ending, "destroyed");
  assert.equal(door.door.connectionCount, 0);
});

test("cons prints IPv6 addresses as Java does", async () => {
  const door = new TestDoor();
  door.connect("::1");
  assert.match(
    await door.ask("cons"),
    /^ \/\[0:0:0:0:0:0:0:1\]:50000\[1\]\(queued=0,recved=0,sent=0\)\n/,
  );
});

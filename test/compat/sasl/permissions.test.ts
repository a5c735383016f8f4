// Who may do what: every scheme in an ACL, every permission, every kind of client, every operation; and who is told what by
// watches. Java 3.9.5 and Zooid must give the same answer to each of some ten thousand questions.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { peerTest, type ServerKind } from "../peers.js";
import { ask, must, SUPER_DIGEST } from "../raw/client.js";
import { RawConnection } from "../raw/connection.js";
import {
  type Acl,
  acl,
  addWatch,
  auth,
  check,
  checkWatches,
  create,
  create2,
  createContainer,
  createTtl,
  exists,
  getAcl,
  getAllChildrenNumber,
  getChildren,
  getChildren2,
  getData,
  getEphemerals,
  Mode,
  multi,
  multiRead,
  OPEN,
  ping,
  type Request,
  reconfig,
  remove,
  removeWatches,
  setAcl,
  setData,
  setWatches,
  sync,
  whoAmI,
} from "../raw/requests.js";
import { newDirectory, type RunningServer, startServer } from "../server-process.js";
import { JAAS, saslAs } from "./digest-attempts.js";

const PERSISTENT = 0;
const RECURSIVE = 1;
const ANY_WATCHER = 3;

const digestOf = (secret: string): string =>
  `${secret.split(":")[0]}:${createHash("sha1").update(secret).digest("base64")}`;

/** Whom an ACL's entry means. */
const ENTRIES: Readonly<Record<string, readonly [scheme: string, id: string]>> = {
  anyone: ["world", "anyone"],
  alice: ["digest", digestOf("alice:a")],
  bob: ["sasl", "bob"],
  here: ["ip", "127.0.0.1"],
  network: ["ip", "127.0.0.0/8"],
  elsewhere: ["ip", "10.0.0.0/8"],
  super: ["digest", digestOf("super:test")],
};

const PERMISSIONS: Readonly<Record<string, number>> = {
  nothing: 0,
  read: 1,
  write: 2,
  create: 4,
  delete: 8,
  admin: 16,
  all: 31,
  "all but read": 30,
  "all but admin": 15,
};

/** What a client has shown to be before it asks. */
const CLIENTS: Readonly<Record<string, (connection: RawConnection) => Promise<void>>> = {
  nobody: async () => {},
  alice: async (connection) => void (await must(connection, auth("digest", "alice:a"))),
  "alice by another password": async (connection) =>
    void (await must(connection, auth("digest", "alice:b"))),
  bob: (connection) => saslAs(connection, "bob", "bobsecret"),
  "bob and alice": async (connection) => {
    await saslAs(connection, "bob", "bobsecret");
    await must(connection, auth("digest", "alice:a"));
  },
  "super by digest": async (connection) =>
    void (await must(connection, auth("digest", "super:test"))),
  "super by sasl": (connection) => saslAs(connection, "root", "r"),
};

/** In this order on a node with a child, which each finds as the one before has left it. */
function questions(path: string, list: readonly Acl[]): Request[] {
  const child = `${path}/child`;
  return [
    whoAmI(),
    exists(path),
    exists(`${path}/none`),
    getData(path),
    getChildren(path),
    getChildren2(path),
    getAllChildrenNumber(path),
    getAcl(path),
    sync(path),
    getData(child),
    multiRead(getData(path), getChildren(path), getData(child)),
    multi(check(path, -1)),
    setData(path, "changed"),
    multi(setData(path, "changed")),
    create(`${path}/new`),
    create2(`${path}/new2`),
    createContainer(`${path}/container`),
    createTtl(`${path}/ttl`, "", 100_000),
    create(`${path}/ephemeral`, "", OPEN, Mode.ephemeral),
    multi(create(`${path}/multi`), remove(`${path}/multi`)),
    create(`${path}/mine`, "", [acl("auth", "")]),
    getEphemerals(path),
    addWatch(path, PERSISTENT),
    addWatch(path, RECURSIVE),
    checkWatches(path, ANY_WATCHER),
    removeWatches(path, ANY_WATCHER),
    setWatches(1n << 40n, [path], [`${path}/none`], [path]),
    remove(child),
    remove(path),
    setAcl(path, list),
    setAcl(path, [acl("auth", "")]),
    getAcl(path),
    reconfig(null, null, null, -1),
    ping(),
  ];
}

const NO_STAT = 68;

/** Of an answer what does not depend on time and zxids. */
function shown(request: Request, error: number, body: Buffer): string {
  const name = request.label.split(" ")[0];
  if (error !== 0) return `${name} ${error}`;
  if (name === "getACL") return `${name} ${body.toString("latin1", 0, body.length - NO_STAT)}`;
  if (name === "whoAmI" || name === "getEphemerals") return `${name} ${body.toString("latin1")}`;
  if (name === "multi" || name === "multiRead") return `${name} ${errorsIn(body)}`;
  return `${name} 0`;
}

/** The errors of a multi that failed: {type, done, err} of each; what has succeeded is as long as it is. */
function errorsIn(body: Buffer): string {
  const errors: number[] = [];
  for (let at = 0; at + 9 <= body.length && body.readInt32BE(at) === -1 && body[at + 4] === 0; ) {
    errors.push(body.readInt32BE(at + 5));
    at += 13;
  }
  return errors.length === 0 ? `${body.length} bytes` : errors.join(" ");
}

async function start(kind: ServerKind): Promise<RunningServer> {
  const directory = newDirectory(kind);
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, "jaas.conf"), JAAS);
  return startServer(kind, {
    directory,
    cfg: {
      "authProvider.1": "org.apache.zookeeper.server.auth.SASLAuthenticationProvider",
      "DigestAuthenticationProvider.superDigest": SUPER_DIGEST,
      superUser: "root",
      extendedTypesEnabled: "true",
    },
    properties: { "java.security.auth.login.config": join(directory, "jaas.conf") },
  });
}

async function open(port: number, client: string): Promise<RawConnection> {
  const connection = await RawConnection.open(port);
  await connection.establish({ timeoutMs: 40_000 });
  await CLIENTS[client]!(connection);
  return connection;
}

/** At once: they are answered in their order. */
async function askAll(connection: RawConnection, requests: readonly Request[]): Promise<string[]> {
  const xids = requests.map((request) => connection.request(request));
  const lines: string[] = [];
  while (lines.length < requests.length) {
    const reply = await connection.next();
    assert.ok(reply !== undefined, `The connection was closed after ${lines.at(-1)}`);
    if (reply.readInt32BE(0) === -1) continue;
    const request = requests[lines.length]!;
    assert.equal(reply.readInt32BE(0), xids[lines.length], request.label);
    lines.push(shown(request, reply.readInt32BE(12), reply.subarray(16)));
  }
  return lines;
}

async function answers(server: RunningServer): Promise<string[]> {
  const lines: string[] = [];
  const root = await open(server.port, "super by digest");
  await must(root, create("/m"));
  let node = 0;
  for (const [entry, [scheme, id]] of Object.entries(ENTRIES)) {
    for (const [permission, perms] of Object.entries(PERMISSIONS)) {
      for (const client of Object.keys(CLIENTS)) {
        const path = `/m/${node++}`;
        const list = [acl(scheme, id, perms)];
        await must(root, create(path, "x"));
        await must(root, create(`${path}/child`, "x", list));
        await must(root, setAcl(path, list));
        const connection = await open(server.port, client);
        const question = `${client} where ${entry} may ${permission}`;
        for (const answer of await askAll(connection, questions(path, list))) {
          lines.push(`${question}: ${answer}`);
        }
        await connection.destroy();
      }
    }
  }
  await root.destroy();
  return lines;
}

/** What each client is told of changes that a super user makes to nodes of all kinds. */
async function told(server: RunningServer): Promise<Record<string, string[]>> {
  const root = await open(server.port, "super by digest");
  await must(root, create("/w"));
  const paths = Object.keys(ENTRIES).map((entry) => `/w/${entry}`);
  for (const [entry, [scheme, id]] of Object.entries(ENTRIES)) {
    await must(root, create(`/w/${entry}`, "", [acl(scheme, id)]));
  }
  const watchers = new Map<string, RawConnection>();
  for (const client of Object.keys(CLIENTS)) {
    const connection = await open(server.port, client);
    watchers.set(client, connection);
    await must(connection, addWatch("/w", RECURSIVE));
    for (const path of paths) {
      await ask(connection, addWatch(path, PERSISTENT));
      await ask(connection, getData(path, true));
      await ask(connection, getChildren(path, true));
      await ask(connection, exists(`${path}/later`, true));
    }
  }
  for (const [entry, [scheme, id]] of Object.entries(ENTRIES)) {
    const path = `/w/${entry}`;
    await must(root, setData(path, "1"));
    await must(root, create(`${path}/later`, "", [acl(scheme, id)]));
    await must(root, create(`${path}/open`));
    await must(root, setData(`${path}/open`, "1"));
    await must(root, setAcl(`${path}/open`, [acl("digest", "no:body")]));
    await must(root, setData(`${path}/open`, "2"));
    await must(root, remove(`${path}/later`));
    await must(root, remove(`${path}/open`));
    await must(root, remove(path));
  }
  const heard: Record<string, string[]> = {};
  for (const [client, connection] of watchers) {
    const events: string[] = [];
    const xid = connection.request(sync("/"));
    for (;;) {
      const frame = await connection.next();
      assert.ok(frame !== undefined);
      if (frame.readInt32BE(0) === xid) break;
      // Notification: header, type, state, path.
      events.push(`${frame.readInt32BE(16)} ${frame.toString("utf8", 28)}`);
    }
    heard[client] = events;
    await connection.destroy();
  }
  await root.destroy();
  return heard;
}

peerTest(
  "Everybody may do what Java lets him do, and nothing else",
  ["java39", "zooid"],
  async () => {
    const [theirs, ours] = await Promise.all(
      (["java39", "zooid"] as const).map(async (kind) => {
        const server = await start(kind);
        try {
          return { answers: await answers(server), told: await told(server) };
        } finally {
          await server.discard();
        }
      }),
    );
    const wrong = theirs!.answers.flatMap((line, i) =>
      line === ours!.answers[i] ? [] : [`Java:  ${line}\nZooid: ${ours!.answers[i]}`],
    );
    assert.deepEqual(wrong.slice(0, 20), []);
    assert.equal(ours!.answers.length, theirs!.answers.length);
    assert.ok(ours!.answers.length > 10_000);
    assert.deepEqual(ours!.told, theirs!.told);
    assert.ok(Object.values(ours!.told).every((events) => events.length > 5));
  },
);

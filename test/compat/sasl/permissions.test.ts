// Who may do what: every scheme in an ACL, every permission, every kind of client, every operation; who is told what by
// watches; and who may reconfigure. Java 3.9.5 and Zooid must give the same answer to each of some twenty thousand questions.
//
// Each is an ensemble of one, whose client port takes TLS as well: so there are certificates, and a reconfig that is carried out.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connect } from "node:tls";
import { Authority } from "../certificates.js";
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
import { freePort, newDirectory, type RunningServer, startServer } from "../server-process.js";
import { JAAS, saslAs } from "./digest-attempts.js";

const NETTY = "org.apache.zookeeper.server.NettyServerCnxnFactory";
const CONFIG = "/zookeeper/config";

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
  carol: ["x509", "CN=carol,O=Zooid"],
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
  carol: async () => {},
  "super by certificate": async () => {},
};

/** Who connects by TLS, with a certificate for whom. */
const CERTIFICATES: Readonly<Record<string, string>> = {
  carol: "carol",
  "super by certificate": "boss",
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

interface World {
  readonly server: RunningServer;
  readonly authority: Authority;
}

async function start(kind: ServerKind, authority: Authority): Promise<World> {
  const directory = newDirectory(kind);
  mkdirSync(join(directory, "data"), { recursive: true });
  writeFileSync(join(directory, "jaas.conf"), JAAS);
  writeFileSync(join(directory, "data/myid"), "1\n");
  const server = await startServer(kind, {
    directory,
    cfg: {
      "server.1": `127.0.0.1:${await freePort()}:${await freePort()}:participant`,
      standaloneEnabled: "false",
      reconfigEnabled: "true",
      initLimit: 10,
      syncLimit: 5,
      "authProvider.1": "org.apache.zookeeper.server.auth.SASLAuthenticationProvider",
      "DigestAuthenticationProvider.superDigest": SUPER_DIGEST,
      "X509AuthenticationProvider.superUser": "CN=boss,O=Zooid",
      superUser: "root",
      extendedTypesEnabled: "true",
      "client.portUnification": "true",
      // Without it Java has no scheme x509.
      secureClientPort: await freePort(),
      "ssl.clientAuth": "want",
      ...authority.settings("ssl.", authority.issue("server"), "pem"),
      ...(kind === "zooid" ? {} : { serverCnxnFactory: NETTY }),
    },
    properties: { "java.security.auth.login.config": join(directory, "jaas.conf") },
  });
  return { server, authority };
}

async function open({ server, authority }: World, client: string): Promise<RawConnection> {
  const name = CERTIFICATES[client];
  const connection =
    name === undefined
      ? await RawConnection.open(server.port)
      : await openSecurely(server.port, authority, name);
  await connection.establish({ timeoutMs: 40_000 });
  await CLIENTS[client]!(connection);
  return connection;
}

function openSecurely(port: number, authority: Authority, name: string): Promise<RawConnection> {
  const { key, certificate } = authority.issue(name);
  const [ca, cert, secret] = [authority.trust("pem"), certificate, key].map((file) =>
    readFileSync(file),
  );
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", ca, cert, key: secret });
    socket.once("error", reject);
    socket.once("secureConnect", () => resolve(RawConnection.over(socket)));
  });
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

async function answers(world: World): Promise<string[]> {
  const lines: string[] = [];
  const root = await open(world, "super by digest");
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
        const connection = await open(world, client);
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

/** Who may see the configuration, and who may change it (without changing anything), by what /zookeeper/config says. */
async function reconfigurations(world: World): Promise<string[]> {
  const lines: string[] = [];
  const root = await open(world, "super by digest");
  for (const [entry, [scheme, id]] of Object.entries(ENTRIES)) {
    for (const permission of ["read", "write"]) {
      const list = [acl(scheme, id, PERMISSIONS[permission])];
      await must(root, setAcl(CONFIG, list));
      for (const client of Object.keys(CLIENTS)) {
        const connection = await open(world, client);
        const asked = [
          getData(CONFIG),
          reconfig(null, "99", null, -1),
          reconfig(null, "99", null, 2 ** 50),
          reconfig("server.1=nonsense", null, null, -1),
          setData(CONFIG, "x"),
          remove(CONFIG),
          setAcl(CONFIG, list),
        ];
        // One at a time: whether a reconfig is still under way is not the question.
        for (const request of asked) {
          const [answer] = await askAll(connection, [request]);
          lines.push(`${client} where ${entry} may ${permission} the configuration: ${answer}`);
        }
        await connection.destroy();
      }
    }
  }
  await root.destroy();
  return lines;
}

/** What each client is told of changes that a super user makes to nodes of all kinds. */
async function told(world: World): Promise<Record<string, string[]>> {
  const root = await open(world, "super by digest");
  await must(root, create("/w"));
  const paths = Object.keys(ENTRIES).map((entry) => `/w/${entry}`);
  for (const [entry, [scheme, id]] of Object.entries(ENTRIES)) {
    await must(root, create(`/w/${entry}`, "", [acl(scheme, id)]));
  }
  const watchers = new Map<string, RawConnection>();
  for (const client of Object.keys(CLIENTS)) {
    const connection = await open(world, client);
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
  ["java39", "zooid", "openssl"],
  async () => {
    const authority = new Authority();
    const [theirs, ours] = await Promise.all(
      (["java39", "zooid"] as const).map(async (kind) => {
        const world = await start(kind, authority);
        try {
          const all = [...(await answers(world)), ...(await reconfigurations(world))];
          return { answers: all, told: await told(world) };
        } catch (error) {
          const log = world.server.log().split("\n").slice(-30).join("\n");
          throw new Error(`${kind}: ${(error as Error).message}\n${log}`, { cause: error });
        } finally {
          await world.server.discard();
        }
      }),
    );
    authority.discard();
    const wrong = theirs!.answers.flatMap((line, i) =>
      line === ours!.answers[i] ? [] : [`Java:  ${line}\nZooid: ${ours!.answers[i]}`],
    );
    assert.deepEqual(wrong.slice(0, 20), []);
    assert.equal(ours!.answers.length, theirs!.answers.length);
    assert.ok(ours!.answers.length > 20_000);
    assert.deepEqual(ours!.told, theirs!.told);
    assert.ok(Object.values(ours!.told).every((events) => events.length > 5));
  },
);

// The real platform: the contract, and what only real sockets and files can show.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import * as net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { ALIGNED_BYTES } from "../../src/platform/cache-use.js";
import { createNodePlatform, type NodePlatformOptions } from "../../src/platform/node/platform.js";
import { TcpConnection } from "../../src/platform/node/tcp-connection.js";
import { NetworkError } from "../../src/platform/platform.js";
import { CONNECTION_CONTRACTS, type Subject, testContract } from "./contract.js";
import { connect, listen, type Peer } from "./peer.js";

async function withNodeSubject(
  run: (subject: Subject) => Promise<void>,
  options: NodePlatformOptions = {},
): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "zooid-platform-"));
  const platform = createNodePlatform({ log: { level: "OFF" }, ...options });
  try {
    await run({ platform, directory, wait: (promise) => promise });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

testContract("node", withNodeSubject);
testContract(
  "node without handles",
  (run) => withNodeSubject(run, { withoutHandles: true }),
  CONNECTION_CONTRACTS,
);

test("connections are without net.Socket where they can be [node]", () =>
  withNodeSubject(async (subject) => {
    const listening = await listen(subject);
    const client = await connect(subject, listening.port);
    const server = await listening.accepted();
    assert.ok(server.connection instanceof TcpConnection);
    assert.ok(client.connection instanceof TcpConnection);
    client.connection.destroy();
    await server.until(() => server.count("end") > 0);
    server.connection.end();
    await server.untilClosed();
    await listening.close();
  }));

test("a client that shuts down its side still gets the answer [node]", () =>
  withNodeSubject(async (subject) => {
    const listening = await listen(subject);
    const client = net.connect({ port: listening.port, host: "127.0.0.1", allowHalfOpen: true });
    client.end("ruok");
    const server = await listening.accepted();
    await server.until(() => server.count("end") > 0);
    assert.equal(server.received.toString(), "ruok");
    server.connection.write(Buffer.from("imok"));
    server.connection.end();
    const answer: Buffer[] = [];
    for await (const chunk of client) answer.push(chunk as Buffer);
    assert.equal(Buffer.concat(answer).toString(), "imok");
    await server.untilClosed();
    assert.equal(server.closeError, undefined);
    await listening.close();
  }));

test("an answer reaches a client whose last bytes were never read [node]", () =>
  withNodeSubject(async (subject) => {
    const listening = await listen(subject);
    const client = net.connect({ port: listening.port, host: "127.0.0.1", allowHalfOpen: true });
    client.write("request");
    const server = await listening.accepted();
    await server.until(() => server.received.length > 0);
    // These cross the server's end on their way: closing at once would answer them with a reset.
    client.write(Buffer.alloc(200_000));
    const answer = Buffer.alloc(500_000, "a");
    server.connection.write(answer);
    server.connection.end();
    let length = 0;
    for await (const chunk of client) length += (chunk as Buffer).length;
    assert.equal(length, answer.length);
    client.end();
    await server.untilClosed();
    assert.equal(server.received.length, "request".length);
    await listening.close();
  }));

test("a reset by the peer closes the connection with ECONNRESET [node]", () =>
  withNodeSubject(async (subject) => {
    const listening = await listen(subject);
    const client = net.connect({ port: listening.port, host: "127.0.0.1" });
    client.on("error", () => {});
    const server = await listening.accepted();
    client.resetAndDestroy();
    await server.untilClosed();
    assert.ok(server.closeError instanceof NetworkError);
    assert.equal(server.closeError.code, "ECONNRESET");
    await listening.close();
  }));

test("what arrived for several connections is delivered before the turn ends [node]", () =>
  withNodeSubject(async (subject) => {
    const listening = await listen(subject);
    const clients: Peer[] = [];
    const servers: Peer[] = [];
    for (let i = 0; i < 10; i++) {
      clients.push(await connect(subject, listening.port));
      servers.push(await listening.accepted());
    }
    const order: string[] = [];
    const { clock } = subject.platform;
    const isOver = new Promise<void>((resolve) => {
      for (const server of servers) {
        server.whenData = () => {
          order.push("data");
          if (order.length > 1) return;
          clock.atTurnEnd(() => {
            order.push("end of turn");
            resolve();
          });
        };
      }
    });
    for (const client of clients) client.connection.write(Buffer.from("x"));
    // Before the loop looks again all of them are readable: the loopback interface takes a moment at most.
    setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50));
    await isOver;
    assert.deepEqual(order, [...Array(10).fill("data"), "end of turn"]);
    for (const peer of [...clients, ...servers]) peer.connection.destroy();
    await listening.close();
  }));

/** Listens, tells its port, and never accepts: its loop stands still. */
const DEAF_SERVER = `
  const server = require("node:net").createServer().listen(0, "127.0.0.1", 1, () => {
    require("node:fs").writeSync(1, String(server.address().port));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });`;

test("connect() gives up after its time with ETIMEDOUT [node]", { timeout: 60_000 }, () =>
  withNodeSubject(async (subject) => {
    const deaf = spawn(process.execPath, ["-e", DEAF_SERVER], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const port = Number(await new Promise((resolve) => deaf.stdout.once("data", resolve)));
    const attempt = (): Promise<NetworkError | undefined> =>
      new Promise((resolve) => {
        const target = { host: "127.0.0.1", port };
        subject.platform.network.connect(target, { timeoutMs: 50 }, (error, connection) => {
          connection?.destroy();
          resolve(error);
        });
      });
    // The kernel takes a few into its queue; then it answers no more.
    let error: NetworkError | undefined;
    while (error === undefined) error = await attempt();
    deaf.kill("SIGKILL");
    assert.equal(error.code, "ETIMEDOUT");
    assert.match(error.message, /no answer in 50 ms \(ETIMEDOUT\)$/);
  }),
);

function isDirect(fd: number): boolean {
  const flags = /flags:\s+(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "utf8"));
  return (Number.parseInt(flags?.[1] ?? "", 8) & constants.O_DIRECT) !== 0;
}

test(
  "what is to avoid the cache is written past it, from aligned memory [node]",
  { skip: process.platform !== "linux" },
  (context) =>
    withNodeSubject(async ({ platform: { disk }, directory }) => {
      if (!mayBeDirect(`${directory}/asked`)) {
        context.skip("The file system does not know O_DIRECT");
        return;
      }
      const path = `${directory}/direct`;
      const file = await disk.openForWriting(path, "create");
      const bytes = disk.alignedBuffer(4 * ALIGNED_BYTES).fill("x");
      for (let at = 0; at < 8 * bytes.length; at += bytes.length) {
        await new Promise<void>((resolve, reject) => {
          file.write(at, bytes, () => {}, "avoided");
          file.sync((error) => (error ? reject(error) : resolve()));
        });
      }
      const mine = readdirSync("/proc/self/fd").filter((fd) => linkOf(fd) === path);
      assert.deepEqual(mine.map((fd) => isDirect(Number(fd))).sort(), [false, true]);
      await new Promise<void>((resolve) => file.close(() => resolve()));
    }),
);

function mayBeDirect(path: string): boolean {
  try {
    closeSync(openSync(path, constants.O_CREAT | constants.O_WRONLY | constants.O_DIRECT));
    return true;
  } catch {
    return false;
  }
}

/** What a descriptor stands for; undefined where it has just been closed. */
function linkOf(fd: string): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return undefined;
  }
}

test(
  "write() to a full device fails with ENOSPC [node]",
  { skip: process.platform !== "linux" },
  () =>
    withNodeSubject(async ({ platform }) => {
      const file = await platform.disk.openForWriting("/dev/full", "open");
      const error = await new Promise<{ code: string } | undefined>((resolve) => {
        file.write(0, Buffer.from("x"), resolve);
      });
      assert.equal(error?.code, "ENOSPC");
      await new Promise<void>((resolve) => file.close(() => resolve()));
    }),
);

test("an imagined disk agrees to everything and has nothing but the directories that were made [node]", () =>
  withNodeSubject(async ({ platform, directory }) => {
    const { disk } = platform.disk.imagined();
    assert.equal(disk.stat(directory), undefined);
    const real = `${directory}/real`;
    writeFileSync(real, "real");
    assert.throws(() => disk.readFile(real), { code: "ENOENT" });
    assert.throws(() => disk.openForReading(real), { code: "ENOENT" });
    assert.equal(disk.freeBytes(directory), undefined);
    rmSync(real);
    await disk.makeDirectories(`${directory}/made`);
    assert.equal(disk.stat(`${directory}/made`)?.kind, "directory");
    const path = `${directory}/made/file`;
    const file = await disk.openForWriting(path, "create");
    const asked = (call: (done: (error?: Error) => void) => void) =>
      new Promise<Error | undefined>((resolve) => call(resolve));
    const page = disk.alignedBuffer(2 * ALIGNED_BYTES);
    const answers = await Promise.all([
      asked((done) => file.truncate(64 * 1024, done)),
      asked((done) => file.write(0, page, done, "avoided")),
      asked((done) => file.write(page.length, page.subarray(0, 100), done)),
      asked((done) => file.sync(done)),
    ]);
    assert.deepEqual(answers, [undefined, undefined, undefined, undefined]);
    await disk.rename(path, `${path}.new`);
    await disk.syncDirectory(directory);
    await disk.remove(`${path}.new`);
    assert.equal(await asked((done) => file.close(done)), undefined);
    assert.deepEqual(disk.readDirectory(`${directory}/made`), []);
    assert.deepEqual(readdirSync(directory), []);
  }));

test("an imagined disk that has stalled answers nothing any more [node]", () =>
  withNodeSubject(async ({ platform }) => {
    const { disk, stall } = platform.disk.imagined();
    const file = await disk.openForWriting("/file", "create");
    stall();
    let isAnswered = false;
    file.sync(() => {
      isAnswered = true;
    });
    // What would have answered has had its turn when another imagined disk has.
    await platform.disk.imagined().disk.syncDirectory("/");
    assert.equal(isAnswered, false);
  }));

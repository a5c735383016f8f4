// Mutated and random frames, handshakes and four-letter words against one running server, by several clients at once.
//
// What must hold: the server lives, says nothing of an unexpected error, serves the next client rightly, and does not
// grow. What was created by accident is cleared away now and then, so that growth means something.

import { readFileSync } from "node:fs";
import { frame, int } from "../compat/raw/bytes.js";
import { RawConnection } from "../compat/raw/connection.js";
import {
  acl,
  auth,
  create,
  getChildren,
  getData,
  type Request,
  remove,
  setAcl,
} from "../compat/raw/requests.js";
import { type RunningServer, startServer } from "../compat/server-process.js";
import { Random } from "../faults/random.js";
import { requestFrame, strangeHandshake, strangeWord } from "./mutate.js";

export interface FuzzCampaign {
  readonly kind: "zooid" | "java39";
  readonly frames: number;
  readonly seed: number;
  readonly say?: (line: string) => void;
}

const CFG = {
  tickTime: 500,
  maxSessionTimeout: 3000,
  preAllocSize: 1024,
  "DigestAuthenticationProvider.superDigest": "super:D/InIHSb7yEEbrWz8b9l71RjZJU=",
  extendedTypesEnabled: "true",
};
const WORKERS = 6;
const CHECK_EVERY = 5000;
/** So long an unfinished frame waits to be refused: what is merely incomplete never is. */
const PATIENCE_MS = 50;
const PING = frame(int(-2), int(11));
/** Above what the server used after its first tenth of the frames. */
const GROWTH_ALLOWED_BYTES = 160 * 1024 * 1024;

export async function fuzz(campaign: FuzzCampaign): Promise<void> {
  const server = await startServer(campaign.kind, { cfg: CFG });
  const random = new Random(campaign.seed);
  let sent = 0;
  let firstBytes = 0;
  try {
    while (sent < campaign.frames) {
      const until = Math.min(campaign.frames, sent + CHECK_EVERY);
      const worker = async (own: Random) => {
        while (sent < until && server.isRunning) sent += await something(own, server.port);
      };
      const workers = Array.from({ length: WORKERS }, () =>
        worker(new Random(random.below(2 ** 31))),
      );
      await Promise.all(workers);
      await checkServer(server);
      const rss = residentBytes(server.pid);
      if (firstBytes === 0 && sent >= campaign.frames / 10) firstBytes = rss;
      const grown = firstBytes === 0 ? 0 : rss - firstBytes;
      campaign.say?.(`${sent} frames, ${Math.round(rss / 1e6)} MB`);
      if (grown > GROWTH_ALLOWED_BYTES) throw new Error(`The server has grown by ${grown} bytes`);
    }
    await server.stop();
    const { code } = await server.exited;
    if (campaign.kind === "zooid" && code !== 0) throw new Error(`It stopped with ${code}`);
  } catch (error) {
    const log = server.log().split("\n").slice(-30).join("\n");
    throw new Error(`${(error as Error).message} (seed ${campaign.seed})\n${log}`, {
      cause: error,
    });
  } finally {
    await server.discard();
  }
}

/** One connection's worth; returns how many frames that was. */
async function something(random: Random, port: number): Promise<number> {
  const connection = await RawConnection.open(port).catch(() => undefined);
  if (connection === undefined) return 0;
  try {
    const what = random.below(10);
    if (what < 7) return await inSession(random, connection);
    const bytes =
      what === 7
        ? strangeHandshake(random)
        : what === 8
          ? strangeWord(random)
          : random.bytes(1 + random.below(60));
    connection.send(bytes);
    connection.end();
    await connection.waitFor(() => false, PATIENCE_MS);
    return 1;
  } finally {
    await connection.destroy();
  }
}

async function inSession(random: Random, connection: RawConnection): Promise<number> {
  await connection.establish({ timeoutMs: 1000 }).catch(() => undefined);
  let frames = 0;
  for (let batch = 1 + random.below(40); batch > 0 && !connection.isClosed; batch--) {
    const parts: Buffer[] = [];
    let isOpenEnded = false;
    for (let i = 1 + random.below(20); i > 0 && !isOpenEnded; i--) {
      const made = requestFrame(random);
      parts.push(made.bytes);
      isOpenEnded = made.isOpenEnded;
      frames++;
    }
    const bytes = Buffer.concat([...parts, PING]);
    // Sometimes in two pieces, cut anywhere.
    const cut = random.below(2) === 0 ? bytes.length : random.below(bytes.length);
    connection.send(bytes.subarray(0, cut));
    if (cut < bytes.length) {
      await new Promise((resolve) => setImmediate(resolve));
      connection.send(bytes.subarray(cut));
    }
    if (isOpenEnded) {
      connection.end();
      await connection.waitFor(() => false, PATIENCE_MS);
      return frames;
    }
    await connection.waitFor(() => connection.frames.some(isPong), 2000);
    connection.frames.length = 0;
  }
  return frames;
}

const isPong = (reply: Buffer) => reply.length >= 4 && reply.readInt32BE(0) === -2;

/** The server is there, has met nothing that it did not expect, and does for the next client what it should. */
async function checkServer(server: RunningServer): Promise<void> {
  if (!server.isRunning) throw new Error("The server has ended");
  const unexpected = /^.*(uncaught|AssertionError|TypeError|RangeError|ReferenceError).*$/m.exec(
    server.log(),
  );
  if (unexpected && server.kind === "zooid") throw new Error(`It says: ${unexpected[0]}`);
  const connection = await RawConnection.open(server.port);
  try {
    await connection.establish({ timeoutMs: 3000 });
    const ask = (request: Request) => askOn(connection, request);
    await ask(auth("digest", "super:test"));
    await clear(ask, "/");
    const made = await ask(create("/served", "right"));
    const read = await ask(getData("/served"));
    const right = read.length > 25 && read.toString("utf8", 20, 25) === "right";
    if (made.readInt32BE(12) !== 0 || !right)
      throw new Error("The next client is not served rightly");
    await ask(remove("/served"));
  } finally {
    await connection.destroy();
  }
}

async function askOn(connection: RawConnection, request: Request): Promise<Buffer> {
  const xid = connection.request(request);
  for (;;) {
    const reply = await connection.next(10_000);
    if (reply === undefined) throw new Error(`The connection was closed at ${request.label}`);
    if (reply.readInt32BE(0) === xid) return reply;
  }
}

/** Removes what the frames have made, deepest first. Nodes of sessions that end meanwhile go by themselves. */
async function clear(ask: (request: Request) => Promise<Buffer>, path: string): Promise<void> {
  const reply = await ask(getChildren(path));
  if (reply.readInt32BE(12) !== 0) return;
  let position = 20;
  for (let i = reply.readInt32BE(16); i > 0; i--) {
    const length = reply.readInt32BE(position);
    const name = reply.toString("utf8", position + 4, position + 4 + length);
    position += 4 + length;
    const child = `${path === "/" ? "" : path}/${name}`;
    if (child === "/zookeeper" || child === "/zookeeper/config") continue;
    await clear(ask, child);
    if (child !== "/zookeeper/quota") await ask(remove(child));
  }
  if (path === "/") {
    await ask(setAcl("/", [acl("world", "anyone")]));
    await clear(ask, "/zookeeper");
  }
}

function residentBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024;
}

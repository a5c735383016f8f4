// What one client does to a client port, whatever it is connected by: sessions with mutated frames, strange handshakes, words;
// and what the next client is served.

import { frame, int } from "../compat/raw/bytes.js";
import type { RawConnection } from "../compat/raw/connection.js";
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
import type { Random } from "../faults/random.js";
import { type Frame, requestFrame, strangeHandshake, strangeWord } from "./mutate.js";
import { PATIENCE_MS } from "./throw.js";

const PING = frame(int(-2), int(11));

/** Of a server that such sessions are thrown at. */
export const CLIENT_CFG = {
  tickTime: 500,
  maxSessionTimeout: 3000,
  preAllocSize: 1024,
  "DigestAuthenticationProvider.superDigest": "super:D/InIHSb7yEEbrWz8b9l71RjZJU=",
  extendedTypesEnabled: "true",
};

/** Returns how many frames that was. */
export async function clientLife(random: Random, connection: RawConnection): Promise<number> {
  const what = random.below(10);
  if (what < 7) return inSession(random, connection, requestFrame);
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
}

/** A session, and batches of what `make` makes; after each the server must still answer a ping, or have hung up. */
export async function inSession(
  random: Random,
  connection: RawConnection,
  make: (random: Random) => Frame,
  pongMs = 2000,
): Promise<number> {
  await connection.establish({ timeoutMs: 1000 }).catch(() => undefined);
  let frames = 0;
  for (let batch = 1 + random.below(40); batch > 0 && !connection.isClosed; batch--) {
    const parts: Buffer[] = [];
    let isOpenEnded = false;
    for (let i = 1 + random.below(20); i > 0 && !isOpenEnded; i--) {
      const made = make(random);
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
    await connection.waitFor(() => connection.frames.some(isPong), pongMs);
    connection.frames.length = 0;
  }
  return frames;
}

const isPong = (reply: Buffer) => reply.length >= 4 && reply.readInt32BE(0) === -2;

/**
 * The next client gets what it should; what was created by accident is cleared away, so that growth means something. Its session
 * lasts three seconds, and a busy machine may stand still for longer: so it may come again.
 */
export async function checkServed(open: () => Promise<RawConnection>): Promise<void> {
  for (let tries = 1; ; tries++) {
    const connection = await open();
    try {
      await checkOnce(connection);
      return;
    } catch (error) {
      if (tries === 3 || !/was closed/.test((error as Error).message)) throw error;
    }
  }
}

async function checkOnce(connection: RawConnection): Promise<void> {
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
    const reply = await connection.next();
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

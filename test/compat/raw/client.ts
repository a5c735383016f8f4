// A raw connection that asks one thing at a time, and what can be asked of a whole tree with it.

import { RawConnection } from "./connection.js";
import { auth, closeSession, getAcl, getChildren, getData, type Request } from "./requests.js";

/** `super:test`, as the property DigestAuthenticationProvider.superDigest wants it. */
export const SUPER_DIGEST = "super:D/InIHSb7yEEbrWz8b9l71RjZJU=";

export interface Reply {
  readonly error: number;
  readonly zxid: bigint;
  readonly body: Buffer;
}

export async function ask(connection: RawConnection, request: Request): Promise<Reply> {
  const xid = connection.request(request);
  for (;;) {
    const reply = await connection.next();
    if (reply === undefined) throw new Error(`The connection was closed at ${request.label}`);
    if (reply.readInt32BE(0) !== xid) continue;
    return {
      error: reply.readInt32BE(12),
      zxid: reply.readBigInt64BE(4),
      body: reply.subarray(16),
    };
  }
}

/** As `ask`, for what must succeed. */
export async function must(connection: RawConnection, request: Request): Promise<Reply> {
  const reply = await ask(connection, request);
  if (reply.error !== 0) throw new Error(`${request.label} failed with ${reply.error}`);
  return reply;
}

export function namesIn(body: Buffer): string[] {
  const names: string[] = [];
  let position = 4;
  for (let i = body.readInt32BE(0); i > 0; i--) {
    const length = body.readInt32BE(position);
    names.push(body.toString("utf8", position + 4, position + 4 + length));
    position += 4 + length;
  }
  return names;
}

/** Every node with its data, its whole Stat and its ACL, as bytes: one line each, in order of path. */
export async function dumpTree(port: number): Promise<string[]> {
  const connection = await RawConnection.open(port);
  try {
    await connection.establish({ timeoutMs: 10_000 });
    await must(connection, auth("digest", "super:test"));
    const lines: string[] = [];
    const visit = async (path: string): Promise<void> => {
      const data = await must(connection, getData(path));
      const list = await must(connection, getAcl(path));
      const aclEnd = list.body.length - 68;
      lines.push(`${path} ${data.body.toString("hex")} ${list.body.toString("hex", 0, aclEnd)}`);
      const names = namesIn((await must(connection, getChildren(path))).body).sort();
      for (const name of names) await visit(`${path === "/" ? "" : path}/${name}`);
    };
    await visit("/");
    // Closed, not left to expire: whoever looks at zxids afterwards must not see that.
    await must(connection, closeSession());
    return lines;
  } finally {
    await connection.destroy();
  }
}

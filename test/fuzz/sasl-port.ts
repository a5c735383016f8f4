// SASL within clients' sessions: tokens of DIGEST-MD5, right, wrong, changed, or no tokens at all.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { RawConnection } from "../compat/raw/connection.js";
import { sasl } from "../compat/raw/requests.js";
import { ATTEMPTS, JAAS, responseTo } from "../compat/sasl/digest-attempts.js";
import { newDirectory, startServer } from "../compat/server-process.js";
import type { Random } from "../faults/random.js";
import type { Front } from "./campaign.js";
import { CLIENT_CFG, checkServed } from "./client-sessions.js";
import { mutate, requestFrame } from "./mutate.js";
import { withClient } from "./ports.js";

function token(random: Random, challenge: string): Buffer {
  const attempt = random.pick(ATTEMPTS);
  switch (random.below(8)) {
    case 0:
      return random.bytes(random.below(100));
    case 1:
      return Buffer.alloc(random.pick([0, 1, 4096, 4097, 100_000]), ",");
    case 2:
    case 3:
    case 4:
      return mutate(random, attempt.response ?? responseTo(challenge, attempt));
    default:
      return attempt.response ?? responseTo(challenge, attempt);
  }
}

/** Exchanges until the server hangs up; other requests in between. */
async function exchanges(random: Random, connection: RawConnection): Promise<number> {
  await connection.establish({ timeoutMs: 1000 }).catch(() => undefined);
  let frames = 1;
  let challenge = "";
  for (let i = 2 + random.below(8); i > 0 && !connection.isClosed; i--) {
    if (random.below(4) === 0) {
      const { bytes, isOpenEnded } = requestFrame(random);
      if (!isOpenEnded) connection.send(bytes);
    }
    const isFirst = challenge === "" && random.below(8) > 0;
    const xid = connection.request(sasl(isFirst ? Buffer.alloc(0) : token(random, challenge)));
    frames++;
    const isAnswer = (reply: Buffer) => reply.length >= 16 && reply.readInt32BE(0) === xid;
    await connection.waitFor(() => connection.frames.some(isAnswer), 1000);
    const answer = connection.frames.find(isAnswer);
    connection.frames.length = 0;
    challenge = answer === undefined || answer.length < 20 ? "" : answer.toString("utf8", 20);
  }
  return frames;
}

export async function saslFront(): Promise<Front> {
  const directory = newDirectory("sasl");
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, "jaas.conf"), JAAS);
  const server = await startServer("zooid", {
    directory,
    cfg: {
      ...CLIENT_CFG,
      "authProvider.1": "org.apache.zookeeper.server.auth.SASLAuthenticationProvider",
    },
    properties: { "java.security.auth.login.config": join(directory, "jaas.conf") },
  });
  return {
    callers: 12,
    checkEvery: 10_000,
    servers: () => [server],
    attack: (random) => withClient(server.port, (connection) => exchanges(random, connection)),
    serves: () => checkServed(() => RawConnection.open(server.port)),
    discard: () => server.discard(),
  };
}

// The ports that take TLS: clients' (secureClientPort, and the one for both), HTTPS, and members' (sslQuorum with
// portUnification). Broken handshakes; right ones, with a certificate and without, and then what the plain ports are sent;
// and records that are destroyed on their way.

import { readFileSync } from "node:fs";
import { get } from "node:https";
import { connect as connectPlain } from "node:net";
import { connect, createSecureContext, type SecureContext, type TLSSocket } from "node:tls";
import { Authority } from "../compat/certificates.js";
import { Ensemble } from "../compat/ensemble-world.js";
import { RawConnection } from "../compat/raw/connection.js";
import { freePort, startServer } from "../compat/server-process.js";
import type { Random } from "../faults/random.js";
import type { Front } from "./campaign.js";
import { CLIENT_CFG, checkServed, clientLife } from "./client-sessions.js";
import { httpBytes } from "./http-requests.js";
import type { Thrown } from "./member-frames.js";
import { ensembleServes, fuzzPorts, httpCfg, memberPorts, throwAt } from "./ports.js";
import { leave, PATIENCE_MS, tcp, throwBytes } from "./throw.js";
import { handshakeInputs, recordHellos } from "./tls-records.js";

/** Who knocks: with a certificate that is trusted, or with none. */
class Callers {
  readonly #trusted: SecureContext;
  readonly #nobody: SecureContext;
  /** Sessions to take up again: most handshakes are spared their signatures. */
  readonly #tickets: Buffer[] = [];
  hellos: readonly Buffer[] = [];

  constructor(authority: Authority) {
    const { key, certificate } = authority.issue("caller");
    const ca = readFileSync(authority.trust("pem"));
    this.#trusted = createSecureContext({
      key: readFileSync(key),
      cert: readFileSync(certificate),
      ca,
    });
    this.#nobody = createSecureContext({ ca });
  }

  async record(): Promise<this> {
    this.hellos = await recordHellos(this.#trusted);
    return this;
  }

  /** Over a connection of its own. */
  open(port: number, random: Random): TLSSocket {
    const isTrusted = random.below(20) > 0;
    const ticket = random.below(10) > 0 ? this.#tickets.at(-1) : undefined;
    const socket = connect({
      socket: connectPlain({ port, host: "127.0.0.1" }).on("error", () => {}),
      secureContext: isTrusted ? this.#trusted : this.#nobody,
      rejectUnauthorized: false,
      ...(isTrusted && ticket !== undefined && { session: ticket }),
      ...(random.below(4) === 0 && { maxVersion: "TLSv1.2" as const }),
    });
    socket.on("error", () => {});
    if (isTrusted && random.below(20) === 0) {
      socket.once("session", (session) => this.#tickets.push(session));
      if (this.#tickets.length > 8) this.#tickets.shift();
    }
    return socket;
  }

  secured(port: number, random: Random): Promise<TLSSocket | undefined> {
    const socket = this.open(port, random);
    return new Promise((resolve) => {
      socket.once("secureConnect", () => resolve(socket));
      socket.once("close", () => resolve(undefined));
    });
  }
}

/** On one connection of three a handshake that is none, on the others what `make` makes, by TLS. */
async function throwSecurely(
  callers: Callers,
  random: Random,
  port: number,
  make: (random: Random) => Thrown,
): Promise<number> {
  if (random.below(3) === 0) {
    const { bytes, inputs } = handshakeInputs(random, callers.hellos);
    await throwBytes(tcp(port), random, bytes);
    return inputs;
  }
  const { bytes, inputs } = make(random);
  const open = () => ({ socket: callers.open(port, random), isThere: "secureConnect" });
  await throwBytes(open, random, bytes);
  return inputs + 1;
}

/** Frames in sessions over TLS; seldom the bytes beneath are destroyed. */
async function secureLife(callers: Callers, random: Random, port: number): Promise<number> {
  const socket = await callers.secured(port, random);
  if (socket === undefined) return 1;
  const connection = RawConnection.over(socket);
  try {
    if (random.below(12) > 0) return 1 + (await clientLife(random, connection));
    await connection.establish({ timeoutMs: 1000 }).catch(() => undefined);
    const beneath = (socket as unknown as { _parent: TLSSocket })._parent;
    beneath.write(random.bytes(1 + random.below(200)));
    await connection.waitFor(() => false, PATIENCE_MS);
    return 2;
  } finally {
    leave(random, socket);
    await connection.destroy();
  }
}

/** secureClientPort, and the client port with client.portUnification. */
export async function tlsFront(): Promise<Front> {
  const authority = new Authority();
  const callers = await new Callers(authority).record();
  const securePort = await freePort();
  const server = await startServer("zooid", {
    cfg: {
      ...CLIENT_CFG,
      secureClientPort: securePort,
      "client.portUnification": "true",
      "ssl.handshakeDetectionTimeoutMillis": 200,
      ...authority.settings("ssl.", authority.issue("server"), "pem"),
    },
  });
  return {
    callers: 12,
    checkEvery: 10_000,
    servers: () => [server],
    attack: async (random) => {
      const port = random.pick([securePort, server.port]);
      if (random.below(3) > 0) return secureLife(callers, random, port);
      const { bytes, inputs } = handshakeInputs(random, callers.hellos);
      await throwBytes(tcp(port), random, bytes);
      return inputs;
    },
    serves: async () => {
      await checkServed(() => RawConnection.open(server.port));
      await checkServed(async () => {
        const socket = await callers.secured(securePort, alwaysTrusted);
        if (socket === undefined) throw new Error("The next client cannot agree on TLS");
        return RawConnection.over(socket);
      });
    },
    discard: async () => {
      authority.discard();
      await server.discard();
    },
  };
}

/** Neither a stranger nor an earlier session. */
const alwaysTrusted = { below: (bound: number) => Math.floor(bound / 2) % bound } as Random;

/** Commands and metrics by TLS; the commands' port takes both. */
export async function httpsFront(): Promise<Front> {
  const authority = new Authority();
  const callers = await new Callers(authority).record();
  const [adminPort, metricsPort] = [await freePort(), await freePort()];
  const keys = authority.issue("server");
  const server = await startServer("zooid", {
    cfg: {
      ...httpCfg(adminPort, metricsPort),
      "metricsProvider.httpPort": -1,
      "metricsProvider.httpsPort": metricsPort,
      "admin.portUnification": "true",
      ...authority.settings("ssl.quorum.", keys, "pem"),
      ...authority.settings("metricsProvider.ssl.", keys, "pem"),
    },
  });
  const ports = [adminPort, adminPort, metricsPort];
  const ca = readFileSync(authority.trust("pem"));
  const cert = readFileSync(authority.issue("caller").certificate);
  const key = readFileSync(authority.issue("caller").key);
  return {
    callers: 16,
    checkEvery: 10_000,
    servers: () => [server],
    attack: (random) => throwSecurely(callers, random, random.pick(ports), httpBytes),
    serves: async () => {
      for (const [port, path] of [
        [adminPort, "/commands/ruok"],
        [metricsPort, "/metrics"],
      ] as const) {
        const status = await new Promise((resolve, reject) => {
          const options = { port, path, ca, cert, key, agent: false, timeout: 20_000 };
          const request = get({ host: "localhost", ...options }, (answer) => {
            answer.resume().once("end", () => resolve(answer.statusCode));
          });
          request.once("timeout", () => request.destroy(new Error("It does not answer")));
          request.once("error", reject);
        });
        if (status !== 200) throw new Error(`${path} is answered with ${status}`);
      }
    },
    discard: async () => {
      authority.discard();
      await server.discard();
    },
  };
}

/** Members that call by TLS, and take both. */
export async function membersTlsFront(): Promise<Front> {
  const authority = new Authority();
  const callers = await new Callers(authority).record();
  const ensemble = new Ensemble({
    basePort: fuzzPorts(),
    members: [1, 2, 3].map(() => ({ kind: "zooid" as const })),
    cfg: {
      sslQuorum: "true",
      portUnification: "true",
      "ssl.quorum.handshakeDetectionTimeoutMillis": 200,
      ...authority.settings("ssl.quorum.", authority.issue("member"), "pem"),
    },
  });
  await ensemble.start(1, 2);
  const ports = memberPorts(ensemble);
  return {
    callers: 16,
    checkEvery: 10_000,
    servers: () => [1, 2].map((sid) => ensemble.member(sid).server!),
    attack: (random) => {
      const { port, make } = random.pick(ports);
      if (random.below(5) > 0) return throwSecurely(callers, random, port, make);
      return throwAt(random, [{ open: tcp(port), make }]);
    },
    serves: () => ensembleServes(ensemble),
    discard: async () => {
      authority.discard();
      await ensemble.discard();
    },
  };
}

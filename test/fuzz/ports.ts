// The plain ports: clients', election and quorum port of an ensemble, HTTP commands and metrics.

import { Ensemble, PORTS } from "../compat/ensemble-world.js";
import { connectClient } from "../compat/ensemble-writer.js";
import type { ServerKind } from "../compat/peers.js";
import { RawConnection } from "../compat/raw/connection.js";
import { freePort, startServer } from "../compat/server-process.js";
import type { Random } from "../faults/random.js";
import type { Front } from "./campaign.js";
import { CLIENT_CFG, checkServed, clientLife } from "./client-sessions.js";
import { httpBytes } from "./http-requests.js";
import { electionBytes, quorumBytes, type Thrown } from "./member-frames.js";
import { type Opener, tcp, throwBytes } from "./throw.js";

export async function clientFront(kind: ServerKind = "zooid"): Promise<Front> {
  const server = await startServer(kind, { cfg: CLIENT_CFG });
  return {
    callers: 12,
    checkEvery: 10_000,
    servers: () => [server],
    attack: (random) => withClient(server.port, (connection) => clientLife(random, connection)),
    serves: () => checkServed(() => RawConnection.open(server.port)),
    discard: () => server.discard(),
  };
}

/** 0 where there is no connection to be had. */
export async function withClient(
  port: number,
  live: (connection: RawConnection) => Promise<number>,
): Promise<number> {
  const connection = await RawConnection.open(port).catch(() => undefined);
  if (connection === undefined) return 0;
  try {
    return await live(connection);
  } finally {
    await connection.destroy();
  }
}

export interface Target {
  readonly open: Opener;
  readonly make: (random: Random) => Thrown;
}

export async function throwAt(random: Random, targets: readonly Target[]): Promise<number> {
  const { open, make } = random.pick(targets);
  const { bytes, inputs } = make(random);
  await throwBytes(open, random, bytes);
  return inputs;
}

/** First of the nine ports of an ensemble: another process of a campaign has others (ZOOID_FUZZ_PORTS). */
export const fuzzPorts = (): number => Number(process.env.ZOOID_FUZZ_PORTS ?? PORTS.fuzz);

let served = 0;

/** A client is served within a minute: a hostile member may bring about an election, where members do not authenticate. */
export async function ensembleServes(ensemble: Ensemble): Promise<void> {
  const client = connectClient(ensemble.connectString);
  try {
    for (let tries = 1; ; tries++) {
      try {
        await client.create(`/served-${served++}`, Buffer.from("x"));
        return;
      } catch (error) {
        if (tries === 300) throw error;
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    }
  } finally {
    await client.close().catch(() => {});
  }
}

/** Members 1 and 2 of three; whoever fuzzes is the third. */
export function memberPorts(ensemble: Ensemble): { port: number; make: Target["make"] }[] {
  const ports = (offset: number) => [1, 2].map((sid) => ensemble.member(sid).port + offset);
  const [follower, leader] = ports(1) as [number, number];
  return [
    ...ports(2).map((port) => ({ port, make: electionBytes })),
    { port: leader, make: quorumBytes },
    { port: leader, make: quorumBytes },
    { port: follower, make: quorumBytes },
  ];
}

export async function membersFront(): Promise<Front> {
  const members = [1, 2, 3].map(() => ({ kind: "zooid" as const }));
  const ensemble = new Ensemble({ basePort: fuzzPorts(), members });
  await ensemble.start(1, 2);
  const targets = memberPorts(ensemble).map(({ port, make }) => ({ open: tcp(port), make }));
  return {
    callers: 16,
    checkEvery: 20_000,
    servers: () => [1, 2].map((sid) => ensemble.member(sid).server!),
    attack: (random) => throwAt(random, targets),
    serves: () => ensembleServes(ensemble),
    discard: () => ensemble.discard(),
  };
}

/** HTTP commands and metrics. */
export async function httpFront(): Promise<Front> {
  const [adminPort, metricsPort] = [await freePort(), await freePort()];
  const server = await startServer("zooid", { cfg: httpCfg(adminPort, metricsPort) });
  const targets = [adminPort, adminPort, metricsPort].map((port) => ({
    open: tcp(port),
    make: httpBytes,
  }));
  return {
    callers: 16,
    checkEvery: 20_000,
    servers: () => [server],
    attack: (random) => throwAt(random, targets),
    serves: async () => {
      for (const url of [
        `http://127.0.0.1:${adminPort}/commands/ruok`,
        `http://127.0.0.1:${metricsPort}/metrics`,
      ]) {
        const answer = await fetch(url, { signal: AbortSignal.timeout(20_000) });
        await answer.text();
        if (answer.status !== 200) throw new Error(`${url} answers ${answer.status}`);
      }
    },
    discard: () => server.discard(),
  };
}

export const httpCfg = (adminPort: number, metricsPort: number) => ({
  "admin.enableServer": "true",
  "admin.serverAddress": "127.0.0.1",
  "admin.serverPort": adminPort,
  "metricsProvider.className": "org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider",
  "metricsProvider.httpHost": "127.0.0.1",
  "metricsProvider.httpPort": metricsPort,
});

// The ports beside the client's: election and quorum port of an ensemble, HTTP commands and metrics of a server. Each input is
// one connection on which something is sent, right in part or not at all, whole or in two pieces.
//
// What must hold: every process lives, says nothing of an unexpected error, does not grow; the ensemble serves the next client
// (a hostile member may bring about an election, where members do not authenticate), and so do the HTTP ports.

import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { Ensemble, PORTS } from "../compat/ensemble-world.js";
import { connectClient } from "../compat/ensemble-writer.js";
import { freePort, type RunningServer, startServer } from "../compat/server-process.js";
import { Random } from "../faults/random.js";
import { httpBytes } from "./http-requests.js";
import { electionBytes, quorumBytes } from "./member-frames.js";

export interface PortsCampaign {
  readonly inputs: number;
  readonly seed: number;
  readonly say?: (line: string) => void;
}

const WORKERS = 8;
const CHECK_EVERY = 5000;
/** Above what a server used after the first tenth of the inputs. */
const GROWTH_ALLOWED_BYTES = 160 * 1024 * 1024;
/** So long an input waits to be refused or answered: what is merely incomplete never is. */
const PATIENCE_MS = 50;
const UNEXPECTED = /^.*(uncaught|AssertionError|TypeError|RangeError|ReferenceError).*$/m;

interface Target {
  readonly port: () => number;
  readonly make: (random: Random) => Buffer;
}

/** Election and quorum ports: a third of the members is ours. */
export async function fuzzMembers(campaign: PortsCampaign): Promise<void> {
  const members = [1, 2, 3].map(() => ({ kind: "zooid" as const }));
  const ensemble = new Ensemble({ basePort: PORTS.fuzz, members });
  const servers = () => [1, 2].map((sid) => ensemble.member(sid).server!);
  try {
    await ensemble.start(1, 2);
    const ports = (offset: number) => [1, 2].map((sid) => ensemble.member(sid).port + offset);
    const [leader, follower] = [2, 1].map((sid) => ensemble.member(sid).port);
    const targets: Target[] = [
      ...ports(2).map((port) => ({ port: () => port, make: electionBytes })),
      { port: () => leader! + 1, make: quorumBytes },
      { port: () => leader! + 1, make: quorumBytes },
      { port: () => follower! + 1, make: quorumBytes },
    ];
    let served = 0;
    await run(campaign, targets, servers, async () => {
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
    });
  } catch (error) {
    throw new Error(`${(error as Error).message} (seed ${campaign.seed})\n${ensemble.logs()}`, {
      cause: error,
    });
  } finally {
    await ensemble.discard();
  }
}

/** HTTP commands and metrics. */
export async function fuzzHttp(campaign: PortsCampaign): Promise<void> {
  const [adminPort, metricsPort] = [await freePort(), await freePort()];
  const server = await startServer("zooid", {
    cfg: {
      "admin.enableServer": "true",
      "admin.serverAddress": "127.0.0.1",
      "admin.serverPort": adminPort,
      "metricsProvider.className":
        "org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider",
      "metricsProvider.httpHost": "127.0.0.1",
      "metricsProvider.httpPort": metricsPort,
    },
  });
  try {
    const targets = [adminPort, adminPort, metricsPort].map((port) => ({
      port: () => port,
      make: httpBytes,
    }));
    await run(
      campaign,
      targets,
      () => [server],
      async () => {
        for (const url of [
          `http://127.0.0.1:${adminPort}/commands/ruok`,
          `http://127.0.0.1:${metricsPort}/metrics`,
        ]) {
          const answer = await fetch(url, { signal: AbortSignal.timeout(20_000) });
          await answer.text();
          if (answer.status !== 200) throw new Error(`${url} answers ${answer.status}`);
        }
      },
    );
  } catch (error) {
    const log = server.log().split("\n").slice(-30).join("\n");
    throw new Error(`${(error as Error).message} (seed ${campaign.seed})\n${log}`, {
      cause: error,
    });
  } finally {
    await server.discard();
  }
}

async function run(
  { inputs, seed, say }: PortsCampaign,
  targets: readonly Target[],
  servers: () => readonly RunningServer[],
  serves: () => Promise<void>,
): Promise<void> {
  const random = new Random(seed);
  const firstBytes = new Map<number, number>();
  let sent = 0;
  while (sent < inputs) {
    const until = Math.min(inputs, sent + CHECK_EVERY);
    const worker = async (own: Random) => {
      while (sent < until) {
        sent++;
        await throwAt(own, own.pick(targets));
      }
    };
    const workers = Array.from({ length: WORKERS }, () =>
      worker(new Random(random.below(2 ** 31))),
    );
    await Promise.all(workers);
    for (const server of servers()) {
      if (!server.isRunning) throw new Error("A server has ended");
      const unexpected = UNEXPECTED.exec(server.log());
      if (unexpected !== null) throw new Error(`It says: ${unexpected[0]}`);
      const used = residentBytes(server.pid);
      const first = firstBytes.get(server.pid);
      if (first === undefined) {
        if (sent >= inputs / 10) firstBytes.set(server.pid, used);
      } else if (used - first > GROWTH_ALLOWED_BYTES) {
        throw new Error(`A server has grown by ${used - first} bytes`);
      }
      say?.(`${sent} inputs, ${Math.round(used / 1e6)} MB`);
    }
    await serves();
  }
}

/** Whatever becomes of it: answered, refused, cut off, or left alone. */
function throwAt(random: Random, { port, make }: Target): Promise<void> {
  const bytes = make(random);
  const cut = random.below(3) === 0 ? random.below(bytes.length + 1) : bytes.length;
  return new Promise((resolve) => {
    const socket = connect({ port: port(), host: "127.0.0.1" });
    const timer = setTimeout(() => socket.destroy(), PATIENCE_MS);
    socket.on("error", () => {});
    socket.on("data", () => {});
    socket.once("close", () => {
      clearTimeout(timer);
      resolve();
    });
    socket.once("connect", () => {
      socket.write(bytes.subarray(0, cut));
      if (cut < bytes.length) setImmediate(() => socket.write(bytes.subarray(cut)));
      // Half of them hang up at once.
      if (random.below(2) === 0) socket.end();
    });
  });
}

function residentBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024;
}

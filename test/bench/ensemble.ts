// Servers of one kind under measurement together: one alone, or an ensemble on 127.0.0.1.

import { execFileSync } from "node:child_process";
import type { ServerKind } from "../compat/peers.js";
import { freePort } from "../compat/server-process.js";
import { BenchServer } from "./server.js";

/** For many sessions that are begun one after the other: the first have to wait for the last. */
export const LONG_SESSION_MS = 300_000;
export const LONG_SESSIONS = `minSessionTimeout=${LONG_SESSION_MS}\nmaxSessionTimeout=${LONG_SESSION_MS}\n`;

/** One of ours, started; gone when `run` is over. `cfg`: more lines of zoo.cfg. */
export async function withEnsemble<T>(
  members: number,
  cfg: string,
  run: (ensemble: BenchEnsemble) => Promise<T>,
): Promise<T> {
  const ensemble = await BenchEnsemble.create("zooid", members, cfg);
  try {
    await ensemble.start();
    return await run(ensemble);
  } finally {
    await ensemble.discard();
  }
}

export class BenchEnsemble {
  readonly kind: ServerKind;
  readonly servers: readonly BenchServer[];

  private constructor(kind: ServerKind, servers: readonly BenchServer[]) {
    this.kind = kind;
    this.servers = servers;
  }

  /** With empty data directories, not yet started. `cfg`: more lines of zoo.cfg. */
  static async create(kind: ServerKind, count: number, cfg = ""): Promise<BenchEnsemble> {
    const servers: BenchServer[] = [];
    for (let i = 0; i < count; i++) servers.push(await BenchServer.create(kind, cfg));
    if (count > 1) {
      let members = "";
      for (let sid = 1; sid <= count; sid++) {
        members += `server.${sid}=127.0.0.1:${await freePort()}:${await freePort()}\n`;
      }
      servers.forEach((server, i) => {
        server.join(members, i + 1);
      });
    }
    return new BenchEnsemble(kind, servers);
  }

  /** Returns how many milliseconds passed until all of them serve. */
  async start(): Promise<number> {
    const startMs = performance.now();
    for (const server of this.servers) server.spawn();
    await Promise.all(this.servers.map((server) => server.untilServing()));
    return performance.now() - startMs;
  }

  async startAfresh(): Promise<number> {
    await Promise.all(this.servers.map((server) => server.empty()));
    return this.start();
  }

  /** And what it left in the system's cache is written: the other side's turn must not pay for that. */
  async kill(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.kill()));
    execFileSync("sync");
  }

  async discard(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.discard()));
  }

  get ports(): number[] {
    return this.servers.map(({ port }) => port);
  }

  /** Of all servers together, as are those below. */
  cpuMs(): number {
    return this.servers.reduce((sum, server) => sum + server.cpuMs(), 0);
  }

  rssBytes(): number {
    return this.servers.reduce((sum, server) => sum + server.rssBytes(), 0);
  }
}

// Throws inputs at something (a front: one kind of port, and the servers behind it), by several callers at once, and looks now
// and then whether it still is what it should be.
//
// What must hold: every process lives, says nothing of an unexpected error, does not grow, serves the next one rightly, and
// stops when it is told to.

import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";
import type { RunningServer } from "../compat/server-process.js";
import { Random } from "../faults/random.js";

export interface Front {
  readonly callers: number;
  /** So many inputs between two looks. */
  readonly checkEvery: number;
  /** Where what is right takes more than GROWTH_ALLOWED_BYTES. */
  readonly growthAllowedBytes?: number;
  servers(): readonly RunningServer[];
  /** One connection's worth; how many inputs (frames, packets, requests, TLS records) that was. */
  attack(random: Random): Promise<number>;
  /** Does for the next one what it should, or throws. */
  serves(): Promise<void>;
  discard(): Promise<void>;
}

export interface FuzzCampaign {
  readonly inputs: number;
  readonly seed: number;
  readonly say?: (line: string) => void;
}

/** Above what a server used after the first tenth of the inputs. */
const GROWTH_ALLOWED_BYTES = 160 * 1024 * 1024;
const UNEXPECTED = /^.*(uncaught|AssertionError|TypeError|RangeError|ReferenceError).*$/m;

export async function fuzz(open: () => Promise<Front>, campaign: FuzzCampaign): Promise<void> {
  const front = await open();
  try {
    await attackAll(front, campaign);
    for (const server of front.servers()) {
      await server.stop();
      const { code } = await server.exited;
      if (code !== 0 && server.kind === "zooid") throw new Error(`It stopped with ${code}`);
    }
  } catch (error) {
    const logs = front.servers().map((server) => server.log().split("\n").slice(-30).join("\n"));
    const message = `${(error as Error).message} (seed ${campaign.seed})`;
    throw new Error([message, ...logs].join("\n---\n"), { cause: error });
  } finally {
    await front.discard();
  }
}

async function attackAll(front: Front, { inputs, seed, say }: FuzzCampaign): Promise<void> {
  const random = new Random(seed);
  const watched = new Map<string, Watched>();
  let sent = 0;
  while (sent < inputs) {
    const until = Math.min(inputs, sent + front.checkEvery);
    const caller = async (own: Random) => {
      while (sent < until && front.servers().every(({ isRunning }) => isRunning)) {
        // Not `sent += await …`: that adds to what it was before the wait.
        const thrown = await front.attack(own);
        sent += thrown;
      }
    };
    const callers = Array.from({ length: front.callers }, () =>
      caller(new Random(random.below(2 ** 31))),
    );
    await Promise.all(callers);
    const used: number[] = [];
    for (const server of front.servers()) {
      const one = watched.get(server.directory) ?? new Watched(server, front.growthAllowedBytes);
      watched.set(server.directory, one);
      used.push(one.check(sent >= inputs / 10));
    }
    await front.serves();
    say?.(`${sent} inputs, ${used.map((bytes) => Math.round(bytes / 1e6)).join(" and ")} MB`);
  }
}

/** What is looked at from outside. */
class Watched {
  readonly #server: RunningServer;
  readonly #growthAllowedBytes: number;
  #logRead = 0;
  #firstBytes: number | undefined;

  constructor(server: RunningServer, growthAllowedBytes = GROWTH_ALLOWED_BYTES) {
    this.#server = server;
    this.#growthAllowedBytes = growthAllowedBytes;
  }

  /** How much memory it uses. */
  check(isWarm: boolean): number {
    const server = this.#server;
    if (!server.isRunning) throw new Error("A server has ended");
    const unexpected = UNEXPECTED.exec(this.#newLines());
    if (unexpected && server.kind === "zooid") throw new Error(`It says: ${unexpected[0]}`);
    const used = residentBytes(server.pid);
    if (isWarm) this.#firstBytes ??= used;
    const grown = used - (this.#firstBytes ?? used);
    if (grown > this.#growthAllowedBytes) throw new Error(`A server has grown by ${grown} bytes`);
    return used;
  }

  /** What it has logged since. */
  #newLines(): string {
    const file = openSync(join(this.#server.directory, "server.log"), "r");
    try {
      const pieces: string[] = [];
      const piece = Buffer.allocUnsafe(1 << 20);
      for (;;) {
        const count = readSync(file, piece, 0, piece.length, this.#logRead);
        if (count === 0) return pieces.join("");
        this.#logRead += count;
        pieces.push(piece.toString("latin1", 0, count));
      }
    } finally {
      closeSync(file);
    }
  }
}

export function residentBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024;
}

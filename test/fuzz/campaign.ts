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
  servers(): readonly RunningServer[];
  /** What the callers have rightly made a server keep by now, where that is much. */
  keptBytes?(): Promise<number>;
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

/** Above what a server used after the first tenth of the inputs, and the most that it has ever had to keep since. */
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
    if (!front.servers().every(({ isRunning }) => isRunning)) throw new Error("A server has ended");
    const keptBytes = (await front.keptBytes?.()) ?? 0;
    for (const server of front.servers()) {
      const one = watched.get(server.directory) ?? new Watched(server);
      watched.set(server.directory, one);
      used.push(one.check(sent >= inputs / 10, keptBytes));
    }
    await front.serves();
    say?.(`${sent} inputs, ${used.map((bytes) => Math.round(bytes / 1e6)).join(" and ")} MB`);
  }
}

/** What is looked at from outside. */
class Watched {
  readonly #server: RunningServer;
  #logRead = 0;
  #firstBytes: number | undefined;
  /** What it has kept once it need not give back to the system at once. */
  #mostKeptBytes = 0;

  constructor(server: RunningServer) {
    this.#server = server;
  }

  /** How much memory it uses. */
  check(isWarm: boolean, keptBytes: number): number {
    const server = this.#server;
    const unexpected = UNEXPECTED.exec(this.#newLines());
    if (unexpected && server.kind === "zooid") throw new Error(`It says: ${unexpected[0]}`);
    const used = residentBytes(server.pid);
    if (isWarm) this.#firstBytes ??= used;
    this.#mostKeptBytes = Math.max(this.#mostKeptBytes, keptBytes);
    const grown = used - (this.#firstBytes ?? used);
    if (grown > GROWTH_ALLOWED_BYTES + this.#mostKeptBytes) {
      throw new Error(`A server has grown by ${grown} bytes, and keeps ${this.#mostKeptBytes}`);
    }
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

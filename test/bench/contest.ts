// Java and Zooid side by side: what every group of rows (versus-*.ts) is given.

import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ServerKind } from "../compat/peers.js";
import { BenchEnsemble } from "./ensemble.js";
import type { Figures } from "./figures.js";

export const CONNECTIONS = 50;
export const VALUE_BYTES = 100;

const ATTEMPTS = 3;

export interface Side {
  readonly name: "java" | "zooid";
  readonly ensemble: BenchEnsemble;
}

export interface Contest {
  readonly figures: Figures;
  readonly java: ServerKind;
  /** How many servers each side has, where a row does not say otherwise. */
  readonly servers: number;
  readonly turns: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly nodes: number;
  readonly sessions: number;
  /** The load generator. */
  readonly zkload: string;
  /** Zooid's snapshot.store. */
  readonly store: string;
}

export interface Load {
  readonly ops_per_s: number;
  readonly p50_us: number;
  readonly p99_us: number;
  readonly max_us: number;
  readonly errors: number;
}

export function say(text: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`);
}

/** A C source is compiled. */
export function compiled(path: string): string {
  if (!path.endsWith(".c")) return path;
  const program = join(tmpdir(), `zooid-bench-zkload-${process.pid}`);
  execFileSync("cc", ["-O2", "-o", program, path]);
  process.once("exit", () => rmSync(program, { force: true }));
  return program;
}

export function load(
  { zkload }: Contest,
  { name, ensemble }: Side,
  seconds: number,
  flags: readonly string[],
): Load {
  const servers = ensemble.ports.map((port) => `127.0.0.1:${port}`).join(",");
  const args = ["-s", servers, "-z", String(VALUE_BYTES), "-t", String(seconds), ...flags];
  for (let attempt = 1; ; attempt++) {
    try {
      return JSON.parse(execFileSync(zkload, args).toString()) as Load;
    } catch (error) {
      // It gives up where a session takes 2 s to begin, which says more about the machine.
      if (attempt === ATTEMPTS) throw error;
      say(`${name}: zkload gave up, once more`);
    }
  }
}

/** Both, not yet started; gone when `run` is over. */
export async function withBoth(
  { java, store }: Contest,
  servers: number,
  run: (both: readonly Side[]) => Promise<void>,
): Promise<void> {
  const both: Side[] = [];
  const cfg = `snapshot.store=${store}\n`;
  try {
    both.push({ name: "java", ensemble: await BenchEnsemble.create(java, servers) });
    both.push({ name: "zooid", ensemble: await BenchEnsemble.create("zooid", servers, cfg) });
    await run(both);
  } finally {
    for (const { ensemble } of both) await ensemble.discard();
  }
}

/** Who was first last time is second this time. */
export function inTurn(both: readonly Side[], turn: number): readonly Side[] {
  return turn % 2 === 0 ? both : [...both].reverse();
}

// Starts and stops one real server as a process of its own: Java 3.8, Java 3.9 or Zooid, from the same zoo.cfg.
//
// A server is ready when it answers `srvr`, and gone when its process has ended: nothing here sleeps and hopes. The
// directory of a server (zoo.cfg, data, log) outlives a stop, so that the same or another kind of server can be started on
// it; it is removed by `discard`. Whatever is still running when the test process ends is killed.

import { type ChildProcess, spawn } from "node:child_process";
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fourLetterWord } from "./four-letter-word.js";
import { classPath, type ServerKind, ZOOID_MAIN } from "./peers.js";

export interface ServerOptions {
  /** Lines of zoo.cfg beside dataDir and clientPort. */
  readonly cfg?: Readonly<Record<string, string | number>>;
  /** -D settings for what has no name in zoo.cfg (jute.maxbuffer). */
  readonly properties?: Readonly<Record<string, string | number>>;
  /** The directory of an earlier server, to go on with its data. */
  readonly directory?: string;
  /** Where the data is, when it is not in the directory (a small disk). */
  readonly dataDir?: string;
  readonly port?: number;
  readonly environment?: Readonly<Record<string, string>>;
  /** How long it may take until `srvr` answers. */
  readonly startTimeoutMs?: number;
  /** A program and its arguments that the server is run by (ip netns exec …). */
  readonly under?: readonly string[];
  /** Where the directory has a zoo.cfg already, it stays as it is: a reconfig has changed it. */
  readonly keepsCfg?: boolean;
  /** For servers that are expected not to come up: do not wait for `srvr`. */
  readonly dontWait?: boolean;
}

export interface RunningServer {
  readonly kind: ServerKind;
  readonly port: number;
  readonly directory: string;
  readonly dataDir: string;
  readonly pid: number;
  readonly exited: Promise<{ code: number | null; signal: string | null }>;
  readonly isRunning: boolean;
  /** All that this and earlier servers of the directory have logged. */
  log(): string;
  /** SIGTERM, as zkServer.sh stop sends it. */
  stop(): Promise<void>;
  kill9(): Promise<void>;
  /** Stops what runs and removes the directory. */
  discard(): Promise<void>;
}

const COMMON = {
  tickTime: 2000,
  "admin.enableServer": "false",
  "4lw.commands.whitelist": "*",
  maxClientCnxns: 0,
};

const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/**
 * A port that nobody listens on, of this process's slice of the range for such tests (ZOOID_TEST_PORTS=first-last): files run
 * at the same time, and what is free now may be another's before it is listened on.
 */
export async function freePort(): Promise<number> {
  slice ??= ownSlice();
  const { first, count } = await slice;
  for (let i = 0; i < count; i++) {
    const port = first + (portsGiven++ % count);
    if (await canListen(port)) return port;
  }
  throw new Error(`No free port from ${first} to ${first + count - 1}`);
}

interface Slice {
  readonly first: number;
  readonly count: number;
}

/** An ensemble of seven, as test/bench measures it, has 21. */
const PORTS_A_SLICE = 25;
let slice: Promise<Slice> | undefined;
let portsGiven = 0;

/** Whose a slice is says a name that the system takes back when its process ends (a socket of Linux's abstract namespace). */
async function ownSlice(): Promise<Slice> {
  const [from, to] = portRange(process.env.ZOOID_TEST_PORTS ?? "21400-21649");
  const count = Math.min(PORTS_A_SLICE, to - from + 1);
  for (let first = from; first + count - 1 <= to; first += count) {
    if (await canListen(`\0zooid-test-ports-${first}`, true)) return { first, count };
  }
  throw new Error(`All ports from ${from} to ${to} belong to tests that are running`);
}

function portRange(text: string): [number, number] {
  const [, from, to] = /^(\d+)-(\d+)$/.exec(text) ?? [];
  const [first, last] = [Number(from), Number(to)];
  if (first > 0 && first <= last && last <= 65_535) return [first, last];
  throw new Error(`ZOOID_TEST_PORTS must be first-last, two ports: "${text}"`);
}

function canListen(where: number | string, isKept = false): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer().unref();
    probe.once("error", () => resolve(false));
    const done = () => (isKept ? resolve(true) : probe.close(() => resolve(true)));
    if (typeof where === "number") probe.listen(where, "127.0.0.1", done);
    else probe.listen(where, done);
  });
}

export function newDirectory(kind: string): string {
  return mkdtempSync(join(tmpdir(), `zooid-compat-${kind}-`));
}

export async function startServer(
  kind: ServerKind,
  options: ServerOptions = {},
): Promise<RunningServer> {
  const directory = options.directory ?? newDirectory(kind);
  const dataDir = options.dataDir ?? join(directory, "data");
  const port = options.port ?? (await freePort());
  mkdirSync(dataDir, { recursive: true });
  const cfg = {
    dataDir,
    clientPort: port,
    clientPortAddress: "127.0.0.1",
    ...COMMON,
    ...options.cfg,
  };
  const cfgPath = join(directory, "zoo.cfg");
  const lines = Object.entries(cfg).map(([key, value]) => `${key}=${value}\n`);
  if (!options.keepsCfg || !existsSync(cfgPath)) writeFileSync(cfgPath, lines.join(""));

  const { program, args } = commandLine(kind, cfgPath, options);
  const [command = program, ...rest] = [...(options.under ?? []), program, ...args];
  const child = spawn(command, rest, {
    cwd: directory,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...options.environment },
  });
  running.add(child);
  const server = new ServerProcess(kind, port, directory, dataDir, child);
  if (!options.dontWait) await server.untilServing(options.startTimeoutMs ?? 60_000);
  return server;
}

function commandLine(kind: ServerKind, cfgPath: string, options: ServerOptions) {
  const flags = Object.entries(options.properties ?? {}).map(([key, value]) => `-D${key}=${value}`);
  if (kind === "zooid") {
    return {
      program: process.execPath,
      args: [ZOOID_MAIN, ...flags, cfgPath],
    };
  }
  const quick = ["-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto"];
  const main = "org.apache.zookeeper.server.quorum.QuorumPeerMain";
  const logging = ["-Dorg.slf4j.simpleLogger.defaultLogLevel=info", "-Dfile.encoding=UTF-8"];
  return {
    program: "java",
    args: [...quick, ...logging, ...flags, "-cp", classPath(kind), main, cfgPath],
  };
}

class ServerProcess implements RunningServer {
  readonly kind: ServerKind;
  readonly port: number;
  readonly directory: string;
  readonly dataDir: string;
  readonly pid: number;
  readonly exited: Promise<{ code: number | null; signal: string | null }>;
  isRunning = true;
  readonly #child: ChildProcess;

  constructor(
    kind: ServerKind,
    port: number,
    directory: string,
    dataDir: string,
    child: ChildProcess,
  ) {
    this.kind = kind;
    this.port = port;
    this.directory = directory;
    this.dataDir = dataDir;
    this.pid = child.pid ?? -1;
    this.#child = child;
    const log = createWriteStream(join(directory, "server.log"), { flags: "a" });
    child.stdout!.pipe(log, { end: false });
    child.stderr!.pipe(log, { end: false });
    this.exited = new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code, signal) => {
        this.isRunning = false;
        running.delete(child);
        log.end(() => resolve({ code, signal }));
      });
    });
  }

  async untilServing(timeoutMs: number): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (Date.now() < deadline) {
      if (!this.isRunning) {
        throw new Error(`The ${this.kind} server ended before it served:\n${tail(this.log())}`);
      }
      const answer = await fourLetterWord(this.port, "srvr", 2000).catch(() => "");
      if (answer.includes("Mode: ")) return;
      await wait(20);
    }
    await this.kill9();
    throw new Error(
      `The ${this.kind} server did not serve in ${timeoutMs} ms:\n${tail(this.log())}`,
    );
  }

  log(): string {
    try {
      return readFileSync(join(this.directory, "server.log"), "utf8");
    } catch {
      return "";
    }
  }

  async stop(): Promise<void> {
    if (this.isRunning) this.#child.kill("SIGTERM");
    await this.exited;
  }

  async kill9(): Promise<void> {
    if (this.isRunning) this.#child.kill("SIGKILL");
    await this.exited;
  }

  async discard(): Promise<void> {
    await this.kill9();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

function tail(text: string): string {
  return text.split("\n").slice(-25).join("\n");
}

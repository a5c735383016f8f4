// A server under measurement: Zooid, or a Java ZooKeeper with the flags it comes with (not those that make tests quick).

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fourLetterWord } from "../compat/four-letter-word.js";
import { classPath, REPOSITORY, type ServerKind } from "../compat/peers.js";
import { freePort } from "../compat/server-process.js";

/** How often a starting server is asked whether it serves. */
const ASK_EVERY_MS = 5;
/** What zkServer.sh starts. */
const ZOOID_MAIN = process.env.ZOOID_MAIN ?? join(REPOSITORY, "dist/zooid.js");
const START_TIMEOUT_MS = 300_000;
/** What a shell says of a program that a signal has ended. */
const EXIT_BY_SIGNAL = 128;
const CFG = "tickTime=2000\nmaxClientCnxns=0\nadmin.enableServer=false\n4lw.commands.whitelist=*\n";

/** Those whose directories there are. */
const made = new Set<BenchServer>();
process.once("exit", () => {
  for (const server of made) server.abandon();
});
/** Without this a signal ends a bench at once, and its servers run on. */
for (const signal of ["SIGHUP", "SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => process.exit(EXIT_BY_SIGNAL + constants.signals[signal]));
}

export class BenchServer {
  readonly kind: ServerKind;
  readonly port: number;
  readonly directory: string;
  readonly #cfg: string;
  #child: ChildProcess | undefined;
  /** What an ensemble adds to zoo.cfg, and the server's number in it. */
  #members = "";
  #sid = 0;

  private constructor(kind: ServerKind, port: number, directory: string, cfg: string) {
    this.kind = kind;
    this.port = port;
    this.directory = directory;
    this.#cfg = cfg;
  }

  /** Before it is started. `members`: the lines server.1=… of zoo.cfg. */
  join(members: string, sid: number): void {
    this.#members = `initLimit=10\nsyncLimit=5\n${members}`;
    this.#sid = sid;
    this.#clear();
  }

  /** With an empty data directory, not yet started. `cfg`: more lines of zoo.cfg. */
  static async create(kind: ServerKind, cfg = ""): Promise<BenchServer> {
    const directory = mkdtempSync(join(tmpdir(), `zooid-bench-${kind}-`));
    const server = new BenchServer(kind, await freePort(), directory, cfg);
    made.add(server);
    server.#clear();
    return server;
  }

  /** Returns how many milliseconds passed from the start of the process to its first answer. */
  async start(): Promise<number> {
    const startMs = performance.now();
    this.spawn();
    await this.untilServing();
    return performance.now() - startMs;
  }

  spawn(): void {
    const [program, args] = this.#commandLine();
    const log = openSync(join(this.directory, "server.log"), "a");
    const child = spawn(program, args, { cwd: this.directory, stdio: ["ignore", log, log] });
    this.#child = child;
  }

  async untilServing(): Promise<void> {
    const child = this.#child!;
    const startMs = performance.now();
    while (child.exitCode === null && performance.now() - startMs < START_TIMEOUT_MS) {
      const answer = await fourLetterWord(this.port, "ruok", 2000).catch(() => "");
      const serves =
        answer === "imok" && (await fourLetterWord(this.port, "srvr")).includes("Mode");
      if (serves) return;
      await wait(ASK_EVERY_MS);
    }
    throw new Error(`${this.kind} does not serve: see ${this.directory}/server.log`);
  }

  /** As kill -9: what a restart finds is what was promised, and no farewell snapshot. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await gone;
    this.#child = undefined;
  }

  async startAfresh(): Promise<number> {
    await this.empty();
    return this.start();
  }

  /** Ends it and empties its data directory. */
  async empty(): Promise<void> {
    await this.kill();
    this.#clear();
  }

  async discard(): Promise<void> {
    await this.kill();
    this.abandon();
  }

  /** At once, whatever it does. */
  abandon(): void {
    this.#child?.kill("SIGKILL");
    rmSync(this.directory, { recursive: true, force: true });
    made.delete(this);
  }

  /** Of all its threads, in milliseconds. The clock of /proc ticks 100 times a second. */
  cpuMs(): number {
    const stat = readFileSync(`/proc/${this.#child?.pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) * 10;
  }

  rssBytes(): number {
    const status = readFileSync(`/proc/${this.#child?.pid}/status`, "utf8");
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024;
  }

  /**
   * What the disk under its data directory has been given to write, by whomever: the journal's part counts, and what is
   * still in memory is written first. (What the system says of a process counts every touched folio whole: up to ten times
   * too much.)
   */
  diskWrittenBytes(): number {
    execFileSync("sync");
    const { dev } = statSync(this.directory);
    const [major, minor] = [(dev >>> 8) & 0xfff, (dev & 0xff) | ((dev >>> 12) & 0xfff00)];
    const stat = readFileSync(`/sys/dev/block/${major}:${minor}/stat`, "utf8");
    return Number(stat.trim().split(/\s+/)[6]) * 512;
  }

  #clear(): void {
    const dataDir = join(this.directory, "data");
    rmSync(dataDir, { recursive: true, force: true });
    mkdirSync(dataDir, { recursive: true });
    writeFileSync(
      join(this.directory, "zoo.cfg"),
      `${CFG}${this.#cfg}dataDir=${dataDir}\nclientPort=${this.port}\n${this.#members}`,
    );
    if (this.#sid > 0) writeFileSync(join(dataDir, "myid"), `${this.#sid}\n`);
  }

  #commandLine(): [string, string[]] {
    const cfg = join(this.directory, "zoo.cfg");
    if (this.kind === "zooid") return [process.execPath, [...nodeFlags(), ZOOID_MAIN, cfg]];
    const main = "org.apache.zookeeper.server.quorum.QuorumPeerMain";
    const quiet = "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn";
    const heap = `-Xmx${process.env.JAVA_HEAP ?? "2g"}`;
    return ["java", [heap, quiet, "-cp", classPath(this.kind), main, cfg]];
  }
}

function nodeFlags(): string[] {
  return (process.env.ZOOID_NODE_FLAGS ?? "").split(" ").filter((flag) => flag !== "");
}

// An ensemble of real servers on this machine: each Java 3.8, Java 3.9 or Zooid, each replaceable by another kind on the
// same data directory.
//
// Member 1 is the one with server id 1. Three ports a member, from a base that a test file has for itself: whoever is down
// must find its ports free when it comes back.

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fourLetterWord } from "./four-letter-word.js";
import type { ServerKind } from "./peers.js";
import { SUPER_DIGEST } from "./raw/client.js";
import { newDirectory, type RunningServer, startServer } from "./server-process.js";

export type Mode = "leader" | "follower" | "observer" | "read-only";

/**
 * First port, one range a test file, so that they can run side by side; below what the system gives to callers. What each
 * takes from there on is in test/compat/ports.test.ts.
 */
export const PORTS = {
  mixed: 22_360,
  sasl: 22_470,
  kerberos: 22_180,
  fuzz: 22_485,
  hostileLeader: 22_494,
  rolling: 22_375,
  sync: 22_384,
  faults: 22_335,
  page: 22_230,
  guides: 22_250,
  prometheus: 22_260,
  typing: 22_280,
  ensemblePage: 22_305,
  adminCommands: 22_200,
  localSessions: 32_000,
  observerMaster: 32_020,
  tlsKeys: 32_040,
  history: 32_200,
  tls: 22_400,
  tlsRolling: 22_420,
  tlsPage: 22_440,
  metricNames: 22_160,
  reconfig: 31_400,
  kazooThree: 22_600,
  kazooAlone: 22_700,
} as const;

const TICK_TIME_MS = 1000;
const SERVE_MS = 60_000;

export interface MemberOptions {
  readonly kind: ServerKind;
  readonly isObserver?: boolean;
}

export interface EnsembleOptions {
  readonly basePort: number;
  /** From one member's ports to the next one's: 3. */
  readonly portStride?: number;
  readonly members: readonly MemberOptions[];
  readonly cfg?: Readonly<Record<string, string | number>>;
  /** What only this member has. */
  readonly cfgOf?: (sid: number) => Readonly<Record<string, string | number>>;
  readonly properties?: Readonly<Record<string, string | number>>;
  /** Where a member listens, and what its process is run under; 127.0.0.1 and nothing. */
  readonly hostOf?: (sid: number) => string;
  readonly underOf?: (sid: number) => readonly string[];
}

export class Member {
  readonly sid: number;
  kind: ServerKind;
  readonly isObserver: boolean;
  readonly host: string;
  /** Where it serves clients; a reconfig may move it. */
  port: number;
  readonly directory: string;
  server: RunningServer | undefined;

  constructor(sid: number, options: MemberOptions, host: string, port: number) {
    this.sid = sid;
    this.kind = options.kind;
    this.isObserver = options.isObserver ?? false;
    this.host = host;
    this.port = port;
    this.directory = newDirectory(`member-${sid}`);
  }

  get isRunning(): boolean {
    return this.server?.isRunning ?? false;
  }

  /** As `srvr` tells it; undefined: serves nobody. */
  async mode(): Promise<Mode | undefined> {
    if (!this.isRunning) return undefined;
    const text = await fourLetterWord(this.port, "srvr", 2000, this.host).catch(() => "");
    return /^Mode: (.*)$/m.exec(text)?.[1] as Mode | undefined;
  }

  writeMyid(): void {
    mkdirSync(join(this.directory, "data"), { recursive: true });
    writeFileSync(join(this.directory, "data/myid"), `${this.sid}\n`);
  }

  readonly log = (): string => this.server?.log() ?? "";
}

export class Ensemble {
  readonly members: readonly Member[];
  readonly #options: EnsembleOptions;

  constructor(options: EnsembleOptions) {
    this.#options = options;
    const hostOf = options.hostOf ?? (() => "127.0.0.1");
    this.members = options.members.map(
      (member, i) =>
        new Member(i + 1, member, hostOf(i + 1), options.basePort + (options.portStride ?? 3) * i),
    );
  }

  get connectString(): string {
    return this.members.map(({ host, port }) => `${host}:${port}`).join(",");
  }

  member(sid: number): Member {
    return this.members[sid - 1]!;
  }

  /** Starts these together and waits until each of them serves. */
  async start(...sids: readonly number[]): Promise<void> {
    await Promise.all(sids.map((sid) => this.launch(sid)));
    await Promise.all(sids.map((sid) => this.untilServing(sid)));
  }

  async launch(sid: number, kind: ServerKind = this.member(sid).kind): Promise<void> {
    const member = this.member(sid);
    member.kind = kind;
    const { cfg, cfgOf, properties, underOf } = this.#options;
    member.writeMyid();
    member.server = await startServer(kind, {
      directory: member.directory,
      port: member.port,
      dontWait: true,
      under: underOf?.(sid) ?? [],
      properties: properties ?? {},
      cfg: {
        tickTime: TICK_TIME_MS,
        initLimit: 20,
        syncLimit: 10,
        clientPortAddress: member.host,
        extendedTypesEnabled: "true",
        "DigestAuthenticationProvider.superDigest": SUPER_DIGEST,
        ...(member.isObserver ? { peerType: "observer" } : {}),
        ...this.#serverLines(),
        ...cfg,
        ...cfgOf?.(sid),
      },
    });
  }

  /** One after the other, because the last of a majority to come makes no leader: the first `quorum` sids elect the highest. */
  async startLedBy(leader: number): Promise<void> {
    const voters = this.members.filter(({ isObserver }) => !isObserver).map(({ sid }) => sid);
    const quorum = Math.floor(voters.length / 2) + 1;
    const lower = voters.filter((sid) => sid < leader).slice(0, quorum - 1);
    if (lower.length < quorum - 1) throw new Error(`${leader} is too low to lead a fresh ensemble`);
    const first = [...lower, leader];
    await this.start(...first);
    await this.start(...this.members.map(({ sid }) => sid).filter((sid) => !first.includes(sid)));
    if ((await this.leader()) !== leader) throw new Error(`${leader} does not lead`);
  }

  async untilServing(sid: number, timeoutMs = SERVE_MS): Promise<Mode> {
    const member = this.member(sid);
    let found: Mode | undefined;
    await until(
      `member ${sid} (${member.kind}) serves`,
      async () => {
        if (!member.isRunning) throw new Error(`Member ${sid} has ended:\n${tail(member.log())}`);
        found = await member.mode();
        return found !== undefined && found !== "read-only";
      },
      timeoutMs,
      () => this.logs(),
    );
    return found!;
  }

  /** The sid of who says that it leads. */
  async leader(timeoutMs = SERVE_MS): Promise<number> {
    let leader: number | undefined;
    await until(
      "somebody leads",
      async () => {
        const modes = await Promise.all(this.members.map((member) => member.mode()));
        leader = modes.indexOf("leader") + 1;
        return leader > 0;
      },
      timeoutMs,
      () => this.logs(),
    );
    return leader!;
  }

  async kill9(sid: number): Promise<void> {
    await this.member(sid).server?.kill9();
  }

  async stop(...sids: readonly number[]): Promise<void> {
    await Promise.all(sids.map((sid) => this.member(sid).server?.stop()));
  }

  /** The end of what each has logged. */
  logs(): string {
    return this.members
      .map(({ sid, kind, log }) => `=== member ${sid} (${kind})\n${tail(log())}`)
      .join("\n");
  }

  /** All that a member had is gone, as after a new disk. */
  wipe(sid: number): void {
    rmSync(join(this.member(sid).directory, "data"), { recursive: true, force: true });
  }

  async discard(): Promise<void> {
    await Promise.all(this.members.map(({ server }) => server?.kill9()));
    for (const { directory } of this.members) rmSync(directory, { recursive: true, force: true });
  }

  #serverLines(): Record<string, string> {
    const lines = this.members.map(({ sid, host, port, isObserver }) => [
      `server.${sid}`,
      `${host}:${port + 1}:${port + 2}:${isObserver ? "observer" : "participant"}`,
    ]);
    return Object.fromEntries(lines);
  }
}

/** Asks again and again until it is so. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 60_000,
  detail: () => string = () => "",
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadline) {
      throw new Error(`Waited ${timeoutMs} ms in vain until ${what}\n${detail()}`);
    }
    await wait(50);
  }
}

/** Without the four-letter words that it was asked all the time. */
export function tail(text: string): string {
  const lines = text.split("\n").filter((line) => !/Processing \w{4} command/.test(line));
  return lines.slice(-60).join("\n");
}

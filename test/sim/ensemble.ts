// A whole ensemble in one process: real servers (src/server.ts), each on a simulated machine with its zoo.cfg and myid on a
// simulated disk, and machines for clients.
//
//   const ensemble = new Ensemble({ seed: 7 });
//   ensemble.startAll();
//   await ensemble.untilServing(3);
//   const client = ensemble.client("c1");
//   await ensemble.settle(client.create("/a"));
//   ensemble.leader?.powerOff();
//
// A server that ends itself (onFatal, an exception) is remembered in `member.exits`; whether it was allowed to is for the
// test to say.

import { ZooKeeperClient } from "../../src/cli/client/zookeeper-client.js";
import { loadConfig } from "../../src/config/load.js";
import type { Platform } from "../../src/platform/platform.js";
import { Server } from "../../src/server.js";
import type { DataTree } from "../../src/tree/data-tree.js";
import type { PowerLossFate } from "./platform/file-system.js";
import type { SimNode } from "./platform/node.js";
import { SimPlatform, type SimSettings } from "./platform/sim-platform.js";

export const CLIENT_PORT = 2181;
export const QUORUM_PORT = 2888;
export const ELECTION_PORT = 3888;

const CONFIG_PATH = "/etc/zoo.cfg";

export interface EnsembleSettings extends SimSettings {
  /** Voting members; 3 by default. */
  readonly members?: number;
  readonly observers?: number;
  /** Further lines of zoo.cfg. */
  readonly config?: Readonly<Record<string, string | number>>;
}

export interface Exit {
  readonly atMs: number;
  readonly error: unknown;
}

/** A server and its machine. */
export class SimMember {
  readonly sid: number;
  readonly node: SimNode;
  readonly isObserver: boolean;
  /** Each time the server ended itself. */
  readonly exits: Exit[] = [];
  server: Server | undefined;
  starts = 0;
  /** Told of the tree that was recovered, of any end, and of one that nobody from outside caused. */
  onStarted: ((tree: DataTree) => void) | undefined;
  onEnded: (() => void) | undefined;
  onExit: ((error: unknown) => void) | undefined;
  readonly #world: SimPlatform;

  constructor(world: SimPlatform, sid: number, isObserver: boolean) {
    this.#world = world;
    this.sid = sid;
    this.isObserver = isObserver;
    this.node = world.addNode(`zk${sid}`);
  }

  get name(): string {
    return this.node.name;
  }

  get dataDir(): string {
    return dataDirOf(this.sid);
  }

  get isRunning(): boolean {
    return this.node.isRunning;
  }

  /** "leading - broadcast" and the like; undefined while it does not run. */
  get state(): string | undefined {
    return this.isRunning ? this.server?.peerState : undefined;
  }

  /** Serves clients. */
  get isServing(): boolean {
    return this.state?.endsWith(" - broadcast") === true;
  }

  get isLeading(): boolean {
    return this.state === "leading - broadcast";
  }

  get tree(): DataTree | undefined {
    return this.isRunning ? this.server?.tree : undefined;
  }

  start(): void {
    this.starts++;
    this.server = undefined;
    this.node.start((platform) => this.#main(platform));
  }

  kill(): void {
    this.node.kill();
    this.#ended();
  }

  powerOff(fate: PowerLossFate = "random"): void {
    this.node.powerOff(fate);
    this.#ended();
  }

  #ended(): void {
    this.server = undefined;
    this.onEnded?.();
  }

  /** SIGTERM. */
  async stop(): Promise<void> {
    const { server } = this;
    if (server === undefined) throw new Error(`Cannot stop ${this.name}: it does not run`);
    await server.stop();
    this.kill();
  }

  #main(platform: Platform): void {
    const life = this.starts;
    const ended = (error: unknown): void => {
      if (life !== this.starts || !this.isRunning) return;
      this.kill();
      this.exited(error);
    };
    let config: ReturnType<typeof loadConfig>["config"];
    try {
      config = loadConfig({ disk: platform.disk, path: CONFIG_PATH }).config;
    } catch (error) {
      ended(error);
      return;
    }
    Server.start(platform, config, ended).then((server) => {
      if (life !== this.starts || !this.isRunning) return;
      this.server = server;
      this.onStarted?.(server.tree);
    }, ended);
  }

  /** The process has ended, and it was its own doing. */
  exited(error: unknown): void {
    this.#ended();
    this.exits.push({ atMs: this.#world.nowMs, error });
    this.#world.logBook.add(this.name, "process", "ERROR", "The server ends itself", error);
    this.onExit?.(error);
  }
}

export class Ensemble {
  readonly world: SimPlatform;
  readonly members: SimMember[] = [];
  /** One machine for all clients' processes would share one fate: each client has its own. */
  readonly #clients = new Map<string, { node: SimNode; platform: Platform }>();
  readonly #config: Readonly<Record<string, string | number>>;

  constructor(settings: EnsembleSettings) {
    this.world = new SimPlatform(settings);
    const voters = settings.members ?? 3;
    const all = voters + (settings.observers ?? 0);
    for (let sid = 1; sid <= all; sid++) {
      this.members.push(new SimMember(this.world, sid, sid > voters));
    }
    this.#config = settings.config ?? {};
    for (const member of this.members) {
      this.#prepareDisk(member);
      // As zkServer-initialize does it: with db.autocreate=false only such a directory may be empty.
      if (this.#config["db.autocreate"] === "false") {
        member.node.disk.putFile(`${member.dataDir}/initialize`, Buffer.alloc(0));
      }
    }
    // An exception that nobody caught ends the process, as it would in production.
    this.world.onUncaught = (node, error) => {
      const member = this.members.find((candidate) => candidate.node === node);
      if (member === undefined) throw error;
      member.exited(error);
    };
  }

  get leader(): SimMember | undefined {
    return this.members.find((member) => member.isLeading);
  }

  get followers(): SimMember[] {
    return this.members.filter((member) => member.isServing && !member.isLeading);
  }

  get connectString(): string {
    return this.members.map((member) => `${member.name}:${CLIENT_PORT}`).join(",");
  }

  member(sid: number): SimMember {
    return this.members[sid - 1] as SimMember;
  }

  startAll(): void {
    for (const member of this.members) if (!member.isRunning) member.start();
  }

  /** Runs until so many members serve, all with one leader. */
  async untilServing(count: number, limitMs = 60_000): Promise<void> {
    await this.world.runUntil(
      () =>
        this.leader !== undefined &&
        this.members.filter((member) => member.isServing).length >= count,
      limitMs,
    );
  }

  /** Runs until all members that run have applied the same. */
  async untilEven(limitMs = 60_000): Promise<void> {
    await this.world.runUntil(() => {
      const running = this.members.filter((member) => member.isRunning);
      const zxids = new Set(running.map((member) => member.tree?.lastProcessedZxid));
      return running.every((member) => member.isServing) && zxids.size === 1;
    }, limitMs);
  }

  /** What a client makes of it: runs the world until the promise has settled. */
  settle<T>(promise: Promise<T>, limitMs?: number): Promise<T> {
    return this.world.runUntilSettled(promise, limitMs);
  }

  /** The machine of a client; made, and switched on, when it is first asked for. */
  clientMachine(name: string): { node: SimNode; platform: Platform } {
    let machine = this.#clients.get(name);
    if (machine === undefined) {
      const node = this.world.addNode(name);
      machine = { node, platform: node.start() };
      this.#clients.set(name, machine);
    }
    return machine;
  }

  /** A client session of its own machine; to one member, or to all. */
  client(name: string, options: { sid?: number; sessionTimeoutMs?: number } = {}): ZooKeeperClient {
    const { sid, sessionTimeoutMs } = options;
    const { platform } = this.clientMachine(name);
    const to = sid === undefined ? this.connectString : `${this.member(sid).name}:${CLIENT_PORT}`;
    return ZooKeeperClient.connect(
      platform,
      to,
      sessionTimeoutMs === undefined ? {} : { sessionTimeoutMs },
    );
  }

  /** A new disk, with configuration and myid and nothing else. The machine must be off. */
  reformat(member: SimMember): void {
    member.node.disk.wipe();
    this.#prepareDisk(member);
  }

  #prepareDisk(member: SimMember): void {
    const config = this.#config;
    const lines: Record<string, string | number> = {
      tickTime: 2000,
      initLimit: 10,
      syncLimit: 5,
      dataDir: member.dataDir,
      clientPort: CLIENT_PORT,
      "admin.enableServer": "false",
      ...config,
    };
    for (const { sid, name, isObserver } of this.members) {
      const role = isObserver ? ":observer" : "";
      lines[`server.${sid}`] = `${name}:${QUORUM_PORT}:${ELECTION_PORT}${role}`;
    }
    if (member.isObserver) lines.peerType = "observer";
    const text = Object.entries(lines).map(([key, value]) => `${key}=${value}\n`);
    member.node.disk.putFile(CONFIG_PATH, Buffer.from(text.join("")));
    member.node.disk.putFile(`${member.dataDir}/myid`, Buffer.from(`${member.sid}\n`));
  }
}

/** Tells its owner: an object that knows its directory is known by it. */
export function dataDirOf(sid: number): string {
  return `/data/zk${sid}`;
}

export function sidOfPath(path: string): number {
  const found = /^\/data\/zk(\d+)(?:\/|$)/.exec(path);
  if (found === null) throw new Error(`Cannot tell whose path "${path}" is`);
  return Number(found[1]);
}

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
import type { FsNode, PowerLossFate } from "./platform/file-system.js";
import type { SimNode } from "./platform/node.js";
import { SimPlatform, type SimSettings } from "./platform/sim-platform.js";

export const CLIENT_PORT = 2181;
export const QUORUM_PORT = 2888;
export const ELECTION_PORT = 3888;
/** What a port is changed to by a reconfig. */
export const movedPort = (port: number): number => port + 1;

export const CONFIG_PATH = "/etc/zoo.cfg";

export interface EnsembleSettings extends SimSettings {
  /** Voting members; 3 by default. */
  readonly members?: number;
  readonly observers?: number;
  /** Machines with a server that is no member yet, and knows who the members are. */
  readonly spares?: SpareSettings;
  /** group. and weight. lines. */
  readonly hierarchy?: readonly string[];
  /** Further lines of zoo.cfg. */
  readonly config?: Readonly<Record<string, string | number>>;
  /** Whose quorum.cumulative is false: they speak with the others as Java's servers do. */
  readonly plain?: readonly number[];
}

export interface SpareSettings {
  readonly count: number;
  /** What it says of itself in its own file. */
  readonly role: "participant" | "observer";
  /** Its data directory may be empty, as that of a first member; otherwise it has no vote before a leader has brought it all. */
  readonly isInitialized: boolean;
}

export interface Exit {
  readonly atMs: number;
  readonly error: unknown;
}

/** A server and its machine. */
export class SimMember {
  readonly sid: number;
  readonly node: SimNode;
  /** Its role in the first configuration. */
  readonly role: "participant" | "observer" | "spare";
  /** Each time the server ended itself. */
  readonly exits: Exit[] = [];
  server: Server | undefined;
  starts = 0;
  /** Told of the tree that was recovered, of any end, and of one that nobody from outside caused. */
  onStarted: ((tree: DataTree) => void) | undefined;
  /** It has ended in good order, with this tree. */
  onStopped: ((tree: DataTree) => void) | undefined;
  onEnded: (() => void) | undefined;
  onExit: ((error: unknown) => void) | undefined;
  readonly dataDir: string;
  readonly #world: SimPlatform;
  readonly #stateDir: string;

  constructor(world: SimPlatform, sid: number, role: SimMember["role"]) {
    this.#world = world;
    this.sid = sid;
    this.role = role;
    this.dataDir = dataDirOf(sid);
    this.#stateDir = `${this.dataDir}/version-2`;
    this.node = world.addNode(`zk${sid}`);
  }

  get name(): string {
    return this.node.name;
  }

  get isObserver(): boolean {
    return this.role === "observer";
  }

  /** What is in `version-2`, by name, as a power cut would leave it. */
  get durableFiles(): ReadonlyMap<string, FsNode> {
    const directory = this.node.disk.durableNode(this.#stateDir);
    return directory?.kind === "directory" ? directory.durable : NO_FILES;
  }

  /** The number that one of these files holds, -1 where it is not there. */
  durableNumber(name: string): number {
    const file = this.durableFiles.get(name);
    return file?.kind === "file" ? Number(file.durable.text) : -1;
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

  /** SIGTERM. False: it came to another end before. */
  async stop(): Promise<boolean> {
    const { server, starts: life } = this;
    if (server === undefined) throw new Error(`Cannot stop ${this.name}: it does not run`);
    await server.stop();
    if (life !== this.starts || !this.isRunning) return false;
    this.onStopped?.(server.tree);
    this.kill();
    return true;
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
  readonly #plain: readonly number[];
  readonly #hierarchy: readonly string[];
  readonly #spares: SpareSettings | undefined;

  constructor(settings: EnsembleSettings) {
    this.world = new SimPlatform(settings);
    this.#config = settings.config ?? {};
    this.#plain = settings.plain ?? [];
    this.#hierarchy = settings.hierarchy ?? [];
    this.#spares = settings.spares;
    const voters = settings.members ?? 3;
    const all = voters + (settings.observers ?? 0);
    for (let sid = 1; sid <= all + (this.#spares?.count ?? 0); sid++) {
      const role = sid <= voters ? "participant" : sid <= all ? "observer" : "spare";
      this.members.push(new SimMember(this.world, sid, role));
    }
    for (const member of this.members) {
      this.#prepareDisk(member);
      // As zkServer-initialize does it: with db.autocreate=false only such a directory may be empty.
      const isFirst = member.role !== "spare" || this.#spares?.isInitialized;
      if (isFirst && this.#config["db.autocreate"] === "false") {
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

  /** A new disk, with the configuration of the first day and myid and nothing else. The machine must be off. */
  reformat(member: SimMember): void {
    member.node.disk.wipe();
    this.#prepareDisk(member);
  }

  /** What a member's files say of the members: in force, and perhaps to come. */
  configurationsOf({ node: { disk } }: SimMember): string[] {
    const zooCfg = String(disk.file(CONFIG_PATH));
    const dynamic = /^dynamicConfigFile=(.*)$/m.exec(zooCfg)?.[1];
    const inForce = dynamic === undefined ? zooCfg : String(disk.file(dynamic));
    const next = disk.file(`${CONFIG_PATH}.dynamic.next`);
    return next === undefined ? [inForce] : [inForce, String(next)];
  }

  /** The members of the first day, as zoo.cfg has them. */
  get firstConfiguration(): string {
    const members = this.members.filter(({ role }) => role !== "spare");
    return [...members.map((member) => lineOf(member, member.role)), ...this.#hierarchy].join("\n");
  }

  /** The operator writes into zoo.cfg who the members are, and adds this one in the given role if it is none of them. */
  configure(
    member: SimMember,
    membership: string,
    role: "participant" | "observer" = "observer",
  ): void {
    const { disk } = member.node;
    for (const name of disk.list("/etc")) disk.removeFile(`/etc/${name}`);
    const members = membership.split("\n").filter((line) => !line.startsWith("version="));
    const isOwn = (line: string): boolean => line.startsWith(`server.${member.sid}=`);
    // With groups every voter must be in one.
    const added = membership.includes("group.") ? "observer" : role;
    if (!members.some(isOwn)) members.push(lineOf(member, added));
    const own = members.find(isOwn) as string;
    const settings: Record<string, string | number> = {
      tickTime: 2000,
      initLimit: 10,
      syncLimit: 5,
      dataDir: member.dataDir,
      ...(own.includes(";") ? {} : { clientPort: CLIENT_PORT }),
      "admin.enableServer": "false",
      ...this.#config,
      ...(own.includes(":observer") ? { peerType: "observer" } : {}),
      ...(this.#plain.includes(member.sid) ? { "quorum.cumulative": "false" } : {}),
    };
    const lines = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
    disk.putFile(CONFIG_PATH, Buffer.from(`${[...lines, ...members].join("\n")}\n`));
  }

  #prepareDisk(member: SimMember): void {
    this.configure(member, this.firstConfiguration, this.#spares?.role);
    member.node.disk.putFile(`${member.dataDir}/myid`, Buffer.from(`${member.sid}\n`));
  }
}

function lineOf({ sid, name }: SimMember, role: SimMember["role"]): string {
  const suffix = role === "participant" ? "" : ":observer";
  return `server.${sid}=${name}:${QUORUM_PORT}:${ELECTION_PORT}${suffix}`;
}

const NO_FILES: ReadonlyMap<string, FsNode> = new Map();

/** Tells its owner: an object that knows its directory is known by it. */
export function dataDirOf(sid: number): string {
  return `/data/zk${sid}`;
}

export function sidOfPath(path: string): number {
  const found = /^\/data\/zk(\d+)(?:\/|$)/.exec(path);
  if (found === null) throw new Error(`Cannot tell whose path "${path}" is`);
  return Number(found[1]);
}

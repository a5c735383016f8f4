// A stage for one story: a simulated ensemble that does what the test says, watched by the monitors of the random runs.
//
// Unlike those, it knows what happens when: `when` acts as soon as a packet between two servers leaves, `crashPoints` plays
// a story once for each disk call of it. Whatever a story asserts itself, in the end the ground truth of
// committed-history.ts and the promises of promise-monitor.ts must have held all the time, and nobody may have ended
// itself without being told to.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { ZooKeeperClient } from "../../../src/cli/client/zookeeper-client.js";
import { ZooKeeperError } from "../../../src/cli/client/zookeeper-error.js";
import { ErrorCode } from "../../../src/wire/error-codes.js";
import { QuorumPacketType } from "../../../src/wire/op-codes.js";
import { PacketScanner } from "../../../src/wire/quorum-framing.js";
import { CommittedHistory } from "../committed-history.js";
import { Ensemble, type EnsembleSettings, QUORUM_PORT, type SimMember } from "../ensemble.js";
import type { ConnectionEnd, Machine } from "../platform/fabric.js";
import { PromiseMonitor } from "../promise-monitor.js";
import { type Observer, observe } from "../spy.js";

type PacketType = (typeof QuorumPacketType)[keyof typeof QuorumPacketType];

interface Awaited {
  readonly from: SimMember;
  readonly to: SimMember;
  readonly type: PacketType;
  readonly act: () => void;
}

export type StageSettings = Partial<EnsembleSettings>;

/** Ticks short enough that time-outs cost nothing. */
const CONFIG = { tickTime: 200, initLimit: 10, syncLimit: 5, snapCount: 1000 };

/** A test of this name, on a stage of its own. */
export function scenario(
  name: string,
  settings: StageSettings,
  story: (stage: Stage) => Promise<void>,
): void {
  test(name, () => play(settings, story));
}

export async function play(
  settings: StageSettings,
  story: (stage: Stage) => Promise<void>,
): Promise<void> {
  const stage = new Stage(settings);
  try {
    await story(stage);
    stage.check();
  } finally {
    stage.end();
  }
}

export class Stage {
  readonly ensemble: Ensemble;
  readonly history: CommittedHistory;
  /** Members that may end themselves: their disk is made to fail. */
  readonly mayExit = new Set<SimMember>();
  readonly #monitor: PromiseMonitor;
  readonly #awaited: Awaited[] = [];
  readonly #scanners = new WeakMap<ConnectionEnd, PacketScanner | null>();
  #violation: unknown;

  constructor(settings: StageSettings) {
    const config = { ...CONFIG, ...settings.config };
    this.ensemble = new Ensemble({ seed: 1, ...settings, config });
    const { world, members } = this.ensemble;
    this.history = new CommittedHistory(this.ensemble);
    this.#monitor = new PromiseMonitor(this.ensemble, this.history);
    const { tap } = world.network;
    world.network.tap = (from, to, bytes) => {
      this.#guarded(() => tap?.(from, to, bytes));
      this.#look(from, to, bytes);
    };
    observe(this.#guardedHistory());
    for (const member of members) {
      member.onStarted = (tree) => this.#guarded(() => this.history.restarted(member.sid, tree));
      member.onEnded = () => {
        this.history.ended(member.sid);
        this.#guarded(() => this.#monitor.ended(member.sid));
      };
    }
  }

  end(): void {
    observe(undefined);
    this.ensemble.world.network.tap = undefined;
  }

  /** All that the monitors have seen so far was right. */
  check(): void {
    if (this.#violation !== undefined) throw this.#violation;
    for (const member of this.ensemble.members) {
      const [exit] = member.exits;
      if (exit !== undefined && !this.mayExit.has(member)) throw exit.error;
    }
  }

  #guarded(check: () => void): void {
    try {
      check();
    } catch (error) {
      this.#violation ??= error;
    }
  }

  #guardedHistory(): Observer {
    const { history } = this;
    return new Proxy<Observer>(history, {
      get:
        (_, name: keyof Observer) =>
        (...seen: unknown[]) =>
          this.#guarded(() => (history[name] as (...seen: unknown[]) => void).apply(history, seen)),
    });
  }

  // ------------------------------------------------------------------------------------------------------------ members

  get leader(): SimMember {
    const { leader } = this.ensemble;
    assert.ok(leader !== undefined, "nobody leads");
    return leader;
  }

  get followers(): [SimMember, SimMember, ...SimMember[]] {
    return this.ensemble.followers as [SimMember, SimMember, ...SimMember[]];
  }

  /** Starts those that do not run (all, if none is named), and waits until they are settled. */
  async up(...members: readonly SimMember[]): Promise<void> {
    const wanted = members.length > 0 ? members : this.ensemble.members;
    for (const member of wanted) if (!member.isRunning) member.start();
    await this.settled(...wanted);
  }

  /** These (all that run, if none is named) serve under one leader, and have applied the same. */
  async settled(...members: readonly SimMember[]): Promise<void> {
    await this.until(() => {
      const wanted = members.length > 0 ? members : this.running();
      return (
        this.ensemble.members.filter(({ isLeading }) => isLeading).length === 1 &&
        wanted.every(({ isServing }) => isServing) &&
        new Set(wanted.map(({ tree }) => tree && this.history.normal(tree.lastProcessedZxid)))
          .size === 1
      );
    });
    this.check();
  }

  running(): SimMember[] {
    return this.ensemble.members.filter(({ isRunning }) => isRunning);
  }

  async until(isDone: () => boolean, limitMs = 120_000): Promise<void> {
    await this.ensemble.world.runUntil(isDone, limitMs);
  }

  /** Runs until the member has logged such a line. */
  async untilSaid(member: SimMember, what: RegExp): Promise<void> {
    const { logBook } = this.ensemble.world;
    let isSaid = false;
    const { onLine } = logBook;
    logBook.onLine = (line) => {
      onLine?.(line);
      isSaid ||= line.node === member.name && what.test(line.message);
    };
    await this.until(() => isSaid);
    logBook.onLine = onLine;
  }

  run(durationMs: number): Promise<void> {
    return this.ensemble.world.runFor(durationMs);
  }

  /** Nothing passes between the two groups, in either direction, until healed. */
  cut(some: readonly SimMember[], others: readonly SimMember[], port?: number): { heal(): void } {
    const names = (members: readonly SimMember[]) => members.map(({ name }) => name);
    return this.ensemble.world.network.partition(names(some), names(others), port);
  }

  /** Equal trees, digests and sessions on all that run, and each of these nodes on every one of them, or on none. */
  assertEqual({ there = [], gone = [] }: { there?: string[]; gone?: string[] } = {}): void {
    const running = this.running();
    const digests = new Set(running.map((member) => member.tree?.digest.toBigInt()));
    assert.equal(digests.size, 1, "the trees differ");
    const sessions = new Set(
      running.map(({ tree }) => [...(tree?.sessions.keys() ?? [])].sort().join()),
    );
    assert.equal(sessions.size, 1, "the sessions differ");
    for (const { tree, name } of running) {
      for (const path of there) assert.ok(tree?.get(path) !== undefined, `${name} lacks ${path}`);
      for (const path of gone) assert.equal(tree?.get(path), undefined, `${name} has ${path}`);
    }
  }

  // ------------------------------------------------------------------------------------------------------------ clients

  client(name: string, member?: SimMember, sessionTimeoutMs?: number): ZooKeeperClient {
    return this.ensemble.client(name, {
      ...(member === undefined ? {} : { sid: member.sid }),
      ...(sessionTimeoutMs === undefined ? {} : { sessionTimeoutMs }),
    });
  }

  /** With a session that stands: the next that its server logs for it is what it asks for. */
  async connected(name: string, member?: SimMember): Promise<ZooKeeperClient> {
    const client = this.client(name, member);
    await this.settle(client.exists("/"));
    return client;
  }

  settle<T>(promise: Promise<T>): Promise<T> {
    return this.ensemble.settle(promise, 120_000);
  }

  /** Creates them one after the other, until each is there. */
  async create(client: ZooKeeperClient, ...paths: readonly string[]): Promise<void> {
    for (const path of paths) {
      for (let isThere = false; !isThere; ) {
        isThere = await this.settle(
          client.create(path).then(
            () => true,
            (error: unknown) => {
              if (!(error instanceof ZooKeeperError)) throw error;
              assert.ok(error.isUncertain || error.code === ErrorCode.nodeExists, error.message);
              return error.code === ErrorCode.nodeExists;
            },
          ),
        );
      }
    }
  }

  /** What only the leader has logged: a node at `path`. Its followers die before, it dies before it notices. */
  async dieWith(path: string): Promise<void> {
    const { leader, followers } = this;
    const client = await this.connected("client of the leader", leader);
    for (const follower of followers) follower.kill();
    this.attempt(client.create(path));
    await this.run(100);
    leader.kill();
  }

  /** Whether a request went well, for requests that nobody may answer; asked for and not waited for. */
  attempt(request: Promise<unknown>): { isDone: boolean; error: unknown } {
    const outcome: { isDone: boolean; error: unknown } = { isDone: false, error: undefined };
    request.then(
      () => {
        outcome.isDone = true;
      },
      (error: unknown) => {
        outcome.error = error;
      },
    );
    return outcome;
  }

  // ------------------------------------------------------------------------------------------------------------ packets

  /** Once, as soon as the next packet of this type has left; what is done is done before it arrives. */
  when(from: SimMember, type: PacketType, to: SimMember, act: () => void): void {
    this.#awaited.push({ from, to, type, act });
  }

  /** Runs until such a packet has left. */
  async untilSent(from: SimMember, type: PacketType, to: SimMember): Promise<void> {
    let isSent = false;
    this.when(from, type, to, () => {
      isSent = true;
    });
    await this.until(() => isSent);
  }

  #look(from: ConnectionEnd, to: Machine, bytes: Uint8Array): void {
    if (from.localPort !== QUORUM_PORT && from.remotePort !== QUORUM_PORT) return;
    let scanner = this.#scanners.get(from);
    if (scanner === null) return;
    if (scanner === undefined) {
      scanner = new PacketScanner(4 * 1024 * 1024);
      this.#scanners.set(from, scanner);
    }
    const scanning = scanner;
    scanning.scan(Buffer.from(bytes), 0, ({ type }) => {
      if (type === QuorumPacketType.snap) {
        // The tree follows, and is no packet.
        this.#scanners.set(from, null);
        scanning.stop();
      }
      this.#left(from.machine, to, type);
    });
  }

  #left(from: Machine, to: Machine, type: number): void {
    const at = this.#awaited.findIndex(
      (one) => one.type === type && one.from.node === from && one.to.node === to,
    );
    if (at < 0) return;
    const [{ act }] = this.#awaited.splice(at, 1) as [Awaited];
    // Not within the turn that sends it.
    this.ensemble.world.scheduler.after(0, "story", 0, act);
  }

  // --------------------------------------------------------------------------------------------------------------- disks

  /** A new disk, with the configuration and nothing else. */
  wipe(member: SimMember): void {
    const { disk } = member.node;
    const kept = ["/etc/zoo.cfg", `${member.dataDir}/myid`].map(
      (path) => [path, disk.file(path) as Buffer] as const,
    );
    disk.wipe();
    for (const [path, bytes] of kept) disk.putFile(path, bytes);
    this.history.wiped(member.sid);
    this.#monitor.wiped(member.sid);
  }

  /** The next call on this member's data never comes back; told whether there was one. */
  hangAtCall(member: SimMember, skip: number): { readonly isReached: boolean; remove(): void } {
    const { disk } = member.node;
    const fault = disk.inject({
      operation: ["create", "write", "sync", "truncate", "rename", "remove", "syncDirectory"],
      path: /^\/data\//,
      skip,
      delayMs: 1e9,
    });
    return {
      get isReached() {
        return fault.hits > 0;
      },
      remove: () => fault.remove(),
    };
  }
}

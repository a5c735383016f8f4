// One seed, from the first start to the last comparison.
//
//   phase 1, safety     all faults the seed has drawn; whatever happens, nobody may lie
//   phase 2, liveness   a majority is healed for good, the others are left in a fault that stays: it must elect, serve,
//                       take writes and come to one state within a stated time
//
// The state monitors run all the time (committed-history.ts, promise-monitor.ts); the histories of the clients are judged
// at the end (check-*.ts).

import { FatalError } from "../../src/errors.js";
import { collectMarks, type Mark } from "../../src/marks.js";
import { DiskError } from "../../src/platform/platform.js";
import type { DataTree } from "../../src/tree/data-tree.js";
import { checkHistories } from "./check-histories.js";
import { CommittedHistory } from "./committed-history.js";
import {
  CLIENT_PORT,
  Ensemble,
  movedPort,
  type SimMember,
  type SpareSettings,
} from "./ensemble.js";
import { Faults } from "./faults.js";
import type { RunOptions } from "./options.js";
import { Peace } from "./peace.js";
import type { SeededRandom } from "./platform/random.js";
import { PromiseMonitor } from "./promise-monitor.js";
import type { ReconfigOptions } from "./reconfigurations.js";
import { mustReload } from "./reload.js";
import { type Observer, observe } from "./spy.js";
import { must, Violation } from "./violation.js";
import { Recorder, WorkloadClient } from "./workload.js";

export interface RunResult {
  readonly hash: string;
  readonly virtualMs: number;
  readonly steps: number;
  readonly committed: number;
  readonly operations: number;
  readonly answered: number;
  readonly epochs: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly counts: Readonly<Record<string, number>>;
  /** What the servers passed of src/marks.ts. */
  readonly marks: ReadonlyMap<Mark, number>;
}

export class RunFailure extends Error {
  readonly run: Run;
  constructor(run: Run, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.run = run;
  }
}

export class Run {
  readonly options: RunOptions;
  readonly ensemble: Ensemble;
  readonly history: CommittedHistory;
  readonly recorder = new Recorder();
  readonly #monitor: PromiseMonitor;
  readonly #clients: WorkloadClient[] = [];
  #faults!: Faults;
  readonly #marks = new Map<Mark, number>();
  #peace: Peace | undefined;
  readonly #counts = { rotNoticed: 0, expelled: 0, reloaded: 0 };
  /** Who has ended in good order just now, or its role has: its disk is to be read while everything stands still. */
  readonly #stopped: { readonly member: SimMember; readonly tree: DataTree }[] = [];
  #violation: unknown;
  /** Of its own: what is looked at changes nothing. */
  readonly #reloads: SeededRandom;

  constructor(options: RunOptions) {
    this.options = options;
    const { seed, members, observers, hierarchy, reconfig, config, plain } = options;
    const { delayMs, cutProbability, retransmitLimitMs } = options;
    this.ensemble = new Ensemble({
      seed,
      members,
      observers,
      hierarchy,
      ...(reconfig && { spares: sparesOf(reconfig) }),
      config,
      plain,
      network: { delayMs, cutProbability, retransmitLimitMs },
      disk: { writeMs: options.writeMs, syncMs: options.syncMs },
      turnMs: options.turnMs,
    });
    this.#reloads = this.ensemble.world.random.split("reloads");
    this.history = new CommittedHistory(this.ensemble);
    this.#monitor = new PromiseMonitor(this.ensemble, this.history);
    const { network } = this.ensemble.world;
    const { tap } = network;
    network.tap = (...seen) => this.#guarded(() => tap?.(...seen));
  }

  async run(): Promise<RunResult> {
    observe(this.#guardedObserver());
    this.#collectMarks();
    try {
      this.#listen();
      this.#supervise();
      this.ensemble.startAll();
      await this.#safety();
      await this.#liveness();
      await this.#end();
      checkHistories(this.history, this.recorder, this.options.localSessions);
      return this.#result();
    } catch (error) {
      throw new RunFailure(this, this.#violation ?? error);
    } finally {
      observe(undefined);
      collectMarks(undefined);
      this.ensemble.world.network.tap = undefined;
    }
  }

  /** What a client or a server says of itself when it is wrong. */
  #listen(): void {
    const { logBook } = this.ensemble.world;
    const { onLine } = logBook;
    logBook.onLine = (line) => {
      onLine?.(line);
      if (UNHEARD_OF.test(line.message) || UNHEARD_OF.test(String(line.error ?? ""))) {
        this.#guarded(() => must(false, () => `${line.node} says: ${line.message} ${line.error}`));
      }
    };
  }

  /** Watches over the processes: who ended, who came back, and whether the one had a reason and the other its data. */
  #supervise(): void {
    const { members, world } = this.ensemble;
    const uncaught = world.onUncaught;
    world.onUncaught = (node, error) => {
      if (error instanceof Violation) this.#violation ??= error;
      uncaught?.(node, error);
    };
    for (const member of members) {
      member.onStarted = (tree) => {
        this.#faults?.started(member);
        this.#guarded(() => this.history.restarted(member.sid, tree));
      };
      member.onStopped = (tree) => {
        // What is rotten is for its next start to notice.
        if (!this.#faults.rotten.has(member)) this.#stopped.push({ member, tree });
      };
      member.onEnded = () => {
        this.history.ended(member.sid);
        this.#guarded(() => this.#monitor.ended(member.sid));
      };
      member.onExit = (error) => this.#guarded(() => this.#exited(member, error));
    }
  }

  #guarded(check: () => void): void {
    try {
      check();
    } catch (error) {
      this.#violation ??= error;
    }
  }

  /** What a check throws must not be caught by the server that it is called from. */
  #guardedObserver(): Observer {
    const { history } = this;
    const guarded: Record<string, (...seen: unknown[]) => void> = {};
    for (const name of Object.keys(OBSERVED) as (keyof Observer)[]) {
      const check = history[name] as (...seen: unknown[]) => void;
      guarded[name] = (...seen) => this.#guarded(() => check.apply(history, seen));
    }
    const { fastForwarded } = guarded;
    guarded.fastForwarded = (...seen) => {
      fastForwarded?.(...seen);
      this.#roleEnded(...(seen as [number, DataTree]));
    };
    return guarded as unknown as Observer;
  }

  /** Outside a role tree and files are one: seldom looked at, for what it costs. */
  #roleEnded(sid: number, tree: DataTree): void {
    const member = this.ensemble.member(sid);
    if (!this.#reloads.chance(ROLES_RELOADED_SHARE)) return;
    const mayBeFenced = this.#faults.suspects.has(member);
    if (!mayBeFenced && !this.#faults.rotten.has(member)) this.#stopped.push({ member, tree });
  }

  #exited(member: SimMember, error: unknown): void {
    if (error instanceof Violation) throw error;
    const isInjected = this.#faults.suspects.has(member) && isOfTheDisk(error);
    if (this.#faults.rotten.has(member) && !isInjected) {
      // It has noticed, and does what it must: nothing. The operator gives it an empty disk.
      must(
        error instanceof FatalError,
        () => `${member.name} does not say what is wrong with its disk: ${describe(error)}`,
      );
      this.#counts.rotNoticed++;
      this.#faults.wipe(member);
      return;
    }
    if (isExpelled(error) && this.history.wasOutside(member.sid)) {
      // It is none of the members, and does not start until it is told who they are. It may only look on.
      this.#counts.expelled++;
      this.ensemble.configure(member, this.history.rule?.text ?? "");
      this.#faults.restartLater(member, [0, this.options.tickMs * 5]);
      return;
    }
    const hasFailed = this.#faults.hasDiskFailed(member);
    must(
      hasFailed || isInjected,
      () => `${member.name} ends itself without a reason: ${describe(error)}`,
    );
    this.#faults.restartLater(member, [0, this.options.tickMs * 5]);
  }

  // ------------------------------------------------------------------------------------------------------------- phases

  async #safety(): Promise<void> {
    const { clients, faultsMs, workload } = this.options;
    const { world } = this.ensemble;
    const servers = this.#servers();
    for (const name of Array.from({ length: clients }, (_, i) => `c${i + 1}`)) {
      const { platform } = this.ensemble.clientMachine(name);
      const random = world.random.split(name);
      const now = () => world.nowMs;
      this.#clients.push(
        new WorkloadClient(name, platform, servers, random, workload, this.recorder, now),
      );
    }
    this.#faults = new Faults(this.ensemble, this.options, this.history, this.#clients);
    this.#monitor.isDamaged = (member) => this.#faults.rotten.has(member);
    this.#faults.onWiped = ({ sid }) => {
      this.history.wiped(sid);
      this.#monitor.wiped(sid);
    };
    await this.#comesTrue(() => false, faultsMs);
    this.#faults.stop();
  }

  /** All that there are or may be. */
  #servers(): string {
    const { connectString } = this.ensemble;
    const mover = this.options.reconfig?.mover;
    if (mover === undefined) return connectString;
    return `${connectString},${this.ensemble.member(mover).name}:${movedPort(CLIENT_PORT)}`;
  }

  /** Whether it does within so many milliseconds. What is to be looked at while everything stands still is, on the way. */
  async #comesTrue(isDone: () => boolean, limitMs: number): Promise<boolean> {
    const { world } = this.ensemble;
    const endMs = world.nowMs + limitMs;
    const isOver = () => world.nowMs >= endMs || isDone();
    for (;;) {
      await world.runUntil(
        () => this.#violation !== undefined || this.#stopped.length > 0 || isOver(),
        limitMs * 2 + 10_000,
      );
      if (this.#violation !== undefined) throw this.#violation;
      const stopped = this.#stopped.shift();
      if (stopped === undefined) return isDone();
      await this.#mustReload(stopped.member, stopped.tree);
    }
  }

  async #mustReload(member: SimMember, tree: DataTree): Promise<void> {
    this.#counts.reloaded++;
    // What it takes to look is nothing that a server did.
    collectMarks(undefined);
    await mustReload(member, tree, (zxid) => this.history.normal(zxid));
    this.#collectMarks();
  }

  #collectMarks(): void {
    collectMarks((mark) => this.#marks.set(mark, (this.#marks.get(mark) ?? 0) + 1));
  }

  async #liveness(): Promise<void> {
    const { options, ensemble, history } = this;
    const [faults, clients] = [this.#faults, this.#clients];
    const comesTrue = (isDone: () => boolean, limitMs: number) => this.#comesTrue(isDone, limitMs);
    this.#peace = new Peace({ options, ensemble, history, faults, clients, comesTrue });
    await this.#peace.run();
  }

  /** SIGTERM to all, in whatever order: each ends, and finds on its disk what it had. */
  async #end(): Promise<void> {
    const { members, world } = this.ensemble;
    const { tickMs } = this.options;
    const random = world.random.split("end");
    const lives = new Map<SimMember, number>();
    for (const member of members) {
      if (member.server === undefined || !member.isRunning) continue;
      lives.set(member, member.starts);
      world.scheduler.after(random.between([0, tickMs]), "stop", 0, () => {
        if (member.isRunning && member.starts === lives.get(member)) void member.stop();
      });
    }
    // A write that was under way may fail still, of an error that was injected: that ends it, too.
    const left = () =>
      [...lives].filter(([member, life]) => member.isRunning && member.starts === life);
    const limitMs = 60_000 + 10 * tickMs;
    const isTrue = await this.#comesTrue(() => left().length === 0, limitMs);
    must(isTrue, () => `${left().length} servers have not ended within ${limitMs} ms of SIGTERM`);
  }

  #result(): RunResult {
    const { world } = this.ensemble;
    const { operations } = this.recorder;
    const faults = Object.fromEntries(this.#faults.counts);
    return {
      hash: world.hash,
      virtualMs: world.nowMs,
      steps: world.scheduler.steps,
      committed: this.history.committed.length,
      operations: operations.length,
      answered: operations.filter(({ reply }) => reply !== undefined).length,
      epochs: this.history.epochs.size,
      marks: this.#marks,
      faults,
      counts: {
        ...this.#counts,
        ...this.#peace?.counts,
        ...this.history.counts,
        ...Object.fromEntries(this.#monitor.counts),
      },
    };
  }
}

const OBSERVED: Readonly<Record<keyof Observer, true>> = {
  appended: true,
  committedByLeader: true,
  appliedByLearner: true,
  fastForwarded: true,
  handsOver: true,
  serves: true,
  onlyReads: true,
  stopsServing: true,
  rebuilding: true,
  replaced: true,
};

const ROLES_RELOADED_SHARE = 0.05;

const UNHEARD_OF = /Xid out of order|Nothing in the queue|Digests are not matching/;

function sparesOf({ spares, spareRole, spareIsInitialized }: ReconfigOptions): SpareSettings {
  return { count: spares, role: spareRole, isInitialized: spareIsInitialized };
}

/** A server that its own configuration has no line for. */
function isExpelled(error: unknown): boolean {
  return error instanceof FatalError && /^My id \d+ not in the peer list/.test(error.message);
}

function isOfTheDisk(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    // What the store says of its own file is no call that failed.
    if (at instanceof DiskError && at.code === "EUCLEAN") return false;
    if (at instanceof DiskError || /\((EIO|ENOSPC)\)/.test(at.message)) return true;
  }
  return false;
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

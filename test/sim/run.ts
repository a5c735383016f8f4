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
import { checkHistories } from "./check-histories.js";
import { CommittedHistory, must, Violation } from "./committed-history.js";
import { Ensemble, type SimMember } from "./ensemble.js";
import { Faults } from "./faults.js";
import type { RunOptions } from "./options.js";
import { PromiseMonitor } from "./promise-monitor.js";
import { type Observer, observe } from "./spy.js";
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
  #rotNoticed = 0;
  #violation: unknown;

  constructor(options: RunOptions) {
    this.options = options;
    const { seed, members, observers, config, delayMs, cutProbability, retransmitLimitMs } =
      options;
    this.ensemble = new Ensemble({
      seed,
      members,
      observers,
      config,
      network: { delayMs, cutProbability, retransmitLimitMs },
      disk: { writeMs: options.writeMs, syncMs: options.syncMs },
      turnMs: options.turnMs,
    });
    this.history = new CommittedHistory(this.ensemble);
    this.#monitor = new PromiseMonitor(this.ensemble, this.history);
    const { network } = this.ensemble.world;
    const { tap } = network;
    network.tap = (...seen) => this.#guarded(() => tap?.(...seen));
  }

  async run(): Promise<RunResult> {
    observe(this.#guardedObserver());
    collectMarks((mark) => this.#marks.set(mark, (this.#marks.get(mark) ?? 0) + 1));
    try {
      this.#listen();
      this.#supervise();
      this.ensemble.startAll();
      await this.#safety();
      await this.#liveness();
      checkHistories(this.history, this.recorder);
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
      member.onEnded = () => this.history.ended(member.sid);
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
    return guarded as unknown as Observer;
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
      this.#rotNoticed++;
      this.#faults.wipe(member);
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
    const names = Array.from({ length: clients }, (_, i) => `c${i + 1}`);
    for (const name of names) {
      const { platform } = this.ensemble.clientMachine(name);
      const random = world.random.split(name);
      const now = () => world.nowMs;
      const servers = this.ensemble.connectString;
      this.#clients.push(
        new WorkloadClient(name, platform, servers, random, workload, this.recorder, now),
      );
    }
    this.#faults = new Faults(this.ensemble, this.options, this.#clients);
    this.#faults.onWiped = ({ sid }) => {
      this.history.wiped(sid);
      this.#monitor.wiped(sid);
    };
    await this.#runFor(faultsMs);
    this.#faults.stop();
  }

  async #runFor(durationMs: number): Promise<void> {
    const { world } = this.ensemble;
    const endMs = world.nowMs + durationMs;
    await world.runUntil(
      () => this.#violation !== undefined || world.nowMs >= endMs,
      durationMs * 2 + 10_000,
    );
    if (this.#violation !== undefined) throw this.#violation;
  }

  async #until(isDone: () => boolean, limitMs: number, what: () => string): Promise<void> {
    const { world } = this.ensemble;
    const endMs = world.nowMs + limitMs;
    await world.runUntil(
      () => this.#violation !== undefined || world.nowMs >= endMs || isDone(),
      limitMs * 2 + 10_000,
    );
    if (this.#violation !== undefined) throw this.#violation;
    must(isDone(), () => `Within ${limitMs} ms of peace ${what()}`);
  }

  async #liveness(): Promise<void> {
    const { world, members } = this.ensemble;
    const { tickMs, initLimit, retransmitLimitMs } = this.options;
    const random = world.random.split("liveness");
    const core = this.#chooseCore(random.chance(0.5) ? undefined : random.integer(members.length));
    for (const client of this.#clients) client.stop();
    // A connection that is half open is noticed when its kernel gives up.
    const electMs = 120_000 + 20 * tickMs * initLimit + retransmitLimitMs;
    const isServing = () =>
      core.some((member) => member.isLeading) && core.every((member) => member.isServing);
    await this.#until(isServing, electMs, () => `not all of ${names(core)} serve: ${states(core)}`);
    let answered = 0;
    const probe = (client: WorkloadClient): void =>
      client.probe((isAnswered) => {
        if (isAnswered) answered++;
        else probe(client);
      });
    for (const client of this.#clients) probe(client);
    const answerMs = 60_000 + 40 * tickMs + Math.min(retransmitLimitMs, 120_000) + electMs;
    await this.#until(
      () => answered === this.#clients.length,
      answerMs,
      () => `only ${answered} of ${this.#clients.length} clients can write`,
    );
    const isEven = () =>
      isServing() && new Set(core.map((member) => member.tree?.lastProcessedZxid)).size === 1;
    await this.#until(isEven, electMs, () => `${names(core)} have not come to one state`);
  }

  /** Heals the world but for one member, which may stay in a fault for good; -1 for none. */
  #chooseCore(victimAt: number | undefined): SimMember[] {
    const { world, members } = this.ensemble;
    const random = world.random.split("core");
    world.network.healAll();
    const drawn = victimAt === undefined ? undefined : members[victimAt];
    const victim = drawn !== undefined && this.#faults.canSpare(drawn) ? drawn : undefined;
    this.#faults.victim = victim;
    const core = members.filter((member) => member !== victim);
    for (const member of members) {
      member.node.disk.clearFaults();
      member.node.disk.capacityBytes = Number.POSITIVE_INFINITY;
      member.node.time.setRate(1);
      if (!member.isRunning) member.start();
    }
    if (victim !== undefined) {
      const rest = core.map(({ name }) => name);
      switch (random.integer(4)) {
        case 0:
          victim.kill();
          break;
        case 1:
          world.network.partition([victim.name], rest);
          break;
        case 2:
          world.network.addRule({ from: victim.name, to: rest }, { block: true });
          break;
        default:
          world.network.addRule({ from: rest, to: victim.name }, { block: true });
      }
    }
    return core;
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
        rotNoticed: this.#rotNoticed,
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
  serves: true,
  stopsServing: true,
  rebuilding: true,
  replaced: true,
};

const UNHEARD_OF = /Xid out of order|Nothing in the queue|Digests are not matching/;

function names(members: readonly SimMember[]): string {
  return members.map(({ name }) => name).join(", ");
}

function states(members: readonly SimMember[]): string {
  return members.map(({ state }) => state ?? "down").join(", ");
}

function isOfTheDisk(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof DiskError || /\((EIO|ENOSPC)\)/.test(at.message)) return true;
  }
  return false;
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

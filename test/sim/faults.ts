// What goes wrong in a run, and when: each kind of fault strikes by itself, at random moments, and heals after a while.
//
// Everything happens between events of the simulation, so a fault can fall into any step. `stop` ends the first phase:
// nothing strikes any more, and what is under way is healed by the run.

import type { CommittedHistory } from "./committed-history.js";
import { drawDiskError } from "./disk-errors.js";
import type { Ensemble, SimMember } from "./ensemble.js";
import { CLIENT_PORT, ELECTION_PORT, QUORUM_PORT } from "./ensemble.js";
import type { FaultKind, RunOptions } from "./options.js";
import type { DiskFault, InjectedFault } from "./platform/disk-faults.js";
import type { PowerLossFate } from "./platform/file-system.js";
import type { Range, SeededRandom } from "./platform/random.js";
import type { QuorumRule } from "./quorum-rule.js";
import { isRare, RareFaults } from "./rare-faults.js";
import { Reconfigurations } from "./reconfigurations.js";
import { Stories } from "./stories.js";
import type { WorkloadClient } from "./workload.js";

const FATES: readonly PowerLossFate[] = ["random", "random", "lost", "applied"];

export class Faults {
  readonly counts = new Map<FaultKind, number>();
  /** Members whose disk may have failed them: they may end themselves. */
  readonly suspects = new Set<SimMember>();
  /** Members that have lost what they had, or may have: see #mayForget. */
  readonly #forgetful = new Set<SimMember>();
  /** Of these: those whose disk is damaged, which they must notice when they start. */
  readonly rotten = new Set<SimMember>();
  onWiped: ((member: SimMember) => void) | undefined;
  readonly #injected: { readonly member: SimMember; readonly fault: InjectedFault }[] = [];
  readonly #hitsSeen = new Map<SimMember, number>();
  /** Stays in its fault in the second phase. */
  victim: SimMember | undefined;
  readonly #ensemble: Ensemble;
  readonly #options: RunOptions;
  readonly #random: SeededRandom;
  readonly #history: CommittedHistory;
  readonly #operators: readonly WorkloadClient[];
  readonly #clients: readonly string[];
  readonly #stories: Stories;
  readonly #rare: RareFaults;
  #isOver = false;

  constructor(
    ensemble: Ensemble,
    options: RunOptions,
    history: CommittedHistory,
    clients: readonly WorkloadClient[],
  ) {
    this.#ensemble = ensemble;
    this.#options = options;
    this.#history = history;
    this.#random = ensemble.world.random.split("faults");
    this.#operators = clients;
    this.#clients = clients.map(({ name }) => name);
    const parts = { ensemble, options, actors: clients, fail: this.#fail };
    this.#stories = new Stories(parts, (...step) => this.after(...step));
    this.#rare = new RareFaults(parts, this);
    for (const [kind, everyMs] of Object.entries(options.faults)) {
      if (everyMs === undefined) continue;
      if (kind !== "reconfig") this.#repeat(kind as FaultKind, everyMs);
      else this.#reconfigure(new Reconfigurations(ensemble, options), everyMs);
    }
  }

  stop(): void {
    this.#isOver = true;
  }

  /** A member that is down comes back; also used for one that has ended itself. */
  restartLater(member: SimMember, rangeMs: Range = this.#options.downMs): void {
    // Also when the first phase is over: only who is meant to stay down does.
    this.#ensemble.world.scheduler.after(this.#random.between(rangeMs), "restart", 0, () => {
      if (!member.isRunning && member !== this.victim) member.start();
    });
  }

  /** Whether an error that was injected has struck since this was asked last. */
  hasDiskFailed(member: SimMember): boolean {
    let hits = 0;
    for (const one of this.#injected) if (one.member === member) hits += one.fault.hits;
    const before = this.#hitsSeen.get(member) ?? 0;
    this.#hitsSeen.set(member, hits);
    return hits > before;
  }

  #repeat(kind: FaultKind, everyMs: number): void {
    // Exponential: many at once now and then, and long peace.
    const waitMs = -Math.log(1 - this.#random.fraction()) * everyMs;
    this.#ensemble.world.scheduler.after(waitMs, "fault", 0, () => {
      if (this.#isOver) return;
      if (this.#strike(kind)) this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
      this.#repeat(kind, everyMs);
    });
  }

  after(delayMs: number, run: () => void): void {
    this.#ensemble.world.scheduler.after(delayMs, "heal", 0, () => {
      if (!this.#isOver) run();
    });
  }

  /** False: it could not, just now. */
  #strike(kind: FaultKind): boolean {
    const { world, members } = this.#ensemble;
    const random = this.#random;
    const member = this.#target();
    const healMs = random.between(this.#options.downMs);
    world.logBook.add(member.name, "fault", "INFO", kind, undefined);
    switch (kind) {
      case "kill":
        this.#down(member, () => member.kill());
        break;
      case "powerOff":
        this.#down(member, () => member.powerOff(random.pick(FATES)));
        break;
      case "powerOffAll":
        for (const each of members) this.#down(each, () => each.powerOff(random.pick(FATES)));
        break;
      case "killThenPowerOff":
        // What the page cache brought back over the first end is lost at the second.
        if (member.isRunning) member.kill();
        if (!member.isRunning && member.node.isPoweredOn) member.start();
        this.after(random.between([0, this.#options.tickMs]), () =>
          this.#down(member, () => member.powerOff(random.pick(FATES))),
        );
        break;
      case "stop":
        this.#stop(member);
        break;
      case "pause":
        member.node.pause(random.between([0, this.#options.tickMs * this.#options.syncLimit * 2]));
        break;
      case "clientPause":
        this.#ensemble
          .clientMachine(random.pick(this.#clients))
          .node.pause(random.between([0, this.#options.workload.sessionTimeoutMs * 1.5]));
        break;
      case "wipe":
        return this.mayForget(member) && this.wipe(member);
      case "bitRot":
        return this.mayForget(member) && this.#rot(member);
      case "halfOpen":
        return this.#halfOpen();
      case "movingQuorum":
      case "fewHold":
      case "deposed":
      case "cutShort":
      case "brokenSync":
      case "parted":
      case "lateToEpoch":
      case "lostPages":
        return this.#stories.begin(kind);
      case "partition":
      case "oneWay":
      case "isolateLeader":
      case "slowRoute":
      case "refuse":
      case "reset":
        this.#network(kind, healMs);
        break;
      case "clockRate":
        member.node.time.setRate(random.between([0.9, 1.1]));
        break;
      case "clockStep":
        member.node.time.stepWall(Math.round(random.between([-10_000, 10_000])));
        break;
      default:
        if (isRare(kind)) return this.#rare.strike(kind, member);
        this.#disk(kind, member, healMs);
    }
    return true;
  }

  // ------------------------------------------------------------------------------------------------ who the members are

  #reconfigure(draws: Reconfigurations, everyMs: number): void {
    this.#ensemble.world.scheduler.after(draws.waitMs(everyMs), "fault", 0, () => {
      if (this.#isOver) return;
      const { rule } = this.#history;
      const reconfig = rule && draws.draw(rule, (next) => this.canDecide(next));
      if (reconfig !== undefined && draws.pickClient(this.#operators).reconfigure(reconfig)) {
        this.counts.set("reconfig", (this.counts.get("reconfig") ?? 0) + 1);
      }
      this.#reconfigure(draws, everyMs);
    });
  }

  /** Whether those have a quorum who have what they had; without this one. */
  canDecide(rule: QuorumRule, without?: SimMember): boolean {
    const { members } = this.#ensemble;
    return rule.isQuorum(
      rule.voters.filter((sid) => {
        const member = members[sid - 1] as SimMember;
        return member !== without && !this.#forgetful.has(member);
      }),
    );
  }

  // ---------------------------------------------------------------------------------------------------------- processes

  /** Any of them, the leader more often. */
  #target(): SimMember {
    const { leader, members } = this.#ensemble;
    return leader !== undefined && this.#random.chance(0.4) ? leader : this.#random.pick(members);
  }

  #down(member: SimMember, how: () => void): void {
    how();
    this.restartLater(member);
  }

  #stop(member: SimMember): void {
    if (member.server === undefined) return;
    void member.stop().then((isInOrder) => {
      if (isInOrder) this.restartLater(member);
    });
  }

  // ------------------------------------------------------------------------------------------------ what is lost for good

  /**
   * A member that forgets what it has promised and acknowledged is survived where the others have it all: so only when they
   * are all well, and before the next one may forget it must be well again itself (the fault atlas).
   */
  mayForget(member: SimMember): boolean {
    const voters = this.#history.rule?.voters ?? [];
    const accepted = (one: SimMember) =>
      String(one.node.disk.durableFile(`${one.dataDir}/version-2/acceptedEpoch`));
    if (!this.canSpare(member) || this.#forgetful.has(member)) return false;
    return this.#ensemble.members.every(
      (one) =>
        one === member ||
        !voters.includes(one.sid) ||
        this.#forgetful.has(one) ||
        (one.isServing && accepted(one) === accepted(member)),
    );
  }

  /**
   * Whether the others can go on without it, whatever becomes of a change that is under way: who has lost its data has no vote
   * until a leader has brought it everything.
   */
  canSpare(member: SimMember): boolean {
    for (const forgetful of this.#forgetful) {
      if (!this.rotten.has(forgetful) && forgetful.isServing) this.#forgetful.delete(forgetful);
    }
    // A change that is under way may need voters who have not heard that they are.
    const [rule, ...changes] = this.#history.possibleRules();
    return rule !== undefined && changes.length === 0 && this.canDecide(rule, member);
  }

  /** It comes back with an empty disk, as after a replacement or on an operator's order. */
  wipe(member: SimMember): true {
    member.powerOff("lost");
    this.#ensemble.reformat(member);
    this.#forgetful.add(member);
    this.rotten.delete(member);
    this.onWiped?.(member);
    this.restartLater(member);
    return true;
  }

  /** A bit of a log or a snapshot falls over. Told to nobody; the member may start anew at once, or some day. */
  #rot(member: SimMember): boolean {
    const random = this.#random;
    const { disk } = member.node;
    const directory = `${member.dataDir}/version-2`;
    const files = disk.list(directory).filter((name) => /^(log|snapshot)\./.test(name));
    if (files.length === 0) return false;
    const path = `${directory}/${random.pick(files)}`;
    const position = random.integer(Math.max(1, disk.writtenBytes(path)));
    disk.damage(path, position, (bytes) => {
      if (bytes.length > 0) bytes[0] = (bytes[0] as number) ^ (1 << random.integer(8));
    });
    this.spoiled(member);
    if (random.chance(0.7)) this.#down(member, () => member.kill());
    return true;
  }

  spoiled(member: SimMember): void {
    this.#forgetful.add(member);
    this.rotten.add(member);
  }

  /** A start has shown that nothing is wrong with what counts of its disk. */
  started(member: SimMember): void {
    this.rotten.delete(member);
  }

  // ------------------------------------------------------------------------------------------------------------ network

  #halfOpen(): boolean {
    const random = this.#random;
    const probability = random.pick([0.1, 0.3, 1]);
    const { name } = this.#target();
    const { network } = this.#ensemble.world;
    const isMeant = (one: string, other: string): boolean =>
      (one === name || other === name) && random.chance(probability);
    return network.forget((a, b) => isMeant(a.machine.name, b.machine.name)) > 0;
  }

  #network(kind: FaultKind, healMs: number): void {
    const { network } = this.#ensemble.world;
    const random = this.#random;
    const [some, others] = this.#split(kind === "isolateLeader");
    const port = random.pick([
      undefined,
      undefined,
      undefined,
      CLIENT_PORT,
      QUORUM_PORT,
      ELECTION_PORT,
    ]);
    const route = { from: some, to: others, ...(port === undefined ? {} : { port }) };
    if (kind === "reset") {
      network.reset(
        (a, b) =>
          (some.includes(a.machine.name) || some.includes(b.machine.name)) && random.chance(0.5),
      );
      return;
    }
    const rule =
      kind === "partition" || kind === "isolateLeader"
        ? network.partition(some, others, port)
        : network.addRule(
            route,
            kind === "oneWay"
              ? { block: true }
              : kind === "refuse"
                ? random.chance(0.5)
                  ? { refuse: true }
                  : { ignoreAttempts: true }
                : { delayMs: [0, random.between([0, this.#options.tickMs * 2])] },
          );
    this.after(healMs, () => rule.heal());
  }

  /** Two groups of machines, clients among them. */
  #split(leaderAlone: boolean): [string[], string[]] {
    const { leader, members } = this.#ensemble;
    const random = this.#random;
    const all = [...members.map(({ name }) => name), ...this.#clients];
    const alone =
      leaderAlone && leader !== undefined
        ? leader.name
        : random.chance(0.5)
          ? random.pick(members).name
          : undefined;
    const some = alone === undefined ? all.filter(() => random.chance(0.5)) : [alone];
    if (alone !== undefined) some.push(...this.#clients.filter(() => random.chance(0.3)));
    return [some, all.filter((name) => !some.includes(name))];
  }

  // --------------------------------------------------------------------------------------------------------------- disk

  #disk(kind: FaultKind, member: SimMember, healMs: number): void {
    const { disk } = member.node;
    const random = this.#random;
    const { tickMs } = this.#options;
    switch (kind) {
      case "slowDisk":
        disk.inject({
          operation: random.pick<DiskFault["operation"]>([
            "sync",
            ["write", "sync"],
            undefined,
          ]) as "sync",
          delayMs: random.between([0, tickMs * 3]),
          times: 1 + random.integer(20),
        });
        break;
      case "hungDisk":
        disk.hang();
        this.after(healMs, () => disk.resume());
        break;
      case "fullDisk":
        this.suspects.add(member);
        disk.capacityBytes = disk.usedBytes() + random.integer(20_000);
        this.after(healMs, () => {
          disk.capacityBytes = Number.POSITIVE_INFINITY;
        });
        break;
      default:
        // The configuration is read before there is a server.
        this.#fail(member, { ...drawDiskError(random), path: /^\/data\// });
    }
  }

  readonly #fail = (member: SimMember, how: DiskFault): InjectedFault => {
    this.suspects.add(member);
    const fault = member.node.disk.inject(how);
    this.#injected.push({ member, fault });
    return fault;
  };
}

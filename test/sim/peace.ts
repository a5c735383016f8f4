// The second phase of a run: no more faults but for one member, which may stay in its fault for good. The others must elect, serve,
// take a write of every client and come to one state within a stated time.
//
// With changes of the members, those are the members who are in force then.

import { CONFIG_PATH } from "../../src/tree/paths.js";
import { ZXID_ZERO } from "../../src/wire/ids.js";
import type { CommittedHistory } from "./committed-history.js";
import type { Ensemble, SimMember } from "./ensemble.js";
import type { Faults } from "./faults.js";
import type { RunOptions } from "./options.js";
import { QuorumRule } from "./quorum-rule.js";
import { must } from "./violation.js";
import type { WorkloadClient } from "./workload.js";

export interface PeaceParts {
  readonly options: RunOptions;
  readonly ensemble: Ensemble;
  readonly history: CommittedHistory;
  readonly faults: Faults;
  readonly clients: readonly WorkloadClient[];
  /** Whether it does, within so many milliseconds. */
  readonly comesTrue: (isDone: () => boolean, limitMs: number) => Promise<boolean>;
}

export class Peace {
  readonly counts = { freed: 0, stranded: 0 };
  readonly #parts: PeaceParts;

  constructor(parts: PeaceParts) {
    this.#parts = parts;
  }

  async run(): Promise<void> {
    const { world, members } = this.#parts.ensemble;
    const { tickMs, initLimit, retransmitLimitMs } = this.#parts.options;
    const random = world.random.split("liveness");
    this.#heal(random.chance(0.5) ? undefined : random.integer(members.length));
    for (const client of this.#parts.clients) client.stop();
    // A connection that is half open is noticed when its kernel gives up.
    const electMs = 120_000 + 20 * tickMs * initLimit + retransmitLimitMs;
    const isServing = () => {
      const core = this.#core();
      return core.some((member) => member.isLeading) && core.every((member) => member.isServing);
    };
    if (!(await this.#parts.comesTrue(isServing, electMs)) && this.#helpsItself()) {
      await this.#parts.comesTrue(isServing, electMs);
    }
    must(isServing(), () => {
      const core = this.#core();
      return `Within ${electMs} ms of peace not all of ${names(core)} serve: ${states(core)}`;
    });
    let answered = 0;
    const probe = (client: WorkloadClient): void =>
      client.probe((isAnswered) => {
        if (isAnswered) answered++;
        else probe(client);
      });
    for (const client of this.#parts.clients) probe(client);
    const answerMs = 60_000 + 40 * tickMs + Math.min(retransmitLimitMs, 120_000) + electMs;
    await this.#until(
      () => answered === this.#parts.clients.length,
      answerMs,
      () => `only ${answered} of ${this.#parts.clients.length} clients can write`,
    );
    // The beginning of an epoch in which nothing has been written is the end of the one before.
    const { history } = this.#parts;
    const endOf = ({ tree }: SimMember) => history.normal(tree?.lastProcessedZxid ?? ZXID_ZERO);
    const isEven = () => isServing() && new Set(this.#core().map(endOf)).size === 1;
    await this.#until(isEven, electMs, () => {
      const core = this.#core();
      return `${names(core)} have not come to one state: ${states(core)}`;
    });
    this.#haveOneConfiguration();
  }

  /** What each of them shows as /zookeeper/config, and goes by: the one that was committed last. */
  #haveOneConfiguration(): void {
    const { history, options } = this.#parts;
    const texts = new Map(
      this.#core().map(({ name, tree }) => [name, String(tree?.get(CONFIG_PATH)?.data())]),
    );
    must(new Set(texts.values()).size === 1, () => JSON.stringify([...texts], null, 2));
    if (options.reconfig === undefined || history.hasFirstRule) return;
    const [shown] = texts.values();
    must(shown === history.rule?.text, () => `${shown} is shown, not ${history.rule?.text}`);
  }

  async #until(isDone: () => boolean, limitMs: number, what: () => string): Promise<void> {
    let isTrue = await this.#parts.comesTrue(isDone, limitMs);
    // A change that was asked for before there was peace may have come under way since.
    if (!isTrue && this.#helpsItself()) isTrue = await this.#parts.comesTrue(isDone, limitMs);
    must(isTrue, () => `Within ${limitMs} ms of peace ${what()}`);
  }

  /** Who must serve in the end: the members, as they are then, but for the one that stays in its fault. */
  #core(): SimMember[] {
    const { victim } = this.#parts.faults;
    const { rule } = this.#parts.history;
    return this.#parts.ensemble.members.filter(
      (member) => member !== victim && rule?.servers.has(member.sid) !== false,
    );
  }

  /**
   * What a change of the members can leave behind, and no ensemble mends by itself: a change that is under way, or was for all
   * that a member knows, and needs the one that is away; a member that was away while all others whom it knows were replaced.
   * True: that it was.
   */
  #helpsItself(): boolean {
    const { victim } = this.#parts.faults;
    const core = this.#core();
    if (victim !== undefined && this.#needs(victim, core)) {
      this.counts.freed++;
      this.#parts.faults.victim = undefined;
      this.#parts.ensemble.world.network.healAll();
      if (!victim.isRunning) victim.start();
      return true;
    }
    // Who may have logged a change must not be told another story.
    if (this.#parts.history.possibleRules().length > 1) return false;
    if (!core.some((member) => member.isServing)) return false;
    const before = this.counts.stranded;
    for (const member of core) {
      const isStranded =
        !member.isServing &&
        this.#known(member).every(({ servers }) =>
          core.every((one) => !one.isServing || !servers.has(one.sid)),
        );
      if (!isStranded) continue;
      this.counts.stranded++;
      if (member.isRunning) member.kill();
      this.#parts.ensemble.configure(member, this.#parts.history.rule?.text ?? "");
      member.start();
    }
    return this.counts.stranded > before;
  }

  #known(member: SimMember): QuorumRule[] {
    return this.#parts.ensemble.configurationsOf(member).map((text) => new QuorumRule(text));
  }

  /** Who looks for a leader follows one that quorums of all that it knows of follow, itself not counted; as Java's does. */
  #needs(victim: SimMember, core: readonly SimMember[]): boolean {
    const { faults, history } = this.#parts;
    const all = [...history.possibleRules(), ...core.flatMap((member) => this.#known(member))];
    if (!all.every((rule) => faults.canDecide(rule, victim))) return true;
    const serving = core.filter((member) => member.isServing).map(({ sid }) => sid);
    return core.some(
      (member) => !member.isServing && !this.#known(member).every((rule) => rule.isQuorum(serving)),
    );
  }

  /** Heals the world but for one member, which may stay in a fault for good; -1 for none. */
  #heal(victimAt: number | undefined): void {
    const { world, members } = this.#parts.ensemble;
    const random = world.random.split("core");
    world.network.healAll();
    const drawn = victimAt === undefined ? undefined : members[victimAt];
    const victim = drawn !== undefined && this.#parts.faults.canSpare(drawn) ? drawn : undefined;
    this.#parts.faults.victim = victim;
    for (const member of members) {
      member.node.disk.clearFaults();
      member.node.disk.capacityBytes = Number.POSITIVE_INFINITY;
      member.node.time.setRate(1);
      if (!member.isRunning) member.start();
    }
    if (victim !== undefined) {
      const rest = members.filter((member) => member !== victim).map(({ name }) => name);
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
  }
}

function names(members: readonly SimMember[]): string {
  return members.map(({ name }) => name).join(", ");
}

function states(members: readonly SimMember[]): string {
  return members.map(({ state }) => state ?? "down").join(", ");
}

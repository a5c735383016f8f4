// What stories are made of (stories.ts, parting-stories.ts): who falls, who comes back, what is slow meanwhile.

import { type Ensemble, QUORUM_PORT, type SimMember } from "./ensemble.js";
import type { RunOptions } from "./options.js";
import type { DiskFault, InjectedFault } from "./platform/disk-faults.js";
import type { PowerLossFate } from "./platform/file-system.js";
import type { SeededRandom } from "./platform/random.js";

/** What a story asks of a client of the run. */
export interface Actor {
  readonly name: string;
  /** Nothing of its own accord for so long. */
  rest(durationMs: number): void;
  /** Some requests at once; `writeShare` of them are writes. */
  burst(writeShare: number): void;
}

/** What it yields is how long it waits, in milliseconds. */
export type Story = Generator<number, void, void>;

export const FATES: readonly PowerLossFate[] = ["lost", "lost", "random", "applied"];
/** Also while it has no name yet. */
export const ANY = /./;
export const LOG = /log\./;

export interface StoryParts {
  readonly ensemble: Ensemble;
  readonly options: RunOptions;
  readonly actors: readonly Actor[];
  /** A disk that fails its member, which may end itself for that. */
  readonly fail: (member: SimMember, fault: DiskFault) => InjectedFault;
}

export class StorySteps {
  readonly ensemble: Ensemble;
  readonly options: RunOptions;
  readonly random: SeededRandom;
  readonly actors: readonly Actor[];
  readonly fail: StoryParts["fail"];

  constructor({ ensemble, options, actors, fail }: StoryParts) {
    this.ensemble = ensemble;
    this.options = options;
    this.random = ensemble.world.random.split("stories");
    this.actors = actors;
    this.fail = fail;
  }

  /** What it proposes reaches nobody, and it does not live to see that. */
  *logsAlone(leader: SimMember, present: readonly SimMember[]): Story {
    const random = this.random;
    const others = present.filter((one) => one !== leader).map(({ name }) => name);
    const route = { from: leader.name, to: others, port: QUORUM_PORT };
    const rule = this.ensemble.world.network.addRule(route, { block: true });
    this.burst(0.9);
    yield random.between([1, this.options.tickMs / 2]);
    if (random.chance(0.8)) this.fell(leader);
    else for (const voter of present) if (voter !== leader) this.fell(voter);
    rule.heal();
  }

  *ledBy(present: readonly SimMember[]): Story {
    const { tickMs } = this.options;
    const limitMs = 3000 + tickMs * 10;
    const stepMs = 25 + tickMs / 20;
    const isSettled = () => {
      const { leader } = this.ensemble;
      return leader !== undefined && present.filter((one) => one.isServing).length > 1;
    };
    for (let waitedMs = 0; waitedMs < limitMs && !isSettled(); waitedMs += stepMs) yield stepMs;
    yield this.random.between([0, tickMs / 4]);
  }

  get voters(): SimMember[] {
    return this.ensemble.members.filter(({ isObserver }) => !isObserver);
  }

  shuffled<T>(items: readonly T[]): T[] {
    const left = [...items];
    return items.map(() => left.splice(this.random.integer(left.length), 1)[0] as T);
  }

  /** From a millisecond to several ticks, each order of magnitude as likely as the other. */
  anyTimeMs(): number {
    const longestMs = 1000 + this.options.tickMs * 3;
    return Math.exp(this.random.between([0, Math.log(longestMs)]));
  }

  fell(member: SimMember): void {
    if (!member.isRunning) return;
    if (this.random.chance(0.6)) member.kill();
    else member.powerOff(this.random.pick(FATES));
  }

  *restart(member: SimMember): Story {
    if (member.isRunning) member.kill();
    if (this.random.chance(0.3)) yield this.random.between([0, 100]);
    if (!member.isRunning) member.start();
  }

  slowLogs(
    members: readonly SimMember[],
    range: readonly [number, number],
    times: number,
    path = LOG,
  ): void {
    for (const { node } of members) {
      const delayMs = this.random.between(range);
      node.disk.inject({ operation: "sync", path, delayMs, times });
    }
  }

  /** All connections of the member's on a quorum port: to its leader, or to those who follow it. */
  resetLearnersOf({ node }: SimMember): void {
    this.ensemble.world.network.reset(
      (a, b) =>
        (a.machine === node || b.machine === node) &&
        (a.localPort === QUORUM_PORT || b.localPort === QUORUM_PORT),
    );
  }

  rest(durationMs: number): void {
    for (const actor of this.actors) actor.rest(durationMs);
  }

  burst(writeShare: number): void {
    for (const actor of this.actors) if (this.random.chance(0.7)) actor.burst(writeShare);
  }
}

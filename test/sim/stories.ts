// Faults that lead somewhere: several things that go wrong one after the other, in the order that known bugs need (docs/ZOO.md).
// By themselves they follow each other like this once in thousands of runs; everything else about them is drawn.
//
//   movingQuorum     bare majorities come and go while little is decided, their leader logging alone now and then: histories
//                    that part, epochs that come to nothing, a member that lacks most is needed (R3, R10, R16 to R18, R38)
//   fewHold          one member alone has a fast disk; while what it holds is not committed, its connections go (R25, P7)
//   deposed          the leader is cut off, with some of the clients; the others start anew and do not wait for a time-out,
//                    so for a while there are two who serve (R43)
//   cutShort         the power goes at a call of the disk, not at a time: most calls are over before any clock looks (R1, R2, H1)
//   brokenSync       a member that was away is brought forward, and the connection ends in the middle of it (R11, R12, R15)
//   parted           a leader logs alone and falls, the others go on in a new epoch, and it comes back, again and again (R16 to R19)
//   lateToEpoch      a member that was away comes to a new epoch before others who have more, and its power goes meanwhile (R1, R3)
//   lostPages        a sync of a log fails and has dropped what it was to write (R30)
//
// The last three are in parting-stories.ts.
//
// A story is a generator: what it yields is how long it waits, in milliseconds. When the faults are over it just ends, and
// the run heals what it leaves (run.ts).

import { type Ensemble, QUORUM_PORT, type SimMember } from "./ensemble.js";
import type { RunOptions } from "./options.js";
import { lateToEpoch, lostPages, parted } from "./parting-stories.js";
import type { ConnectionEnd, Machine } from "./platform/fabric.js";
import type { SeededRandom } from "./platform/random.js";
import { type Actor, ANY, FATES, type Story, type StoryParts, StorySteps } from "./story-steps.js";

export const STORIES = [
  "movingQuorum",
  "fewHold",
  "deposed",
  "cutShort",
  "brokenSync",
  "parted",
  "lateToEpoch",
  "lostPages",
] as const;
export type StoryKind = (typeof STORIES)[number];

/** What a round of movingQuorum leaves: who has logged what nobody else has, who was about to lead. */
interface Round {
  readonly tail?: SimMember | undefined;
  readonly gone?: SimMember | undefined;
}

export class Stories {
  readonly #ensemble: Ensemble;
  readonly #options: RunOptions;
  readonly #random: SeededRandom;
  readonly #actors: readonly Actor[];
  readonly #steps: StorySteps;
  /** Runs something after so many milliseconds, if the faults are not over by then. */
  readonly #after: (delayMs: number, run: () => void) => void;
  /** The story that decides who runs. One at a time: two would only undo each other. */
  #isMoving = false;
  #watch: ((from: ConnectionEnd, to: Machine) => void) | undefined;

  constructor(parts: StoryParts, after: (delayMs: number, run: () => void) => void) {
    const { ensemble, options, actors } = parts;
    this.#ensemble = ensemble;
    this.#options = options;
    this.#actors = actors;
    this.#steps = new StorySteps(parts);
    this.#random = this.#steps.random;
    this.#after = after;
    const { network } = ensemble.world;
    const { tap } = network;
    network.tap = (from, to, bytes) => {
      tap?.(from, to, bytes);
      this.#watch?.(from, to);
    };
  }

  /** False: it cannot be told now. */
  begin(kind: StoryKind): boolean {
    if (kind === "cutShort") this.#play(this.#cutShort(this.#random.pick(this.#steps.voters)));
    else if (this.#isMoving) return false;
    else {
      this.#isMoving = true;
      this.#play(this.#tell(kind));
    }
    return true;
  }

  *#tell(kind: Exclude<StoryKind, "cutShort">): Story {
    if (kind === "movingQuorum") yield* this.#movingQuorum();
    else if (kind === "fewHold") yield* this.#fewHold();
    else if (kind === "deposed") yield* this.#deposed();
    else if (kind === "brokenSync") yield* this.#brokenSync();
    else if (kind === "parted") yield* parted(this.#steps);
    else if (kind === "lateToEpoch") yield* lateToEpoch(this.#steps);
    else yield* lostPages(this.#steps);
    this.#isMoving = false;
  }

  #play(story: Story): void {
    const { done, value } = story.next();
    if (done !== true) this.#after(value, () => this.#play(story));
  }

  // -------------------------------------------------------------------------------------------------------- movingQuorum

  *#movingQuorum(): Story {
    const random = this.#random;
    const { tickMs } = this.#options;
    const voters = this.#steps.voters;
    const isQuiet = random.chance(0.8);
    // One round suggests the next: whoever has logged alone is about to lead again, and who was about to lead is away
    // while the others come to an epoch in which nothing is decided.
    let last: Round = {};
    for (let rounds = 2 + random.integer(6); rounds > 0; rounds--) {
      if (isQuiet) this.#steps.rest(tickMs * 20 + 10_000);
      const order = this.#steps.shuffled(voters);
      const follows = random.chance(0.7) ? last : {};
      if (follows.tail !== undefined)
        order.unshift(...order.splice(order.indexOf(follows.tail), 1));
      if (follows.gone !== undefined) order.push(...order.splice(order.indexOf(follows.gone), 1));
      const some = order.slice(0, Math.floor(voters.length / 2) + 1);
      const present = random.chance(0.1) ? voters : some;
      for (const voter of voters) if (!present.includes(voter)) this.#steps.fell(voter);
      if (random.chance(0.5)) this.#steps.slowLogs(present, [0, tickMs], 1 + random.integer(4));
      for (const voter of present) if (!voter.isRunning) voter.start();
      if (random.chance(0.25)) this.#play(this.#cutShort(random.pick(present)));
      last = yield* this.#round(present, follows);
      for (const voter of present) if (random.chance(0.6)) this.#steps.fell(voter);
    }
    for (const voter of voters) if (!voter.isRunning) voter.start();
    // Who comes back is brought forward before anything new is decided.
    if (isQuiet) this.#steps.rest(random.between([0, tickMs * 3 + 2000]));
    yield* this.#steps.ledBy(voters);
  }

  *#round(present: readonly SimMember[], { tail, gone }: Round): Generator<number, Round, void> {
    const random = this.#random;
    const how = random.fraction();
    if (how < 0.1) {
      yield this.#steps.anyTimeMs();
      return {};
    }
    if (tail !== undefined || (gone === undefined && how < 0.5)) {
      return { gone: yield* this.#cutInCandidature(present) };
    }
    yield* this.#steps.ledBy(present);
    const { leader } = this.#ensemble;
    const decides = random.integer(gone === undefined ? 3 : 6);
    if (leader === undefined || decides > 1) return {};
    if (decides === 0) {
      yield* this.#steps.logsAlone(leader, present);
      return { tail: leader };
    }
    this.#steps.burst(0.9);
    yield random.between([0, this.#options.tickMs]);
    return {};
  }

  /** Somebody is about to lead, and does not come to it. */
  *#cutInCandidature(
    present: readonly SimMember[],
  ): Generator<number, SimMember | undefined, void> {
    const random = this.#random;
    const isCandidate = ({ state }: SimMember) =>
      state === "leading - discovery" || state === "leading - synchronization";
    const { tickMs } = this.#options;
    const stepMs = 2 + tickMs / 1000;
    for (let waitedMs = 0; waitedMs < 1000 + tickMs * 4; waitedMs += stepMs) {
      if (present.some(isCandidate)) break;
      yield stepMs;
    }
    const candidate = present.find(isCandidate);
    yield random.between([0, random.pick([1, 5, 15, 50, tickMs / 2])]);
    for (const voter of present) {
      if (random.chance(0.5)) voter.powerOff(random.pick(FATES));
      else this.#steps.fell(voter);
    }
    return candidate;
  }

  // ------------------------------------------------------------------------------------------------------------- fewHold

  *#fewHold(): Story {
    const random = this.#random;
    const { tickMs } = this.#options;
    const [holder, ...others] = this.#steps.shuffled(this.#steps.voters);
    if (holder === undefined) return;
    for (let times = 1 + random.integer(3); times > 0; times--) {
      this.#steps.slowLogs(others, [tickMs * 0.2, tickMs * 2], 1 + random.integer(3));
      this.#steps.burst(0.9);
      yield random.between([0, tickMs / 4]);
      // What it does next takes it as long as the others.
      if (random.chance(0.6))
        this.#steps.slowLogs([holder], [0, tickMs * 2], 1 + random.integer(4), ANY);
      const how = random.integer(6);
      if (how === 0) this.#steps.fell(holder);
      else if (how === 1) yield* this.#steps.restart(holder);
      else this.#steps.resetLearnersOf(holder);
      if (random.chance(0.3)) this.#steps.burst(0.9);
      yield random.between([0, tickMs * 2]);
      for (const voter of this.#steps.voters) if (!voter.isRunning) voter.start();
      yield random.between([0, tickMs * 3]);
    }
  }

  // ------------------------------------------------------------------------------------------------------------- deposed

  *#deposed(): Story {
    const random = this.#random;
    const { tickMs, syncLimit } = this.#options;
    const { network } = this.#ensemble.world;
    const { leader } = this.#ensemble;
    if (leader === undefined) return;
    const others = this.#steps.voters.filter((one) => one !== leader);
    const inside = this.#actors.filter(() => random.chance(0.5));
    const outside = this.#actors.filter((one) => !inside.includes(one));
    const away = [...others, ...outside].map(({ name }) => name);
    const limitMs = random.between([tickMs, tickMs * (syncLimit + 2)]);
    // What is written on the leader's side waits, and so does all behind it.
    for (const actor of inside) actor.rest(limitMs);
    yield random.between([0, tickMs]);
    const rule = network.partition([leader.name, ...inside.map(({ name }) => name)], away);
    for (const other of others) yield* this.#steps.restart(other);
    for (let waitedMs = 0; waitedMs < limitMs; ) {
      for (const actor of inside) if (random.chance(0.5)) actor.burst(0);
      for (const actor of outside) if (random.chance(0.5)) actor.burst(0.7);
      const stepMs = random.between([20, 200 + tickMs / 2]);
      waitedMs += stepMs;
      yield stepMs;
    }
    rule.heal();
  }

  // ------------------------------------------------------------------------------------------------------------ cutShort

  *#cutShort(member: SimMember): Story {
    const random = this.#random;
    const { tickMs } = this.#options;
    // The calls of a start and a synchronization are the more interesting ones.
    if (random.chance(0.5)) yield* this.#steps.restart(member);
    const fault = member.node.disk.inject({
      operation: ["create", "write", "sync", "truncate", "rename", "remove", "syncDirectory"],
      path: /^\/data\//,
      skip: random.integer(random.pick([8, 30, 100])),
      // Longer than it takes to see it, and not for ever: the run may be over before.
      delayMs: tickMs * 2,
    });
    for (let i = 0; i < 40 && fault.hits === 0; i++) yield tickMs / 4;
    // What does not wait for this call is done before the power goes.
    if (fault.hits > 0) yield random.between([0, random.pick([1, 30, tickMs / 4])]);
    fault.remove();
    if (fault.hits === 0) return;
    member.powerOff(random.pick(FATES));
    yield random.between([0, tickMs * 3]);
    if (!member.isRunning) member.start();
  }

  // ---------------------------------------------------------------------------------------------------------- brokenSync

  *#brokenSync(): Story {
    const random = this.#random;
    const { tickMs } = this.#options;
    const { network } = this.#ensemble.world;
    const member = random.pick(this.#ensemble.members);
    for (let times = 1 + random.integer(3); times > 0; times--) {
      this.#steps.fell(member);
      this.#steps.burst(0.9);
      yield random.between([tickMs / 4, tickMs * 2]);
      if (!member.isRunning) member.start();
      // In pieces, which come one by one.
      const spreadMs = random.between([0, tickMs / 8]);
      const rule = network.addRule(
        { to: member.name, port: QUORUM_PORT },
        { cutProbability: 0.6, delayMs: [0, spreadMs] },
      );
      // LEADERINFO is what it is sent first, the plan and all that belongs to it next.
      let left = random.pick([1, 2, 2, 2, 3, 4]);
      this.#watch = (from, to) => {
        if (to !== member.node || from.localPort !== QUORUM_PORT || --left !== 0) return;
        this.#watch = undefined;
        this.#after(random.between([0, spreadMs * 2]), () => this.#steps.resetLearnersOf(member));
      };
      for (let i = 0; i < 20 && this.#watch !== undefined; i++) yield tickMs / 4;
      this.#watch = undefined;
      rule.heal();
      yield random.between([0, tickMs]);
      if (random.chance(0.3)) yield* this.#steps.restart(member);
    }
    if (!member.isRunning) member.start();
  }
}

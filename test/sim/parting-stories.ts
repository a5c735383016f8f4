// Stories of histories that part, and of disks that forget (stories.ts tells what for).

import type { SimMember } from "./ensemble.js";
import { FATES, LOG, type Story, type StorySteps } from "./story-steps.js";

/** A leader logs what nobody else hears of. The others go on without it; it comes back, and starts anew on what that has left. */
export function* parted(steps: StorySteps): Story {
  const { ensemble, options, random, voters } = steps;
  const { tickMs } = options;
  const { leader } = ensemble;
  if (leader === undefined) return;
  yield* steps.logsAlone(leader, voters);
  steps.fell(leader);
  const others = voters.filter((one) => one !== leader);
  startAll(others);
  yield* steps.ledBy(others);
  steps.burst(0.9);
  yield random.between([tickMs / 8, tickMs * 2]);
  for (let times = 2 + random.integer(3); times > 0; times--) {
    if (!leader.isRunning) leader.start();
    yield random.between([tickMs / 4, tickMs * 3]);
    if (random.chance(0.3)) steps.burst(0.9);
    if (times > 1) steps.fell(leader);
  }
  // What it was given is what it gives to others.
  if (random.chance(0.5)) {
    const behind = random.pick(others);
    steps.fell(behind);
    steps.burst(0.9);
    yield random.between([0, tickMs]);
    for (const other of others) if (other !== behind) yield* steps.restart(other);
    yield* steps.ledBy(voters);
    startAll(voters);
  }
  startAll(voters);
}

/** A member that lacks what the others have comes to a new epoch while one of those is away, and does not get far. */
export function* lateToEpoch(steps: StorySteps): Story {
  const { options, random } = steps;
  const { tickMs } = options;
  const [behind, absent, ...others] = steps.shuffled(steps.voters);
  if (behind === undefined || absent === undefined) return;
  steps.fell(behind);
  steps.burst(0.9);
  yield random.between([tickMs / 4, tickMs * 2]);
  for (const other of [absent, ...others]) steps.fell(other);
  startAll([behind, ...others]);
  // What a start reads and writes itself is over by then.
  const stepMs = 20 + tickMs / 50;
  for (let i = 0; i < 200 && behind.server === undefined; i++) yield stepMs;
  // Its log is written slowly, or not at all: what does not wait for it is there when the power goes.
  const isSlow = random.chance(0.3);
  const stuck = behind.node.disk.inject({
    operation: ["write", "sync"],
    path: random.chance(0.7) ? LOG : /^\/data\//,
    skip: random.integer(random.pick([1, 3, 10])),
    delayMs: isSlow ? random.between([0, tickMs]) : tickMs * 4,
  });
  for (let i = 0; i < 60 && stuck.hits === 0; i++) yield tickMs / 4;
  yield random.between([0, random.pick([30, tickMs / 2, tickMs * 2])]);
  stuck.remove();
  behind.powerOff(random.pick(FATES));
  if (random.chance(0.7)) for (const other of others) steps.fell(other);
  startAll([behind, absent]);
  yield* steps.ledBy([behind, absent]);
  startAll(steps.voters);
  yield* steps.ledBy(steps.voters);
}

/** What the log of a member was to have is not there, and only the error tells: the page cache shows it still. */
export function* lostPages(steps: StorySteps): Story {
  const { options, random } = steps;
  const { tickMs } = options;
  const member = random.pick(steps.voters);
  for (let times = 1 + random.integer(2); times > 0; times--) {
    const fault = steps.fail(member, {
      operation: "sync",
      path: LOG,
      code: "EIO",
      effect: "pages dropped",
      skip: random.integer(4),
    });
    steps.burst(0.9);
    for (let i = 0; i < 8 && fault.hits === 0; i++) yield tickMs / 4;
    fault.remove();
    yield random.between([0, tickMs]);
    if (!member.isRunning) member.start();
    yield random.between([tickMs / 4, tickMs * 2]);
    if (random.chance(0.5)) member.powerOff("lost");
    yield random.between([0, tickMs]);
    if (!member.isRunning) member.start();
  }
}

function startAll(members: readonly SimMember[]): void {
  for (const member of members) if (!member.isRunning) member.start();
}

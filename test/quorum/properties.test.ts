// Random lives of leaders and learners with lossy links, crashes and slow disks. ZOOID_QUORUM_RUNS says how many,
// ZOOID_QUORUM_SEED with which the first begins.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Chaos } from "./model/chaos.js";

const RUNS = Number(process.env.ZOOID_QUORUM_RUNS ?? 400);
const FIRST = Number(process.env.ZOOID_QUORUM_SEED ?? 1);
const STEPS = Number(process.env.ZOOID_QUORUM_STEPS ?? 300);

describe("Leader and Learner, in random lives", () => {
  it(`keep the invariants of Zab and come together again (${RUNS} seeds)`, () => {
    const seen = new Map<string, number>();
    for (let seed = FIRST; seed < FIRST + RUNS; seed++) {
      const chaos = new Chaos(seed);
      try {
        chaos.run(STEPS);
      } catch (error) {
        throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error });
      }
      for (const [what, times] of chaos.monitors.seen) {
        seen.set(what, (seen.get(what) ?? 0) + times);
      }
    }
    if (process.env.ZOOID_QUORUM_SEEN !== undefined) {
      for (const [what, times] of seen) process.stdout.write(`${times}\t${what}\n`);
    }
    // A run that reaches nothing proves nothing.
    if (RUNS < 100) return;
    for (const what of ["established", "commit", "DIFF", "TRUNC", "SNAP", "reconfig"]) {
      assert.ok((seen.get(what) ?? 0) > RUNS / 50, `${what} was hardly reached`);
    }
    assert.ok((seen.get("reconnect") ?? 0) > 0, "No TRUNC was impossible");
  });
});

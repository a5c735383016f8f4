import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Clock } from "../../src/platform/platform.js";
import { SnapshotPace } from "../../src/storage/snapshot-pace.js";

const LEAST = 1000;

/** A clock whose turns take so long. */
class TurnClock implements Clock {
  nowMs = 0;
  restMs = 0;

  wallMs(): number {
    return this.nowMs;
  }

  turnWallMs(): number {
    return this.nowMs;
  }

  monotonicMs(): number {
    return this.nowMs;
  }

  setTimer(): never {
    throw new Error("Nobody waits for a time");
  }

  atTurnEnd(run: () => void): void {
    this.nowMs += this.restMs;
    queueMicrotask(run);
  }
}

describe("The pace of a snapshot", () => {
  const clock = new TurnClock();

  /** So many turns, of which the slice takes 1 ms for each LEAST bytes. */
  async function sizes(pace: SnapshotPace, restMs: number, turns: number): Promise<number[]> {
    const sizes: number[] = [];
    clock.restMs = restMs;
    for (let i = 0; i < turns; i++) {
      sizes.push(pace.sliceBytes / LEAST);
      clock.nowMs += pace.sliceBytes / LEAST;
      pace.made();
      await pace.untilNext();
    }
    return sizes;
  }

  it("is a small slice a turn where turns are short, or the clock does not move", async () => {
    const pace = new SnapshotPace(clock, LEAST);
    assert.deepEqual(await sizes(pace, 0, 4), [1, 1, 1, 1]);
    assert.deepEqual(await sizes(pace, 3, 4), [1, 1, 1, 1]);
    clock.restMs = 0;
    const still = new SnapshotPace(clock, LEAST);
    still.made();
    await still.untilNext();
    assert.equal(still.sliceBytes, LEAST);
  });

  it("is a larger one where turns are long, up to a limit, and a small one again afterwards", async () => {
    const pace = new SnapshotPace(clock, LEAST);
    assert.deepEqual(await sizes(pace, 6, 4), [1, 2, 2, 2]);
    assert.deepEqual(await sizes(pace, 1000, 4), [2, 4, 4, 4]);
    assert.deepEqual(await sizes(pace, 1, 4), [4, 2, 1, 1]);
  });
});

// The clock, randomness, logs and host facts of every platform.

import assert from "node:assert/strict";
import type { Contract } from "./contract.js";

export const clockContract: Contract = {
  async "wallMs() is an integer"({ platform }) {
    assert.ok(Number.isSafeInteger(platform.clock.wallMs()));
  },

  async "turnWallMs() stands still in a turn, and is that of a later one there"({
    platform,
    wait,
  }) {
    const { clock } = platform;
    const first = clock.turnWallMs();
    const untilMs = performance.now() + 3;
    while (performance.now() < untilMs);
    assert.equal(clock.turnWallMs(), first);
    await wait(
      new Promise<void>((resolve) => {
        clock.setTimer(20, () => {
          const beforeMs = clock.wallMs();
          const second = clock.turnWallMs();
          assert.ok(second > first && second >= beforeMs && second <= clock.wallMs());
          resolve();
        });
      }),
    );
  },

  async "monotonicMs() does not go back"({ platform, wait }) {
    const before = platform.clock.monotonicMs();
    await wait(new Promise<void>((resolve) => platform.clock.setTimer(2, resolve)));
    assert.ok(platform.clock.monotonicMs() > before);
  },

  async "setTimer() fires once, after it has returned, even without a delay"({ platform, wait }) {
    let fired = 0;
    await wait(
      new Promise<void>((resolve) => {
        platform.clock.setTimer(0, () => {
          fired += 1;
          platform.clock.setTimer(5, resolve);
        });
        assert.equal(fired, 0);
      }),
    );
    assert.equal(fired, 1);
  },

  async "setTimer() fires the shorter of two first"({ platform, wait }) {
    const fired: string[] = [];
    await wait(
      new Promise<void>((resolve) => {
        platform.clock.setTimer(40, () => {
          fired.push("long");
          resolve();
        });
        platform.clock.setTimer(5, () => fired.push("short"));
      }),
    );
    assert.deepEqual(fired, ["short", "long"]);
  },

  async "cancel() of a timer keeps it from firing"({ platform, wait }) {
    let fired = 0;
    const cancelled = platform.clock.setTimer(1, () => {
      fired += 1;
    });
    cancelled.cancel();
    await wait(new Promise<void>((resolve) => platform.clock.setTimer(20, resolve)));
    cancelled.cancel();
    assert.equal(fired, 0);
  },

  async "atTurnEnd() runs its callbacks in order, once, after promise continuations of the turn"({
    platform,
    wait,
  }) {
    const order: string[] = [];
    await wait(
      new Promise<void>((resolve) => {
        platform.clock.setTimer(1, () => {
          platform.clock.atTurnEnd(() => order.push("first"));
          platform.clock.atTurnEnd(() => {
            order.push("second");
            platform.clock.setTimer(5, resolve);
          });
          void Promise.resolve().then(() => order.push("promise"));
          order.push("event");
        });
      }),
    );
    assert.deepEqual(order, ["event", "promise", "first", "second"]);
  },

  async "atTurnEnd() called while a turn ends runs at the end of a later one"({ platform, wait }) {
    const order: string[] = [];
    await wait(
      new Promise<void>((resolve) => {
        platform.clock.atTurnEnd(() => {
          platform.clock.atTurnEnd(() => {
            order.push("later");
            resolve();
          });
          order.push("one");
        });
        platform.clock.atTurnEnd(() => order.push("two"));
      }),
    );
    assert.deepEqual(order, ["one", "two", "later"]);
  },

  async "integer() stays below its bound and reaches all of it"({ platform }) {
    const seen = new Set<number>();
    for (let i = 0; i < 500; i++) seen.add(platform.random.integer(5));
    assert.deepEqual([...seen].sort(), [0, 1, 2, 3, 4]);
    assert.equal(platform.random.integer(1), 0);
    assert.ok(platform.random.integer(2 ** 32) < 2 ** 32);
    const { hashSeed } = platform.random;
    assert.ok(Number.isInteger(hashSeed) && hashSeed >= 0 && hashSeed < 2 ** 32);
    assert.equal(platform.random.hashSeed, hashSeed);
  },

  async "integer() refuses a bound that is not 1 to 2^32"({ platform }) {
    for (const bound of [0, -1, 1.5, 2 ** 32 + 1]) {
      assert.throws(() => platform.random.integer(bound), RangeError);
    }
  },

  async "fill() fills every byte"({ platform }) {
    const seen = new Uint8Array(64);
    for (let i = 0; i < 20; i++) {
      const target = new Uint8Array(64);
      platform.random.fill(target);
      for (const [at, byte] of target.entries()) seen[at] = (seen[at] as number) | byte;
    }
    assert.ok(seen.every((byte) => byte !== 0));
  },

  async "host facts are there and make sense"({ platform }) {
    const { host } = platform;
    for (const fact of [host.hostName, host.osName, host.osArch, host.runtimeVersion]) {
      assert.notEqual(fact, "");
    }
    assert.ok(host.processors >= 1);
    const memory = host.memory();
    assert.ok(memory.freeBytes <= memory.totalBytes);
    assert.ok((host.openFileDescriptors() ?? 1) > 0);
  },
};

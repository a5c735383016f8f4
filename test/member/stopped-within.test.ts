// A leader that has given out the last zxid of its epoch resigns within the proposal: its timers are stopped while they fire.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ContainerManager } from "../../src/member/container-manager.js";
import { ExpiryTimer } from "../../src/member/expiry-timer.js";
import type { Clock } from "../../src/platform/platform.js";
import { SILENT_LOG } from "../../src/platform/silent-log.js";
import { SessionIds } from "../../src/session/session-ids.js";
import { SessionTracker } from "../../src/session/session-tracker.js";
import { DataTree } from "../../src/tree/data-tree.js";
import { CONTAINER_OWNER } from "../../src/tree/ephemeral-type.js";
import type { Sid } from "../../src/wire/ids.js";
import { ANYONE, zxid } from "../tree/support.js";

/** Its time is that of the timer that fired last. */
class HandClock implements Clock {
  readonly #timers = new Map<() => void, number>();
  #nowMs = 0;

  get armed(): number {
    return this.#timers.size;
  }

  fireNext(): void {
    const [next] = [...this.#timers].sort(([, left], [, right]) => left - right);
    assert.ok(next !== undefined, "no timer is set");
    const [fire, dueMs] = next;
    this.#timers.delete(fire);
    this.#nowMs = dueMs;
    fire();
  }

  wallMs(): number {
    return this.#nowMs;
  }

  turnWallMs(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  setTimer(delayMs: number, fire: () => void) {
    this.#timers.set(fire, this.#nowMs + delayMs);
    return { cancel: () => void this.#timers.delete(fire) };
  }

  atTurnEnd(run: () => void): void {
    run();
  }
}

test("a container manager that is stopped while it proposes proposes nothing more", () => {
  const clock = new HandClock();
  const tree = new DataTree();
  for (const [at, path] of ["/a", "/b"].entries()) {
    tree.createNode(path, null, ANYONE, CONTAINER_OWNER, 1, zxid(at + 1), 1);
  }
  const options = { checkIntervalMs: 1000, maxPerMinute: 60_000, maxNeverUsedIntervalMs: 1 };
  const proposed: string[] = [];
  const manager = new ContainerManager(clock, SILENT_LOG, tree, options, (path) => {
    proposed.push(path);
    manager.stop();
  });
  manager.start();
  clock.fireNext();
  assert.deepEqual(proposed, ["/a"]);
  assert.equal(clock.armed, 0);
});

test("an expiry timer that is stopped while a session expires ends no other", () => {
  const clock = new HandClock();
  const ids = new SessionIds(
    0 as Sid,
    1n,
    2n ** 40n,
    () => {},
    () => 0,
  );
  const sessions = new SessionTracker({ ids, tickMs: 100, nowMs: 0 });
  for (let i = 0; i < 2; i++) sessions.create(1000, 0);
  const ended: bigint[] = [];
  const timer = new ExpiryTimer(clock, sessions, ({ id }) => {
    ended.push(id);
    timer.stop();
  });
  timer.start();
  while (ended.length === 0) clock.fireNext();
  assert.deepEqual(ended, [1n]);
  assert.equal(clock.armed, 0);
});

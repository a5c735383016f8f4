import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { SessionIds } from "../../src/session/session-ids.js";
import { SessionTracker } from "../../src/session/session-tracker.js";
import type { SessionId, Sid } from "../../src/wire/ids.js";

const TICK_MS = 100;

function tracker(nowMs = 0): SessionTracker {
  const ids = new SessionIds(
    0 as Sid,
    1n,
    2n ** 40n,
    () => {},
    () => 0,
  );
  return new SessionTracker({ ids, tickMs: TICK_MS, nowMs });
}

test("SessionTracker counts ids up by one", () => {
  const sessions = tracker();
  assert.deepEqual(
    [1, 2, 3].map(() => sessions.create(1000, 0).id),
    [1n, 2n, 3n],
  );
});

test("SessionTracker rounds expiry up to the tick after the time-out", () => {
  const sessions = tracker();
  const session = sessions.create(1000, 0);
  assert.equal(session.expiresAtMs, 1100);
  sessions.touch(session, 1000, 99);
  assert.equal(session.expiresAtMs, 1100, "the same tick: it stays where it is");
  sessions.touch(session, 1000, 100);
  assert.equal(session.expiresAtMs, 1200);
});

test("SessionTracker refuses to touch a session that is closing, removed or unknown", () => {
  const sessions = tracker();
  const session = sessions.create(1000, 0);
  assert.equal(sessions.touch(session, 1000, 1), true);
  sessions.setClosing(session.id);
  assert.equal(sessions.touch(session, 1000, 2), false);
  sessions.remove(session.id);
  assert.equal(sessions.touch(session, 1000, 3), false);
  assert.equal(sessions.touch(undefined, 1000, 3), false);
  assert.equal(sessions.size, 0);
});

test("SessionTracker lets the first owner in and nobody else until it is told", () => {
  const sessions = tracker();
  const { id } = sessions.create(1000, 0);
  const [first, second] = [{}, {}];
  assert.equal(sessions.check(id, first), "ok");
  assert.equal(sessions.check(id, second), "moved");
  assert.equal(sessions.setOwner(id, second), true);
  assert.equal(sessions.check(id, second), "ok");
  assert.equal(sessions.check(id, first), "moved");
  sessions.setClosing(id);
  assert.equal(sessions.check(id, second), "expired");
  assert.equal(sessions.setOwner(id, first), false);
  assert.equal(sessions.check(77n as SessionId, first), "unknown");
});

test("SessionTracker gives one more tick when it was itself that did not listen", () => {
  const sessions = tracker();
  const [heard, silent] = [sessions.create(1000, 0), sessions.create(1000, 0)];
  // The process stood still for a minute; pings that came meanwhile are read only now.
  assert.deepEqual(sessions.due(60_000), []);
  sessions.touch(heard, 1000, 60_001);
  assert.deepEqual(
    sessions.due(60_100).map(({ id }) => id),
    [silent.id],
  );
});

test("SessionTracker dumps buckets in order of time, empty ones included", () => {
  const sessions = tracker();
  const [slow, quick] = [sessions.create(2000, 0), sessions.create(300, 0)];
  sessions.touch(quick, 300, 150);
  assert.deepEqual(sessions.dump(), {
    kind: "expiry",
    sessionCount: 2,
    buckets: [
      { expiresMs: 400, sessions: [] },
      { expiresMs: 500, sessions: [quick.id] },
      { expiresMs: 2100, sessions: [slow.id] },
    ],
  });
});

type Step =
  | { readonly kind: "create"; readonly timeoutMs: number }
  | { readonly kind: "touch" | "close" | "remove"; readonly which: number }
  | { readonly kind: "wait"; readonly ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant("create" as const), timeoutMs: fc.integer({ min: 1, max: 1000 }) }),
  fc.record({
    kind: fc.constantFrom("touch" as const, "close" as const, "remove" as const),
    which: fc.nat(20),
  }),
  fc.record({ kind: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: TICK_MS }) }),
);

/** One number per session: the end of the tick in which its time-out runs out. Nothing is shared with the real one. */
class NaiveTracker {
  readonly sessions = new Map<bigint, { timeoutMs: number; endsMs: number; closing: boolean }>();

  static end(ms: number): number {
    let end = TICK_MS;
    while (end <= ms) end += TICK_MS;
    return end;
  }

  due(nowMs: number): bigint[] {
    const due = [...this.sessions].filter(([, { endsMs }]) => endsMs <= nowMs);
    for (const [, session] of due) {
      session.closing = true;
      session.endsMs = Number.POSITIVE_INFINITY;
    }
    return due.map(([id]) => id).sort();
  }
}

test("SessionTracker agrees with a naive model under any sequence of events", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const real = tracker();
      const naive = new NaiveTracker();
      let nowMs = 0;
      for (const event of steps) {
        if (event.kind === "wait") {
          nowMs += event.ms;
          const due = real.due(nowMs).map(({ id }) => id as bigint);
          assert.deepEqual(due.sort(), naive.due(nowMs));
        } else if (event.kind === "create") {
          const { id } = real.create(event.timeoutMs, nowMs);
          assert.ok(!naive.sessions.has(id));
          const endsMs = NaiveTracker.end(nowMs + event.timeoutMs);
          naive.sessions.set(id, { timeoutMs: event.timeoutMs, endsMs, closing: false });
        } else {
          const id = BigInt(event.which) as SessionId;
          const model = naive.sessions.get(id);
          if (event.kind === "touch") {
            const touched = real.touch(real.find(id), model?.timeoutMs ?? 1, nowMs);
            assert.equal(touched, model !== undefined && !model.closing);
            if (touched) model!.endsMs = NaiveTracker.end(nowMs + model!.timeoutMs);
          } else if (event.kind === "close") {
            real.setClosing(id);
            if (model !== undefined) model.closing = true;
          } else {
            real.remove(id);
            naive.sessions.delete(id);
          }
        }
        assert.equal(real.size, naive.sessions.size);
      }
    }),
  );
});

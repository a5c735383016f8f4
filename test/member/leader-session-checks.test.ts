import assert from "node:assert/strict";
import { test } from "node:test";
import { CLOSED_SESSIONS_REMEMBERED } from "../../src/limits.js";
import { LeaderSessionChecks } from "../../src/member/leader-session-checks.js";
import { LocalSessions } from "../../src/member/local-sessions.js";
import { Metrics } from "../../src/metrics/metrics.js";
import { sessionIdAt } from "../../src/session/session-id.js";
import { SessionIds } from "../../src/session/session-ids.js";
import { SessionTracker } from "../../src/session/session-tracker.js";
import type { SessionId, Sid } from "../../src/wire/ids.js";
import { SimPlatform } from "../sim/platform/sim-platform.js";

const OWN = sessionIdAt(2 as Sid, 1_000_000n);
const ELSEWHERE = sessionIdAt(3 as Sid, 1_000_000n);
const owner = {};

function checks(withLocal: boolean) {
  const platform = new SimPlatform({ seed: 1 }).addNode("leader").start();
  const sessionIds = new SessionIds(
    2 as Sid,
    1_000_000n,
    2n ** 40n,
    () => {},
    () => 0,
  );
  const global = new SessionTracker({ ids: sessionIds, tickMs: 1000, nowMs: 0 });
  const parts = { platform, metrics: new Metrics(), tickTimeMs: 1000, sessionIds };
  const local = withLocal ? new LocalSessions(parts) : undefined;
  return { global, local, checks: new LeaderSessionChecks(global, local, sessionIds) };
}

test("A leader takes a write of a session that was removed for one that has expired, as Java does", () => {
  const { global, checks: asked } = checks(false);
  const { id } = global.track(OWN, 5000, 0);
  assert.equal(asked.check(id, owner), "ok");
  global.remove(id);
  assert.equal(asked.check(id, owner), "expired");
  assert.equal(asked.check(ELSEWHERE, owner), "expired");
  assert.equal(asked.checkGlobal(id, owner), "expired");
});

test("With local sessions, what a leader does not know may be another member's, but is not its own", () => {
  const { checks: asked } = checks(true);
  assert.equal(asked.check(ELSEWHERE, owner), "ok");
  assert.equal(asked.checkGlobal(ELSEWHERE, owner), "expired");
  assert.equal(asked.check((OWN + 7n) as SessionId, owner), "expired");
});

test("With local sessions, one that was global and has been closed is not taken for another member's", () => {
  const { global, checks: asked } = checks(true);
  const { id } = global.track(ELSEWHERE, 5000, 0);
  assert.equal(asked.check(id, owner), "ok");
  asked.setClosing(id);
  assert.equal(asked.check(id, owner), "expired");
  global.remove(id);
  assert.equal(asked.check(id, owner), "expired");
  const next = (count: number) => (ELSEWHERE + BigInt(count)) as SessionId;
  for (let count = 1; count < CLOSED_SESSIONS_REMEMBERED; count++) asked.setClosing(next(count));
  assert.equal(asked.check(id, owner), "expired");
  asked.setClosing(next(CLOSED_SESSIONS_REMEMBERED));
  assert.deepEqual([asked.check(id, owner), asked.check(next(1), owner)], ["ok", "expired"]);
});

test("A leader's own local session may write, by its own connection, and create no ephemerals", () => {
  const { local, checks: asked } = checks(true);
  const connection = { isOpen: true, sessionOpened() {} } as unknown as Parameters<
    LocalSessions["create"]
  >[0];
  const { id } = local!.create(connection, 5000);
  assert.equal(asked.check(id, connection), "ok");
  assert.equal(asked.check(id, owner), "moved");
  assert.equal(asked.checkGlobal(id, connection), "local");
});

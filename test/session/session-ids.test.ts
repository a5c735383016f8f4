import assert from "node:assert/strict";
import { test } from "node:test";
import { firstCount, SESSION_IDS_RESERVED, SessionIds } from "../../src/session/session-ids.js";
import type { SessionId, Sid } from "../../src/wire/ids.js";

const LIMIT = 2n ** 64n;
const NO_CHANCE = () => 0;
/** More than any life gives out. */
const MANY = SESSION_IDS_RESERVED / 8n;

function begun(serverId: number, nowMs: number, limit = 0n, known: bigint[] = []): SessionIds {
  const first = firstCount(serverId as Sid, nowMs, limit, known as SessionId[], NO_CHANCE);
  return new SessionIds(serverId as Sid, first, LIMIT, () => {}, NO_CHANCE);
}

test("session ids begin where Java's do", () => {
  for (const [nowMs, serverId, first] of [
    [1763716800123, 1, 115586944212860928n],
    [1763716800123, 3, 259702132288716800n],
    [1763716800123, 128, -9179842686679842816n],
    [1763716800123, 255, -28528243862994944n],
    [1, 1, 72057594037993472n],
    [1099511627775, 1, 144115188075790336n],
    // Bits above the fortieth are lost.
    [2199023255551, 1, 144115188075790336n],
    [12345678, 255, -72056784951574528n],
  ] as const) {
    assert.equal(begun(serverId, nowMs).take(), first);
  }
});

test("session ids begin beyond what was reserved before, wherever the clock has gone", () => {
  const before = begun(1, 1_763_716_800_123).take();
  const limit = firstCount(1 as Sid, 1_763_716_800_123, 0n, [], NO_CHANCE) + SESSION_IDS_RESERVED;
  for (const nowMs of [1_763_716_800_123, 1_763_716_700_000, 0]) {
    assert.equal(begun(1, nowMs, limit).take(), before + SESSION_IDS_RESERVED);
  }
  assert.equal(begun(1, 1_800_000_000_000, limit).take(), begun(1, 1_800_000_000_000).take());
});

test("session ids begin beyond the known sessions of this server, and skip those that turn up", () => {
  const first = begun(1, 1000).take();
  const known = [first + 5n, first - 1n, first + (1n << 56n)];
  const ids = begun(1, 1000, 0n, known);
  const next = ids.take();
  assert.ok(next > first + 5n + MANY);
  ids.skip([first + 100n, first + 50n, first + (2n << 56n)] as SessionId[]);
  assert.equal(ids.take(), next + 1n, "it is beyond these");
  ids.skip([next + 100n, next + 50n] as SessionId[]);
  assert.ok(ids.take() > next + 100n + MANY);
});

test("a server that has lost its disk does not go on right behind a session that it is told of (seed 11136)", () => {
  const before = begun(1, 1000);
  const alive = before.take();
  const given = [alive, before.take(), before.take()];
  // Lives that knew what was given out began whole blocks later.
  for (let life = 1n; life < 20n; life++)
    given.push((alive + life * SESSION_IDS_RESERVED) as SessionId);
  const ids = begun(1, 900);
  ids.skip([alive]);
  const next = ids.take();
  for (const id of given) assert.ok(next < id - MANY || next > id + MANY, `${next} is near ${id}`);
});

test("session ids are never 0, nor the owner that marks containers", () => {
  assert.equal(begun(128, 0).take(), -(2n ** 63n) + 1n);
  assert.equal(begun(0, 0).take(), 1n);
});

test("session ids stay the server's own when the count wraps", () => {
  const ids = new SessionIds(3 as Sid, 2n ** 56n - 1n, LIMIT, () => {}, NO_CHANCE);
  assert.equal(ids.take(), (4n << 56n) - 1n);
  assert.equal(ids.take(), 3n << 56n);
});

test("session ids ask for a new limit when half of the last is used up, and once", () => {
  const limits: bigint[] = [];
  const limit = SESSION_IDS_RESERVED;
  const next = limit / 2n - 2n;
  const ids = new SessionIds(1 as Sid, next, limit, (to) => limits.push(to), NO_CHANCE);
  ids.take();
  assert.deepEqual(limits, []);
  ids.take();
  ids.take();
  assert.deepEqual(limits, [limit / 2n + SESSION_IDS_RESERVED]);
});

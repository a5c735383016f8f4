import assert from "node:assert/strict";
import { test } from "node:test";
import { ObserverMasters } from "../../src/member/observer-masters.js";
import type { Sid } from "../../src/wire/ids.js";

const voters = [1, 2, 3].map((sid) => ({
  sid: sid as Sid,
  addresses: [{ host: `zk${sid}`, quorumPort: 2888, electionPort: 3888 }],
  role: "participant" as const,
  client: undefined,
  secureClient: undefined,
}));

test("An observer tries the followers, each once, then the leader, and then begins anew", () => {
  const masters = new ObserverMasters(
    { integer: (bound) => bound - 1, fill() {}, hashSeed: 0 },
    2191,
  );
  const tried = () => masters.next(voters, 2 as Sid);
  assert.deepEqual(tried(), { sid: 3, addresses: [{ host: "zk3", port: 2191 }] });
  assert.equal(tried()?.sid, 1);
  assert.equal(tried(), undefined);
  assert.equal(tried()?.sid, 3);
});

test("An observer whose master is gone tries those again that were not there before", () => {
  const masters = new ObserverMasters(
    { integer: (bound) => bound - 1, fill() {}, hashSeed: 0 },
    2191,
  );
  const tried = () => masters.next(voters, 2 as Sid)?.sid;
  assert.equal(tried(), 3, "it does not answer yet");
  assert.equal(tried(), 1);
  masters.served(1 as Sid);
  assert.equal(tried(), 3);
  assert.equal(tried(), undefined);
  assert.ok(tried() !== undefined);
});

test("An observer of a leader without followers goes to the leader", () => {
  const masters = new ObserverMasters({ integer: () => 0, fill() {}, hashSeed: 0 }, 2191);
  assert.equal(masters.next(voters.slice(0, 1), 1 as Sid), undefined);
});

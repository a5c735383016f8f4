import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { Proposals } from "../../src/quorum/proposals.js";
import { MajorityVerifier } from "../../src/quorum/verifier.js";
import type { Sid, Zxid } from "../../src/wire/ids.js";

const sids = (...values: number[]) => values as Sid[];
const proposal = (zxid: number) => ({ zxid: zxid as Zxid });

function committedBy(proposals: Proposals<{ zxid: Zxid }>): number[] {
  const taken: number[] = [];
  for (let next = proposals.takeCommitted(); next; next = proposals.takeCommitted()) {
    taken.push(next.zxid);
  }
  return taken;
}

describe("MajorityVerifier", () => {
  it("needs more than half of the voting members", () => {
    const verifier = new MajorityVerifier(sids(1, 2, 3, 4));
    assert.equal(verifier.containsQuorum(sids(1, 2)), false);
    assert.equal(verifier.containsQuorum(sids(1, 2, 4)), true);
  });

  it("counts a member once and a stranger never", () => {
    const verifier = new MajorityVerifier(sids(1, 2, 3));
    assert.equal(verifier.containsQuorum(sids(1, 1, 9)), false);
  });
});

describe("Proposals", () => {
  it("commits on its own acknowledgement when it is alone", () => {
    const proposals = new Proposals(new MajorityVerifier(sids(0)));
    proposals.add(proposal(1));
    proposals.add(proposal(2));
    assert.deepEqual(committedBy(proposals), []);
    proposals.acknowledge(0 as Sid, 1 as Zxid);
    assert.deepEqual(committedBy(proposals), [1]);
    proposals.acknowledge(0 as Sid, 2 as Zxid);
    assert.deepEqual(committedBy(proposals), [2]);
  });

  it("does not count an observer's acknowledgement (ZOOKEEPER-2959)", () => {
    const proposals = new Proposals(new MajorityVerifier(sids(1, 2, 3)));
    proposals.add(proposal(1));
    proposals.acknowledge(1 as Sid, 1 as Zxid);
    proposals.acknowledge(4 as Sid, 1 as Zxid);
    assert.deepEqual(committedBy(proposals), []);
  });

  it("refuses a proposal that does not follow the last one", () => {
    const proposals = new Proposals(new MajorityVerifier(sids(1)));
    proposals.add(proposal(2));
    assert.throws(() => proposals.add(proposal(2)), /does not follow/);
  });

  it("commits exactly what a majority holds, in order, whatever the order of acknowledgements", () => {
    const acknowledgement = fc.record({
      sid: fc.integer({ min: 1, max: 6 }),
      zxid: fc.integer({ min: 1, max: 8 }),
    });
    fc.assert(
      fc.property(fc.constantFrom(1, 3, 4, 5), fc.array(acknowledgement), (members, acks) => {
        const voters = sids(...Array.from({ length: members }, (_, i) => i + 1));
        const proposals = new Proposals(new MajorityVerifier(voters));
        for (let zxid = 1; zxid <= 8; zxid++) proposals.add(proposal(zxid));
        const held = new Map<number, number>();
        const taken: number[] = [];
        for (const { sid, zxid } of acks) {
          held.set(sid, Math.max(held.get(sid) ?? 0, zxid));
          proposals.acknowledge(sid as Sid, zxid as Zxid);
          taken.push(...committedBy(proposals));
          const expected = [1, 2, 3, 4, 5, 6, 7, 8].filter(
            (z) => voters.filter((v) => (held.get(v) ?? 0) >= z).length > members / 2,
          );
          assert.deepEqual(taken, expected);
        }
      }),
    );
  });
});

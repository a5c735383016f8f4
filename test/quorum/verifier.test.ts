import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { parseMembership } from "../../src/config/membership.js";
import { parseProperties } from "../../src/config/properties.js";
import { parseConfiguration } from "../../src/member/configuration.js";
import { Configuration, verifierOf } from "../../src/quorum/configuration.js";
import { HierarchicalVerifier } from "../../src/quorum/verifier.js";
import { makeZxid, type Sid } from "../../src/wire/ids.js";

const OPTIONS = { multiAddressEnabled: false, oraclePath: undefined };
const sids = (...numbers: number[]) => numbers as Sid[];

function membershipOf(text: string) {
  return parseMembership(parseProperties(text), OPTIONS);
}

const NINE = [
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((sid) => `server.${sid}=host${sid}:2888:3888`),
  "group.1=1:2:3",
  "group.2=4:5:6",
  "group.3=7:8:9",
].join("\n");

describe("HierarchicalVerifier", () => {
  it("wants a majority of the weight in a majority of the groups", () => {
    const verifier = verifierOf(membershipOf(NINE));
    assert.equal(verifier.containsQuorum(sids(1, 2, 4, 5)), true, "two of three in two groups");
    assert.equal(verifier.containsQuorum(sids(1, 2, 3, 4, 7)), false, "one group, and two bits");
    assert.equal(verifier.containsQuorum(sids(1, 4, 7)), false, "a bit of each");
    assert.equal(verifier.containsQuorum([]), false);
  });

  it("counts weights, and groups that have any", () => {
    const text = `${NINE}\nweight.1=3\nweight.7=0\nweight.8=0\nweight.9=0`;
    const verifier = verifierOf(membershipOf(text));
    assert.equal(verifier.containsQuorum(sids(1, 4, 5)), true, "server 1 outweighs its group");
    assert.equal(verifier.containsQuorum(sids(1)), false, "two groups weigh something: both");
    assert.equal(verifier.weightOf(7 as Sid), 0);
  });

  it("lets nobody in who does not vote, though he be in a group", () => {
    const text = `${NINE.replace("server.3=host3:2888:3888", "server.3=host3:2888:3888:observer")}\nweight.3=1`;
    const verifier = verifierOf(membershipOf(text));
    assert.equal(verifier.containsQuorum(sids(1, 3, 4, 5)), false);
    assert.equal(verifier.containsQuorum(sids(1, 2, 4, 5)), true);
    assert.equal(verifier.weightOf(3 as Sid), 0);
  });

  it("gives quorums of which any two have a server in common", () => {
    const server = fc.record({ group: fc.nat(2), weight: fc.nat(3) });
    fc.assert(
      fc.property(fc.array(server, { minLength: 1, maxLength: 6 }), (servers) => {
        const voters = servers.map((_, i) => (i + 1) as Sid);
        const verifier = new HierarchicalVerifier(voters, {
          groups: voters.map((sid, i) => ({ sid, group: servers[i]!.group })),
          weights: voters.map((sid, i) => ({ sid, weight: servers[i]!.weight })),
        });
        for (let set = 0; set < 1 << voters.length; set++) {
          const some = voters.filter((_, i) => (set & (1 << i)) !== 0);
          const others = voters.filter((_, i) => (set & (1 << i)) === 0);
          assert.ok(!(verifier.containsQuorum(some) && verifier.containsQuorum(others)));
        }
      }),
    );
  });
});

describe("A configuration", () => {
  it("under another version has the same members, and reads back", () => {
    const membership = membershipOf(NINE);
    const first = new Configuration(membership).withVersion(makeZxid(5, 0));
    assert.match(first.text, /^server\.1=host1:2888:3888:participant\n/);
    assert.match(first.text, /\nversion=500000000$/);
    const read = parseConfiguration(first.text, OPTIONS);
    assert.deepEqual(read.membership, { ...membership, version: makeZxid(5, 0) });
    assert.equal(read.hasSameMembersAs(new Configuration(membership)), true);
  });

  it("is refused when it is none", () => {
    assert.throws(() => parseConfiguration("server.1=nonsense", OPTIONS), {
      name: "ProtocolError",
      message: /^Cannot read the configuration of another server: /,
    });
  });
});

// ACLs with thousands of entries, and clients with hundreds of identities: the answers are those of short ones, and what they cost
// does not multiply.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { fixAcl, isPermitted, Perms } from "../../src/auth/access.js";
import { IpScheme } from "../../src/auth/ip-scheme.js";
import type { AuthScheme } from "../../src/auth/scheme.js";
import { AuthSchemes } from "../../src/auth/schemes.js";
import { ACL_ENTRIES_MAX } from "../../src/limits.js";
import { ErrorCode } from "../../src/wire/error-codes.js";
import type { ACL, Id } from "../../src/wire/records.js";

const someId: fc.Arbitrary<Id> = fc.oneof(
  fc.record({
    scheme: fc.constant("digest"),
    id: fc.integer({ min: 0, max: 99 }).map((n) => `u:${n}`),
  }),
  fc.record({
    scheme: fc.constant("ip"),
    id: fc.integer({ min: 0, max: 99 }).map((n) => `10.0.0.${n}`),
  }),
  fc.record({ scheme: fc.constantFrom("odd", null), id: fc.constantFrom("x", null) }),
  fc.constant({ scheme: "ip", id: "10.0.0.96/30" }),
  fc.constant({ scheme: "world", id: "somebody" }),
);
const entry: fc.Arbitrary<ACL> = fc.record({
  perms: fc.integer({ min: 0, max: 31 }),
  id: fc.oneof({ weight: 40, arbitrary: someId }, fc.constant({ scheme: "world", id: "anyone" })),
});

/** Counts what it is asked, as every scheme is asked that has no faster way. */
class CountingScheme implements AuthScheme {
  readonly name = "counting";
  readonly identifiesCreators = true;
  comparisons = 0;
  isValid = () => true;
  userName = (identity: string) => identity;
  authenticate = () => ({ ok: true, identities: [] }) as const;
  matches(identity: string, expression: string): boolean {
    this.comparisons++;
    return identity === expression;
  }
}

describe("A long ACL", () => {
  test("gives what its entries give one by one", () => {
    const schemes = new AuthSchemes();
    fc.assert(
      fc.property(
        fc.array(entry, { minLength: 30, maxLength: 60 }),
        fc.array(someId, { minLength: 3, maxLength: 8 }),
        (acl, identities) => {
          for (const perms of Object.values(Perms)) {
            const one = acl.some((each) => isPermitted(schemes, [each], perms, identities));
            assert.equal(isPermitted(schemes, acl, perms, identities), one);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  test("is gone through once for a client, however often it is asked", () => {
    const schemes = new AuthSchemes();
    const scheme = new CountingScheme();
    schemes.register(scheme);
    const acl = Array.from({ length: 5000 }, (_, i) => ({
      perms: 31,
      id: { scheme: "counting", id: `${i}` },
    }));
    const identities = [{ scheme: "counting", id: "nobody" }];
    for (let i = 0; i < 1000; i++) {
      assert.equal(isPermitted(schemes, acl, Perms.read, identities), false);
    }
    assert.equal(scheme.comparisons, acl.length);
    // Who has proven to be somebody else meanwhile has another list, and an ACL that was set anew is another.
    assert.equal(isPermitted(schemes, acl, Perms.read, [{ scheme: "counting", id: "4999" }]), true);
    const anew = [...acl, { perms: 1, id: { scheme: "counting", id: "nobody" } }];
    assert.equal(isPermitted(schemes, anew, Perms.read, identities), true);
  });

  test("is refused where its `auth`s stand for more than a transaction has room for", () => {
    const schemes = new AuthSchemes();
    const identities = Array.from({ length: 1000 }, (_, i) => ({ scheme: "digest", id: `u:${i}` }));
    const auths = (count: number) =>
      Array.from({ length: count }, (_, i) => ({ perms: 31, id: { scheme: "auth", id: `${i}` } }));
    const most = ACL_ENTRIES_MAX / identities.length;
    const fixed = fixAcl(schemes, identities, auths(most));
    assert.ok(Array.isArray(fixed) && fixed.length === ACL_ENTRIES_MAX);
    assert.equal(fixAcl(schemes, identities, auths(most + 1)), ErrorCode.badArguments);
    assert.equal(fixAcl(schemes, identities, auths(40_000)), ErrorCode.badArguments);
  });

  test("is not remembered where its entries are addresses of a length that nobody writes", () => {
    setFlagsFromString("--expose-gc");
    const collectGarbage = runInNewContext("gc") as () => void;
    const scheme = new IpScheme();
    const heapBytes = () => {
      collectGarbage();
      return getHeapStatistics().used_heap_size;
    };
    const before = heapBytes();
    for (let i = 0; i < 100; i++) {
      const expression = `10.0.0.${"0".repeat(500_000)}${i}`;
      assert.equal(scheme.matches("10.0.0.7", expression), i === 7);
    }
    assert.ok(heapBytes() - before < 25_000_000, "they are 50 MB");
  });
});

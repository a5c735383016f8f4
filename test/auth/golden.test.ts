// Java's authentication providers and fixupACL 3.9.5, asked by test/golden/tree/Capture.java; ours must answer the same.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fixAcl, maskDigests } from "../../src/auth/access.js";
import { DigestScheme } from "../../src/auth/digest-scheme.js";
import { IpScheme } from "../../src/auth/ip-scheme.js";
import { AuthSchemes } from "../../src/auth/schemes.js";
import type { ACL, Id } from "../../src/wire/records.js";

interface Line {
  readonly ip?: string;
  readonly digestId?: string;
  readonly digestOf?: string;
  readonly fix?: [number, string | null, string | null][] | null;
  readonly mask?: string;
  readonly valid: boolean;
  readonly matches: string;
  readonly digest: string;
  readonly who: number;
  readonly result: number | [number, string, string][];
  readonly masked: string;
}

const lines = readFileSync("test/golden/tree/auth.jsonl", "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Line);

/** Those that Capture.java asked about, in its order. */
const ADDRESSES = [
  "10.0.0.1",
  "10.255.0.1",
  "11.0.0.1",
  "127.0.0.1",
  "127.0.0.0",
  "0:0:0:0:0:0:0:1",
  "fe80:0:0:0:0:0:0:1",
  "fe80:0:0:0:0:0:0:1%eth0",
  "fec0:0:0:0:0:0:0:1",
  "2001:db8:0:0:0:0:0:1",
  "2001:db8:8000:0:0:0:0:1",
  "2001:db8:7fff:0:0:0:0:1",
  "1:2:3:4:5:6:7:8",
  "0:0:0:0:0:ffff:a00:1",
  "ffff:0:0:0:0:0:0:0",
];

const NOBODY: Id[] = [{ scheme: "ip", id: "127.0.0.1" }];
const USERS: Id[] = [
  { scheme: "ip", id: "127.0.0.1" },
  { scheme: "digest", id: "u:1" },
  { scheme: "super", id: "" },
  { scheme: "digest", id: "v:2" },
];

function some<T>(found: T[]): T[] {
  assert.ok(found.length > 5, "the golden has too few of these");
  return found;
}

test("ip expressions are valid and match as in Java", () => {
  const scheme = new IpScheme();
  for (const { ip, valid, matches } of some(lines.filter((line) => line.ip !== undefined))) {
    const expression = ip ?? "";
    assert.equal(scheme.isValid(expression), valid, expression);
    const ours = ADDRESSES.map((address) => (scheme.matches(address, expression) ? "1" : "0"));
    assert.equal(ours.join(""), matches, expression);
  }
});

test("digest ids are valid and made as in Java", () => {
  const scheme = new DigestScheme({ algorithm: "SHA1", superDigest: undefined });
  for (const { digestId, valid } of some(lines.filter((line) => line.digestId !== undefined))) {
    assert.equal(scheme.isValid(digestId ?? ""), valid, digestId);
  }
  for (const { digestOf, digest } of some(lines.filter((line) => line.digestOf !== undefined))) {
    assert.equal(scheme.generateDigest(digestOf ?? ""), digest, digestOf);
  }
});

test("ACLs from clients are put right or refused as in Java", () => {
  const schemes = new AuthSchemes();
  for (const { fix, who, result } of some(lines.filter((line) => line.fix !== undefined))) {
    const acl: ACL[] | null =
      fix?.map(([perms, scheme, id]) => ({ perms, id: { scheme, id } })) ?? null;
    const fixed = fixAcl(schemes, who === 0 ? NOBODY : USERS, acl);
    const ours =
      typeof fixed === "number" ? fixed : fixed.map(({ perms, id }) => [perms, id.scheme, id.id]);
    assert.deepEqual(ours, result, JSON.stringify(fix));
  }
});

test("digests are masked as in Java", () => {
  for (const { mask, masked } of some(lines.filter((line) => line.mask !== undefined))) {
    const [entry] = maskDigests([{ perms: 1, id: { scheme: "digest", id: mask ?? "" } }]);
    assert.equal(entry?.id.id, masked);
  }
  const world = { perms: 1, id: { scheme: "world", id: "a:b" } };
  assert.deepEqual(maskDigests([world]), [world]);
});

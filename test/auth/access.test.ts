import assert from "node:assert/strict";
import { test } from "node:test";
import { isPermitted, Perms } from "../../src/auth/access.js";
import { DigestScheme } from "../../src/auth/digest-scheme.js";
import { javaHostAddress } from "../../src/auth/ip-address.js";
import { AuthSchemes, DEFAULT_AUTH_SETTINGS } from "../../src/auth/schemes.js";
import { ErrorCode } from "../../src/wire/error-codes.js";
import type { ACL, Id } from "../../src/wire/records.js";

const client = { remoteAddress: "10.0.0.1" };
const SUPER_SECRET = "super:lK75jTNcA+U9vtVEw5vB51mj/w4=";

function acl(perms: number, scheme: string | null, id: string | null): ACL {
  return { perms, id: { scheme, id } };
}

function id(scheme: string, name: string): Id {
  return { scheme, id: name };
}

const table: readonly [string, ACL[] | null, number, Id[], boolean][] = [
  ["no ACL at all", null, Perms.read, [], true],
  ["an empty ACL", [], Perms.read, [], true],
  ["anyone", [acl(1, "world", "anyone")], Perms.read, [], true],
  ["anyone, but not that", [acl(1, "world", "anyone")], Perms.write, [], false],
  ["one of two permissions", [acl(16, "world", "anyone")], Perms.read | Perms.admin, [], true],
  ["world, but somebody else", [acl(31, "world", "me")], Perms.read, [id("world", "me")], false],
  ["super", [acl(0, "world", "anyone")], Perms.admin, [id("super", "")], true],
  ["the right digest", [acl(31, "digest", "u:x")], Perms.read, [id("digest", "u:x")], true],
  ["another digest", [acl(31, "digest", "u:x")], Perms.read, [id("digest", "u:y")], false],
  ["the id under another scheme", [acl(31, "digest", "u:x")], Perms.read, [id("ip", "u:x")], false],
  ["the network", [acl(31, "ip", "10.0.0.0/8")], Perms.read, [id("ip", "10.1.1.1")], true],
  ["a scheme nobody knows", [acl(31, "odd", "x")], Perms.read, [id("odd", "x")], false],
  ["an entry without a scheme", [acl(31, null, "x")], Perms.read, [id("ip", "x")], false],
  [
    "the second entry",
    [acl(31, "digest", "u:x"), acl(1, "ip", "10.0.0.1")],
    Perms.read,
    [id("ip", "10.0.0.1")],
    true,
  ],
];

for (const [name, list, perms, identities, permitted] of table) {
  test(`access is ${permitted ? "given" : "refused"}: ${name}`, () => {
    assert.equal(isPermitted(new AuthSchemes(), list, perms, identities), permitted);
  });
}

test("a digest packet gives an identity, and super to the one who knows", () => {
  const schemes = new AuthSchemes({ ...DEFAULT_AUTH_SETTINGS, superDigest: SUPER_SECRET });
  const known = new DigestScheme({ algorithm: "SHA1", superDigest: undefined });
  assert.equal(known.generateDigest("super:secret"), SUPER_SECRET);
  assert.deepEqual(schemes.authenticate(client, "digest", Buffer.from("u:p")), {
    ok: true,
    identities: [id("digest", known.generateDigest("u:p"))],
  });
  assert.deepEqual(schemes.authenticate(client, "digest", Buffer.from("super:secret")), {
    ok: true,
    identities: [id("super", ""), id("digest", SUPER_SECRET)],
  });
});

test("an auth packet fails without data, and under a scheme that is not there", () => {
  const schemes = new AuthSchemes();
  const error = ErrorCode.authFailed;
  assert.deepEqual(schemes.authenticate(client, "digest", null), {
    ok: false,
    error,
    silent: false,
    logLine: "Authentication failed for scheme: digest",
  });
  assert.deepEqual(schemes.authenticate(client, "sasl", null), {
    ok: false,
    error,
    silent: false,
    logLine: "No authentication provider for scheme: sasl has ip digest ",
  });
});

test("the scheme digest can be switched off", () => {
  const schemes = new AuthSchemes({ ...DEFAULT_AUTH_SETTINGS, digestEnabled: false });
  assert.equal(schemes.authenticate(client, "digest", Buffer.from("u:p")).ok, false);
});

test("digests are made by the algorithm that is configured, and an unknown one is refused", () => {
  const sha256 = new DigestScheme({ algorithm: "SHA-256", superDigest: undefined });
  // printf user:pass | sha256sum, in base64
  assert.equal(sha256.generateDigest("user:pass").length, "user:".length + 44);
  for (const algorithm of ["MD5", "SHA", "SHA1", "SHA-1", "SHA-512", "SHA-512/256", "SHA3-256"]) {
    assert.ok(new DigestScheme({ algorithm, superDigest: undefined }).generateDigest("a:b"));
  }
  assert.throws(() => new DigestScheme({ algorithm: "ROT13", superDigest: undefined }), /ROT13/);
});

test("an ensemble name that is not ours ends the connection without a word", () => {
  const schemes = new AuthSchemes();
  schemes.registerEnsemble(["one", " two "]);
  assert.deepEqual(schemes.authenticate(client, "ensemble", Buffer.from("two")), {
    ok: true,
    identities: [],
  });
  assert.deepEqual(schemes.authenticate(client, "ensemble", null), { ok: true, identities: [] });
  const refused = schemes.authenticate(client, "ensemble", Buffer.from("three"));
  assert.ok(!refused.ok && refused.silent);
  assert.equal(
    refused.logLine,
    "Unexpected ensemble name: ensemble name: three client ip: 10.0.0.1",
  );
  schemes.registerEnsemble([]);
  assert.equal(schemes.authenticate(client, "ensemble", Buffer.from("three")).ok, true);
});

test("addresses are written as Java writes them", () => {
  assert.equal(javaHostAddress("127.0.0.1"), "127.0.0.1");
  assert.equal(javaHostAddress("::1"), "0:0:0:0:0:0:0:1");
  assert.equal(javaHostAddress("fe80::1%eth0"), "fe80:0:0:0:0:0:0:1%eth0");
  assert.equal(javaHostAddress("2001:0db8::00a0"), "2001:db8:0:0:0:0:0:a0");
  assert.deepEqual(new AuthSchemes().initialIdentities("::1"), [id("ip", "0:0:0:0:0:0:0:1")]);
});

test("user names are shown without what proves them", () => {
  const schemes = new AuthSchemes();
  assert.equal(schemes.userNameOf(id("digest", "me:secret")), "me");
  assert.equal(schemes.userNameOf(id("ip", "10.0.0.1")), "10.0.0.1");
  assert.equal(schemes.userNameOf(id("super", "")), undefined);
});

test("The ensemble's scheme tells what it made of each name, for the metrics", () => {
  const schemes = new AuthSchemes();
  schemes.registerEnsemble(["ours", " too "]);
  const verdicts: string[] = [];
  schemes.watchEnsemble((verdict) => verdicts.push(verdict));
  for (const name of ["ours", "too", "theirs", ""]) {
    schemes.authenticate(client, "ensemble", Buffer.from(name));
  }
  schemes.authenticate(client, "ensemble", null);
  assert.deepEqual(verdicts, ["success", "success", "fail", "skip", "skip"]);
});

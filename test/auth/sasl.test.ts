import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { JaasError, parseJaas } from "../../src/auth/jaas/jaas.js";
import { loadJaas } from "../../src/auth/jaas/load.js";
import { findLogin } from "../../src/auth/jaas/modules.js";
import { defaultRealm } from "../../src/auth/kerberos/default-realm.js";
import { NameRules, parseKerberosName } from "../../src/auth/kerberos/kerberos-name.js";
import { DigestMd5Client } from "../../src/auth/sasl/digest-client.js";
import { digestResponse } from "../../src/auth/sasl/digest-md5.js";
import { DigestMd5Server } from "../../src/auth/sasl/digest-server.js";
import type { SaslExchange, SaslOutcome } from "../../src/auth/sasl/sasl.js";

const SERVICE = { protocol: "zookeeper", serverName: "zk-sasl-md5" };

function step(exchange: SaslExchange, token: Buffer): SaslOutcome {
  let result: SaslOutcome | undefined;
  exchange.evaluate(token, (outcome) => {
    result = outcome;
  });
  assert.ok(result !== undefined);
  return result;
}

function serverFor(users: ReadonlyMap<string, string>): DigestMd5Server {
  return new DigestMd5Server({
    ...SERVICE,
    nonce: "c2VydmVy",
    users: { passwordOf: (name) => users.get(name), authorize: (name) => name },
  });
}

/** What server and client make of each other. */
function meet(server: SaslExchange, client: SaslExchange): [SaslOutcome, SaslOutcome] {
  const challenge = step(server, Buffer.alloc(0));
  assert.ok(challenge.kind === "challenge");
  const response = step(client, challenge.token);
  assert.ok(response.kind === "challenge");
  const verdict = step(server, response.token);
  if (verdict.kind !== "complete") return [verdict, response];
  return [verdict, step(client, verdict.token!)];
}

test("DIGEST-MD5 computes what RFC 2831 has as its example", () => {
  const example = {
    digestUri: "imap/elwood.innosoft.com",
    userName: "chris",
    realm: "elwood.innosoft.com",
    password: "secret",
    nonce: Buffer.from("OA6MG9tEQGm2hh"),
    cnonce: Buffer.from("OA6MHXh6VqTrRk"),
    authorizationId: undefined,
  };
  assert.equal(
    digestResponse({ ...example, method: "AUTHENTICATE" }),
    "d388dad90d4bbd760a152321f2143af7",
  );
  assert.equal(digestResponse({ ...example, method: "" }), "ea40f60335c427b5527b84dbabcdfffd");
});

test("Client and server of DIGEST-MD5 agree exactly when they have the same password", () => {
  const word = fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(word, word, word, (userName, password, other) => {
      const client = (secret: string) =>
        new DigestMd5Client({ ...SERVICE, userName, password: secret, cnonce: "Y2xpZW50" });
      const users = new Map([[userName, password]]);
      const [verdict, proof] = meet(serverFor(users), client(password));
      assert.deepEqual([verdict.kind, proof.kind], ["complete", "complete"]);
      assert.ok(verdict.kind === "complete");
      assert.equal(verdict.authorizationId, userName);
      if (other !== password) {
        assert.equal(meet(serverFor(users), client(other))[0].kind, "failed");
      }
      assert.equal(meet(serverFor(new Map()), client(password))[0].kind, "failed");
    }),
  );
});

test("Neither side of DIGEST-MD5 takes anything for a proof but the proof", () => {
  const token = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    fc.string({ maxLength: 200 }).map((text) => Buffer.from(text)),
    fc
      .array(fc.constantFrom("username", "nonce", "=", '"', ",", "\\", "bob", "rspauth", " "))
      .map((parts) => Buffer.from(parts.join(""))),
  );
  fc.assert(
    fc.property(token, token, (first, second) => {
      const server = serverFor(new Map([["bob", "secret"]]));
      step(server, first);
      assert.equal(step(server, second).kind, "failed");
      assert.equal(step(server, second).kind, "failed", "and stays at that");
      const client = new DigestMd5Client({
        ...SERVICE,
        userName: "bob",
        password: "secret",
        cnonce: "Y2xpZW50",
      });
      const isChallenge = step(client, first).kind === "challenge";
      assert.equal(step(client, second).kind, "failed", `after a challenge: ${isChallenge}`);
    }),
  );
});

test("A client of DIGEST-MD5 does not believe a server that does not know its password", () => {
  const client = new DigestMd5Client({
    ...SERVICE,
    userName: "bob",
    password: "secret",
    cnonce: "Y2xpZW50",
  });
  const challenge = step(serverFor(new Map()), Buffer.alloc(0));
  assert.ok(challenge.kind === "challenge");
  step(client, challenge.token);
  const proof = Buffer.from(`rspauth=${"0".repeat(32)}`);
  assert.equal(step(client, proof).kind, "failed");
});

const shortNames: readonly [string, string, string | undefined][] = [
  ["DEFAULT", "bob", "bob"],
  ["DEFAULT", "bob@EXAMPLE.COM", "bob"],
  ["DEFAULT", "bob/host@EXAMPLE.COM", "bob"],
  ["DEFAULT", "bob@OTHER.COM", undefined],
  ["RULE:[1:$1@$0](.*@OTHER\\.COM)s/@.*// DEFAULT", "bob@OTHER.COM", "bob"],
  ["RULE:[2:$2-$1]", "nn/host@OTHER.COM", "host-nn"],
  ["RULE:[2:$2-$1]", "nn@OTHER.COM", undefined],
  ["RULE:[1:$1]s/(b)(o)/$2$1/g", "bobo@X", "obob"],
  ["RULE:[1:$1]s/b/\\$/", "bob@X", "$ob"],
  ["RULE:[1:$1@$0]", "bob@X", undefined],
  ["RULE:[1:$9]", "bob@X", undefined],
];
for (const [rules, principal, short] of shortNames) {
  test(`The principal ${principal} becomes ${short ?? "nothing"} by ${rules}`, () => {
    const name = parseKerberosName(principal);
    assert.ok(name !== undefined);
    assert.equal(new NameRules(rules, "EXAMPLE.COM").shortName(name), short);
  });
}

test("Rules that cannot be read are refused, and so are names that are no principals", () => {
  assert.throws(() => new NameRules("RULE:oops", ""), /Invalid rule: RULE:oops/);
  assert.throws(() => new NameRules("RULE:[1:$1](()", ""), /Invalid rule/);
  assert.throws(() => new NameRules("RULE:[:$1]", ""), /it has no count/);
  for (const name of ["a@b@c", "a/b/c@d", "a/b@c/d"]) {
    assert.equal(parseKerberosName(name), undefined, name);
  }
});

const DIGEST = "org.apache.zookeeper.server.auth.DigestLoginModule";
const KERBEROS = "com.sun.security.auth.module.Krb5LoginModule";
const logins: readonly [string, string | RegExp | undefined][] = [
  [`S { ${DIGEST} required; };`, "DIGEST-MD5"],
  [`S { ${KERBEROS} required useKeyTab=true; };`, "GSSAPI"],
  [`S { ${DIGEST} required; ${KERBEROS} optional; };`, "GSSAPI"],
  [`S { ${DIGEST} required; x.Y optional; };`, "DIGEST-MD5"],
  [`S { ${DIGEST} required; x.Y required; };`, /No LoginModule found for x\.Y/],
  ["S { x.Y optional; };", /No LoginModule found for x\.Y/],
  ["S { };", undefined],
  [`T { ${DIGEST} required; };`, undefined],
];
for (const [text, outcome] of logins) {
  test(`The section ${text} gives ${outcome}`, () => {
    const find = () => findLogin(parseJaas(text), "S")?.mechanism;
    if (outcome instanceof RegExp) assert.throws(find, outcome);
    else assert.equal(find(), outcome);
  });
}

function diskOf(files: Readonly<Record<string, string>>) {
  return {
    readFile: (path: string) => Buffer.from(files[path] ?? ""),
    stat: (path: string) =>
      files[path] === undefined
        ? undefined
        : ({ kind: "file", sizeBytes: 0, modifiedMs: 0 } as const),
  };
}

test("The JAAS file is the one that is named, or the one at home, or none", () => {
  const disk = diskOf({
    "/etc/a b.conf": `A { ${DIGEST} required; };`,
    "/home/z/.java.login.config": `H { ${DIGEST} required; };`,
  });
  const load = (named?: string, userHome = "/home/z") => {
    return [...loadJaas({ disk, file: named, properties: new Map(), userHome }).keys()];
  };
  for (const named of [
    "/etc/a b.conf",
    "=/etc/a b.conf",
    "file:/etc/a%20b.conf",
    "file:///etc/a b.conf",
  ]) {
    assert.deepEqual(load(named), ["A"], named);
  }
  assert.deepEqual(load(), ["H"]);
  assert.deepEqual(load(undefined, "/root"), []);
  assert.throws(() => load("/nope"), new JaasError("/nope (No such file or directory)"));
});

test("The default realm comes from a property, from the file it names, or from /etc/krb5.conf", () => {
  const disk = diskOf({
    "/etc/krb5.conf":
      "[realms]\n default_realm = WRONG\n[libdefaults]\n# x\n default_realm = ETC\n",
    "/my.conf": "[libdefaults]\n  default_realm=MINE\n",
    "/empty.conf": "\n",
  });
  const realm = (properties: Record<string, string>) =>
    defaultRealm(disk, new Map(Object.entries(properties)));
  assert.equal(realm({}), "ETC");
  assert.equal(realm({ "java.security.krb5.conf": "/my.conf" }), "MINE");
  assert.equal(realm({ "java.security.krb5.conf": "/empty.conf" }), undefined);
  assert.equal(realm({ "java.security.krb5.conf": "/nope.conf" }), undefined);
  assert.equal(realm({ "java.security.krb5.realm": "P" }), "P");
});

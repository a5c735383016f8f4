// Key stores that keytool and openssl wrote (test/golden/tls/make-stores.sh), whole and damaged.

import assert from "node:assert/strict";
import { createHash, createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import fc from "fast-check";
import { certificateNames } from "../../src/tls/certificate.js";
import { type KeyStore, readKeyStore } from "../../src/tls/key-store.js";
import { StoreError } from "../../src/tls/store-error.js";

const KEY_STORES = [
  "key.pem",
  "key-encrypted.pem",
  "key-openssl3.p12",
  "key-aes128.p12",
  "key-rc2-3des.p12",
  "key-bare.p12",
  "key-java.p12",
  "key-java.jks",
];
const TRUST_STORES = ["trust.pem", "trust-java.p12", "trust-java-legacy.p12", "trust-java.jks"];

const bytesOf = (name: string): Buffer => readFileSync(`test/golden/tls/${name}`);
const read = (name: string, password = "secret"): KeyStore =>
  readKeyStore(bytesOf(name), name, "", password);
const wrong = (pattern: RegExp) => (error: unknown) => {
  assert.ok(error instanceof StoreError, String(error));
  assert.match(error.message, pattern);
  return true;
};

describe("key stores", () => {
  for (const name of KEY_STORES) {
    test(`${name} gives the key and its chain, its own certificate first`, () => {
      const { keys } = read(name);
      assert.equal(keys.length, 1);
      const { key, chain } = keys[0]!;
      const names = chain.map(certificateNames);
      assert.deepEqual(names, [
        { subject: "CN=own,O=Zooid,C=DE", issuer: "CN=ca" },
        { subject: "CN=ca", issuer: "CN=ca" },
      ]);
      const secret = createPrivateKey({ key, format: "der", type: "pkcs8" });
      assert.ok(new X509Certificate(chain[0]!).checkPrivateKey(secret));
    });
  }

  for (const name of TRUST_STORES) {
    test(`${name} gives the certificate to trust`, () => {
      const { keys, trusted } = read(name);
      assert.equal(keys.length, 0);
      assert.deepEqual(trusted.map(certificateNames), [{ subject: "CN=ca", issuer: "CN=ca" }]);
    });
  }

  test("the chain of a key is not trusted because it stands in a key store", () => {
    for (const name of ["key-java.p12", "key-openssl3.p12", "key-java.jks"]) {
      assert.deepEqual(read(name).trusted, [], name);
    }
  });

  test("a wrong password is called one", () => {
    assert.throws(() => read("key-java.jks", "x"), wrong(/password was incorrect/));
    assert.throws(() => read("trust-java.jks", ""), wrong(/password was incorrect/));
    assert.throws(() => read("key-java.p12", "x"), wrong(/password was incorrect/));
    assert.throws(() => read("trust-java-legacy.p12", ""), wrong(/password was incorrect/));
    assert.throws(() => read("key-encrypted.pem", "x"), wrong(/its password is wrong/));
    assert.throws(() => read("key-encrypted.pem", ""), wrong(/cannot be read/));
  });

  test("the type is what is said, or the ending's; JKS and PKCS12 are told apart by what they are", () => {
    const jks = bytesOf("key-java.jks");
    assert.equal(readKeyStore(jks, "x", "PKCS12", "secret").keys.length, 1);
    assert.equal(readKeyStore(jks, "a.p12", "", "secret").keys.length, 1);
    assert.equal(readKeyStore(bytesOf("key-java.p12"), "a.jks", "", "secret").keys.length, 1);
    const unknown = () => readKeyStore(jks, "/etc/keystore.keys", "", "secret");
    const text = /^Unable to auto-detect store file type from file name: \/etc\/keystore.keys$/;
    assert.throws(unknown, wrong(text));
    assert.throws(() => readKeyStore(jks, "/a.b/keys", "", "secret"), wrong(/auto-detect/));
    assert.throws(() => readKeyStore(jks, "a.bcfks", "", "secret"), wrong(/^BCFKS is a format/));
    assert.throws(() => readKeyStore(jks, "a", "BCFKS", "secret"), wrong(/^BCFKS is a format/));
  });

  test("what is no key store at all is refused", () => {
    for (const bytes of [Buffer.alloc(0), Buffer.from("hello"), Buffer.from("feedfeed", "hex")]) {
      for (const type of ["JKS", "PKCS12", "PEM"] as const) {
        assert.throws(() => readKeyStore(bytes, "x", type, ""), wrong(/./));
      }
    }
  });

  for (const name of [...KEY_STORES, ...TRUST_STORES]) {
    test(`${name}, damaged, is read or refused with a reason`, () => {
      const whole = bytesOf(name);
      for (let length = 0; length < whole.length; length += 137) {
        survives(name, whole.subarray(0, length));
      }
      // A sealed PKCS12 file is refused by its seal, after ten thousand hashes: what is inside, key-bare.p12 shows.
      const numRuns = name.endsWith("p12") && name !== "key-bare.p12" ? 20 : 300;
      fc.assert(
        fc.property(flipped(whole), (bytes) => survives(name, bytes)),
        { numRuns },
      );
    });
  }

  test("a JKS file that is damaged and sealed again is read or refused with a reason", () => {
    for (const name of ["key-java.jks", "trust-java.jks"]) {
      const content = bytesOf(name).subarray(0, -20);
      const secret = Buffer.from("secret", "utf16le").swap16();
      const sealed = (bytes: Buffer): Buffer => {
        const hash = createHash("sha1").update(secret).update("Mighty Aphrodite").update(bytes);
        return Buffer.concat([bytes, hash.digest()]);
      };
      assert.deepEqual(sealed(content), bytesOf(name));
      for (let length = 0; length < content.length; length += 7) {
        survives(name, sealed(content.subarray(0, length)));
      }
      fc.assert(
        fc.property(flipped(content), (bytes) => survives(name, sealed(bytes))),
        { numRuns: 500 },
      );
    }
  });
});

function survives(name: string, bytes: Buffer): void {
  try {
    readKeyStore(bytes, name, "", "secret");
  } catch (error) {
    assert.ok(error instanceof StoreError, `${error instanceof Error ? error.stack : error}`);
  }
}

/** With one to four bits turned. */
function flipped(whole: Buffer): fc.Arbitrary<Buffer> {
  const place = fc.record({ at: fc.nat(whole.length - 1), bit: fc.nat(7) });
  return fc.array(place, { minLength: 1, maxLength: 4 }).map((places) => {
    const bytes = Buffer.from(whole);
    for (const { at, bit } of places) bytes[at] = bytes[at]! ^ (1 << bit);
    return bytes;
  });
}

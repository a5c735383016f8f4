// Lists of revoked certificates, whole and damaged: test/golden/tls/revoked.crl is of the authority "ca", and names "own".

import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import fc from "fast-check";
import { revocabilityOf } from "../../src/tls/certificate.js";
import { readRevocationList } from "../../src/tls/revocation-list.js";
import { StoreError } from "../../src/tls/store-error.js";
import { OWN, TRUSTED } from "../platform/tls-peer.js";

const PEM = readFileSync("test/golden/tls/revoked.crl");
const DER = Buffer.from(PEM.toString().replace(/-----[^-]*-----/g, ""), "base64");
const authority = TRUSTED.trusted[0] as Buffer;
const own = OWN.keys[0]?.chain[0] as Buffer;

describe("revocation lists", () => {
  test("a list tells whose it is, until when, and what was revoked, as PEM and as DER", () => {
    for (const bytes of [PEM, DER]) {
      const list = readRevocationList(bytes);
      const facts = revocabilityOf(own);
      assert.ok(list.issuer.equals(facts.issuer));
      assert.deepEqual([...list.revoked], [facts.serial]);
      const years = ((list.nextUpdateMs ?? 0) - Date.UTC(2026, 10, 21)) / (365.25 * 86_400_000);
      assert.ok(years > 98 && years < 102, `${years}`);
    }
  });

  test("its signature holds with its issuer's key, and with no other", () => {
    const list = readRevocationList(DER);
    assert.equal(list.isSignedBy(new X509Certificate(authority).publicKey), true);
    assert.equal(list.isSignedBy(new X509Certificate(own).publicKey), false);
  });

  test("a list with a bit turned is refused, or its signature does not hold", () => {
    const key = new X509Certificate(authority).publicKey;
    for (let length = 0; length < DER.length; length += 5) {
      assert.throws(() => readRevocationList(DER.subarray(0, length)), StoreError);
    }
    const place = fc.record({ at: fc.nat(DER.length - 1), bit: fc.nat(7) });
    fc.assert(
      fc.property(place, ({ at, bit }) => {
        const bytes = Buffer.from(DER);
        bytes[at] = bytes[at]! ^ (1 << bit);
        let holds = false;
        try {
          holds = readRevocationList(bytes).isSignedBy(key);
        } catch (error) {
          assert.ok(error instanceof StoreError, String(error));
        }
        // The outer algorithm identifier is not signed; nor do its parameters say anything.
        if (holds) assert.deepEqual(readRevocationList(bytes).revoked.size, 1);
      }),
      { numRuns: 1000 },
    );
  });

  test("a certificate that is damaged is read or refused with a reason", () => {
    const place = fc.record({ at: fc.nat(own.length - 1), bit: fc.nat(7) });
    fc.assert(
      fc.property(place, ({ at, bit }) => {
        const bytes = Buffer.from(own);
        bytes[at] = bytes[at]! ^ (1 << bit);
        try {
          revocabilityOf(bytes);
        } catch (error) {
          assert.ok(error instanceof StoreError, String(error));
        }
      }),
      { numRuns: 1000 },
    );
  });
});

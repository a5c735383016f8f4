import assert from "node:assert/strict";
import { test } from "node:test";
import { isPasswordOf, negotiatedTimeoutMs, passwordOf } from "../../src/session/session-id.js";
import type { SessionId } from "../../src/wire/ids.js";

/** Printed by a Java program: new Random(id ^ 0xB3415C00L).nextBytes(new byte[16]). */
const PASSWORDS: readonly (readonly [bigint, string])[] = [
  [72057594037927936n, "f22acd4a97e69d6d20a49bb638eadb38"],
  [72057672225421483n, "b7c3a6194c9474b12a7e41fccc5ebbcf"],
  [1n, "054cc74a37327db215e702e20c73f005"],
  [-1n, "20f62cb5648dc2d771471c8a2486a9ee"],
  [9223372036854775807n, "20f62cb5648dc2d771471c8a2486a9ee"],
  [-66933498462596556n, "8cd006436b68c61444d633a8a20c2cb7"],
  [72057867224088576n, "c44b84af018cab34424ec023b2e6aaf5"],
  [216172785121188864n, "60b420bb3851d9d47acb933dbe70399b"],
];

test("passwordOf gives the 16 bytes that Java's generatePasswd gives", () => {
  for (const [id, hexadecimal] of PASSWORDS) {
    assert.equal(passwordOf(id as SessionId).toString("hex"), hexadecimal);
  }
});

test("isPasswordOf accepts the password alone", () => {
  for (const [id, hexadecimal] of PASSWORDS) {
    const sessionId = id as SessionId;
    const right = Buffer.from(hexadecimal, "hex");
    assert.equal(isPasswordOf(sessionId, right), true);
    for (let at = 0; at < 16; at++) {
      const wrong = Buffer.from(right);
      wrong[at]! ^= 1;
      assert.equal(isPasswordOf(sessionId, wrong), false);
    }
    assert.equal(isPasswordOf(sessionId, right.subarray(0, 15)), false);
    assert.equal(isPasswordOf(sessionId, Buffer.concat([right, Buffer.alloc(1)])), false);
    assert.equal(isPasswordOf(sessionId, Buffer.alloc(0)), false);
    assert.equal(isPasswordOf(sessionId, null), false);
  }
});

test("isPasswordOf refuses session 0, which is no session", () => {
  assert.equal(isPasswordOf(0n as SessionId, passwordOf(0n as SessionId)), false);
});

test("negotiatedTimeoutMs keeps the asked time-out between the bounds", () => {
  assert.equal(negotiatedTimeoutMs(10_000, 4000, 40_000), 10_000);
  assert.equal(negotiatedTimeoutMs(-1, 4000, 40_000), 4000);
  assert.equal(negotiatedTimeoutMs(2 ** 31 - 1, 4000, 40_000), 40_000);
});

// SASL requests at the door, with a mechanism that answers when the test says so.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { SaslOutcome } from "../../src/auth/sasl/sasl.js";
import { AuthSchemes } from "../../src/auth/schemes.js";
import { OpCode } from "../../src/wire/op-codes.js";
import { requestFrame, type TestClient, TestDoor } from "./helper.js";

const PING = requestFrame(-2, OpCode.ping);
const token = (text: string): Buffer =>
  Buffer.concat([Buffer.from([0, 0, 0, text.length]), Buffer.from(text)]);

interface Asked {
  readonly token: string;
  readonly done: (outcome: SaslOutcome) => void;
}

function slowDoor(settings: ConstructorParameters<typeof TestDoor>[0] = {}) {
  const asked: Asked[] = [];
  const disposed: number[] = [];
  const door = new TestDoor(settings, new AuthSchemes(), () => ({
    evaluate: (bytes, done) => void asked.push({ token: bytes.toString(), done }),
    dispose: () => void disposed.push(1),
  }));
  return { door, asked, disposed };
}

const errors = (client: TestClient) =>
  client.replies().map(({ header }) => [header.xid, header.err]);

test("Nothing is read while a SASL mechanism asks somebody, and everything is answered in its order", async () => {
  const { door, asked } = slowDoor();
  const client = await door.openSession();
  await client.send(requestFrame(1, OpCode.sasl, token("one")), PING);
  assert.deepEqual(errors(client), []);
  assert.equal(asked[0]!.token, "one");
  asked[0]!.done({ kind: "challenge", token: Buffer.from("two") });
  await client.send();
  const replies = client.replies();
  assert.deepEqual(
    replies.map(({ header }) => header.xid),
    [1, -2],
  );
  assert.equal(replies[0]!.body.toString("hex"), "0000000374776f");
});

test("A SASL answer for a client that is gone is of no interest, and its exchange is let go", async () => {
  const { door, asked, disposed } = slowDoor();
  const client = await door.openSession();
  await client.send(requestFrame(1, OpCode.sasl, token("one")));
  client.connection.handler!.onClose(undefined);
  asked[0]!.done({ kind: "complete", token: null, authorizationId: "bob" });
  assert.deepEqual(disposed, [1]);
  assert.deepEqual(errors(client), []);
});

test("A SASL identity counts as one that was asked for, and may be a super user's", async () => {
  const { door, asked } = slowDoor({
    enforceAuthEnabled: true,
    enforceAuthSchemes: ["sasl"],
    superUsers: ["root"],
  });
  const client = await door.openSession();
  await client.send(requestFrame(1, OpCode.sasl, token("one")));
  asked[0]!.done({ kind: "complete", token: null, authorizationId: "root" });
  await client.send(PING);
  assert.deepEqual(errors(client), [
    [1, 0],
    [-2, 0],
  ]);
  const [connection] = [...door.door.connections()];
  assert.deepEqual(connection!.identities.map(({ scheme, id }) => `${scheme}:${id}`).sort(), [
    "ip:127.0.0.1",
    "sasl:root",
    "super:",
  ]);
});

test("A failed SASL exchange ends the connection with -115, or -124 where SASL is required", async () => {
  for (const [settings, error] of [
    [{}, -115],
    [
      { enforceAuthEnabled: true, enforceAuthSchemes: ["sasl"], allowSaslFailedClients: true },
      -124,
    ],
  ] as const) {
    const { door, asked } = slowDoor(settings);
    const client = await door.openSession();
    await client.send(requestFrame(1, OpCode.sasl, token("one")));
    asked[0]!.done({ kind: "failed", reason: "no", isFaulty: false });
    await client.send();
    assert.deepEqual(errors(client), [[1, error]]);
    assert.equal(client.connection.ending, "ended");
  }
});

test("A failed SASL exchange leaves the client as nobody where that is allowed", async () => {
  const { door, asked } = slowDoor({ allowSaslFailedClients: true });
  const client = await door.openSession();
  await client.send(requestFrame(1, OpCode.sasl, token("one")));
  asked[0]!.done({ kind: "failed", reason: "no", isFaulty: false });
  await client.send(PING);
  assert.deepEqual(errors(client), [
    [1, 0],
    [-2, 0],
  ]);
});

// How long a door takes to stop: what is written is sent, but nobody keeps it.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { CLIENTS_STOP_MAX_MS } from "../../src/limits.js";
import { answer, getDataFrame, TestDoor } from "./helper.js";

/** A door with a client that does not read, and whether it has stopped. */
async function doorWithDeafClient() {
  const door = new TestDoor();
  door.port.onSubmit = (request) => answer(request, { body: Buffer.alloc(100) });
  const client = await door.openSession();
  client.connection.isStuck = true;
  await client.send(getDataFrame(1, "/a"));
  const state = { isStopped: false, times: 0 };
  const stop = () =>
    door.door.stop(() => {
      state.isStopped = true;
      state.times++;
    });
  return { door, client, state, stop };
}

describe("A door that stops", () => {
  test("cuts off who does not read, after a while that others need to read their replies", async () => {
    const { door, client, state, stop } = await doorWithDeafClient();
    stop();
    door.clock.advance(CLIENTS_STOP_MAX_MS - 1);
    assert.equal(client.connection.ending, "ended");
    assert.equal(state.isStopped, false);
    door.clock.advance(1);
    assert.equal(client.connection.ending, "destroyed");
    assert.equal(state.isStopped, true);
  });

  test("does not wait for a connection that never reports its end, and says so", async () => {
    const { door, client, state, stop } = await doorWithDeafClient();
    client.connection.destroy = () => {};
    stop();
    door.clock.advance(2 * CLIENTS_STOP_MAX_MS - 1);
    assert.equal(state.isStopped, false);
    door.clock.advance(1);
    assert.equal(state.isStopped, true);
    const { level, message } = door.log.at(-1)!;
    assert.equal(level, "warn");
    assert.equal(message, "Stopping while 1 connections have not reported their end");
    // It comes after all: nobody is told twice, and no timer is left.
    client.connection.handler!.onClose(undefined);
    door.clock.advance(60_000);
    assert.equal(state.times, 1);
  });
});

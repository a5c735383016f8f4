// Connections as byte streams on every platform.

import assert from "node:assert/strict";
import type { Contract } from "./contract.js";
import type { withPair as WithPair } from "./peer.js";

/** Bytes that tell their place: nothing lost, doubled or swapped goes unseen. */
function pattern(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let i = 0; i + 4 <= length; i += 4) bytes.writeUInt32BE(i, i);
  return bytes;
}

/** More than any pair of kernels takes over on its own. */
const FLOOD_BYTES = 64 * 1024 * 1024;
const PIECE_BYTES = 256 * 1024;

/** `where`: what the pair is, in the tests' names. */
export function streamContract(withPair: typeof WithPair, where: string): Contract {
  const properties = streamProperties(withPair);
  return Object.fromEntries(
    Object.entries(properties).map(([name, run]) => [`${name}${where}`, run]),
  );
}

const streamProperties = (withPair: typeof WithPair): Contract => ({
  "write() delivers bytes in order, in whatever pieces they were written": (subject) =>
    withPair(subject, async (client, server) => {
      const sent = pattern(300_000);
      let at = 0;
      for (let length = 1; at < sent.length; length = (length * 7) % 20_011) {
        client.connection.write(sent.subarray(at, at + length));
        at += length;
      }
      await subject.wait(server.until(() => server.received.length >= sent.length));
      assert.ok(server.received.equals(sent));
    }),

  "both directions carry bytes at the same time": (subject) =>
    withPair(subject, async (client, server) => {
      const sent = pattern(1_000_000);
      server.whenData = (chunk) => server.connection.write(Buffer.from(chunk));
      client.connection.write(sent);
      await subject.wait(client.until(() => client.received.length >= sent.length));
      assert.ok(client.received.equals(sent));
    }),

  "write() of no bytes sends nothing and harms nothing": (subject) =>
    withPair(subject, async (client, server) => {
      client.connection.write(new Uint8Array(0));
      client.connection.write(Buffer.from("x"));
      await subject.wait(server.until(() => server.received.length > 0));
      assert.equal(server.received.toString(), "x");
    }),

  "end() sends all that was written, and both sides close without an error": (subject) =>
    withPair(subject, async (client, server) => {
      const sent = pattern(2_000_000);
      client.connection.write(sent);
      client.connection.end();
      client.connection.write(Buffer.from("too late"));
      assert.equal(client.count("close"), 0);
      await subject.wait(server.until(() => server.count("end") > 0));
      assert.ok(server.received.equals(sent));
      server.connection.end();
      await subject.wait(Promise.all([client.untilClosed(), server.untilClosed()]));
      for (const peer of [client, server]) {
        assert.equal(peer.closeError, undefined);
        assert.equal(peer.count("close"), 1);
        assert.equal(peer.events.at(-1), "close");
      }
      assert.equal(client.count("end"), 0, "who has ended is not told of the other's end");
    }),

  "onEnd() leaves the other direction open": (subject) =>
    withPair(subject, async (client, server) => {
      client.connection.end();
      await subject.wait(server.until(() => server.count("end") > 0));
      server.connection.write(Buffer.from("answer"));
      assert.equal(server.count("close"), 0);
      server.connection.end();
      await subject.wait(Promise.all([client.untilClosed(), server.untilClosed()]));
      assert.equal(server.closeError, undefined);
    }),

  "destroy() closes once, not as part of the call, and delivers nothing more": (subject) =>
    withPair(subject, async (client, server) => {
      let isDestroying = false;
      server.whenData = () => {
        isDestroying = true;
        server.connection.destroy();
        server.connection.destroy();
        isDestroying = false;
        assert.equal(server.count("close"), 0);
      };
      client.connection.write(Buffer.from("first"));
      await subject.wait(server.untilClosed());
      assert.equal(isDestroying, false);
      server.connection.write(Buffer.from("ignored"));
      await subject.wait(client.until(() => client.count("end") + client.count("close") > 0));
      client.connection.destroy();
      await subject.wait(client.untilClosed());
      assert.deepEqual(server.events, ["data", "close"]);
      assert.equal(server.closeError, undefined);
      assert.equal(client.received.length, 0);
    }),

  "writing to a peer that is gone closes the connection with an error": (subject) =>
    withPair(subject, async (client, server) => {
      server.connection.destroy();
      const writeAgain = (): void => {
        if (client.count("close") > 0) return;
        client.connection.write(Buffer.from("anybody there?"));
        subject.platform.clock.setTimer(1, writeAgain);
      };
      writeAgain();
      await subject.wait(client.untilClosed());
      assert.match(client.closeError?.code ?? "none", /^(ECONNRESET|EPIPE)$/);
    }),

  "a reader that pauses makes its writer wait, and resuming drains it": (subject) =>
    withPair(subject, async (client, server) => {
      server.connection.pauseReading();
      const piece = pattern(PIECE_BYTES);
      let written = 0;
      while (client.connection.unsentBytes === 0 && written < FLOOD_BYTES) {
        client.connection.write(piece);
        written += piece.length;
      }
      assert.ok(client.connection.unsentBytes > 0);
      assert.equal(client.count("drain"), 0);
      server.connection.resumeReading();
      await subject.wait(client.until(() => client.count("drain") > 0));
      assert.equal(client.connection.unsentBytes, 0);
      await subject.wait(server.until(() => server.received.length === written));
      assert.equal(client.count("drain"), 1);
    }),

  "pauseReading() within onData() holds back what has not been delivered": (subject) =>
    withPair(subject, async (client, server) => {
      server.whenData = () => server.connection.pauseReading();
      const sent = pattern(1_000_000);
      client.connection.write(sent);
      await subject.wait(server.until(() => server.count("data") > 0));
      while (server.received.length < sent.length) {
        const before = server.count("data");
        server.connection.resumeReading();
        await subject.wait(server.until(() => server.count("data") > before));
        assert.equal(server.count("data"), before + 1);
      }
      assert.ok(server.received.equals(sent));
    }),

  "setKeepAlive() is accepted on an open and on a closed connection": (subject) =>
    withPair(subject, async (client) => {
      client.connection.setKeepAlive(true);
      client.connection.destroy();
      await subject.wait(client.untilClosed());
      client.connection.setKeepAlive(false);
      client.connection.pauseReading();
      client.connection.resumeReading();
      client.connection.end();
      assert.equal(client.count("close"), 1);
    }),
});

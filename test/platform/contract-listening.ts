// Listening, connecting and resolving on every platform.

import assert from "node:assert/strict";
import { NetworkError } from "../../src/platform/platform.js";
import type { Contract, Subject } from "./contract.js";
import { connect, listen } from "./peer.js";

/** How an attempt ended. */
function attempt(subject: Subject, host: string, port: number): Promise<NetworkError | undefined> {
  return subject.wait(
    new Promise((resolve) => {
      let isReturned = false;
      subject.platform.network.connect({ host, port }, { timeoutMs: 5000 }, (error, connection) => {
        assert.ok(isReturned, "done was called before connect had returned");
        connection?.destroy();
        resolve(error);
      });
      isReturned = true;
    }),
  );
}

export const listeningContract: Contract = {
  async "listen() reports ready once, after it has returned, and knows its port then"(subject) {
    let reports = 0;
    await subject.wait(
      new Promise<void>((resolve) => {
        const address = { host: "127.0.0.1", port: 0, backlog: 10 };
        const listener = subject.platform.network.listen(
          address,
          () => {},
          (error) => {
            reports += 1;
            assert.equal(error, undefined);
            assert.ok(listener.port > 0);
            listener.close(resolve);
          },
        );
        assert.equal(reports, 0);
      }),
    );
    assert.equal(reports, 1);
  },

  async "listen() on a port in use reports EADDRINUSE"(subject) {
    const first = await listen(subject);
    const error = await subject.wait(
      new Promise<NetworkError | undefined>((resolve) => {
        const address = { host: "127.0.0.1", port: first.port, backlog: -1 };
        subject.platform.network.listen(address, () => {}, resolve);
      }),
    );
    assert.ok(error instanceof NetworkError);
    assert.equal(error.code, "EADDRINUSE");
    assert.match(error.message, /^Cannot listen on "127\.0\.0\.1:\d+": address already in use/);
    await first.close();
  },

  async "listen() on a port that was closed succeeds"(subject) {
    const first = await listen(subject);
    await first.close();
    const error = await subject.wait(
      new Promise<NetworkError | undefined>((resolve) => {
        const address = { host: "127.0.0.1", port: first.port, backlog: -1 };
        const second = subject.platform.network.listen(
          address,
          () => {},
          (failed) => second.close(() => resolve(failed)),
        );
      }),
    );
    assert.equal(error, undefined);
  },

  async "close() of a listener stops accepting and leaves what was accepted"(subject) {
    const listening = await listen(subject);
    const client = await connect(subject, listening.port);
    const server = await subject.wait(listening.accepted());
    await listening.close();
    const refused = await attempt(subject, "127.0.0.1", listening.port);
    assert.equal(refused?.code, "ECONNREFUSED");
    client.connection.write(Buffer.from("still here"));
    await subject.wait(server.until(() => server.received.toString() === "still here"));
    client.connection.destroy();
    server.connection.destroy();
  },

  async "connect() to a port where nobody listens reports ECONNREFUSED"(subject) {
    const listening = await listen(subject);
    await listening.close();
    const error = await attempt(subject, "127.0.0.1", listening.port);
    assert.ok(error instanceof NetworkError);
    assert.equal(error.code, "ECONNREFUSED");
    assert.match(error.message, /^Cannot connect to "127\.0\.0\.1:\d+": connection refused/);
  },

  async "connect() to a name that leads nowhere reports it"(subject) {
    const error = await attempt(subject, "no-such-host.invalid", 2181);
    assert.ok(error instanceof NetworkError);
    assert.match(error.code, /^(ENOTFOUND|EAI_AGAIN)$/);
  },

  async "connect() to an impossible port reports an error, and does not throw"(subject) {
    const error = await attempt(subject, "127.0.0.1", 65_536);
    assert.ok(error instanceof NetworkError);
  },

  async "cancel() of an attempt suppresses its report"(subject) {
    const listening = await listen(subject);
    let reports = 0;
    const cancelled = subject.platform.network.connect(
      { host: "127.0.0.1", port: listening.port },
      { timeoutMs: 5000 },
      () => {
        reports += 1;
      },
    );
    cancelled.cancel();
    cancelled.cancel();
    // One that began later has come through: so would have the cancelled one.
    const later = await connect(subject, listening.port);
    assert.equal(reports, 0);
    later.connection.destroy();
    await subject.wait(later.untilClosed());
    await listening.close();
  },

  async "both ends of a connection agree on their addresses"(subject) {
    const listening = await listen(subject);
    const { connection: client } = await connect(subject, listening.port);
    const { connection: server } = await subject.wait(listening.accepted());
    assert.equal(client.remoteAddress, "127.0.0.1");
    assert.equal(client.remotePort, listening.port);
    assert.equal(server.localAddress, "127.0.0.1");
    assert.equal(server.localPort, listening.port);
    assert.equal(server.remoteAddress, client.localAddress);
    assert.equal(server.remotePort, client.localPort);
    client.destroy();
    server.destroy();
    await listening.close();
  },

  async "a listener on every interface gives IPv4 addresses plainly"(subject) {
    const listening = await listen(subject, undefined);
    const client = await connect(subject, listening.port);
    const server = await subject.wait(listening.accepted());
    assert.equal(server.connection.remoteAddress, "127.0.0.1");
    assert.equal(server.connection.localAddress, "127.0.0.1");
    client.connection.destroy();
    server.connection.destroy();
    await listening.close();
  },

  async "resolve() gives an address as it is, and the addresses of a name"(subject) {
    const resolve = (host: string): Promise<string[]> =>
      subject.wait(
        new Promise((done, fail) => {
          subject.platform.network.resolve(host, (error, addresses) => {
            if (error === undefined) done(addresses);
            else fail(error);
          });
        }),
      );
    assert.deepEqual(await resolve("127.0.0.1"), ["127.0.0.1"]);
    assert.equal((await resolve("localhost"))[0], "127.0.0.1");
    await assert.rejects(resolve("no-such-host.invalid"), NetworkError);
  },
};

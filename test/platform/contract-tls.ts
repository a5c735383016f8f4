// TLS on every platform: who gets through a handshake, and what both know of each other afterwards. That what gets through is a
// stream like any other, the contract of streams shows.

import assert from "node:assert/strict";
import { type Connection, NetworkError, type TlsVerify } from "../../src/platform/platform.js";
import { certificateNames } from "../../src/tls/certificate.js";
import type { Contract, Subject } from "./contract.js";
import { Peer } from "./peer.js";
import { type Ended, handshake, OPTIONS, type Sides } from "./tls-peer.js";

function close(...ends: Ended[]): void {
  for (const { peer } of ends) peer?.connection.destroy();
}

/** The server refuses; the client is told, or finds its connection closed. */
async function refused(subject: Subject, sides: Sides, why: RegExp): Promise<void> {
  const [server, client] = await handshake(subject, sides);
  assert.ok(server.error instanceof NetworkError, "the server refuses");
  assert.match(server.error.message, /^Cannot agree on TLS with "127\.0\.0\.1:\d+": /);
  assert.match(server.error.message, why);
  const { peer } = client;
  // By TLS 1.3 a client is through before its certificate has been looked at.
  if (peer !== undefined) {
    await subject.wait(peer.until(() => peer.count("end") + peer.count("close") > 0));
    peer.connection.destroy();
  } else assert.ok(client.error instanceof NetworkError);
}

const subjects = (connection: Connection): string[] | undefined =>
  connection.tls?.peerCertificates.map((one) => certificateNames(one).subject);

export const tlsContract: Contract = {
  async "a handshake tells both sides protocol, cipher and whose certificate was shown"(subject) {
    const [server, client] = await handshake(subject, {});
    for (const { peer } of [server, client]) {
      assert.ok(peer?.connection.tls);
      assert.equal(peer.connection.tls.protocol, "TLSv1.3");
      assert.match(peer.connection.tls.cipherSuite, /^TLS_/);
      assert.equal(subjects(peer.connection)?.[0], "CN=own,O=Zooid,C=DE");
      assert.ok(peer.connection.tls.peerIsNamed(["elsewhere", "localhost"]));
      assert.ok(peer.connection.tls.peerIsNamed(["127.0.0.1"]));
      assert.ok(!peer.connection.tls.peerIsNamed(["elsewhere", "10.0.0.1"]));
      assert.equal(peer.connection.remoteAddress, "127.0.0.1");
      assert.ok(peer.connection.remotePort > 0);
    }
    close(server, client);
  },

  async "the newest protocol of both is spoken, and one that both know is needed"(subject) {
    const [server, client] = await handshake(subject, { server: { protocols: ["TLSv1.2"] } });
    assert.equal(server.peer?.connection.tls?.protocol, "TLSv1.2");
    assert.equal(client.peer?.connection.tls?.protocol, "TLSv1.2");
    close(server, client);
    const apart = { server: { protocols: ["TLSv1.2"] }, client: { protocols: ["TLSv1.3"] } };
    await refused(subject, apart, /unsupported protocol/);
  },

  async "a client without a certificate is refused where one is needed, and taken where not"(
    subject,
  ) {
    const client = { keys: [] };
    await refused(subject, { client }, /peer did not return a certificate/);
    for (const clientAuth of ["want", "none"] as const) {
      const ends = await handshake(subject, { server: { clientAuth }, client });
      assert.deepEqual(ends[0].peer?.connection.tls?.peerCertificates, [], clientAuth);
      assert.equal(ends[0].peer?.connection.tls?.peerIsNamed(["localhost"]), false);
      close(...ends);
    }
  },

  async "a certificate is not asked for where none is wanted"(subject) {
    const ends = await handshake(subject, { server: { clientAuth: "none" } });
    assert.deepEqual(ends[0].peer?.connection.tls?.peerCertificates, []);
    close(...ends);
  },

  async "a client whose certificate is not trusted is refused, even where none is needed"(subject) {
    for (const clientAuth of ["need", "want"] as const) {
      await refused(subject, { server: { clientAuth, trusted: [] } }, /./);
    }
    await refused(subject, { server: { trusted: [] } }, /certificate/);
  },

  async "a server whose certificate is not trusted, or carries another name, is left"(subject) {
    for (const sides of [
      { client: { trusted: [] } },
      { connect: { hostNames: ["elsewhere.example.com", "10.0.0.1"] } },
      { connect: { hostNames: [] } },
    ]) {
      const [server, client] = await handshake(subject, sides);
      assert.ok(client.error instanceof NetworkError);
      assert.match(client.error.message, /^Cannot agree on TLS with /);
      close(server);
    }
  },

  async "verify() is asked when all else is right, and may take its time to say yes or no"(
    subject,
  ) {
    const { clock } = subject.platform;
    const asked: string[] = [];
    const verify: TlsVerify = (facts, decide) => {
      asked.push(certificateNames(facts.peerCertificates[0] as Buffer).subject);
      clock.setTimer(20, () => decide(undefined));
    };
    const ends = await handshake(subject, { accept: { verify }, connect: { verify } });
    ends[1].peer?.connection.write(Buffer.from("early"));
    const server = ends[0].peer;
    assert.ok(server);
    await subject.wait(server.until(() => server.received.toString() === "early"));
    assert.deepEqual(asked, ["CN=own,O=Zooid,C=DE", "CN=own,O=Zooid,C=DE"]);
    close(...ends);
    const no: TlsVerify = (_facts, decide) => {
      clock.setTimer(5, () => decide(new Error("it was revoked")));
    };
    await refused(subject, { accept: { verify: no } }, /it was revoked/);
    await refused(subject, { accept: { verify: () => {}, timeoutMs: 50 } }, /longer than 50 ms/);
  },

  async "any trusted certificate will do where no name is expected"(subject) {
    const ends = await handshake(subject, { connect: { hostNames: undefined } });
    assert.ok(ends[1].peer);
    close(...ends);
  },

  async "a port for both takes TLS as TLS, and anything else as it is"(subject) {
    const accept = { plainToo: true };
    const secured = await handshake(subject, { accept });
    assert.ok(secured[0].peer?.connection.tls);
    const echo = secured[0].peer;
    echo.whenData = (chunk) => echo.connection.write(Buffer.from(chunk));
    secured[1].peer?.connection.write(Buffer.from("secret"));
    await subject.wait(
      secured[1].peer?.until(() => secured[1].peer?.received.toString() === "secret") ??
        Promise.reject(new Error("no client")),
    );
    close(...secured);
    const plainClient = (connection: Connection): Peer => {
      const peer = new Peer(connection);
      connection.write(Buffer.from("ruok"));
      return peer;
    };
    const [server, client] = await handshake(subject, { accept, plainClient });
    assert.equal(server.peer?.connection.tls, undefined);
    await subject.wait(
      server.peer?.until(() => server.peer?.received.toString() === "ruok") ??
        Promise.reject(new Error("no server")),
    );
    server.peer?.connection.write(Buffer.from("imok"));
    await subject.wait(
      client.peer?.until(() => client.peer?.received.toString() === "imok") ??
        Promise.reject(new Error("no client")),
    );
    close(server, client);
  },

  async "a port for both takes who says nothing for a while, or ends at once, as plain"(subject) {
    const silent = await handshake(subject, {
      accept: { plainToo: true, detectionMs: 20 },
      plainClient: (connection) => new Peer(connection),
    });
    assert.ok(silent[0].peer);
    silent[1].peer?.connection.write(Buffer.from("late"));
    const { peer } = silent[0];
    await subject.wait(peer.until(() => peer.received.toString() === "late"));
    close(...silent);
    const ending = await handshake(subject, {
      accept: { plainToo: true },
      plainClient: (connection) => {
        const client = new Peer(connection);
        connection.end();
        return client;
      },
    });
    const ended = ending[0].peer;
    assert.ok(ended);
    await subject.wait(ended.until(() => ended.count("end") > 0));
    close(...ending);
  },

  async "a port for TLS refuses who does not speak it, or begins and does not go on"(subject) {
    const says = (text: string) => (connection: Connection) => {
      const peer = new Peer(connection);
      connection.write(Buffer.from(text, "latin1"));
      return peer;
    };
    await refused(subject, { plainClient: says("ruok, and so on") }, /wrong version number|packet/);
    const accept = { timeoutMs: 30 };
    const slow = { accept, plainClient: says("\x16\x03\x01\x02") };
    await refused(subject, slow, /longer than 30 ms \(ETIMEDOUT\)|longer than 30 ms$/);
    const both = { accept: { ...accept, plainToo: true }, plainClient: says("\x16\x03\x01\x02") };
    await refused(subject, both, /longer than 30 ms/);
  },

  async "cancel() of a handshake closes the connection and says nothing"(subject) {
    const { network, tls } = subject.platform;
    const context = tls.createContext(OPTIONS);
    let reports = 0;
    const client = await subject.wait(
      new Promise<Peer>((resolve, reject) => {
        const listener = network.listen(
          { host: "127.0.0.1", port: 0, backlog: -1 },
          (connection) => {
            const options = { plainToo: false, detectionMs: 1, timeoutMs: 5000 };
            const attempt = tls.accept(connection, context, options, () => {
              reports += 1;
            });
            attempt.cancel();
            attempt.cancel();
            listener.close();
          },
          (error) => {
            if (error !== undefined) reject(error);
            const target = { host: "127.0.0.1", port: listener.port };
            network.connect(target, { timeoutMs: 5000 }, (failed, connection) => {
              if (connection === undefined) reject(failed);
              else resolve(new Peer(connection));
            });
          },
        );
      }),
    );
    await subject.wait(client.until(() => client.count("end") + client.count("close") > 0));
    client.connection.destroy();
    assert.equal(reports, 0);
  },

  async "createContext() says what is wrong with its options"({ platform }) {
    const make = (protocols: string[]) => () =>
      platform.tls.createContext({ ...OPTIONS, protocols });
    assert.throws(make(["TLSv9"]), /No known protocol among "TLSv9"/);
    assert.throws(make([]), /No known protocol/);
  },
};

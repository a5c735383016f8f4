// Two ends of one connection with TLS over it, for the contract of streams and that of TLS.

import { readFileSync } from "node:fs";
import type {
  Connection,
  Network,
  NetworkError,
  TlsAcceptOptions,
  TlsConnectOptions,
  TlsContext,
  TlsContextOptions,
} from "../../src/platform/platform.js";
import { readKeyStore } from "../../src/tls/key-store.js";
import type { Subject } from "./contract.js";
import { Peer } from "./peer.js";

/** "CN=own,O=Zooid,C=DE", for localhost and 127.0.0.1, of an authority "ca". */
export const OWN = readKeyStore(readFileSync("test/golden/tls/key-java.jks"), "", "JKS", "secret");
export const TRUSTED = readKeyStore(readFileSync("test/golden/tls/trust.pem"), "", "PEM", "");

export const OPTIONS: TlsContextOptions = {
  keys: OWN.keys,
  trusted: TRUSTED.trusted,
  protocols: ["TLSv1.2", "TLSv1.3"],
  ciphers: undefined,
  clientAuth: "need",
  resumption: true,
};
export const ACCEPT: TlsAcceptOptions = { plainToo: false, detectionMs: 5000, timeoutMs: 5000 };
export const CONNECT: TlsConnectOptions = {
  serverName: "localhost",
  hostNames: ["localhost"],
  timeoutMs: 5000,
};

export interface Ended {
  readonly error: NetworkError | undefined;
  readonly peer: Peer | undefined;
}

export interface Sides {
  readonly server?: Partial<TlsContextOptions>;
  readonly accept?: Partial<TlsAcceptOptions>;
  readonly client?: Partial<TlsContextOptions>;
  readonly connect?: Partial<TlsConnectOptions>;
  /** Instead of a handshake. */
  readonly plainClient?: (connection: Connection) => Peer;
}

/** How a handshake ended on both sides: server, client. */
export async function handshake(subject: Subject, sides: Sides): Promise<[Ended, Ended]> {
  const { network, tls } = subject.platform;
  const contexts = [sides.server, sides.client].map((one) =>
    tls.createContext({ ...OPTIONS, ...one }),
  ) as [TlsContext, TlsContext];
  const ended =
    (resolve: (ended: Ended) => void) =>
    (error: NetworkError | undefined, connection?: Connection): void => {
      resolve({ error, peer: connection === undefined ? undefined : new Peer(connection) });
    };
  let listener: ReturnType<Network["listen"]> | undefined;
  const outcome = new Promise<[Ended, Ended]>((resolve, reject) => {
    const server = new Promise<Ended>((done) => {
      const accept = (connection: Connection): void => {
        const options = { ...ACCEPT, ...sides.accept };
        tls.accept(connection, contexts[0], options, ended(done));
      };
      const address = { host: "127.0.0.1", port: 0, backlog: -1 };
      listener = network.listen(address, accept, (error) => (error ? reject(error) : connect()));
    });
    let connect = (): void => {};
    const client = new Promise<Ended>((done) => {
      connect = () => {
        const target = { host: "127.0.0.1", port: listener?.port ?? 0 };
        network.connect(target, { timeoutMs: 5000 }, (error, connection) => {
          if (connection === undefined) reject(error);
          else if (sides.plainClient !== undefined) {
            done({ error: undefined, peer: sides.plainClient(connection) });
          } else {
            const options = { ...CONNECT, ...sides.connect };
            tls.connect(connection, contexts[1], options, ended(done));
          }
        });
      };
    });
    Promise.all([server, client]).then(resolve, reject);
  });
  try {
    return await subject.wait(outcome);
  } finally {
    await subject.wait(new Promise<void>((done) => (listener ? listener.close(done) : done())));
  }
}

/** Runs with two ends of one connection, and closes what is left of it. */
export async function withTlsPair(
  subject: Subject,
  run: (client: Peer, server: Peer) => Promise<void>,
): Promise<void> {
  const [server, client] = await handshake(subject, {});
  if (server.peer === undefined || client.peer === undefined) throw server.error ?? client.error;
  try {
    await run(client.peer, server.peer);
  } finally {
    client.peer.connection.destroy();
    server.peer.connection.destroy();
  }
}

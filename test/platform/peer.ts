// One end of a connection under test: starts it, records what its handler is told, and lets a test await it.

import type {
  Connection,
  ConnectionHandler,
  Network,
  NetworkError,
} from "../../src/platform/platform.js";
import type { Subject } from "./contract.js";

export class Peer implements ConnectionHandler {
  readonly connection: Connection;
  readonly events: string[] = [];
  closeError: NetworkError | undefined;
  /** Replaces the default, which is to keep the bytes. */
  whenData: ((chunk: Buffer) => void) | undefined;
  #chunks: Buffer[] = [];
  #waiting: { readonly isTrue: () => boolean; readonly resolve: () => void }[] = [];

  constructor(connection: Connection) {
    this.connection = connection;
    connection.start(this);
  }

  get received(): Buffer {
    const all = Buffer.concat(this.#chunks);
    this.#chunks = [all];
    return all;
  }

  count(event: string): number {
    return this.events.filter((one) => one === event).length;
  }

  /** Resolves after the event that makes it true. */
  until(isTrue: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ isTrue, resolve });
      this.#look();
    });
  }

  untilClosed(): Promise<void> {
    return this.until(() => this.count("close") > 0);
  }

  onData(chunk: Buffer): void {
    this.events.push("data");
    this.#chunks.push(Buffer.from(chunk));
    this.whenData?.(chunk);
    this.#look();
  }

  onDrain(): void {
    this.events.push("drain");
    this.#look();
  }

  onEnd(): void {
    this.events.push("end");
    this.#look();
  }

  onClose(error: NetworkError | undefined): void {
    this.events.push("close");
    this.closeError = error;
    this.#look();
  }

  #look(): void {
    this.#waiting = this.#waiting.filter(({ isTrue, resolve }) => {
      if (!isTrue()) return true;
      resolve();
      return false;
    });
  }
}

export interface Listening {
  readonly port: number;
  /** The next connection that was accepted. */
  accepted(): Promise<Peer>;
  close(): Promise<void>;
}

export async function listen(
  subject: Subject,
  host: string | undefined = "127.0.0.1",
): Promise<Listening> {
  const accepted: Peer[] = [];
  const waiting: ((peer: Peer) => void)[] = [];
  const accept = (connection: Connection): void => {
    const peer = new Peer(connection);
    const first = waiting.shift();
    if (first === undefined) accepted.push(peer);
    else first(peer);
  };
  const listener = await subject.wait(
    new Promise<ReturnType<Network["listen"]>>((resolve, reject) => {
      const opened = subject.platform.network.listen(
        { host, port: 0, backlog: -1 },
        accept,
        (error) => (error === undefined ? resolve(opened) : reject(error)),
      );
    }),
  );
  return {
    port: listener.port,
    accepted: () =>
      new Promise((resolve) => {
        const peer = accepted.shift();
        if (peer === undefined) waiting.push(resolve);
        else resolve(peer);
      }),
    close: () => subject.wait(new Promise((resolve) => listener.close(resolve))),
  };
}

export function connect(subject: Subject, port: number, host = "127.0.0.1"): Promise<Peer> {
  const attempt = new Promise<Peer>((resolve, reject) => {
    subject.platform.network.connect({ host, port }, { timeoutMs: 5000 }, (error, connection) => {
      if (connection === undefined) reject(error);
      else resolve(new Peer(connection));
    });
  });
  return subject.wait(attempt);
}

/** Runs with two ends of one connection, and closes what is left of it. */
export async function withPair(
  subject: Subject,
  run: (client: Peer, server: Peer) => Promise<void>,
): Promise<void> {
  const listening = await listen(subject);
  const client = await connect(subject, listening.port);
  const server = await subject.wait(listening.accepted());
  try {
    await run(client, server);
  } finally {
    client.connection.destroy();
    server.connection.destroy();
    await listening.close();
  }
}

// Where a server listens for its clients: the plain port, which a reconfig may move, and the one that takes nothing but TLS.
// Java: the server socket of NIOServerCnxnFactory, its reconfigure.

import type {
  Connection,
  ListenAddress,
  Listener,
  Logger,
  NetworkError,
  Platform,
} from "../platform/platform.js";
import type { PortKind } from "./tls-gate.js";

export type PortName = "plain" | "secure";

export class ClientPorts {
  readonly #platform: Platform;
  readonly #log: Logger;
  readonly #accept: (connection: Connection, kind: PortKind) => void;
  readonly #listeners = new Map<PortName, Listener>();

  constructor(
    platform: Platform,
    log: Logger,
    accept: (connection: Connection, kind: PortKind) => void,
  ) {
    this.#platform = platform;
    this.#log = log;
    this.#accept = accept;
  }

  /** 0: it is not open. */
  portOf(name: PortName): number {
    return this.#listeners.get(name)?.port ?? 0;
  }

  listen(address: ListenAddress, ready: (error?: NetworkError) => void, kind: PortKind): void {
    const where = `${address.host ?? "0.0.0.0"}/${address.host ?? "0.0.0.0"}:${address.port}`;
    this.#log.info(`binding to port ${where}`);
    const accept = (one: Connection): void => this.#accept(one, kind);
    const name = kind === "tls" ? "secure" : "plain";
    this.#listeners.set(name, this.#platform.network.listen(address, accept, ready));
  }

  /** Java closes the old port first, and is nowhere if the new one cannot be bound. */
  moveTo(address: ListenAddress, kind: PortKind): void {
    const old = this.#listeners.get("plain");
    const isSamePort = old?.port === address.port;
    const ready = (error?: NetworkError): void => {
      if (error === undefined) {
        if (!isSamePort) old?.close();
        return;
      }
      const where = `${address.host ?? "0.0.0.0"}:${address.port}`;
      this.#log.error(`Error reconfiguring client port to ${where}`, error);
      if (old !== undefined && !isSamePort) this.#listeners.set("plain", old);
    };
    if (isSamePort) old?.close(() => this.listen(address, ready, kind));
    else this.listen(address, ready, kind);
  }

  close(): void {
    for (const listener of this.#listeners.values()) listener.close();
    this.#listeners.clear();
  }
}

// While a read-only server serves the session: looks for one that is in a quorum. Java: ClientCnxn.SendThread.pingRwServer.
//
// Asks the servers in turn, by the four-letter word `isro`, at intervals that double from a tenth of a second to a minute.

import type { Connection, Endpoint, Timer } from "../../platform/platform.js";
import type { TlsEndpoint } from "../../tls/endpoint.js";
import { dial } from "./dial.js";
import type { HostList } from "./host-list.js";
import type { ClientPlatform } from "./session-options.js";

const FIRST_INTERVAL_MS = 100;
const INTERVAL_MAX_MS = 60_000;
const ANSWER_TIMEOUT_MS = 1000;

export class ReadWriteSearch {
  readonly #platform: ClientPlatform;
  readonly #hosts: HostList;
  readonly #tls: TlsEndpoint | undefined;
  readonly #onFound: (server: Endpoint) => void;
  #intervalMs = FIRST_INTERVAL_MS;
  #timer: Timer;
  #attempt: { cancel(): void } | undefined;
  #connection: Connection | undefined;
  #isStopped = false;

  constructor(
    platform: ClientPlatform,
    hosts: HostList,
    tls: TlsEndpoint | undefined,
    onFound: (server: Endpoint) => void,
  ) {
    this.#tls = tls;
    this.#platform = platform;
    this.#hosts = hosts;
    this.#onFound = onFound;
    this.#timer = platform.clock.setTimer(this.#intervalMs, this.#ask);
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer.cancel();
    this.#attempt?.cancel();
    this.#connection?.destroy();
  }

  readonly #ask = (): void => {
    this.#attempt?.cancel();
    this.#connection?.destroy();
    this.#intervalMs = Math.min(this.#intervalMs * 2, INTERVAL_MAX_MS);
    this.#timer = this.#platform.clock.setTimer(this.#intervalMs, this.#ask);
    const server = this.#hosts.next();
    const name = server.host;
    const call = { target: server, name, timeoutMs: ANSWER_TIMEOUT_MS, tls: this.#tls };
    this.#attempt = dial(this.#platform.network, call, (_, connection) => {
      this.#attempt = undefined;
      if (connection !== undefined) this.#listen(server, connection);
    });
  };

  #listen(server: Endpoint, connection: Connection): void {
    if (this.#isStopped) {
      connection.destroy();
      return;
    }
    this.#connection = connection;
    let answer = "";
    connection.start({
      onData: (chunk) => {
        answer += chunk.toString("latin1");
        if (answer.length > 8) connection.destroy();
      },
      onDrain: () => {},
      onEnd: () => connection.end(),
      onClose: () => {
        if (!this.#isStopped && answer.startsWith("rw")) this.#onFound(server);
      },
    });
    connection.write(Buffer.from("isro"));
  }
}

// A revocation list from where a certificate says it is: http: or file:. Java: URICertStore.
//
// HTTP 1.0, one request a connection. (No https: whoever checked its certificate would need a list; lists are signed.)

import type { Connection, NetworkError, Platform, Timer } from "../platform/platform.js";

const TIMEOUT_MS = 5000;

type Done = (error: Error | undefined, bytes?: Buffer) => void;

/** `done` is called once, never within the call. */
export function fetchList(
  platform: Pick<Platform, "clock" | "disk" | "network">,
  url: string,
  maxBytes: number,
  done: Done,
): void {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol === "http:") {
    new HttpFetch(platform, parsed, maxBytes, done).start();
    return;
  }
  platform.clock.setTimer(0, () => {
    if (parsed?.protocol !== "file:") {
      done(new Error("Only http: and file: are known"));
      return;
    }
    try {
      done(undefined, platform.disk.readFile(decodeURIComponent(parsed.pathname)));
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
    }
  });
}

class HttpFetch {
  readonly #platform: Pick<Platform, "clock" | "network">;
  readonly #url: URL;
  readonly #maxBytes: number;
  #done: Done | undefined;
  #timer: Timer | undefined;
  #connection: Connection | undefined;
  #bytes = 0;
  readonly #chunks: Buffer[] = [];

  constructor(
    platform: Pick<Platform, "clock" | "network">,
    url: URL,
    maxBytes: number,
    done: Done,
  ) {
    this.#platform = platform;
    this.#url = url;
    this.#maxBytes = maxBytes;
    this.#done = done;
  }

  start(): void {
    const { clock, network } = this.#platform;
    const { hostname, port } = this.#url;
    const target = { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port || 80) };
    this.#timer = clock.setTimer(TIMEOUT_MS, () => {
      this.#finish(new Error(`no whole answer in ${TIMEOUT_MS} ms`));
    });
    network.connect(target, { timeoutMs: TIMEOUT_MS }, (error, connection) => {
      if (connection === undefined) this.#finish(error);
      else this.#ask(connection);
    });
  }

  #ask(connection: Connection): void {
    this.#connection = connection;
    connection.start({
      onData: (chunk) => this.#data(chunk),
      onDrain: () => {},
      onEnd: () => this.#answered(),
      onClose: (error: NetworkError | undefined) =>
        this.#finish(error ?? new Error("the connection was closed")),
    });
    if (this.#done === undefined) connection.destroy();
    const { host, pathname, search } = this.#url;
    const head = `GET ${pathname}${search} HTTP/1.0\r\nHost: ${host}\r\nAccept: */*\r\n\r\n`;
    connection.write(Buffer.from(head, "latin1"));
  }

  #data(chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes > this.#maxBytes) {
      this.#finish(new Error(`longer than ${this.#maxBytes} bytes`));
    } else this.#chunks.push(Buffer.from(chunk));
  }

  #answered(): void {
    const answer = Buffer.concat(this.#chunks);
    const end = answer.indexOf("\r\n\r\n");
    const status = answer.subarray(0, 64).toString("latin1").split("\r\n", 1)[0] ?? "";
    if (end < 0 || !/^HTTP\/1\.[01] 200 /.test(`${status} `)) {
      this.#finish(new Error(`answered with "${status}"`));
    } else this.#finish(undefined, answer.subarray(end + 4));
  }

  #finish(error: Error | undefined, bytes?: Buffer): void {
    const done = this.#done;
    this.#done = undefined;
    this.#timer?.cancel();
    this.#connection?.destroy();
    done?.(error ?? (bytes === undefined ? new Error("no answer") : undefined), bytes);
  }
}

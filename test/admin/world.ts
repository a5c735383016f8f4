// A whole server on a simulated machine, and another machine that asks it over HTTP.

import assert from "node:assert/strict";
import type { ZooKeeperClient } from "../../src/cli/client/zookeeper-client.js";
import type { Platform } from "../../src/platform/platform.js";
import { Ensemble, type EnsembleSettings } from "../sim/ensemble.js";

export const ADMIN_PORT = 8080;

export class AdminWorld {
  readonly ensemble: Ensemble;
  readonly platform: Platform;

  constructor(settings: Partial<EnsembleSettings> = {}) {
    const config = { "admin.enableServer": "true", ...settings.config };
    this.ensemble = new Ensemble({ seed: 1, members: 1, ...settings, config });
    this.ensemble.startAll();
    this.platform = this.ensemble.clientMachine("browser").platform;
  }

  async untilListening(name = "zk1", port = ADMIN_PORT): Promise<void> {
    for (let tries = 0; tries < 100; tries++) {
      const connected = await this.settle(
        new Promise<boolean>((resolve) => {
          this.platform.network.connect({ host: name, port }, { timeoutMs: 1000 }, (error, one) => {
            one?.start({ onData() {}, onDrain() {}, onEnd() {}, onClose() {} });
            one?.destroy();
            resolve(error === undefined);
          });
        }),
      );
      if (connected) return;
      await this.sleep(100);
    }
    assert.fail("The server does not listen");
  }

  async client(): Promise<ZooKeeperClient> {
    const client = this.ensemble.client("client", { sid: 1, sessionTimeoutMs: 30_000 });
    await this.settle(client.untilConnected());
    return client;
  }

  settle<T>(promise: Promise<T>): Promise<T> {
    return this.ensemble.settle(promise, 120_000);
  }

  sleep(ms: number): Promise<void> {
    return this.settle(new Promise((resolve) => void this.platform.clock.setTimer(ms, resolve)));
  }

  /** Sends this and collects what comes until the other side closes. */
  exchange(text: string, options: { name?: string; port?: number } = {}): Promise<string> {
    const { name = "zk1", port = ADMIN_PORT } = options;
    return this.settle(
      new Promise((resolve, reject) => {
        const target = { host: name, port };
        this.platform.network.connect(target, { timeoutMs: 5000 }, (error, connection) => {
          if (error !== undefined || connection === undefined) {
            reject(error);
            return;
          }
          const chunks: Buffer[] = [];
          connection.start({
            onData: (chunk) => void chunks.push(Buffer.from(chunk)),
            onDrain() {},
            onEnd: () => connection.end(),
            onClose: () => resolve(Buffer.concat(chunks).toString("latin1")),
          });
          connection.write(Buffer.from(text, "latin1"));
        });
      }),
    );
  }

  /** One request of its own connection. */
  async ask(line: string, options: { name?: string; port?: number } = {}): Promise<string> {
    const [method = "", path = "", ...header] = line.split(" ");
    const lines = [`${method} ${path} HTTP/1.1`, "Host: zookeeper", "Connection: close"];
    if (header.length > 0) lines.push(header.join(" "));
    return await this.exchange(`${lines.join("\r\n")}\r\n\r\n`, options);
  }
}

/** Of a whole answer. */
export function bodyOf(answer: string): string {
  const at = answer.indexOf("\r\n\r\n");
  assert.notEqual(at, -1, `no head in ${JSON.stringify(answer)}`);
  return answer.slice(at + 4);
}

export function statusOf(answer: string): number {
  return Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1]);
}

/** The body, whether or not it came in chunks. */
export function dechunked(answer: string): string {
  const text = bodyOf(answer);
  if (!/^Transfer-Encoding: chunked\r$/m.test(answer)) return text;
  let whole = "";
  for (let at = 0; ; ) {
    const end = text.indexOf("\r\n", at);
    const size = Number.parseInt(text.slice(at, end), 16);
    if (size === 0) return whole;
    whole += text.slice(end + 2, end + 2 + size);
    at = end + 2 + size + 2;
  }
}

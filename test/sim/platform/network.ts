// The network as one simulated process sees it: listening, connecting, resolving.

import type {
  Connection,
  Endpoint,
  ListenAddress,
  Listener,
  Network,
  NetworkError,
} from "../../../src/platform/platform.js";
import { SimConnection } from "./connection.js";
import type { Fabric, Machine } from "./fabric.js";
import { SimListener } from "./listener.js";
import { networkError, Pipe } from "./pipe.js";
import type { SimProcess } from "./process.js";
import type { ScheduledEvent } from "./scheduler.js";

/** Where the kernel takes ports for clients from. */
const FIRST_EPHEMERAL_PORT = 32_768;
const EPHEMERAL_PORTS = 28_000;
/** Linux sends a SYN again after 1 s, then 2, 4 … */
const SYN_RETRY_MS = 1000;

export class SimNetwork implements Network {
  readonly #fabric: Fabric;
  readonly #machine: Machine;
  readonly #process: SimProcess;
  #ports = 0;

  constructor(fabric: Fabric, machine: Machine, process: SimProcess) {
    this.#fabric = fabric;
    this.#machine = machine;
    this.#process = process;
  }

  listen(
    address: ListenAddress,
    accept: (connection: Connection) => void,
    ready: (error?: NetworkError) => void,
  ): Listener {
    const { host } = address;
    const port = address.port === 0 ? this.nextPort() : address.port;
    const code = this.#bindError(host, port);
    if (code !== undefined) {
      const error = networkError(code, `listen on "${host ?? "*"}:${address.port}"`);
      this.#process.post(() => ready(error));
      return { port, close: (done) => done !== undefined && this.#process.post(done) };
    }
    const bound = host === undefined ? undefined : this.#fabric.lookUp(host)?.[0];
    const listener = new SimListener(this.#machine, this.#process, bound, port, accept);
    this.#process.post(() => {
      if (listener.isOpen) ready();
    });
    return listener;
  }

  connect(
    target: Endpoint,
    options: { readonly timeoutMs: number },
    done: (error: NetworkError | undefined, connection?: Connection) => void,
  ): { cancel(): void } {
    const { port } = target;
    if (!this.#process.isAlive) return { cancel() {} };
    const attempt = new Attempt(this.#fabric, this.#machine, this.#process, target, done);
    const addresses = this.#fabric.lookUp(target.host);
    if (port < 1 || port > 65_535) attempt.fail("ERR_SOCKET_BAD_PORT");
    else if (addresses === undefined) attempt.fail("ENOTFOUND");
    else attempt.begin(addresses, this.nextPort(), options.timeoutMs);
    return attempt;
  }

  resolve(
    host: string,
    done: (error: NetworkError | undefined, addresses: string[]) => void,
  ): void {
    const { scheduler, random } = this.#fabric;
    scheduler.after(random.between([0.1, 2]), "resolve", this.#machine.number, () => {
      const addresses = this.#fabric.lookUp(host);
      this.#process.post(() => {
        if (addresses !== undefined) done(undefined, [...addresses]);
        else done(networkError("ENOTFOUND", `resolve "${host}"`), []);
      });
    });
  }

  nameOf(address: string, done: (error: NetworkError | undefined, names: string[]) => void): void {
    const { scheduler, random } = this.#fabric;
    scheduler.after(random.between([0.1, 2]), "name", this.#machine.number, () => {
      const names = this.#fabric.namesOf(address);
      this.#process.post(() => {
        if (names.length > 0) done(undefined, names);
        else done(networkError("ENOTFOUND", `look up the name of "${address}"`), []);
      });
    });
  }

  nextPort(): number {
    const used = new Set([...this.#machine.listeners].map((listener) => listener.port));
    for (;;) {
      const port = FIRST_EPHEMERAL_PORT + (this.#ports++ % EPHEMERAL_PORTS);
      if (!used.has(port)) return port;
    }
  }

  #bindError(host: string | undefined, port: number): string | undefined {
    const address = host === undefined ? undefined : this.#fabric.lookUp(host)?.[0];
    if (host !== undefined) {
      if (address === undefined) return "ENOTFOUND";
      if (!isOwn(this.#machine, address)) return "EADDRNOTAVAIL";
    }
    for (const listener of this.#machine.listeners) {
      if (listener.port !== port) continue;
      if (listener.host === undefined || address === undefined || listener.host === address) {
        return "EADDRINUSE";
      }
    }
    return undefined;
  }
}

/** SYN there, SYN-ACK back, and the first packet of the client, with which the server learns of it. */
class Attempt {
  readonly #fabric: Fabric;
  readonly #machine: Machine;
  readonly #process: SimProcess;
  readonly #target: Endpoint;
  #done: ((error: NetworkError | undefined, connection?: Connection) => void) | undefined;
  #timeout: ScheduledEvent | undefined;
  #localPort = 0;

  constructor(
    fabric: Fabric,
    machine: Machine,
    process: SimProcess,
    target: Endpoint,
    done: (error: NetworkError | undefined, connection?: Connection) => void,
  ) {
    this.#fabric = fabric;
    this.#machine = machine;
    this.#process = process;
    this.#target = target;
    this.#done = done;
  }

  begin(addresses: readonly string[], localPort: number, timeoutMs: number): void {
    this.#localPort = localPort;
    const giveUp = (): void => this.fail("ETIMEDOUT");
    this.#timeout = this.#after(timeoutMs, giveUp);
    this.#try(addresses, 0);
  }

  cancel(): void {
    this.#done = undefined;
    this.#timeout?.cancel();
  }

  fail(code: string): void {
    if (this.#done === undefined) return;
    this.#timeout?.cancel();
    const error = networkError(code, `connect to "${this.#target.host}:${this.#target.port}"`);
    this.#process.post(() => {
      const done = this.#done;
      this.#done = undefined;
      done?.(error);
    });
  }

  /** One address after the other, as long as they refuse. */
  #try(addresses: readonly string[], at: number): void {
    const address = addresses[at] as string;
    const server = isOwn(this.#machine, address) ? this.#machine : this.#fabric.machineAt(address);
    const refused = (code: string): void => {
      if (at + 1 < addresses.length) this.#try(addresses, at + 1);
      else this.fail(code);
    };
    if (server === undefined) {
      this.#after(SYN_RETRY_MS, () => refused("EHOSTUNREACH"));
    } else {
      this.#sendSyn(server, address, SYN_RETRY_MS, refused);
    }
  }

  #sendSyn(
    server: Machine,
    address: string,
    retryMs: number,
    refused: (code: string) => void,
  ): void {
    if (this.#done === undefined || !this.#process.isAlive) return;
    const fabric = this.#fabric;
    const { port } = this.#target;
    const again = (): void => {
      this.#after(retryMs, () => this.#sendSyn(server, address, retryMs * 2, refused));
    };
    this.#after(fabric.delayMs(this.#machine, server, port), () => {
      const isLost =
        fabric.isBlocked(this.#machine, server, port) ||
        fabric.isIgnored(this.#machine, server, port) ||
        fabric.isBlocked(server, this.#machine, port);
      if (isLost) {
        again();
        return;
      }
      const listener = [...server.listeners].find((one) => one.accepts(address, port));
      const isRefused = listener === undefined || fabric.isRefused(this.#machine, server, port);
      this.#after(fabric.delayMs(server, this.#machine, port), () => {
        if (isRefused) refused("ECONNREFUSED");
        else this.#establish(server, listener, address);
      });
    });
  }

  #establish(server: Machine, listener: SimListener, address: string): void {
    const done = this.#done;
    if (done === undefined || !this.#process.isAlive) return;
    if (!listener.isOpen) {
      this.fail("ECONNREFUSED");
      return;
    }
    this.#timeout?.cancel();
    const fabric = this.#fabric;
    const isLoopback = address.startsWith("127.");
    const own = { address: isLoopback ? address : this.#machine.address, port: this.#localPort };
    const other = { address, port: this.#target.port };
    const client = new SimConnection(fabric, this.#machine, this.#process, {
      localAddress: own.address,
      localPort: own.port,
      remoteAddress: other.address,
      remotePort: other.port,
    });
    const accepted = new SimConnection(fabric, server, listener.process, {
      localAddress: other.address,
      localPort: other.port,
      remoteAddress: own.address,
      remotePort: own.port,
    });
    client.out = accepted.in = new Pipe(fabric, client, accepted, other.port);
    accepted.out = client.in = new Pipe(fabric, accepted, client, other.port);
    fabric.connected(client, accepted);
    client.out.onOpen = () => {
      if (listener.isOpen) accepted.deliver(listener.accept);
      else accepted.closeByKernel();
    };
    client.out.open();
    client.deliver((connection) => {
      if (this.#done === undefined) connection.destroy();
      else done(undefined, connection);
      this.#done = undefined;
    });
  }

  #after(delayMs: number, run: () => void): ScheduledEvent {
    return this.#fabric.scheduler.after(delayMs, "connect", this.#machine.number, run);
  }
}

function isOwn(machine: Machine, address: string): boolean {
  return machine.address === address || address.startsWith("127.") || address === "::1";
}

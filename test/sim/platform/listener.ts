// A listening socket of a simulated machine.

import type { Connection, Listener } from "../../../src/platform/platform.js";
import type { Machine } from "./fabric.js";
import type { Closable, SimProcess } from "./process.js";

export class SimListener implements Listener, Closable {
  /** Undefined: every address of the machine. */
  readonly host: string | undefined;
  readonly port: number;
  readonly process: SimProcess;
  readonly accept: (connection: Connection) => void;
  readonly #machine: Machine;

  constructor(
    machine: Machine,
    process: SimProcess,
    host: string | undefined,
    port: number,
    accept: (connection: Connection) => void,
  ) {
    this.#machine = machine;
    this.process = process;
    this.host = host;
    this.port = port;
    this.accept = accept;
    machine.listeners.add(this);
    process.holds.add(this);
  }

  get isOpen(): boolean {
    return this.#machine.listeners.has(this);
  }

  accepts(address: string, port: number): boolean {
    return this.port === port && (this.host === undefined || this.host === address);
  }

  close(done?: () => void): void {
    this.closeByKernel();
    if (done !== undefined) this.process.post(done);
  }

  closeByKernel(): void {
    this.#machine.listeners.delete(this);
    this.process.holds.delete(this);
  }

  vanish(): void {
    this.closeByKernel();
  }
}

// A simulated machine: an address, a disk, a clock, and at most one process at a time.

import type { Platform } from "../../../src/platform/platform.js";
import { SimClock, SimTime } from "./clock.js";
import type { Fabric, Machine } from "./fabric.js";
import type { PowerLossFate } from "./file-system.js";
import { createSimHostFacts } from "./host.js";
import { SimKerberos } from "./kerberos.js";
import type { SimListener } from "./listener.js";
import { SimLog, type SimLogBook } from "./log.js";
import { ModelStores } from "./model-stores.js";
import { SimNetwork } from "./network.js";
import { SimProcess } from "./process.js";
import { ProcessDisk } from "./process-disk.js";
import type { Range, SeededRandom } from "./random.js";
import type { Scheduler } from "./scheduler.js";
import { type DiskSettings, SimDisk } from "./sim-disk.js";
import { SimTls } from "./tls.js";

export interface NodeSettings {
  /** How long the process is busy after each turn. */
  readonly turnMs: Range;
  /** How much later than asked a timer fires. */
  readonly timerLatenessMs: Range;
  readonly disk: DiskSettings;
}

/** What all machines of a run share. */
export interface Surroundings {
  readonly scheduler: Scheduler;
  readonly fabric: Fabric;
  readonly logBook: SimLogBook;
  /** Told when an exception leaves a callback: a real process would end. */
  readonly uncaught: (node: SimNode, error: unknown) => void;
}

export class SimNode implements Machine {
  readonly name: string;
  readonly number: number;
  readonly listeners = new Set<SimListener>();
  readonly disk: SimDisk;
  readonly time: SimTime;
  address: string;
  isPoweredOn = true;
  readonly #random: SeededRandom;
  readonly #settings: NodeSettings;
  readonly #surroundings: Surroundings;
  #process: SimProcess | undefined;
  #platform: Platform | undefined;
  #lives = 0;

  constructor(
    name: string,
    number: number,
    random: SeededRandom,
    settings: NodeSettings,
    surroundings: Surroundings,
  ) {
    const { scheduler } = surroundings;
    this.name = name;
    this.number = number;
    this.address = `10.0.0.${number}`;
    this.#random = random;
    this.#settings = settings;
    this.#surroundings = surroundings;
    this.time = new SimTime(scheduler);
    this.disk = new SimDisk(scheduler, random.split("disk"), number, settings.disk);
  }

  get isRunning(): boolean {
    return this.#process?.isAlive === true;
  }

  /** The platform of the process that runs. */
  get platform(): Platform {
    if (this.#platform === undefined || !this.isRunning) {
      throw new Error(`Cannot get the platform of "${this.name}": no process runs: call start`);
    }
    return this.#platform;
  }

  /** Starts a process, on a machine that is switched on if need be. `main` runs in its first turn. */
  start(main: (platform: Platform) => void = () => {}): Platform {
    if (this.isRunning) throw new Error(`Cannot start "${this.name}": it is running`);
    if (!this.isPoweredOn) {
      this.isPoweredOn = true;
      this.#surroundings.fabric.rulesChanged();
    }
    this.#lives += 1;
    const platform = this.#boot(this.#random.split(`life ${this.#lives}`));
    this.#platform = platform;
    this.#process?.post(() => main(platform));
    return platform;
  }

  /** kill -9: what was written stays in the page cache, connections are closed by the kernel. */
  kill(): void {
    this.#process?.die("killed");
    this.disk.processKilled();
  }

  /** The plug is pulled: peers hear nothing, and of what was not synced anything may be left. */
  powerOff(fate: PowerLossFate = "random"): void {
    this.isPoweredOn = false;
    this.#process?.die("powerless");
    this.disk.losePower(fate);
    this.#surroundings.fabric.rulesChanged();
  }

  /** SIGSTOP and SIGCONT, or one long garbage collection: the process stands still, its kernel does not. */
  pause(durationMs: number): void {
    this.#process?.pause(durationMs);
  }

  #boot(random: SeededRandom): Platform {
    const { scheduler, fabric, logBook, uncaught } = this.#surroundings;
    const { turnMs, timerLatenessMs } = this.#settings;
    const failed = (error: unknown): void => {
      this.kill();
      uncaught(this, error);
    };
    const process = new SimProcess(this.number, scheduler, random.split("turn"), turnMs, failed);
    this.#process = process;
    const disk = new ProcessDisk(this.disk, process, () => this.time.wallMs());
    const clock = new SimClock(process, this.time, random.split("timers"), timerLatenessMs);
    const ticketsFrom = (this.number * 1000 + this.#lives) * 1_000_000;
    return {
      clock,
      network: new SimNetwork(fabric, this, process),
      tls: new SimTls(clock),
      kerberos: new SimKerberos(clock, disk, ticketsFrom),
      disk,
      stores: new ModelStores(disk),
      random: random.split("random"),
      log: new SimLog(logBook, this.name, "main"),
      host: createSimHostFacts(this.name, this.number * 1000 + this.#lives),
      threads: undefined,
    };
  }
}
